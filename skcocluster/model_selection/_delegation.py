"""What a fitted search passes on to its best estimator."""

from typing import Any

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted


def _has(name: str) -> Any:
    """Return the check whether the best estimator, or else the estimator, has a method."""

    def check(search: Any) -> bool:
        getattr(getattr(search, "best_estimator_", search.estimator), name)
        return True

    return check


class BestEstimatorMixin:
    """Methods and attributes of `best_estimator_`."""

    refit: bool
    best_estimator_: Any

    def _best(self, what: str) -> Any:
        check_is_fitted(self)
        if not hasattr(self, "best_estimator_"):
            raise AttributeError(
                f"{what} is that of the best estimator, and refit=False keeps none: use refit=True."
            )
        return self.best_estimator_

    @available_if(_has("predict"))
    def predict(self, X: Any) -> np.ndarray:
        """Return the row cluster of new rows, as the best estimator does.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            New rows over the fitted columns.

        Returns
        -------
        labels : ndarray of shape (n_new_rows,), dtype int32
            Labels.
        """
        return self._best("predict").predict(X)

    @available_if(_has("predict_columns"))
    def predict_columns(self, X: Any) -> np.ndarray:
        """Return the column cluster of new columns, as the best estimator does.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_rows, n_new_columns)
            New columns over the fitted rows.

        Returns
        -------
        labels : ndarray of shape (n_new_columns,), dtype int32
            Labels.
        """
        return self._best("predict_columns").predict_columns(X)

    @available_if(_has("transform"))
    def transform(self, X: Any) -> np.ndarray:
        """Return rows as the best estimator transforms them.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            Rows over the fitted columns.

        Returns
        -------
        transformed : ndarray of shape (n_new_rows, n_features_out), dtype float64
            Their features.
        """
        return self._best("transform").transform(X)

    @available_if(_has("score"))
    def score(self, X: Any, y: Any = None) -> float:
        """Return the score of the best estimator, not the criterion of the search.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns)
            Rows over the fitted columns.
        y : None
            Ignored.

        Returns
        -------
        score : float
            Larger is better.
        """
        return self._best("score").score(X)

    @available_if(_has("reconstruct"))
    def reconstruct(self, X: Any = None) -> np.ndarray:
        """Return the block approximation of the best estimator.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new_rows, n_columns), default=None
            Rows to approximate; None takes those of fit.

        Returns
        -------
        approximation : ndarray of shape (n_rows, n_columns), dtype float64
            The approximation.
        """
        return self._best("reconstruct").reconstruct(X)

    @available_if(_has("get_feature_names_out"))
    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the features that `transform` makes.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Ignored by co-clusterers.

        Returns
        -------
        names : ndarray of str
            Those of the best estimator.
        """
        return self._best("get_feature_names_out").get_feature_names_out(input_features)

    @available_if(_has("get_row_labels"))
    def get_row_labels(self) -> Any:
        """Return `row_labels_` on the names of the rows.

        Returns
        -------
        labels : pandas.Series, xarray.DataArray or ndarray of shape (n_rows,), dtype int32
            As the best estimator returns them.
        """
        return self._best("get_row_labels").get_row_labels()

    @available_if(_has("get_column_labels"))
    def get_column_labels(self) -> Any:
        """Return `column_labels_` on the names of the columns.

        Returns
        -------
        labels : pandas.Series, xarray.DataArray or ndarray of shape (n_columns,), dtype int32
            As the best estimator returns them.
        """
        return self._best("get_column_labels").get_column_labels()

    def get_submatrix(self, i: int, data: Any) -> Any:
        """Return the submatrix of bicluster `i` of the best estimator.

        Parameters
        ----------
        i : int
            The bicluster.
        data : array-like, sparse matrix, DataFrame or DataArray of shape (n_rows, n_columns)
            The matrix, in any container.

        Returns
        -------
        submatrix : same container as `data`
            Rows and columns of the bicluster.
        """
        return self._best("get_submatrix").get_submatrix(i, data)

    @property
    def row_labels_(self) -> np.ndarray:
        """Cluster of each row, of shape (n_rows,), dtype int32."""
        return self._best("row_labels_").row_labels_

    @property
    def column_labels_(self) -> np.ndarray:
        """Cluster of each column, of shape (n_columns,), dtype int32."""
        return self._best("column_labels_").column_labels_

    @property
    def labels_(self) -> np.ndarray:
        """The same as `row_labels_`."""
        return self.row_labels_

    @property
    def rows_(self) -> np.ndarray:
        """Membership of rows in biclusters, of shape (n_biclusters, n_rows), dtype bool."""
        return self._best("rows_").rows_

    @property
    def columns_(self) -> np.ndarray:
        """Membership of columns in biclusters, of shape (n_biclusters, n_columns), dtype bool."""
        return self._best("columns_").columns_

    @property
    def n_features_in_(self) -> int:
        """Number of columns in fit."""
        return self._best("n_features_in_").n_features_in_

    @property
    def feature_names_in_(self) -> np.ndarray:
        """Names of columns, when X has them."""
        return self._best("feature_names_in_").feature_names_in_
