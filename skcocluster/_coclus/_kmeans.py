"""K-means of embedded rows."""

from typing import Any

import numpy as np
from sklearn.cluster import KMeans

# K-means sees a sample of so many points at the most; the others go to the nearest centre.
MAX_POINTS = 50_000
KMEANS_ITERATIONS = 100
# Points that agree in so many decimals of a random direction count as one.
TIE_DECIMALS = 9


def kmeans_labels(points: np.ndarray, n_clusters: int, rng: Any) -> np.ndarray:
    """Return k-means labels; fewer clusters than asked where fewer points differ."""
    labels = np.zeros(len(points), np.int32)
    inside = np.flatnonzero(points.any(axis=1))
    sample = inside
    if len(inside) > MAX_POINTS:
        sample = rng.choice(inside, MAX_POINTS, replace=False)
    seen = points[sample]
    along = seen @ rng.standard_normal(points.shape[1])
    n_different = len(np.unique(np.round(along, TIE_DECIMALS)))
    if n_different < 2:
        return labels
    kmeans = KMeans(min(n_clusters, n_different), n_init=1, max_iter=KMEANS_ITERATIONS)
    kmeans.set_params(random_state=rng).fit(seen)
    labels[inside] = kmeans.labels_ if sample is inside else kmeans.predict(points[inside])
    return labels
