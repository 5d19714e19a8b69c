"""What every co-clustering estimator does: fit as a whole, labels, biclusters, submatrices."""

from abc import abstractmethod
from typing import Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    BiclusterMixin,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted

from ._kernels.engines import IN_MEMORY, ChunkedRows, Engine, get_engine
from ._shared.containers import AxisLabels, axis_labels, take_submatrix
from ._shared.domain import ValueDomain
from ._shared.html_repr import BlockPictureMixin
from ._shared.progress import CallbackSupportMixin, FitProgress, with_callbacks
from ._shared.validation import Checked, check_matrix, check_new_columns


class BaseCoclusterer(
    BlockPictureMixin,
    CallbackSupportMixin,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    BiclusterMixin,
    TransformerMixin,
    BaseEstimator,
):
    """Base class: a subclass checks its input, runs its solver and returns its attributes.

    Subclasses implement ``_fit(X, progress)``, which returns all fitted attributes as a dict
    (at least ``row_labels_``, ``column_labels_``, ``objective_``); nothing is published before
    the fit is complete. They set `_engines`, the engines that they can use, and
    `objective_is_maximised`.
    """

    _engines: tuple[str, ...] = IN_MEMORY
    objective_is_maximised = False

    engine: str
    n_init: int
    n_jobs: int | None
    verbose: int
    row_labels_: np.ndarray
    column_labels_: np.ndarray

    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> "BaseCoclusterer":
        """Co-cluster the rows and columns of X.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_rows, n_columns)
            The matrix. A dask array, for the estimators that can use one, may have dense or CSR
            blocks. It is read once to be checked and about once in each iteration, by the scheduler
            in force; where the cluster's memory holds it, pass ``X.persist()``.
        y : None
            Ignored.

        Returns
        -------
        self : estimator
            The fitted estimator.

        Raises
        ------
        TypeError, ValueError
            For input or parameters that the class documents as invalid; the estimator is then
            as it was before.
        """
        before = dict(vars(self))
        try:
            # A refit must not see, and an interrupt must not lose, what an earlier fit published.
            attributes = self._fit(X)
            attributes["labels_"] = attributes["row_labels_"]
            attributes["_row_axis"] = axis_labels(X, 0)
            attributes["_column_axis"] = axis_labels(X, 1)
            learnt = {n: v for n, v in vars(self).items() if n in _LEARNT_BY_VALIDATION}
            kept = {n: v for n, v in vars(self).items() if not n.endswith("_")}
            published = kept | learnt | attributes
        except BaseException:
            context = {k: v for k, v in vars(self).items() if k.startswith(("_callback", "_skl"))}
            self.__dict__ = before | context
            raise
        self.__dict__ = published
        return self

    @abstractmethod
    def _fit(self, X: Any) -> dict[str, Any]:
        """Return the fitted attributes by name."""

    def _get_engine(self, n_threads: int = 1, X: Any = None) -> Engine:
        """Return the engine that the `engine` parameter asks for, or that a validated X needs."""
        if self.engine != "auto" and (
            not isinstance(self.engine, str) or self.engine not in self._engines
        ):
            raise ValueError(
                f"engine={self.engine!r}: {type(self).__name__} can use {('auto', *self._engines)}."
            )
        if isinstance(X, ChunkedRows):
            return get_engine("dask", n_threads)
        return get_engine("numba" if self.engine == "auto" else self.engine, n_threads)

    def _progress(self, n_runs: int, measure: str = "explained divergence") -> FitProgress:
        return FitProgress(self, n_runs, measure)

    def _check_new(
        self, X: Any, domain: ValueDomain, *, columns: bool, allow_missing: bool = False
    ) -> Checked:
        """Return new rows over the fitted columns, or new columns over the fitted rows, checked."""
        if columns:
            n_rows = len(self.row_labels_)
            return check_new_columns(self, X, domain, n_rows, allow_missing=allow_missing)
        return check_matrix(self, X, domain, allow_missing=allow_missing, reset=False)

    # -- biclusters ---------------------------------------------------------------------------

    @property
    def rows_(self) -> np.ndarray:
        """Membership of rows in biclusters, of shape (n_biclusters, n_rows), dtype bool."""
        return self._memberships()[0]

    @property
    def columns_(self) -> np.ndarray:
        """Membership of columns in biclusters, of shape (n_biclusters, n_columns), dtype bool."""
        return self._memberships()[1]

    def _n_clusters(self) -> tuple[int, int]:
        """Return the numbers of row and column clusters of the fitted model."""
        raise NotImplementedError

    def _memberships(self) -> tuple[np.ndarray, np.ndarray]:
        # NotFittedError is an AttributeError: hasattr(estimator, "rows_") is False before fit.
        check_is_fitted(self)
        row_labels, column_labels = self.row_labels_, self.column_labels_
        n_row_clusters, n_column_clusters = self._n_clusters()
        rows = np.arange(n_row_clusters)[:, None] == row_labels
        columns = np.arange(n_column_clusters)[:, None] == column_labels
        return np.repeat(rows, n_column_clusters, axis=0), np.tile(columns, (n_row_clusters, 1))

    def get_submatrix(self, i: int, data: Any) -> Any:
        """Return the submatrix of bicluster `i`.

        Parameters
        ----------
        i : int
            The bicluster.
        data : array-like, sparse matrix, DataFrame or DataArray of shape (n_rows, n_columns)
            The matrix, in any container.

        Returns
        -------
        submatrix : same container as `data`
            Rows and columns of the bicluster, with their own names where the container has
            names.
        """
        check_is_fitted(self)
        rows, columns = map(np.asarray, self.get_indices(i))
        return take_submatrix(data, rows, columns)

    def get_shape(self, i: int) -> tuple[int, int]:
        """Return the shape of bicluster `i`.

        Parameters
        ----------
        i : int
            The bicluster.

        Returns
        -------
        n_rows, n_columns : int
            Numbers of its rows and columns.
        """
        rows, columns = self._memberships()
        return int(rows[i].sum()), int(columns[i].sum())

    # -- labels on the names of the input -----------------------------------------------------

    def get_row_labels(self) -> Any:
        """Return `row_labels_` on the names of the rows.

        Returns
        -------
        labels : pandas.Series, xarray.DataArray or ndarray of shape (n_rows,), dtype int32
            A Series on the index of a pandas DataFrame, a DataArray on the dimension and its
            coordinates of an xarray DataArray, otherwise `row_labels_` itself.
        """
        check_is_fitted(self)
        return self._wrap(self._row_axis, self.row_labels_)

    def get_column_labels(self) -> Any:
        """Return `column_labels_` on the names of the columns.

        Returns
        -------
        labels : pandas.Series, xarray.DataArray or ndarray of shape (n_columns,), dtype int32
            As for `get_row_labels`.
        """
        check_is_fitted(self)
        return self._wrap(self._column_axis, self.column_labels_)

    @staticmethod
    def _wrap(axis: AxisLabels, labels: np.ndarray) -> Any:
        return axis.wrap(labels)

    # -- scikit-learn -------------------------------------------------------------------------

    def fit_predict(self, X: Any, y: Any = None, **kwargs: Any) -> np.ndarray:
        """Fit and return the row labels.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_rows, n_columns)
            The matrix.
        y : None
            Ignored.
        **kwargs : dict
            Passed to `fit`.

        Returns
        -------
        labels : ndarray of shape (n_rows,), dtype int32
            `row_labels_`.
        """
        return self.fit(X, y, **kwargs).row_labels_

    @property
    def _n_features_out(self) -> int:
        return self._n_clusters()[1]

    def __sklearn_tags__(self) -> Any:
        """Return the tags: sparse input is accepted by all co-clustering estimators."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


class BaseDiagonalCoclusterer(BaseCoclusterer):
    """Base of the methods with as many row clusters as column clusters, matched one to one.

    Co-cluster i, one bicluster, holds the rows and the columns of label i; it may be empty.
    """

    n_clusters: int

    def _n_clusters(self) -> tuple[int, int]:
        return self.n_clusters, self.n_clusters

    def _memberships(self) -> tuple[np.ndarray, np.ndarray]:
        check_is_fitted(self)
        labels = np.arange(self._n_clusters()[0])[:, None]
        return labels == self.row_labels_, labels == self.column_labels_


_LEARNT_BY_VALIDATION = ("n_features_in_", "feature_names_in_")
