"""Labels of both sides and what they cost."""

from dataclasses import dataclass

import numpy as np

from ._alphabet import Alphabet
from ._ranges import block_ranges


@dataclass(frozen=True)
class Coclustering:
    """Labels of both sides and what they cost.

    Attributes
    ----------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        The labels; clusters may be empty.
    cost : float
        The largest difference within a block.
    """

    row_labels: np.ndarray
    column_labels: np.ndarray
    cost: float


def make_coclustering(
    alphabet: Alphabet,
    row_labels: np.ndarray,
    column_labels: np.ndarray,
    n_clusters: tuple[int, int],
) -> Coclustering:
    """Return labels with their cost."""
    low, high = block_ranges(alphabet.codes, row_labels, column_labels, n_clusters)
    used = high >= 0
    cost = float(alphabet.difference(low[used], high[used]).max())
    return Coclustering(row_labels, column_labels, cost)
