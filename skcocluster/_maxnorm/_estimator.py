"""The estimator of co-clustering under the maximum norm."""

from numbers import Integral
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._base import BaseCoclusterer
from .._shared.caller import warn_caller
from .._shared.domain import ComparedValues
from .._shared.options import check_at_least, check_choice
from .._shared.validation import check_matrix, check_two_counts
from ._budget import Budget, check_time_limit
from ._dense import as_dense
from ._fitted import FittedRanges
from ._methods import CONTIGUOUS_METHODS, METHODS, has_sat
from ._solver import Solution, solve_max_norm

DOMAIN = ComparedValues()


class MaxNormCoclustering(BaseCoclusterer):
    r"""Co-clustering under the maximum norm, exact.

    Partitions rows into `n_row_clusters` and columns into `n_column_clusters` so that

    .. math:: \max_{g, h} \Bigl( \max_{(i, j) \in g \times h} x_{ij}
        - \min_{(i, j) \in g \times h} x_{ij} \Bigr),

    the largest difference of two entries of one block, is least. The result comes with a lower
    bound: where both are equal, the co-clustering is proven to be optimal. See the
    :ref:`user guide <max_norm>`.

    Parameters
    ----------
    n_row_clusters : int, default=2
        Number of row clusters.
    n_column_clusters : int, default=None
        Number of column clusters; None takes as many as row clusters, at most n_columns.
    method : str, default="auto"
        How the optimum is found. "auto" takes what is fastest for the case: the polynomial
        methods where they apply, otherwise bisection over the differences of entries with branch
        and bound and, where python-sat is installed, a SAT solver in turns. By themselves:
        "branch_and_bound", "sat", "two_sat" (two row and two column clusters, or three distinct
        entries and two clusters on one side), "greedy" (one cluster on one side), "distinct"
        (as many clusters as distinct rows and columns, or two distinct entries); "heuristic"
        bounds the optimum from both sides without search.
    contiguous : bool, default=False
        Whether clusters must be consecutive rows and consecutive columns, as for the
        discretisation of ordered axes; a search over the cuts of one side, with `method` "auto".
    time_limit : float or None, default=60.0
        Seconds after which the best co-clustering so far is the result, with its lower bound;
        None searches until the optimum is proven. Ctrl-C ends a search in the same way.
    max_nodes : int or None, default=None
        Limit of the search in nodes of branch and bound, conflicts of SAT and moves of the local
        search together: unlike a time limit, it gives the same result on every machine.
    random_state : int, RandomState or None, default=None
        Orders the search; the optimum does not depend on it, but which of several optimal
        co-clusterings is found may.
    verbose : int, default=0
        1 prints a line for the fit, 2 one for each decision, with both bounds.

    Attributes
    ----------
    row_labels_, column_labels_ : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Cluster labels, numbered in the order of their first rows and columns; no cluster is
        empty.
    labels_ : ndarray of shape (n_rows,), dtype int32
        The same array as `row_labels_`.
    rows_, columns_ : ndarray of shape (n_biclusters, n_rows), (n_biclusters, n_columns), bool
        Memberships; block (g, h) is bicluster ``g * n_column_clusters + h``.
    biclusters_ : tuple
        ``(rows_, columns_)``.
    objective_ : float
        The cost above, minimised; `skcocluster.metrics.max_norm_cost` recomputes it.
    lower_bound_ : float
        No co-clustering of this matrix into so many clusters costs less.
    is_optimal_ : bool
        Whether both bounds are equal.
    method_ : str
        What gave the lower bound: one of the methods, "bounds" when no search was needed, or
        "contiguous".
    block_minima_, block_maxima_ : ndarray of shape (n_row_clusters, n_column_clusters), float64
        Smallest and largest entries of blocks.
    objective_trace_ : ndarray of shape (n_iter,), dtype float64
        Costs of the best co-clusterings, in the order in which they were found.
    n_iter_ : int
        Length of the trace.
    converged_ : bool
        The same as `is_optimal_`.
    n_features_in_ : int
        Number of columns in fit.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of columns, when X has them.

    Notes
    -----
    Two entries differ by what float64 subtraction of them as given says; there is no tolerance.
    Entries of a sparse matrix that are not stored are zeros; the matrix is made dense.

    References
    ----------
    Bulteau, Froese, Hartung, Niedermeier: Co-clustering under the maximum norm. Algorithms 9,
    17 (2016). https://doi.org/10.3390/a9010017

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster import MaxNormCoclustering
    >>> X = np.array([[1, 9, 2], [2, 8, 1], [7, 0, 8]])
    >>> model = MaxNormCoclustering(n_row_clusters=2, n_column_clusters=2).fit(X)
    >>> model.row_labels_, model.column_labels_
    (array([0, 0, 1], dtype=int32), array([0, 1, 0], dtype=int32))
    >>> model.objective_, model.is_optimal_
    (1.0, True)
    """

    _engines = ()
    objective_metric = "max_norm_cost"

    def __init__(
        self,
        n_row_clusters: int = 2,
        n_column_clusters: int | None = None,
        *,
        method: str = "auto",
        contiguous: bool = False,
        time_limit: float | None = 60.0,
        max_nodes: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.n_row_clusters = n_row_clusters
        self.n_column_clusters = n_column_clusters
        self.method = method
        self.contiguous = contiguous
        self.time_limit = time_limit
        self.max_nodes = max_nodes
        self.random_state = random_state
        self.verbose = verbose

    def _fit(self, X: Any) -> dict[str, Any]:
        self._check_options()
        budget = Budget(self.time_limit, self.max_nodes)
        matrix = as_dense(check_matrix(self, X, DOMAIN, allow_missing=False, reset=True).X)
        n_clusters = check_two_counts(self, matrix.shape)
        progress = self._progress(1, "cost")
        run = progress.run(0)

        def on_step(cost: float, lower: float) -> bool:
            return run.step(cost, f", lower bound {lower:.8g}")

        rng = check_random_state(self.random_state)
        solution = solve_max_norm(
            matrix, n_clusters, self.method, bool(self.contiguous), budget, rng, on_step
        )
        run.end(solution.objective)
        progress.end()
        return self._describe(matrix, solution)

    def _check_options(self) -> None:
        check_choice("method", self.method, tuple(METHODS))
        if not isinstance(self.contiguous, (bool, np.bool_)):
            raise TypeError(f"contiguous must be True or False, got {self.contiguous!r}.")
        if self.contiguous and self.method not in CONTIGUOUS_METHODS:
            raise ValueError(f"contiguous=True needs method='auto', got {self.method!r}.")
        check_time_limit(self.time_limit)
        if self.max_nodes is not None:
            check_at_least("max_nodes", self.max_nodes, 1, Integral)
        if not isinstance(self.verbose, bool):
            check_at_least("verbose", self.verbose, 0)

    def _describe(self, X: np.ndarray, solution: Solution) -> dict[str, Any]:
        """Return the fitted attributes; warn when the optimum was sought and not proven."""
        is_optimal = solution.lower >= solution.objective
        sought = self.method != "heuristic" and not solution.stopped
        if not is_optimal and (sought or solution.interrupted):
            warn_caller(_open_gap(solution, self.method), ConvergenceWarning)
        ranges = FittedRanges.of(X, solution.row_labels, solution.column_labels)
        return {
            "row_labels_": solution.row_labels,
            "column_labels_": solution.column_labels,
            "objective_": solution.objective,
            "lower_bound_": solution.lower,
            "is_optimal_": is_optimal,
            "converged_": is_optimal,
            "method_": solution.method,
            "block_minima_": ranges.minima,
            "block_maxima_": ranges.maxima,
            "objective_trace_": np.array(solution.trace),
            "n_iter_": len(solution.trace),
            "_ranges": ranges,
        }

    def _n_clusters(self) -> tuple[int, int]:
        return self.block_minima_.shape

    # -- new rows and columns -----------------------------------------------------------------

    def _check_rows(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return as_dense(self._check_new(X, DOMAIN, columns=False).X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the row cluster of new rows: the one whose blocks grow least.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            New rows over the fitted columns.

        Returns
        -------
        labels : ndarray of shape (n_new_rows,), dtype int32
            Ties go to the lowest label; a row of fit that fits several clusters may have another
            label than `row_labels_`.
        """
        return self.transform(X).argmin(axis=1).astype(np.int32)

    def predict_columns(self, X: Any) -> np.ndarray:
        """Return the column cluster of new columns: the one whose blocks grow least.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_rows, n_new_columns)
            New columns over the fitted rows.

        Returns
        -------
        labels : ndarray of shape (n_new_columns,), dtype int32
            As for `predict`.
        """
        check_is_fitted(self)
        matrix = as_dense(self._check_new(X, DOMAIN, columns=True).X)
        growth = self._ranges.columns(self.row_labels_).growth(matrix.T)
        return growth.argmin(axis=1).astype(np.int32)

    def transform(self, X: Any) -> np.ndarray:
        """Return for each row cluster how much its blocks would grow.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            Rows over the fitted columns.

        Returns
        -------
        growth : ndarray of shape (n_new_rows, n_row_clusters), dtype float64
            The largest growth of the range of a block of the cluster when the row joins it, in
            the unit of X; 0 where the row fits.
        """
        return self._ranges_of_fit().growth(self._check_rows(X))

    def score(self, X: Any, y: Any = None) -> float:
        """Return minus the growth of the cost when rows join the clusters that they fit best.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            Rows, not necessarily those of fit: an honest out-of-sample value.
        y : None
            Ignored.

        Returns
        -------
        score : float
            At most 0, in the unit of X; larger is better.
        """
        extended = self._ranges_of_fit().extended_cost(self._check_rows(X))
        return self.objective_ - extended

    def _ranges_of_fit(self) -> FittedRanges:
        check_is_fitted(self)
        return self._ranges

    @property
    def _n_features_out(self) -> int:
        return self._n_clusters()[0]


def _open_gap(solution: Solution, method: str) -> str:
    advice = "raise time_limit or max_nodes"
    if method == "auto" and not has_sat():
        advice += ', or pip install "skcocluster[exact]": without python-sat one solver works alone'
    return (
        f"The search ended before the optimum was proven: the cost is {solution.objective:.8g}, "
        f"the lower bound {solution.lower:.8g}; {advice}."
    )
