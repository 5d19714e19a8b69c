"""Single primitives on the compiled engine, in reads of X."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skcocluster._kernels import blocks
from skcocluster._kernels.engines import get_engine
from skcocluster._kernels.residual import RESIDUAL
from skcocluster._shared.divergences import get_divergence

from ._data import disturbed, planted
from ._measure import InReads

# Share of the rows, or columns, that "moved" kernels move.
MOVED = 0.02


class _Inputs:
    """What the primitives need besides X, for given labels of both sides."""

    def __init__(self, X: Any, labels: dict[str, np.ndarray], n_clusters: int, missing: bool):
        rng = np.random.default_rng(2)
        self.X, self.labels, self.n_clusters, self.missing = X, labels, n_clusters, missing
        self.run = get_engine("numba").run
        self.table = rng.gamma(2.0, size=(n_clusters, X.shape[1]))
        self.costs = {
            "offset": rng.random(n_clusters),
            "slope": rng.random((n_clusters, blocks.n_channels(n_clusters, missing))),
            "missing": missing,
        }
        self.new = disturbed(labels, MOVED)
        self.row_sums = self.sum_rows()[0]

    def sum_rows(self) -> tuple:
        """Run the sums of rows over column clusters."""
        counts = {"n_column_clusters": self.n_clusters, "missing": self.missing}
        return self.run(blocks.ROW_SUMS, self.X, column_labels=self.labels["columns"], **counts)

    def sum_columns(self) -> tuple:
        """Run the sums of columns over row clusters."""
        counts = {"n_row_clusters": self.n_clusters, "missing": self.missing}
        return self.run(blocks.COLUMN_SUMS, self.X, row_labels=self.labels["rows"], **counts)

    def sweep(self) -> tuple:
        """Run the fused sweep, all rows moving in from nowhere."""
        nowhere = np.full(len(self.labels["rows"]), -1, np.int32)
        labels = {"row_labels": nowhere, "column_labels": self.labels["columns"]}
        return self.run(blocks.SWEEP, self.X, **labels, **self.costs)

    def label(self) -> tuple:
        """Run the choice of labels from sums of rows."""
        return self.run(blocks.LABELS, self.row_sums, **self.costs)

    def move_rows(self) -> tuple:
        """Run the change of column sums by a few relabelled rows."""
        labels = {"old_labels": self.labels["rows"], "new_labels": self.new["rows"]}
        counts = {"n_row_clusters": self.n_clusters, "missing": self.missing}
        return self.run(blocks.MOVED_ROWS, self.X, **labels, **counts)

    def move_columns(self) -> tuple:
        """Run the change of row sums by a few relabelled columns."""
        old, new = self.labels["columns"], self.new["columns"]
        columns = np.flatnonzero(old != new)
        labels = {"columns": columns, "old_labels": old[columns], "new_labels": new[columns]}
        counts = {"n_column_clusters": self.n_clusters, "missing": self.missing}
        return self.run(blocks.MOVED_COLUMNS, self.X, row_sums=self.row_sums, **labels, **counts)

    def residual(self, divergence: str) -> tuple:
        """Run the divergence from the approximation."""
        additive = divergence == "squared_euclidean"
        return self.run(
            RESIDUAL,
            self.X,
            row_labels=self.labels["rows"],
            row_factors=np.full(self.X.shape[0], 0.0 if additive else 1.0),
            table=self.table,
            additive=additive,
            divergence=get_divergence(divergence),
        )


KERNELS: dict[str, Callable[[_Inputs], tuple]] = {
    "row sums": _Inputs.sum_rows,
    "column sums": _Inputs.sum_columns,
    "fused sweep": _Inputs.sweep,
    "labels": _Inputs.label,
    "moved rows": _Inputs.move_rows,
    "moved columns": _Inputs.move_columns,
    "residual, squared_euclidean": lambda inputs: inputs.residual("squared_euclidean"),
    "residual, i_divergence": lambda inputs: inputs.residual("i_divergence"),
}


class Kernel(InReads):
    """One run of a primitive at 20 x 20 clusters; 5000 x 2000, or 200,000 x 20,000 as CSR."""

    param_names = ("storage", "kernel")
    params = (("float64", "float32", "missing", "csr"), tuple(KERNELS))
    shapes = {"dense": (5000, 2000), "csr": (200_000, 20_000)}
    n_clusters = 20
    tiny = {"shapes": {"dense": (30, 21), "csr": (40, 60)}, "n_clusters": 3}

    def setup(self, storage: str, kernel: str) -> None:
        if kernel == "moved columns" and storage == "csr":
            raise NotImplementedError("CSR has no cheap access to single columns")
        shape = self.shapes["csr" if storage == "csr" else "dense"]
        self.X, labels = planted(shape, self.n_clusters, storage)
        self.inputs = _Inputs(self.X, labels, self.n_clusters, storage == "missing")
        self.kernel = KERNELS[kernel]

    def work(self) -> Any:
        return self.kernel(self.inputs)
