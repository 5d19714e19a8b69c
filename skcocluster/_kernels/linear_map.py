"""X as a linear map: its margins, and products with a few vectors from either side.

``entries``, where given, makes the entries of the map from those of a tile; None takes them as
they are. What merges is as large as columns x vectors; what is concatenated, rows x vectors.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from .primitive import Output, Outputs, Primitive, per_column, per_row
from .storage import as_csr

# Rows of dense tiles go through the cache in parts of so many entries, in float64.
PART_ENTRIES = 1 << 18

Entries = Callable[[np.ndarray], np.ndarray] | None


@dataclass(frozen=True)
class LogInteractions:
    """Logarithms less the means of their rows and of their columns.

    Attributes
    ----------
    column_means : ndarray of shape (n_columns,), dtype float64
        Means over all rows of the logarithms less the means of rows.
    rounding : float
        Interactions up to this are 0.
    """

    column_means: np.ndarray
    rounding: float

    def __call__(self, tile: np.ndarray) -> np.ndarray:
        """Return the interactions of whole rows."""
        values = centred_logarithms(tile) - self.column_means
        values[np.abs(values) <= self.rounding] = 0.0
        return values


def centred_logarithms(tile: np.ndarray) -> np.ndarray:
    """Return logarithms less the means of their rows, float64."""
    values = np.log(tile.astype(np.float64))
    values -= values.mean(axis=1, keepdims=True)
    return values


def _parts(tile: Any, entries: Entries) -> Iterator[tuple[slice, Any]]:
    """Yield rows and their entries; a sparse tile is one part."""
    tile = as_csr(tile)
    n_rows = tile.shape[0]
    height = n_rows if sp.issparse(tile) else PART_ENTRIES // tile.shape[1]
    for start in range(0, n_rows, max(1, height)):
        rows = slice(start, min(start + max(1, height), n_rows))
        part = tile if rows.stop - rows.start == n_rows else tile[rows]
        yield rows, part if entries is None else entries(part)


def _margins(tile: Any) -> Outputs:
    return tile.sum(axis=1, dtype=np.float64), tile.sum(axis=0, dtype=np.float64)


def _products(tile: Any, factors: np.ndarray, entries: Entries = None) -> Outputs:
    values = tile if entries is None else entries(tile)
    return (values @ factors,)


def _transposed_products(tile: Any, factors: np.ndarray, entries: Entries = None) -> Outputs:
    values = tile if entries is None else entries(tile)
    return (values.T @ factors,)


def _gram_products(
    tile: Any, factors: np.ndarray, weights: np.ndarray, entries: Entries = None
) -> Outputs:
    values = tile if entries is None else entries(tile)
    return (values.T @ (weights[:, None] * (values @ factors)),)


def _balance(tile: Any, columns: np.ndarray, row_sum: float) -> Outputs:
    sums = np.asarray(tile @ columns)
    rows = np.divide(row_sum, sums, out=np.zeros_like(sums), where=sums > 0)
    return rows, tile.T @ rows


def _log_moments(tile: np.ndarray) -> Outputs:
    largest = np.abs(np.log(tile.astype(np.float64))).max(initial=0.0)
    return centred_logarithms(tile).sum(axis=0), np.array([largest])


def _fill_products(tile: Any, params: Mapping[str, Any], outputs: Outputs) -> None:
    for rows, values in _parts(tile, params.get("entries")):
        outputs[0][rows] = values @ params["factors"]


def _add_transposed_products(tile: Any, params: Mapping[str, Any], outputs: Outputs) -> None:
    total = outputs[0]
    for rows, values in _parts(tile, params.get("entries")):
        total += values.T @ params["factors"][rows]


def _add_gram_products(tile: Any, params: Mapping[str, Any], outputs: Outputs) -> None:
    total = outputs[0]
    factors, weights = params["factors"], params["weights"][:, None]
    for rows, values in _parts(tile, params.get("entries")):
        total += values.T @ (weights[rows] * (values @ factors))


def _vectors_of_rows(n_rows: int, n_columns: int, params: Any) -> tuple[int, ...]:
    return (n_rows, params["factors"].shape[1])


def _vectors_of_columns(n_rows: int, n_columns: int, params: Any) -> tuple[int, ...]:
    return (n_columns, params["factors"].shape[1])


MARGINS = Primitive(
    "row sums and column sums", (Output("concat", per_row), Output("sum", per_column)), _margins
)
PRODUCTS = Primitive(
    "products with vectors",
    (Output("concat", _vectors_of_rows),),
    _products,
    dense=_fill_products,
    sparse=_fill_products,
)
TRANSPOSED_PRODUCTS = Primitive(
    "products of the transpose with vectors",
    (Output("sum", _vectors_of_columns),),
    _transposed_products,
    row_params=("factors",),
    dense=_add_transposed_products,
    sparse=_add_transposed_products,
)
# X' W X factors in one read, with the weights of the rows on the diagonal of W.
GRAM_PRODUCTS = Primitive(
    "products of the Gram matrix with vectors",
    (Output("sum", _vectors_of_columns),),
    _gram_products,
    row_params=("weights",),
    dense=_add_gram_products,
    sparse=_add_gram_products,
)
# One pass of Sinkhorn and Knopp: factors that make the sums of scaled rows `row_sum`, and the
# column sums that these factors leave.
BALANCE = Primitive(
    "one pass of balancing",
    (Output("concat", per_row), Output("sum", per_column)),
    _balance,
)
# Column sums of logarithms less the means of rows, and the largest magnitude of a logarithm.
LOG_MOMENTS = Primitive(
    "moments of logarithms",
    (Output("sum", per_column), Output("max", lambda n, m, params: (1,))),
    _log_moments,
)
