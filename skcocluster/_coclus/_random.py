"""Random starts."""

import numpy as np


def random_columns(n_columns: int, n_clusters: int, rng: np.random.RandomState) -> np.ndarray:
    """Return random column labels in which every co-cluster has a column, if there are enough."""
    return rng.permutation(np.arange(n_columns, dtype=np.int32) % n_clusters).astype(np.int32)
