"""Least cost by bisection over the differences of letters, where every cost can be decided."""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from ._alphabet import Alphabet

Found = TypeVar("Found")


def bisect_cost(
    alphabet: Alphabet,
    low: float,
    high: float,
    decide: Callable[[float, np.ndarray], tuple[float, Found] | None],
) -> tuple[float, Found | None]:
    """Find the least cost that is possible.

    Parameters
    ----------
    alphabet : Alphabet
        Its differences are the costs.
    low, high : float
        Differences; the answer is at least `low`, and `high` is possible.
    decide : callable
        From a cost and what each letter can reach at it to a cost that is not larger and its
        solution; None when there is none.

    Returns
    -------
    cost : float
        The least cost.
    found : object or None
        Its solution; None when `high` is the answer and was never asked.
    """
    # Picks among differences that are too many to be listed; the answer does not depend on it.
    rng = np.random.RandomState(0)
    best: Found | None = None
    while low < high:
        cost = alphabet.between(low, high, rng)
        found = decide(cost, alphabet.reach(cost))
        if found is None:
            low = alphabet.next_above(cost)
        else:
            high, best = found
    return high, best
