"""Cheaper co-clusterings by moves: the upper bound that all deciders start from."""

import numpy as np

from ._budget import Budget
from ._moves import lower_cost
from ._proof import Proof

# Of the differences between the bounds, so many lie below the one aimed at: less after a failure.
SHARES = (0.8, 0.95, 0.99, 1.0)
# Work of one call, between two looks at the clock: a few hundredths of a second.
CALL_WORK = 50_000_000
# Rows and columns for each move of a unit of effort.
MOVES = 4


class LocalSearch:
    """Single moves of rows and columns from the best co-clustering of a proof.

    Parameters
    ----------
    proof : Proof
        Its matrix is searched.
    rng : RandomState
        Breaks ties, and samples differences.
    """

    def __init__(self, proof: Proof, rng: np.random.RandomState) -> None:
        codes, values = proof.alphabet.codes, proof.alphabet.values
        self._X = values[codes]
        self._XT = np.ascontiguousarray(self._X.T)
        self._rng = rng
        self._state = rng.randint(1, 2147483647, size=1, dtype=np.int64)
        n_rows, n_columns = codes.shape
        k, p = proof.n_clusters
        move = n_rows * p + n_columns * k + n_rows * n_columns // min(k, p)
        self._most_moves = max(10, CALL_WORK // move)
        self._side = n_rows + n_columns

    def improve(self, proof: Proof, effort: int, budget: Budget) -> None:
        """Lower the upper bound, until all aims are missed with the moves of this effort."""
        n_moves = min(self._most_moves, max(1, effort * self._side // MOVES))
        level, missed = 0, -np.inf
        while level < len(SHARES) and not (proof.is_optimal or budget.is_over()):
            aim = self._choose_aim(proof, SHARES[level])
            if aim == missed:
                level += 1
                continue
            allowed = budget.allow(n_moves)
            budget.spend(allowed)
            if self._undercut(proof, aim, allowed):
                level = min(level, len(SHARES) - 2)
            else:
                level, missed = level + 1, aim

    def _choose_aim(self, proof: Proof, share: float) -> float:
        if share < 1.0:
            return proof.alphabet.between(proof.lower, proof.best.cost, self._rng, share)
        return proof.alphabet.largest_below(proof.best.cost)

    def _undercut(self, proof: Proof, aim: float, n_moves: int) -> bool:
        """Look for a co-clustering that costs at most `aim`; return whether there is one."""
        rows, columns = proof.best.row_labels.copy(), proof.best.column_labels.copy()
        found = lower_cost(
            self._X, self._XT, rows, columns, *proof.n_clusters, aim, n_moves, self._state
        )
        if found:
            proof.offer(rows, columns)
        return bool(found)
