"""One row block: columns sorted by their minima, in as few blocks as a cost needs.

Bulteau et al. (2016), doi:10.3390/a9010017, Algorithm 1 and Theorem 4. A column is the range of its
entries. The column with the smallest minimum starts a block, and all that fit join it: whoever does
not conflicts with the one that started it, so the starters are pairwise in conflict and no
co-clustering needs fewer blocks.
"""

import numpy as np

from .._kernels.compilation import kernel
from ._alphabet import Alphabet
from ._bisection import bisect_cost
from ._decision import INFEASIBLE, Decision


def fewest_column_blocks(codes: np.ndarray, reach: np.ndarray) -> np.ndarray | None:
    """Group the columns into as few blocks as a cost needs when all rows are one block.

    O(nm + m log m).

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.

    Returns
    -------
    column_labels : ndarray of shape (n_columns,), dtype int32, or None
        Blocks in the order of their minima; None when a column alone exceeds the cost.
    """
    return _group_ranges(codes.min(axis=0), codes.max(axis=0), reach)


def decide_one_sided(
    codes: np.ndarray, reach: np.ndarray, n_row_clusters: int, n_column_clusters: int
) -> Decision:
    """Decide whether blocks fit a reach when there is one row block or one column block.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.
    n_row_clusters, n_column_clusters : int
        Most row and column blocks; one of them is 1.

    Returns
    -------
    decision : Decision
        Never "unknown".

    Raises
    ------
    ValueError
        When neither number is 1.
    """
    _check_one_sided(n_row_clusters, n_column_clusters)
    if n_row_clusters > 1:
        return decide_one_sided(codes.T, reach, n_column_clusters, n_row_clusters).turned()
    column_labels = fewest_column_blocks(codes, reach)
    if column_labels is None or column_labels.max() >= n_column_clusters:
        return INFEASIBLE
    return Decision("feasible", np.zeros(len(codes), np.int32), column_labels)


def solve_one_sided(
    alphabet: Alphabet, n_row_clusters: int, n_column_clusters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a co-clustering of least cost with one row block or one column block.

    The cost is the difference of an end of a column's range and another: bisection over these
    differences, O(nm + m log² m).

    Parameters
    ----------
    alphabet : Alphabet
    n_row_clusters, n_column_clusters : int
        Most row and column blocks; one of them is 1.

    Returns
    -------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32

    Raises
    ------
    ValueError
        When neither number is 1.
    """
    _check_one_sided(n_row_clusters, n_column_clusters)
    axis, n_blocks = (0, n_column_clusters) if n_row_clusters == 1 else (1, n_row_clusters)
    codes = alphabet.codes
    ends = Alphabet(alphabet.values[np.stack((codes.min(axis=axis), codes.max(axis=axis)))])
    low, high = ends.codes

    def group(cost: float, reach: np.ndarray) -> tuple[float, np.ndarray] | None:
        found = _group_ranges(low, high, reach)
        return None if found is None or found.max() >= n_blocks else (cost, found)

    widest = float(ends.difference(low, high).max())
    _, found = bisect_cost(ends, widest, ends.full_range, group)
    labels = np.zeros(codes.shape[1 - axis], np.int32) if found is None else found
    others = np.zeros(codes.shape[axis], np.int32)
    return (others, labels) if axis == 0 else (labels, others)


def _check_one_sided(n_row_clusters: int, n_column_clusters: int) -> None:
    if min(n_row_clusters, n_column_clusters) != 1:
        raise ValueError(
            "One of n_row_clusters and n_column_clusters must be 1, got "
            f"{n_row_clusters} and {n_column_clusters}."
        )


def _group_ranges(low: np.ndarray, high: np.ndarray, reach: np.ndarray) -> np.ndarray | None:
    if (high > reach[low]).any():
        return None
    return _sweep(np.argsort(low, kind="stable"), high, reach[low])


@kernel
def _sweep(order: np.ndarray, high: np.ndarray, reached: np.ndarray) -> np.ndarray:
    labels = np.zeros(len(order), np.int32)
    block, starter = 0, order[0]
    for i in order:
        # Who fits an earlier block fits the last one too: starters reach ever further.
        if high[i] > reached[starter]:
            block += 1
            starter = i
        labels[i] = block
    return labels
