"""NEO-K-Means: points of one side to clusters that may overlap, centres in full."""

from typing import Any

import numpy as np

from ._counts import Counts
from ._data import OTHER, Data, Side, invert
from ._descent import Descent
from ._fitted import Finished, finish
from ._refill import refill
from ._side import centre_distances, fill_empty


class OneWay(Descent):
    """Memberships of one side and the steps of NEO-K-Means; k-means when nothing overlaps.

    Parameters
    ----------
    data : Data
        The matrix.
    side : {"rows", "columns"}
        What is clustered.
    counts : Counts
        Constraints.
    start : ndarray of shape (n, n_clusters), dtype bool
        Memberships; their counts may be others.
    """

    def __init__(self, data: Data, side: Side, counts: Counts, start: np.ndarray) -> None:
        super().__init__(counts)
        self.data = data
        self.side = side
        self.memberships = start
        self._sums: tuple[np.ndarray, np.ndarray] | None = None
        self.squares = self._read(np.zeros((data.size(OTHER[side]), 1)))[1]

    def _read(self, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.data.products(self.side, factors, np.ones(len(factors)))

    def sums(self) -> np.ndarray:
        """Return the sums of the points of each cluster, of shape (n_others, n_clusters)."""
        if self._sums is None or self._sums[0] is not self.memberships:
            sums = self.data.sums(OTHER[self.side], self.memberships)[0]
            self._sums = self.memberships, sums
        return self._sums[1]

    def centres(self) -> np.ndarray:
        """Return the means of the clusters, of shape (n_others, n_clusters)."""
        sizes = self.memberships.sum(axis=0)
        return fill_empty((self.sums() * invert(sizes)).T, sizes).T

    def distances(self) -> np.ndarray:
        """Return squared Euclidean distances to the centres, of shape (n, n_clusters)."""
        return centre_distances(self.data, self.side, self.centres())

    def iterate(self) -> bool:
        """Assign the points anew; return whether a membership changed."""
        distances = self.distances()
        memberships = self.data.assign(distances, self.counts).memberships
        memberships = refill(memberships, distances, np.zeros(len(distances)))
        if np.array_equal(memberships, self.memberships):
            return False
        self.memberships = memberships
        return True

    def measure(self) -> tuple[float, float]:
        """Return the objective, and the squares of all clusters about zero."""
        energy = float(self.memberships.sum(axis=1) @ self.squares)
        explained = float((self.sums() ** 2).sum(axis=0) @ invert(self.memberships.sum(axis=0)))
        return max(energy - explained, 0.0), energy

    def finish(self) -> Finished:
        """Return centres, thresholds and closest labels."""
        centres = self.centres()
        distances = centre_distances(self.data, self.side, centres)
        return finish(self.data, centres, self.memberships, distances, self.counts)

    def snapshot(self) -> Any:
        """Return memberships and their sums."""
        return self.memberships, self._sums

    def restore(self, state: Any) -> None:
        """Go back to a state."""
        self.memberships, self._sums = state


def kmeans(data: Data, side: Side, n_clusters: int, rng: np.random.RandomState) -> OneWay:
    """Return a finished k-means of one side, from a start by k-means++."""
    n = data.size(side)
    counts = Counts(n, n_clusters, n, n)
    state = OneWay(data, side, counts, seeds(data, side, n_clusters, rng))
    state.run(KMEANS_ITERATIONS, KMEANS_TOL, lambda value: False)
    return state


def seeds(data: Data, side: Side, n_clusters: int, rng: np.random.RandomState) -> np.ndarray:
    """Return memberships in which each cluster holds one point, drawn by k-means++."""
    n = data.size(side)
    memberships = np.zeros((n, n_clusters), bool)
    nearest = np.ones(n)
    for cluster in range(n_clusters):
        total = nearest.sum()
        if total <= 0:
            nearest, total = np.ones(n), float(n)
        # Rounding must not draw a point that is a centre already.
        drawn = np.searchsorted(np.cumsum(nearest), rng.random_sample() * total, side="right")
        drawn = min(int(drawn), n - 1)
        memberships[drawn, cluster] = True
        distances = centre_distances(data, side, data.point(side, drawn))[:, 0]
        distances[drawn] = 0.0
        first = distances if cluster == 0 else np.minimum(nearest, distances)
        nearest = np.maximum(first, 0.0)
    return memberships


KMEANS_ITERATIONS = 100
KMEANS_TOL = 1e-5
