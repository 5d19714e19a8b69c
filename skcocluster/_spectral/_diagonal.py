"""What SpectralCoclustering and SpecCo share: points of rows and columns, and their k-means."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._base import BaseDiagonalCoclusterer
from .._kernels.engines import ENGINES, Engine
from .._shared.caller import warn_caller
from .._shared.checkpoint import open_checkpoint
from .._shared.containers import dask_array
from .._shared.domain import NonNegative
from .._shared.lazy import RowsOfBlock, map_rows
from .._shared.linear_map import as_lines, open_lines
from .._shared.restarts import run_restarts
from .._shared.validation import check_count, check_matrix
from ._embedded import Embedded, Labels, embed, label_lines
from ._objectives import block_sums
from ._options import check_diagonal, number_of_runs
from ._points import Centres
from ._projection import Axis, fit_projection

# Starts where k-means starts at random; from pivots, one is as good as ten.
RANDOM_STARTS = 10


@dataclass(frozen=True)
class Run:
    """The result of one run of k-means; `value` is what restarts maximise."""

    value: float
    centres: Centres


class BaseSpectral(BaseDiagonalCoclusterer):
    """Base class: a subclass says which vectors, and which objective of the sums of blocks."""

    _engines = ENGINES
    _embeddings: tuple[str, ...]
    _measure: str

    embedding: str
    regularization: Any
    n_components: int | None
    svd_solver: str
    random_state: Any

    @property
    def starts_compare_objectives(self) -> bool:
        """Whether runs of k-means are compared by the objective: otherwise by their inertia."""
        return self.embedding == "regularized"

    @abstractmethod
    def _plan(self) -> dict[str, Any]:
        """Return `n_vectors`, `tau`, `deflate` and `unit` of `fit_projection`."""

    @staticmethod
    @abstractmethod
    def _objective(sums: np.ndarray) -> float:
        """Return the objective of the sums of the blocks."""

    def __sklearn_tags__(self) -> Any:
        """Return the tags: weights cannot be negative."""
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        return tags

    @property
    def _n_features_out(self) -> int:
        return self.embedding_rows_.shape[1]

    def _fit(self, X: Any) -> dict[str, Any]:
        check_diagonal(self, self._embeddings)
        checked = check_matrix(self, X, NonNegative(), allow_missing=False, reset=True)
        check_count("n_clusters", self.n_clusters, checked.X.shape[0], "rows, n_samples")
        engine = self._get_engine(1, checked.X)
        checkpoint = open_checkpoint(self, engine, checked.X)
        matrix, lines = open_lines(engine, checked.X)
        rng = check_random_state(self.random_state)
        plan = self._plan()
        projection = fit_projection(lines, **plan, svd_solver=self.svd_solver, rng=rng)
        embedded = embed(lines, projection, self.n_clusters)
        centres = self._cluster(engine, matrix, embedded, rng)
        attributes = self._describe(engine, matrix, embedded, centres)
        checkpoint.remove()
        return attributes

    def _cluster(
        self, engine: Engine, X: Any, embedded: Embedded, rng: np.random.RandomState
    ) -> Centres:
        """Return the centres of the best run of k-means."""
        pivots = embedded.pivots()
        n_init = number_of_runs(self.n_init, RANDOM_STARTS if pivots is None else 1)
        if not embedded.projection.unit:
            # The published methods keep the k-means of least inertia, whatever it cuts.
            return self._cluster_once(embedded, None, n_init, rng)
        if n_init == 1:
            return self._cluster_once(embedded, pivots, 1, rng)
        progress = self._progress(n_init, self._measure)
        runs = [progress.run(i) for i in range(n_init)]

        def run(i: int, start_rng: np.random.RandomState) -> Run:
            centres = embedded.cloud.find_centres(start_rng, pivots if i == 0 else None)
            objective = self._objective_of(engine, X, embedded.label(centres)[1])
            runs[i].step(objective)
            runs[i].end(objective)
            return Run(objective if self.objective_is_maximised else -objective, centres)

        best = run_restarts(run, n_init, rng, self.n_jobs, engine)
        progress.end()
        return best.centres

    def _cluster_once(
        self,
        embedded: Embedded,
        pivots: np.ndarray | None,
        n_init: int,
        rng: np.random.RandomState,
    ) -> Centres:
        """Return the centres of one call of k-means, reported as one run."""
        progress = self._progress(1, "inertia of k-means")
        run = progress.run(0)
        centres = embedded.cloud.find_centres(rng, pivots, n_init)
        run.step(centres.inertia)
        run.end(centres.inertia)
        progress.end()
        return centres

    def _objective_of(self, engine: Engine, X: Any, labels: Labels) -> float:
        return self._objective(block_sums(engine, X, *labels, self.n_clusters))

    def _describe(
        self, engine: Engine, X: Any, embedded: Embedded, centres: Centres
    ) -> dict[str, Any]:
        """Return the fitted attributes."""
        if not centres.converged:
            message = "k-means did not settle: the labels are those of its last iteration."
            warn_caller(message, ConvergenceWarning)
        centres, labels = embedded.label(centres)
        objective = self._objective_of(engine, X, labels)
        return {
            "row_labels_": labels[0],
            "column_labels_": labels[1],
            "objective_": objective,
            "objective_trace_": np.array([objective]),
            "n_iter_": 1,
            "converged_": centres.converged,
            "n_clusters_": int(np.count_nonzero(np.bincount(np.concatenate(labels)))),
            "embedding_rows_": embedded.rows,
            "embedding_columns_": embedded.columns,
            "singular_values_": embedded.projection.values,
            "_projection": embedded.projection,
            "_centres": centres,
        }

    # -- new rows and columns -----------------------------------------------------------------

    def _apply_to_rows(self, function: Any, X: Any, rows: RowsOfBlock) -> Any:
        """Apply a function of rows to new rows; lazily, where they are a dask array."""
        if dask_array(X) is not None:
            return map_rows(self, X, NonNegative(), False, function, rows)
        checked = self._check_new(X, NonNegative(), columns=False)
        engine = self._get_engine(1, checked.X)
        return function(engine, engine.prepare(checked.X), False)

    def _rows_fitted(self) -> "FittedRows":
        check_is_fitted(self)
        return FittedRows(self._projection.rows, self._centres)

    def predict(self, X: Any) -> Any:
        """Return the co-cluster of new rows: that of the centre nearest to their point.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            New rows over the fitted columns.

        Returns
        -------
        labels : ndarray or dask array of shape (n_new_rows,), dtype int32
            Ties, and rows of zeros, go to the lowest label. A dask array for a dask array.
        """
        return self._apply_to_rows(self._rows_fitted().labels, X, RowsOfBlock(None, np.int32))

    def predict_columns(self, X: Any) -> np.ndarray:
        """Return the co-cluster of new columns: that of the centre nearest to their point.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_rows, n_new_columns)
            New columns over the fitted rows.

        Returns
        -------
        labels : ndarray of shape (n_new_columns,), dtype int32
            As for `predict`; in memory, whatever X is.
        """
        check_is_fitted(self)
        checked = self._check_new(X, NonNegative(), columns=True)
        engine = self._get_engine(1, checked.X)
        lines = as_lines(engine, engine.prepare(checked.X)).T
        return label_lines(lines, self._projection.columns, self._centres)

    def transform(self, X: Any) -> Any:
        """Return the points of rows in the space of the embedding.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_new_rows, n_columns)
            Rows over the fitted columns.

        Returns
        -------
        points : ndarray or dask array of shape (n_new_rows, n_components), dtype float64
            `embedding_rows_` for the rows of fit; the zero vector for a row of zeros. A dask
            array for a dask array.
        """
        fitted = self._rows_fitted()
        return self._apply_to_rows(fitted.points, X, RowsOfBlock(self._n_features_out))

    def _objective_of_rows(self, X: Any) -> Any:
        """Return the objective of rows with their predicted labels and the fitted columns."""
        fitted, n = self._rows_fitted(), self._n_clusters()[0]
        function = partial(fitted.sums, self.column_labels_, n)
        sums = self._apply_to_rows(function, X, RowsOfBlock.one(n * n))
        if dask_array(X) is None:
            return self._objective(sums.reshape(n, n))
        objective = partial(_objective_of_sums, type(self)._objective, n)
        return sums.sum(axis=0).rechunk(-1).map_blocks(objective, dtype=np.float64, drop_axis=0)


@dataclass(frozen=True)
class FittedRows:
    """What of a fitted model new rows need: it travels to where they are."""

    axis: Axis
    centres: Centres

    def labels(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the co-clusters of rows."""
        return label_lines(X, self.axis, self.centres)

    def points(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the points of rows."""
        return self.axis.points(X, X.sum(axis=1, dtype=np.float64))

    def sums(
        self, column_labels: np.ndarray, n: int, engine: Engine, X: Any, missing: bool
    ) -> np.ndarray:
        """Return the sums of the n x n blocks of rows, one after the other."""
        return block_sums(engine, X, self.labels(engine, X, missing), column_labels, n).ravel()


def _objective_of_sums(objective: Any, n: int, sums: np.ndarray) -> np.ndarray:
    return np.asarray(objective(sums.reshape(n, n)))
