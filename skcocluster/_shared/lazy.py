"""Fitted models on new rows in dask arrays: nothing is read before the result is computed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._kernels.engines.chunked import load_block
from .._kernels.engines.numba_ import NumbaEngine
from .._kernels.engines.tiles import float_dtype
from .containers import dask_array
from .domain import ValueDomain
from .entries import inspect


@dataclass(frozen=True)
class RowsOfBlock:
    """What a block of rows becomes.

    Attributes
    ----------
    width : int or None
        Columns; None for one number, or label, for each row.
    dtype : dtype
        The type of the numbers.
    reduced : bool
        Whether there is a single line for the whole block.
    """

    width: int | None
    dtype: Any = np.float64
    reduced: bool = False

    @classmethod
    def one(cls, width: int) -> "RowsOfBlock":
        """Return a single line of numbers for each block."""
        return cls(width, reduced=True)

    def empty(self) -> np.ndarray:
        """Return what a block without rows becomes."""
        shape = (int(self.reduced),) if self.width is None else (int(self.reduced), self.width)
        return np.zeros(shape, self.dtype)


@dataclass(frozen=True)
class BlockCall:
    """Checks a block of new rows and applies a fitted model to it, where the block is."""

    name: str
    domain: ValueDomain
    allow_missing: bool
    function: Callable[[Any, Any, bool], np.ndarray]
    rows: RowsOfBlock
    dtype: np.dtype

    def __call__(self, block: Any, block_info: Any = None) -> np.ndarray:
        """Return what the block becomes.

        Raises
        ------
        ValueError
            For an entry that a matrix in memory would be refused for, named by row and column.
        """
        as_dense = not self.domain.contains(np.zeros(1))[0]
        X = load_block([block], self.dtype, False)
        if X.shape[0] == 0:
            return self.rows.empty()
        found = inspect(X, self.domain, self.allow_missing)
        for bad in found.bad:
            first = block_info[0]["array-location"][0][0] if block_info else 0
            raise bad.error(self.name, 0 if np.isnan(first) else int(first))
        X = load_block([X], self.dtype, as_dense)
        result = self.function(NumbaEngine(), X, found.missing)
        return result[None] if self.rows.reduced else result


def map_rows(
    estimator: Any,
    X: Any,
    domain: ValueDomain,
    allow_missing: bool,
    function: Callable[[Any, Any, bool], np.ndarray],
    rows: RowsOfBlock,
) -> Any:
    """Apply a fitted model to new rows in a dask array, lazily.

    Parameters
    ----------
    estimator : estimator
        Named by errors.
    X : dask array, or DataArray that holds one, of shape (n_new_rows, n_columns)
        New rows.
    domain : ValueDomain
        What the entries must lie in.
    allow_missing : bool
        Whether NaN is accepted.
    function : callable
        ``function(engine, X, missing)``, of a block in memory.
    rows : RowsOfBlock
        What a block becomes.

    Returns
    -------
    result : dask array
        In the chunks of the rows of X. Errors in entries are raised when it is computed.
    """
    from .._kernels.engines.dask_ import cut_into_bands
    from .chunked_validation import check_stand_in
    from .validation import check_storage

    check_storage(estimator, X, fitting=False)
    X = dask_array(X)
    check_stand_in(estimator, X, reset=False)
    X = cut_into_bands(X)
    name = type(estimator).__name__
    call = BlockCall(name, domain, allow_missing, function, rows, float_dtype(X.dtype))
    options: dict[str, Any] = {"dtype": rows.dtype, "meta": rows.empty()[:0]}
    if rows.width is None:
        options["drop_axis"] = 1
    else:
        heights = (1,) * X.numblocks[0] if rows.reduced else X.chunks[0]
        options["chunks"] = (heights, (rows.width,))
    return X.map_blocks(call, **options)
