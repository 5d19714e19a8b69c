"""Two row blocks, three letters, any number of column blocks.

If the middle letter may share a block with either of the others, and these must be apart, a column
is low or high in each of the two row blocks: four types of columns, each of which can be one block.
So four column blocks allow all types, three forbid one, two forbid two: a few instances of 2-SAT,
whose variables are the blocks of rows and the two halves of the types of columns.

Theorem 6 of Bulteau et al. (2016), doi:10.3390/a9010017, "two column blocks are as good as more",
does not hold: [[0, 1, 2, 1, 0], [2, 2, 2, 0, 0]] costs 2 with two column blocks, 1 with three. All
that counts is that there are two windows, see `window_spans`; three letters are one such case.
"""

from itertools import combinations

import numpy as np

from ._alphabet import Alphabet
from ._decision import INFEASIBLE, Decision
from ._distinct import decide_distinct
from ._two_sat import solve_two_sat
from ._windows import window_spans


def decide_ternary(
    codes: np.ndarray, reach: np.ndarray, n_row_clusters: int, n_column_clusters: int
) -> Decision:
    """Decide whether blocks fit a reach that has at most two windows, with two row blocks.

    At most six instances of 2-SAT, O(nm) each.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.
    n_row_clusters, n_column_clusters : int
        Most row and column blocks; one of them is 2.

    Returns
    -------
    decision : Decision
        Never "unknown".

    Raises
    ------
    ValueError
        When neither number is 2, or when there are more than two windows.
    """
    if n_row_clusters != 2:
        if n_column_clusters != 2:
            raise ValueError(
                "One of n_row_clusters and n_column_clusters must be 2, got "
                f"{n_row_clusters} and {n_column_clusters}."
            )
        return decide_ternary(codes.T, reach, n_column_clusters, n_row_clusters).turned()
    first, last, n_windows = window_spans(codes, reach)
    if n_windows > 2:
        raise ValueError(f"There must be at most 2 maximal windows, got {n_windows}.")
    for types in _choices_of_types(n_column_clusters):
        found = _fit_types(first == 1, last == 0, types)
        if found is not None:
            return Decision("feasible", *found)
    return INFEASIBLE


def solve_ternary(
    alphabet: Alphabet, n_row_clusters: int, n_column_clusters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a co-clustering of least cost of a matrix of three letters, with two row blocks.

    Parameters
    ----------
    alphabet : Alphabet
    n_row_clusters, n_column_clusters : int
        Most row and column blocks; one of them is 2.

    Returns
    -------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32

    Raises
    ------
    ValueError
        When neither number is 2, or when there are more than three letters.
    """
    if len(alphabet.values) > 3:
        raise ValueError(f"The matrix must have at most 3 letters, got {len(alphabet.values)}.")
    cost = 0.0
    while True:
        # At cost zero three letters are three windows; nothing mixes.
        decide = decide_distinct if cost == 0 else decide_ternary
        found = decide(alphabet.codes, alphabet.reach(cost), n_row_clusters, n_column_clusters)
        if found.row_labels is not None and found.column_labels is not None:
            return found.row_labels, found.column_labels
        cost = alphabet.next_above(cost)


def _choices_of_types(n_blocks: int) -> list[tuple[int, ...]]:
    """Return sets of types of columns that so many blocks can hold; type 2 * a + b is a over b."""
    if n_blocks >= 4:
        return [(0, 1, 2, 3)]
    # The row blocks can be exchanged, so of types 1 and 2 the first stands for both.
    return [types for types in combinations(range(4), n_blocks) if 1 in types or 2 not in types]


def _fit_types(
    is_high: np.ndarray, is_low: np.ndarray, types: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray] | None:
    n_rows, n_columns = is_high.shape
    halves = n_rows + np.arange(2 * n_columns).reshape(2, n_columns)
    first, second = [], []
    for bound, half_is_false in ((is_high, 0), (is_low, 1)):
        i, j = np.nonzero(bound)
        # Either the row is not in block g, or half g of the column is as the entry says.
        for g in range(2):
            first.append(2 * i + g)
            second.append(2 * halves[g, j] + half_is_false)
    for forbidden in set(range(4)) - set(types):
        first.append(2 * halves[0] + (forbidden >> 1))
        second.append(2 * halves[1] + (forbidden & 1))
    values = solve_two_sat(n_rows + 2 * n_columns, np.concatenate(first), np.concatenate(second))
    if values is None:
        return None
    of_columns = 2 * values[halves[0]] + values[halves[1]]
    return values[:n_rows].astype(np.int32), np.searchsorted(types, of_columns).astype(np.int32)
