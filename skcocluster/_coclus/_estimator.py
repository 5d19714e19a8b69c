"""The estimator of direct modularity maximisation."""

from functools import partial
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from .._base import BaseDiagonalCoclusterer
from .._kernels.engines import ENGINES, Engine
from .._shared.caller import warn_caller
from .._shared.checkpoint import open_checkpoint
from .._shared.containers import dask_array
from .._shared.domain import ScaledWeights
from .._shared.lazy import RowsOfBlock, map_rows
from .._shared.restarts import run_restarts
from .._shared.validation import check_matrix
from ._fitted import FittedCoclusters
from ._graph import Graph, make_graph
from ._options import check_options, given_columns, make_problem
from ._solver import Problem, Solution, solve_coclus
from ._starts import fitted_columns, start_columns


class Coclus(BaseDiagonalCoclusterer):
    r"""Co-clustering by direct maximisation of bipartite modularity.

    Partitions rows and columns together into `n_clusters` co-clusters, so that

    .. math:: Q = \frac{1}{N} \sum_{ij} \left( x_{ij} - \gamma \frac{x_{i.} x_{.j}}{N} \right)
        [\text{row } i \text{ and column } j \text{ have the same label}],

    the share of the weight inside the diagonal blocks less the share expected from the margins,
    is greatest. Rows and columns are relabelled in turn, each the best labels for the other, up
    to a fixed point; an iteration reads the non-zeros of X only. See the
    :ref:`user guide <coclus>`.

    Parameters
    ----------
    n_clusters : int, default=3
        Number of co-clusters, at most n_rows. It may exceed n_columns; some co-clusters then
        have no columns.
    resolution : float, default=1.0
        The :math:`\gamma` above: greater values make for more and smaller co-clusters.
    init : {"spectral", "random"} or array of shape (n_columns,), default="spectral"
        The start, as column labels. "spectral" is k-means of the rows on the leading singular
        vectors of X with regularised margins, with the best column labels for it, the best of
        some such starts after a few iterations; of large matrices a sample of the rows is
        enough for that. "random" labels the columns at random. Further runs of "spectral" start
        from more co-clusters than asked, and merge them. A start from which everything ends in
        one co-cluster is replaced by a random one.
    refine : {"auto", "split_merge"} or None, default="auto"
        Search after convergence: merge two co-clusters, split another one, keep what is better.
        "auto" searches after a "spectral" start for 10 co-clusters or fewer: among more, greater
        modularity no longer means better classes. Where X has more than 2^25 entries (stored ones,
        if sparse) it searches on a sample of the rows only, and starts from what that finds.
        "split_merge" searches on X whatever its size, but not on a dask array of more than 2^25
        entries.
    n_init : int, default=1
        Number of runs; the one of greatest modularity is kept.
    max_iter : int, default=300
        Iterations of each run at the most.
    tol : float, default=0.0
        A run stops when an iteration gains at most `tol` times the modularity; 0 goes on to a
        fixed point.
    engine : {"auto", "numpy", "numba", "dask"}, default="auto"
        Where and how the sums are computed; "auto" is "numba" for data in memory and "dask" for
        dask arrays. Labels do not depend on it, nor on chunks, apart from ties that rounding
        decides.
    n_jobs : int, default=None
        Threads: over runs, or over tiles of X when there is one run. With "dask", the scheduler
        decides, and all runs share each read of X.
    random_state : int, RandomState or None, default=None
        Seeds of starts.
    verbose : int, default=0
        1 prints a line for each run, 2 one for each iteration.
    checkpoint : str or path, default=None
        A folder in which a fit of a dask array keeps what each read has answered. If the fit is
        interrupted, another one with the same parameters, data and folder goes on where it
        stopped, and ends as it would have ended. The folder is removed at the end. Needs
        `random_state` to be an int.

    Attributes
    ----------
    row_labels_, column_labels_ : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Co-cluster of each row and column. Ties go to the lowest label, so rows and columns of
        zeros, which gain nothing anywhere, have label 0.
    labels_ : ndarray of shape (n_rows,), dtype int32
        The same array as `row_labels_`.
    rows_, columns_ : ndarray of shape (n_clusters, n_rows), (n_clusters, n_columns), dtype bool
        Memberships in co-clusters.
    biclusters_ : tuple
        ``(rows_, columns_)``.
    objective_ : float
        The modularity Q, maximised; 0 for a matrix of zeros.
        `skcocluster.metrics.modularity` recomputes it.
    modularity_ : float
        The same number.
    objective_trace_ : ndarray of shape (n_iter,), dtype float64
        Modularity after each iteration and each kept search move of the best run; it never
        falls.
    n_clusters_ : int
        Number of co-clusters that have rows and columns.
    column_cluster_weights_, row_cluster_weights_ : ndarray of shape (n_clusters,), dtype float64
        Totals of the columns and of the rows of each co-cluster.
    n_iter_ : int
        Length of the trace.
    converged_ : bool
        Whether the best run stopped for lack of gain.
    n_features_in_ : int
        Number of columns in fit.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of columns, when X has them.

    See Also
    --------
    skcocluster.metrics.modularity : The objective, of any labels.

    References
    ----------
    Ailem, Role, Nadif: Co-clustering document-term matrices by direct maximization of graph
    modularity. CIKM 2015, algorithm 1. :doi:`10.1145/2806416.2806639`

    Examples
    --------
    >>> from skcocluster import Coclus
    >>> X = [[2, 1, 0, 0], [1, 3, 0, 0], [0, 0, 1, 2]]
    >>> model = Coclus(n_clusters=2, random_state=0).fit(X)
    >>> model.row_labels_[0] == model.row_labels_[1] != model.row_labels_[2]
    np.True_
    >>> round(model.modularity_, 2)
    0.42
    """

    objective_is_maximised = True
    _engines = ENGINES

    def __init__(
        self,
        n_clusters: int = 3,
        *,
        resolution: float = 1.0,
        init: Any = "spectral",
        refine: str | None = "auto",
        n_init: int = 1,
        max_iter: int = 300,
        tol: float = 0.0,
        engine: str = "auto",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        checkpoint: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.resolution = resolution
        self.init = init
        self.refine = refine
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint = checkpoint

    def __sklearn_tags__(self) -> Any:
        """Return the tags: entries are weights."""
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    def _fit(self, X: Any) -> dict[str, Any]:
        check_options(self)
        checked = check_matrix(self, X, ScaledWeights(), allow_missing=False, reset=True)
        problem = make_problem(self, checked.X)
        given = given_columns(self.init, checked.X.shape[1], problem.n_clusters)
        n_threads = effective_n_jobs(self.n_jobs) if self.n_init == 1 else 1
        engine = self._get_engine(n_threads, checked.X)
        checkpoint = open_checkpoint(self, engine, checked.X)
        graph = make_graph(engine, engine.prepare(checked.X), float(self.resolution))
        progress = self._progress(self.n_init, "modularity")
        runs = [progress.run(i) for i in range(self.n_init)]

        def run(i: int, rng: np.random.RandomState) -> Solution:
            start = given
            if start is None and problem.sampled:
                start = fitted_columns(self.init, i, graph, problem, rng)
            elif start is None:
                start = start_columns(self.init, i, graph, problem.n_clusters, rng)
            return solve_coclus(graph, problem, start, rng, runs[i])

        best = run_restarts(run, self.n_init, self.random_state, self.n_jobs, engine)
        progress.end()
        if not (best.converged or best.stopped):
            message = "Not converged within max_iter iterations; raise max_iter or tol."
            warn_caller(message, ConvergenceWarning)
        attributes = self._describe(graph, problem, best)
        checkpoint.remove()
        return attributes

    def _describe(self, graph: Graph, problem: Problem, best: Solution) -> dict[str, Any]:
        """Return the fitted attributes of the best run."""
        rows, columns, n_clusters = best.row_labels, best.column_labels, problem.n_clusters
        coclusters = FittedCoclusters(
            rows,
            columns,
            np.bincount(rows, graph.row_weights, n_clusters),
            np.bincount(columns, graph.column_weights, n_clusters),
            graph.total,
            graph.resolution,
        )
        return {
            "row_labels_": rows,
            "column_labels_": columns,
            "objective_": best.value,
            "modularity_": best.value,
            "objective_trace_": best.trace,
            "n_iter_": len(best.trace),
            "converged_": best.converged,
            "n_clusters_": len(np.intersect1d(rows, columns)),
            "row_cluster_weights_": coclusters.row_cluster_weights,
            "column_cluster_weights_": coclusters.column_cluster_weights,
            "_coclusters": coclusters,
        }

    def _n_clusters(self) -> tuple[int, int]:
        return len(self.row_cluster_weights_), len(self.row_cluster_weights_)

    # -- new rows and columns -----------------------------------------------------------------

    def _apply(self, method: Any, X: Any, *, columns: bool = False) -> Any:
        """Validate X and apply a method of the fitted co-clusters to it."""
        check_is_fitted(self)
        checked = self._check_new(X, ScaledWeights(), columns=columns)
        engine = self._get_engine(1, checked.X)
        return method(self._coclusters, engine, engine.prepare(checked.X))

    def _apply_to_rows(self, method: Any, X: Any, rows: RowsOfBlock) -> Any:
        """Apply a method to new rows; lazily, where they are a dask array."""
        if dask_array(X) is None:
            return self._apply(method, X)
        check_is_fitted(self)
        function = partial(_without_missing, method, self._coclusters.for_rows())
        return map_rows(self, X, ScaledWeights(), False, function, rows)

    def predict(self, X: Any) -> np.ndarray:
        """Return the co-cluster of new rows: the one in which they gain most.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows over the fitted columns.

        Returns
        -------
        labels : ndarray of shape (n_new_rows,), dtype int32
            Ties go to the lowest label; a row of zeros has label 0. For a dask array, a dask array
            in its chunks: nothing is read, and no entry checked, before it is computed.
        """
        rows = RowsOfBlock(None, np.int32)
        return self._apply_to_rows(FittedCoclusters.label_rows, X, rows)

    def predict_columns(self, X: Any) -> np.ndarray:
        """Return the co-cluster of new columns: the one in which they gain most.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_rows, n_new_columns)
            New columns over the fitted rows.

        Returns
        -------
        labels : ndarray of shape (n_new_columns,), dtype int32
            As for `predict`; of a dask array too, which is read at once.
        """
        return self._apply(FittedCoclusters.label_columns, X, columns=True)

    def transform(self, X: Any) -> np.ndarray:
        r"""Return what rows gain in each co-cluster, per unit of their weight.

        That is the share of a row's sum in the columns of co-cluster k, less the share expected:
        :math:`x_{ik} / x_{i.} - \gamma C_k / N`, where :math:`C_k` is the total of those columns
        in fit. The largest gain is at the label that `predict` gives.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows over the fitted columns.

        Returns
        -------
        gains : ndarray of shape (n_new_rows, n_clusters), dtype float64
            At most 1; 0 for a row of zeros. Lazy for a dask array, as for `predict`.
        """
        check_is_fitted(self)
        rows = RowsOfBlock(self._n_clusters()[0])
        return self._apply_to_rows(FittedCoclusters.gains, X, rows)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the modularity of rows among the fitted columns.

        Each row joins the co-cluster that `predict` gives; its gain is counted against the
        column totals of fit, and gains are averaged over the weight of the rows. The rows of fit
        score `modularity_`.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows, not necessarily those of fit: an honest out-of-sample value.
        y : None
            Ignored.

        Returns
        -------
        score : float
            At most 1; larger is better. 0 for rows of zeros. For a dask array, a dask array without
            dimensions, of which ``float`` computes the value.
        """
        if dask_array(X) is None:
            return self._apply(FittedCoclusters.mean_gain, X)
        parts = self._apply_to_rows(FittedCoclusters.gain_and_weight, X, RowsOfBlock.one(2))
        return parts.sum(axis=0).map_blocks(_divide, dtype=np.float64, drop_axis=0)


def _without_missing(
    method: Any, coclusters: FittedCoclusters, engine: Engine, X: Any, missing: bool
) -> np.ndarray:
    return method(coclusters, engine, X)


def _divide(gain_and_weight: np.ndarray) -> Any:
    gain, weight = gain_and_weight
    return gain / weight if weight > 0 else np.float64(0.0)
