"""Branch and bound as a decider: effort in nodes, in slices that keep the limits."""

import numpy as np

from ._branch import BranchAndBound
from ._budget import Budget
from ._decision import UNKNOWN, Decision

# Work of one slice, between two looks at the clock: a few hundredths of a second.
SLICE_WORK = 10_000_000
# Dives, nodes for each row and column, of a unit of effort: some milliseconds.
DIVES = 10


class BranchDecider:
    """Branch and bound in slices short enough for time limits and interrupts."""

    name = "branch_and_bound"

    def __init__(
        self, codes: np.ndarray, n_clusters: tuple[int, int], rng: np.random.RandomState
    ) -> None:
        self._search = BranchAndBound(codes, *n_clusters, rng)
        n_rows, n_columns = codes.shape
        self._dive = n_rows + n_columns
        self._slice = max(1, SLICE_WORK // (n_rows * n_clusters[0] + n_columns * n_clusters[1]))

    def start(self, reach: np.ndarray) -> None:
        """Begin with another cost."""
        self._search.start(reach)

    def run(self, effort: int, budget: Budget) -> Decision:
        """Search for as many nodes as belong to this effort."""
        effort *= DIVES * self._dive
        while effort > 0 and not budget.is_over():
            before = self._search.n_nodes
            answer = self._search.run(budget.allow(min(effort, self._slice)))
            done = max(1, self._search.n_nodes - before)
            budget.spend(done)
            effort -= done
            if answer.status != "unknown":
                return answer
        return UNKNOWN
