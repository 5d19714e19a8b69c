"""Products of C-ordered tiles with factors: BLAS on chunks that stay in cache."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

CHUNK_ENTRIES = 1 << 18


def _chunks(X: np.ndarray, shift: float) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
    """Yield rows, their float64 values less the shift, and a buffer of the same shape.

    The buffer may be that of the values: whoever writes into it is done with them.
    """
    height = min(len(X), max(8, CHUNK_ENTRIES // X.shape[1]))
    buffer = np.empty((height, X.shape[1]))
    for start in range(0, len(X), height):
        values = X[start : start + height]
        out = buffer[: len(values)]
        if shift:
            values = np.subtract(values, shift, out=out, dtype=np.float64)
        elif values.dtype != np.float64:
            out[...] = values
            values = out
        yield slice(start, start + len(values)), values, out


def row_products_dense(X: np.ndarray, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill products and weighted squares of the rows of a C-ordered tile."""
    products, squares = outputs
    for rows, values, buffer in _chunks(X, params["shift"]):
        np.dot(values, params["factors"], out=products[rows])
        np.dot(np.multiply(values, values, out=buffer), params["weights"], out=squares[rows])


def column_products_dense(X: np.ndarray, params: Mapping[str, Any], outputs: Any) -> None:
    """Add products and weighted squares of the columns of a C-ordered tile."""
    products, squares = outputs
    for rows, values, buffer in _chunks(X, params["shift"]):
        # BLAS is faster with the long side last.
        products += (params["factors"][rows].T @ values).T
        squares += params["weights"][rows] @ np.multiply(values, values, out=buffer)


def _as_factors(params: Mapping[str, Any]) -> dict[str, Any]:
    factors = params["memberships"].astype(np.float64)
    return {"factors": factors, "weights": factors.sum(axis=1), "shift": params["shift"]}


def member_row_sums_dense(X: np.ndarray, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill sums over clusters and weighted squares of the rows of a C-ordered tile."""
    row_products_dense(X, _as_factors(params), outputs)


def member_column_sums_dense(X: np.ndarray, params: Mapping[str, Any], outputs: Any) -> None:
    """Add sums over clusters and weighted squares of the columns of a C-ordered tile."""
    column_products_dense(X, _as_factors(params), outputs)
