"""One side at a time: points are ranges over the other side's blocks, clusters are their hulls.

A row is the vector of its smallest and largest entries over the column blocks. The cost of a set
of rows is then the largest width of their common hull, which is the largest over pairs: complete
linkage on the pairs' widths merges by true costs.
"""

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .._kernels.compilation import kernel


@kernel
def hull_widths(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the largest width of the hull of each pair of points, as a full matrix.

    Parameters
    ----------
    low, high : ndarray of shape (n, n_ranges), dtype float64
        The ranges of each point.

    Returns
    -------
    widths : ndarray of shape (n, n), dtype float64
        ``max_q(max(high[a, q], high[b, q]) - min(low[a, q], low[b, q]))``.
    """
    n, n_ranges = low.shape
    widths = np.empty((n, n))
    for a in range(n):
        for b in range(a + 1):
            width = 0.0
            for q in range(n_ranges):
                width = max(width, max(high[a, q], high[b, q]) - min(low[a, q], low[b, q]))
            widths[a, b] = width
            widths[b, a] = width
    return widths


@kernel
def widths_to(low: np.ndarray, high: np.ndarray, a: int) -> np.ndarray:
    """Return the largest width of the hull of point `a` and each point, of shape (n,)."""
    n, n_ranges = low.shape
    widths = np.empty(n)
    for b in range(n):
        width = 0.0
        for q in range(n_ranges):
            width = max(width, max(high[a, q], high[b, q]) - min(low[a, q], low[b, q]))
        widths[b] = width
    return widths


def complete_linkage(widths: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return the labels of complete linkage cut at `n_clusters` clusters."""
    n = len(widths)
    if n_clusters >= n:
        return np.arange(n, dtype=np.int32)
    merges = linkage(widths[np.triu_indices(n, 1)], method="complete")[: n - n_clusters]
    children = merges[:, :2].astype(np.int64).ravel()
    parents = np.repeat(n + np.arange(len(merges)), 2)
    shape = (2 * n - 1, 2 * n - 1)
    graph = coo_array((np.ones(len(children)), (children, parents)), shape=shape)
    labels = connected_components(graph, directed=False)[1][:n]
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)


def farthest_first(
    low: np.ndarray, high: np.ndarray, n_centres: int, start: int = 0
) -> tuple[np.ndarray, np.ndarray, float]:
    """Pick points far from those picked before and give every point to the closest.

    Parameters
    ----------
    low, high : ndarray of shape (n, n_ranges), dtype float64
        The ranges of each point.
    n_centres : int
        How many to pick, at most n.
    start : int, default=0
        The first.

    Returns
    -------
    centres : ndarray of shape (n_centres,), dtype int64
        The picked points.
    labels : ndarray of shape (n,), dtype int32
        The closest centre, ties to the first.
    separation : float
        The least width between two centres.
    """
    centres = np.array([start] * n_centres)
    nearest = widths_to(low, high, start)
    labels = np.zeros(len(low), np.int32)
    picked = np.zeros(len(low), dtype=bool)
    picked[start] = True
    separation = np.inf
    for i in range(1, n_centres):
        centres[i] = np.where(picked, -1.0, nearest).argmax()
        separation = min(separation, nearest[centres[i]])
        picked[centres[i]] = True
        widths = widths_to(low, high, centres[i])
        closer = widths < nearest
        labels[closer] = i
        nearest[closer] = widths[closer]
        labels[centres[i]] = i
    return centres, labels, float(separation)


@kernel
def best_separation(widths: np.ndarray, n_centres: int) -> float:
    """Return the largest least width among `n_centres` points, by farthest-first from each point.

    Of so many points two share a cluster when there is one cluster fewer: a lower bound.
    """
    n = len(widths)
    best = 0.0
    nearest = np.empty(n)
    for start in range(n):
        for b in range(n):
            nearest[b] = widths[start, b]
        nearest[start] = -1.0
        separation = np.inf
        for _ in range(n_centres - 1):
            farthest = 0
            for b in range(n):
                if nearest[b] > nearest[farthest]:
                    farthest = b
            separation = min(separation, nearest[farthest])
            if separation <= best:
                break
            for b in range(n):
                nearest[b] = min(nearest[b], widths[farthest, b])
            nearest[farthest] = -1.0
        best = max(best, separation)
    return best
