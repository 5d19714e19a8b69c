"""Labelled containers: what DataFrames and DataArrays call their rows and columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np


def module_of(X: Any) -> str:
    """Return the top-level package that the type of X comes from, without importing it."""
    return type(X).__module__.partition(".")[0]


@dataclass(frozen=True)
class AxisLabels:
    """The names along one axis of the input.

    Attributes
    ----------
    kind : {"none", "pandas", "xarray"}
        How labels are handed back.
    name : str or None
        Name of the index, or the dimension.
    index : object
        pandas Index, or a dict of coordinate variables for xarray.
    """

    kind: str = "none"
    name: Any = None
    index: Any = None

    def wrap(self, labels: np.ndarray) -> Any:
        """Return labels in the container of the input.

        Parameters
        ----------
        labels : ndarray of shape (n,), dtype int32
            Cluster labels.

        Returns
        -------
        labels : ndarray, pandas.Series or xarray.DataArray
            The same values, with the input's own names.
        """
        if self.kind == "pandas":
            import pandas as pd

            return pd.Series(labels, index=self.index, name="cluster")
        if self.kind == "xarray":
            import xarray as xr

            return xr.DataArray(labels, dims=(self.name,), coords=self.index, name="cluster")
        return labels


def axis_labels(X: Any, axis: int) -> AxisLabels:
    """Return the names along one axis of X, if X has any."""
    package = module_of(X)
    if package == "xarray" and hasattr(X, "dims"):
        dim = X.dims[axis]
        coords = {name: c for name, c in X.coords.items() if c.dims == (dim,)}
        return AxisLabels("xarray", dim, coords)
    if package == "pandas" and hasattr(X, "columns"):
        index = X.index if axis == 0 else X.columns
        return AxisLabels("pandas", index.name, index)
    return AxisLabels()


def take_submatrix(X: Any, rows: np.ndarray, columns: np.ndarray) -> Any:
    """Return the rows and columns of X by position, in the container that X is in."""
    package = module_of(X)
    if package == "pandas":
        return X.iloc[rows, columns]
    if package == "polars":
        return X[rows.tolist(), columns.tolist()]
    if package == "xarray":
        return X.isel({X.dims[0]: rows, X.dims[1]: columns})
    if package == "dask":
        return X[rows][:, columns]
    if hasattr(X, "tocsr"):
        return X.tocsr()[rows][:, columns]
    return np.asarray(X)[np.ix_(rows, columns)]
