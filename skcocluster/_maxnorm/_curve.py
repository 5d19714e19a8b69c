"""The least cost as a function of the numbers of clusters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from .._shared.validation import check_count
from ._bounds import Bounds
from ._budget import Budget, check_time_limit
from ._dense import read_matrix
from ._distinct_points import Distinct
from ._methods import METHODS
from ._proof import Proof


@dataclass(frozen=True)
class CostCurve:
    """Costs and lower bounds over numbers of clusters.

    Attributes
    ----------
    n_row_clusters, n_column_clusters : ndarray of shape (n_points,), dtype int64
        The numbers of clusters of each point.
    costs, lower_bounds : ndarray of shape (n_points,), dtype float64
        The cost of the best co-clustering found and a bound of the least cost.
    is_optimal : ndarray of shape (n_points,), dtype bool
        Where both are equal.
    """

    n_row_clusters: np.ndarray
    n_column_clusters: np.ndarray
    costs: np.ndarray
    lower_bounds: np.ndarray

    @property
    def is_optimal(self) -> np.ndarray:
        """Where the cost is proven to be the least."""
        return self.lower_bounds >= self.costs


def cost_curve(
    X: ArrayLike,
    n_row_clusters: Iterable[int],
    n_column_clusters: Iterable[int] | None = None,
    *,
    time_limit: float | None = 10.0,
    random_state: Any = None,
) -> CostCurve:
    """Return the least cost under the maximum norm for many numbers of clusters.

    More clusters never cost more, so each point starts from the co-clusterings and ends with the
    bounds of its neighbours; distances are computed once.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        Finite entries; those that a sparse matrix does not store are zeros.
    n_row_clusters : iterable of int
        Numbers of row clusters.
    n_column_clusters : iterable of int, default=None
        Numbers of column clusters, each combined with each number of row clusters; None takes
        as many column clusters as row clusters, at most n_columns.
    time_limit : float or None, default=10.0
        Seconds for each point; None proves every point.
    random_state : int, RandomState or None, default=None
        Orders the search.

    Returns
    -------
    curve : CostCurve
        Points in ascending order.

    Raises
    ------
    TypeError, ValueError
        For invalid input.

    See Also
    --------
    skcocluster.MaxNormCoclustering : One point, with its labels.
    skcocluster.plot.CostCurveDisplay : The picture.

    Examples
    --------
    >>> from skcocluster.max_norm import cost_curve
    >>> cost_curve([[1, 9, 2], [2, 8, 1], [7, 0, 8]], [1, 2, 3]).costs.tolist()
    [9.0, 1.0, 0.0]
    """
    matrix = read_matrix(X)
    check_time_limit(time_limit)
    points = _make_points(n_row_clusters, n_column_clusters, matrix.shape)
    rng = check_random_state(random_state)
    problem = Distinct(matrix)
    bounds = Bounds(problem.alphabet, time_limit)
    proofs: dict[tuple[int, int], Proof] = {}
    for counts in points:
        # Clusters beyond those asked for stay empty: a co-clustering into fewer serves as well.
        proof = problem.proof(counts, bounds)
        for other, known in proofs.items():
            if other[0] <= counts[0] and other[1] <= counts[1]:
                proof.offer(known.best.row_labels, known.best.column_labels)
        METHODS["auto"](proof, Budget(time_limit), rng, lambda _: False)
        proofs[counts] = proof
    _share_lower_bounds(proofs)
    rows, columns = np.array(points, dtype=np.int64).T
    costs = np.array([proofs[counts].best.cost for counts in points])
    return CostCurve(rows, columns, costs, np.array([proofs[c].lower for c in points]))


def _make_points(
    rows: Iterable[int], columns: Iterable[int] | None, shape: tuple[int, int]
) -> list[tuple[int, int]]:
    def check(name: str, value: int, side: int, what: str) -> int:
        return check_count(name, value, shape[side], what)

    for name, numbers in (("n_row_clusters", rows), ("n_column_clusters", columns)):
        if numbers is not None and not isinstance(numbers, Iterable):
            raise TypeError(f"{name} must be an iterable of integers, got {numbers!r}.")
    row_counts = [check("n_row_clusters", k, 0, "rows") for k in rows]
    if columns is None:
        points = {(k, min(k, shape[1])) for k in row_counts}
    else:
        column_counts = [check("n_column_clusters", p, 1, "columns") for p in columns]
        points = {(k, p) for k in row_counts for p in column_counts}
    if not points:
        raise ValueError("Give at least one number of clusters.")
    return sorted(points)


def _share_lower_bounds(proofs: dict[tuple[int, int], Proof]) -> None:
    for counts, proof in proofs.items():
        for other, known in proofs.items():
            if other[0] >= counts[0] and other[1] >= counts[1]:
                proof.lower = max(proof.lower, known.lower)
