"""Searches that end early: Ctrl-C at any moment, also inside a call of SAT; no python-sat."""

import builtins
import importlib.util
import itertools
import signal
import sys
import threading
import time

import numpy as np
import pytest
from max_norm_fits import EASY, HARD, assert_sound, assert_unproven, fit_unproven, make, same_fit
from reference_max_norm_estimator import least_cost
from sklearn.exceptions import ConvergenceWarning

from skcocluster._maxnorm import _bounds, _branch_decider, _methods, _sat, _sat_decider

# -- Ctrl-C -----------------------------------------------------------------------------------

STAGES = {
    "lower bound": (_bounds.Bounds, "lower"),
    "upper bound": (_bounds.Bounds, "upper"),
    "branch and bound": (_branch_decider.BranchDecider, "run"),
    "SAT": (_sat_decider.SatTurns, "run"),
}


def interrupt_at(monkeypatch, owner, name, stop_at):
    """Raise KeyboardInterrupt in a method's call of this number."""
    method, calls = getattr(owner, name), itertools.count(1)

    def interrupted(*arguments, **options):
        if next(calls) == stop_at:
            raise KeyboardInterrupt
        return method(*arguments, **options)

    monkeypatch.setattr(owner, name, interrupted)


@pytest.mark.parametrize("stage", STAGES)
def test_interrupt_returns_the_best_so_far_with_a_warning(stage, monkeypatch):
    interrupt_at(monkeypatch, *STAGES[stage], stop_at=1)
    assert_unproven(fit_unproven(HARD), HARD)


@pytest.mark.parametrize("stage", ["lower bound", "upper bound"])
def test_interrupt_of_the_heuristic_gives_a_warning_too(stage, monkeypatch):
    interrupt_at(monkeypatch, *STAGES[stage], stop_at=1)
    assert_unproven(fit_unproven(HARD, method="heuristic"), HARD)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("stage", STAGES)
def test_interrupted_fit_is_sound_at_any_moment(stage, monkeypatch):
    owner, name = STAGES[stage]
    method = getattr(owner, name)
    optimum = make(4).fit(EASY).objective_
    for stop_at in range(1, 6):
        monkeypatch.setattr(owner, name, method)
        interrupt_at(monkeypatch, owner, name, stop_at)
        model = make(4).fit(EASY)
        assert_sound(model, EASY)
        assert model.lower_bound_ <= optimum <= model.objective_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_cost_is_that_of_the_published_labels_when_clusters_had_to_be_filled(monkeypatch):
    interrupt_at(monkeypatch, *STAGES["upper bound"], stop_at=1)
    for seed in range(20):
        X = np.random.default_rng(seed).integers(-20, 20, (14, 13))
        model = make(4).fit(X)
        monkeypatch.undo()
        interrupt_at(monkeypatch, *STAGES["upper bound"], stop_at=1)
        assert_sound(model, X)


@pytest.mark.parametrize("empty", [1, 2, 3])
def test_labels_of_a_method_that_leaves_clusters_empty_are_filled(empty, monkeypatch):
    def few_clusters(proof, budget, rng, step):
        n_rows, n_columns = proof.alphabet.codes.shape
        rows = np.arange(n_rows, dtype=np.int32) % (4 - empty)
        proof.offer(rows, np.zeros(n_columns, np.int32))

    monkeypatch.setitem(_methods.METHODS, "heuristic", few_clusters)
    for seed in range(10):
        X = np.random.default_rng(seed).integers(-20, 20, (14, 13))
        assert_sound(make(4, method="heuristic").fit(X), X)


def test_interrupted_fit_can_be_repeated(monkeypatch):
    interrupt_at(monkeypatch, *STAGES["branch and bound"], stop_at=1)
    model = fit_unproven(EASY, n_clusters=4)
    monkeypatch.undo()
    model.fit(EASY)
    assert model.is_optimal_
    assert same_fit(model, make(4).fit(EASY))


def wait_until_main_thread_waits():
    """Return when the main thread waits for another one, which has started; 60 s at most."""
    for _ in range(60_000):
        frame = sys._current_frames()[threading.main_thread().ident]
        names = call_names(frame)
        waits = "join" in names or "wait" in names
        if frame.f_code.co_filename == threading.__file__ and waits and "start" not in names:
            return
        time.sleep(0.001)


def call_names(frame):
    names = []
    while frame is not None:
        names.append(frame.f_code.co_name)
        frame = frame.f_back
    return names


class Stubborn:
    """A SAT solver that goes on until it is told to stop."""

    signals = False
    stopped = 0

    def __init__(self):
        self.told = threading.Event()

    def append_formula(self, clauses):
        pass

    def conf_budget(self, n):
        pass

    def solve_limited(self, expect_interrupt):
        assert expect_interrupt
        if type(self).signals:
            wait_until_main_thread_waits()
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        if self.told.wait(60):
            type(self).stopped += 1

    def interrupt(self):
        self.told.set()

    def clear_interrupt(self):
        self.told.clear()

    def delete(self):
        pass


@pytest.mark.parametrize("signals", [False, True])
def test_time_limit_and_interrupt_reach_into_a_call_of_sat(signals, monkeypatch):
    # Compiles what comes before the call: that may take longer than the limit.
    assert make(4, method="sat").fit(EASY).is_optimal_
    solver = type("Solver", (Stubborn,), {"signals": signals})
    monkeypatch.setattr(_sat, "import_solver", lambda name: solver())
    # Long enough for the rest of it, even on a slow machine.
    limit = {"time_limit": None} if signals else {"time_limit": 3.0}
    n_threads = threading.active_count()
    model = fit_unproven(EASY, n_clusters=4, method="sat", **limit)
    assert solver.stopped == 1
    assert threading.active_count() == n_threads
    assert_unproven(model, EASY)


def test_no_thread_is_left_behind():
    before = threading.active_count()
    fit_unproven(HARD, method="sat", time_limit=0.3)
    assert threading.active_count() == before


# -- callbacks --------------------------------------------------------------------------------


class Watcher:
    """A callback of scikit-learn that ends the search after some decisions."""

    def __init__(self, stop_at=None):
        self.begun = self.ended = self.steps = 0
        self.stop_at = stop_at

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, **what):
        self.begun += 1

    def on_fit_task_end(self, estimator, context, **what):
        self.ended += 1
        self.steps += context.task_name == "iteration"
        return self.steps == self.stop_at


def test_callbacks_watch_every_decision_and_change_nothing():
    pytest.importorskip("sklearn.callback")
    watcher = Watcher()
    model = make(4).set_callbacks(watcher).fit(EASY)
    assert watcher.begun == watcher.ended
    assert watcher.steps >= 4
    assert same_fit(model, make(4).fit(EASY))


@pytest.mark.parametrize("stop_at", [1, 2, 4, 6])
def test_callback_ends_the_search_with_the_best_so_far(stop_at, recwarn):
    pytest.importorskip("sklearn.callback")
    watcher = Watcher(stop_at)
    model = make().set_callbacks(watcher).fit(HARD)
    assert_unproven(model, HARD)
    assert watcher.begun == watcher.ended
    assert watcher.steps <= stop_at + 2
    assert not list(recwarn), "who asked for the end knows of it"


# -- without python-sat -----------------------------------------------------------------------


@pytest.fixture
def no_sat(monkeypatch):
    """An environment in which python-sat is not installed."""
    find, load = importlib.util.find_spec, builtins.__import__

    def find_spec(name, *arguments):
        return None if name.split(".")[0] == "pysat" else find(name, *arguments)

    def import_(name, *arguments, **options):
        if name.split(".")[0] == "pysat":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return load(name, *arguments, **options)

    monkeypatch.setattr(_methods, "find_spec", find_spec)
    monkeypatch.setattr(importlib.util, "find_spec", find_spec)
    monkeypatch.setattr(builtins, "__import__", import_)


@pytest.mark.parametrize("X", [EASY, np.zeros((3, 3)), HARD])
def test_sat_without_python_sat_names_the_extra(X, no_sat):
    model = make(3, method="sat")
    with pytest.raises(ImportError, match=r'pip install "skcocluster\[exact\]"'):
        model.fit(X)
    assert not hasattr(model, "row_labels_")


def test_auto_without_python_sat_finds_the_optimum_alone(no_sat):
    X = EASY[:6, :6]
    model = make(3).fit(X)
    assert model.is_optimal_
    assert model.objective_ == least_cost(X, 3, 3)
    assert make(4).fit(EASY).method_ == "branch_and_bound"


def test_auto_without_python_sat_says_so_when_it_does_not_get_there(no_sat):
    with pytest.warns(ConvergenceWarning) as caught:
        model = make(max_nodes=500).fit(HARD)
    text = str(caught[0].message)
    assert 'pip install "skcocluster[exact]"' in text
    assert "python-sat" in text
    assert_unproven(model, HARD)
    with pytest.warns(ConvergenceWarning) as caught:
        make(max_nodes=500, method="branch_and_bound").fit(HARD)
    assert "python-sat" not in str(caught[0].message)
