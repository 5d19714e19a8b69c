"""BBAC's alternation: gains of a cluster of one's own, refills, and when a run ends."""

import numpy as np
import pytest
import reference
from bbac_states import CASES, SIDES, alternate, make_state
from numpy.testing import assert_allclose, assert_array_equal

from skcocluster._kernels.blocks import COLUMN_SUMS, MOVED_ROWS
from skcocluster._shared.simultaneous import run_simultaneously


def goes_on(value):
    return False


def costs(X, labels, counts, divergence, basis, side):
    """Cost of each row (column) in the cluster that it is in, of plain loops."""
    model = reference.Model(X, labels["rows"], labels["columns"], *counts, divergence, basis)
    of_all = model.row_costs() if side == "rows" else model.column_costs()
    return of_all[np.arange(len(of_all)), labels[side]]


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("divergence", "basis", "with_gaps"), CASES)
@pytest.mark.parametrize("seed", range(3))
def test_largest_gain_is_what_a_row_costs_less_alone(divergence, basis, side, with_gaps, seed):
    X, counts, state = make_state(divergence, basis, seed=seed, with_gaps=with_gaps)
    n = state.sums.n_clusters[side]
    more = tuple(count + (s == side) for s, count in zip(SIDES, counts, strict=True))
    expected = costs(X, state.sums.labels, counts, divergence, basis, side)
    for i in range(len(expected)):
        labels = {s: values.copy() for s, values in state.sums.labels.items()}
        labels[side][i] = n
        expected[i] -= costs(X, labels, more, divergence, basis, side)[i]
    gain, index = state.single_gains(side)
    assert_allclose(gain, expected.max(), rtol=1e-9)
    assert index == expected.argmax()


@pytest.mark.parametrize("side", SIDES)
def test_who_is_alone_already_and_who_is_nowhere_does_not_count(side):
    X = reference.random_matrix("squared_euclidean", 6, 6, 0)
    X[0] = X[:, 0] = 1000.0
    labels = np.array([0, 1, 1, 1, 2, 2])
    state = alternate(X, labels, labels, (3, 3))
    assert state.single_gains(side)[1] > 0
    X[0] = X[:, 0] = np.nan
    labels = np.array([0, 0, 0, 1, 1, 1])
    state = alternate(X, labels, labels, (2, 2))
    assert state.sums.labels[side][0] == -1
    assert state.single_gains(side)[1] > 0


@pytest.mark.parametrize("side", SIDES)
def test_there_is_no_gain_where_all_are_alone(side):
    state = alternate(np.eye(3), np.arange(3), np.arange(3), (3, 3))
    assert state.single_gains(side) == (-np.inf, -1)


@pytest.mark.parametrize("side", SIDES)
def test_empty_clusters_take_those_that_fit_worst(side):
    X = np.zeros((6, 5))
    X[4] = X[:, 4] = 50.0
    X[2] = X[:, 2] = 9.0
    n = X.shape[SIDES.index(side)]
    labels = {s: np.zeros(count, int) for s, count in zip(SIDES, X.shape, strict=True)}
    labels[side][0] = 2
    labels[SIDES[1 - SIDES.index(side)]][-1] = 1
    state = alternate(X, labels["rows"], labels["columns"], (4, 4))
    assert state.refill(side)
    expected = np.zeros(n, int)
    expected[0], expected[4], expected[2] = 2, 1, 3
    assert_array_equal(state.sums.labels[side], expected)
    assert not state.refill(side)


@pytest.mark.parametrize("side", SIDES)
def test_the_first_row_may_be_the_one_that_fits_worst(side):
    X = np.zeros((5, 5))
    X[0, 0] = 50.0
    together, apart = np.zeros(5, int), (np.arange(5) > 0).astype(int)
    rows, columns = (together, apart) if side == "rows" else (apart, together)
    state = alternate(X, rows, columns, (2, 2))
    assert state.refill(side)
    assert_array_equal(state.sums.labels[side], [1, 0, 0, 0, 0])


@pytest.mark.parametrize("side", SIDES)
def test_empty_clusters_stay_empty_where_nothing_is_gained(side):
    X = np.outer(np.ones(6), [3.0, 5.0, 8.0])
    X = X if side == "rows" else np.ascontiguousarray(X.T)
    labels = {s: np.arange(n) % n for s, n in zip(SIDES, X.shape, strict=True)}
    labels[side] = np.arange(6) % 2
    state = alternate(X, labels["rows"], labels["columns"], (4, 4))
    assert not state.refill(side)
    assert_array_equal(state.sums.labels[side], labels[side])


@pytest.mark.parametrize("column_steps", [1, 2, 3])
def test_columns_step_as_often_as_told_or_until_none_moves(column_steps, monkeypatch):
    _, _, state = make_state("squared_euclidean")
    state.column_steps = column_steps
    steps = []
    changes = iter([False, True, False, False])
    monkeypatch.setattr(state, "step", lambda side: steps.append(side) or next(changes))
    assert state.iterate() == (column_steps > 0)
    assert steps == ["rows"] + ["columns"] * min(column_steps, 2)


def test_an_iteration_in_which_columns_do_not_move_may_be_one_of_change(monkeypatch):
    _, _, state = make_state("squared_euclidean")
    monkeypatch.setattr(state, "step", lambda side: side == "rows")
    assert state.iterate()
    monkeypatch.setattr(state, "step", lambda side: False)
    assert not state.iterate()


def scripted(monkeypatch, values, changes):
    """A state whose iterations explain the values given, and change labels or do not."""
    _, _, state = make_state("squared_euclidean")
    explained, changed = iter(values), iter(changes)
    monkeypatch.setattr(state, "explained", lambda: next(explained))
    monkeypatch.setattr(state, "iterate", lambda: next(changed))
    return state


def test_a_run_ends_when_the_gain_is_at_most_the_tolerance(monkeypatch):
    state = scripted(monkeypatch, [10.0, 20.0, 32.0, 40.0], [True] * 3)
    # 12 is more than 0.25 of 32, 8 is not more than 0.25 of 40 (and 10 is more than that of 20).
    assert state.run(10, 0.2, goes_on)
    assert state.trace == [20.0, 32.0, 40.0]


def test_tolerance_is_relative_to_the_magnitude_of_what_is_explained(monkeypatch):
    state = scripted(monkeypatch, [-40.0, -32.0, -31.0], [True] * 2)
    assert state.run(10, 0.1, goes_on)
    assert state.trace == [-32.0, -31.0]


def test_a_run_ends_when_no_label_changes(monkeypatch):
    state = scripted(monkeypatch, [10.0, 20.0, 40.0], [True, False])
    assert state.run(10, 0.0, goes_on)
    assert state.trace == [20.0, 40.0]


@pytest.mark.parametrize("worse", [10.0, 9.0, np.nan])
def test_an_iteration_without_a_gain_is_taken_back(worse, monkeypatch):
    state = scripted(monkeypatch, [10.0, worse], [True])
    before = state.sums.labels["rows"]

    def iterate():
        state.sums.set_labels("rows", np.zeros_like(before))
        return True

    monkeypatch.setattr(state, "iterate", iterate)
    assert state.run(10, 0.0, goes_on)
    assert state.trace == [10.0]
    assert_array_equal(state.sums.labels["rows"], before)


def test_a_run_is_cut_off_or_stopped_and_says_that_it_has_not_converged(monkeypatch):
    assert not scripted(monkeypatch, [1.0, 2.0, 4.0, 8.0], [True] * 3).run(3, 0.0, goes_on)
    state = scripted(monkeypatch, [1.0, 2.0, 4.0], [True] * 2)
    assert not state.run(10, 0.0, lambda value: value == 4.0)
    assert state.trace == [2.0, 4.0]
    # The last iteration there is to do needs no stop.
    assert scripted(monkeypatch, [1.0, 1.0], [False]).run(10, 0.0, lambda value: True)


def simultaneous(monkeypatch, values, changes=None):
    """A state whose simultaneous iterations explain the values given, each at labels of its own."""
    state = scripted(monkeypatch, values, [])
    changes = iter([True] * len(values) if changes is None else changes)
    n_done = iter(range(1, len(values)))

    def iterate():
        state.sums.set_labels("columns", np.full(10, next(n_done), np.int32))
        return next(changes)

    state.sums.n_clusters["columns"] = 10
    monkeypatch.setattr(state, "iterate_simultaneously", iterate)
    return state


def labelled_at(state):
    """Number of the iteration whose labels a state has."""
    return state.sums.labels["columns"][0]


def test_simultaneous_updates_go_back_to_the_best_labels_seen(monkeypatch):
    state = simultaneous(monkeypatch, [10.0, 20.0, 40.0, 15.0, 30.0])
    assert not run_simultaneously(state, 4, 0.0, goes_on)
    assert state.trace == [20.0, 40.0, 15.0, 30.0]
    assert labelled_at(state) == 2


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_simultaneous_updates_settle_by_the_tolerance(sign, monkeypatch):
    values = [10.0, 50.0, 100.0, 120.0] if sign > 0 else [-300.0, -200.0, -100.0, -84.0]
    state = simultaneous(monkeypatch, values)
    assert run_simultaneously(state, 10, 0.2, goes_on)
    assert state.trace == values[1:]
    assert labelled_at(state) == 3


def test_simultaneous_updates_that_settle_lower_have_not_converged(monkeypatch):
    state = simultaneous(monkeypatch, [10.0, 100.0, 50.0, 49.0])
    assert not run_simultaneously(state, 10, 0.1, goes_on)
    assert state.trace == [100.0, 50.0, 49.0]
    assert labelled_at(state) == 1


def test_simultaneous_updates_without_a_change_have_converged(monkeypatch):
    state = simultaneous(monkeypatch, [10.0, 20.0, 40.0], [True, False])
    assert run_simultaneously(state, 10, 0.0, goes_on)
    assert labelled_at(state) == 2


def test_simultaneous_updates_stop_when_told_and_at_labels_seen_before(monkeypatch):
    state = simultaneous(monkeypatch, [10.0, 20.0, 40.0, 80.0])
    assert not run_simultaneously(state, 10, 0.0, lambda value: value == 40.0)
    assert state.trace == [20.0, 40.0]
    state = scripted(monkeypatch, [10.0, 20.0, 15.0, 20.0, 15.0, 20.0], [])
    turns = iter([1, 2, 1, 2, 1])
    monkeypatch.setattr(
        state,
        "iterate_simultaneously",
        lambda: state.sums.set_labels("columns", np.full(10, next(turns), np.int32)),
    )
    assert not run_simultaneously(state, 10, 0.0, goes_on)
    assert state.trace == [20.0, 15.0, 20.0]
    assert labelled_at(state) == 1


@pytest.mark.parametrize(
    ("n_moved", "primitive"), [(1, MOVED_ROWS), (6, MOVED_ROWS), (7, COLUMN_SUMS)]
)
def test_few_relabelled_rows_are_moved_and_many_are_summed_afresh(n_moved, primitive, monkeypatch):
    X, _, state = make_state("squared_euclidean")
    labels = state.sums.labels["rows"].copy()
    labels[:n_moved] = (labels[:n_moved] + 1) % 4
    engine, primitives = state.sums.engine, []
    run = engine.run
    monkeypatch.setattr(engine, "run", lambda p, *a, **o: primitives.append(p) or run(p, *a, **o))
    assert state.sums.set_labels("rows", labels)
    assert primitives == [primitive]
    expected = [X[labels == g].sum(axis=0) for g in range(4)]
    assert_array_equal(state.sums.profiles("columns").T, expected)
