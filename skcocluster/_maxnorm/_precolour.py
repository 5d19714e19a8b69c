"""Blocks that rows and columns may be in, once pairwise conflicting ones are in different blocks.

A clique of conflicting rows names the row blocks, one of conflicting columns the column blocks.
What follows for others without a choice is drawn; all that must then share a block become one.
"""

from dataclasses import dataclass

import numpy as np

from ._conflicts import find_clique


class Contradiction(Exception):
    """The windows admit no co-clustering."""


class Precoloured:
    """Windows with the blocks that rows and columns may be in.

    Parameters
    ----------
    first, last : ndarray of shape (n_rows, n_columns), dtype int32
        The windows of each entry, see `window_spans`.
    n_windows : int
    conflicts : list of ndarray of shape (n_rows, n_rows), (n_columns, n_columns), dtype bool
        Rows and columns that share no block, see `iter_conflicts`.
    n_blocks : pair of int
        Row blocks and column blocks.

    Attributes
    ----------
    first, last : ndarray of shape (n_merged_rows, n_merged_columns), dtype int32
        Windows in which all entries of merged rows and columns lie.
    row_of, column_of : ndarray of shape (n_rows,), (n_columns,), dtype int64
        The merged row and column of each row and column.
    row_allowed : ndarray of shape (n_merged_rows, n_row_blocks), dtype bool
    column_allowed : ndarray of shape (n_merged_columns, n_column_blocks), dtype bool
    row_conflicts, column_conflicts : ndarray of shape (n_merged, n_merged), dtype bool
        Pairs that share no block.
    n_named_rows, n_named_columns : int
        Blocks below have a row (column) of their own; those from here on are interchangeable.

    Raises
    ------
    Contradiction
        When the windows admit no co-clustering with so many blocks.
    """

    def __init__(
        self,
        first: np.ndarray,
        last: np.ndarray,
        n_windows: int,
        conflicts: list[np.ndarray],
        n_blocks: tuple[int, int],
    ) -> None:
        self.n_windows = n_windows
        rows = _Side.named(conflicts[0], n_blocks[0])
        columns = _Side.named(conflicts[1], n_blocks[1])
        self.n_named_rows, self.n_named_columns = rows.n_named, columns.n_named
        _propagate(first, last, n_windows, rows, columns)
        self.row_of, self.row_allowed, self.row_conflicts = rows.merge()
        self.column_of, self.column_allowed, self.column_conflicts = columns.merge()
        self.first, self.last = _merge_windows(
            first,
            last,
            self.row_of,
            self.column_of,
            len(self.row_allowed),
            len(self.column_allowed),
        )
        self._row_of_block = _owners(self.row_allowed)
        self._column_of_block = _owners(self.column_allowed)

    def implied_first(self, g: int, h: int, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return what the entries' blocks must reach already when their row or column is in it."""
        return self._implied(self.first, 0, np.maximum, g, h, rows, columns)

    def implied_last(self, g: int, h: int, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return what the entries' blocks must not exceed already, likewise."""
        return self._implied(self.last, self.n_windows - 1, np.minimum, g, h, rows, columns)

    def _implied(
        self,
        bounds: np.ndarray,
        default: int,
        tighter: np.ufunc,
        g: int,
        h: int,
        rows: np.ndarray,
        columns: np.ndarray,
    ) -> np.ndarray:
        implied = np.full((rows.shape[0], columns.shape[1]), default, bounds.dtype)
        row, column = self._row_of_block[g], self._column_of_block[h]
        if row >= 0:
            implied[rows[:, 0] != row] = bounds[row, columns]
        if column >= 0:
            others = columns[0] != column
            implied[:, others] = tighter(implied[:, others], bounds[rows, column])
        return implied


@dataclass
class _Side:
    """Rows, or columns: conflicts, allowed blocks and the number of blocks with a named row."""

    conflicts: np.ndarray
    allowed: np.ndarray
    n_named: int

    @classmethod
    def named(cls, conflicts: np.ndarray, n_blocks: int) -> "_Side":
        clique = find_clique(conflicts)
        if len(clique) > n_blocks:
            raise Contradiction
        allowed = np.ones((len(conflicts), n_blocks), bool)
        allowed[clique] = np.eye(len(clique), n_blocks, dtype=bool)
        return cls(conflicts, allowed, len(clique))

    def labels(self) -> np.ndarray:
        """Return the block of those that have one choice, -1 of the others."""
        return np.where(self.allowed.sum(axis=1) == 1, self.allowed.argmax(axis=1), -1)

    def merge(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return whom each one becomes, the blocks those may be in, and their conflicts."""
        labels = self.labels()
        used, inverse = np.unique(labels[labels >= 0], return_inverse=True)
        whom = np.empty(len(labels), np.int64)
        whom[labels >= 0] = inverse
        # Blocks without a name are numbered by their first row: the hardest choices come first.
        free = _hardest_first(np.flatnonzero(labels < 0), self.allowed, self.conflicts)
        whom[free] = len(used) + np.arange(len(free))
        n_merged = len(used) + len(free)
        allowed = np.ones((n_merged, self.allowed.shape[1]), bool)
        np.logical_and.at(allowed, whom, self.allowed)
        conflicts = np.zeros((n_merged, n_merged), bool)
        one, other = np.nonzero(self.conflicts)
        conflicts[whom[one], whom[other]] = True
        return whom, allowed, conflicts


def _hardest_first(free: np.ndarray, allowed: np.ndarray, conflicts: np.ndarray) -> np.ndarray:
    """Order by forbidden blocks and conflicts with those before, then by conflicts."""
    inside = conflicts[np.ix_(free, free)]
    hardness = (~allowed[free]).sum(axis=1) + conflicts[free].sum(axis=1) / (len(conflicts) + 1)
    order = np.empty(len(free), np.int64)
    for position in range(len(free)):
        order[position] = chosen = hardness.argmax()
        hardness += inside[chosen]
        hardness[chosen] = -np.inf
    return free[order]


def _propagate(
    first: np.ndarray, last: np.ndarray, n_windows: int, rows: _Side, columns: _Side
) -> None:
    while True:
        bounds = [
            _bounds_of_blocks(first, last, rows, n_windows),
            _bounds_of_blocks(first.T, last.T, columns, n_windows),
        ]
        if any((low > high).any() for low, high in bounds):
            raise Contradiction
        least, most = _bounds_of_blocks(bounds[0][0].T, bounds[0][1].T, columns, n_windows)
        changed = _restrict(first, last, rows, bounds[0], bounds[1], least.T, most.T)
        changed |= _restrict(first.T, last.T, columns, bounds[1], bounds[0], least, most)
        if not changed:
            return


def _bounds_of_blocks(
    first: np.ndarray, last: np.ndarray, side: _Side, n_windows: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each block and column the windows of the rows that are surely in it."""
    labels, n_blocks = side.labels(), side.allowed.shape[1]
    low = np.zeros((n_blocks, first.shape[1]), first.dtype)
    high = np.full((n_blocks, first.shape[1]), n_windows - 1, first.dtype)
    for g in np.unique(labels[labels >= 0]):
        low[g] = first[labels == g].max(axis=0)
        high[g] = last[labels == g].min(axis=0)
    return low, high


def _restrict(
    first: np.ndarray,
    last: np.ndarray,
    side: _Side,
    own: tuple[np.ndarray, np.ndarray],
    other: tuple[np.ndarray, np.ndarray],
    least: np.ndarray,
    most: np.ndarray,
) -> bool:
    """Withdraw the blocks that a free row does not fit; return whether there was one."""
    free = np.flatnonzero(side.allowed.sum(axis=1) > 1)
    before = int(side.allowed.sum())
    for g in range(side.allowed.shape[1]):
        candidates = free[side.allowed[free, g]]
        fits = (first[candidates] <= own[1][g]).all(axis=1)
        fits &= (last[candidates] >= own[0][g]).all(axis=1)
        fits &= (other[0].T[candidates] <= most[g]).all(axis=1)
        fits &= (other[1].T[candidates] >= least[g]).all(axis=1)
        side.allowed[candidates[~fits], g] = False
    if not side.allowed.any(axis=1).all():
        raise Contradiction
    return int(side.allowed.sum()) < before


def _merge_windows(
    first: np.ndarray,
    last: np.ndarray,
    row_of: np.ndarray,
    column_of: np.ndarray,
    n_rows: int,
    n_columns: int,
) -> tuple[np.ndarray, np.ndarray]:
    low = np.zeros((n_rows, first.shape[1]), first.dtype)
    high = np.full((n_rows, first.shape[1]), np.iinfo(first.dtype).max, first.dtype)
    np.maximum.at(low, row_of, first)
    np.minimum.at(high, row_of, last)
    merged_low = np.zeros((n_columns, n_rows), first.dtype)
    merged_high = np.full((n_columns, n_rows), np.iinfo(first.dtype).max, first.dtype)
    np.maximum.at(merged_low, column_of, low.T)
    np.minimum.at(merged_high, column_of, high.T)
    return np.ascontiguousarray(merged_low.T), np.ascontiguousarray(merged_high.T)


def _owners(allowed: np.ndarray) -> np.ndarray:
    """Return for each block the merged row that is surely in it, -1 when none is."""
    owners = np.full(allowed.shape[1], -1)
    sure = np.flatnonzero(allowed.sum(axis=1) == 1)
    owners[allowed[sure].argmax(axis=1)] = sure
    return owners
