"""The relabelling sweep of one tile for several label sets, which share the tile's entries.

Runs of a fit differ in labels alone. For each group of rows the entries are brought into lines
once, and each label set adds the lines of each of its clusters up in registers. All sums run in
the order of the single sweep: equal input gives equal bits.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .compilation import inner, kernel
from .plain import COLUMN_GROUP, ROW_GROUP
from .simd_lines import add_lines, write_lines

# Lines of so many columns are at hand at a time: they stay in the first cache.
STRIP = 512


@inner
def _fill_lines(X, row, height, first, last, lines):
    start = first
    if height == ROW_GROUP:
        start = last - (last - first) % COLUMN_GROUP
        for j in range(first, start, COLUMN_GROUP):
            write_lines(X, row, j, lines, j - first)
    for j in range(start, last):
        for r in range(ROW_GROUP):
            lines[j - first, r] = X[row + r, j] if r < height else 0.0


@inner
def _least(sums, r, slope_t, offset, cost):
    """Return the label of least cost, the lowest on ties; terms are taken off one by one."""
    n_labels = offset.shape[0]
    n_sums = sums.shape[0]
    for g in range(n_labels):
        cost[g] = offset[g]
    first = n_sums - n_sums % 2
    for c in range(0, first, 2):
        a, b = sums[c, r], sums[c + 1, r]
        s, t = slope_t[c], slope_t[c + 1]
        for g in range(n_labels):
            cost[g] = (cost[g] - a * s[g]) - b * t[g]
    if first < n_sums:
        for g in range(n_labels):
            cost[g] -= sums[first, r] * slope_t[first, g]
    label = 0
    for g in range(1, n_labels):
        if cost[g] < cost[label]:
            label = g
    return label


@inner
def _move(x, old, new, RX):
    """Move a row from its old to its new cluster; old label -1 is in none."""
    if old == new:
        return
    into = RX[new]
    if old < 0:
        for j in range(x.shape[0]):
            into[j] += x[j]
        return
    out = RX[old]
    for j in range(x.shape[0]):
        value = np.float64(x[j])
        out[j] -= value
        into[j] += value


@inner
def _sum_group(X, row, height, order, bounds, lines, sums):
    """Sum at most 8 rows by the column labels of each set into ``sums[set, label, row]``."""
    n_sets, n_strips, n_bounds = bounds.shape
    for s in range(n_sets):
        for h in range(n_bounds - 1):
            for r in range(ROW_GROUP):
                sums[s, h, r] = 0.0
    for strip in range(n_strips):
        first = strip * STRIP
        _fill_lines(X, row, height, first, min(first + STRIP, X.shape[1]), lines)
        for s in range(n_sets):
            edges = bounds[s, strip]
            for h in range(n_bounds - 1):
                add_lines(lines, order[s], edges[h], edges[h + 1], sums[s], h)


@kernel
def _relabel_together(X, old_labels, order, bounds, slope_t, offset, new_labels, RX):
    n_rows = X.shape[0]
    n_sets = bounds.shape[0]
    lines = np.empty((STRIP, ROW_GROUP))
    sums = np.empty((n_sets, bounds.shape[2] - 1, ROW_GROUP))
    cost = np.empty(offset.shape[1])
    for row in range(0, n_rows, ROW_GROUP):
        height = min(ROW_GROUP, n_rows - row)
        _sum_group(X, row, height, order, bounds, lines, sums)
        for s in range(n_sets):
            for r in range(height):
                i = row + r
                new_labels[s, i] = _least(sums[s], r, slope_t[s], offset[s], cost)
                # The group of rows is still in cache here.
                _move(X[i], old_labels[s, i], new_labels[s, i], RX[s])


def lines_by_label(labels: np.ndarray, n_labels: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the lines of each strip of columns in the order of labels, and where labels begin.

    Returns
    -------
    order : ndarray of shape (n_columns,), dtype int32
        Lines, counted from the first of their strip; those of label -1 come first.
    bounds : ndarray of shape (n_strips, n_labels + 1), dtype int64
        The lines of label h in strip s are ``order[bounds[s, h]:bounds[s, h + 1]]``.
    """
    starts = np.arange(0, len(labels), STRIP)
    order = np.empty(len(labels), np.int32)
    bounds = np.empty((len(starts), n_labels + 1), np.int64)
    for strip, first in enumerate(starts):
        part = labels[first : first + STRIP]
        lines = np.argsort(part, kind="stable")
        order[first : first + STRIP] = lines
        bounds[strip] = first + np.searchsorted(part[lines], np.arange(n_labels + 1))
    return order, bounds


def can_share(calls: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether relabelling sweeps can run together: complete data, equal counts."""
    shapes = {call["slope"].shape for call in calls}
    return len(calls) > 1 and len(shapes) == 1 and not any(call["missing"] for call in calls)


def relabel_together(X: np.ndarray, calls: Sequence[Mapping[str, Any]]) -> list[list[np.ndarray]]:
    """Return labels, and what they change in RX, of a C-ordered tile for several label sets."""
    n_labels = calls[0]["slope"].shape[1]
    lines = [lines_by_label(call["column_labels"], n_labels) for call in calls]
    order, bounds = (np.stack(part) for part in zip(*lines, strict=True))
    slope_t = np.stack([np.ascontiguousarray(call["slope"].T) for call in calls])
    offset = np.stack([call["offset"] for call in calls])
    old_labels = np.stack([call["row_labels"] for call in calls])
    new_labels = np.empty_like(old_labels)
    moved = np.zeros((len(calls), offset.shape[1], X.shape[1]))
    _relabel_together(X, old_labels, order, bounds, slope_t, offset, new_labels, moved)
    return [[labels, sums] for labels, sums in zip(new_labels, moved, strict=True)]
