"""The optimum of one matrix: which method applies, and the search where none does directly."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ._budget import Budget
from ._consecutive import Consecutive
from ._distinct_points import Distinct
from ._methods import CONTIGUOUS_METHODS, METHODS
from ._proof import Proof

OnStep = Callable[[float, float], bool]


@dataclass(frozen=True)
class Solution:
    """A co-clustering of the whole matrix and what is known of the optimum.

    Attributes
    ----------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        No cluster is empty; clusters are numbered in the order of their first members.
    objective, lower : float
        The cost and the lower bound.
    method : str
        What proved the lower bound.
    trace : list of float
        Costs of the best co-clusterings so far.
    stopped : bool
        Whether a callback ended the search.
    interrupted : bool
        Whether the keyboard did.
    """

    row_labels: np.ndarray
    column_labels: np.ndarray
    objective: float
    lower: float
    method: str
    trace: list[float]
    stopped: bool
    interrupted: bool


def solve_max_norm(
    X: np.ndarray,
    n_clusters: tuple[int, int],
    method: str,
    contiguous: bool,
    budget: Budget,
    rng: np.random.RandomState,
    on_step: OnStep,
) -> Solution:
    """Co-cluster X at the least cost that the method and the budget lead to.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns), dtype float64
        Finite entries.
    n_clusters : tuple of int
        Numbers of row and column clusters, at most n_rows and n_columns.
    method : str
        One of `METHODS`, or of `CONTIGUOUS_METHODS`.
    contiguous : bool
        Whether clusters are consecutive rows and columns.
    budget : Budget
        Ends the search.
    rng : RandomState
        Orders the search.
    on_step : callable
        Called with the cost and the lower bound after each decision; True ends the search.

    Returns
    -------
    solution : Solution
        With its lower bound.

    Raises
    ------
    ImportError
        When the method needs python-sat and it is missing.
    ValueError
        When the method does not apply.
    """
    problem = Consecutive(X) if contiguous else Distinct(X)
    run = (CONTIGUOUS_METHODS if contiguous else METHODS)[method]
    proof = problem.proof(n_clusters)
    stopped = interrupted = False

    def step(proof: Proof) -> bool:
        nonlocal stopped
        stopped = on_step(proof.best.cost, proof.lower)
        return stopped

    try:
        run(proof, budget, rng, step)
    except KeyboardInterrupt:
        # The search is anytime: what it has is worth more than nothing.
        interrupted = True
    found = problem.publish(proof.best, n_clusters)
    if found.cost < proof.best.cost:
        # Clusters that the search left empty took parts of others.
        proof.trace.append(found.cost)
    return Solution(
        found.row_labels,
        found.column_labels,
        found.cost,
        proof.lower,
        proof.method,
        proof.trace,
        stopped,
        interrupted,
    )
