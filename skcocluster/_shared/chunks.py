"""Rows in chunks of bounded size: no temporary of the size of X."""

from collections.abc import Iterator

import numpy as np

CHUNK_ENTRIES = 1 << 20


def iter_parts(values: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield consecutive rows of a matrix, or entries of a vector, with the number of the first."""
    width = values.shape[1] if values.ndim == 2 else 1
    height = max(1, CHUNK_ENTRIES // max(1, width))
    for start in range(0, len(values), height):
        yield start, values[start : start + height]
