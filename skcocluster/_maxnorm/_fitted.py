"""A fitted max-norm co-clustering, applied to new rows and new columns."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FittedRanges:
    """Ranges of blocks, with the clusters that new points are measured against.

    Attributes
    ----------
    minima, maxima : ndarray of shape (n_clusters, n_other_clusters), dtype float64
        Smallest and largest entries of blocks.
    other_labels : ndarray of shape (n_entries,), dtype int32
        Clusters of the entries of a point.
    """

    minima: np.ndarray
    maxima: np.ndarray
    other_labels: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, row_labels: np.ndarray, column_labels: np.ndarray) -> "FittedRanges":
        """Return the ranges of the blocks of X."""
        n_clusters = (int(row_labels.max()) + 1, int(column_labels.max()) + 1)
        low, high = _point_ranges(X, column_labels, n_clusters[1])
        members = [row_labels == g for g in range(n_clusters[0])]
        minima = np.array([low[inside].min(axis=0) for inside in members])
        maxima = np.array([high[inside].max(axis=0) for inside in members])
        return cls(minima, maxima, column_labels)

    def columns(self, row_labels: np.ndarray) -> "FittedRanges":
        """Return the same ranges for new columns."""
        return FittedRanges(self.minima.T, self.maxima.T, row_labels)

    def growth(self, X: np.ndarray) -> np.ndarray:
        """Return how much the range of a block grows when a point joins its cluster.

        Parameters
        ----------
        X : ndarray of shape (n_points, n_entries), dtype float64
            New points.

        Returns
        -------
        growth : ndarray of shape (n_points, n_clusters), dtype float64
            The largest growth over the blocks of each cluster.
        """
        low, high = _point_ranges(X, self.other_labels, self.minima.shape[1])
        growth = np.zeros((len(X), len(self.minima)))
        for g, (minima, maxima) in enumerate(zip(self.minima, self.maxima, strict=True)):
            # Too far for floats is infinitely far.
            with np.errstate(over="ignore"):
                wider = np.maximum(high, maxima) - np.minimum(low, minima)
            growth[:, g] = (wider - (maxima - minima)).max(axis=1)
        return growth

    def extended_cost(self, X: np.ndarray) -> float:
        """Return the cost with all points in the clusters whose ranges they make grow least."""
        low, high = _point_ranges(X, self.other_labels, self.minima.shape[1])
        labels = self.growth(X).argmin(axis=1).astype(np.int32)
        minima, maxima = self.minima.copy(), self.maxima.copy()
        np.minimum.at(minima, labels, low)
        np.maximum.at(maxima, labels, high)
        with np.errstate(over="ignore"):
            return float((maxima - minima).max())


def _point_ranges(
    X: np.ndarray, other_labels: np.ndarray, n_other: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return smallest and largest entries of points over the clusters of their entries."""
    parts = [X[:, other_labels == h] for h in range(n_other)]
    low = np.stack([part.min(axis=1) for part in parts], axis=1)
    high = np.stack([part.max(axis=1) for part in parts], axis=1)
    return low, high
