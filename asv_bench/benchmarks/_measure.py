"""How the benchmarks measure: CPU time of one thread, in reads of X taken in the same run."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import scipy.sparse as sp
from threadpoolctl import threadpool_limits

# Per measurement, in seconds of CPU time: the least of many short repeats is what a busy machine
# leaves undisturbed, and a quick run of everything must end in minutes.
BUDGET = 0.5
MIN_REPEATS, MAX_REPEATS = 2, 50
# Of work that takes longer than this, each repeat is long enough to be undisturbed: one will do.
LONG = 2.0
# Shorter work is repeated within one measurement: clocks have a grain.
MIN_SECONDS = 2e-3
# In each turn the unit is measured for so long, and at least once: beside long work there are few
# turns, and one that is disturbed would be the unit of all of it.
UNIT_SECONDS = 0.03


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


class _Timer:
    """The times of one kind of work, each over as many calls as a clock's grain asks for."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        once = _cpu_seconds(work, 1)
        self.n_calls = 1 + int(MIN_SECONDS / max(once, 1e-7))
        # A single call below the clock's grain may take no time at all.
        self.seconds = [once if self.n_calls == 1 else _cpu_seconds(work, self.n_calls)]

    def repeat(self) -> None:
        """Measure once more."""
        self.seconds.append(_cpu_seconds(self.work, self.n_calls))

    def repeat_for(self, seconds: float) -> None:
        """Measure until that long has passed, once at least."""
        start = time.process_time()
        while True:
            self.repeat()
            if time.process_time() - start >= seconds:
                break


def cost(
    work: Callable[[], Any],
    unit: Callable[[], Any],
    warm_up: Callable[[], Any] | None = None,
) -> float:
    """Return the CPU time of `work` in units of that of `unit`.

    Both take turns, with every library held to one thread, and the least time of each counts:
    what else the machine does then disturbs neither or both. `warm_up` is what compiles and fills
    the caches before, if it is not to be the work itself.
    """
    with threadpool_limits(1):
        (warm_up or work)()
        start = time.process_time()
        timers = _Timer(work), _Timer(unit)
        for i in range(MAX_REPEATS):
            spent = time.process_time() - start
            if spent > LONG * (i + 1) or (i >= MIN_REPEATS and spent > BUDGET):
                break
            timers[0].repeat()
            timers[1].repeat_for(UNIT_SECONDS)
        timers[1].repeat_for(UNIT_SECONDS)
    return min(timers[0].seconds) / min(timers[1].seconds)


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
