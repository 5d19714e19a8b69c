"""SAT as a decider: effort in conflicts, once it pays to write the clauses."""

import numpy as np

from ._budget import Budget
from ._decision import UNKNOWN, Decision
from ._sat import SatDecider

# Conflicts of a unit of effort: some milliseconds.
CONFLICTS = 50
# Writing the clauses of one entry takes as long as so many updates of branch and bound.
UPDATES_PER_CLAUSE = 100


class SatTurns:
    """SAT, beside another decider from the effort on at which it pays to write the clauses."""

    name = "sat"

    def __init__(
        self, codes: np.ndarray, n_clusters: tuple[int, int], *, is_alone: bool = False
    ) -> None:
        self._solver = SatDecider(codes, *n_clusters)
        (n_rows, n_columns), (k, p) = codes.shape, n_clusters
        updates = (n_rows + n_columns) * (n_rows * k + n_columns * p)
        self._least_effort = (
            0.0 if is_alone else UPDATES_PER_CLAUSE * n_rows * n_columns * k * p / updates
        )

    def start(self, reach: np.ndarray) -> None:
        """Begin with another cost."""
        self._solver.start(reach)

    def run(self, effort: int, budget: Budget) -> Decision:
        """Search for as many conflicts as cost this effort."""
        if effort < self._least_effort:
            return UNKNOWN
        conflicts = budget.allow(effort * CONFLICTS)
        answer = self._solver.run(max_conflicts=conflicts, seconds=budget.seconds_left())
        budget.spend(conflicts)
        return answer
