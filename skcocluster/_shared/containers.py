"""Labelled containers: what DataFrames and DataArrays call their rows and columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np


def module_of(X: Any) -> str:
    """Return the top-level package that the type of X comes from, without importing it."""
    return type(X).__module__.partition(".")[0]


def dask_array(X: Any) -> Any:
    """Return the dask array that X is, or that an xarray DataArray holds; None for all else."""
    if module_of(X) == "xarray" and getattr(X, "chunks", None) is not None:
        X = X.data
    if module_of(X) == "dask" and hasattr(X, "numblocks"):
        return X
    return None


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


def stack_dimensions(X: Any, rows: Any, columns: Any = None) -> Any:
    """Return a DataArray of any number of dimensions as a matrix.

    Parameters
    ----------
    X : xarray.DataArray
        In memory, or backed by a dask array, of which nothing is read.
    rows : str or sequence of str
        The dimensions that become rows; the last one varies fastest.
    columns : str or sequence of str, default=None
        The dimensions that become columns; None takes all others, in their order.

    Returns
    -------
    matrix : xarray.DataArray of shape (n_rows, n_columns)
        Several dimensions are one, called by their names joined by ``_``, with the coordinates of
        all of them as a MultiIndex. Labels of its rows are a DataArray on that dimension, of
        which ``.unstack()`` makes one on the dimensions that it was before: a map.

    Raises
    ------
    TypeError
        When X is no DataArray.
    ValueError
        When a dimension is missing, unknown or named twice.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from skcocluster import BBAC
    >>> from skcocluster.io import stack_dimensions
    >>> cube = xr.DataArray(
    ...     np.kron([[[1.0, 5.0]], [[6.0, 2.0]]], np.ones((4, 2, 3))),
    ...     dims=("time", "lat", "lon"),
    ...     coords={"lat": [10, 20], "lon": [1, 2, 3, 4, 5, 6]},
    ... )
    >>> matrix = stack_dimensions(cube, rows=("lat", "lon"))
    >>> matrix.dims, matrix.shape
    (('lat_lon', 'time'), (12, 8))
    >>> model = BBAC(n_row_clusters=2, random_state=0).fit(matrix)
    >>> model.get_row_labels().unstack().sizes
    Frozen({'lat': 2, 'lon': 6})
    """
    if module_of(X) != "xarray" or not hasattr(X, "dims") or not hasattr(X, "data"):
        raise TypeError(f"stack_dimensions takes an xarray DataArray, got {type(X).__name__}.")
    rows = (rows,) if isinstance(rows, str) else tuple(rows)
    if columns is None:
        columns = tuple(name for name in X.dims if name not in rows)
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    if not rows or not columns or sorted((*rows, *columns)) != sorted(X.dims):
        raise ValueError(
            f"rows={rows} and columns={columns} must name each of the dimensions {X.dims} once, "
            "and at least one each."
        )
    sides = []
    for names in (rows, columns):
        sides.append(names[0] if len(names) == 1 else "_".join(map(str, names)))
        if len(names) > 1:
            X = X.stack({sides[-1]: names})
    return X.transpose(*sides)
