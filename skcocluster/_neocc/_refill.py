"""Empty clusters after an assignment: the worst covered points refill them."""

import numpy as np

# Relative to all distances: below it, a gain is rounding.
LEAST_GAIN = 1e-12


def refill(memberships: np.ndarray, distances: np.ndarray, alone: np.ndarray) -> np.ndarray:
    """Return memberships in which empty clusters got the points that gain most by it.

    A point on its own costs what its own means leave, never more than it costs anywhere else, so
    the objective cannot rise; memberships and covered points keep their numbers.

    Parameters
    ----------
    memberships : ndarray of shape (n, n_clusters), dtype bool
        An assignment; changed in place.
    distances : ndarray of shape (n, n_clusters), dtype float64
        Cost of each point in each cluster.
    alone : ndarray of shape (n,), dtype float64
        Cost of each point in a cluster of its own.

    Returns
    -------
    memberships : ndarray of shape (n, n_clusters), dtype bool
        The same array. A cluster stays empty when no point gains by a cluster of its own.
    """
    sizes = memberships.sum(axis=0)
    empty = np.flatnonzero(sizes == 0)
    if len(empty) == 0:
        return memberships
    clusters, points = np.nonzero(memberships.T)
    gains = distances[points, clusters] - alone[points]
    least = LEAST_GAIN * np.abs(distances[points, clusters]).sum()
    candidates = iter(np.argsort(-gains, kind="stable"))
    for target in empty:
        for c in candidates:
            if gains[c] <= least:
                return memberships
            if sizes[clusters[c]] > 1:
                memberships[points[c], clusters[c]] = False
                memberships[points[c], target] = True
                sizes[clusters[c]] -= 1
                break
    return memberships
