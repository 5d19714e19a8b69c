"""Least costs under the maximum norm by trying all blocks: plain loops, for tiny matrices."""

from functools import cache
from itertools import combinations

import numpy as np


@cache
def partitions(n, most):
    """All labels of n items in at most so many blocks, numbered by their first items."""
    found = [()]
    for _ in range(n):
        found = [
            (*labels, block)
            for labels in found
            for block in range(min(max(labels, default=-1) + 2, most))
        ]
    return found


@cache
def consecutive(n, most):
    """All labels of n items in at most so many blocks of consecutive ones."""
    return [
        tuple(sum(i >= cut for cut in cuts) for i in range(n))
        for count in range(min(n, most))
        for cuts in combinations(range(1, n), count)
    ]


def cost_of(X, row_labels, column_labels):
    """Largest difference within a block."""
    ranges = {}
    for g, row in zip(row_labels, X.tolist(), strict=True):
        for h, entry in zip(column_labels, row, strict=True):
            low, high = ranges.get((g, h), (entry, entry))
            ranges[g, h] = (min(low, entry), max(high, entry))
    return max(high - low for low, high in ranges.values())


def least_cost(X, n_row_clusters, n_column_clusters, labels=partitions):
    """The least cost over all co-clusterings."""
    n_rows, n_columns = X.shape
    return min(
        cost_of(X, row_labels, column_labels)
        for row_labels in labels(n_rows, n_row_clusters)
        for column_labels in labels(n_columns, n_column_clusters)
    )


def draw_matrix(rng, letters, largest=4):
    """A tiny matrix of some of these letters."""
    shape = rng.integers(1, largest + 1, size=2)
    return rng.choice(np.asarray(letters, dtype=float), size=shape)
