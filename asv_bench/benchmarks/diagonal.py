"""Coclus: its kernels, whole fits, and the dense algorithm of the paper beside it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from skcocluster import Coclus
from skcocluster._kernels import modularity
from skcocluster._kernels.engines import get_engine

from ._data import disturbed, documents
from ._dense_coclus import dense_coclus
from ._measure import InReads, cost

# Share of the rows that "moved rows" moves.
MOVED = 0.02


class _Inputs:
    """What the primitives of modularity need, for given labels of both sides."""

    def __init__(self, X: Any, labels: dict[str, np.ndarray], n_clusters: int):
        self.labels, self.n_clusters = labels, n_clusters
        self.run = get_engine("numba").run
        self.X = get_engine("numba").prepare(X)
        self.row_weights, self.column_weights, _ = self.margins()
        self.new = disturbed(labels, MOVED)["rows"]
        self.column_sums = self.move(np.full_like(labels["rows"], -1), labels["rows"])[0].T.copy()

    def margins(self) -> tuple:
        """Run the sums of rows and of columns."""
        return self.run(modularity.MARGINS, self.X)

    def side(self, labels: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
        """Return what a step knows of the other side."""
        cluster_weights = np.bincount(labels, weights, self.n_clusters)
        total = float(self.row_weights.sum())
        return {"cluster_weights": cluster_weights, "total": total, "resolution": 1.0}

    def label_rows(self) -> tuple:
        """Run the row step."""
        labels = self.labels["columns"]
        side = self.side(labels, self.column_weights)
        return self.run(
            modularity.ROW_STEP, self.X, column_labels=labels, weights=self.row_weights, **side
        )

    def label_columns(self) -> tuple:
        """Run the column step, from column sums that are known."""
        side = self.side(self.labels["rows"], self.row_weights)
        return self.run(
            modularity.BEST_LABELS, self.column_sums, weights=self.column_weights, **side
        )

    def move(self, old: np.ndarray, new: np.ndarray) -> tuple:
        """Run the change of column sums by relabelled rows."""
        labels = {"old_labels": old, "new_labels": new, "n_clusters": self.n_clusters}
        return self.run(modularity.MOVED_ROWS, self.X, **labels)

    def sum_columns(self) -> tuple:
        """Run the column sums, all rows moving in from nowhere."""
        return self.move(np.full_like(self.labels["rows"], -1), self.labels["rows"])

    def move_rows(self) -> tuple:
        """Run the change of column sums by a few relabelled rows."""
        return self.move(self.labels["rows"], self.new)


KERNELS: dict[str, Callable[[_Inputs], tuple]] = {
    "margins": _Inputs.margins,
    "row step": _Inputs.label_rows,
    "column sums": _Inputs.sum_columns,
    "column step": _Inputs.label_columns,
    "moved rows": _Inputs.move_rows,
}


class Kernel(InReads):
    """One run of a primitive on 100,000 x 100,000 counts, fifty a row, in sums of X's values.

    A half-iteration is the row step, or the column sums and the column step; target: 5 each, on
    ten times as many rows.
    """

    unit = "sums of X's values"
    param_names = ("n_clusters", "kernel")
    params = ((5, 20), tuple(KERNELS))
    shape, entries_per_row = (100_000, 100_000), 50
    tiny = {"params": ((3,), tuple(KERNELS)), "shape": (40, 60), "entries_per_row": 5}

    def setup(self, n_clusters: int, kernel: str) -> None:
        self.X, labels = documents(self.shape, n_clusters, self.entries_per_row)
        self.inputs = _Inputs(self.X, labels, n_clusters)
        self.kernel = KERNELS[kernel]

    def work(self) -> Any:
        return self.kernel(self.inputs)

    def track_cost(self, *params: Any) -> float:
        """Return the cost in sums of the values, without their column numbers."""
        return cost(self.work, lambda: self.X.data.sum())


class Search(InReads):
    """What the start and the search cost: 5000 x 3000 counts, forty a row, eight co-clusters."""

    param_names = ("init", "refine")
    params = (("spectral", "random"), ("split_merge", None))
    shape, n_clusters = (5000, 3000), 8
    tiny = {"shape": (40, 60), "n_clusters": 3}

    def setup(self, init: str, refine: str | None) -> None:
        self.X, _ = documents(self.shape, self.n_clusters, 40)
        self.model = Coclus(self.n_clusters, init=init, refine=refine, random_state=0)

    def work(self) -> Coclus:
        return self.model.fit(self.X)


class Dense(InReads):
    """Whole fits from the same start; the shape is about that of Classic3. Target: 300 less.

    "dense products" is the algorithm as the paper and the package coclust have it.
    """

    param_names = ("package",)
    params = (("skcocluster", "dense products"),)
    shape, n_clusters, entries_per_row = (3900, 4300), 3, 45
    tiny = {"shape": (40, 60), "entries_per_row": 5}

    def setup(self, package: str) -> None:
        self.X, labels = documents(self.shape, self.n_clusters, self.entries_per_row)
        self.start = disturbed(labels, 0.9)["columns"]
        self.package = package

    def work(self) -> Any:
        if self.package == "skcocluster":
            return Coclus(self.n_clusters, init=self.start, refine=None).fit(self.X)
        return dense_coclus(self.X, self.start, self.n_clusters)
