"""A matrix without its repeated rows and columns, and the way back to all of them."""

import numpy as np

from ._alphabet import Alphabet
from ._bounds import Bounds
from ._coclustering import Coclustering, make_coclustering
from ._labels import fill_clusters, number_by_first
from ._proof import Proof


class Distinct:
    """The distinct rows and columns of a matrix: all that a cost depends on.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns), dtype float64
        Finite entries.

    Attributes
    ----------
    alphabet : Alphabet
        The distinct rows and columns.
    """

    def __init__(self, X: np.ndarray) -> None:
        self._all = Alphabet(X)
        rows, self._row_of = np.unique(self._all.codes, axis=0, return_inverse=True)
        codes, self._column_of = np.unique(rows, axis=1, return_inverse=True)
        self.alphabet = self._all.with_codes(codes)

    def counts(self, n_clusters: tuple[int, int]) -> tuple[int, int]:
        """Return the numbers of clusters that can have a distinct row or column of their own."""
        n_rows, n_columns = self.alphabet.codes.shape
        return min(n_clusters[0], n_rows), min(n_clusters[1], n_columns)

    def proof(self, n_clusters: tuple[int, int], bounds: Bounds | None = None) -> Proof:
        """Return what is known of the optimum before any work."""
        return Proof.trivial(self.alphabet, self.counts(n_clusters), bounds)

    def publish(self, found: Coclustering, n_clusters: tuple[int, int]) -> Coclustering:
        """Return the labels of all rows and columns, with no cluster empty, and their cost.

        Clusters are numbered in the order of their first rows and columns.
        """
        codes = self._all.codes
        rows = fill_clusters(codes, found.row_labels[self._row_of], n_clusters[0])
        columns = fill_clusters(codes.T, found.column_labels[self._column_of], n_clusters[1])
        return make_coclustering(
            self._all, number_by_first(rows), number_by_first(columns), n_clusters
        )
