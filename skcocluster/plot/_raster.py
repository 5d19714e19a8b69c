"""Sums and means of a matrix over groups of rows and columns, without a dense copy of X."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse

ENTRIES_PER_TILE = 1 << 22


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


def _row_tiles(X: Any) -> Iterator[tuple[slice, Any]]:
    """Consecutive rows of X, a few at a time, as float64 ndarray or CSR array."""
    n_rows = X.shape[0]
    n_stored = X.nnz if sparse.issparse(X) else X.size
    step = max(1, n_rows * ENTRIES_PER_TILE // max(1, n_stored))
    for start in range(0, n_rows, step):
        rows = slice(start, min(start + step, n_rows))
        tile = X[rows]
        if hasattr(tile, "__dask_graph__"):
            tile = tile.compute()
        yield rows, sparse.csr_array(tile) if sparse.issparse(tile) else np.asarray(tile, float)


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


def _sum_sparse(
    tile: sparse.csr_array, rows: sparse.csr_array, columns: sparse.csr_array
) -> tuple[Any, Any]:
    shape = (rows.shape[1], columns.shape[1])
    keys = np.repeat(rows.indices.astype(np.int64), np.diff(tile.indptr)) * shape[1]
    keys += columns.indices[tile.indices]
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
    for rows, tile in _row_tiles(X):
        add = _sum_sparse if sparse.issparse(tile) else _sum_dense
        tile = tile * tile if power == 2 else tile
        total, missing = add(tile, _indicator(row_groups[rows], shape[0]), columns)
        sums += total
        counts -= missing
    return sums, counts


def group_means(
    X: Any, row_groups: np.ndarray, column_groups: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Mean of the observed entries in each pair of groups, NaN where there is none."""
    sums, counts = group_sums(X, row_groups, column_groups, shape)
    return np.divide(sums, counts, out=np.full(shape, np.nan), where=counts > 0)


def pixel_groups(order: np.ndarray, max_pixels: int) -> tuple[np.ndarray, int]:
    """Pixel of each row (or column) when they are drawn in the given order; number of pixels."""
    n = order.size
    n_pixels = min(n, max_pixels)
    groups = np.empty(n, dtype=np.intp)
    groups[order] = np.arange(n) * n_pixels // max(n, 1)
    return groups, n_pixels
