"""k-means of points, with results that rounding does not change."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg
from sklearn.cluster import KMeans

MAX_ITER = 300
# Coordinates, relative to the largest, that agree to so many decimals are equal: what the
# decomposition leaves of two equal rows must not part them.
DECIMALS = 7
# From so many coordinates on, k-means in float32 pays.
SINGLE_COORDINATES = 1 << 16


@dataclass(frozen=True)
class Centres:
    """Centres that points are assigned to.

    Attributes
    ----------
    points : ndarray of shape (n_centres, n_dimensions), dtype float64
        Distinct centres: as many as clusters, or fewer where fewer points are distinct.
    inertia : float
        Sum of squared distances of the points from their centres, in a unit of the points' own.
    converged : bool
        Whether k-means settled.
    """

    points: np.ndarray
    inertia: float = 0.0
    converged: bool = True

    def nearest(self, points: np.ndarray) -> np.ndarray:
        """Return the number of the nearest centre of each point, int32; ties to the lowest."""
        distances = points @ (-2.0 * self.points.T)
        distances += np.square(self.points).sum(axis=1)
        return distances.argmin(axis=1).astype(np.int32)

    def numbered_by(self, labels: np.ndarray) -> tuple["Centres", np.ndarray]:
        """Number the centres in the order in which they come in `labels`.

        Returns
        -------
        centres : Centres
            The same ones; those that do not come are last.
        numbers : ndarray of shape (n_centres,), dtype int32
            New numbers by old ones.
        """
        n = len(self.points)
        first = np.full(n, len(labels))
        first[labels[::-1]] = np.arange(len(labels))[::-1]
        order = np.argsort(first, kind="stable")
        numbers = np.empty(n, np.int32)
        numbers[order] = np.arange(n, dtype=np.int32)
        return Centres(self.points[order], self.inertia, self.converged), numbers


@dataclass(frozen=True)
class Cloud:
    """Points to be clustered.

    Attributes
    ----------
    points : ndarray of shape (n_points, n_dimensions), dtype float64
        The points.
    n_clusters : int
        Number of clusters; fewer are found where fewer points are distinct.
    single : bool, default=True
        Whether float32 may be used.
    """

    points: np.ndarray
    n_clusters: int
    single: bool = True

    @cached_property
    def rounded(self) -> np.ndarray:
        """The points relative to the largest coordinate, rounded; float32 where there are many."""
        return round_points(self.points, self.single)

    @cached_property
    def n_distinct(self) -> int:
        """Number of distinct points, counted up to `n_clusters`."""
        seen = set()
        for point in self.rounded:
            seen.add(point.tobytes())
            if len(seen) >= self.n_clusters:
                break
        return len(seen)

    def find_centres(
        self, rng: np.random.RandomState, pivots: np.ndarray | None = None, n_init: int = 1
    ) -> Centres:
        """Run k-means.

        Parameters
        ----------
        rng : RandomState
            Seeds the starts, unless there are pivots.
        pivots : ndarray of shape (n_clusters,), dtype int, default=None
            Numbers of the points to start from; None starts by k-means++.
        n_init : int, default=1
            Runs from k-means++, of which the one of least inertia is kept.

        Returns
        -------
        centres : Centres
            In no particular order.
        """
        if self.n_distinct <= 1:
            # No point at all is like one at zero.
            return Centres(np.vstack([self.points, np.zeros((1, self.points.shape[1]))])[:1])
        use_pivots = pivots is not None and self.n_distinct == self.n_clusters
        kmeans = KMeans(
            self.n_distinct,
            init=self.rounded[pivots] if use_pivots else "k-means++",
            n_init=1 if use_pivots else n_init,
            max_iter=MAX_ITER,
            random_state=rng,
        ).fit(self.rounded)
        means = cluster_means(self.points, kmeans.labels_, self.n_distinct)
        return Centres(means, float(kmeans.inertia_), kmeans.n_iter_ < MAX_ITER)

    def pivots(self) -> np.ndarray | None:
        """Return the numbers of points that lie in directions as different as possible.

        Pivots of a QR decomposition (Damle, Minden and Ying, Information and Inference 8:181,
        2019, doi:10.1093/imaiai/iay008): each is the point farthest from the span of those before.
        None where there are fewer points or dimensions than clusters.
        """
        if min(self.points.shape) < self.n_clusters:
            return None
        pivots = scipy.linalg.qr(self.rounded.T, mode="r", pivoting=True, check_finite=False)[1]
        return pivots[: self.n_clusters]


def round_points(points: np.ndarray, single: bool) -> np.ndarray:
    """Return points relative to the largest coordinate and rounded, so that equal ones are equal.

    Adding 0 makes -0 and 0 the same bytes.
    """
    largest = np.abs(points).max(initial=0.0)
    if largest == 0.0:
        return np.zeros_like(points)
    many = single and points.size > SINGLE_COORDINATES
    rounded = np.divide(points, largest, order="C")
    np.round(rounded, DECIMALS, out=rounded)
    rounded += 0.0
    return rounded.astype(np.float32) if many else rounded


def cluster_means(points: np.ndarray, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return the means of the clusters that have members, equal ones once."""
    sizes = np.bincount(labels, minlength=n_clusters)
    used = np.flatnonzero(sizes)
    sums = [np.bincount(labels, coordinate, n_clusters)[used] for coordinate in points.T]
    means = np.column_stack(sums) / sizes[used, None]
    first: dict[bytes, int] = {}
    for i, point in enumerate(round_points(means, single=False)):
        first.setdefault(point.tobytes(), i)
    return means[list(first.values())]
