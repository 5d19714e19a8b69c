"""The parts of BBAC's split-merge search: what each says, against objectives of plain loops."""

import itertools

import numpy as np
import pytest
import reference
from bbac_states import CASES, SIDES, alternate, make_state, objective
from numpy.testing import assert_allclose, assert_array_equal

from skcocluster._shared import split_merge
from skcocluster._shared.split_merge import Move


def move_labels(labels, move, second):
    """Labels by side after a move, one row or column at a time."""
    moved = {side: values.copy() for side, values in labels.items()}
    for i, label in enumerate(labels[move.side]):
        if label == move.into:
            moved[move.side][i] = move.keep
        elif label == move.split and second[i]:
            moved[move.side][i] = move.into
    return moved


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("divergence", "basis", "with_gaps"), CASES)
def test_loss_of_a_merge_is_the_rise_of_the_objective(divergence, basis, side, with_gaps):
    X, counts, state = make_state(divergence, basis, with_gaps=with_gaps)
    losses = split_merge.merge_losses(*state.side_model(side))
    before = objective(X, state.sums.labels, counts, divergence, basis)
    n = state.sums.n_clusters[side]
    assert_array_equal(np.isfinite(losses), np.triu(np.ones((n, n), bool), 1))
    for first, second in itertools.combinations(range(n), 2):
        labels = dict(state.sums.labels)
        labels[side] = np.where(labels[side] == second, first, labels[side])
        rise = objective(X, labels, counts, divergence, basis) - before
        assert_allclose(losses[first, second], rise, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("n_entries", [1, 3, 7, 1000])
def test_losses_are_the_same_in_chunks_of_pairs(n_entries, monkeypatch):
    _, _, state = make_state("i_divergence")
    at_once = split_merge.merge_losses(*state.side_model("rows"))
    monkeypatch.setattr(split_merge, "PAIR_ENTRIES", n_entries)
    assert_array_equal(split_merge.merge_losses(*state.side_model("rows")), at_once)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("divergence", "basis", "with_gaps"), CASES)
def test_gain_of_a_split_is_the_fall_of_the_objective(divergence, basis, side, with_gaps):
    X, counts, state = make_state(divergence, basis, with_gaps=with_gaps)
    gains, second = split_merge.Halves(state, side).split()
    before = objective(X, state.sums.labels, counts, divergence, basis)
    more = tuple(n + (s == side) for s, n in zip(SIDES, counts, strict=True))
    n = state.sums.n_clusters[side]
    assert gains.shape == (n,)
    for cluster in range(n):
        labels = dict(state.sums.labels)
        labels[side] = np.where((labels[side] == cluster) & (second == 1), n, labels[side])
        fall = before - objective(X, labels, more, divergence, basis)
        assert_allclose(gains[cluster], fall, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("with_gaps", [False, True])
@pytest.mark.parametrize("side", SIDES)
def test_a_cluster_of_two_groups_is_split_into_these(side, with_gaps):
    rng = np.random.default_rng(0)
    # Two clusters of two groups each, which differ in one column cluster, and not by the most.
    groups = rng.permutation(np.arange(24) % 4)
    columns = np.arange(9) % 3
    means = np.array([[0, 100, 5], [0, 100, 15], [50, 20, 1], [62, 20, 1]], dtype=float)
    X = means[groups][:, columns] + rng.normal(0, 1, (24, 9))
    if with_gaps:
        X[rng.random(X.shape) < 0.1] = np.nan
    if side == "rows":
        state = alternate(X, groups // 2, columns, (2, 3))
    else:
        state = alternate(np.ascontiguousarray(X.T), columns, groups // 2, (3, 2))
    _, second = split_merge.Halves(state, side).split()
    for cluster in (0, 1):
        inside = groups // 2 == cluster
        assert reference.same_partition(second[inside], groups[inside])


@pytest.mark.parametrize("with_gaps", [False, True])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_next_halves_are_those_of_least_divergence(divergence, side, with_gaps, monkeypatch):
    n_improved = 0
    for seed in range(2):
        X = reference.random_matrix(divergence, 45, 10, seed)
        X[np.random.default_rng(seed).random(X.shape) < 0.1 * with_gaps] = np.nan
        labels, counts = (np.arange(45) % 3, np.arange(10) % 5), (3, 5)
        if side == "columns":
            X, labels, counts = np.ascontiguousarray(X.T), labels[::-1], counts[::-1]
        state = alternate(X, *labels, counts, divergence)
        monkeypatch.setattr(split_merge, "SPLIT_ITERATIONS", 0)
        _, cut = split_merge.Halves(state, side).split()
        own, n = state.sums.labels[side], state.sums.n_clusters[side]
        twice = tuple(count * (1 + (s == side)) for s, count in zip(SIDES, counts, strict=True))

        def halve(second, state=state, side=side, own=own, n=n):
            return {**state.sums.labels, side: own + n * second.astype(int)}

        labels = halve(cut)
        model = reference.Model(X, labels["rows"], labels["columns"], *twice, divergence)
        costs = model.row_costs() if side == "rows" else model.column_costs()
        members = np.arange(len(own))
        better = costs[members, own + n] < costs[members, own]
        whole = objective(X, state.sums.labels, counts, divergence)
        gains = [whole - objective(X, halve(half), twice, divergence) for half in (cut, better)]
        improved = gains[1] > gains[0] * (1 + split_merge.SPLIT_TOL)
        expected = better if improved else cut == 1
        n_improved += improved
        monkeypatch.setattr(split_merge, "SPLIT_ITERATIONS", 1)
        assert_array_equal(split_merge.Halves(state, side).split()[1] == 1, expected)
    assert n_improved > 0


def test_halves_are_improved_under_the_divergence_itself():
    # Squared distances see the last column alone; ratios see the first.
    X = np.array([[1, 900], [1, 1000], [1, 1050], [40, 1000], [40, 1050], [40, 1100]], dtype=float)
    options = (np.zeros(6, int), [0, 1], (2, 2))
    _, second = split_merge.Halves(alternate(X, *options), "rows").split()
    assert not reference.same_partition(second, [0, 0, 0, 1, 1, 1])
    _, second = split_merge.Halves(alternate(X, *options, "itakura_saito"), "rows").split()
    assert reference.same_partition(second, [0, 0, 0, 1, 1, 1])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_candidates_promise_what_they_do_best_first(divergence, side):
    X, counts, state = make_state(divergence, seed=1)
    moves, second = split_merge.candidate_moves(state, side)
    before = objective(X, state.sums.labels, counts, divergence)
    gains = [move.gain for move in moves]
    assert 0 < len(moves) <= split_merge.MAX_FAILURES
    assert gains == sorted(gains, reverse=True)
    for move in moves:
        assert move.side == side
        assert move.split not in (move.keep, move.into)
        labels = move_labels(state.sums.labels, move, second)
        gain = before - objective(X, labels, counts, divergence)
        assert_allclose(move.gain, gain, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [4, 14])
def test_first_candidates_are_the_best_of_all_pairs_and_splits(n, seed):
    X = reference.random_matrix("squared_euclidean", 3 * n, 10, seed)
    state = alternate(X, np.arange(3 * n) % n, np.arange(10) % 3, (n, 3))
    moves, _ = split_merge.candidate_moves(state, "rows")
    gains, _ = split_merge.Halves(state, "rows").split()
    losses = split_merge.merge_losses(*state.side_model("rows"))
    triples = [
        gains[split] - losses[keep, into]
        for keep, into in itertools.combinations(range(n), 2)
        for split in range(n)
        if split not in (keep, into)
    ]
    expected = sorted(triples, reverse=True)[: split_merge.MAX_FAILURES]
    assert_allclose([move.gain for move in moves], expected)


def test_merges_that_cost_nothing_meet_the_one_split_that_gains():
    X = np.vstack([np.full((12, 4), 5.0), [[9, 0, 0, 9], [0, 9, 9, 0]] * 6])
    rows = np.concatenate([np.arange(12) % 6, np.full(12, 6)])
    moves, _ = split_merge.candidate_moves(alternate(X, rows, [0, 1, 1, 0], (7, 2)), "rows")
    assert len(moves) == split_merge.MAX_FAILURES
    assert {move.split for move in moves} == {6}
    assert all(move.keep < move.into < 6 for move in moves)


def test_the_one_cheap_merge_meets_as_many_splits_as_there_are_trials():
    # Clusters far apart, of two values each that lie further apart from one to the next.
    halves = [1000.0 * g + sign * (1 + g) for g in range(12) for sign in (-1, -1, 1, 1)]
    X = np.outer(np.concatenate([np.full(8, -1000.0), halves]), np.ones(3))
    state = alternate(X, np.arange(56) // 4, np.zeros(3, int), (14, 1))
    moves, _ = split_merge.candidate_moves(state, "rows")
    assert {(move.keep, move.into) for move in moves} == {(0, 1)}
    assert [move.split for move in moves] == list(range(13, 13 - split_merge.MAX_FAILURES, -1))


def test_an_empty_cluster_takes_the_best_halves():
    X = reference.random_matrix("squared_euclidean", 12, 10, 0)
    rows = np.array([0, 3, 4] * 4)
    state = alternate(X, rows, reference.balanced_labels(10, 3, 0), (5, 3))
    moves, _ = split_merge.candidate_moves(state, "rows")
    gains, _ = split_merge.Halves(state, "rows").split()
    assert {(move.into, move.keep) for move in moves} == {(1, -1)}
    assert [move.split for move in moves] == list(np.argsort(-gains, kind="stable"))
    assert [move.gain for move in moves] == sorted(gains, reverse=True)


def test_two_clusters_leave_nothing_to_split():
    X = reference.random_matrix("squared_euclidean", 8, 6, 0)
    state = alternate(X, np.arange(8) % 2, np.arange(6) % 2, (2, 2))
    assert split_merge.candidate_moves(state, "rows")[0] == []


@pytest.mark.parametrize("keep", [0, -1])
def test_a_move_merges_first_and_then_splits(keep):
    X = reference.random_matrix("squared_euclidean", 8, 6, 0)
    rows = np.array([0, 1, 2, 2, 2, 0, 1, 2]) if keep == 0 else np.array([0, 0, 2, 2, 2, 0, 0, 2])
    second = np.array([1, 1, 0, 1, 0, 0, 0, 1], dtype=np.int8)
    state = alternate(X, rows, np.arange(6) % 2, (3, 2))
    split_merge.apply_move(state, Move(0.0, "rows", 2, 1, keep), second)
    expected = [0, 0, 2, 1, 2, 0, 0, 1]
    assert_array_equal(state.sums.labels["rows"], expected)
    assert_array_equal(state.sums.labels["columns"], np.arange(6) % 2)


def make_merged(noise=1.0):
    """Planted blocks; a state in which one true row cluster is cut and two others are one."""
    rng = np.random.default_rng(3)
    rows, columns = np.arange(40) % 4, np.arange(30) % 3
    means = np.array([[0, 40, 80], [80, 0, 40], [40, 80, 0], [60, 60, 10]], dtype=float)
    X = means[rows][:, columns] + rng.normal(0, noise, (40, 30))
    wrong = np.where(rows == 3, 2, rows)
    wrong[np.flatnonzero(rows == 0)[:5]] = 3
    return X, rows, columns, alternate(X, wrong, columns, (4, 3))


def test_one_move_leaves_the_local_optimum():
    X, rows, columns, state = make_merged()
    state.run(100, 0.0, lambda value: False)
    assert not reference.same_partition(state.sums.labels["rows"], rows)
    before = list(state.trace)
    assert split_merge.split_merge(state, lambda value: False)
    assert reference.same_partition(state.sums.labels["rows"], rows)
    assert reference.same_partition(state.sums.labels["columns"], columns)
    assert state.trace[: len(before)] == before
    assert state.trace[len(before)] == pytest.approx(state.explained())
    total = float(((X - X.mean()) ** 2).sum())
    assert_allclose(total - state.explained(), objective(X, state.sums.labels, (4, 3)), rtol=1e-9)


def test_search_says_when_it_has_been_stopped():
    _, _, _, state = make_merged()
    told = []

    def stop(value):
        told.append(value)
        return True

    assert not split_merge.split_merge(state, stop)
    assert told == [state.explained()]


def test_search_without_a_gain_leaves_labels_and_trace_alone():
    X, rows, columns, _ = make_merged(noise=0.5)
    state = alternate(X, rows, columns, (4, 3))
    assert split_merge.split_merge(state, lambda value: True)
    assert_array_equal(state.sums.labels["rows"], rows)
    assert_array_equal(state.sums.labels["columns"], columns)
    assert state.trace == []


def test_search_ends_after_so_many_failures_and_counts_anew_after_a_gain(monkeypatch):
    results = iter([0, 0, 1, 0, 2] + 100 * [0])
    tried = []

    def pretend(alternation, move, second, target):
        tried.append(move)
        return target + next(results) * abs(target)

    _, _, _, state = make_merged()
    monkeypatch.setattr(split_merge, "try_pair", pretend)
    gained = []
    assert split_merge.split_merge(state, lambda value: gained.append(value))
    # A gain of nothing beyond the target is a failure.
    assert len(tried) == 5 + split_merge.MAX_FAILURES
    assert state.trace == gained
    assert len(gained) == 2


def test_a_trial_leaves_the_trace_alone_and_is_cut_off(monkeypatch):
    X = reference.random_matrix("squared_euclidean", 60, 50, 0)
    state = alternate(X, np.arange(60) % 5, np.arange(50) % 4, (5, 4))
    state.trace = [1.0, 2.0]
    n_iterations = []
    iterate = state.iterate
    monkeypatch.setattr(state, "iterate", lambda: n_iterations.append(1) or iterate())
    moves, second = split_merge.candidate_moves(state, "rows")
    now = split_merge.try_move(state, moves[0], second, -np.inf)
    assert now == state.explained()
    assert state.trace == [1.0, 2.0]
    assert len(n_iterations) == split_merge.TRIAL_ITERATIONS


def test_a_hopeless_trial_ends_after_one_iteration(monkeypatch):
    _, _, _, state = make_merged(noise=30.0)
    n_iterations = []
    iterate = state.iterate
    monkeypatch.setattr(state, "iterate", lambda: n_iterations.append(1) or iterate())
    moves, second = split_merge.candidate_moves(state, "rows")
    split_merge.try_move(state, moves[0], second, np.inf)
    assert len(n_iterations) == 1


@pytest.mark.parametrize("side", SIDES)
def test_a_trial_that_misses_goes_on_with_the_other_side(side, monkeypatch):
    _, _, state = make_state("squared_euclidean")
    tried = []
    values = iter([1.0, 3.0])

    def pretend(alternation, move, second, target):
        tried.append(move)
        return next(values)

    monkeypatch.setattr(split_merge, "try_move", pretend)
    moves, second = split_merge.candidate_moves(state, side)
    assert split_merge.try_pair(state, moves[0], second, 2.0) == 3.0
    other = SIDES[1 - SIDES.index(side)]
    best = split_merge.candidate_moves(state, other)[0][0]
    assert tried == [moves[0], best]


def test_a_trial_that_reaches_the_target_is_enough(monkeypatch):
    _, _, state = make_state("squared_euclidean")
    values = iter([3.0, 1.0])
    monkeypatch.setattr(split_merge, "try_move", lambda *arguments: next(values))
    moves, second = split_merge.candidate_moves(state, "rows")
    assert split_merge.try_pair(state, moves[0], second, 2.0) == 3.0
