"""The estimator of Bregman block-average co-clustering."""

from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from joblib import effective_n_jobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from .._base import BaseCoclusterer
from .._kernels.engines import ENGINES, Engine
from .._shared.caller import warn_caller
from .._shared.checkpoint import open_checkpoint
from .._shared.containers import dask_array
from .._shared.divergences import DivergenceLike, get_divergence
from .._shared.fitted_blocks import FittedBlocks
from .._shared.lazy import RowsOfBlock, map_rows
from .._shared.restarts import run_restarts
from .._shared.validation import check_matrix
from ._options import check_model, check_options, make_problem
from ._rows import check_labels_are_here, describe_rows, fitted_blocks, reconstruct
from ._solver import Problem, Solution, solve_bbac
from ._starts import given_labels, make_starts


class BBAC(BaseCoclusterer):
    r"""Bregman block-average co-clustering.

    Partitions rows into `n_row_clusters` and columns into `n_column_clusters` and approximates X
    by as few numbers as there are blocks, so that the total Bregman divergence

    .. math:: \sum_{ij} d_\phi(x_{ij}, \hat x_{ij}), \quad
        d_\phi(x, y) = \phi(x) - \phi(y) - \phi'(y) (x - y)

    over the observed entries is least. In basis "C2" the approximation of an entry is the mean of
    its block. See the :ref:`user guide <bbac>`.

    Parameters
    ----------
    n_row_clusters : int, default=3
        Number of row clusters.
    n_column_clusters : int, default=None
        Number of column clusters; None takes as many as row clusters, at most n_columns.
    divergence : str or object, default="squared_euclidean"
        "squared_euclidean", "i_divergence", "itakura_saito", "logistic", or an object, which
        needs methods ``generator(x)`` (phi), ``slope(mu)`` (phi'),
        ``offset(mu)`` (phi'(mu) mu - phi(mu)), and ``domain``, a tuple (low, high, low_included,
        high_included).
    basis : {"C2", "C3", "C4", "C5"}, default="C2"
        What the approximation keeps besides block means: "C3" the means of rows, "C4" those of
        columns, "C5" both; "C5" with the I-divergence is information-theoretic co-clustering.
        C3 to C5 are for squared Euclidean and I-divergence, on complete data.
    update : {"alternating", "simultaneous"}, default="alternating"
        "alternating" relabels rows, averages, relabels columns, averages: the objective never
        rises. "simultaneous" relabels both from the same averages, as CGC does.
    init : str or tuple (row_labels, column_labels), default="auto"
        The start: "auto", "random", "k-means++", "spectral", "subsample", or labels. "spectral" is
        k-means on the leading singular vectors of X less its one-block approximation; "k-means++"
        seeds rows and columns by their means over random clusters of the other side. "auto" races
        three spectral starts against a random one (four against two, for six clusters or fewer) in
        the first run and is "random" in further runs; for the simultaneous update the first is
        "spectral". "subsample" fits a sample of the rows from an "auto" start, search included: the
        sample has 2^22 entries, and 10 rows for each row cluster at least; the first read of X then
        labels all rows. Where X has more than 2^25 entries (stored ones, if sparse), "auto",
        "k-means++" and "spectral" start a sample as well, in every engine.
    refine : {"auto", "split_merge"} or None, default="auto"
        Search after convergence: split one cluster, merge two others, keep what is better.
        "auto" searches when `update` is "alternating"; where X has more than 2^25 entries, and for
        "subsample", on the sample of the start only. "split_merge" searches on X whatever its
        size, but not on a dask array of more than 2^25 entries.
    column_steps : "auto" or int, default="auto"
        Column steps for each read of X; 1 is the textbook alternation.
    n_init : int, default=1
        Number of runs; the one of least objective is kept.
    max_iter : int, default=300
        Iterations of each run before the search, and again after it.
    tol : float, default=1e-7
        A run stops when an iteration gains less than `tol` times the divergence that the
        co-clusters explain; 0 goes on to a fixed point.
    engine : {"auto", "numpy", "numba", "dask"}, default="auto"
        Where and how the sums are computed; "auto" is "numba" for data in memory and "dask" for
        dask arrays. Labels do not depend on it, nor on chunks, apart from ties that rounding
        decides.
    n_jobs : int, default=None
        Threads: over runs, or over tiles of X when there is one run. With "dask", the scheduler
        decides, and all runs share each read of X.
    random_state : int, RandomState or None, default=None
        Seeds of random starts.
    verbose : int, default=0
        1 prints a line for each run, 2 one for each iteration.
    checkpoint : str or path, default=None
        A folder in which a fit of a dask array keeps what each read has answered. If the fit is
        interrupted, another one with the same parameters, data and folder goes on where it
        stopped, and ends as it would have ended. The folder is removed at the end. Needs
        `random_state` to be an int.
    row_labels : {"numpy", "dask"}, default="numpy"
        "dask" is for dask arrays with so many rows that an array of their labels should not be made
        in this process, nor travel: `row_labels_`, `labels_` and `row_means_` are then dask arrays
        in the chunks of X, computed and held by the workers (by this process where there are none).
        The fit is that of ``init="subsample"`` (of the start that `init` names, on a sample);
        random and given starts, the simultaneous update and "split_merge" are errors.

    Attributes
    ----------
    row_labels_, column_labels_ : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Cluster labels; -1 for a row or column without any observed entry.
    labels_ : ndarray of shape (n_rows,), dtype int32
        The same array as `row_labels_`.
    rows_, columns_ : ndarray of shape (n_biclusters, n_rows), (n_biclusters, n_columns), bool
        Memberships; block (g, h) is bicluster ``g * n_column_clusters + h``.
    biclusters_ : tuple
        ``(rows_, columns_)``.
    objective_ : float
        The objective above, complete, minimised; `skcocluster.metrics.block_divergence`
        recomputes it.
    objective_trace_ : ndarray of shape (n_iter,), dtype float64
        The objective after each iteration and each kept search move of the best run.
    explained_divergence_ratio_ : float
        Share, in [0, 1], of the divergence of the one-block approximation (same basis) that the
        co-clusters explain.
    block_means_ : ndarray of shape (n_row_clusters, n_column_clusters), dtype float64
        Means of blocks; an empty block has what one block would say.
    row_cluster_sizes_, column_cluster_sizes_ : ndarray, dtype int64
        Numbers of rows and columns in each cluster.
    row_means_, column_means_ : ndarray of shape (n_rows,), (n_columns,), dtype float64
        Means of observed entries, as used by the bases C3 to C5.
    n_iter_ : int
        Length of the trace.
    converged_ : bool
        Whether the best run stopped for lack of gain.
    n_features_in_ : int
        Number of columns in fit.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of columns, when X has them.

    References
    ----------
    Banerjee, Dhillon, Ghosh, Merugu, Modha: A generalized maximum entropy approach to Bregman
    co-clustering and matrix approximation. JMLR 8:1919-1986 (2007).
    https://www.jmlr.org/papers/v8/banerjee07a.html

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster import BBAC
    >>> X = np.array([[1, 1, 2, 4], [1, 1, 2, 4], [3, 3, 3, 5]])
    >>> model = BBAC(n_row_clusters=2, n_column_clusters=3).fit(X)
    >>> model.row_labels_[0] == model.row_labels_[1] != model.row_labels_[2]
    np.True_
    >>> model.objective_
    0.0
    """

    _engines = ENGINES

    def __init__(
        self,
        n_row_clusters: int = 3,
        n_column_clusters: int | None = None,
        *,
        divergence: str | DivergenceLike = "squared_euclidean",
        basis: str = "C2",
        update: str = "alternating",
        init: Any = "auto",
        refine: str | None = "auto",
        column_steps: str | int = "auto",
        n_init: int = 1,
        max_iter: int = 300,
        tol: float = 1e-7,
        engine: str = "auto",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        checkpoint: Any = None,
        row_labels: str = "numpy",
    ) -> None:
        self.n_row_clusters = n_row_clusters
        self.n_column_clusters = n_column_clusters
        self.divergence = divergence
        self.basis = basis
        self.update = update
        self.init = init
        self.refine = refine
        self.column_steps = column_steps
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint = checkpoint
        self.row_labels = row_labels

    def __sklearn_tags__(self) -> Any:
        """Return the tags: NaN are missing entries; some divergences need positive data."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.basis == "C2"
        # An invalid divergence is reported by fit, not by a look at the tags.
        with suppress(TypeError, ValueError):
            tags.input_tags.positive_only = get_divergence(self.divergence).domain[0] >= 0
        return tags

    def _fit(self, X: Any) -> dict[str, Any]:
        model = check_model(self)
        check_options(self)
        complete = model.basis != "C2"
        checked = check_matrix(self, X, model.divergence, allow_missing=not complete, reset=True)
        problem = make_problem(self, model, checked.X, checked.missing)
        given = given_labels(self.init, checked.X.shape, problem.n_clusters)
        n_threads = effective_n_jobs(self.n_jobs) if self.n_init == 1 else 1
        engine = self._get_engine(n_threads, checked.X)
        checkpoint = open_checkpoint(self, engine, checked.X)
        matrix = engine.prepare(checked.X)
        starts = make_starts(given or self.init, engine, matrix, problem)
        progress = self._progress(self.n_init)
        runs = [progress.run(i) for i in range(self.n_init)]

        def run(i: int, rng: np.random.RandomState) -> Solution:
            return solve_bbac(engine, matrix, problem, starts.make(i, rng), runs[i])

        best = run_restarts(run, self.n_init, self.random_state, self.n_jobs, engine)
        progress.end()
        if not (best.converged or best.stopped):
            warn_caller(_NOT_CONVERGED[self.update], ConvergenceWarning)
        attributes = self._describe(engine, matrix, problem, best)
        checkpoint.remove()
        return attributes

    def _describe(self, engine: Engine, X: Any, problem: Problem, best: Solution) -> dict[str, Any]:
        """Return the fitted attributes of the best run."""
        blocks = fitted_blocks(problem.model, best.sums)
        row_labels, means, objective = describe_rows(engine, X, best.sums, blocks)
        trace = objective + (best.value - np.array(best.trace))
        if problem.update == "alternating":
            # Sums that moved and sums made afresh differ by rounding; the trace must not rise.
            trace = np.maximum(trace, objective)
            trace[-1] = objective
        total = objective + best.value
        return {
            "row_labels_": row_labels,
            "column_labels_": blocks.column_labels,
            "objective_": objective,
            "objective_trace_": trace,
            "n_iter_": len(trace),
            "converged_": best.converged,
            "explained_divergence_ratio_": best.value / total if total > 0 else 1.0,
            "block_means_": blocks.means,
            "row_cluster_sizes_": best.sums.sizes("rows").astype(np.int64),
            "column_cluster_sizes_": best.sums.sizes("columns").astype(np.int64),
            "row_means_": means,
            "column_means_": blocks.column_means,
            "_blocks": blocks,
        }

    def _n_clusters(self) -> tuple[int, int]:
        return self.block_means_.shape

    # -- new rows and columns -----------------------------------------------------------------

    def _apply(self, method: Any, X: Any, *, columns: bool = False) -> Any:
        """Validate X and apply a method of the fitted blocks to it."""
        check_is_fitted(self)
        blocks = self._blocks
        divergence, allow = blocks.model.divergence, blocks.model.basis == "C2"
        checked = self._check_new(X, divergence, columns=columns, allow_missing=allow)
        engine = self._get_engine(1, checked.X)
        return method(blocks, engine, engine.prepare(checked.X), checked.missing)

    def _apply_to_rows(self, method: Any, X: Any, rows: RowsOfBlock) -> Any:
        """Apply a method of the fitted blocks to new rows; lazily, where they are a dask array."""
        if dask_array(X) is None:
            return self._apply(method, X)
        check_is_fitted(self)
        blocks = self._blocks
        domain = blocks.model.divergence, blocks.model.basis == "C2"
        return map_rows(self, X, *domain, partial(method, blocks.for_rows()), rows)

    def predict(self, X: Any) -> np.ndarray:
        """Return the row cluster of new rows: the one of least divergence.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows over the fitted columns.

        Returns
        -------
        labels : ndarray of shape (n_new_rows,), dtype int32
            Ties go to the lowest label; -1 for a row without any observed entry. For a dask array,
            a dask array in its chunks: nothing is read, and no entry checked, before it is
            computed.
        """
        return self._apply_to_rows(FittedBlocks.label_rows, X, RowsOfBlock(None, np.int32))

    def predict_columns(self, X: Any) -> np.ndarray:
        """Return the column cluster of new columns: the one of least divergence.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_rows, n_new_columns)
            New columns over the fitted rows.

        Returns
        -------
        labels : ndarray of shape (n_new_columns,), dtype int32
            As for `predict`; of a dask array too, which is read at once.
        """
        check_is_fitted(self)
        check_labels_are_here(self.row_labels_)
        return self._apply(FittedBlocks.label_columns, X, columns=True)

    def transform(self, X: Any) -> np.ndarray:
        """Return rows as their means over the column clusters.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows over the fitted columns.

        Returns
        -------
        means : ndarray of shape (n_new_rows, n_column_clusters), dtype float64
            Means of observed entries; where a row has none in a column cluster, the mean of the
            block of its row cluster, or the grand mean when it has none at all. Lazy for a dask
            array, as for `predict`.
        """
        check_is_fitted(self)
        n_clusters = self._n_clusters()[1]
        return self._apply_to_rows(FittedBlocks.row_profiles, X, RowsOfBlock(n_clusters))

    def score(self, X: Any, y: Any = None) -> float:
        """Return minus the mean divergence of rows from their approximation, per observed entry.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows, not necessarily those of fit: an honest out-of-sample value.
        y : None
            Ignored.

        Returns
        -------
        score : float
            At most 0; larger is better. For a dask array, a dask array without dimensions, of which
            ``float`` computes the value.
        """
        if dask_array(X) is None:
            return -self._apply(FittedBlocks.mean_divergence, X)
        parts = self._apply_to_rows(FittedBlocks.divergence_and_count, X, RowsOfBlock.one(2))
        total, count = parts.sum(axis=0)
        return -total / count.clip(1.0, None)

    def reconstruct(self, X: Any = None) -> np.ndarray:
        """Return the block approximation, also of missing entries.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns), default=None
            Rows to approximate; None takes those of fit.

        Returns
        -------
        approximation : ndarray of shape (n_rows, n_columns), dtype float64
            Block means, with margins as the basis says; where a row or column has no observed
            entry, the mean of the other side's cluster. Lazy for a dask array.
        """
        check_is_fitted(self)
        if X is None:
            return reconstruct(self._blocks, self.row_labels_, self.row_means_)
        rows = RowsOfBlock(int(self.n_features_in_))
        return self._apply_to_rows(FittedBlocks.approximate_rows, X, rows)


_NOT_CONVERGED = {
    "alternating": "Not converged within max_iter iterations; raise max_iter or tol.",
    "simultaneous": (
        "The simultaneous update has not settled at its best state (it may rise, and may cycle): "
        "the best state seen is returned. update='alternating' never rises."
    ),
}
