"""One run: starts race, the best are finished, the overlap may grow on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from .._shared.caller import warn_caller
from .._shared.progress import RunProgress
from ._descent import Descent
from ._starts import Heat

# How far starts race before the best of them are finished.
RACE_ITERATIONS = 4
# The overlap grows in so many stages of so many iterations.
STAGES = 8
STAGE_ITERATIONS = 8
STAGE_TOL = 1e-4


@dataclass(frozen=True)
class Problem:
    """What a run needs to know, apart from the data and its start.

    Attributes
    ----------
    counts : callable
        ``counts(share)`` returns the constraints with a share of the overlap, as
        ``set_counts`` of the state takes them; share 1 is the whole.
    anneal : bool
        Whether the overlap grows from none.
    heats : tuple
        Starts that race against each other, and how many of them are finished.
    max_iter, tol
        As in the estimators.
    """

    counts: Callable[[float], Any]
    anneal: bool
    heats: tuple[Heat, ...]
    max_iter: int
    tol: float

    @property
    def ramps(self) -> bool:
        """Whether there is an overlap that can grow."""
        return self.anneal and self.counts(0.0) != self.counts(1.0)


@dataclass(frozen=True)
class Solution:
    """The result of one run; `value`, minus the objective, is what runs maximise."""

    value: float
    state: Any
    trace: np.ndarray
    converged: bool
    stopped: bool


def solve(
    make_state: Callable[[str], Descent], problem: Problem, progress: RunProgress
) -> Solution:
    """Lower the objective from one start, or from several that race.

    Parameters
    ----------
    make_state : callable
        ``make_state(init)`` returns a state at a new start; called once for each racer.
    problem : Problem
        What to do.
    progress : RunProgress
        Told of each iteration that counts.

    Returns
    -------
    solution : Solution
        The state of least objective.
    """
    best: Descent | None = None
    converged = False
    racers = [state for heat in problem.heats for state in _race(make_state, problem, heat)]
    for state in racers:
        done = _finish(state, problem, progress)
        if best is None or state.value < best.value:
            best, converged = state, done
        if progress.stopped:
            break
    assert best is not None
    progress.end(best.value)
    return Solution(-best.value, best, np.array(best.trace), converged, progress.stopped)


def _race(make_state: Callable[[str], Descent], problem: Problem, heat: Heat) -> list[Descent]:
    """Return the states to finish, the best first."""
    inits, n_finishers = heat
    states: list[Descent] = []
    for init in inits:
        state = make_state(init)
        if problem.ramps:
            state.set_counts(problem.counts(0.0))
        if len(inits) > n_finishers:
            state.run(min(RACE_ITERATIONS, problem.max_iter), problem.tol, _silent)
        # What has lost is let go at once: states hold sums of all rows.
        states = sorted([*states, state], key=lambda state: state.value)[:n_finishers]
    return states


def _finish(state: Descent, problem: Problem, progress: RunProgress) -> bool:
    """Run a state to its end; return whether it converged."""
    if problem.ramps:
        for stage in range(STAGES):
            state.set_counts(problem.counts(stage / STAGES))
            state.run(min(STAGE_ITERATIONS, problem.max_iter), STAGE_TOL, _silent)
        state.set_counts(problem.counts(1.0))
    left = problem.max_iter - len(state.trace)
    return left > 0 and state.run(left, problem.tol, progress.step)


def _silent(value: float) -> bool:
    return False


def warn_if_unconverged(best: Solution) -> None:
    """Warn when the best run ended at max_iter."""
    if not (best.converged or best.stopped):
        message = "Not converged within max_iter iterations; raise max_iter or tol."
        warn_caller(message, ConvergenceWarning)
