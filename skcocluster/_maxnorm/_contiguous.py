"""Blocks of consecutive rows and columns: the discretisation problem.

Bulteau et al. (2016), doi:10.3390/a9010017, Section 3.3. For given cuts of the rows the columns are
cut greedily, in time linear in the ranges of the row blocks. Which cuts of the rows is a search
over (n - 1) choose (k - 1) places, cut short where the rows that are left need too many row blocks
even if each block were alone, or too many column blocks even if each row were a block.
"""

import time
from functools import partial
from math import comb

import numpy as np

from ._alphabet import Alphabet
from ._bisection import bisect_cost
from ._coclustering import make_coclustering
from ._contiguous_compiled import (
    FEASIBLE,
    UNDECIDED,
    bound_suffixes,
    cut_greedily,
    search_cuts,
)
from ._decision import INFEASIBLE, UNKNOWN, Decision
from ._ranges import row_ranges

# Entries that the search reads between two looks at the clock: some ten milliseconds.
_ENTRIES_PER_TURN = 10_000_000
_RANDOM_STARTS = 8
_MOST_ALTERNATIONS = 20
# A cost that takes longer is left open for the next of these shares of the differences that are
# left; once all are open, the one with the least work goes on, each time for as long again.
_SHARES = (0.5, 0.8, 0.2, 0.95)
_FIRST_NODES = 500_000


class ContiguousSearch:
    """The least cost of consecutive blocks, with bounds at any time.

    Parameters
    ----------
    alphabet : Alphabet
    n_row_clusters, n_column_clusters : int
        Most row and column blocks.
    random_state : RandomState, default=None
        Places the cuts of some starts.

    Attributes
    ----------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        The best blocks so far, ascending.
    cost, lower_bound : float
        Equal once the blocks are proven best.
    n_nodes : int
        Rows that the search has added to blocks.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        n_row_clusters: int,
        n_column_clusters: int,
        random_state: np.random.RandomState | None = None,
    ) -> None:
        self._alphabet = alphabet
        self._n_clusters = (n_row_clusters, n_column_clusters)
        self._rng = np.random.RandomState(0) if random_state is None else random_state
        n_rows, n_columns = alphabet.codes.shape
        self.row_labels = np.zeros(n_rows, np.int32)
        self.column_labels = np.zeros(n_columns, np.int32)
        self.cost, self.lower_bound = alphabet.full_range, 0.0
        self.n_nodes = 0
        self._starts = iter(range(_RANDOM_STARTS + 1))
        self._is_bounded = False
        self._open: dict[float, ContiguousDecider] = {}

    @property
    def is_optimal(self) -> bool:
        """Whether the bounds meet."""
        return self.lower_bound >= self.cost

    def run(self, *, max_nodes: int | None = None, seconds: float | None = None) -> bool:
        """Continue until the bounds meet or until a limit.

        Parameters
        ----------
        max_nodes : int, default=None
            Most rows that the search adds to blocks: reproducible.
        seconds : float, default=None
            Most seconds; bounds from one side at a time are computed in any case.

        Returns
        -------
        is_optimal : bool
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        budget = None if max_nodes is None else self.n_nodes + max_nodes
        self._compute_bounds(deadline)
        while not self.is_optimal:
            seconds_left = None if deadline is None else deadline - time.monotonic()
            nodes_left = None if budget is None else budget - self.n_nodes
            if any(left is not None and left <= 0 for left in (seconds_left, nodes_left)):
                return False
            self._take_turn(nodes_left, seconds_left)
        return True

    def _take_turn(self, nodes_left: int | None, seconds_left: float | None) -> None:
        cost = self._pick_cost()
        decider = self._open[cost]
        before = decider.n_nodes
        turn = max(_FIRST_NODES, before)
        if nodes_left is not None:
            turn = min(turn, nodes_left)
        decision = decider.run(max_nodes=turn, seconds=seconds_left)
        self.n_nodes += decider.n_nodes - before
        if decision.row_labels is not None and decision.column_labels is not None:
            self._offer(decision.row_labels, decision.column_labels)
        elif decision.status == "infeasible":
            self.lower_bound = self._alphabet.next_above(cost)

    def _pick_cost(self) -> float:
        within = (self.lower_bound, self.cost)
        self._open = {c: d for c, d in self._open.items() if within[0] <= c < within[1]}
        if len(self._open) < len(_SHARES):
            share = _SHARES[len(self._open)]
            cost = self._alphabet.between(*within, self._rng, share)
            if cost not in self._open:
                reach = self._alphabet.reach(cost)
                codes = self._alphabet.codes
                self._open[cost] = ContiguousDecider(codes, reach, *self._n_clusters)
                return cost
        return min(self._open, key=lambda cost: self._open[cost].n_nodes)

    def _offer(self, row_labels: np.ndarray, column_labels: np.ndarray) -> None:
        found = make_coclustering(self._alphabet, row_labels, column_labels, self._n_clusters)
        if found.cost < self.cost:
            self.cost, self.row_labels, self.column_labels = found.cost, row_labels, column_labels

    def _compute_bounds(self, deadline: float | None) -> None:
        """Bound from below by one side with the other uncut, from above by cutting in turns."""
        if not self._is_bounded:
            self._bound_below()
        for start in self._starts:
            self._alternate(
                _cut_places(len(self.row_labels), self._n_clusters[0], start, self._rng)
            )
            if self.is_optimal or (deadline is not None and time.monotonic() >= deadline):
                return

    def _bound_below(self) -> None:
        """Cut each side with every row (column) of the other as a block of its own."""
        codes, (n_row_blocks, n_column_blocks) = self._alphabet.codes, self._n_clusters
        turned = np.ascontiguousarray(codes.T)
        for side, n_blocks in ((codes, n_column_blocks), (turned, n_row_blocks)):
            decide = partial(_cut_within, side, side, n_blocks)
            self.lower_bound, _ = bisect_cost(
                self._alphabet, self.lower_bound, self._alphabet.full_range, decide
            )
        self._is_bounded = True

    def _alternate(self, row_labels: np.ndarray) -> None:
        """Cut columns best for the rows, rows best for the columns, while that helps."""
        codes = self._alphabet.codes
        turned = np.ascontiguousarray(codes.T)
        last = np.inf
        for _ in range(_MOST_ALTERNATIONS):
            _, column_labels = self._cut_best(turned, row_labels, 0)
            cost, row_labels = self._cut_best(codes, column_labels, 1)
            self._offer(row_labels, column_labels)
            if cost >= last:
                return
            last = cost

    def _cut_best(
        self, codes: np.ndarray, other_labels: np.ndarray, axis: int
    ) -> tuple[float, np.ndarray]:
        """Return the best cuts of the rows of `codes` for given column labels."""
        low, high = row_ranges(codes, other_labels, self._n_clusters[axis])
        used = high[0] >= 0
        low, high = np.ascontiguousarray(low[:, used].T), np.ascontiguousarray(high[:, used].T)
        ends = Alphabet(self._alphabet.values[np.stack((low, high))])
        low, high = ends.codes
        labels = np.zeros(low.shape[1], np.int32)
        cost, found = bisect_cost(
            ends,
            float(ends.difference(low, high).max()),
            ends.full_range,
            partial(_cut_within, low, high, self._n_clusters[1 - axis]),
        )
        return cost, labels if found is None else found


class ContiguousDecider:
    """Decide whether consecutive blocks fit a reach, in turns.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.
    n_row_clusters, n_column_clusters : int
        Most row and column blocks.
    """

    def __init__(
        self, codes: np.ndarray, reach: np.ndarray, n_row_clusters: int, n_column_clusters: int
    ) -> None:
        n_rows, n_columns = codes.shape
        n_row_clusters = min(n_row_clusters, n_rows)
        n_column_clusters = min(n_column_clusters, n_columns)
        # The side with fewer ways to cut it is searched.
        self._is_turned = comb(n_columns - 1, n_column_clusters - 1) < comb(
            n_rows - 1, n_row_clusters - 1
        )
        if self._is_turned:
            codes, n_rows, n_columns = codes.T, n_columns, n_rows
            n_row_clusters, n_column_clusters = n_column_clusters, n_row_clusters
        self._codes, self._reach = np.ascontiguousarray(codes), reach
        self._n_column_blocks = n_column_clusters
        shape = (n_row_clusters, n_columns)
        self._depth = 0
        self._row_ends = np.zeros(n_row_clusters, np.int64)
        self._low = np.full(shape, np.iinfo(np.int32).max, np.int32)
        self._high = np.full(shape, -1, np.int32)
        self._ends = np.full(shape, n_columns, np.int32)
        self._suffixes: tuple[np.ndarray, ...] | None = None
        self.n_nodes = 0

    def run(self, *, max_nodes: int | None = None, seconds: float | None = None) -> Decision:
        """Continue until decided or until a limit; "unknown" at a limit."""
        deadline = None if seconds is None else time.monotonic() + seconds
        if self._suffixes is None:
            self._suffixes = bound_suffixes(self._codes, self._reach, self._n_column_blocks)
        if self._suffixes[0][0] > len(self._row_ends):
            return INFEASIBLE
        turn = max(1, _ENTRIES_PER_TURN // self._codes.shape[1])
        end = None if max_nodes is None else self.n_nodes + max_nodes
        while end is None or self.n_nodes < end:
            n_steps = turn if end is None else min(turn, end - self.n_nodes)
            status, self._depth, n_left = search_cuts(
                self._codes,
                self._reach,
                self._n_column_blocks,
                self._suffixes,
                self._depth,
                self._row_ends,
                self._low,
                self._high,
                self._ends,
                n_steps,
            )
            self.n_nodes += n_steps - n_left
            if status == FEASIBLE:
                return self._read()
            if status != UNDECIDED:
                return INFEASIBLE
            if deadline is not None and time.monotonic() >= deadline:
                break
        return UNKNOWN

    def _read(self) -> Decision:
        rows = np.arange(len(self._codes))
        row_ends = self._row_ends[: self._depth + 1]
        row_labels = np.searchsorted(row_ends, rows, side="right").astype(np.int32)
        n_blocks = int(row_labels[-1]) + 1
        low, high = row_ranges(np.ascontiguousarray(self._codes.T), row_labels, n_blocks)
        turned = np.ascontiguousarray(low.T), np.ascontiguousarray(high.T)
        column_labels = cut_greedily(*turned, self._reach)[1]
        if self._is_turned:
            row_labels, column_labels = column_labels, row_labels
        return Decision("feasible", row_labels, column_labels)


def decide_contiguous(
    codes: np.ndarray, reach: np.ndarray, n_row_clusters: int, n_column_clusters: int
) -> Decision:
    """Decide whether blocks of consecutive rows and columns fit a reach, however long it takes.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.
    n_row_clusters, n_column_clusters : int
        Most row and column blocks.

    Returns
    -------
    decision : Decision
        Never "unknown".
    """
    return ContiguousDecider(codes, reach, n_row_clusters, n_column_clusters).run()


def _cut_within(
    low: np.ndarray, high: np.ndarray, n_blocks: int, cost: float, reach: np.ndarray
) -> tuple[float, np.ndarray] | None:
    n_found, labels = cut_greedily(low, high, reach)
    return (cost, labels) if n_found <= n_blocks else None


def _cut_places(n: int, n_blocks: int, start: int, rng: np.random.RandomState) -> np.ndarray:
    """Return labels of blocks of equal length, from the second start on of random length."""
    n_blocks = min(n, n_blocks)
    if start == 0:
        return (np.arange(n) * n_blocks // n).astype(np.int32)
    cuts = np.sort(rng.choice(n - 1, n_blocks - 1, replace=False)) if n > 1 else np.empty(0)
    return np.searchsorted(cuts, np.arange(n), side="left").astype(np.int32)
