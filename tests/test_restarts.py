"""Which restart is the best, and what each of them starts from."""

from dataclasses import dataclass

import numpy as np
import pytest

from skcocluster._shared.restarts import run_restarts


@dataclass(frozen=True)
class Result:
    """A restart's number, the first random number that it has drawn, and its value."""

    number: int
    drawn: int
    value: float


def best_of(values, random_state=0, n_jobs=None):
    def run(number, rng):
        return Result(number, int(rng.randint(1 << 30)), values[number])

    return run_restarts(run, len(values), random_state, n_jobs)


@pytest.mark.parametrize("n_jobs", [None, 2])
@pytest.mark.parametrize(
    ("values", "number"),
    [
        ([3.0, 1.0, 2.0], 0),
        ([1.0, 3.0, 2.0], 1),
        ([-1.0, -3.0, -0.5], 2),
        ([0.0, 0.0, 0.0], 0),
        ([-2.0, -2.0], 0),
        ([1.0, 1.0 + 1e-14], 0),
        ([-1.0, -1.0 + 1e-14], 0),
        ([1.0, 1.0 + 1e-9], 1),
        ([-1.0, -1.0 + 1e-9], 1),
        ([np.nan, -5.0, np.nan], 1),
        ([1.0, np.nan, 0.0], 0),
    ],
)
def test_best_is_the_largest_the_first_of_equals_and_a_number(values, number, n_jobs):
    assert best_of(values, n_jobs=n_jobs).number == number


def test_one_restart_is_its_own_best():
    assert np.isnan(best_of([np.nan]).value)


def test_a_restart_starts_alike_whatever_the_number_of_restarts():
    alone = best_of([1.0])
    assert best_of([1.0, 0.0]) == alone
    assert best_of([1.0, 0.0, 0.5], n_jobs=2) == alone
    assert best_of([1.0], random_state=1).drawn != alone.drawn


def test_restarts_start_from_numbers_of_their_own():
    drawn = {best_of(np.eye(20)[i]).drawn for i in range(20)}
    assert len(drawn) == 20


def test_an_engine_that_shares_reads_runs_all_restarts_together():
    class Engine:
        shares_reads = True

        def run_together(self, tasks):
            self.n_tasks = len(tasks)
            return [task() for task in tasks]

    engine = Engine()
    found = run_restarts(lambda number, rng: Result(number, 0, float(number)), 3, 0, None, engine)
    assert (found.number, engine.n_tasks) == (2, 3)
