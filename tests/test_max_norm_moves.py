"""Moves that lower the maximum-norm cost, against plain loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcocluster._maxnorm._moves import TENURE, lower_cost


def block_ranges(X, row_labels, column_labels, n_clusters):
    """Width of each block; 0 of one without entries."""
    widths = np.zeros(n_clusters)
    for g, h in np.ndindex(*n_clusters):
        block = X[np.ix_(row_labels == g, column_labels == h)]
        widths[g, h] = np.ptp(block) if block.size else 0.0
    return widths


def total_excess(X, labels, n_clusters, cost):
    """What all blocks together are too wide by."""
    return np.maximum(block_ranges(X, *labels, n_clusters) - cost, 0.0).sum()


def find_movable(X, labels, n_clusters, cost):
    """(side, item) of all that make a block too wide: they hold its least or greatest entry."""
    movable = set()
    for g, h in np.ndindex(*n_clusters):
        members = np.flatnonzero(labels[0] == g), np.flatnonzero(labels[1] == h)
        block = X[np.ix_(*members)]
        if block.size and np.ptp(block) > cost:
            for i, j in np.argwhere((block == block.min()) | (block == block.max())):
                movable |= {(0, members[0][i]), (1, members[1][j])}
    return movable


def least_excess_after_a_move(X, labels, n_clusters, cost):
    """Excess after the best move of one of them."""
    least = np.inf
    for side, item in find_movable(X, labels, n_clusters, cost):
        for target in set(range(n_clusters[side])) - {labels[side][item]}:
            moved = [labels[0].copy(), labels[1].copy()]
            moved[side][item] = target
            least = min(least, total_excess(X, moved, n_clusters, cost))
    return least


def lower(X, labels, n_clusters, cost, n_moves, seed=1):
    """Call the kernel on copies; return whether it succeeded, and the labels."""
    labels = [part.astype(np.int32) for part in labels]
    state = np.array([seed], np.int64)
    XT = np.ascontiguousarray(X.T)
    found = lower_cost(X, XT, *labels, *n_clusters, float(cost), n_moves, state)
    return found, labels


@st.composite
def instances(draw):
    """A matrix of distinct entries, labels, numbers of clusters and a cost."""
    seed = draw(st.integers(0, 2**31 - 2))
    rng = np.random.default_rng(seed)
    shape = draw(st.tuples(st.integers(2, 7), st.integers(2, 7)))
    n_clusters = draw(st.tuples(st.integers(2, 3), st.integers(2, 3)))
    # Distinct, so that each end of a block is held by one row and one column; sums are exact.
    X = rng.permutation(shape[0] * shape[1]).reshape(shape).astype(float)
    labels = [rng.integers(0, k, n) for n, k in zip(shape, n_clusters, strict=True)]
    cost = float(draw(st.integers(0, X.size)))
    return X, labels, n_clusters, cost


@given(instances())
def test_first_moves_are_of_what_makes_a_block_too_wide_and_may_be_the_best(instance):
    X, labels, n_clusters, cost = instance
    before = total_excess(X, labels, n_clusters, cost)
    if before == 0.0:
        found, moved = lower(X, labels, n_clusters, cost, n_moves=0)
        assert found
        assert all(np.array_equal(*both) for both in zip(moved, labels, strict=True))
        return
    movable = find_movable(X, labels, n_clusters, cost)
    ends = {}
    # Each seed chooses among the best and what the search takes for as good.
    for seed in range(1, 300):
        # Success is seen before a move: a move is made although none are left.
        found, moved = lower(X, labels, n_clusters, cost, n_moves=0, seed=seed)
        assert not found
        changed = [
            (side, i) for side in (0, 1) for i in np.flatnonzero(moved[side] != labels[side])
        ]
        assert len(changed) == 1
        assert changed[0] in movable
        ends[changed[0], moved[changed[0][0]][changed[0][1]]] = moved
    least = min(total_excess(X, moved, n_clusters, cost) for moved in ends.values())
    assert least == least_excess_after_a_move(X, labels, n_clusters, cost)


@given(instances(), st.integers(1, 60), st.integers(1, 10**9))
def test_success_is_a_cost_that_no_block_exceeds(instance, n_moves, seed):
    X, labels, n_clusters, cost = instance
    found, moved = lower(X, labels, n_clusters, cost, n_moves, seed)
    assert all(part.min() >= 0 for part in moved)
    assert all(part.max() < k for part, k in zip(moved, n_clusters, strict=True))
    if found:
        assert block_ranges(X, *moved, n_clusters).max() <= cost


@pytest.mark.parametrize("seed", range(5))
def test_planted_blocks_are_found_from_disturbed_labels(seed):
    rng = np.random.default_rng(seed)
    truth = [rng.permutation(np.arange(n) % 3) for n in (30, 24)]
    X = 10.0 * rng.permutation(9).reshape(3, 3)[np.ix_(*truth)] + rng.random((30, 24))
    labels = [part.copy() for part in truth]
    for part in labels:
        part[rng.choice(len(part), 5, replace=False)] = rng.integers(0, 3, 5)
    found, moved = lower(X, labels, (3, 3), 1.0, 200)
    assert found
    for part, planted in zip(moved, truth, strict=True):
        assert len(set(zip(part, planted, strict=True))) == 3


@pytest.mark.parametrize("shape", [(3, 1), (4, 2), (5, 5)])
@pytest.mark.parametrize("seed", range(1, 6))
def test_what_has_left_a_cluster_stays_away_for_the_tenure(shape, seed):
    # Distinct entries and too few clusters: a range of 0 is out of reach, and moves never end.
    X = np.random.default_rng(seed).permutation(shape[0] * shape[1]).reshape(shape).astype(float)
    labels = [np.arange(n) % k for n, k in zip(shape, (2, 1), strict=True)]
    # With a larger budget the same moves are made first; one of n has n + 1.
    after = [labels, *(lower(X, labels, (2, 1), 0.0, n, seed)[1] for n in range(40))]
    left, n_changed = {}, 0
    for time, (old, new) in enumerate(itertools.pairwise(after)):
        changes = [(side, i) for side in (0, 1) for i in np.flatnonzero(old[side] != new[side])]
        assert len(changes) <= 1
        for side, i in changes:
            assert time - left.get((side, i, new[side][i]), -TENURE) >= TENURE
            left[side, i, old[side][i]] = time
            n_changed += 1
    # Everything rests at times, and is taken up again.
    assert n_changed > TENURE
