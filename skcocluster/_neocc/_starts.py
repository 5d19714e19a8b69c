"""Where NEO-CC and NEO-K-Means start: memberships."""

from typing import Any

import numpy as np

from ._counts import Counts
from ._data import Data, Side
from ._oneway import OneWay, kmeans

INITS = ("auto", "random", "neo-kmeans", "k-means")
ONE_WAY_INITS = ("auto", "random", "k-means")
# Starts that race against each other, and how many of them are finished. A random start is behind
# after a few iterations even when it ends lower, so it races against its like.
Heat = tuple[tuple[str, ...], int]
HEATS: dict[str, tuple[Heat, ...]] = {
    "auto": ((("neo-kmeans", "k-means"), 1), (("random",) * 6, 2)),
    "random": ((("random",) * 10, 3),),
    "neo-kmeans": ((("neo-kmeans",), 1),),
    "k-means": ((("k-means",), 1),),
}
ONE_WAY_HEATS = {**HEATS, "auto": ((("k-means",), 1), (("random",) * 6, 2))}
GIVEN: tuple[Heat, ...] = ((("given",), 1),)
SIDES: tuple[Side, Side] = ("rows", "columns")


def random_memberships(counts: Counts, rng: np.random.RandomState) -> np.ndarray:
    """Return random memberships with the given counts, clusters of nearly equal sizes."""
    n, n_clusters = counts.n, counts.n_clusters
    memberships = np.zeros((n, n_clusters), bool)
    covered = rng.permutation(n)[: counts.n_covered]
    memberships[covered, np.arange(len(covered)) % n_clusters] = True
    n_extra = counts.n_assignments - counts.n_covered
    if n_extra > 0:
        left = np.flatnonzero(~memberships.ravel())
        memberships.ravel()[rng.permutation(left)[:n_extra]] = True
    return memberships


def start_memberships(
    init: str, data: Data, side: Side, counts: Counts, rng: np.random.RandomState
) -> np.ndarray:
    """Return the starting memberships of one side."""
    if init == "random":
        return random_memberships(counts, rng)
    state = kmeans(data, side, counts.n_clusters, rng)
    if init == "k-means":
        return state.memberships
    again = OneWay(data, side, counts, state.memberships)
    again.run(NEO_ITERATIONS, NEO_TOL, lambda value: False)
    return again.memberships


def check_memberships(name: str, given: Any, n: int, n_clusters: int) -> np.ndarray:
    """Return given memberships as bool.

    Raises
    ------
    ValueError
        When their shape or their values do not fit.
    """
    given = np.asarray(given)
    if given.shape != (n, n_clusters) or given.dtype.kind not in "biuf":
        raise ValueError(
            f"init: {name} must be memberships of shape ({n}, {n_clusters}), got {given.dtype} "
            f"of shape {given.shape}."
        )
    if not np.isin(given, (0, 1)).all():
        raise ValueError(f"init: {name} must hold only 0 and 1, or False and True.")
    if not given.any():
        raise ValueError(f"init: {name} puts nothing into any cluster.")
    return given.astype(bool)


NEO_ITERATIONS = 100
NEO_TOL = 1e-5
