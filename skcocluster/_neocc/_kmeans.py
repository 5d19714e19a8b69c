"""The estimator of non-exhaustive, overlapping k-means."""

from functools import partial
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._base import BaseCoclusterer
from .._kernels.engines import ENGINES
from .._shared.checkpoint import open_checkpoint
from .._shared.containers import dask_array
from .._shared.domain import RealValues
from .._shared.lazy import RowsOfBlock, map_rows
from .._shared.restarts import run_restarts
from .._shared.samples import is_large
from .._shared.validation import check_count, check_matrix
from ._counts import Counts, make_counts
from ._data import Data, load_data
from ._descent import Descent
from ._fitted import FittedCentres, mean_cost
from ._options import check_common
from ._problem import find_shares, given_rows
from ._sampled import after_sample, begin_rows, fit_sample_of_rows
from ._solver import Problem, Solution, solve, warn_if_unconverged
from ._starts import GIVEN, ONE_WAY_HEATS, ONE_WAY_INITS, start_memberships


class NEOKMeans(BaseCoclusterer):
    r"""Non-exhaustive, overlapping k-means of the rows.

    Rows may belong to several clusters, or to none:

    .. math:: J = \sum_g \sum_{i \in g} \lVert x_i - \bar{x}_g \rVert^2

    is least over memberships of which there are ``n + round(overlap * n)``, and at least
    ``n - round(outliers * n)`` rows have one; halves are rounded away from zero. Without overlap
    and outliers it is k-means. See the :ref:`user guide <neocc>`.

    Parameters
    ----------
    n_clusters : int, default=3
        Number of clusters, at most n_rows.
    overlap : float, "auto" or "auto-spread", default=0.0
        Memberships beyond one for each row, as a share of the rows. Negative down to minus
        `outliers`, at most ``n_clusters - 1``. The paper has two ways to estimate it from
        k-means. "auto" counts the clusters (the closest left out) whose share of a row's
        distances to all centres is below ``1 / (n_clusters + 1)``. "auto-spread" counts the
        clusters of which a row is no member, but to whose centre it is nearer than
        ``mean + overlap_spread * standard deviation`` of the members' distances.
    outliers : float or "auto", default=0.0
        Share of the rows that may be in no cluster. "auto" is the share of rows that are farther
        from their k-means centre than mean + 6 standard deviations.
    overlap_spread : float, default=2.0
        Standard deviations for ``overlap="auto-spread"``, the paper's delta; -1 to 3.5 are usual,
        and more means more overlap. Not used otherwise.
    init : {"auto", "random", "k-means"} or array of shape (n_rows, n_clusters), default="auto"
        The start: "k-means" is the paper's; "random" memberships race for a few iterations, and
        the best are finished; "auto" finishes k-means and the best of some random starts. Or
        memberships. Where X has more than 2^25 entries (stored ones, if sparse), a name starts
        from the fit of a sample of the rows, of 2^22 entries and 10 rows for each cluster at least;
        the first read of X then assigns all rows.
    anneal : bool, default=False
        Let the overlap grow from 0 in 8 stages. The trace is that of the last stage.
    n_init : int, default=1
        Number of runs; the one of least objective is kept.
    max_iter : int, default=100
        Iterations of each run at the most.
    tol : float, default=1e-6
        A run stops when an iteration lowers the objective by at most `tol` times its value; 0
        goes on until nothing is gained.
    engine : {"auto", "numpy", "numba", "dask"}, default="auto"
        Where and how the sums are computed; "auto" is "numba" for data in memory and "dask" for
        dask arrays. Memberships do not depend on it, nor on chunks, apart from ties that rounding
        decides.
    n_jobs : int, default=None
        Threads: over runs, or over tiles of X when there is one run. With "dask", the scheduler
        decides, and all runs share each read of X.
    random_state : int, RandomState or None, default=None
        Seeds of starts.
    verbose : int, default=0
        1 prints a line for each run, 2 one for each iteration.
    checkpoint : str or path, default=None
        A folder from which an interrupted fit of a dask array goes on, see `BBAC`.

    Attributes
    ----------
    memberships_ : ndarray of shape (n_rows, n_clusters), dtype bool
        Clusters of each row. A cluster that an assignment empties gets the row that gains most by
        a cluster of its own.
    cluster_centers_ : ndarray of shape (n_clusters, n_columns), dtype float64
        Means of the clusters; an empty one has the mean of all memberships.
    row_labels_ : ndarray of shape (n_rows,), dtype int32
        The closest of the clusters that a row is in; -1 for outliers.
    labels_ : ndarray of shape (n_rows,), dtype int32
        The same array as `row_labels_`.
    column_labels_ : ndarray of shape (n_columns,), dtype int32
        Zeros: the columns are all in one cluster.
    rows_, columns_ : ndarray of shape (n_clusters, n_rows), (n_clusters, n_columns), dtype bool
        Memberships as biclusters: the rows of each cluster, and all columns.
    biclusters_ : tuple
        ``(rows_, columns_)``.
    inertia_, objective_ : float
        J, minimised.
    objective_trace_ : ndarray of shape (n_iter,), dtype float64
        J after each iteration of the best run; it never rises.
    overlap_, outliers_ : float
        The shares used: as given, or estimated.
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
    NEOCC : The same for rows and columns together.

    References
    ----------
    Whang, Dhillon, Gleich: Non-exhaustive, overlapping k-means. SDM 2015, algorithm 1 and
    section 3.4. :doi:`10.1137/1.9781611974010.105`

    Examples
    --------
    >>> from skcocluster import NEOKMeans
    >>> X = [[0.0], [1.0], [5.0], [9.0], [10.0]]
    >>> model = NEOKMeans(2, overlap=0.2, random_state=0).fit(X)
    >>> model.memberships_.sum(axis=1)
    array([1, 1, 2, 1, 1])
    """

    _engines = ENGINES

    def __init__(
        self,
        n_clusters: int = 3,
        *,
        overlap: Any = 0.0,
        outliers: Any = 0.0,
        overlap_spread: float = 2.0,
        init: Any = "auto",
        anneal: bool = False,
        n_init: int = 1,
        max_iter: int = 100,
        tol: float = 1e-6,
        engine: str = "auto",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        checkpoint: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.overlap = overlap
        self.outliers = outliers
        self.overlap_spread = overlap_spread
        self.init = init
        self.anneal = anneal
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint = checkpoint

    def _fit(self, X: Any) -> dict[str, Any]:
        check_common(self, ("overlap", "outliers"), ONE_WAY_INITS)
        checked = check_matrix(self, X, RealValues(), allow_missing=False, reset=True)
        n = checked.X.shape[0]
        n_clusters = check_count("n_clusters", self.n_clusters, n, "rows, n_samples")
        n_threads = effective_n_jobs(self.n_jobs) if self.n_init == 1 else 1
        engine = self._get_engine(n_threads, checked.X)
        checkpoint = open_checkpoint(self, engine, checked.X)
        data = load_data(engine, checked.X)
        rng = check_random_state(self.random_state)
        given, spread = (self.overlap, self.outliers), float(self.overlap_spread)
        shares = find_shares(data, "rows", n_clusters, given, spread, rng)
        counts = make_counts(("overlap", "outliers"), *shares, n, n_clusters)
        best = self._run(data, counts, rng)
        warn_if_unconverged(best)
        attributes = self._describe(data, best)
        checkpoint.remove()
        return attributes | {"overlap_": shares[0], "outliers_": shares[1]}

    def _run(self, data: Data, counts: Counts, rng: np.random.RandomState) -> Solution:
        """Run all restarts and return the best."""
        given = given_rows(self.init, counts)
        heats = ONE_WAY_HEATS[self.init] if given is None else GIVEN
        limits = int(self.max_iter), float(self.tol)
        problem = Problem(counts.ramp, self.anneal, heats, *limits)
        sampled = given is None and is_large(data.X)
        progress = self._progress(self.n_init, "objective")
        runs = [progress.run(i) for i in range(self.n_init)]

        def run(i: int, rng: np.random.RandomState) -> Solution:
            def make_state(init: str) -> Descent:
                start: Any = given
                if sampled:
                    start = fit_sample_of_rows(data, counts, problem, rng)
                elif given is None:
                    start = start_memberships(init, data, "rows", counts, rng)
                return begin_rows(data, counts, start)

            return solve(make_state, after_sample(problem) if sampled else problem, runs[i])

        best = run_restarts(run, self.n_init, rng, self.n_jobs, data.sharing_engine)
        progress.end()
        return best

    def _describe(self, data: Data, best: Solution) -> dict[str, Any]:
        """Return the fitted attributes of the best run."""
        finished = best.state.finish()
        centres = np.ascontiguousarray(finished.model.T) + data.shift
        return {
            "memberships_": best.state.memberships,
            "cluster_centers_": centres,
            "row_labels_": finished.labels,
            "column_labels_": np.zeros(data.size("columns"), np.int32),
            "inertia_": -best.value,
            "objective_": -best.value,
            "objective_trace_": best.trace,
            "n_iter_": len(best.trace),
            "converged_": best.converged,
            "_fitted_rows": FittedCentres(finished.thresholds, data.shift, centres),
        }

    # -- biclusters ---------------------------------------------------------------------------

    def _n_clusters(self) -> tuple[int, int]:
        check_is_fitted(self)
        return self.memberships_.shape[1], self.memberships_.shape[1]

    def _memberships(self) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        n_clusters, n_columns = self.cluster_centers_.shape
        return self.memberships_.T.copy(), np.ones((n_clusters, n_columns), bool)

    # -- new rows -----------------------------------------------------------------------------

    def _apply(self, method: Any, X: Any, rows: RowsOfBlock) -> Any:
        """Apply a method of the fitted centres to new rows; lazily, if they are a dask array."""
        check_is_fitted(self)
        if dask_array(X) is not None:
            return map_rows(self, X, RealValues(), False, partial(method, self._fitted_rows), rows)
        checked = check_matrix(self, X, RealValues(), allow_missing=False, reset=False)
        engine = self._get_engine()
        return method(self._fitted_rows, engine, engine.prepare(checked.X))

    def predict(self, X: Any) -> np.ndarray:
        """Return the closest cluster of new rows.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows.

        Returns
        -------
        labels : ndarray of shape (n_new_rows,), dtype int32
            Ties go to the lowest label. When the fit allows outliers, -1 for rows that are
            farther from every centre than the rows that the fit covers. For a dask array, a dask
            array in its chunks: nothing is read, and no entry checked, before it is computed.
        """
        return self._apply(FittedCentres.labels, X, RowsOfBlock(None, np.int32))

    def predict_memberships(self, X: Any) -> np.ndarray:
        """Return all clusters of new rows.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows.

        Returns
        -------
        memberships : ndarray of shape (n_new_rows, n_clusters), dtype bool
            The closest cluster, unless the row is an outlier, and every cluster that is no
            farther than the farthest of the further memberships of the fit. Lazy for a dask array.
        """
        rows = RowsOfBlock(self._n_clusters()[0], np.bool_)
        return self._apply(FittedCentres.memberships, X, rows)

    def transform(self, X: Any) -> np.ndarray:
        """Return the Euclidean distances of rows to the centres.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows.

        Returns
        -------
        distances : ndarray of shape (n_new_rows, n_clusters), dtype float64
            Not squared, as for k-means. Lazy for a dask array.
        """
        return self._apply(FittedCentres.roots, X, RowsOfBlock(self._n_clusters()[0]))

    def score(self, X: Any, y: Any = None) -> float:
        """Return the negative mean squared distance per assignment of rows.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows, not necessarily those of fit: an honest out-of-sample value.
        y : None
            Ignored.

        Returns
        -------
        score : float
            At most 0; larger is better. When every row is an outlier, each counts at its closest
            centre. For a dask array, a dask array without dimensions, of which ``float`` computes
            the value.
        """
        sums = self._apply(FittedCentres.sum_costs, X, RowsOfBlock.one(4))
        if dask_array(X) is None:
            return -float(mean_cost(sums))
        return -mean_cost(sums.sum(axis=0))
