"""Smallest and largest codes of rows, columns and blocks."""

import numpy as np

from .._kernels.compilation import kernel


@kernel
def row_ranges(
    codes: np.ndarray, column_labels: np.ndarray, n_column_clusters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return smallest and largest codes of each row in each column block.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Codes of entries.
    column_labels : ndarray of shape (n_columns,), dtype int32
        Column blocks.
    n_column_clusters : int
        Number of column blocks.

    Returns
    -------
    low, high : ndarray of shape (n_rows, n_column_clusters), dtype int32
        An empty block has the largest int32 as low and -1 as high.
    """
    n_rows, n_columns = codes.shape
    low = np.full((n_rows, n_column_clusters), np.int32(2147483647))
    high = np.full((n_rows, n_column_clusters), np.int32(-1))
    for i in range(n_rows):
        for j in range(n_columns):
            h = column_labels[j]
            low[i, h] = min(low[i, h], codes[i, j])
            high[i, h] = max(high[i, h], codes[i, j])
    return low, high


@kernel
def hulls(
    low: np.ndarray, high: np.ndarray, labels: np.ndarray, n_clusters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the hulls of ranges over the clusters of their points, (n_clusters, n_ranges).

    An empty cluster has the largest int32 as low and -1 as high.
    """
    n, n_ranges = low.shape
    smallest = np.full((n_clusters, n_ranges), np.int32(2147483647))
    largest = np.full((n_clusters, n_ranges), np.int32(-1))
    for i in range(n):
        g = labels[i]
        for q in range(n_ranges):
            smallest[g, q] = min(smallest[g, q], low[i, q])
            largest[g, q] = max(largest[g, q], high[i, q])
    return smallest, largest


def block_ranges(
    codes: np.ndarray,
    row_labels: np.ndarray,
    column_labels: np.ndarray,
    n_clusters: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Return smallest and largest codes of blocks, of shape (n_row_clusters, n_column_clusters)."""
    return hulls(*row_ranges(codes, column_labels, n_clusters[1]), row_labels, n_clusters[0])
