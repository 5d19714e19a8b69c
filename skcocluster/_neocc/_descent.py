"""The loop that both algorithms share: steps that lower an objective until they gain nothing."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

# Relative to the energy of X: a lesser gain is rounding.
ROUNDING = 1e-14


class Descent(ABC):
    """A state, steps that never raise its objective, and the trace of the objective.

    Attributes
    ----------
    counts : object
        The constraints.
    trace : list of float
        Objective after each iteration.
    value : float
        The objective of the state; infinite before the first iteration.
    """

    def __init__(self, counts: Any) -> None:
        self.counts = counts
        self.trace: list[float] = []
        self.value = np.inf

    def set_counts(self, counts: Any) -> None:
        """Change the constraints: the objective starts anew."""
        self.counts = counts
        self.trace, self.value = [], np.inf

    @abstractmethod
    def iterate(self) -> bool:
        """Do the steps of one iteration; return whether the state changed."""

    @abstractmethod
    def measure(self) -> tuple[float, float]:
        """Return the objective and the energy that it is a part of."""

    @abstractmethod
    def snapshot(self) -> Any:
        """Return the state."""

    @abstractmethod
    def restore(self, state: Any) -> None:
        """Go back to a state."""

    def run(self, max_iter: int, tol: float, on_iteration: Callable[[float], bool]) -> bool:
        """Iterate until the gain is at most `tol` of the objective.

        An iteration that gains nothing is taken back: memberships may cycle among equals, and
        rounding could raise the objective.

        Parameters
        ----------
        max_iter : int
            Iterations at the most.
        tol : float
            Relative to the objective; 0 goes on to a fixed point.
        on_iteration : callable
            Told the objective after each iteration; stops the run by returning True.

        Returns
        -------
        converged : bool
            Whether it stopped for lack of gain.
        """
        for _ in range(max_iter):
            before, best = self.snapshot(), self.value
            changed = self.iterate()
            now, energy = self.measure()
            if not now < best:
                self.restore(before)
                now = best
            self.value = now
            self.trace.append(now)
            stop = on_iteration(now)
            if not changed or best - now <= max(tol * now, ROUNDING * energy):
                return True
            if stop:
                return False
        return False
