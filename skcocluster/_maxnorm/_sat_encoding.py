"""A decision about windows as clauses.

Variables: row i is in row block g, column j is in column block h, and for each block and each
threshold t in use: the block's window is at least t. An entry that lies in the windows first..last
says: if its row is in g and its column in h, the window of block (g, h) is at least first, and not
at least last + 1. These are clauses of three literals, at most two for each entry and block.

A row need not be in one block only: a model with several leaves the choice among them.
"""

from collections.abc import Iterator

import numpy as np

from ._precolour import Precoloured

# So many clauses are handed on at once, so that time can be looked at in between.
_CHUNK = 50_000


class Encoding:
    """Numbers of the variables, and the clauses in chunks.

    Parameters
    ----------
    problem : Precoloured
        The windows of entries and the blocks that rows and columns may be in.
    """

    def __init__(self, problem: Precoloured) -> None:
        self.problem = problem
        n_rows, self.n_row_blocks = problem.row_allowed.shape
        n_columns, self.n_column_blocks = problem.column_allowed.shape
        first, last = problem.first, problem.last
        n_windows = problem.n_windows
        self.thresholds = np.union1d(first[first > 0], last[last < n_windows - 1] + 1)
        self.column_base = 1 + n_rows * self.n_row_blocks
        self.window_base = self.column_base + n_columns * self.n_column_blocks
        self.n_variables = (
            self.window_base + self.n_row_blocks * self.n_column_blocks * len(self.thresholds) - 1
        )

    def estimate_clauses(self) -> int:
        """Return about how many clauses there are, without writing them."""
        problem = self.problem
        n_bounds = (problem.first > 0).astype(np.int64) + (problem.last < problem.n_windows - 1)
        n_row_blocks = problem.row_allowed.sum(axis=1)
        n_column_blocks = problem.column_allowed.sum(axis=1)
        n_thresholds = self.n_row_blocks * self.n_column_blocks * len(self.thresholds)
        return int(n_row_blocks @ n_bounds @ n_column_blocks) + n_thresholds

    def clauses(self) -> Iterator[list[list[int]]]:
        """Generate all clauses, as lists of literals, in chunks."""
        row_variables = np.arange(1, self.column_base).reshape(-1, self.n_row_blocks)
        column_variables = np.arange(self.column_base, self.window_base)
        column_variables = column_variables.reshape(-1, self.n_column_blocks)
        problem = self.problem
        sides = (
            (row_variables, problem.row_allowed, problem.row_conflicts, problem.n_named_rows),
            (
                column_variables,
                problem.column_allowed,
                problem.column_conflicts,
                problem.n_named_columns,
            ),
        )
        for variables, allowed, conflicts, n_named in sides:
            yield from self._memberships(variables, allowed)
            yield from _conflicts(variables, allowed, conflicts)
            yield from self._first_use(variables, allowed, n_named)
        yield from self._chains()
        for g in range(self.n_row_blocks):
            for h in range(self.n_column_blocks):
                yield from self._block(g, h, row_variables[:, g], column_variables[:, h])

    def _memberships(self, variables: np.ndarray, allowed: np.ndarray) -> Iterator[list[list[int]]]:
        yield [v[a].tolist() for v, a in zip(variables, allowed, strict=True)]
        yield from _chunks(-variables[~allowed][:, None])

    def _first_use(
        self, variables: np.ndarray, allowed: np.ndarray, n_named: int
    ) -> Iterator[list[list[int]]]:
        """Blocks that no precoloured row names are used in the order of their first rows."""
        free = np.flatnonzero(allowed.sum(axis=1) > 1)
        n_blocks = variables.shape[1]
        if n_blocks - n_named < 2 or len(free) < 2:
            return
        # used[i]: one of the first i + 1 free rows is in the block.
        for g in range(n_named, n_blocks - 1):
            used = self.n_variables + np.arange(1, len(free) + 1)
            self.n_variables += len(free)
            here, there = variables[free, g], variables[free, g + 1]
            yield np.stack((-used[1:], used[:-1], here[1:]), axis=1).tolist()
            yield [[-int(used[0]), int(here[0])], [-int(there[0])]]
            yield np.stack((-there[1:], used[:-1]), axis=1).tolist()

    def _chains(self) -> Iterator[list[list[int]]]:
        n_blocks = self.n_row_blocks * self.n_column_blocks
        shape = (n_blocks, len(self.thresholds))
        at_least = self.window_base + np.arange(shape[0] * shape[1]).reshape(shape)
        for block in at_least:
            yield from _chunks(np.stack((-block[1:], block[:-1]), axis=1))

    def _block(
        self, g: int, h: int, row_variables: np.ndarray, column_variables: np.ndarray
    ) -> Iterator[list[list[int]]]:
        problem = self.problem
        rows = np.flatnonzero(problem.row_allowed[:, g])
        columns = np.flatnonzero(problem.column_allowed[:, h])
        windows = self.window_base + (g * self.n_column_blocks + h) * len(self.thresholds)
        step = max(1, _CHUNK // max(1, len(columns)))
        for start in range(0, len(rows), step):
            chunk = np.ix_(rows[start : start + step], columns)
            bounds = (problem.first[chunk], problem.last[chunk])
            least = bounds[0] > problem.implied_first(g, h, *chunk)
            most = bounds[1] < problem.implied_last(g, h, *chunk)
            for bound, needed, sign in ((bounds[0], least, 1), (bounds[1] + 1, most, -1)):
                i, j = np.nonzero(needed)
                window = windows + np.searchsorted(self.thresholds, bound[i, j])
                yield np.stack(
                    (
                        -row_variables[rows[start + i]],
                        -column_variables[columns[j]],
                        sign * window,
                    ),
                    axis=1,
                ).tolist()

    def read(self, model: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """Return labels of the rows and columns of the problem from a model."""
        true = np.zeros(self.n_variables + 1, bool)
        literals = np.asarray(model)
        true[literals[literals > 0]] = True
        rows = true[1 : self.column_base].reshape(-1, self.n_row_blocks)
        columns = true[self.column_base : self.window_base].reshape(-1, self.n_column_blocks)
        return rows.argmax(axis=1), columns.argmax(axis=1)


def _conflicts(
    variables: np.ndarray, allowed: np.ndarray, conflicts: np.ndarray
) -> Iterator[list[list[int]]]:
    for g in range(variables.shape[1]):
        inside = np.flatnonzero(allowed[:, g])
        step = max(1, _CHUNK // max(1, len(inside)))
        for start in range(0, len(inside), step):
            one, other = np.nonzero(conflicts[np.ix_(inside[start : start + step], inside)])
            one += start
            pairs = -variables[inside[np.stack((one, other), axis=1)[one < other]], g]
            yield pairs.tolist()


def _chunks(clauses: np.ndarray) -> Iterator[list[list[int]]]:
    for start in range(0, len(clauses), _CHUNK):
        yield clauses[start : start + _CHUNK].tolist()
