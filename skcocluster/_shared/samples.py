"""Starts of large matrices are found on a sample of their rows."""

from typing import Any

import numpy as np
from sklearn.utils.random import sample_without_replacement

from .._kernels.engines.chunked import ChunkedRows, count_entries
from .progress import RunProgress

# Up to so many stored entries (256 MB of float64), starts and searches see all of X.
ALL_ENTRIES = 1 << 25
# Else they see so many, and at least so many rows for each cluster of rows.
SAMPLE_ENTRIES = 1 << 22
ROWS_PER_CLUSTER = 10


def is_large(X: Any) -> bool:
    """Tell whether X, in memory or in chunks, is too large for starts that see all of it."""
    return count_entries(X) > ALL_ENTRIES


def is_chunked(X: Any) -> bool:
    """Tell whether X is in chunks somewhere else."""
    return isinstance(X, ChunkedRows)


def choose_rows(X: Any, n_row_clusters: int, rng: np.random.RandomState) -> np.ndarray:
    """Return the rows of a sample, ascending: they depend on the seed and the size of X alone."""
    n_rows = X.shape[0]
    n_sampled = n_rows * SAMPLE_ENTRIES // max(1, count_entries(X))
    n_sampled = min(n_rows, max(n_sampled, ROWS_PER_CLUSTER * n_row_clusters))
    return np.sort(sample_without_replacement(n_rows, n_sampled, random_state=rng))


class Unreported(RunProgress):
    """Takes the reports of a fit within a fit, and passes nothing on."""

    def __init__(self) -> None:
        self.stopped = False

    def step(self, value: float, note: str = "") -> bool:
        """Go on."""
        return False

    def end(self, value: float) -> None:
        """Say nothing."""
