"""Block sums of a matrix that is not in memory: no sums of single rows are kept, nor travel."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .._kernels.blocks import RELABEL, ROW_SUMS, n_channels
from .._kernels.blocks_compiled import row_sums_dense, row_sums_sparse
from .._kernels.primitive import Output, Primitive
from .block_sums import BlockSums, Side

_NUMBER_OF_ROW = Output("concat", lambda n_rows, n_columns, params: (n_rows,))


def _from_row_sums(
    tile: Any,
    column_labels: np.ndarray,
    n_column_clusters: int,
    missing: bool,
    row_labels: np.ndarray,
    function: Callable[..., np.ndarray],
) -> tuple[np.ndarray]:
    (sums,) = ROW_SUMS.reference(
        tile, column_labels=column_labels, n_column_clusters=n_column_clusters, missing=missing
    )
    return (function(sums, row_labels),)


def _from_row_sums_compiled(
    fill: Callable[..., None], tile: Any, params: Any, outputs: Any
) -> None:
    sums = np.empty((tile.shape[0], n_channels(params["n_column_clusters"], params["missing"])))
    fill(tile, params, (sums,))
    outputs[0][...] = params["function"](sums, params["row_labels"])


# One number for each row, made from its sums over column clusters where X is.
FROM_ROW_SUMS = Primitive(
    "numbers from row sums",
    (_NUMBER_OF_ROW,),
    _from_row_sums,
    row_params=("row_labels",),
    dense=partial(_from_row_sums_compiled, row_sums_dense),
    sparse=partial(_from_row_sums_compiled, row_sums_sparse),
)


class LeanBlockSums(BlockSums):
    """`BlockSums` whose reads return labels and sums over clusters only.

    An iteration is one read of X, the relabelling sweep. Row sums are made on the way, and again
    in the next read.
    """

    _foreseen: tuple[np.ndarray, np.ndarray] | None = None
    # Column sums that no move has touched; arrays are replaced, never changed.
    _untouched: np.ndarray | None = None

    def _drop_unobserved(self) -> None:
        half = self.n_clusters["rows"]
        observed = self._column_sums[half:].sum(axis=0) > 0
        self.labels["columns"][~observed] = -1
        counts = self.of_profiles("rows", _count_observed)
        self.labels["rows"][counts == 0] = -1

    def _sum_columns(self, row_labels: np.ndarray) -> np.ndarray:
        self._untouched = super()._sum_columns(row_labels)
        return self._untouched

    def _sweep(self, offset: np.ndarray, slope: np.ndarray) -> bool:
        fresh, before = self._sums_afresh(), self._column_sums
        changed = super()._sweep(offset, slope)
        if fresh:
            self._untouched = self._column_sums
        elif not changed:
            self._column_sums = before
        return changed

    def refresh(self) -> None:
        """Sum afresh, unless the sums are."""
        if self._column_sums is not self._untouched:
            super().refresh()

    def _read(
        self, old: np.ndarray, offset: np.ndarray, slope: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        return self._run_sweep(RELABEL, old, offset, slope)

    def best_labels(self, side: Side, offset: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """Return the labels of least cost of one side; nothing changes."""
        if side == "columns":
            return super().best_labels(side, offset, slope)
        # What the same read sums is kept for `set_labels`.
        self._foreseen = self._read(np.full_like(self.labels["rows"], -1), offset, slope)
        return self._foreseen[0]

    def set_labels(self, side: Side, new: np.ndarray) -> bool:
        """Replace the labels of one side; return whether any label changed."""
        if side == "columns" or self._foreseen is None or self._foreseen[0] is not new:
            return super().set_labels(side, new)
        self._moved_share = float(np.mean(new != self.labels["rows"]))
        self.labels["rows"], self._column_sums = self._foreseen
        self._untouched = self._column_sums
        self._drifted = False
        return self._moved_share > 0

    def of_profiles(
        self, side: Side, function: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Return what `function` makes of profiles and labels, without moving profiles of rows."""
        if side == "columns":
            return super().of_profiles(side, function)
        return self.engine.run(
            FROM_ROW_SUMS,
            self.X,
            column_labels=self.labels["columns"],
            n_column_clusters=self.n_clusters["columns"],
            missing=self.missing,
            row_labels=self.labels["rows"],
            function=function,
        )[0]


def _count_observed(channels: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return channels[:, channels.shape[1] // 2 :].sum(axis=1)
