"""Limits of time and of nodes: who looks at them, and that what is known so far is the result."""

import itertools

import numpy as np
import pytest
from max_norm_fits import EASY, HARD, assert_unproven, fit_unproven, make, same_fit
from sklearn.exceptions import ConvergenceWarning

from skcocluster._maxnorm import (
    _bounds,
    _branch_decider,
    _budget,
    _sat_decider,
)
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._budget import Budget
from skcocluster._maxnorm._decision import UNKNOWN, Decision
from skcocluster._maxnorm._driver import bisect, decide_one
from skcocluster._maxnorm._local_search import LocalSearch
from skcocluster._maxnorm._proof import Proof

# -- a clock that stands still unless it is told to go ----------------------------------------


class Clock:
    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(_budget, "time", clock)
    return clock


def test_budget_counts_seconds_down_to_zero(clock):
    budget = Budget(5.0)
    assert budget.seconds_left() == 5.0
    clock.now += 4.5
    assert budget.seconds_left() == 0.5
    assert not budget.is_over()
    clock.now += 0.5
    assert budget.is_over()
    clock.now += 100
    assert budget.seconds_left() == 0.0
    assert budget.is_over()


def test_budget_counts_work_down_to_zero(clock):
    budget = Budget(None, 10)
    assert budget.seconds_left() is None
    assert budget.allow(7) == 7
    assert budget.allow(11) == 10
    budget.spend(7)
    assert budget.allow(7) == 3
    assert not budget.is_over()
    budget.spend(7)
    assert budget.allow(7) == 0
    assert budget.is_over()


def test_budget_without_limits_is_never_over(clock):
    budget = Budget()
    budget.spend(10**12)
    clock.now += 1e12
    assert budget.allow(10**12) == 10**12
    assert not budget.is_over()


@pytest.fixture
def no_local_search(monkeypatch):
    """Leave the upper bound to the deciders."""
    monkeypatch.setattr(LocalSearch, "improve", lambda *_: None)


class Slow:
    """A decider that takes 10 s and decides nothing."""

    def __init__(self, name, clock, log):
        self.name = name
        self.clock = clock
        self.log = log

    def start(self, reach):
        self.reach = reach

    def run(self, effort, budget):
        self.log.append((self.name, effort, self.clock.now - 1000))
        self.clock.now += 10
        return UNKNOWN


def make_proof(X, n_clusters=(3, 3)):
    return Proof.trivial(Alphabet(X), n_clusters)


def test_no_decider_is_asked_after_the_time_is_over(clock, no_local_search):
    log = []
    deciders = [Slow("a", clock, log), Slow("b", clock, log)]
    proof = make_proof(EASY)
    bisect(proof, deciders, Budget(65.0), np.random.RandomState(0), lambda proof: False)
    assert [time for _, _, time in log] == [0, 10, 20, 30, 40, 50, 60]
    assert [name for name, _, _ in log] == ["a", "b", "a", "b", "a", "b", "a"]
    assert not proof.is_optimal
    log.clear()
    assert decide_one(proof, 10.0, deciders, Budget(35.0), np.random.RandomState(0)) == "unknown"
    assert len(log) == 4


def test_efforts_double_when_costs_stay_open(clock, no_local_search):
    log = []
    bisect(
        make_proof(EASY),
        [Slow("a", clock, log)],
        Budget(300.0),
        np.random.RandomState(0),
        lambda proof: False,
    )
    efforts = [effort for _, effort, _ in log]
    distinct = sorted(set(efforts))
    assert efforts == sorted(efforts)
    assert len(distinct) >= 3
    assert all(b == 2 * a for a, b in itertools.pairwise(distinct))


def test_a_callback_that_says_so_ends_the_search(clock):
    log, calls = [], []

    def stop_at_third(proof):
        calls.append(proof.lower)
        return len(calls) == 3

    deciders = [Slow("a", clock, log)]
    bisect(make_proof(EASY), deciders, Budget(), np.random.RandomState(0), stop_at_third)
    assert len(calls) == 3
    assert len(log) <= 3


class SlowSearch:
    """Stands in for branch and bound: each call uses its nodes and takes a second."""

    def __init__(self, clock):
        self.clock = clock
        self.n_nodes = 0
        self.given = []

    def start(self, reach):
        pass

    def run(self, max_nodes):
        self.given.append(max_nodes)
        self.n_nodes += max_nodes
        self.clock.now += 1
        return UNKNOWN


def make_branch_decider(search, X=HARD, n_clusters=(7, 7)):
    decider = _branch_decider.BranchDecider(Alphabet(X).codes, n_clusters, np.random.RandomState(0))
    decider._search = search
    return decider


def test_branch_and_bound_looks_at_the_clock_between_slices(clock):
    search = SlowSearch(clock)
    answer = make_branch_decider(search).run(10**12, Budget(5.0))
    assert answer.status == "unknown"
    assert len(search.given) == 5
    assert max(search.given) <= _branch_decider.SLICE_WORK / (2 * 60 * 7)


def test_branch_and_bound_spends_its_effort_and_the_nodes_left(clock):
    spent = []
    for effort in (100, 200):
        search = SlowSearch(clock)
        make_branch_decider(search).run(effort, Budget())
        spent.append(search.n_nodes)
    assert spent[0] > 0
    assert spent[1] == 2 * spent[0]
    budget = Budget(None, spent[0] // 2)
    search = SlowSearch(clock)
    make_branch_decider(search).run(100, budget)
    assert search.n_nodes == spent[0] // 2
    assert budget.is_over()


class RecordingSat:
    def __init__(self):
        self.calls = []

    def start(self, reach):
        pass

    def run(self, *, max_conflicts, seconds):
        self.calls.append((max_conflicts, seconds))
        return UNKNOWN


def test_sat_gets_the_seconds_and_the_work_that_are_left(clock):
    turns = _sat_decider.SatTurns(Alphabet(EASY).codes, (3, 3))
    turns._solver = RecordingSat()
    turns.run(1_000, Budget())
    ((conflicts, seconds),) = turns._solver.calls
    assert conflicts > 0
    assert seconds is None
    budget = Budget(10.0, conflicts + 100)
    for passed in (4, 5):
        clock.now += passed
        turns.run(1_000, budget)
    assert turns._solver.calls[1:] == [(conflicts, 6.0), (100, 1.0)]
    assert budget.is_over()


def test_short_limits_skip_the_distances_of_all_pairs():
    alphabet = Alphabet(HARD)
    assert _bounds.Bounds(alphabet, 0.0).rows.widths is None
    assert _bounds.Bounds(alphabet, 0.0).columns.widths is None
    assert _bounds.Bounds(alphabet, 60.0).rows.widths is not None
    assert _bounds.Bounds(alphabet).rows.widths is not None


# -- whole fits -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["auto", "branch_and_bound", "sat"])
def test_time_limit_returns_the_best_so_far_with_its_bounds(method):
    model = fit_unproven(HARD, method=method, time_limit=0.3)
    assert_unproven(model, HARD)
    assert model.lower_bound_ > 0
    assert model.objective_ < HARD.max() - HARD.min()


def test_time_limit_of_zero_still_bounds_from_both_sides():
    model = fit_unproven(HARD, time_limit=0)
    assert_unproven(model, HARD)
    assert model.lower_bound_ > 0
    assert model.method_ == "bounds"


def test_limits_do_not_touch_what_is_proven_in_time(recwarn):
    model = make(4, time_limit=1e6, max_nodes=10**12).fit(EASY)
    assert model.is_optimal_
    assert model.objective_ == make(4).fit(EASY).objective_
    assert not list(recwarn)


@pytest.mark.parametrize("method", ["auto", "branch_and_bound", "sat"])
@pytest.mark.parametrize("limit", [np.inf, 1e10, 1e300])
def test_limits_beyond_any_clock_are_no_limits(method, limit):
    model = make(4, method=method, time_limit=limit).fit(EASY)
    assert model.is_optimal_


def test_warning_names_both_bounds_and_what_to_raise():
    with pytest.warns(ConvergenceWarning) as caught:
        model = make(max_nodes=500).fit(HARD)
    text = str(caught[0].message)
    assert f"the cost is {model.objective_:g}, the lower bound {model.lower_bound_:g}" in text
    assert "time_limit or max_nodes" in text
    assert "pip install" not in text


def test_auto_asks_branch_and_bound_and_sat(monkeypatch):
    asked = []
    for decider in (_branch_decider.BranchDecider, _sat_decider.SatTurns):

        def run(self, effort, budget, run=decider.run):
            asked.append(self.name)
            return run(self, effort, budget)

        monkeypatch.setattr(decider, "run", run)
    fit_unproven(HARD, max_nodes=20_000)
    assert asked[0] == "branch_and_bound"
    assert set(asked) == {"branch_and_bound", "sat"}


@pytest.mark.parametrize("method", ["auto", "branch_and_bound", "sat"])
def test_limit_of_nodes_gives_the_same_twice(method):
    parameters = {"method": method, "max_nodes": 20_000, "random_state": 3}
    first, second = fit_unproven(HARD, **parameters), fit_unproven(HARD, **parameters)
    assert_unproven(first, HARD)
    assert same_fit(first, second)


@pytest.mark.parametrize("method", ["auto", "branch_and_bound", "sat"])
def test_more_nodes_are_never_worse(method):
    limits = (1, 300, 3_000, 30_000)
    models = [fit_unproven(HARD, method=method, max_nodes=n) for n in limits]
    for less, more in itertools.pairwise(models):
        assert more.objective_ <= less.objective_
        assert more.lower_bound_ >= less.lower_bound_
    gaps = [model.objective_ - model.lower_bound_ for model in models]
    assert gaps[-1] < gaps[0]


@pytest.mark.parametrize("method", ["auto", "branch_and_bound", "sat"])
def test_nodes_and_conflicts_stay_within_their_limit(method, monkeypatch):
    spent = []
    spend = Budget.spend

    def record(self, work):
        spent.append(work)
        spend(self, work)

    monkeypatch.setattr(Budget, "spend", record)
    fit_unproven(HARD, method=method, max_nodes=3_000)
    assert sum(spent) == 3_000


def test_answers_that_do_not_fit_are_not_taken(no_local_search):
    """A decider that claims too much does not lower the cost below what its labels cost."""
    X = EASY

    class Liar(Slow):
        def run(self, effort, budget):
            n_rows, n_columns = X.shape
            self.clock.now += 10
            return Decision("feasible", np.zeros(n_rows, np.int32), np.zeros(n_columns, np.int32))

    proof = make_proof(X)
    clock = Clock()
    bisect(
        proof,
        [Liar("a", clock, [])],
        Budget(None),
        np.random.RandomState(0),
        lambda proof: clock.now > 1100,
    )
    assert proof.best.cost == X.max() - X.min()
