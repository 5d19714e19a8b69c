"""Loops over consecutive rows and columns: greedy cuts, and the search over cuts of rows.

The ranges of rows in each column are what columns are cut by: a column block ends where its range
over some row block would leave the reach.
"""

import numpy as np

from .._kernels.compilation import inner, kernel

UNDECIDED, FEASIBLE, INFEASIBLE = 0, 1, 2
_LARGEST = 2147483647


@kernel
def cut_greedily(low: np.ndarray, high: np.ndarray, reach: np.ndarray) -> tuple[int, np.ndarray]:
    """Cut positions into as few blocks as possible, each within reach in all channels.

    Parameters
    ----------
    low, high : ndarray of shape (n_channels, n_positions), dtype int32
        Smallest and largest letters.
    reach : ndarray of shape (n_letters,), dtype int32

    Returns
    -------
    n_blocks : int
        n_positions + 1 when a position alone is out of reach.
    labels : ndarray of shape (n_positions,), dtype int32
    """
    n_channels, n_positions = low.shape
    labels = np.zeros(n_positions, np.int32)
    lowest, highest = low[:, 0].copy(), high[:, 0].copy()
    block = 0
    for j in range(n_positions):
        fits = True
        for q in range(n_channels):
            if high[q, j] > reach[low[q, j]]:
                return n_positions + 1, labels
            lowest[q] = min(lowest[q], low[q, j])
            highest[q] = max(highest[q], high[q, j])
            fits = fits and highest[q] <= reach[lowest[q]]
        if not fits:
            block += 1
            for q in range(n_channels):
                lowest[q], highest[q] = low[q, j], high[q, j]
        labels[j] = block
    return block + 1, labels


@inner
def _count_blocks(
    low: np.ndarray,
    high: np.ndarray,
    other_low: np.ndarray,
    other_high: np.ndarray,
    ends: np.ndarray,
    other_ends: np.ndarray,
    reach: np.ndarray,
    most: int,
) -> int:
    """How many column blocks two ranges of rows need, of which none may pass the ends either.

    Counting ends above `most`. A block from j on must end by ``min(ends[j], other_ends[j])``.
    """
    n_columns = len(low)
    start, count = 0, 0
    while start < n_columns:
        count += 1
        if count > most:
            return count
        end = min(ends[start], other_ends[start])
        lowest, highest = np.int32(_LARGEST), np.int32(-1)
        other_lowest, other_highest = np.int32(_LARGEST), np.int32(-1)
        j = start
        while j < end:
            lowest, highest = min(lowest, low[j]), max(highest, high[j])
            other_lowest = min(other_lowest, other_low[j])
            other_highest = max(other_highest, other_high[j])
            if highest > reach[lowest] or other_highest > reach[other_lowest]:
                break
            j += 1
        if j == start:
            return most + 1
        start = j
    return count


@inner
def _find_ends(
    low: np.ndarray,
    high: np.ndarray,
    reach: np.ndarray,
    limits: np.ndarray,
    queue: np.ndarray,
    ends: np.ndarray,
) -> None:
    """Write where a block that starts at each column must end, by sliding minima and maxima."""
    n_columns = len(low)
    low_head, low_tail, high_head, high_tail = 0, 0, 0, 0
    j = 0
    for start in range(n_columns):
        while j < n_columns:
            lowest, highest = low[j], high[j]
            if low_head < low_tail:
                lowest = min(lowest, low[queue[0, low_head]])
            if high_head < high_tail:
                highest = max(highest, high[queue[1, high_head]])
            if highest > reach[lowest]:
                break
            while low_tail > low_head and low[queue[0, low_tail - 1]] >= low[j]:
                low_tail -= 1
            queue[0, low_tail] = j
            low_tail += 1
            while high_tail > high_head and high[queue[1, high_tail - 1]] <= high[j]:
                high_tail -= 1
            queue[1, high_tail] = j
            high_tail += 1
            j += 1
        ends[start] = min(limits[start], j)
        if low_head < low_tail and queue[0, low_head] == start:
            low_head += 1
        if high_head < high_tail and queue[1, high_head] == start:
            high_head += 1
        # A column that is out of reach by itself never enters the queues.
        j = max(j, start + 1)


@kernel
def bound_suffixes(
    codes: np.ndarray, reach: np.ndarray, n_column_blocks: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Compute what is known of the rows from each one on.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
    reach : ndarray of shape (n_letters,), dtype int32
    n_column_blocks : int

    Returns
    -------
    needed : ndarray of shape (n_rows + 1,), dtype int64
        At least so many row blocks, as each block needs at most `n_column_blocks` by itself.
    ends : ndarray of shape (n_rows + 1, n_columns), dtype int32
        Where column blocks must end by single rows.
    low, high : ndarray of shape (n_rows + 1, n_columns), dtype int32
        Ranges of columns.
    """
    n_rows, n_columns = codes.shape
    ends = np.full((n_rows + 1, n_columns), np.int32(n_columns))
    low = np.full((n_rows + 1, n_columns), np.int32(_LARGEST))
    high = np.full((n_rows + 1, n_columns), np.int32(-1))
    queue = np.empty((2, n_columns), np.int32)
    for i in range(n_rows - 1, -1, -1):
        _find_ends(codes[i], codes[i], reach, ends[i + 1], queue, ends[i])
        for j in range(n_columns):
            low[i, j] = min(low[i + 1, j], codes[i, j])
            high[i, j] = max(high[i + 1, j], codes[i, j])
    farthest = _find_farthest(codes, reach, n_column_blocks)
    needed = np.zeros(n_rows + 1, np.int64)
    for i in range(n_rows - 1, -1, -1):
        needed[i] = n_rows + 1 if farthest[i] == i else 1 + needed[farthest[i]]
    return needed, ends, low, high


@inner
def _find_farthest(codes: np.ndarray, reach: np.ndarray, n_column_blocks: int) -> np.ndarray:
    """Behind which row a block must end that starts at each row, if it were alone.

    A queue of rows in two parts: ranges from each row of the first part to its end, and one range
    of the second part; a row is added or taken off in O(n_columns).
    """
    n_rows, n_columns = codes.shape
    farthest = np.empty(n_rows, np.int64)
    free = np.full(n_columns, np.int32(n_columns))
    low = np.full((n_rows + 1, n_columns), np.int32(_LARGEST))
    high = np.full((n_rows + 1, n_columns), np.int32(-1))
    tail_low, tail_high = np.empty(n_columns, np.int32), np.empty(n_columns, np.int32)
    lowest, highest = np.empty(n_columns, np.int32), np.empty(n_columns, np.int32)
    end, part_end = 0, 0
    for start in range(n_rows):
        if part_end <= start:
            part_end = max(end, start)
            for j in range(n_columns):
                low[part_end, j], high[part_end, j] = _LARGEST, -1
                tail_low[j], tail_high[j] = _LARGEST, -1
            for i in range(part_end - 1, start - 1, -1):
                for j in range(n_columns):
                    low[i, j] = min(low[i + 1, j], codes[i, j])
                    high[i, j] = max(high[i + 1, j], codes[i, j])
        end = max(end, start)
        while end < n_rows:
            for j in range(n_columns):
                lowest[j] = min(min(low[start, j], tail_low[j]), codes[end, j])
                highest[j] = max(max(high[start, j], tail_high[j]), codes[end, j])
            count = _count_blocks(
                lowest, highest, lowest, highest, free, free, reach, n_column_blocks
            )
            if count > n_column_blocks:
                break
            for j in range(n_columns):
                tail_low[j] = min(tail_low[j], codes[end, j])
                tail_high[j] = max(tail_high[j], codes[end, j])
            end += 1
        farthest[start] = end
    return farthest


@kernel
def search_cuts(
    codes: np.ndarray,
    reach: np.ndarray,
    n_column_blocks: int,
    suffixes: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    depth: int,
    row_ends: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    ends: np.ndarray,
    n_steps: int,
) -> tuple[int, int, int]:
    """Go on with the depth-first search for cuts of the rows, at least two row blocks.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
    reach : ndarray of shape (n_letters,), dtype int32
    n_column_blocks : int
    suffixes : tuple of ndarray
        From `bound_suffixes`.
    depth : int
        The row block that is being extended; 0 at first.
    row_ends : ndarray of shape (n_row_blocks,), dtype int64
        Behind the last row of each row block; changed in place, zeros at first.
    low, high, ends : ndarray of shape (n_row_blocks, n_columns), dtype int32
        Ranges of the row blocks and where column blocks must end by those before; changed in place.
        At first the largest int32, -1 and n_columns.
    n_steps : int
        Most rows to be added.

    Returns
    -------
    status : int
    depth : int
        For the next call; when feasible, `row_ends` up to it are right, and the rest is one block.
    n_left : int
        Steps that were not used.
    """
    needed, suffix_ends, suffix_low, suffix_high = suffixes
    n_rows, n_columns = codes.shape
    n_row_blocks = len(row_ends)
    queue = np.empty((2, n_columns), np.int32)
    while n_steps > 0:
        n_steps -= 1
        row = row_ends[depth]
        lows, highs, limits = low[depth], high[depth], ends[depth]
        for j in range(n_columns):
            lows[j], highs[j] = min(lows[j], codes[row, j]), max(highs[j], codes[row, j])
        row += 1
        row_ends[depth] = row
        n_left = n_row_blocks - 1 - depth
        count = _count_blocks(lows, highs, lows, highs, limits, limits, reach, n_column_blocks)
        if row == n_rows and count <= n_column_blocks:
            return FEASIBLE, depth, n_steps
        if row == n_rows or count > n_column_blocks:
            depth -= 1
            if depth < 0:
                return INFEASIBLE, 0, n_steps
            continue
        if needed[row] > n_left:
            continue
        rest = suffix_ends[row]
        if n_left == 1:
            last_low, last_high = suffix_low[row], suffix_high[row]
        else:
            last_low, last_high = lows, highs
        count = _count_blocks(
            lows, highs, last_low, last_high, limits, rest, reach, n_column_blocks
        )
        if count > n_column_blocks:
            continue
        if n_left == 1:
            return FEASIBLE, depth, n_steps
        depth += 1
        row_ends[depth] = row
        _find_ends(lows, highs, reach, limits, queue, ends[depth])
        for j in range(n_columns):
            low[depth, j], high[depth, j] = _LARGEST, -1
    return UNDECIDED, depth, n_steps
