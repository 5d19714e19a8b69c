"""Max-norm co-clustering by plain loops: the cost, all partitions, the optimum, odd matrices."""

import itertools

import numpy as np


def iter_partitions(n, n_blocks):
    """All labels of n items in exactly `n_blocks` blocks, numbered by first appearance."""

    def extend(labels, used):
        if n_blocks - used > n - len(labels):
            return
        if len(labels) == n:
            yield tuple(labels)
            return
        for label in range(min(used + 1, n_blocks)):
            yield from extend([*labels, label], max(used, label + 1))

    yield from extend([], 0)


def iter_contiguous(n, n_blocks):
    """Those of the partitions whose blocks are runs of neighbours."""
    for labels in iter_partitions(n, n_blocks):
        if all(a <= b for a, b in itertools.pairwise(labels)):
            yield labels


def cost_of(X, row_labels, column_labels):
    """Largest difference of two entries of one block."""
    cost = 0.0
    for lowest, highest in ranges_of(X, row_labels, column_labels).values():
        cost = max(cost, highest - lowest)
    return cost


def ranges_of(X, row_labels, column_labels):
    """Smallest and largest entry of each block that has one, by the pair of its labels."""
    X = np.asarray(X, dtype=np.float64).tolist()
    ranges = {}
    for row, g in zip(X, row_labels, strict=True):
        for x, h in zip(row, column_labels, strict=True):
            lowest, highest = ranges.get((g, h), (x, x))
            ranges[g, h] = min(lowest, x), max(highest, x)
    return ranges


def least_cost(X, n_row_clusters, n_column_clusters, iter_labels=iter_partitions):
    """The optimum: every partition of the rows against every partition of the columns."""
    X = np.asarray(X, dtype=np.float64).tolist()
    n_columns = len(X[0])
    all_columns = list(iter_labels(n_columns, n_column_clusters))
    best = float("inf")
    for rows in iter_labels(len(X), n_row_clusters):
        ranges = [_column_ranges(X, rows, n_row_clusters, j) for j in range(n_columns)]
        for columns in all_columns:
            best = min(best, _cost_below(ranges, columns, n_column_clusters, best))
    return best


def _column_ranges(X, row_labels, n_row_clusters, j):
    ranges = [None] * n_row_clusters
    for row, g in zip(X, row_labels, strict=True):
        lowest, highest = ranges[g] or (row[j], row[j])
        ranges[g] = min(lowest, row[j]), max(highest, row[j])
    return ranges


def _cost_below(column_ranges, column_labels, n_column_clusters, best):
    """Cost of the column labels, or `best` as soon as that is reached."""
    blocks = [None] * n_column_clusters
    cost = 0.0
    for ranges, h in zip(column_ranges, column_labels, strict=True):
        old = blocks[h] or ranges
        blocks[h] = [(min(a, c), max(b, d)) for (a, b), (c, d) in zip(old, ranges, strict=True)]
        cost = max(cost, max(b - a for a, b in blocks[h]))
        if cost >= best:
            return best
    return cost


def _duplicated(rng, shape):
    X = rng.integers(-9, 10, shape).astype(float)
    return X[rng.integers(0, shape[0], shape[0])][:, rng.integers(0, shape[1], shape[1])]


def _partly_constant(rng, shape):
    X = rng.normal(size=shape)
    X[rng.integers(shape[0])] = 1.5
    X[:, rng.integers(shape[1])] = -0.5
    return X


def _distances(rng, shape):
    places = rng.random((shape[0] + shape[1], 2))
    return np.abs(places[: shape[0], None] - places[None, shape[0] :]).sum(axis=2)


# What a matrix may look like, each from a generator and a shape.
KINDS = {
    "floats": lambda rng, shape: rng.normal(size=shape),
    "integers": lambda rng, shape: rng.integers(-20, 21, shape),
    "many ties": lambda rng, shape: rng.integers(0, 5, shape),
    "ternary": lambda rng, shape: rng.integers(0, 3, shape),
    "ternary uneven": lambda rng, shape: np.array([-4.0, 0.0, 1.0])[rng.integers(0, 3, shape)],
    "binary": lambda rng, shape: rng.integers(0, 2, shape),
    "constant": lambda rng, shape: np.full(shape, rng.integers(-3, 4)),
    "partly constant": _partly_constant,
    "duplicates": _duplicated,
    "negative": lambda rng, shape: -np.exp(rng.normal(size=shape)),
    "tenths": lambda rng, shape: rng.integers(-9, 10, shape) * 0.1,
    "large offset": lambda rng, shape: 1e9 + rng.normal(size=shape),
    "many magnitudes": lambda rng, shape: 10.0 ** rng.integers(-200, 200, shape),
    "distances": _distances,
}


def make_instance(kind, seed, largest=6):
    """A small matrix of a kind with numbers of clusters; the same for the same seed."""
    rng = np.random.default_rng([seed, *kind.encode()])
    shape = tuple(int(n) for n in rng.integers(1 if seed % 5 == 0 else 3, largest + 1, 2))
    X = KINDS[kind](rng, shape)
    if seed % 5 < 2:
        # As many clusters as there are rows or columns, among others.
        k, p = rng.integers(1, np.add(shape, 1))
    else:
        k, p = rng.integers(2, np.maximum(3, np.subtract(shape, 1)))
    return X, int(k), int(p)
