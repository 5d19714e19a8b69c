"""From the labels of distinct rows and columns to the labels that are published."""

import numpy as np


def fill_clusters(codes: np.ndarray, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return labels with no cluster empty; a part of a block never costs more than the block.

    Parameters
    ----------
    codes : ndarray of shape (n, n_entries)
        The points, at least `n_clusters`.
    labels : ndarray of shape (n,), dtype int32
        Their labels below `n_clusters`.
    n_clusters : int
        Number of clusters.

    Returns
    -------
    labels : ndarray of shape (n,), dtype int32
        Each empty cluster takes, from the largest cluster at its turn, the point least like the
        first one there.
    """
    labels = labels.copy()
    sizes = np.bincount(labels, minlength=n_clusters)
    for empty in np.flatnonzero(sizes == 0):
        largest = int(sizes.argmax())
        members = np.flatnonzero(labels == largest)
        unlike = np.count_nonzero(codes[members] != codes[members[0]], axis=1)
        # The last of equals: a cluster keeps its first point.
        moved = members[len(members) - 1 - unlike[::-1].argmax()]
        labels[moved] = empty
        sizes[largest] -= 1
        sizes[empty] += 1
    return labels


def number_by_first(labels: np.ndarray) -> np.ndarray:
    """Return the same partition with clusters numbered in the order of their first members."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return first.argsort().argsort()[inverse].astype(np.int32)
