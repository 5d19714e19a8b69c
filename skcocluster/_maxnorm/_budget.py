"""How long a search may go on: seconds on the clock, or units of work that repeat exactly."""

import time
from numbers import Real

from .._shared.options import check_at_least

# Three years are no limit, and clocks count no further than some centuries.
NO_LIMIT = 1e8


def check_time_limit(time_limit: float | None) -> None:
    """Raise TypeError for what is no number, ValueError when it is negative or NaN."""
    if time_limit is not None:
        check_at_least("time_limit", time_limit, 0.0, Real)


class Budget:
    """What is left of a time limit and of a work limit.

    Parameters
    ----------
    seconds : float or None
        Time from now on; None for no limit.
    work : int or None
        Nodes of branch and bound and conflicts of SAT together; None for no limit.

    Attributes
    ----------
    seconds : float or None
        The time limit, None without.
    """

    def __init__(self, seconds: float | None = None, work: int | None = None) -> None:
        if seconds is not None and seconds >= NO_LIMIT:
            seconds = None
        self.seconds = seconds
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._work = work

    def seconds_left(self) -> float | None:
        """Return the seconds left, at least 0; None without limit."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - time.monotonic())

    def allow(self, work: int) -> int:
        """Return how much of this work may be done."""
        return work if self._work is None else min(work, self._work)

    def spend(self, work: int) -> None:
        """Take off work that was done."""
        if self._work is not None:
            self._work = max(0, self._work - work)

    def is_over(self) -> bool:
        """Return whether either limit is reached."""
        return self._work == 0 or self.seconds_left() == 0.0
