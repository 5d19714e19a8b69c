"""Overlap and outliers estimated from a k-means, by the two strategies of NEO-K-Means and its own.

Whang, Dhillon, Gleich: Non-exhaustive, overlapping k-means. SDM 2015, section 3.4.
"""

from collections.abc import Callable

import numpy as np

from ._counts import AUTO, AUTO_SPREAD
from ._oneway import OneWay

# A point is an outlier so many standard deviations beyond the mean distance to the own centre.
OUTLIER_DEVIATIONS = 6.0


class Estimate:
    """Overlap and outliers that the clusters of a k-means suggest.

    Parameters
    ----------
    state : OneWay
        A finished k-means.
    spread : float
        Standard deviations beyond the mean distance, for `overlap_by_spread`.
    """

    def __init__(self, state: OneWay, spread: float) -> None:
        # Distances of shape (n, n_clusters), not squared.
        self.distances = np.sqrt(np.maximum(state.distances(), 0.0))
        self.memberships = state.memberships
        self.spread = spread

    def overlap_by_shares(self) -> float:
        """Return the overlap by each point's shares of its distances to all centres.

        A point also belongs to every cluster whose share is below ``1 / (k + 1)``: equidistant
        from all, it would have shares of ``1 / k``. The nearest does not count.
        """
        n, n_clusters = self.distances.shape
        total = self.distances.sum(axis=1, keepdims=True)
        close = (self.distances * (n_clusters + 1) < total).sum(axis=1)
        return float(np.maximum(close - 1, 0).sum() / n)

    def overlap_by_spread(self) -> float:
        """Return the overlap by the spread of each cluster.

        A point also belongs to every cluster whose centre is nearer than the mean plus `spread`
        standard deviations of the distances of the cluster's own members.
        """
        n_close = 0
        for distances, members in zip(self.distances.T, self.memberships.T, strict=True):
            if members.any():
                own = distances[members]
                reach = own.mean() + self.spread * own.std()
                n_close += int(np.count_nonzero(distances[~members] < reach))
        return n_close / len(self.distances)

    def outliers(self) -> float:
        """Return the share of points beyond mean + 6 standard deviations of own distances."""
        own = self.distances.min(axis=1)
        far = own > own.mean() + OUTLIER_DEVIATIONS * own.std()
        return float(np.count_nonzero(far) / len(own))


OVERLAP_ESTIMATES: dict[str, Callable[[Estimate], float]] = {
    AUTO: Estimate.overlap_by_shares,
    AUTO_SPREAD: Estimate.overlap_by_spread,
}
