"""Bisection over costs, with deciders that follow a script: what is asked, with how much effort."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcocluster._maxnorm import _driver
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._budget import Budget
from skcocluster._maxnorm._decision import UNKNOWN, Decision
from skcocluster._maxnorm._driver import FIRST_EFFORT, MAX_OPEN, bisect, decide, decide_one
from skcocluster._maxnorm._local_search import LocalSearch
from skcocluster._maxnorm._proof import Proof

# One column in three runs: the least cost is 9, of runs of ten.
X = np.arange(30.0)[:, None]
LEAST = 9.0


class Scripted:
    """Decides a cost as soon as the effort is enough for it; notes what it was asked."""

    name = "scripted"

    def __init__(self, enough=lambda cost: 0):
        self.enough = enough
        self.asked = []

    def start(self, reach):
        self.cost = float((X[reach, 0] - X[:, 0]).max())

    def run(self, effort, budget):
        budget.spend(1)
        self.asked.append((self.cost, effort))
        if effort < self.enough(self.cost):
            return UNKNOWN
        if self.cost < LEAST:
            return Decision("infeasible")
        width = int(self.cost) + 1
        return Decision("feasible", np.arange(30, dtype=np.int32) // width, np.zeros(1, np.int32))


@pytest.fixture(autouse=True)
def without_local_search(monkeypatch):
    monkeypatch.setattr(LocalSearch, "improve", lambda self, proof, effort, budget: None)


def rng():
    return np.random.RandomState(0)


def goes_on(proof):
    return False


def make_proof():
    return Proof.trivial(Alphabet(X), (3, 1))


def test_nothing_is_known_without_a_look_but_that_one_block_fits():
    proof = make_proof()
    assert (proof.lower, proof.best.cost, proof.method, proof.trace) == (0, 29, "bounds", [29])
    assert not proof.is_optimal
    assert_array_equal(proof.best.row_labels, 0)
    assert Proof.trivial(Alphabet(np.ones((2, 2))), (1, 1)).is_optimal


def test_only_better_labels_are_taken():
    proof = make_proof()
    halves = np.arange(30, dtype=np.int32) // 15
    column = np.zeros(1, np.int32)
    proof.offer(halves, column)
    best = proof.best
    proof.offer(1 - halves, column)
    proof.offer(np.zeros(30, np.int32), column)
    assert proof.best is best
    assert proof.trace == [29, 14]


def test_bounds_that_are_ruled_out_never_fall():
    proof = make_proof()
    proof.rule_out(4.0, "first")
    assert (proof.lower, proof.method) == (5, "first")
    proof.rule_out(2.0, "second")
    assert proof.lower == 5
    proof.close("third")
    assert proof.is_optimal
    assert (proof.lower, proof.method) == (29, "third")


@pytest.mark.parametrize("seed", range(10))
def test_bisection_ends_at_the_optimum_however_hard_costs_are(seed):
    hardness = np.random.default_rng(seed).choice([0, 4, 5, 16, 60], 31)
    decider, proof = Scripted(lambda cost: hardness[int(cost)]), make_proof()
    steps = []
    bisect(proof, [decider], Budget(), rng(), lambda proof: steps.append(proof.best.cost))
    assert (proof.lower, proof.best.cost, proof.method) == (LEAST, LEAST, "scripted")
    assert steps == sorted(steps, reverse=True)
    efforts = [effort for _, effort in decider.asked]
    assert efforts == sorted(efforts)
    assert set(efforts) <= {FIRST_EFFORT * 2**level for level in range(5)}
    assert len(set(decider.asked)) == len(decider.asked)


def test_a_level_asks_below_and_above_what_is_open_and_then_effort_doubles():
    # The first cost below the best is found, all others stay open.
    decider, proof = Scripted(lambda cost: 0 if cost == 28 else np.inf), make_proof()

    def stop(proof):
        return len(decider.asked) > 4 * MAX_OPEN

    bisect(proof, [decider], Budget(), rng(), stop)
    by_effort = {}
    for cost, effort in decider.asked:
        by_effort.setdefault(effort, []).append(cost)
    assert list(by_effort)[:3] == [FIRST_EFFORT, 2 * FIRST_EFFORT, 4 * FIRST_EFFORT]
    first = by_effort[FIRST_EFFORT]
    assert first[0] == proof.best.cost == 28
    low = high = first[1]
    for n_open, cost in enumerate(first[2:], 1):
        assert cost < low or high < cost < proof.best.cost
        assert (cost < low) == (n_open % 2 == 1 or high == proof.best.cost - 1)
        low, high = min(low, cost), max(high, cost)
    assert len(first) == 1 + MAX_OPEN
    # The next level begins with what would end it all.
    assert by_effort[2 * FIRST_EFFORT][0] == proof.best.cost - 1


def test_a_step_may_end_the_search_and_so_may_the_budget():
    for n_steps in (1, 2, 3):
        decider, steps = Scripted(lambda cost: np.inf), []
        stop = lambda proof, n=n_steps, seen=steps: len(seen) == n or seen.append(0)  # noqa: E731
        bisect(make_proof(), [decider], Budget(), rng(), stop)
        assert len(decider.asked) == n_steps
    decider = Scripted(lambda cost: np.inf)
    bisect(make_proof(), [decider], Budget(work=3), rng(), goes_on)
    assert len(decider.asked) == 3


def test_beside_what_is_open_is_below_or_above_it_or_nowhere():
    proof = make_proof()
    proof.lower, low, high = 5.0, 10.0, 20.0
    assert 5 <= _driver._beside(proof, low, high, True, rng()) < 10
    assert 20 < _driver._beside(proof, low, high, False, rng()) < 29
    assert 20 < _driver._beside(proof, 5.0, high, True, rng()) < 29
    assert 5 <= _driver._beside(proof, low, 28.0, False, rng()) < 10
    assert np.isnan(_driver._beside(proof, 5.0, 28.0, True, rng()))
    assert np.isnan(_driver._beside(proof, 5.0, 28.0, False, rng()))


def test_the_next_decider_is_asked_only_when_the_one_before_does_not_know():
    first, second = Scripted(lambda cost: np.inf), Scripted()
    proof = make_proof()
    assert decide(proof, 12.0, [first, second], 7, Budget()) == "feasible"
    assert (first.asked, second.asked) == ([(12, 7)], [(12, 7)])
    assert proof.best.cost == 12
    assert decide(proof, 8.0, [second, first], 7, Budget()) == "infeasible"
    assert (len(first.asked), len(second.asked)) == (1, 2)
    assert proof.lower == 9
    assert decide(proof, 9.0, [first], 7, Budget()) == "unknown"
    assert decide(proof, 9.0, [first, second], 7, Budget(work=1)) == "unknown"
    assert (len(first.asked), len(second.asked)) == (3, 2)
    assert (proof.lower, proof.best.cost) == (9, 12)


@pytest.mark.parametrize(("cost", "status"), [(9.0, "feasible"), (8.0, "infeasible")])
def test_one_cost_is_decided_with_effort_that_doubles(cost, status):
    decider = Scripted(lambda cost: 5 * FIRST_EFFORT)
    assert decide_one(make_proof(), cost, [decider], Budget(), rng()) == status
    assert decider.asked == [(cost, FIRST_EFFORT * 2**level) for level in range(4)]


def test_one_cost_that_bounds_decide_is_not_asked_for():
    decider, proof = Scripted(), make_proof()
    assert decide_one(proof, 29.0, [decider], Budget(), rng()) == "feasible"
    proof.lower = 5.0
    assert decide_one(proof, 4.0, [decider], Budget(), rng()) == "infeasible"
    for cost in (5.0, 6.0):
        assert decide_one(proof, cost, [decider], Budget(work=0), rng()) == "unknown"
    assert decider.asked == []


def test_budget_of_work_is_allowed_and_spent_down_to_nothing():
    budget = Budget(work=5)
    assert (budget.allow(3), budget.allow(9)) == (3, 5)
    budget.spend(3)
    assert (budget.allow(9), budget.is_over()) == (2, False)
    budget.spend(7)
    assert (budget.allow(9), budget.is_over()) == (0, True)
    endless = Budget()
    endless.spend(100)
    assert (endless.allow(9), endless.is_over(), endless.seconds_left()) == (9, False, None)


def test_budget_of_time_ends_at_none_and_years_are_no_limit(monkeypatch):
    clock = [50.0]
    monkeypatch.setattr("skcocluster._maxnorm._budget.time.monotonic", lambda: clock[0])
    budget = Budget(10.0)
    assert (budget.seconds, budget.seconds_left(), budget.is_over()) == (10.0, 10.0, False)
    clock[0] = 59.0
    assert (budget.seconds_left(), budget.is_over()) == (1.0, False)
    clock[0] = 60.0
    assert budget.is_over()
    clock[0] = 99.0
    assert (budget.seconds_left(), budget.is_over()) == (0.0, True)
    assert Budget(0.0).is_over()
    assert Budget(np.inf).seconds is None
