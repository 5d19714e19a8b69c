"""Tiles of rows of an in-memory matrix, and the loop over them that engines share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..primitive import MERGE, Primitive, allocate, slice_params
from ..storage import take_rows

RunTile = Callable[[Any, Mapping[str, Any], list], None]


def unmask(X: Any) -> Any:
    """Return a masked array with NaN for what is masked; anything else as it is."""
    if isinstance(X, np.ma.MaskedArray):
        return np.ma.filled(X.astype(np.result_type(X.dtype, np.float32)), np.nan)
    return X


def float_dtype(dtype: Any) -> np.dtype:
    """Return the type in which entries of this type are kept: float32 as it is, or float64."""
    return dtype if dtype in (np.float32, np.float64) else np.dtype(np.float64)


def canonical(X: Any) -> Any:
    """Return X as a C-ordered float array or a canonical CSR array, copied only when needed.

    One layout per storage keeps the number of compiled versions at two (float32, float64).
    `csr_matrix` becomes `csr_array` because its ``*`` is a matrix product.
    """
    if sp.issparse(X):
        X = sp.csr_array(X)
        X = X.astype(float_dtype(X.dtype), copy=False)
        if not X.has_canonical_format:
            X = X.copy()
            X.sum_duplicates()
        return X
    return np.ascontiguousarray(X, dtype=float_dtype(X.dtype))


def row_slices(n_rows: int, rows_per_tile: int) -> Iterator[slice]:
    """Yield consecutive slices of at most `rows_per_tile` rows."""
    for start in range(0, n_rows, rows_per_tile):
        yield slice(start, min(start + rows_per_tile, n_rows))


def run_tiles(
    primitive: Primitive,
    X: Any,
    params: Mapping[str, Any],
    rows_per_tile: int,
    run_tile: RunTile,
    n_threads: int = 1,
) -> tuple:
    """Run `run_tile` over the tiles of X and merge the outputs in the order of the tiles."""
    n_rows, n_columns = X.shape
    result = allocate(primitive, n_rows, n_columns, params)
    if rows_per_tile >= n_rows:
        # A single tile writes straight into the result: nothing to slice, nothing to merge.
        run_tile(X, params, result)
        return tuple(result)
    slices = list(row_slices(n_rows, max(1, rows_per_tile)))

    def one(rows: slice) -> list:
        partial = allocate(primitive, 0, n_columns, params)
        for i, output in enumerate(primitive.outputs):
            if output.combine == "concat":
                partial[i] = result[i][rows]
        run_tile(take_rows(X, rows), slice_params(primitive, params, rows), partial)
        return partial

    if n_threads > 1:
        with ThreadPoolExecutor(n_threads) as pool:
            _merge(primitive, result, pool.map(one, slices))
    else:
        _merge(primitive, result, map(one, slices))
    return tuple(result)


def _merge(primitive: Primitive, result: list, partials: Any) -> None:
    for partial in partials:
        for output, total, part in zip(primitive.outputs, result, partial, strict=True):
            if output.combine != "concat":
                MERGE[output.combine](total, part, out=total)


class InMemoryEngine:
    """What engines share whose X is an array or a CSR array in memory."""

    shares_reads = False

    def __init__(self, n_threads: int = 1) -> None:
        self.n_threads = n_threads

    def prepare(self, X: Any) -> Any:
        """Return X as a C-ordered float array or a CSR array."""
        return canonical(X)

    def run(self, primitive: Primitive, X: Any, **params: Any) -> tuple:
        """Run `primitive` over the tiles of X and return its merged outputs."""
        raise NotImplementedError

    def run_all(self, X: Any, calls: Sequence[tuple[Primitive, dict[str, Any]]]) -> list[tuple]:
        """Run several primitives, one after the other."""
        return [self.run(primitive, X, **params) for primitive, params in calls]

    def take(self, X: Any, rows: np.ndarray | None = None) -> Any:
        """Return rows of X, prepared; X itself for None."""
        return X if rows is None else canonical(X[rows])
