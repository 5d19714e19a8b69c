"""Coclus's ascent and search step by step: what is read again, when they end, what they propose."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skcocluster._coclus import _graph, _search
from skcocluster._coclus._ascent import MAX_PLATEAU, Ascent
from skcocluster._coclus._graph import make_graph
from skcocluster._coclus._search import Move
from skcocluster._kernels.engines import get_engine


def make_ascent(n_clusters=4, whole=True, seed=0, shape=(30, 24)):
    """An ascent that has labelled its rows and columns once."""
    rng = np.random.default_rng(seed)
    X = rng.poisson(1.0, shape).astype(float)
    engine = get_engine("numpy")
    graph = make_graph(engine, engine.prepare(X if whole else X + 0.1 * (X > 0)), 1.0)
    assert graph.whole == whole
    ascent = Ascent(graph, n_clusters, rng.integers(0, n_clusters, shape[1]).astype(np.int32))
    ascent.iterate()
    return ascent


def goes_on(value):
    return False


def count_calls(monkeypatch, owner, name):
    """A list that grows with each call of a method."""
    calls, method = [], getattr(owner, name)

    def counted(*arguments):
        calls.append(name)
        return method(*arguments)

    monkeypatch.setattr(owner, name, counted)
    return calls


def relabel(ascent, n_rows):
    """Row labels of which the first few differ."""
    labels = ascent.row_labels.copy()
    labels[:n_rows] = (labels[:n_rows] + 1) % ascent.n_clusters
    return labels


@pytest.mark.parametrize("n_rows", [1, 5, 29, 30])
def test_few_relabelled_rows_are_moved_and_many_are_summed_afresh(n_rows, monkeypatch):
    ascent = make_ascent()
    fresh = count_calls(monkeypatch, Ascent, "refresh")
    labels = relabel(ascent, n_rows)
    assert ascent.set_rows(labels)
    assert len(fresh) == (n_rows > 9)
    assert_array_equal(ascent.row_labels, labels)
    assert_array_equal(ascent.column_sums, ascent.graph.column_sums(labels, 4))
    assert not ascent.set_rows(labels.copy())


def test_sums_that_rows_have_moved_between_are_made_afresh_before_the_end(monkeypatch):
    ascent = make_ascent(whole=False)
    ascent.set_rows(relabel(ascent, 3))
    ascent.step_columns()
    labels = ascent.row_labels
    monkeypatch.setattr(Ascent, "step_rows", lambda self: False)
    fresh = count_calls(monkeypatch, Ascent, "refresh")
    columns = count_calls(monkeypatch, Ascent, "step_columns")
    ascent.iterate()
    assert (len(fresh), len(columns)) == (1, 1)
    ascent.iterate()
    assert (len(fresh), len(columns)) == (1, 1)
    assert ascent.row_labels is labels


def test_sums_of_whole_numbers_are_not_made_afresh(monkeypatch):
    ascent = make_ascent()
    ascent.set_rows(relabel(ascent, 3))
    ascent.step_columns()
    monkeypatch.setattr(Ascent, "step_rows", lambda self: False)
    fresh = count_calls(monkeypatch, Ascent, "refresh")
    columns = count_calls(monkeypatch, Ascent, "step_columns")
    assert not ascent.iterate()
    assert (fresh, columns) == ([], [])


@pytest.mark.parametrize("rows_change", [False, True])
@pytest.mark.parametrize("columns_change", [False, True])
def test_an_iteration_changes_what_either_step_changes(rows_change, columns_change, monkeypatch):
    ascent = make_ascent()
    ascent.row_labels = ascent.row_labels.copy()
    monkeypatch.setattr(Ascent, "step_rows", lambda self: rows_change)
    monkeypatch.setattr(Ascent, "step_columns", lambda self: columns_change)
    assert ascent.iterate() == (rows_change or columns_change)


def scripted(monkeypatch, values, changes=None):
    """An ascent from the first value whose iterations reach the others."""
    ascent = make_ascent()
    ascent.value, *values = values
    changes = iter([True] * len(values) if changes is None else changes)
    values = iter(values)

    def iterate(self):
        self.value = next(values)
        return next(changes)

    monkeypatch.setattr(Ascent, "iterate", iterate)
    return ascent


def test_a_run_ends_when_no_label_changes(monkeypatch):
    ascent = scripted(monkeypatch, [0.1, 0.2, 0.3, 0.3], [True, True, False])
    assert ascent.run(10, 0.0, goes_on)
    assert ascent.trace == [0.2, 0.3, 0.3]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_run_ends_when_the_gain_is_at_most_the_tolerance(sign, monkeypatch):
    values = [1.0, 5.0, 8.0, 10.0, 20.0] if sign > 0 else [-20.0, -15.0, -12.0, -10.0, -5.0]
    ascent = scripted(monkeypatch, values)
    # The gain of 2 is a fifth of what is reached.
    assert ascent.run(10, 0.2, goes_on)
    assert ascent.trace == values[1:4]


def test_a_run_without_a_tolerance_stays_on_a_plateau_for_so_long(monkeypatch):
    values = [0.1, 0.2] + [0.2] * 3 + [0.3] + [0.3] * 3 * MAX_PLATEAU
    ascent = scripted(monkeypatch, values)
    assert ascent.run(1000, 0.0, goes_on)
    assert ascent.trace == [0.2] + [0.2] * 3 + [0.3] + [0.3] * (MAX_PLATEAU + 1)


def test_a_plateau_may_begin_with_the_first_iteration(monkeypatch):
    ascent = scripted(monkeypatch, [0.2] * 3 * MAX_PLATEAU)
    assert ascent.run(1000, 0.0, goes_on)
    assert len(ascent.trace) == MAX_PLATEAU + 1


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("n_rows", [3, 25])
def test_a_sweep_labels_and_sums_what_has_changed_or_all(n_rows, whole, monkeypatch):
    ascent, plain = make_ascent(whole=whole), make_ascent(whole=whole)
    given = []

    def sweep(self, column_labels, old, n_clusters):
        given.append(old)
        new = relabel(plain, n_rows) if len(given) == 1 else ascent.row_labels
        return new, 0.5, self.moved_column_sums(old, new, n_clusters)

    monkeypatch.setattr(_graph.Graph, "is_chunked", property(lambda self: True))
    monkeypatch.setattr(_graph.Graph, "sweep_rows", sweep)
    ascent._moved_share = 0.1
    assert ascent.step_rows()
    assert_array_equal(ascent.row_labels, relabel(plain, n_rows))
    expected = ascent.graph.column_sums(ascent.row_labels, 4)
    assert_allclose(ascent.column_sums, expected, rtol=1e-12)
    assert not ascent.step_rows()
    assert_allclose(ascent.column_sums, expected, rtol=1e-12)
    # Many have moved: the next read sums afresh.
    assert [bool((old == -1).all()) for old in given] == [False, n_rows == 25]
    assert ascent._has_moved == (n_rows == 3 and not whole)


def test_a_run_that_is_cut_off_says_so(monkeypatch):
    assert not scripted(monkeypatch, [0.1, 0.2, 0.3]).run(2, 0.0, goes_on)


def test_a_run_that_is_stopped_says_so(monkeypatch):
    ascent = scripted(monkeypatch, [0.1, 0.2, 0.3, 0.4])
    assert not ascent.run(10, 0.0, lambda value: value == 0.3)
    assert ascent.trace == [0.2, 0.3]


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_matrix_without_entries_gains_nothing_and_is_not_sampled(kind):
    engine = get_engine("numpy")
    graph = make_graph(engine, engine.prepare(kind(np.zeros((4, 3)))), 1.0)
    ascent = Ascent(graph, 2, np.array([0, 1, 1], np.int32))
    ascent.run(10, 0.0, goes_on)
    assert_array_equal(_search.merge_gains(ascent), [[-np.inf, 0], [-np.inf, -np.inf]])
    rows = np.array([0, 2, 3])
    assert _graph.sample_rows(graph, rows, np.random.RandomState(0)) is rows


def test_sampled_rows_are_different_ones_of_those_given_in_order(monkeypatch):
    monkeypatch.setattr(_graph, "SAMPLE_ENTRIES", 24 * 15)
    monkeypatch.setattr(_graph, "SAMPLE_ROWS", 5)
    rows = np.arange(3, 30)
    seen = _graph.sample_rows(make_ascent().graph, rows, np.random.RandomState(0))
    assert len(seen) == 15
    assert_array_equal(seen, np.unique(seen))
    assert set(seen) <= set(rows)
    # So few entries would be fewer rows than a start needs, unless these are too many entries.
    monkeypatch.setattr(_graph, "SAMPLE_ENTRIES", 24)
    assert len(_graph.sample_rows(make_ascent().graph, rows, np.random.RandomState(0))) == 5
    monkeypatch.setattr(_graph, "MOST_ENTRIES", 24 * 3)
    assert len(_graph.sample_rows(make_ascent().graph, rows, np.random.RandomState(0))) == 3


@pytest.mark.parametrize("shape", [(6, 1), (1, 6)])
def test_what_cannot_be_split_gains_nothing_by_it(shape):
    ascent = make_ascent(1, shape=shape)
    halves = _search.Halves(ascent, np.random.RandomState(0))
    assert_array_equal(halves.gains, [-np.inf])
    assert not halves.second.any()


@pytest.mark.parametrize("n_clusters", [3, 4, 9])
def test_first_moves_are_the_best_of_all_pairs_and_splits(n_clusters):
    halves = _search.Halves(make_ascent(n_clusters), np.random.RandomState(0))
    merges = _search.merge_gains(halves.ascent)
    triples = [
        halves.gains[split] + merges[kept, merged]
        for kept, merged in itertools.combinations(range(n_clusters), 2)
        for split in range(n_clusters)
        if split not in (kept, merged)
    ]
    expected = sorted(filter(np.isfinite, triples), reverse=True)[: _search.MAX_FAILURES]
    moves = halves.moves()
    assert_allclose([move.gain for move in moves], expected)
    for move in moves:
        assert move.kept < move.merged
        assert move.split not in (move.kept, move.merged)
        assert_allclose(move.gain, halves.gains[move.split] + merges[move.kept, move.merged])


def test_labels_above_a_merged_one_close_the_gap(monkeypatch):
    monkeypatch.setattr(Ascent, "run", lambda self, *arguments: True)
    merged_labels = set()
    for seed in range(10):
        ascent = make_ascent(5, seed=seed)
        gains = _search.merge_gains(ascent)
        kept, merged = np.unravel_index(int(gains.argmax()), gains.shape)
        merged_labels.add(int(merged))
        expected = [
            kept if label == merged else label - (label > merged) for label in ascent.column_labels
        ]
        assert_array_equal(_search.merge_down(ascent, 4, 10), expected)
        assert _search.merge_down(ascent, 5, 10) is ascent.column_labels
    assert len(merged_labels) > 1


def test_a_move_merges_first_and_then_splits():
    ascent = make_ascent(4)
    halves = _search.Halves(ascent, np.random.RandomState(0))
    again = halves.apply(Move(0.0, 3, 0, 1))
    expected = [
        0 if label == 1 else 1 if label == 3 and second else label
        for label, second in zip(ascent.row_labels, halves.second, strict=True)
    ]
    assert_array_equal(again.row_labels, expected)
    best = ascent.graph.columns_of_rows(again.row_labels, 4)
    assert_array_equal(again.column_labels, best)


def search_scripted(monkeypatch, values, settles=True, on_iteration=goes_on):
    """Search from 1.0 where trials reach the values given; how many trials there were, the end."""
    ascent = make_ascent(5)
    ascent.value, ascent.trace = 1.0, [1.0]
    trials = []

    def apply(self, move):
        trial = make_ascent(5)
        trials.append(trial)
        trial.value = values[len(trials) - 1] if len(trials) <= len(values) else 0.0
        return trial

    monkeypatch.setattr(_search.Halves, "apply", apply)
    monkeypatch.setattr(Ascent, "run", lambda self, *arguments: settles)
    found, finished = _search.split_merge(ascent, 10, np.random.RandomState(0), on_iteration)
    return len(trials), found, finished


def test_search_ends_after_so_many_failures_and_counts_anew_after_a_gain(monkeypatch):
    n_trials, found, finished = search_scripted(monkeypatch, [1.0, 0.5, 2.0, 1.9, 3.0])
    assert n_trials == 5 + _search.MAX_FAILURES
    assert (found.value, found.trace, finished) == (3.0, [1.0, 2.0, 3.0], True)


def test_a_gain_too_small_to_matter_is_none(monkeypatch):
    enough = 1.0 + _search.MIN_GAIN
    n_trials, found, _ = search_scripted(monkeypatch, [enough, np.nextafter(enough, 2.0)])
    assert (n_trials, found.value) == (2 + _search.MAX_FAILURES, np.nextafter(enough, 2.0))


def test_search_that_is_stopped_or_has_not_settled_says_so(monkeypatch):
    n_trials, found, finished = search_scripted(
        monkeypatch, [2.0, 3.0], on_iteration=lambda value: value == 2.0
    )
    assert (n_trials, found.value, finished) == (1, 2.0, False)
    n_trials, found, finished = search_scripted(monkeypatch, [2.0, 3.0], settles=False)
    assert (n_trials, found.value, finished) == (1, 2.0, False)
