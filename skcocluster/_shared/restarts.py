"""Restarts: all seeds first, threads that share X, the best result by objective then number."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np
from joblib import Parallel, delayed
from sklearn.utils import check_random_state


class HasValue(Protocol):
    """A result with the value by which restarts compare; larger is better."""

    @property
    def value(self) -> float:
        """The value of the result."""
        ...


# Relative difference below which two values are the same.
TIE = 1e-12
Result = TypeVar("Result", bound=HasValue)


def run_restarts(
    run: Callable[[int, np.random.RandomState], Result],
    n_init: int,
    random_state: object,
    n_jobs: int | None,
    engine: Any = None,
) -> Result:
    """Run `n_init` restarts and return the best.

    Parameters
    ----------
    run : callable
        ``run(number, random_state)`` returns a result with a `value`, larger is better.
    n_init : int
        Number of restarts.
    random_state : int, RandomState or None
        All seeds are drawn from it before any restart begins, so neither the number of jobs
        nor their order matters, and the first restarts are the same for every `n_init`.
    n_jobs : int or None
        Threads, in joblib's terms; or workers, where ``joblib.parallel_config`` names a backend.
    engine : Engine or None, default=None
        What the runs read X through. One whose runs share reads runs them all together, whatever
        `n_jobs` says.

    Returns
    -------
    result : object
        The one of largest value, the first of equals (up to rounding); NaN never wins.
    """
    seeds = check_random_state(random_state).randint(np.iinfo(np.int32).max, size=n_init)
    if n_init == 1:
        # Joblib's bookkeeping takes longer than a small fit.
        return run(0, np.random.RandomState(seeds[0]))
    runs = [(i, np.random.RandomState(seed)) for i, seed in enumerate(seeds)]
    if engine is not None and engine.shares_reads:
        results = engine.run_together([partial(run, *arguments) for arguments in runs])
    else:
        shared = _Shared(run)
        tasks = (delayed(_run)(shared, *arguments) for arguments in runs)
        results = Parallel(n_jobs=n_jobs, prefer="threads")(tasks)
    best = results[0]
    for result in results[1:]:
        # Restarts often meet in one optimum: rounding must not choose between its labellings.
        if np.isnan(best.value) or result.value > best.value + TIE * abs(best.value):
            best = result
    return best


class _Shared:
    """What all runs need, X above all: a backend that sends tasks elsewhere sends it once."""

    def __init__(self, run: Callable[[int, np.random.RandomState], Any]) -> None:
        self.run = run

    def __sizeof__(self) -> int:
        """Return a size from which on joblib's dask backend does not send it with every task."""
        return 1 << 20


def _run(shared: _Shared, number: int, random_state: np.random.RandomState) -> Any:
    return shared.run(number, random_state)
