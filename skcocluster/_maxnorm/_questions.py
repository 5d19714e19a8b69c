"""Questions next to the optimum: is a cost possible, how many clusters does it take, the curve."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from .._shared.options import check_at_least
from .._shared.validation import check_count
from ._bounds import Bounds
from ._budget import Budget, check_time_limit
from ._dense import read_matrix
from ._direct import find_direct, solve_directly
from ._distinct_points import Distinct
from ._driver import decide_one
from ._methods import make_deciders, use_bounds
from ._proof import Proof


@dataclass(frozen=True)
class MinBlocks:
    """How many clusters one side needs.

    Attributes
    ----------
    n_clusters : int
        So many suffice.
    lower_bound : int
        So many are needed; equal to `n_clusters` unless the time limit came first.
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        A co-clustering with so many clusters.
    """

    n_clusters: int
    lower_bound: int
    row_labels: np.ndarray
    column_labels: np.ndarray


def is_feasible(
    X: ArrayLike,
    n_row_clusters: int,
    n_column_clusters: int,
    cost: float,
    *,
    time_limit: float | None = None,
    random_state: Any = None,
) -> bool:
    """Decide whether a co-clustering under the maximum norm costs at most `cost`.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        Finite entries; those that a sparse matrix does not store are zeros.
    n_row_clusters, n_column_clusters : int
        Numbers of clusters.
    cost : float
        Largest difference of two entries of one block, at least 0.
    time_limit : float or None, default=None
        Seconds; None takes as long as it takes.
    random_state : int, RandomState or None, default=None
        Orders the search; the answer does not depend on it.

    Returns
    -------
    feasible : bool
        The answer, proven.

    Raises
    ------
    TimeoutError
        When the time limit comes before the answer.
    TypeError, ValueError
        For invalid input.

    See Also
    --------
    skcocluster.MaxNormCoclustering : The least cost that is possible.

    References
    ----------
    Bulteau, Froese, Hartung, Niedermeier: Co-clustering under the maximum norm. Algorithms 9,
    17 (2016). https://doi.org/10.3390/a9010017

    Examples
    --------
    >>> from skcocluster.max_norm import is_feasible
    >>> X = [[1, 9, 2], [2, 8, 1], [7, 0, 8]]
    >>> is_feasible(X, 2, 2, cost=1), is_feasible(X, 2, 2, cost=0.5)
    (True, False)
    """
    question = _Question(X, cost, time_limit, random_state)
    shape = question.shape
    counts = (
        check_count("n_row_clusters", n_row_clusters, shape[0], "rows"),
        check_count("n_column_clusters", n_column_clusters, shape[1], "columns"),
    )
    status = question.ask(counts)[0]
    if status == "unknown":
        raise TimeoutError(
            f"time_limit={time_limit} s came before the answer for cost={cost}; raise it."
        )
    return status == "feasible"


def min_blocks(
    X: ArrayLike,
    cost: float,
    *,
    n_row_clusters: int | None = None,
    n_column_clusters: int | None = None,
    time_limit: float | None = None,
    random_state: Any = None,
) -> MinBlocks:
    """Return the least number of clusters of one side, given those of the other and a cost.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        Finite entries; those that a sparse matrix does not store are zeros.
    cost : float
        Largest difference of two entries of one block, at least 0.
    n_row_clusters, n_column_clusters : int, default=None
        One of them is given, the other is sought.
    time_limit : float or None, default=None
        Seconds; when they are over, the two numbers of the result may differ.
    random_state : int, RandomState or None, default=None
        Orders the search.

    Returns
    -------
    result : MinBlocks
        The number, with its lower bound and labels.

    Raises
    ------
    TimeoutError
        When the time limit comes before any co-clustering of this cost.
    ValueError
        When not exactly one number is given, or when no number of clusters allows the cost.
    TypeError
        For invalid input.

    See Also
    --------
    is_feasible : The same question for given numbers of clusters.

    Examples
    --------
    >>> from skcocluster.max_norm import min_blocks
    >>> min_blocks([[1, 9, 2, 5]], cost=4, n_row_clusters=1).n_clusters
    2
    """
    if (n_row_clusters is None) == (n_column_clusters is None):
        raise ValueError("Give n_row_clusters or n_column_clusters, not both: the other is sought.")
    question = _Question(X, cost, time_limit, random_state)
    given = 0 if n_row_clusters is not None else 1
    name, what = _SIDES[given]
    value = n_row_clusters if given == 0 else n_column_clusters
    n_given = check_count(name, value, question.shape[given], what)
    return _fewest(question, given, n_given)


_SIDES = (("n_row_clusters", "rows"), ("n_column_clusters", "columns"))


class _Question:
    """One cost, asked about for several numbers of clusters within one time limit."""

    def __init__(
        self, X: ArrayLike, cost: float, time_limit: float | None, random_state: Any
    ) -> None:
        check_at_least("cost", cost, 0.0, Real)
        check_time_limit(time_limit)
        matrix = read_matrix(X)
        self.cost = float(cost)
        self.shape: tuple[int, int] = matrix.shape
        self.distinct = Distinct(matrix)
        self.budget = Budget(time_limit)
        self.bounds = Bounds(self.distinct.alphabet, time_limit)
        self.rng = check_random_state(random_state)

    def ask(self, counts: tuple[int, int]) -> tuple[str, Proof]:
        """Return the answer for these numbers of clusters, and what is known of the optimum."""
        proof = self.distinct.proof(counts, self.bounds)
        direct = find_direct(proof)
        if direct is not None:
            solve_directly(proof, direct)
            return ("feasible" if proof.best.cost <= self.cost else "infeasible"), proof
        use_bounds(proof, self.budget, self.rng, lambda _: False)
        deciders = make_deciders(proof, self.rng)
        return decide_one(proof, self.cost, deciders, self.budget, self.rng), proof


def _fewest(question: _Question, given: int, n_given: int) -> MinBlocks:
    """Bisect over the number of clusters of the side that is not given."""
    most = question.distinct.alphabet.codes.shape[1 - given]

    def counts(n: int) -> tuple[int, int]:
        return (n_given, n) if given == 0 else (n, n_given)

    status, proof = question.ask(counts(most))
    if status != "feasible":
        if status == "unknown":
            raise TimeoutError(
                f"time_limit came before any co-clustering of cost={question.cost:g}; raise it."
            )
        raise ValueError(
            f"cost={question.cost:g} is not possible with {_SIDES[given][0]}={n_given}, whatever "
            f"the number on the other side; the least cost is at least {proof.lower:g}."
        )
    lower, upper, best = 1, most, proof
    while lower < upper and status != "unknown":
        tried = (lower + upper) // 2
        status, proof = question.ask(counts(tried))
        if status == "feasible":
            upper, best = tried, proof
        elif status == "infeasible":
            lower = tried + 1
    found = question.distinct.publish(best.best, counts(upper))
    return MinBlocks(upper, lower, found.row_labels, found.column_labels)
