"""Order in which clusters are drawn."""

from typing import Any

import numpy as np

ORDERS = ("mean", "diagonal", "label")


def cluster_groups(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Non-empty clusters in label order with -1 last, and each element's position among them."""
    clusters, groups = np.unique(labels, return_inverse=True)
    if clusters.size and clusters[0] == -1:
        clusters = np.roll(clusters, -1)
        groups = (groups - 1) % clusters.size
    return clusters, groups.astype(np.intp)


def arrange(
    means: np.ndarray,
    row_clusters: np.ndarray,
    column_clusters: np.ndarray,
    sizes: tuple[Any, Any],
    order: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Permutation of row clusters and of column clusters for drawing; -1 stays at the end."""
    if order not in ORDERS:
        raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}.")
    if order == "label":
        return np.arange(row_clusters.size), np.arange(column_clusters.size)
    row_means = _average(means, sizes[1], 1)
    column_means = _average(means, sizes[0], 0)
    rows = np.lexsort((-row_means, row_clusters == -1))
    columns = np.lexsort((-column_means, column_clusters == -1))
    if order == "diagonal":
        residual = means - row_means[:, None] - column_means
        residual = np.where((row_clusters == -1)[:, None] | np.isnan(means), -np.inf, residual)
        place = np.argmax(residual[rows], axis=0)
        columns = np.lexsort((-residual.max(axis=0), place, column_clusters == -1))
    return rows, columns


def _average(means: np.ndarray, weights: Any, axis: int) -> np.ndarray:
    """Weighted mean over an axis of what is finite, 0 where nothing is."""
    finite = np.isfinite(means)
    weights = np.expand_dims(weights, 1 - axis) * finite
    sums = (np.where(finite, means, 0.0) * weights).sum(axis)
    return sums / np.maximum(weights.sum(axis), 1)
