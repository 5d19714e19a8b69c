"""Sums and means of a matrix over groups of rows and columns, without a dense copy of X."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

ENTRIES_PER_TILE = 1 << 22
# Row of X behind each line that is drawn, and column; None where each is drawn once, in order.
Sources = tuple[np.ndarray | None, np.ndarray | None]
EACH_ONCE: Sources = (None, None)


def as_matrix(X: Any) -> Any:
    """Two-dimensional ndarray, CSR array or dask array behind X, whatever container holds it."""
    if sparse.issparse(X):
        return sparse.csr_array(X)
    if hasattr(X, "dims") and hasattr(X, "coords"):
        X = X.data
    elif hasattr(X, "columns") and hasattr(X, "to_numpy"):
        X = X.to_numpy(np.float64, na_value=np.nan) if hasattr(X, "iloc") else X.to_numpy()
    if not hasattr(X, "__dask_graph__"):
        X = np.asarray(X)
    if X.ndim != 2:
        raise ValueError(f"X must have two dimensions, got {X.ndim}.")
    if X.dtype.kind not in "biuf":
        raise ValueError(f"X must be real numbers, got dtype {X.dtype}.")
    return X


def iter_tiles(X: Any, sources: Sources = EACH_ONCE) -> Iterator[tuple[slice, Any]]:
    """Consecutive rows of X, a few at a time, as float64 ndarray or CSR array.

    With `sources`, row ``sources[0][i]`` of X stands at line i, and so for columns: the first is
    sorted, and both may repeat what is drawn several times. The slice is of lines.
    """
    n_rows = X.shape[0]
    n_stored = X.nnz if sparse.issparse(X) else X.size
    step = max(1, n_rows * ENTRIES_PER_TILE // max(1, n_stored))
    row_source, column_source = sources
    for start in range(0, n_rows, step):
        lines = slice(start, min(start + step, n_rows))
        tile = X[lines]
        if hasattr(tile, "__dask_graph__"):
            tile = tile.compute()
        tile = sparse.csr_array(tile) if sparse.issparse(tile) else np.asarray(tile, float)
        if row_source is not None:
            lines = slice(*np.searchsorted(row_source, [lines.start, lines.stop]).tolist())
            tile = tile[row_source[lines] - start]
        yield lines, tile if column_source is None else tile[:, column_source]


def _indicator(groups: np.ndarray, n_groups: int) -> sparse.csr_array:
    n = groups.size
    return sparse.csr_array((np.ones(n), groups, np.arange(n + 1)), shape=(n, n_groups))


def _sum_dense(
    tile: np.ndarray, rows: sparse.csr_array, columns: sparse.csr_array
) -> tuple[Any, Any]:
    missing = np.isnan(tile)
    if not missing.any():
        return rows.T @ (tile @ columns), 0.0
    observed = np.where(missing, 0.0, tile)
    return rows.T @ (observed @ columns), rows.T @ (missing.astype(float) @ columns)


def _find_blocks(
    tile: sparse.csr_array, row_groups: np.ndarray, column_groups: np.ndarray, n_column_groups: int
) -> np.ndarray:
    """Number of the block, row by row, that each stored entry is in."""
    keys = np.repeat(row_groups.astype(np.int64), np.diff(tile.indptr)) * n_column_groups
    return keys + column_groups[tile.indices]


def _sum_sparse(
    tile: sparse.csr_array, rows: sparse.csr_array, columns: sparse.csr_array
) -> tuple[Any, Any]:
    shape = (rows.shape[1], columns.shape[1])
    keys = _find_blocks(tile, rows.indices, columns.indices, shape[1])
    values = np.asarray(tile.data, float)
    missing = np.isnan(values)

    def count(keys: Any, weights: Any) -> Any:
        return np.bincount(keys, weights, shape[0] * shape[1]).reshape(shape)

    if not missing.any():
        return count(keys, values), 0.0
    return count(keys, np.where(missing, 0.0, values)), count(keys[missing], None)


def group_sums(
    X: Any,
    row_groups: np.ndarray,
    column_groups: np.ndarray,
    shape: tuple[int, int],
    power: int = 1,
    sources: Sources = EACH_ONCE,
) -> tuple[np.ndarray, np.ndarray]:
    """Sum and number of the observed entries of X in each pair of a row and a column group.

    Parameters
    ----------
    X : ndarray, CSR array or dask array of shape (n_rows, n_columns)
        NaN marks a missing entry. An entry that a sparse array does not store is a zero.
    row_groups : ndarray of shape (n_rows,), dtype intp
        Group of each row, in ``range(shape[0])``.
    column_groups : ndarray of shape (n_columns,), dtype intp
        Group of each column, in ``range(shape[1])``.
    shape : tuple of int
        Number of row groups and of column groups.
    power : {1, 2}, default=1
        Sum the entries, or their squares.
    sources : pair of ndarray or None
        As for `iter_tiles`; groups are then those of lines.

    Returns
    -------
    sums, counts : ndarray of shape `shape`, dtype float64
        Without a copy of X larger than a tile of its rows.
    """
    columns = _indicator(column_groups, shape[1])
    sums = np.zeros(shape)
    counts = np.outer(
        np.bincount(row_groups, minlength=shape[0]), np.bincount(column_groups, minlength=shape[1])
    ).astype(float)
    for rows, tile in iter_tiles(X, sources):
        add = _sum_sparse if sparse.issparse(tile) else _sum_dense
        tile = tile * tile if power == 2 else tile
        total, missing = add(tile, _indicator(row_groups[rows], shape[0]), columns)
        sums += total
        counts -= missing
    return sums, counts


def group_means(
    X: Any,
    row_groups: np.ndarray,
    column_groups: np.ndarray,
    shape: tuple[int, int],
    sources: Sources = EACH_ONCE,
) -> np.ndarray:
    """Mean of the observed entries in each pair of groups, NaN where there is none."""
    sums, counts = group_sums(X, row_groups, column_groups, shape, sources=sources)
    return np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0)


def group_ranges(
    X: Any,
    row_groups: np.ndarray,
    column_groups: np.ndarray,
    shape: tuple[int, int],
    sources: Sources = EACH_ONCE,
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest observed entry in each pair of groups, NaN where there is none."""
    lows, highs = np.full(shape, np.nan), np.full(shape, np.nan)
    n_stored = np.zeros(shape)
    is_sparse = False
    for rows, tile in iter_tiles(X, sources):
        is_sparse = sparse.issparse(tile)
        if is_sparse:
            keys = _find_blocks(tile, row_groups[rows], column_groups, shape[1])
            n_stored += np.bincount(keys, minlength=lows.size).reshape(shape)
        else:
            keys = (row_groups[rows, None] * shape[1] + column_groups).ravel()
        values = tile.data.astype(float) if is_sparse else tile.ravel()
        np.fmin.at(lows.reshape(-1), keys, values)
        np.fmax.at(highs.reshape(-1), keys, values)
    if is_sparse:
        sizes = [
            np.bincount(groups, minlength=n)
            for groups, n in zip((row_groups, column_groups), shape, strict=True)
        ]
        has_zero = n_stored < np.outer(*sizes)
        lows[has_zero], highs[has_zero] = np.fmin(lows, 0)[has_zero], np.fmax(highs, 0)[has_zero]
    return lows, highs


def collect_entries(X: Any, sources: Sources, limit: int) -> tuple[np.ndarray, ...]:
    """Line of the row, line of the column and value of each entry that is stored.

    Of a dense matrix, these are the entries other than zero.
    """
    parts: list[tuple[np.ndarray, ...]] = []
    n_found = 0
    for lines, tile in iter_tiles(X, sources):
        entries = tile.tocoo() if sparse.issparse(tile) else sparse.coo_array(tile)
        n_found += entries.nnz
        if n_found > limit:
            raise ValueError(
                f'values="dots" draws up to {limit:,} entries, and X stores more; '
                'values="entries" draws pixels, each the mean of the entries that fall on it.'
            )
        row, column = entries.coords
        parts.append((row + lines.start, column, entries.data.astype(float)))
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def pixel_groups(order: np.ndarray, max_pixels: int) -> tuple[np.ndarray, int]:
    """Pixel of each row (or column) when they are drawn in the given order; number of pixels."""
    n = order.size
    n_pixels = min(n, max_pixels)
    groups = np.empty(n, dtype=np.intp)
    groups[order] = np.arange(n) * n_pixels // max(n, 1)
    return groups, n_pixels
