"""Branch and bound: decide by search whether blocks can be had within a cost."""

import numpy as np

from . import _branch_compiled as compiled
from ._branch_state import Pair, Search
from ._conflicts import conflict_graph, find_clique, row_conflict_clique
from ._decision import INFEASIBLE, UNKNOWN, Decision
from ._reduction import Reduction, reduce_windows
from ._windows import window_spans

# Failures before the first restart; they double from one to the next.
_FIRST_RUN = 500
# Of more rows (columns) the conflicts are not kept, and the clique that the search starts from is
# found among so many.
_CONFLICT_LIMIT = 1500


class BranchAndBound:
    """Decider that searches with forward checking, restarts and failure-weighted order.

    Complete: with enough nodes every decision is found. A node is one assignment of a row or
    column to a block, decided or forced. The outcome depends on the sequence of costs, on
    `random_state` and on the number of nodes, not on how the nodes are divided into calls.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as codes.
    n_row_clusters, n_column_clusters : int
        Blocks that rows and columns may have at most.
    random_state : RandomState
        Breaks ties between rows and columns.

    Attributes
    ----------
    n_nodes : int
        Nodes of all decisions so far.
    """

    def __init__(
        self,
        codes: np.ndarray,
        n_row_clusters: int,
        n_column_clusters: int,
        random_state: np.random.RandomState,
    ) -> None:
        self._codes = codes
        self._n_blocks = (
            min(n_row_clusters, codes.shape[0]),
            min(n_column_clusters, codes.shape[1]),
        )
        # Ties are broken by weights a little apart; they stay so as failures add whole numbers.
        self._weights: Pair = tuple(
            1 + 1e-6 * random_state.random_sample((n,)) for n in codes.shape
        )
        self._state: tuple[Search, Reduction] | None = None
        self._decision = UNKNOWN
        self._n_nodes_before = 0

    @property
    def n_nodes(self) -> int:
        """Nodes of all decisions so far."""
        if self._state is None:
            return self._n_nodes_before
        return self._n_nodes_before + int(self._state[0].counts[compiled.N_NODES])

    def start(self, reach: np.ndarray) -> None:
        """Turn to a new cost; weights learnt from failures at the last one are kept.

        Parameters
        ----------
        reach : ndarray of shape (n_letters,), dtype int32
            Largest code within the cost of each code.
        """
        self._leave()
        # A copy, so that its being read-only would not compile all loops again.
        reach = np.array(reach, np.int32)
        low_reach = np.searchsorted(reach, np.arange(len(reach))).astype(np.int32)
        left = reduce_windows(*window_spans(self._codes, reach))
        codes = np.ascontiguousarray(self._codes[np.ix_(left.rows, left.columns)])
        search = _make_search(codes, self._n_blocks, reach, low_reach)
        for side, items in enumerate((left.rows, left.columns)):
            search.weights[side][:] = self._weights[side][items]
        self._state = search, left

    def run(self, max_nodes: int) -> Decision:
        """Continue the search.

        Parameters
        ----------
        max_nodes : int
            Nodes that this call may take.

        Returns
        -------
        decision : Decision
            "unknown" when the nodes were used up.

        Raises
        ------
        RuntimeError
            When no cost was started with.
        """
        if self._state is None:
            raise RuntimeError("run() continues what start() began: call start(reach) first.")
        if self._decision.status == "unknown":
            search, left = self._state
            outcome = compiled.run_search(search, max_nodes)
            if outcome == compiled.INFEASIBLE:
                self._decision = INFEASIBLE
            elif outcome == compiled.FEASIBLE:
                self._decision = Decision("feasible", *left.expand(*search.labels))
        return self._decision

    def _leave(self) -> None:
        """Keep what the search for the last cost leaves: its weights, the number of its nodes."""
        if self._state is not None:
            search, left = self._state
            self._n_nodes_before = self.n_nodes
            for side, items in enumerate((left.rows, left.columns)):
                self._weights[side][items] = search.weights[side]
        self._state, self._decision = None, UNKNOWN


def _make_search(
    codes: np.ndarray, n_blocks: tuple[int, int], reach: np.ndarray, low_reach: np.ndarray
) -> Search:
    """Return a search in which no item has a block."""
    sides = (0, 1)
    n, k = codes.shape, n_blocks
    counts = np.zeros(compiled.N_COUNTS, np.int64)
    counts[compiled.N_FREE : compiled.N_FREE + 2] = n
    counts[compiled.FAILURE_LIMIT] = _FIRST_RUN
    both_codes = codes, np.ascontiguousarray(codes.T)
    separate, conflicts = _compare_items(both_codes, k, reach)

    def fill(value: int, shapes: list[tuple[int, ...]]) -> Pair:
        return np.full(shapes[0], value, np.int32), np.full(shapes[1], value, np.int32)

    ranges: list[tuple[int, ...]] = [(k[1 - side], n[side]) for side in sides]
    windows: list[tuple[int, ...]] = [(k[side], k[1 - side]) for side in sides]
    return Search(
        codes=both_codes,
        separate=separate,
        lows=fill(len(reach), ranges),
        highs=fill(-1, ranges),
        is_open=fill(1, [(k[side], n[side]) for side in sides]),
        n_open=tuple(np.full(n[side], k[side], np.int32) for side in sides),
        labels=fill(-1, [(size,) for size in n]),
        weights=tuple(np.ones(size) for size in n),
        conflicts=conflicts,
        window_lows=fill(0, windows),
        window_highs=fill(len(reach) - 1, windows),
        free=tuple(np.arange(size, dtype=np.int32) for size in n),
        place=tuple(np.arange(size, dtype=np.int32) for size in n),
        scratch=tuple(np.empty((3, size), np.int32) for size in n),
        reach=reach,
        low_reach=low_reach,
        range_trail=np.empty(4 * codes.size, np.int32),
        window_trail=np.empty((n[0] * k[1] + n[1] * k[0], 5), np.int32),
        closed_trail=np.empty((n[0] * k[0] + n[1] * k[1], 3), np.int32),
        assigned=np.empty((sum(n), 2), np.int32),
        levels=np.empty((sum(n) + 1, compiled.N_MARKS), np.int64),
        counts=counts,
    )


def _compare_items(
    both_codes: Pair, n_blocks: tuple[int, int], reach: np.ndarray
) -> tuple[Pair, Pair]:
    """Return items that can have a block each, and the conflicts of all items if they are few.

    The former are pairwise conflicting ones, or all when there are no more than blocks.
    """
    separate, conflicts = [], []
    for codes, k in zip(both_codes, n_blocks, strict=True):
        if len(codes) <= _CONFLICT_LIMIT:
            conflicts.append(conflict_graph(codes, reach))
            clique = find_clique(conflicts[-1])
        else:
            conflicts.append(np.empty((0, 0), np.bool_))
            clique = row_conflict_clique(codes, reach, _CONFLICT_LIMIT)
        separate.append(np.arange(len(codes)) if len(codes) <= k else clique)
    return tuple(separate), tuple(conflicts)
