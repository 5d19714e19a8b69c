"""Two row blocks, two column blocks: windows of the four blocks, and 2-SAT for given windows.

Bulteau et al. (2016), doi:10.3390/a9010017, Lemma 1 and Theorem 5: for given windows, two rows or
columns less or more leave clauses of two literals, "row i is not in block g or column j not in h".
The block of the smallest entry may have the first window, that of the largest the last one; up to
exchanges of blocks there are three ways of placing these two. The windows of the two other blocks
are not listed but bisected: each block has a range of windows, an entry is kept out only if it lies
in none of them, and the block that a solution of these clauses does not fit is split. At most about
6 w² instances of O(nm) clauses for w windows, mostly a few tens.
"""

import numpy as np

from ._alphabet import Alphabet
from ._bisection import bisect_cost
from ._coclustering import make_coclustering
from ._decision import INFEASIBLE, Decision
from ._reduction import reduce_windows
from ._two_sat import solve_two_sat
from ._windows import window_spans


def decide_two_by_two(
    codes: np.ndarray, reach: np.ndarray, n_row_clusters: int = 2, n_column_clusters: int = 2
) -> Decision:
    """Decide whether two by two blocks fit a reach.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.
    n_row_clusters, n_column_clusters : int, default=2
        Must be 2; they make the call like that of other deciders.

    Returns
    -------
    decision : Decision
        Never "unknown".

    Raises
    ------
    ValueError
        When a number is not 2.
    """
    if (n_row_clusters, n_column_clusters) != (2, 2):
        raise ValueError(
            "n_row_clusters and n_column_clusters must be 2, got "
            f"{n_row_clusters} and {n_column_clusters}."
        )
    first, last, n_windows = window_spans(codes, reach)
    reduction = reduce_windows(first, last, n_windows)
    left = np.ix_(reduction.rows, reduction.columns)
    found = _search(first[left], last[left])
    return INFEASIBLE if found is None else Decision("feasible", *reduction.expand(*found))


def solve_two_by_two(alphabet: Alphabet) -> tuple[np.ndarray, np.ndarray]:
    """Return a co-clustering of least cost with two row and two column blocks.

    Bisection over the differences of letters.

    Parameters
    ----------
    alphabet : Alphabet

    Returns
    -------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Blocks may be empty.
    """

    def decide(
        cost: float, reach: np.ndarray
    ) -> tuple[float, tuple[np.ndarray, np.ndarray]] | None:
        found = decide_two_by_two(alphabet.codes, reach)
        if found.row_labels is None or found.column_labels is None:
            return None
        labels = (found.row_labels, found.column_labels)
        return make_coclustering(alphabet, *labels, (2, 2)).cost, labels

    _, found = bisect_cost(alphabet, 0.0, alphabet.full_range, decide)
    n_rows, n_columns = alphabet.codes.shape
    return found or (np.zeros(n_rows, np.int32), np.zeros(n_columns, np.int32))


def _search(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    low, high = int(last.min()), int(first.max())
    if low >= high:
        return np.zeros(first.shape[0], np.int32), np.zeros(first.shape[1], np.int32)
    lowest = np.unravel_index(last.argmin(), last.shape)
    highest = np.unravel_index(first.argmax(), first.shape)
    for block in ((0, 1), (1, 0), (1, 1)):
        if any(lowest[a] == highest[a] and block[a] == 1 for a in range(2)):
            continue
        # Windows before the last one of the lowest entry hold no more than that one does.
        ranges = np.tile([low, high], (2, 2, 1))
        ranges[0, 0] = low
        ranges[block] = high
        placed = [(lowest[0], lowest[1], 0, 0), (highest[0], highest[1], *block)]
        found = _split(first, last, ranges, np.array(placed))
        if found is not None:
            return found
    return None


def _split(
    first: np.ndarray, last: np.ndarray, ranges: np.ndarray, placed: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Bisect ranges of windows, depth first, until a solution of their clauses fits."""
    stack = [ranges]
    while stack:
        ranges = stack.pop()
        labels = _assign(first, last, ranges, placed)
        if labels is None:
            continue
        needed = _needed_windows(first, last, *labels)
        excess = needed[..., 0] - needed[..., 1]
        g, h = np.unravel_index(excess.argmax(), (2, 2))
        if excess[g, h] <= 0:
            return labels
        middle = int(needed[g, h].sum()) // 2
        for part in ((ranges[g, h, 0], middle), (middle + 1, ranges[g, h, 1])):
            child = ranges.copy()
            child[g, h] = part
            stack.append(child)
    return None


def _assign(
    first: np.ndarray, last: np.ndarray, ranges: np.ndarray, placed: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Keep the entries out of the blocks all of whose windows they miss."""
    n_rows, n_columns = first.shape
    # Literal 2 v says that row or column v is in block 1, so 2 v + g that it is not in block g.
    units = np.concatenate((placed[:, 0], n_rows + placed[:, 1])) * 2
    units += 1 - np.concatenate((placed[:, 2], placed[:, 3]))
    ones, others = [units], [units]
    for g in range(2):
        for h in range(2):
            i, j = np.nonzero((first > ranges[g, h, 1]) | (last < ranges[g, h, 0]))
            ones.append(2 * i + g)
            others.append(2 * (n_rows + j) + h)
    values = solve_two_sat(n_rows + n_columns, np.concatenate(ones), np.concatenate(others))
    if values is None:
        return None
    labels = values.astype(np.int32)
    return labels[:n_rows], labels[n_rows:]


def _needed_windows(
    first: np.ndarray, last: np.ndarray, row_labels: np.ndarray, column_labels: np.ndarray
) -> np.ndarray:
    """Return for each block the largest first and the smallest last window; (0, 0) when empty."""
    needed = np.zeros((2, 2, 2), np.int64)
    for g in range(2):
        for h in range(2):
            block = np.ix_(row_labels == g, column_labels == h)
            if first[block].size:
                needed[g, h] = first[block].max(), last[block].min()
    return needed
