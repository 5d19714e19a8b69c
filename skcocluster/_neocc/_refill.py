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
    if memberships.any(axis=0).all():
        return memberships
    return move_members(memberships, *find_gains(memberships, distances, alone))


def find_gains(
    memberships: np.ndarray, distances: np.ndarray, alone: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return what each member gains by a cluster of its own, the best first.

    Returns
    -------
    gains, clusters, points : ndarray of shape (n_memberships,)
        Of equal gains, the lowest cluster is first, then the lowest point.
    total : float
        The distances of all members, taken as positive.
    """
    clusters, points = np.nonzero(memberships.T)
    own = distances[points, clusters]
    gains = own - alone[points]
    order = np.argsort(-gains, kind="stable")
    return gains[order], clusters[order], points[order], float(np.abs(own).sum())


def move_members(
    memberships: np.ndarray,
    gains: np.ndarray,
    clusters: np.ndarray,
    points: np.ndarray,
    total: float,
) -> np.ndarray:
    """Move the members that gain most to the empty clusters; arguments as from `find_gains`."""
    sizes = memberships.sum(axis=0)
    least = LEAST_GAIN * total
    candidates = iter(range(len(gains)))
    for target in np.flatnonzero(sizes == 0):
        for c in candidates:
            if gains[c] <= least:
                return memberships
            if sizes[clusters[c]] > 1:
                memberships[points[c], clusters[c]] = False
                memberships[points[c], target] = True
                sizes[clusters[c]] -= 1
                break
    return memberships
