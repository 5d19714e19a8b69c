"""The compiled search of branch and bound: a state in arrays, advanced one assignment at a time.

Rows (side 0) and columns (side 1) are items that take blocks of their side; every array that both
sides have is a pair. A *window* is the interval of codes that a pair of blocks may still hold, a
*range* the smallest and largest code that an item has in a block of the other side. An item fits
a block if its range lies in the window for every block of the other side, and if it conflicts
with no item there. Arrays over blocks and items have the items last: loops over them are
vectorised, and look closer only where something has changed.
"""

import numpy as np
from numba import njit

from ._branch_state import Search

# Nothing is allocated here, so no references are counted: that would take most of the time.
kernel = njit(nogil=True, cache=True, _nrt=False)
inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)

FEASIBLE, INFEASIBLE, OUT_OF_NODES = 1, 0, -1

# Codes compared between two looks at the result.
_STRIDE = 128

# Places in Search.counts; two sides have two neighbouring places.
N_USED = 0
N_FREE = 2
N_ASSIGNED = 4
N_RANGES = 5
N_WINDOWS = 6
N_CLOSED = 7
DEPTH = 8
N_NODES = 9
N_FAILURES = 10
FAILURE_LIMIT = 11
HAS_FAILED = 12
N_SEPARATED = 13
N_COUNTS = 15

# Places in a line of Search.levels.
_WINDOWS, _CLOSED, _ASSIGNED, _USED, _SIDE, _ITEM, _BLOCK = 0, 1, 2, 3, 5, 6, 7
N_MARKS = 8


@inner
def _close(search: Search, side: int, block: int, item: int) -> bool:
    """Take a block from an item's domain; whether any is left."""
    counts = search.counts
    search.is_open[side][block, item] = 0
    search.n_open[side][item] -= 1
    top = counts[N_CLOSED]
    search.closed_trail[top, 0] = side
    search.closed_trail[top, 1] = block
    search.closed_trail[top, 2] = item
    counts[N_CLOSED] = top + 1
    return search.n_open[side][item] > 0


@inner
def _close_marked(search: Search, side: int, block: int, marks: np.ndarray) -> int:
    """Close a block that is open to them to the marked items; an item left without, or -1."""
    is_open = search.is_open[side][block]
    n_open = 0
    for item in range(len(marks)):
        n_open |= marks[item] & is_open[item]
    if n_open:
        for item in range(len(marks)):
            if marks[item] & is_open[item] and not _close(search, side, block, item):
                return item
    return -1


@inner
def _set_window(search: Search, side: int, block: int, other: int, low: int, high: int) -> None:
    """Set the window of a block of `side` and one of the other side."""
    search.window_lows[side][block, other] = low
    search.window_highs[side][block, other] = high
    search.window_lows[1 - side][other, block] = low
    search.window_highs[1 - side][other, block] = high


@inner
def _take(search: Search, side: int, item: int, block: int) -> None:
    """Enter the label and move the item out of the free ones."""
    counts = search.counts
    counts[N_NODES] += 1
    search.labels[side][item] = block
    counts[N_USED + side] = max(counts[N_USED + side], block + 1)
    free, place = search.free[side], search.place[side]
    last = counts[N_FREE + side] - 1
    moved, hole = free[last], place[item]
    free[hole], free[last] = moved, item
    place[moved], place[item] = hole, last
    counts[N_FREE + side] = last
    search.assigned[counts[N_ASSIGNED], 0] = side
    search.assigned[counts[N_ASSIGNED], 1] = item
    counts[N_ASSIGNED] += 1


@inner
def _extend_ranges(search: Search, side: int, item: int, block: int) -> None:
    """Extend the ranges of the other side's items in the block by their codes of this item."""
    counts, trail, codes = search.counts, search.range_trail, search.codes[side][item]
    lows, highs = search.lows[1 - side][block], search.highs[1 - side][block]
    n, top = len(codes), counts[N_RANGES]
    old_lows, old_highs = trail[top : top + n], trail[top + n : top + 2 * n]
    for other in range(n):
        old_lows[other], old_highs[other] = lows[other], highs[other]
        lows[other] = min(lows[other], codes[other])
        highs[other] = max(highs[other], codes[other])
    counts[N_RANGES] = top + 2 * n


@inner
def _restore_ranges(search: Search, side: int, block: int) -> None:
    lows, highs = search.lows[1 - side][block], search.highs[1 - side][block]
    n = len(lows)
    top = search.counts[N_RANGES] - 2 * n
    old_lows, old_highs = (
        search.range_trail[top : top + n],
        search.range_trail[top + n : top + 2 * n],
    )
    for other in range(n):
        lows[other], highs[other] = old_lows[other], old_highs[other]
    search.counts[N_RANGES] = top


@inner
def _narrow_windows(search: Search, side: int, item: int, block: int) -> int:
    """Narrow the windows of a block to what its new item leaves.

    Returns an item of the side left without an open block, or -1, as the functions below do.
    """
    counts, trail = search.counts, search.window_trail
    window_lows, window_highs = search.window_lows[side][block], search.window_highs[side][block]
    marks = search.scratch[side][0]
    any_changed = False
    for other in range(counts[N_USED + 1 - side]):
        highest = search.highs[side][other, item]
        if highest < 0:
            continue
        before_low, before_high = window_lows[other], window_highs[other]
        low = max(before_low, search.low_reach[highest])
        high = min(before_high, search.reach[search.lows[side][other, item]])
        if low == before_low and high == before_high:
            continue
        top = counts[N_WINDOWS]
        trail[top, 0], trail[top, 1], trail[top, 2] = side, block, other
        trail[top, 3], trail[top, 4] = before_low, before_high
        counts[N_WINDOWS] = top + 1
        _set_window(search, side, block, other, low, high)
        if not any_changed:
            for i in range(len(marks)):
                marks[i] = 0
        any_changed = True
        lows, highs = search.lows[side][other], search.highs[side][other]
        for i in range(len(marks)):
            marks[i] |= (lows[i] < low) | (highs[i] > high)
    return _close_marked(search, side, block, marks) if any_changed else -1


@inner
def _leaves(codes: np.ndarray, lows: np.ndarray, highs: np.ndarray) -> bool:
    """Whether any code is outside its interval."""
    n_outside = 0
    for j in range(len(codes)):
        n_outside |= (codes[j] < lows[j]) | (codes[j] > highs[j])
    return n_outside > 0


@inner
def _mark_conflicts(search: Search, side: int, item: int, block: int) -> None:
    """Mark items that conflict with this one, of those that the block is open to."""
    codes, marks = search.codes[side], search.scratch[side][0]
    lows, highs = search.scratch[1 - side][1], search.scratch[1 - side][2]
    for j in range(len(lows)):
        lows[j] = search.low_reach[codes[item, j]]
        highs[j] = search.reach[codes[item, j]]
    is_open = search.is_open[side][block]
    for i in range(len(marks)):
        marks[i], first = 0, 0
        # A conflict mostly shows early.
        while is_open[i] and first < len(lows) and not marks[i]:
            part = slice(first, first + _STRIDE)
            marks[i] = _leaves(codes[i, part], lows[part], highs[part])
            first += _STRIDE


@inner
def _close_to_conflicting(search: Search, side: int, item: int, block: int) -> int:
    """Close the item's block to those that conflict with it."""
    marks = search.scratch[side][0]
    if len(search.conflicts[side]):
        conflicts = search.conflicts[side][item]
        for i in range(len(marks)):
            marks[i] = conflicts[i]
    else:
        _mark_conflicts(search, side, item, block)
    return _close_marked(search, side, block, marks)


@inner
def _check_other_side(search: Search, side: int, block: int) -> int:
    """Close blocks to the other side's items whose ranges in `block` left the window."""
    other_side = 1 - side
    lows, highs = search.lows[other_side][block], search.highs[other_side][block]
    window_lows, window_highs = search.window_lows[side][block], search.window_highs[side][block]
    marks = search.scratch[other_side][0]
    for other in range(search.counts[N_USED + other_side]):
        low, high = window_lows[other], window_highs[other]
        is_open = search.is_open[other_side][other]
        n_out = 0
        for i in range(len(lows)):
            n_out |= is_open[i] & ((lows[i] < low) | (highs[i] > high))
        if n_out:
            for i in range(len(lows)):
                marks[i] = (lows[i] < low) | (highs[i] > high)
            failed = _close_marked(search, other_side, other, marks)
            if failed >= 0:
                return failed
    return -1


@inner
def _blame(search: Search, failed_side: int, failed: int, side: int, item: int) -> None:
    """Note a failure: the item left without a block, the one assigned and the one decided."""
    counts = search.counts
    counts[HAS_FAILED] = 1
    search.weights[failed_side][failed] += 1
    search.weights[side][item] += 1
    if counts[DEPTH] > 0:
        marks = search.levels[counts[DEPTH] - 1]
        search.weights[marks[_SIDE]][marks[_ITEM]] += 1


@inner
def _assign(search: Search, side: int, item: int, block: int) -> None:
    """Give an item a block that is open to it, with all that follows for the domains."""
    _take(search, side, item, block)
    _extend_ranges(search, side, item, block)
    failed_side = side
    failed = _close_to_conflicting(search, side, item, block)
    if failed < 0:
        failed = _narrow_windows(search, side, item, block)
    if failed < 0:
        failed_side = 1 - side
        failed = _check_other_side(search, side, block)
    if failed >= 0:
        _blame(search, failed_side, failed, side, item)


@inner
def _undo(search: Search, level: int) -> None:
    """Return to the state before the decision of a level."""
    counts, marks = search.counts, search.levels[level]
    for top in range(counts[N_ASSIGNED] - 1, marks[_ASSIGNED] - 1, -1):
        side, item = search.assigned[top, 0], search.assigned[top, 1]
        _restore_ranges(search, side, search.labels[side][item])
        search.labels[side][item] = -1
        counts[N_FREE + side] += 1
    trail = search.window_trail
    for top in range(counts[N_WINDOWS] - 1, marks[_WINDOWS] - 1, -1):
        side, block, other = trail[top, 0], trail[top, 1], trail[top, 2]
        _set_window(search, side, block, other, trail[top, 3], trail[top, 4])
    for top in range(counts[N_CLOSED] - 1, marks[_CLOSED] - 1, -1):
        side, item = search.closed_trail[top, 0], search.closed_trail[top, 2]
        search.is_open[side][search.closed_trail[top, 1], item] = 1
        search.n_open[side][item] += 1
    counts[N_WINDOWS], counts[N_CLOSED] = marks[_WINDOWS], marks[_CLOSED]
    counts[N_ASSIGNED], counts[DEPTH] = marks[_ASSIGNED], level
    counts[N_USED], counts[N_USED + 1] = marks[_USED], marks[_USED + 1]


@inner
def _mark_decision(search: Search, side: int, item: int, block: int) -> None:
    """Open a level, to which a failure of this assignment leads back."""
    counts, marks = search.counts, search.levels[search.counts[DEPTH]]
    marks[_WINDOWS], marks[_CLOSED] = counts[N_WINDOWS], counts[N_CLOSED]
    marks[_ASSIGNED] = counts[N_ASSIGNED]
    marks[_USED], marks[_USED + 1] = counts[N_USED], counts[N_USED + 1]
    marks[_SIDE], marks[_ITEM], marks[_BLOCK] = side, item, block
    counts[DEPTH] += 1


@inner
def _refute(search: Search) -> None:
    """Undo the last decision and close its block; with an unused block, all unused ones."""
    counts = search.counts
    level = counts[DEPTH] - 1
    _undo(search, level)
    marks = search.levels[level]
    side, item, block = marks[_SIDE], marks[_ITEM], marks[_BLOCK]
    last = block + 1 if block < counts[N_USED + side] else len(search.is_open[side])
    counts[HAS_FAILED] = 0
    for closed in range(block, last):
        if not _close(search, side, closed, item):
            counts[HAS_FAILED] = 1


@inner
def _backtrack(search: Search) -> bool:
    """Leave a failed state, by a restart when one is due; False when the root has failed."""
    counts = search.counts
    if counts[DEPTH] == 0:
        return False
    counts[N_FAILURES] += 1
    if counts[N_FAILURES] < counts[FAILURE_LIMIT] or counts[DEPTH] == 1:
        _refute(search)
        return True
    _undo(search, 0)
    counts[HAS_FAILED], counts[N_FAILURES] = 0, 0
    counts[FAILURE_LIMIT] *= 2
    return True


@inner
def _select(search: Search) -> tuple[int, int, int]:
    """The free item of fewest choices by weight: side, item (-1: none), choices.

    Unused blocks count as one choice.
    """
    best_side, best_item, best_choices, best = 0, -1, 0, np.inf
    for side in range(2):
        free, weights, is_open = search.free[side], search.weights[side], search.is_open[side]
        n_used, n_open = search.counts[N_USED + side], search.n_open[side]
        n_alike = max(0, len(is_open) - n_used - 1)
        first_unused = min(n_used, len(is_open) - 1)
        for position in range(search.counts[N_FREE + side]):
            item = free[position]
            n_choices = n_open[item] - n_alike * is_open[first_unused, item]
            if n_choices == 1:
                return side, item, 1
            if n_choices < best * weights[item]:
                best = n_choices / weights[item]
                best_side, best_item, best_choices = side, item, n_choices
    return best_side, best_item, best_choices


@inner
def _choose(search: Search, side: int, item: int) -> int:
    """The open block whose windows lose least, the first unused one included."""
    is_open = search.is_open[side]
    lows, highs = search.lows[side], search.highs[side]
    window_lows, window_highs = search.window_lows[side], search.window_highs[side]
    best_block, best = -1, np.int64(0)
    for block in range(min(search.counts[N_USED + side] + 1, len(is_open))):
        if not is_open[block, item]:
            continue
        loss = np.int64(0)
        for other in range(search.counts[N_USED + 1 - side]):
            if highs[other, item] >= 0:
                low = search.low_reach[highs[other, item]]
                high = search.reach[lows[other, item]]
                loss += max(0, low - window_lows[block, other])
                loss += max(0, window_highs[block, other] - high)
        if best_block < 0 or loss < best:
            best_block, best = block, loss
    return best_block


@inner
def _separate(search: Search) -> bool:
    """Assign the next of the items that need a block each, rows first; False when all are."""
    counts = search.counts
    # In a loop: called with a constant, all below would be compiled once more for each side.
    for side in range(2):
        n_separated = counts[N_SEPARATED + side]
        if n_separated == len(search.separate[side]):
            continue
        item, block = search.separate[side][n_separated], counts[N_USED + side]
        counts[N_SEPARATED + side] = n_separated + 1
        if block < len(search.is_open[side]) and search.is_open[side][block, item]:
            _assign(search, side, item, block)
        else:
            counts[HAS_FAILED] = 1
        return True
    return False


@kernel
def run_search(search: Search, max_nodes: int) -> int:
    """Advance a search by at most `max_nodes` assignments and return one of the three outcomes."""
    counts = search.counts
    end = counts[N_NODES] + max_nodes
    while True:
        if counts[HAS_FAILED]:
            if not _backtrack(search):
                return INFEASIBLE
            continue
        if counts[N_NODES] >= end:
            return OUT_OF_NODES
        if _separate(search):
            continue
        side, item, n_choices = _select(search)
        if item < 0:
            return FEASIBLE
        block = _choose(search, side, item)
        if n_choices > 1:
            _mark_decision(search, side, item, block)
        _assign(search, side, item, block)
