"""Blocks of consecutive rows and columns: the problem as a whole, and the search for it."""

import numpy as np

from ._alphabet import Alphabet
from ._budget import Budget
from ._coclustering import Coclustering, make_coclustering
from ._contiguous import ContiguousSearch
from ._proof import Proof, Step

# Nodes between two looks at the clock; seconds at most of one call.
SLICE_NODES = 100_000
SLICE_SECONDS = 0.2


class Consecutive:
    """A matrix whose rows and columns keep their order.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns), dtype float64
        Finite entries.
    """

    def __init__(self, X: np.ndarray) -> None:
        self.alphabet = Alphabet(X)

    def proof(self, n_clusters: tuple[int, int]) -> Proof:
        """Return what is known of the optimum before any work."""
        return Proof.trivial(self.alphabet, n_clusters)

    def publish(self, found: Coclustering, n_clusters: tuple[int, int]) -> Coclustering:
        """Return labels that ascend and leave no cluster empty, with their cost."""
        rows = cut_further(found.row_labels, n_clusters[0])
        columns = cut_further(found.column_labels, n_clusters[1])
        return make_coclustering(self.alphabet, rows, columns, n_clusters)


def cut_further(labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Return ascending labels of `n_clusters` runs: the longest one is halved until they suffice.

    Parameters
    ----------
    labels : ndarray of shape (n,), dtype int32
        Ascending; n is at least `n_clusters`.
    n_clusters : int
        At least the number of distinct labels.

    Returns
    -------
    labels : ndarray of shape (n,), dtype int32
        0 to ``n_clusters - 1``, none left out.
    """
    ends: list[int] = (np.flatnonzero(np.diff(labels)) + 1).tolist()
    while len(ends) + 1 < n_clusters:
        edges = [0, *ends, len(labels)]
        longest = int(np.diff(edges).argmax())
        ends.insert(longest, (edges[longest] + edges[longest + 1] + 1) // 2)
    return np.searchsorted(ends, np.arange(len(labels)), side="right").astype(np.int32)


def use_contiguous(proof: Proof, budget: Budget, rng: np.random.RandomState, step: Step) -> None:
    """Search for the best cuts."""
    search = ContiguousSearch(proof.alphabet, *proof.n_clusters, rng)
    while not (proof.is_optimal or budget.is_over()):
        left = budget.seconds_left()
        seconds = SLICE_SECONDS if left is None else min(left, SLICE_SECONDS)
        before = search.n_nodes
        # Without a time limit the clock must not decide where a slice ends.
        search.run(max_nodes=budget.allow(SLICE_NODES), seconds=None if left is None else seconds)
        budget.spend(search.n_nodes - before)
        proof.offer(search.row_labels, search.column_labels)
        if search.lower_bound > proof.lower:
            proof.lower, proof.method = search.lower_bound, "contiguous"
        if step(proof):
            return
