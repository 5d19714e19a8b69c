"""The state of a branch and bound search, as arrays that compiled loops share."""

from typing import NamedTuple

import numpy as np

# Of rows and of columns.
Pair = tuple[np.ndarray, ...]


class Search(NamedTuple):
    """State of a search. Pairs hold rows first; n items and k blocks are those of the side.

    Attributes
    ----------
    codes : pair of ndarray of shape (n, n of the other side), dtype int32
    separate : pair of ndarray of shape (n_separate,), dtype int64
        Items that get a block each before the search begins.
    lows, highs : pair of ndarray of shape (k of the other side, n), dtype int32
        Ranges of items.
    is_open : pair of ndarray of shape (k, n), dtype int32
        Domains as 0 and 1. Unused blocks are alike: an item has all of them, or none.
    n_open : pair of ndarray of shape (n,), dtype int32
        Sums of `is_open`.
    labels : pair of ndarray of shape (n,), dtype int32
        The item's block, -1 for none.
    weights : pair of ndarray of shape (n,), dtype float64
        How often an item took part in a failure.
    conflicts : pair of ndarray of shape (n, n), dtype bool
        Whether two items cannot share a block; of shape (0, 0) for so many items that they are
        compared when needed.
    window_lows, window_highs : pair of ndarray of shape (k, k of the other side), dtype int32
        Windows, and their transposes.
    free, place : pair of ndarray of shape (n,), dtype int32
        The items without a block stand first in `free`; `place` is its inverse.
    scratch : pair of ndarray of shape (3, n), dtype int32
    reach, low_reach : ndarray of shape (n_letters,), dtype int32
        Largest and smallest code within the cost of each code.
    range_trail : ndarray of shape (4 n_rows n_columns,), dtype int32
        For each assignment, the ranges of the other side's items in the block before it.
    window_trail : ndarray of shape (size, 5), dtype int32
        Side, block, block of the other side, low and high before the change.
    closed_trail : ndarray of shape (size, 3), dtype int32
        Side, block, item.
    assigned : ndarray of shape (n + n of the other side, 2), dtype int32
        Side and item, in the order of assignment.
    levels : ndarray of shape (n + n of the other side + 1, n_marks), dtype int64
        Ends of the trails before each decision, and the decision.
    counts : ndarray of shape (n_counts,), dtype int64
        All single numbers of the state.
    """

    codes: Pair
    separate: Pair
    lows: Pair
    highs: Pair
    is_open: Pair
    n_open: Pair
    labels: Pair
    weights: Pair
    conflicts: Pair
    window_lows: Pair
    window_highs: Pair
    free: Pair
    place: Pair
    scratch: Pair
    reach: np.ndarray
    low_reach: np.ndarray
    range_trail: np.ndarray
    window_trail: np.ndarray
    closed_trail: np.ndarray
    assigned: np.ndarray
    levels: np.ndarray
    counts: np.ndarray
