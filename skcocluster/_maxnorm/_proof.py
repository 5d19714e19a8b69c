"""What is known of an optimum: the best co-clustering, the lower bound, and who proved it."""

from collections.abc import Callable

import numpy as np

from ._alphabet import Alphabet
from ._bounds import Bounds
from ._coclustering import Coclustering, make_coclustering


class Proof:
    """Two bounds of one optimum that only ever come closer.

    Parameters
    ----------
    alphabet : Alphabet
        The matrix.
    n_clusters : tuple of int
        Numbers of row and column clusters.
    best : Coclustering
        Any co-clustering.
    lower : float, default=0.0
        A lower bound.
    method : str, default="bounds"
        What gave the lower bound.
    bounds : Bounds or None, default=None
        Distances of the matrix where another problem on it has computed them.

    Attributes
    ----------
    best : Coclustering
        The best seen.
    lower : float
        No co-clustering costs less.
    method : str
        What gave the lower bound.
    trace : list of float
        Costs of the best co-clusterings, in the order in which they were found.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        n_clusters: tuple[int, int],
        best: Coclustering,
        lower: float = 0.0,
        method: str = "bounds",
        bounds: Bounds | None = None,
    ) -> None:
        self.alphabet = alphabet
        self.n_clusters = n_clusters
        self.best = best
        self.lower = lower
        self.method = method
        self.bounds = bounds
        self.trace = [best.cost]

    @classmethod
    def trivial(
        cls, alphabet: Alphabet, n_clusters: tuple[int, int], bounds: Bounds | None = None
    ) -> "Proof":
        """Return what is known without a look at the entries: one block, and no cost below 0."""
        n_rows, n_columns = alphabet.codes.shape
        labels = (np.zeros(n_rows, np.int32), np.zeros(n_columns, np.int32))
        return cls(alphabet, n_clusters, Coclustering(*labels, alphabet.full_range), bounds=bounds)

    @property
    def is_optimal(self) -> bool:
        """Whether the bounds meet."""
        return self.lower >= self.best.cost

    def offer(self, row_labels: np.ndarray, column_labels: np.ndarray) -> None:
        """Take a co-clustering if it is better than the best."""
        found = make_coclustering(self.alphabet, row_labels, column_labels, self.n_clusters)
        if found.cost < self.best.cost:
            self.best = found
            self.trace.append(found.cost)

    def close(self, method: str) -> None:
        """Take the best for the optimum: a method has proven it."""
        self.lower = self.best.cost
        self.method = method

    def rule_out(self, cost: float, method: str) -> None:
        """Raise the lower bound above a cost that is impossible."""
        self.lower = max(self.lower, self.alphabet.next_above(cost))
        self.method = method


# Called after each step of a method; True ends it.
Step = Callable[[Proof], bool]
