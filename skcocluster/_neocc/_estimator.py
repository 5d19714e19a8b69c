"""The estimator of non-exhaustive, overlapping co-clustering."""

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
from .._shared.validation import check_matrix
from ._chunked import check_means_of_rows
from ._counts import Counts
from ._data import Data, Side, load_data
from ._descent import Descent
from ._fitted import FittedSide, mean_cost
from ._options import check_options, count_clusters
from ._problem import find_counts, given_start
from ._sampled import after_sample, begin, fit_sample, ramp_sides
from ._solver import Problem, Solution, solve, warn_if_unconverged
from ._starts import GIVEN, HEATS, SIDES, start_memberships


class NEOCC(BaseCoclusterer):
    r"""Non-exhaustive, overlapping co-clustering.

    Rows may belong to several row clusters, or to none, and columns alike. For memberships U and
    V, the objective M is the squared error of the block means, over every co-cluster,

    .. math:: J_M = \sum_{g,h} \sum_{i \in g} \sum_{j \in h} (x_{ij} - \mu_{gh})^2,

    and RCM also takes off the means of each row within column cluster h, :math:`r_{ih}`, and of
    each column within row cluster g, :math:`c_{gj}`:

    .. math:: J_{RCM} = \sum_{g,h} \sum_{i \in g} \sum_{j \in h}
        (x_{ij} - c_{gj} - r_{ih} + \mu_{gh})^2.

    Rows have ``n + round(row_overlap * n)`` memberships, and at least
    ``n - round(row_outliers * n)`` rows have one; columns likewise; halves are rounded away from
    zero. Rows and columns are assigned in turn, each at the least cost for the means of the other,
    up to a relative change of the objective. A half-iteration reads X once; a sparse X stays
    sparse. See the :ref:`user guide <neocc>`.

    Parameters
    ----------
    n_row_clusters : int, default=3
        Number of row clusters, at most n_rows.
    n_column_clusters : int, default=None
        Number of column clusters, at most n_columns. None: as many as row clusters, at most
        n_columns; for RCM at most n_columns - 1, as columns on their own make every J_RCM 0.
    objective : {"M", "RCM"}, default="M"
        The objective. Without overlap and outliers these are the two squared residues of MSSR.
    row_overlap, column_overlap : float, "auto" or "auto-spread", default=0.0
        Memberships beyond one for each point, as a share of the points (the paper's alpha).
        Negative down to minus the share of outliers; at most the number of clusters less 1. "auto"
        and "auto-spread" estimate it from k-means of that side, as for `NEOKMeans`.
    row_outliers, column_outliers : float or "auto", default=0.0
        Share of the points that may be in no cluster (the paper's beta).
    overlap_spread : float, default=2.0
        Standard deviations for "auto-spread", as for `NEOKMeans`; -1 to 3.5 are usual.
    init : {"auto", "random", "neo-kmeans", "k-means"} or (U, V), default="auto"
        The start. "random": random memberships race for a few iterations, and the best are
        finished. "neo-kmeans", the paper's: NEO-K-Means of the rows and of the columns, from
        k-means. "k-means": k-means of both. "auto": the better of these two after a few
        iterations, and the best of some random starts, are finished. Or memberships of shapes
        (n_rows, n_row_clusters) and (n_columns, n_column_clusters). Where X has more than 2^25
        entries (stored ones, if sparse), a name starts from the fit of a sample of the rows, of
        2^22 entries and 10 rows for each row cluster at least; the first read assigns all rows.
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
        Where and how the sums are computed; "auto" is "numba" for data in memory, "dask" for dask
        arrays. Memberships do not depend on it or on chunks, but for ties that rounding decides.
    n_jobs : int, default=None
        Threads: over runs, or over tiles of X when there is one run. With "dask", all runs share
        each read of X.
    random_state : int, RandomState or None, default=None
        Seeds of starts.
    verbose : int, default=0
        1 prints a line for each run, 2 one for each iteration.
    checkpoint : str or path, default=None
        Folder from which an interrupted fit of a dask array goes on, see `BBAC`.

    Attributes
    ----------
    row_memberships_, column_memberships_ : ndarray of shape (n_lines, n_clusters), dtype bool
        U and V: lines are rows and row clusters, columns and column clusters. A cluster that an
        assignment empties gets the point that gains most by a cluster of its own, so the
        objective stays monotone; it stays empty when no point gains.
    row_labels_, column_labels_ : ndarray of shape (n_rows,), (n_columns,), dtype int32
        The closest of the clusters that a row or column is in; -1 for outliers.
    labels_ : ndarray of shape (n_rows,), dtype int32
        The same array as `row_labels_`.
    rows_, columns_ : ndarray of shape (n_biclusters, n_rows), (n_biclusters, n_columns), bool
        Memberships in co-clusters; co-cluster ``g * n_column_clusters + h`` is row cluster g by
        column cluster h. Co-clusters overlap.
    biclusters_ : tuple
        ``(rows_, columns_)``.
    objective_ : float
        J, minimised. `skcocluster.metrics.neo_objective` recomputes it.
    objective_trace_ : ndarray of shape (n_iter,), dtype float64
        J after each iteration of the best run; it never rises.
    row_overlap_, row_outliers_, column_overlap_, column_outliers_ : float
        The shares used: as given, or estimated.
    block_means_ : ndarray of shape (n_row_clusters, n_column_clusters), dtype float64
        Means of the co-clusters, 0 for empty ones.
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
    NEOKMeans : The same for rows alone.
    skcocluster.metrics.neo_objective : The objective, of any memberships.

    Notes
    -----
    Equation (4) of the paper is misprinted: its row and column means are to be taken within the
    co-cluster, as in (3), (7) and (9). The formula above is correct, and the algorithm monotone.

    References
    ----------
    Whang, Dhillon: Non-exhaustive, overlapping co-clustering. CIKM 2017, algorithm 1.
    :doi:`10.1145/3132847.3133078`

    Examples
    --------
    >>> from skcocluster import NEOCC
    >>> X = [[5, 5, 0, 0], [5, 5, 0, 0], [5, 5, 5, 5], [0, 0, 5, 5], [0, 0, 5, 5]]
    >>> model = NEOCC(2, 2, row_overlap=0.2, random_state=0).fit(X)
    >>> model.row_memberships_.sum(axis=1)
    array([1, 1, 2, 1, 1])
    """

    _engines = ENGINES

    def __init__(
        self,
        n_row_clusters: int = 3,
        n_column_clusters: int | None = None,
        *,
        objective: str = "M",
        row_overlap: Any = 0.0,
        column_overlap: Any = 0.0,
        row_outliers: Any = 0.0,
        column_outliers: Any = 0.0,
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
        self.n_row_clusters = n_row_clusters
        self.n_column_clusters = n_column_clusters
        self.objective = objective
        self.row_overlap = row_overlap
        self.column_overlap = column_overlap
        self.row_outliers = row_outliers
        self.column_outliers = column_outliers
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
        check_options(self)
        checked = check_matrix(self, X, RealValues(), allow_missing=False, reset=True)
        n_clusters = count_clusters(self, checked.X.shape)
        n_threads = effective_n_jobs(self.n_jobs) if self.n_init == 1 else 1
        engine = self._get_engine(n_threads, checked.X)
        checkpoint = open_checkpoint(self, engine, checked.X)
        data = load_data(engine, checked.X)
        rng = check_random_state(self.random_state)
        counts, shares = find_counts(self, data, n_clusters, rng)
        best = self._run(data, counts, rng)
        warn_if_unconverged(best)
        attributes = self._describe(data, best) | shares
        checkpoint.remove()
        return attributes

    def _run(self, data: Data, counts: dict[Side, Counts], rng: np.random.RandomState) -> Solution:
        """Run all restarts and return the best."""
        given = given_start(self.init, counts)
        heats = GIVEN if given else HEATS[self.init]
        limits = int(self.max_iter), float(self.tol)
        problem = Problem(ramp_sides(counts), self.anneal, heats, *limits)
        sampled = given is None and is_large(data.X)
        progress = self._progress(self.n_init, "objective")
        runs = [progress.run(i) for i in range(self.n_init)]

        def run(i: int, rng: np.random.RandomState) -> Solution:
            def make_state(init: str) -> Descent:
                start: Any = given
                if sampled:
                    start = fit_sample(data, counts, self.objective, problem, rng)
                elif given is None:
                    start = {
                        side: start_memberships(init, data, side, counts[side], rng)
                        for side in SIDES
                    }
                return begin(data, counts, self.objective, start)

            return solve(make_state, after_sample(problem) if sampled else problem, runs[i])

        best = run_restarts(run, self.n_init, rng, self.n_jobs, data.sharing_engine)
        progress.end()
        return best

    def _describe(self, data: Data, best: Solution) -> dict[str, Any]:
        """Return the fitted attributes of the best run."""
        memberships, finished = best.state.memberships, best.state.finish()
        means = finished["rows"].model.moved(data.shift).means
        return {
            "row_memberships_": memberships["rows"],
            "column_memberships_": memberships["columns"],
            "row_labels_": finished["rows"].labels,
            "column_labels_": finished["columns"].labels,
            "objective_": -best.value,
            "objective_trace_": best.trace,
            "block_means_": self._filled(best.state) * means,
            "n_iter_": len(best.trace),
            "converged_": best.converged,
            "_sides": {
                side: FittedSide(found.thresholds, data.shift, found.model.moved(data.shift))
                for side, found in finished.items()
            },
        }

    @staticmethod
    def _filled(state: Any) -> np.ndarray:
        """Return 1 for each co-cluster that is not empty."""
        rows, columns = (state.memberships[side].any(axis=0) for side in SIDES)
        return np.outer(rows, columns).astype(np.float64)

    @property
    def objective_sees_levels(self) -> bool:
        """Whether the objective depends on the levels of blocks: RCM takes them off."""
        return self.objective != "RCM"

    # -- biclusters ---------------------------------------------------------------------------

    def _n_clusters(self) -> tuple[int, int]:
        check_is_fitted(self)
        return self.row_memberships_.shape[1], self.column_memberships_.shape[1]

    def _memberships(self) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        n_row_clusters, n_column_clusters = self._n_clusters()
        rows = np.repeat(self.row_memberships_.T, n_column_clusters, axis=0)
        return rows, np.tile(self.column_memberships_.T, (n_row_clusters, 1))

    @property
    def _n_features_out(self) -> int:
        return self._n_clusters()[0]

    # -- new rows and columns -----------------------------------------------------------------

    def _apply(self, method: Any, X: Any, *, side: Side = "rows") -> Any:
        """Validate new rows or columns and apply a method of the fitted side to them."""
        check_is_fitted(self)
        checked = self._check_new(X, RealValues(), columns=side == "columns")
        engine = self._get_engine(1, checked.X)
        return method(self._sides[side], engine, engine.prepare(checked.X))

    def _apply_to_rows(self, method: Any, X: Any, rows: RowsOfBlock) -> Any:
        """Apply a method of the fitted rows; lazily, where they are a dask array."""
        if dask_array(X) is None:
            return self._apply(method, X)
        check_is_fitted(self)
        return map_rows(self, X, RealValues(), False, partial(method, self._sides["rows"]), rows)

    def predict(self, X: Any) -> np.ndarray:
        """Return the closest cluster of new rows.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows over the fitted columns.

        Returns
        -------
        labels : ndarray of shape (n_new_rows,), dtype int32
            Ties go to the lowest label. When the fit allows outliers, -1 for rows that are
            farther from every cluster than the rows that the fit covers. For a dask array, a dask
            array in its chunks: nothing is read, and no entry checked, before it is computed.
        """
        return self._apply_to_rows(FittedSide.labels, X, RowsOfBlock(None, np.int32))

    def predict_memberships(self, X: Any) -> np.ndarray:
        """Return all clusters of new rows.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows over the fitted columns.

        Returns
        -------
        memberships : ndarray of shape (n_new_rows, n_row_clusters), dtype bool
            The closest cluster, unless the row is an outlier, and every cluster that is no
            farther than the farthest of the further memberships of the fit. Lazy for a dask array.
        """
        rows = RowsOfBlock(self._n_clusters()[0], np.bool_)
        return self._apply_to_rows(FittedSide.memberships, X, rows)

    def predict_columns(self, X: Any) -> np.ndarray:
        """Return the closest cluster of new columns.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_rows, n_new_columns)
            New columns over the fitted rows.

        Returns
        -------
        labels : ndarray of shape (n_new_columns,), dtype int32
            As for `predict`; of a dask array too, which is read at once.

        Raises
        ------
        ValueError
            After a fit with RCM of a dask array that had too many rows to keep their means, which
            columns are compared by: more than 2^25 numbers.
        """
        check_is_fitted(self)
        check_means_of_rows(self._sides)
        return self._apply(FittedSide.labels, X, side="columns")

    def transform(self, X: Any) -> np.ndarray:
        """Return the distances of rows to the row clusters.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows over the fitted columns.

        Returns
        -------
        distances : ndarray of shape (n_new_rows, n_row_clusters), dtype float64
            What a row adds to the objective in each cluster: equation (6) of the paper for M, (7)
            for RCM. Squares, in the unit of the objective; never negative. Lazy for a dask array.
        """
        return self._apply_to_rows(FittedSide.costs, X, RowsOfBlock(self._n_clusters()[0]))

    def score(self, X: Any, y: Any = None) -> float:
        """Return the negative mean cost per assignment of rows.

        Rows join the clusters that `predict_memberships` gives, with the block means of the fit.

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
            cluster. For a dask array, a dask array without dimensions, of which ``float`` computes
            the value.
        """
        if dask_array(X) is None:
            return -float(mean_cost(self._apply(FittedSide.sum_costs, X)))
        parts = self._apply_to_rows(FittedSide.sum_costs, X, RowsOfBlock.one(4))
        return -mean_cost(parts.sum(axis=0))
