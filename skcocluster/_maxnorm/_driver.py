"""Bisection over the differences of entries, with deciders that take turns under growing budgets.

Costs far from the optimum are decided fast by one decider or the other; those next to it may
never be. So a level of effort lets the local search lower the cost, asks whether less is possible
at all, then tries the middle of the bounds and both sides of what stayed open; only when it gets
no further does the effort double.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from ._budget import Budget
from ._decision import UNKNOWN, Decision
from ._local_search import LocalSearch
from ._proof import Proof

# Effort of the first level: some milliseconds of each decider.
FIRST_EFFORT = 4
# Costs that one level may leave open, alternately below and above the first.
MAX_OPEN = 5


class Decider(Protocol):
    """Decides one cost after the other, each with as much work as it is given."""

    name: str

    def start(self, reach: np.ndarray) -> None:
        """Begin with another cost."""
        ...

    def run(self, effort: int, budget: Budget) -> Decision:
        """Go on for this effort, or until the budget is over."""
        ...


def bisect(
    proof: Proof,
    deciders: Sequence[Decider],
    budget: Budget,
    rng: np.random.RandomState,
    on_step: Callable[[Proof], bool],
) -> None:
    """Close the gap between the bounds of `proof`, as far as the budget goes.

    Parameters
    ----------
    proof : Proof
        Changed in place, and right at any moment.
    deciders : sequence of Decider
        Asked in turn.
    budget : Budget
        Ends the search.
    rng : RandomState
        Samples differences.
    on_step : callable
        Called with the proof after every decision; True ends the search.
    """
    effort = FIRST_EFFORT
    local_search = LocalSearch(proof, rng)
    while not (proof.is_optimal or budget.is_over()):
        local_search.improve(proof, effort, budget)
        if on_step(proof) or _run_level(proof, deciders, effort, budget, rng, on_step):
            return
        effort *= 2


def _run_level(
    proof: Proof,
    deciders: Sequence[Decider],
    effort: int,
    budget: Budget,
    rng: np.random.RandomState,
    on_step: Callable[[Proof], bool],
) -> bool:
    """Decide costs until too many stay open; return whether to stop."""
    n_open = 0
    low, high = np.inf, -np.inf
    just_below = proof.alphabet.largest_below(proof.best.cost)
    while not (proof.is_optimal or budget.is_over()):
        if just_below >= proof.lower:
            # Where the best is the optimum, one answer ends it all.
            cost, just_below = just_below, -np.inf
        elif n_open == 0:
            cost = proof.alphabet.between(proof.lower, proof.best.cost, rng)
        else:
            cost = _beside(proof, low, high, below=n_open % 2 == 1, rng=rng)
        if n_open == MAX_OPEN or np.isnan(cost):
            return False
        status = decide(proof, cost, deciders, effort, budget)
        if status == "unknown":
            n_open += 1
            low, high = min(low, cost), max(high, cost)
        if on_step(proof):
            return True
        if not low < proof.best.cost or not high >= proof.lower:
            n_open, low, high = 0, np.inf, -np.inf
    return False


def _beside(
    proof: Proof, low: float, high: float, below: bool, rng: np.random.RandomState
) -> float:
    """Return a cost below or above the open ones; NaN when there is none on either side."""
    above = proof.alphabet.next_above(high)
    if (below or not above < proof.best.cost) and proof.lower < low:
        return proof.alphabet.between(proof.lower, low, rng)
    if above < proof.best.cost:
        return proof.alphabet.between(above, proof.best.cost, rng)
    return np.nan


def decide(
    proof: Proof, cost: float, deciders: Sequence[Decider], effort: int, budget: Budget
) -> str:
    """Ask the deciders about one cost and tell the proof what they found.

    Returns
    -------
    status : {"feasible", "infeasible", "unknown"}
        The answer.
    """
    reach = proof.alphabet.reach(cost)
    for decider in deciders:
        if budget.is_over():
            break
        decider.start(reach)
        answer = decider.run(effort, budget)
        if answer.status == "infeasible":
            proof.rule_out(cost, decider.name)
        elif answer.row_labels is not None and answer.column_labels is not None:
            proof.offer(answer.row_labels, answer.column_labels)
        if answer.status != "unknown":
            return answer.status
    return UNKNOWN.status


def decide_one(
    proof: Proof,
    cost: float,
    deciders: Sequence[Decider],
    budget: Budget,
    rng: np.random.RandomState,
) -> str:
    """Decide one cost with as much effort as it takes.

    Returns
    -------
    status : {"feasible", "infeasible", "unknown"}
        "unknown" when the budget is over.
    """
    effort = FIRST_EFFORT
    local_search = LocalSearch(proof, rng)
    while not (proof.best.cost <= cost or proof.lower > cost or budget.is_over()):
        local_search.improve(proof, effort, budget)
        if proof.best.cost > cost:
            decide(proof, cost, deciders, effort, budget)
        effort *= 2
    if proof.best.cost <= cost:
        return "feasible"
    return "infeasible" if proof.lower > cost else "unknown"
