"""Spectral biclustering: checkerboards from piecewise constant singular vectors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._base import BaseCoclusterer
from .._kernels.engines import ENGINES, Engine
from .._shared.approximation import row_means_and_divergence
from .._shared.caller import warn_caller
from .._shared.checkpoint import open_checkpoint
from .._shared.containers import dask_array
from .._shared.fitted_blocks import FittedBlocks
from .._shared.lazy import RowsOfBlock, map_rows
from .._shared.linear_map import as_lines, open_lines
from .._shared.spectral_embedding import times
from .._shared.validation import check_matrix, check_two_counts
from ._balance import NORMALIZATIONS, domain_of, normalized_vectors
from ._checkerboard import Sides, best_pair, find_sides, fitted_blocks
from ._options import check_biclustering, number_of_runs
from ._points import Centres

# Where k-means of projections starts at random.
RANDOM_STARTS = 10
N_BEST = 3


class SpectralBiclustering(BaseCoclusterer):
    r"""Spectral biclustering of a matrix with a checkerboard structure.

    If rows fall into row clusters and columns into column clusters, and entries are about constant
    on each block, then the leading singular vectors of the normalised matrix are about constant on
    clusters [1]_. The vectors for which that holds best are kept; rows of X are clustered by their
    projections on those over the columns, columns by theirs on those over the rows. Where rows or
    columns have factors of their own, divide these out first: X itself is projected. See the
    :ref:`user guide <spectral>`.

    Parameters
    ----------
    n_row_clusters : int, default=3
        Number of row clusters.
    n_column_clusters : int, default=None
        Number of column clusters; None takes as many as row clusters, at most n_columns.
    normalization : {"bistochastic", "scale", "log"}, default="bistochastic"
        "bistochastic" scales rows and columns until all row sums are equal and all column sums,
        "scale" divides once by the roots of the sums, "log" takes the logarithm and subtracts the
        means of rows and columns, for dense X of positive entries.
    n_components : int, default=6
        Number of singular vectors to choose from, after the trivial first one.
    n_best : int, default=None
        Number of vectors to keep; None is 3, at most `n_components`.
    svd_solver : {"auto", "arpack", "randomized"}, default="auto"
        "randomized" is scikit-learn's `randomized_svd`, "arpack" SciPy's `svds`, exact and often
        slower; "auto" is LAPACK for small matrices and "randomized" for others, which is all
        that a dask array of more than 2^25 stored entries takes.
    n_init : "auto" or int, default="auto"
        Runs of k-means of either side. Of all pairs of their labels, the one of least objective
        is kept; "auto" is 10.
    engine : {"auto", "numpy", "numba", "dask"}, default="auto"
        Where and how sums of blocks are computed; products with vectors are SciPy's and BLAS's.
        "auto" is "dask" for dask arrays, whose points come into memory: as many numbers for each
        row as there are vectors. Up to 2^25 stored entries (256 MB), X itself does.
    n_jobs : int, default=None
        Threads over the runs of k-means.
    random_state : int, RandomState or None, default=None
        Seeds the decomposition and k-means.
    verbose : int, default=0
        1 or more prints a line for the fit.
    checkpoint : str or path, default=None
        A folder from which an interrupted fit of a dask array goes on, see `BBAC`.

    Attributes
    ----------
    row_labels_, column_labels_ : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Cluster labels, numbered in the order of the rows and of the columns. Rows that are equal
        up to a factor may have different labels: entries are data.
    labels_ : ndarray of shape (n_rows,), dtype int32
        The same array as `row_labels_`.
    rows_, columns_ : ndarray of shape (n_biclusters, n_rows), (n_biclusters, n_columns), bool
        Memberships; block (g, h) is bicluster ``g * n_column_clusters + h``.
    biclusters_ : tuple
        ``(rows_, columns_)``.
    objective_ : float
        Sum of squared differences of X from the means of its blocks, minimised;
        `skcocluster.metrics.block_divergence` recomputes it.
    objective_trace_ : ndarray of shape (1,), dtype float64
        ``[objective_]``: the vectors are solved for, not iterated.
    n_iter_ : int
        1, the length of the trace.
    converged_ : bool
        Whether the normalisation and k-means settled. Some patterns of zeros have no bistochastic
        form: then the last of 1000 passes is used, with a ConvergenceWarning.
    embedding_rows_, embedding_columns_ : ndarray of shape (n_lines, n_best), dtype float64
        Projections of the lines, rows and columns, on the vectors kept.
    singular_values_ : ndarray of shape (n_components,), dtype float64
        Singular values of the normalised matrix, descending, without the trivial one.
    block_means_ : ndarray of shape (n_row_clusters, n_column_clusters), dtype float64
        Means of blocks; an empty block has the mean of X.
    n_features_in_ : int
        Number of columns in fit.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of columns, when X has them.

    References
    ----------
    .. [1] Y. Kluger, R. Basri, J. T. Chang, M. Gerstein, "Spectral biclustering of microarray
       data: coclustering genes and conditions", Genome Research 13 (2003), 703-716.
       :doi:`10.1101/gr.648603`

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster import SpectralBiclustering
    >>> X = np.array([[5, 1, 5], [1, 5, 1], [5, 1, 5], [1, 5, 1]])
    >>> model = SpectralBiclustering(2, 2, random_state=0).fit(X)
    >>> model.row_labels_
    array([0, 1, 0, 1], dtype=int32)
    >>> model.column_labels_
    array([0, 1, 0], dtype=int32)
    """

    _engines = ENGINES
    objective_metric = "block_divergence"

    def __init__(
        self,
        n_row_clusters: int = 3,
        n_column_clusters: int | None = None,
        *,
        normalization: str = "bistochastic",
        n_components: int = 6,
        n_best: int | None = None,
        svd_solver: str = "auto",
        n_init: Any = "auto",
        engine: str = "auto",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        checkpoint: Any = None,
    ) -> None:
        self.n_row_clusters = n_row_clusters
        self.n_column_clusters = n_column_clusters
        self.normalization = normalization
        self.n_components = n_components
        self.n_best = n_best
        self.svd_solver = svd_solver
        self.n_init = n_init
        self.engine = engine
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint = checkpoint

    def __sklearn_tags__(self) -> Any:
        """Return the tags: no negative entries, and dense ones for the logarithm."""
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.input_tags.sparse = self.normalization != "log"
        return tags

    def _n_clusters(self) -> tuple[int, int]:
        return self.block_means_.shape

    @property
    def _n_features_out(self) -> int:
        return self.embedding_rows_.shape[1]

    def _fit(self, X: Any) -> dict[str, Any]:
        check_biclustering(self, NORMALIZATIONS)
        self._refuse_sparse_logarithm(X)
        domain = domain_of(self.normalization)
        checked = check_matrix(self, X, domain, allow_missing=False, reset=True)
        n_clusters = check_two_counts(self, checked.X.shape)
        engine = self._get_engine(1, checked.X)
        checkpoint = open_checkpoint(self, engine, checked.X)
        matrix, lines = open_lines(engine, checked.X)
        rng = check_random_state(self.random_state)
        n_init = number_of_runs(self.n_init, RANDOM_STARTS)
        progress = self._progress(1, "squared error")
        run = progress.run(0)
        normalized = normalized_vectors(
            lines, self.normalization, self.n_components, self.svd_solver, rng
        )
        sides = find_sides(
            lines, normalized.vectors, n_clusters, self._n_best(), n_init, self.n_jobs, rng
        )
        pair = best_pair(engine, matrix, sides, n_clusters)
        attributes = self._describe(engine, matrix, sides, pair, n_clusters)
        checkpoint.remove()
        attributes["singular_values_"] = normalized.vectors.values
        attributes["converged_"] = normalized.converged and all(c.converged for c in pair)
        run.step(attributes["objective_"])
        run.end(attributes["objective_"])
        progress.end()
        if not normalized.converged:
            warn_caller(_NOT_BALANCED, ConvergenceWarning)
        return attributes

    def _describe(
        self,
        engine: Any,
        X: Any,
        sides: Sides,
        pair: tuple[Centres, Centres],
        n_clusters: tuple[int, int],
    ) -> dict[str, Any]:
        """Return the fitted attributes of the best pair of centres."""
        labels = sides.label(pair)
        blocks = fitted_blocks(engine, X, labels, n_clusters)
        approximation = blocks.approximation()
        _, objective = row_means_and_divergence(engine, X, approximation, labels[0], False)
        return {
            "row_labels_": labels[0],
            "column_labels_": labels[1],
            "objective_": objective,
            "objective_trace_": np.array([objective]),
            "n_iter_": 1,
            "embedding_rows_": sides.rows,
            "embedding_columns_": sides.columns,
            "block_means_": blocks.means,
            "_blocks": blocks,
            "_axes": sides.axes,
            "_centres": pair,
        }

    def _n_best(self) -> int:
        return min(N_BEST, self.n_components) if self.n_best is None else self.n_best

    def _refuse_sparse_logarithm(self, X: Any) -> None:
        # A dask array tells by a block without entries what its blocks are.
        blocks = X if dask_array(X) is None else dask_array(X)._meta
        if self.normalization == "log" and sp.issparse(blocks):
            raise ValueError(
                "normalization='log' takes dense X: the zeros of a sparse matrix have no "
                "logarithm. Use normalization='bistochastic' or 'scale'."
            )

    # -- new rows and columns -----------------------------------------------------------------

    def _apply_to_rows(self, function: Any, X: Any, rows: RowsOfBlock) -> Any:
        """Apply a function of rows to new rows; lazily, where they are a dask array."""
        self._refuse_sparse_logarithm(X)
        domain = domain_of(self.normalization)
        if dask_array(X) is not None:
            return map_rows(self, X, domain, False, function, rows)
        checked = self._check_new(X, domain, columns=False)
        engine = self._get_engine(1, checked.X)
        return function(engine, engine.prepare(checked.X), False)

    def _rows_fitted(self) -> "FittedRows":
        check_is_fitted(self)
        return FittedRows(self._axes[0], self._centres[0], self._blocks.for_rows())

    def predict(self, X: Any) -> Any:
        """Return the row cluster of new rows: that of the centre nearest to their projection.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows over the fitted columns, in the unit of those of fit.

        Returns
        -------
        labels : ndarray or dask array of shape (n_new_rows,), dtype int32
            Ties go to the lowest label. A dask array for a dask array.
        """
        return self._apply_to_rows(self._rows_fitted().labels, X, RowsOfBlock(None, np.int32))

    def predict_columns(self, X: Any) -> np.ndarray:
        """Return the column cluster of new columns: that of the centre nearest to their projection.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_rows, n_new_columns)
            New columns over the fitted rows, in the unit of those of fit.

        Returns
        -------
        labels : ndarray of shape (n_new_columns,), dtype int32
            As for `predict`; in memory, whatever X is.
        """
        check_is_fitted(self)
        self._refuse_sparse_logarithm(X)
        checked = self._check_new(X, domain_of(self.normalization), columns=True)
        engine = self._get_engine(1, checked.X)
        lines = as_lines(engine, engine.prepare(checked.X)).T
        return self._centres[1].nearest(times(lines, self._axes[1]))

    def transform(self, X: Any) -> Any:
        """Return the projections of rows on the vectors kept.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows over the fitted columns.

        Returns
        -------
        points : ndarray or dask array of shape (n_new_rows, n_best), dtype float64
            `embedding_rows_` for the rows of fit. A dask array for a dask array.
        """
        fitted = self._rows_fitted()
        return self._apply_to_rows(fitted.points, X, RowsOfBlock(self._n_features_out))

    def score(self, X: Any, y: Any = None) -> Any:
        """Return minus the mean squared difference of entries from the means of their blocks.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows, not necessarily those of fit: they get the labels that `predict` gives, blocks
            keep their means. An honest out-of-sample value.
        y : None
            Ignored.

        Returns
        -------
        score : float, or dask array of shape ()
            At most 0; larger is better. Lazy for a dask array.
        """
        fitted = self._rows_fitted()
        parts = self._apply_to_rows(fitted.error_and_count, X, RowsOfBlock.one(2))
        if dask_array(X) is None:
            return -float(parts[0] / parts[1])
        total, count = parts.sum(axis=0)
        return -total / count.clip(1.0, None)


@dataclass(frozen=True)
class FittedRows:
    """What of a fitted model new rows need: it travels to where they are."""

    axis: np.ndarray
    centres: Centres
    blocks: FittedBlocks

    def points(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the projections of rows."""
        return times(X, self.axis)

    def labels(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the row clusters of rows."""
        return self.centres.nearest(times(X, self.axis))

    def error_and_count(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the squared error of rows, and the number of their entries."""
        labels, approximation = self.labels(engine, X, missing), self.blocks.approximation()
        _, total = row_means_and_divergence(engine, X, approximation, labels, False)
        return np.array([total, X.shape[0] * X.shape[1]])


_NOT_BALANCED = (
    "The zeros of X leave no bistochastic form, or it is far away: row and column sums still "
    "differ after the last pass. normalization='scale' needs no such form."
)
