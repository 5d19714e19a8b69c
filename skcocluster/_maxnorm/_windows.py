"""Blocks as windows: the maximal runs of letters within a cost, and which an entry allows.

Of all runs of letters that a block may hold at a cost, those that no other contains suffice; these
windows are in order, both by start and by end. An entry lies in consecutive ones. So a block fits
the cost exactly if the largest first window of its entries is at most their smallest last one,
and all letters that lie in the same windows are one.
"""

import numpy as np


def window_starts(reach: np.ndarray) -> np.ndarray:
    """Return the smallest letter of each maximal window, ascending.

    Parameters
    ----------
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.

    Returns
    -------
    starts : ndarray of shape (n_windows,), dtype int64
        Window w is the letters ``starts[w]..reach[starts[w]]``.
    """
    return np.flatnonzero(np.diff(reach, prepend=-1))


def window_spans(codes: np.ndarray, reach: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the first and the last window of each entry.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
    reach : ndarray of shape (n_letters,), dtype int32

    Returns
    -------
    first, last : ndarray of shape (n_rows, n_columns), dtype int32
        The entry lies in the windows ``first..last``.
    n_windows : int
        Number of windows; an entry with 0 and ``n_windows - 1`` lies in all.
    """
    starts = window_starts(reach)
    letters = np.arange(len(reach))
    first = np.searchsorted(reach[starts], letters, side="left").astype(np.int32)
    last = (np.searchsorted(starts, letters, side="right") - 1).astype(np.int32)
    return first[codes], last[codes], len(starts)
