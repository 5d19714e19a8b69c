"""Overlap and outliers estimated from a k-means, as for NEO-K-Means."""

import numpy as np

from ._oneway import OneWay

# A point is an outlier so many standard deviations beyond the mean distance to the own centre.
OUTLIER_DEVIATIONS = 6.0


def estimate(state: OneWay) -> tuple[float, float]:
    """Return overlap and share of outliers for the clusters of a k-means.

    A point also belongs to every cluster whose share of its distances to all centres is below
    ``1 / (k + 1)``: equidistant from all, it would have shares of ``1 / k``. The nearest does not
    count. Outliers lie farther from their own centre than mean + 6 standard deviations.

    Parameters
    ----------
    state : OneWay
        A finished k-means.

    Returns
    -------
    overlap, outliers : float
        Shares of the points.
    """
    distances = np.sqrt(np.maximum(state.distances(), 0.0))
    n, n_clusters = distances.shape
    total = distances.sum(axis=1, keepdims=True)
    close = (distances * (n_clusters + 1) < total).sum(axis=1)
    overlap = np.maximum(close - 1, 0).sum() / n
    own = distances.min(axis=1)
    outliers = np.count_nonzero(own > own.mean() + OUTLIER_DEVIATIONS * own.std()) / n
    return float(overlap), float(outliers)
