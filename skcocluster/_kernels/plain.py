"""What the vector code does, as loops: it stands in where numba's compilation is switched off.

With ``NUMBA_DISABLE_JIT=1`` kernels run as Python, line by line, and nothing can be emitted.
"""

import numpy as np

ROW_GROUP = 8
COLUMN_GROUP = 4


def add_group(
    X: np.ndarray, row: int, column: int, labels: np.ndarray, n_labels: int, sums: np.ndarray
) -> None:
    """Add 8 rows of X and 4 columns: ``sums[labels[c], r] += X[row + r, c]``."""
    for c in range(column, column + COLUMN_GROUP):
        for r in range(ROW_GROUP):
            sums[labels[c], r] += X[row + r, c]


def add_group_observed(
    X: np.ndarray, row: int, column: int, labels: np.ndarray, n_labels: int, sums: np.ndarray
) -> None:
    """Do the same without NaN, and count the rest in ``sums[n_labels + labels[c], r]``."""
    for c in range(column, column + COLUMN_GROUP):
        for r in range(ROW_GROUP):
            if not np.isnan(X[row + r, c]):
                sums[labels[c], r] += X[row + r, c]
                sums[n_labels + labels[c], r] += 1.0


def write_lines(X: np.ndarray, row: int, column: int, lines: np.ndarray, line: int) -> None:
    """Copy 8 rows of X and 4 columns into 4 lines."""
    for c in range(COLUMN_GROUP):
        for r in range(ROW_GROUP):
            lines[line + c, r] = X[row + r, column + c]


def add_lines(
    lines: np.ndarray, order: np.ndarray, first: int, last: int, sums: np.ndarray, label: int
) -> None:
    """Add the lines ``order[first:last]``, one after the other, to ``sums[label]``."""
    for number in order[first:last]:
        for r in range(ROW_GROUP):
            sums[label, r] += lines[number, r]


def prefetch(values: np.ndarray, position: int) -> None:
    """Do nothing: a hint has no result."""
