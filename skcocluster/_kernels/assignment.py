"""Points to clusters that may overlap, with outliers: the cheapest assignment for given distances.

First, the `n_covered` points that are nearest to a cluster go to their nearest cluster; then the
least of all other distances are taken, until there are `n_assignments`. This is the assignment of
least cost that covers so many points. Ties go to the lowest cluster, then to the lowest point.
Thresholds come from partitions: a sort would cost more than the distances.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .assignment_compiled import assign_compiled


class Assignment(NamedTuple):
    """Memberships and the largest distances that were admitted.

    Attributes
    ----------
    memberships : ndarray of shape (n, n_clusters), dtype bool
        Clusters of each point.
    cover_threshold : float
        Largest distance of a covered point to its nearest cluster.
    extra_threshold : float
        Largest distance among the further assignments; minus infinity if there are none.
    """

    memberships: np.ndarray
    cover_threshold: float
    extra_threshold: float


def smallest(values: np.ndarray, count: int) -> np.ndarray:
    """Return a mask of the `count` smallest values, the first of equals."""
    if count == 0:
        return np.zeros(values.shape, bool)
    bound = np.partition(values, count - 1)[count - 1]
    mask = values < bound
    ties = np.flatnonzero(values == bound)
    mask[ties[: count - np.count_nonzero(mask)]] = True
    return mask


def assign_reference(distances: np.ndarray, n_assignments: int, n_covered: int) -> Assignment:
    """Return the assignment of least cost, in NumPy.

    Parameters
    ----------
    distances : ndarray of shape (n, n_clusters), dtype float64
        Cost of each point in each cluster.
    n_assignments : int
        Number of memberships, from `n_covered` to ``n * n_clusters``.
    n_covered : int
        Number of points that must be in a cluster at least.

    Returns
    -------
    assignment : Assignment
        Memberships and thresholds.
    """
    n, n_clusters = distances.shape
    nearest = distances.argmin(axis=1)
    least = distances.min(axis=1)
    # Ordered by their nearest cluster, the first of equally near points is the one to take.
    order = np.argsort(nearest, kind="stable")
    covered = order[smallest(least[order], n_covered)]
    memberships = np.zeros((n, n_clusters), bool)
    memberships[covered, nearest[covered]] = True
    left = np.where(memberships, np.inf, distances).T.ravel()
    extra = smallest(left, n_assignments - n_covered)
    memberships |= extra.reshape(n_clusters, n).T
    return Assignment(
        memberships,
        float(least[covered].max(initial=-np.inf)),
        float(left[extra].max(initial=-np.inf)),
    )


def _assign_numba(distances: np.ndarray, n_assignments: int, n_covered: int) -> Assignment:
    return Assignment(*assign_compiled(distances, n_assignments, n_covered))


# A rank among all distances is no statistic of one tile, so this is no primitive: by engine.
ASSIGN: dict[str, Callable[[np.ndarray, int, int], Assignment]] = {
    "numpy": assign_reference,
    "numba": _assign_numba,
    "dask": _assign_numba,
}
