"""The SAT decider against all co-clusterings and against the direct encoding."""

import builtins
import sys
import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from reference_max_norm_blocks import cost_of, draw_matrix, least_cost

from skcocluster._maxnorm import _sat
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._reduction import reduce_windows
from skcocluster._maxnorm._sat import SatDecider
from skcocluster._maxnorm._sat_reference import compare_encodings, decide_directly
from skcocluster._maxnorm._windows import window_spans, window_starts


def decide(X, n_row_clusters, n_column_clusters, cost):
    alphabet = Alphabet(X)
    decider = SatDecider(alphabet.codes, n_row_clusters, n_column_clusters)
    decider.start(alphabet.reach(cost))
    return decider.run()


def check_labels(X, decision, n_row_clusters, n_column_clusters, cost):
    row_labels, column_labels = decision.row_labels, decision.column_labels
    assert row_labels.dtype == column_labels.dtype == np.int32
    assert row_labels.shape + column_labels.shape == X.shape
    assert 0 <= row_labels.min() <= row_labels.max() < n_row_clusters
    assert 0 <= column_labels.min() <= column_labels.max() < n_column_clusters
    assert cost_of(X, row_labels, column_labels) <= cost


def draw_hard(seed):
    """A matrix whose least costs take some search."""
    return np.round(10 * np.random.default_rng(seed).normal(size=(60, 60)))


@pytest.mark.parametrize("letters", [range(7), [0, 1, 2], [-1, 0, 1, 4, 9], np.arange(9) / 10])
def test_decisions_are_those_of_all_coclusterings(letters):
    rng = np.random.default_rng(0)
    for _ in range(150):
        X = draw_matrix(rng, letters, largest=5)
        counts = rng.integers(1, 5, size=2)
        least = least_cost(X, *counts)
        found = decide(X, *counts, least)
        assert found.status == "feasible"
        check_labels(X, found, *counts, least)
        if least > 0:
            below = decide(X, *counts, Alphabet(X).largest_below(least))
            assert below.status == "infeasible"


@pytest.mark.parametrize(("n_rows", "n_columns", "n_blocks"), [(9, 8, 3), (8, 10, 4), (12, 12, 2)])
def test_decisions_are_those_of_the_direct_encoding(n_rows, n_columns, n_blocks):
    rng = np.random.default_rng(1)
    statuses = []
    for _ in range(6):
        X = rng.integers(0, 12, size=(n_rows, n_columns)).astype(float)
        alphabet = Alphabet(X)
        for cost in range(5, 12):
            reach = alphabet.reach(cost)
            direct = decide_directly(alphabet.codes, reach, n_blocks, n_blocks)
            found = decide(X, n_blocks, n_blocks, cost)
            assert found.status == direct.status
            statuses.append(direct.status)
            if found.status == "feasible":
                check_labels(X, found, n_blocks, n_blocks, cost)
                check_labels(X, direct, n_blocks, n_blocks, cost)
    assert set(statuses) == {"feasible", "infeasible"}


def test_decisions_are_monotone_in_the_cost_and_in_the_counts():
    X = np.random.default_rng(2).integers(0, 20, size=(20, 25)).astype(float)
    feasible = {
        (k, cost): decide(X, k, k, cost).status == "feasible"
        for k in (2, 3, 4)
        for cost in range(10, 20)
    }
    for k in (2, 3, 4):
        along = [feasible[k, cost] for cost in range(10, 20)]
        assert along == sorted(along)
    for cost in range(10, 20):
        along = [feasible[k, cost] for k in (2, 3, 4)]
        assert along == sorted(along)
    assert set(feasible.values()) == {True, False}


def test_planted_blocks_are_found_and_no_fewer_suffice():
    rng = np.random.default_rng(3)
    rows, columns = rng.integers(6, size=80), rng.integers(7, size=90)
    X = rng.permutation(42).reshape(6, 7)[rows][:, columns] * 5.0
    X += rng.integers(0, 3, size=X.shape)
    found = decide(X, 6, 7, 2)
    check_labels(X, found, 6, 7, 2)
    assert decide(X, 5, 7, 2).status == "infeasible"
    assert decide(X, 6, 6, 2).status == "infeasible"
    assert decide(X, 6, 7, 1).status == "infeasible"


def test_a_limit_of_conflicts_is_reproducible_and_the_next_call_goes_on():
    alphabet = Alphabet(draw_hard(0))
    histories = []
    for _ in range(2):
        decider = SatDecider(alphabet.codes, 5, 5)
        decider.start(alphabet.reach(45.0))
        history = []
        while not history or (history[-1] == "unknown" and len(history) < 200):
            history.append(decider.run(max_conflicts=500).status)
        histories.append(history)
    assert histories[0] == histories[1]
    assert histories[0][-1] == "infeasible"
    assert len(histories[0]) > 3


def test_a_problem_left_open_is_taken_up_again():
    alphabet = Alphabet(draw_hard(0))
    hard, easy = alphabet.reach(45.0), alphabet.reach(60.0)
    alternating, straight = (SatDecider(alphabet.codes, 5, 5) for _ in range(2))
    straight.start(hard)
    n_calls = {"alternating": 0, "straight": 0}
    while straight.run(max_conflicts=500).status == "unknown":
        n_calls["straight"] += 1
    while n_calls["alternating"] <= n_calls["straight"]:
        alternating.start(hard)
        if alternating.run(max_conflicts=500).status != "unknown":
            break
        n_calls["alternating"] += 1
        alternating.start(easy)
        assert alternating.run().status == "feasible"
    assert n_calls["alternating"] == n_calls["straight"] > 1


def test_no_more_problems_are_kept_than_allowed(monkeypatch):
    monkeypatch.setattr(_sat, "_KEPT_QUESTIONS", 2)
    X = np.random.default_rng(4).integers(0, 9, size=(8, 8)).astype(float)
    alphabet = Alphabet(X)
    decider = SatDecider(alphabet.codes, 2, 2)
    answers = []
    for cost in (3, 4, 5, 6, 7, 3):
        decider.start(alphabet.reach(cost))
        answers.append(decider.run().status)
        assert len(decider._questions) <= 2
    assert answers[0] == answers[-1] == "infeasible"


@pytest.mark.parametrize("n_clauses_of_glucose", [0, 10**9])
def test_the_time_limit_holds_inside_the_solver(monkeypatch, n_clauses_of_glucose):
    monkeypatch.setattr(_sat, "_CLAUSES_OF_GLUCOSE", n_clauses_of_glucose)
    rng = np.random.default_rng(5)
    X = rng.choice([-1.0, 0, 1], p=[0.05, 0.9, 0.05], size=(100, 100))
    alphabet = Alphabet(X)
    decider = SatDecider(alphabet.codes, 14, 14)
    decider.start(alphabet.reach(1.0))
    start = time.monotonic()
    assert decider.run(seconds=0.5).status == "unknown"
    # A machine that is busy with other things may be late, a solver that is not stopped never ends.
    assert time.monotonic() - start < 30
    assert decider.run(seconds=0).status == "unknown"


def test_an_interrupt_leaves_the_decider_usable():
    alphabet = Alphabet(draw_hard(0))
    decider = SatDecider(alphabet.codes, 5, 5)
    decider.start(alphabet.reach(45.0))

    def join(thread, timeout=None, original=threading.Thread.join):
        threading.Thread.join = original
        raise KeyboardInterrupt

    original = threading.Thread.join
    threading.Thread.join = join
    try:
        with pytest.raises(KeyboardInterrupt):
            decider.run()
    finally:
        threading.Thread.join = original
    assert decider.run().status == "infeasible"


def test_an_interrupt_while_encoding_begins_anew(monkeypatch):
    alphabet = Alphabet(draw_hard(0))
    decider = SatDecider(alphabet.codes, 5, 5)
    decider.start(alphabet.reach(45.0))

    def interrupt(*args):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(_sat, "Encoding", interrupt)
    with pytest.raises(KeyboardInterrupt):
        decider.run()
    decider.start(alphabet.reach(45.0))
    assert decider.run().status == "infeasible"


def test_a_formula_that_is_too_large_stays_unknown(monkeypatch):
    monkeypatch.setattr(_sat, "_MOST_CLAUSES", 100)
    alphabet = Alphabet(draw_hard(0))
    decider = SatDecider(alphabet.codes, 5, 5)
    decider.start(alphabet.reach(46.0))
    assert decider.run().status == "unknown"
    decider.start(alphabet.reach(20.0))
    assert decider.run().status == "infeasible"


def test_run_before_start_is_refused():
    with pytest.raises(ValueError, match="call start"):
        SatDecider(np.zeros((1, 1), np.int32), 1, 1).run()


def test_without_python_sat_the_error_names_the_extra(monkeypatch):
    real_import = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("pysat"):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "pysat.solvers", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"skcocluster\[exact\]"):
        SatDecider(np.zeros((1, 1), np.int32), 1, 1)


def test_the_comparison_reports_both_encodings():
    alphabet, lines = Alphabet(np.arange(12.0).reshape(3, 4)), []
    compare_encodings(alphabet.codes, alphabet.reach(7.0), 2, 1, report=lines.append)
    assert [line.split(": ")[0] for line in lines] == ["direct encoding", "order encoding"]
    assert all(": feasible in " in line for line in lines)


def test_the_direct_encoding_stops_at_its_time_limit():
    alphabet = Alphabet(draw_hard(0)[:20])
    found = decide_directly(alphabet.codes, alphabet.reach(30.0), 3, 3, seconds=0)
    assert found.status == "unknown"


def test_windows_are_the_maximal_runs_within_reach():
    rng = np.random.default_rng(6)
    for _ in range(200):
        values = np.unique(rng.integers(0, 30, size=rng.integers(1, 12)))
        alphabet, cost = Alphabet(values[None, :]), float(rng.integers(0, 12))
        runs = [frozenset(np.flatnonzero((values >= v) & (values <= v + cost))) for v in values]
        maximal = [run for run in runs if not any(run < other for other in runs)]
        first, last, n_windows = window_spans(alphabet.codes, alphabet.reach(cost))
        assert n_windows == len(maximal) == len(window_starts(alphabet.reach(cost)))
        for code, (low, high) in enumerate(zip(first[0], last[0], strict=True)):
            assert [code in run for run in maximal] == [low <= w <= high for w in range(n_windows)]


def test_reduction_keeps_what_decides_and_followers_fit_their_leaders():
    rng = np.random.default_rng(7)
    n_left = []
    for _ in range(200):
        X = draw_matrix(rng, range(6), largest=5)
        alphabet, cost = Alphabet(X), float(rng.integers(1, 5))
        reduction = reduce_windows(*window_spans(alphabet.codes, alphabet.reach(cost)))
        left = X[np.ix_(reduction.rows, reduction.columns)]
        n_left.append(left.size / X.size)
        assert (least_cost(left, 2, 3) <= cost) == (least_cost(X, 2, 3) <= cost)
        expanded = reduction.expand(np.arange(left.shape[0]), np.arange(left.shape[1]))
        assert cost_of(X, *expanded) <= cost
        for kept, leaders in (
            (reduction.rows, reduction.row_leaders),
            (reduction.columns, reduction.column_leaders),
        ):
            assert all(a < b for a, b in pairwise(kept))
            assert set(leaders) == set(kept)
    assert min(n_left) < 0.5
    assert max(n_left) == 1
