"""Rows and columns that may always join another one are left out, and put back afterwards.

Row i is weaker than row r if each of its entries lies in all windows in which the entry of r below
or above it lies: wherever r goes, i can go too.
"""

from dataclasses import dataclass

import numpy as np

from .._kernels.compilation import kernel


@dataclass(frozen=True)
class Reduction:
    """What is left of a matrix of windows, and whom the others follow.

    Attributes
    ----------
    rows, columns : ndarray of shape (n_left,), dtype int64
        Ascending; at least one each.
    row_leaders, column_leaders : ndarray of shape (n_rows,), (n_columns,), dtype int64
        The row (column) that is left and that each one may follow; those left follow themselves.
    """

    rows: np.ndarray
    columns: np.ndarray
    row_leaders: np.ndarray
    column_leaders: np.ndarray

    def expand(
        self, row_labels: np.ndarray, column_labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return labels of all rows and columns from those of the ones that are left."""
        return (
            _follow(self.rows, self.row_leaders, row_labels),
            _follow(self.columns, self.column_leaders, column_labels),
        )


def reduce_windows(first: np.ndarray, last: np.ndarray, n_windows: int) -> Reduction:
    """Leave out weaker rows and columns until none is left.

    Parameters
    ----------
    first, last : ndarray of shape (n_rows, n_columns), dtype int32
        The windows of each entry, see `window_spans`.
    n_windows : int

    Returns
    -------
    reduction : Reduction
    """
    axes = [np.arange(first.shape[0]), np.arange(first.shape[1])]
    leaders = [axes[0].copy(), axes[1].copy()]
    settled, axis = 0, 0
    while settled < 2:
        left = (first[np.ix_(*axes)], last[np.ix_(*axes)])
        if axis == 1:
            left = (left[0].T, left[1].T)
        found = _find_leaders(*left, n_windows)
        strong = found == np.arange(len(found))
        leaders[axis][axes[axis]] = axes[axis][found]
        settled = settled + 1 if strong.all() else 1
        axes[axis] = axes[axis][strong]
        axis = 1 - axis
    return Reduction(axes[0], axes[1], _resolve(leaders[0]), _resolve(leaders[1]))


def _find_leaders(first: np.ndarray, last: np.ndarray, n_windows: int) -> np.ndarray:
    bound = (first > 0) | (last < n_windows - 1)
    starts = np.concatenate(([0], np.cumsum(bound.sum(axis=1))))
    columns = np.nonzero(bound)[1]
    first, last = np.ascontiguousarray(first), np.ascontiguousarray(last)
    return _find_weaker(first, last, starts, columns)


@kernel
def _find_weaker(
    first: np.ndarray, last: np.ndarray, starts: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    n_rows = len(first)
    leaders = np.arange(n_rows)
    for i in range(n_rows):
        for r in range(n_rows):
            if r == i or leaders[r] != r:
                continue
            # An entry in all windows is weaker than any: only the bound ones of row i are compared.
            weaker = True
            for e in range(starts[i], starts[i + 1]):
                j = columns[e]
                if first[i, j] > first[r, j] or last[i, j] < last[r, j]:
                    weaker = False
                    break
            if weaker:
                leaders[i] = r
                break
    return leaders


def _resolve(leaders: np.ndarray) -> np.ndarray:
    """Return the last of each chain of leaders; every round doubles the steps taken."""
    while True:
        further = leaders[leaders]
        if (further == leaders).all():
            return leaders
        leaders = further


def _follow(left: np.ndarray, leaders: np.ndarray, labels: np.ndarray) -> np.ndarray:
    everyone = np.zeros(len(leaders), np.int32)
    everyone[left] = labels
    return everyone[leaders]
