"""How the benchmarks measure: CPU time of one thread, in reads of X taken in the same run."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numba
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

# Per measurement, in seconds of CPU time: the least of many short repeats is what a busy machine
# leaves undisturbed, and a quick run of everything must end in minutes.
BUDGET = 0.5
MIN_REPEATS, MAX_REPEATS = 3, 50
# Shorter work is repeated within one measurement: clocks have a grain.
MIN_SECONDS = 2e-3


def read_once(X: Any) -> None:
    """Read X once: the unit of cost."""
    if sp.issparse(X):
        X.data.sum()
        X.indices.sum()
    else:
        X.sum()


def _cpu_seconds(work: Callable[[], Any], n_calls: int) -> float:
    # Of the process, not of the calling thread: a peer may work in a pool's only thread.
    start = time.process_time()
    for _ in range(n_calls):
        work()
    return (time.process_time() - start) / n_calls


def _n_calls(work: Callable[[], Any]) -> int:
    return 1 + int(MIN_SECONDS / max(_cpu_seconds(work, 1), 1e-7))


def cost(work: Callable[[], Any], unit: Callable[[], Any]) -> float:
    """Return the CPU time of `work` in units of that of `unit`.

    Both take turns, with every library held to one thread, and the least time of each counts:
    what else the machine does then disturbs neither or both.
    """
    n_threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        with threadpool_limits(1):
            work()  # compiles, and fills the caches
            n_work, n_unit = _n_calls(work), _n_calls(unit)
            works: list[float] = []
            units: list[float] = []
            start = time.process_time()
            while len(works) < MIN_REPEATS or (
                len(works) < MAX_REPEATS and time.process_time() - start < BUDGET
            ):
                works.append(_cpu_seconds(work, n_work))
                units.append(_cpu_seconds(unit, n_unit))
            return min(works) / min(units)
    finally:
        numba.set_num_threads(n_threads)


class InReads(ABC):
    """A benchmark in reads of X. Abstract: asv runs every concrete class that it sees.

    Subclasses set ``X`` in ``setup`` and say in ``work`` what is measured.
    """

    unit = "reads of X"

    X: Any

    @abstractmethod
    def setup(self, *params: Any) -> None:
        """Make X and whatever else is not measured."""

    @abstractmethod
    def work(self) -> Any:
        """Do once what is measured."""

    def track_cost(self, *params: Any) -> float:
        """Return the cost of ``work`` in reads of X."""
        return cost(self.work, lambda: read_once(self.X))
