"""No two letters share a block: rows are alike or apart, and so are columns.

Bulteau et al. (2016), doi:10.3390/a9010017, Observation 1: so it is for cost zero, and for the only
lower cost of an alphabet of two letters. The same holds at any cost at which letters fall into
groups that never mix.
"""

import numpy as np

from ._alphabet import Alphabet
from ._decision import INFEASIBLE, Decision
from ._windows import window_spans


def decide_distinct(
    codes: np.ndarray, reach: np.ndarray, n_row_clusters: int, n_column_clusters: int
) -> Decision:
    """Decide whether blocks fit a reach under which sharing a block is transitive.

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

    Raises
    ------
    ValueError
        When some letter may share a block with two that may not share one.
    """
    first, last, _ = window_spans(codes, reach)
    if not np.array_equal(first, last):
        raise ValueError("Some letter may share a block with two letters that conflict.")
    row_labels, column_labels = label_distinct_rows(first), label_distinct_rows(first.T)
    if row_labels.max() >= n_row_clusters or column_labels.max() >= n_column_clusters:
        return INFEASIBLE
    return Decision("feasible", row_labels, column_labels)


def solve_two_letters(
    alphabet: Alphabet, n_row_clusters: int, n_column_clusters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a co-clustering of least cost of a matrix of at most two letters.

    Parameters
    ----------
    alphabet : Alphabet
    n_row_clusters, n_column_clusters : int
        Most row and column blocks.

    Returns
    -------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Of one block if cost zero is impossible.

    Raises
    ------
    ValueError
        When there are more than two letters.
    """
    if len(alphabet.values) > 2:
        raise ValueError(f"The matrix must have at most 2 letters, got {len(alphabet.values)}.")
    decision = decide_distinct(
        alphabet.codes, alphabet.reach(0.0), n_row_clusters, n_column_clusters
    )
    if decision.row_labels is None or decision.column_labels is None:
        n_rows, n_columns = alphabet.codes.shape
        return np.zeros(n_rows, np.int32), np.zeros(n_columns, np.int32)
    return decision.row_labels, decision.column_labels


def label_distinct_rows(rows: np.ndarray) -> np.ndarray:
    """Return the number of each row among the distinct ones, dtype int32."""
    # Whole rows as bytes: one sort of scalars, in any order.
    whole = np.ascontiguousarray(rows).view(f"V{rows.shape[1] * rows.itemsize}").ravel()
    return np.unique(whole, return_inverse=True)[1].astype(np.int32)
