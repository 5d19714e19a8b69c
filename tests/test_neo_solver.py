"""One run of NEO-CC: which starts race and how far, and how overlap grows; on scripted descents."""

import pytest

from skcocluster._neocc._descent import Descent
from skcocluster._neocc._solver import RACE_ITERATIONS, STAGE_ITERATIONS, STAGES, Problem, solve


class Scripted(Descent):
    """A descent that starts at `level` and loses `slope` in each iteration, for ever."""

    def __init__(self, level, slope):
        super().__init__("all")
        self.level, self.slope = level, slope
        self.n_iterations = 0
        # Counts, and how many iterations were run with them.
        self.stages = [["all", 0]]

    def set_counts(self, counts):
        super().set_counts(counts)
        self.stages.append([counts, 0])

    def iterate(self):
        self.n_iterations += 1
        self.stages[-1][1] += 1
        return True

    def measure(self):
        return self.level - self.slope * self.n_iterations, 1.0

    def snapshot(self):
        return None

    def restore(self, state):
        raise AssertionError("each iteration gains")


class Told:
    """What a run says of itself, and when it is stopped."""

    def __init__(self, stop_after=None):
        self.steps, self.ends = [], []
        self.stopped = False
        self.stop_after = stop_after

    def step(self, value):
        self.steps.append(value)
        self.stopped = len(self.steps) == self.stop_after
        return self.stopped

    def end(self, value):
        self.ends.append(value)


def run(scripts, n_finishers=1, max_iter=20, told=None, counts=lambda share: "all", anneal=False):
    """Solve with one start for each script; return the solution, the states and what was told."""
    told = told or Told()
    states = {init: Scripted(*script) for init, script in scripts.items()}
    heats = ((tuple(scripts), n_finishers),)
    problem = Problem(counts, anneal, heats, max_iter, tol=0.0)
    return solve(states.__getitem__, problem, told), states, told


def test_losers_stop_after_the_race_and_the_best_are_finished():
    # After the race c leads and b is second; b falls faster and ends lower.
    scripts = {"a": (100.0, 1.0), "b": (99.0, 2.0), "c": (80.0, 1.0)}
    solution, states, _ = run(scripts, n_finishers=2, max_iter=25)
    assert {init: state.n_iterations for init, state in states.items()} == {
        "a": RACE_ITERATIONS,
        "b": 25,
        "c": 25,
    }
    assert solution.state is states["b"]
    assert solution.value == -(99.0 - 2.0 * 25)
    assert len(solution.trace) == 25
    assert not solution.converged


def test_all_that_are_finished_do_not_race():
    _, states, told = run({"a": (100.0, 1.0), "b": (90.0, 1.0)}, n_finishers=2, max_iter=6)
    assert [state.n_iterations for state in states.values()] == [6, 6]
    # Nothing is silent; in the order of their starts.
    assert told.steps == [99.0, 98.0, 97.0, 96.0, 95.0, 94.0, 89.0, 88.0, 87.0, 86.0, 85.0, 84.0]
    assert told.ends == [84.0]


def test_the_leader_is_finished_first_and_races_are_silent():
    scripts = {"a": (100.0, 1.0), "b": (90.0, 1.0), "c": (110.0, 1.0)}
    _, _, told = run(scripts, n_finishers=2, max_iter=RACE_ITERATIONS + 2)
    first = RACE_ITERATIONS + 1
    assert told.steps == [90.0 - first, 89.0 - first, 100.0 - first, 99.0 - first]


@pytest.mark.parametrize("more", [0, 1])
def test_iterations_of_the_race_count_among_max_iter(more):
    scripts = {"a": (100.0, 1.0), "b": (90.0, 1.0)}
    solution, _, told = run(scripts, max_iter=RACE_ITERATIONS + more)
    assert len(solution.trace) == RACE_ITERATIONS + more
    assert len(told.steps) == more


def test_a_race_is_no_longer_than_max_iter():
    solution, states, _ = run({"a": (100.0, 1.0), "b": (90.0, 1.0)}, max_iter=2)
    assert [state.n_iterations for state in states.values()] == [2, 2]
    assert len(solution.trace) == 2


def test_the_best_of_equals_is_the_first():
    solution, states, _ = run({"a": (100.0, 1.0), "b": (100.0, 1.0)}, n_finishers=2)
    assert solution.state is states["a"]


def test_overlap_grows_by_stages_from_none():
    solution, states, told = run(
        {"a": (1000.0, 1.0), "b": (1100.0, 1.0)}, counts=lambda share: share, anneal=True
    )
    stages = [[stage / STAGES, STAGE_ITERATIONS] for stage in range(STAGES)]
    assert states["a"].stages == [["all", 0], [0.0, RACE_ITERATIONS], *stages, [1.0, 20]]
    assert states["b"].stages == [["all", 0], [0.0, RACE_ITERATIONS]]
    # The trace, and what is told, are of the last stage.
    assert len(solution.trace) == len(told.steps) == 20


def test_stages_are_no_longer_than_max_iter():
    _, states, _ = run({"a": (1000.0, 1.0)}, counts=lambda share: share, anneal=True, max_iter=3)
    assert {n for _, n in states["a"].stages[2:]} == {3}


@pytest.mark.parametrize(("anneal", "counts"), [(False, lambda share: share), (True, lambda _: 7)])
def test_without_overlap_that_may_grow_there_are_no_stages(anneal, counts):
    _, states, _ = run({"a": (100.0, 1.0), "b": (90.0, 1.0)}, counts=counts, anneal=anneal)
    assert [len(state.stages) for state in states.values()] == [1, 1]


def test_a_stop_ends_the_run_with_what_is_best_so_far():
    scripts = {"a": (100.0, 1.0), "b": (99.0, 1.0), "c": (98.0, 1.0)}
    solution, states, told = run(scripts, n_finishers=3, told=Told(stop_after=3))
    assert [state.n_iterations for state in states.values()] == [3, 0, 0]
    assert solution.stopped
    assert not solution.converged
    assert solution.state is states["a"]
    assert told.ends == [97.0]


def test_a_run_that_gains_nothing_has_converged():
    class Settled(Scripted):
        def iterate(self):
            super().iterate()
            return False

    states = {"given": Settled(5.0, 1.0)}
    problem = Problem(lambda share: "all", False, ((("given",), 1),), 9, tol=0.0)
    solution = solve(states.__getitem__, problem, Told())
    assert solution.converged
    assert list(solution.trace) == [4.0]


@pytest.mark.parametrize(("tol", "n_iterations"), [(1 / 64, 2), (1 / 65, 20)])
def test_a_run_ends_when_an_iteration_gains_at_most_tol_of_the_objective(tol, n_iterations):
    # 65, 64, 63 and so on: each gain is 1, a larger share from one to the next.
    states = {"given": Scripted(66.0, 1.0)}
    problem = Problem(lambda share: "all", False, ((("given",), 1),), 20, tol=tol)
    solution = solve(states.__getitem__, problem, Told())
    assert len(solution.trace) == n_iterations
    assert solution.converged == (n_iterations < 20)


def test_an_iteration_that_raises_the_objective_is_taken_back():
    class Rising(Scripted):
        def snapshot(self):
            return self.n_iterations

        def restore(self, state):
            self.n_iterations = state

    states = {"given": Rising(5.0, -1.0)}
    problem = Problem(lambda share: "all", False, ((("given",), 1),), 9, tol=0.0)
    solution = solve(states.__getitem__, problem, Told())
    assert list(solution.trace) == [6.0, 6.0]
    assert states["given"].n_iterations == 1
    assert solution.converged
