"""Products of X and of its squares with memberships or factors, along rows and along columns.

One read of X gives what the distances of one side need: ``X @ factors`` (n_rows x n_factors) and
``(X * X) @ weights`` (n_rows), or ``X' @ factors`` and ``(X * X)' @ weights`` for the columns.
Memberships are factors of zeros and ones, of which only the ones cost anything.

A dense X is read as ``X - shift``: far from zero, squares would swallow the differences. Sparse X
is never shifted.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from . import products_compiled as compiled
from . import products_dense as chunked
from .primitive import Output, Primitive, per_column, per_row


def _values(tile: Any, shift: float) -> Any:
    if sp.issparse(tile):
        return tile.astype(np.float64)
    values = np.asarray(tile, dtype=np.float64)
    return values - shift if shift else values


def _squares(values: Any) -> Any:
    return values.power(2) if sp.issparse(values) else values * values


def _row_products(tile: Any, factors: np.ndarray, weights: np.ndarray, shift: float) -> tuple:
    values = _values(tile, shift)
    return values @ factors, _squares(values) @ weights


def _column_products(tile: Any, factors: np.ndarray, weights: np.ndarray, shift: float) -> tuple:
    values = _values(tile, shift)
    return values.T @ factors, _squares(values).T @ weights


def _row_sums(tile: Any, memberships: np.ndarray, shift: float) -> tuple:
    factors = memberships.astype(np.float64)
    return _row_products(tile, factors, factors.sum(axis=1), shift)


def _column_sums(tile: Any, memberships: np.ndarray, shift: float) -> tuple:
    factors = memberships.astype(np.float64)
    return _column_products(tile, factors, factors.sum(axis=1), shift)


def _width(params: Any) -> int:
    return params["factors" if "factors" in params else "memberships"].shape[1]


_ROWS = (Output("concat", lambda n, m, params: (n, _width(params))), Output("concat", per_row))
_COLUMNS = (Output("sum", lambda n, m, params: (m, _width(params))), Output("sum", per_column))

# Sums of each row over the columns of each cluster, `memberships` being those of the columns, and
# its squares weighted by the number of clusters of each column.
MEMBER_ROW_SUMS = Primitive(
    "row sums over clusters that overlap",
    _ROWS,
    _row_sums,
    dense=chunked.member_row_sums_dense,
    sparse=compiled.member_row_sums_sparse,
)
# The same for columns; `memberships` are those of the rows.
MEMBER_COLUMN_SUMS = Primitive(
    "column sums over clusters that overlap",
    _COLUMNS,
    _column_sums,
    row_params=("memberships",),
    dense=chunked.member_column_sums_dense,
    sparse=compiled.member_column_sums_sparse,
)
ROW_PRODUCTS = Primitive(
    "products of rows with factors",
    _ROWS,
    _row_products,
    dense=chunked.row_products_dense,
    sparse=compiled.row_products_sparse,
)
COLUMN_PRODUCTS = Primitive(
    "products of columns with factors",
    _COLUMNS,
    _column_products,
    row_params=("factors", "weights"),
    dense=chunked.column_products_dense,
    sparse=compiled.column_products_sparse,
)
