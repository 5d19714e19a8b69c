"""The divergence between X and its block approximation, column by column."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from .compilation import inner, kernel
from .logarithm import CHUNK, log_chunk
from .primitive import Output, Primitive
from .storage import as_csr

# Below this, x log x is nothing beside x.
TINY = np.finfo(np.float64).tiny


def expand(row_labels: np.ndarray, factors: np.ndarray, additive: bool, table: Any) -> np.ndarray:
    """Return the approximation of some rows: ``table[label] + factor`` or ``* factor``."""
    rows = table[np.maximum(row_labels, 0)]
    return rows + factors[:, None] if additive else rows * factors[:, None]


def _residual(
    tile: Any,
    row_labels: np.ndarray,
    row_factors: np.ndarray,
    table: np.ndarray,
    additive: bool,
    divergence: Any,
) -> tuple[np.ndarray]:
    """Sum d(x, approximation) over the rows of a tile; NaN and label -1 count nothing.

    For CSR tiles only the stored entries are visited and each adds ``d(x, y) - d(0, y)``: the
    caller adds what a matrix of zeros costs, which has a closed form.
    """
    inside = row_labels >= 0
    if sp.issparse(tile):
        return (
            _sparse_residual(tile, inside, row_labels, row_factors, table, additive, divergence),
        )
    values = np.asarray(tile, dtype=np.float64)
    fitted = expand(row_labels, row_factors, additive, table)
    used = inside[:, None] & ~np.isnan(values) & ~np.isnan(fitted)
    safe = np.where(used, values, fitted)
    with np.errstate(all="ignore"):
        return (np.where(used, divergence.divergence(safe, fitted), 0.0).sum(axis=0),)


def _sparse_residual(
    tile: Any,
    inside: np.ndarray,
    row_labels: np.ndarray,
    row_factors: np.ndarray,
    table: np.ndarray,
    additive: bool,
    divergence: Any,
) -> np.ndarray:
    rows = np.repeat(np.arange(tile.shape[0]), np.diff(tile.indptr))
    fitted = table[np.maximum(row_labels, 0)[rows], tile.indices]
    fitted = fitted + row_factors[rows] if additive else fitted * row_factors[rows]
    values = tile.data.astype(np.float64)
    used = inside[rows] & ~np.isnan(fitted)
    observed = ~np.isnan(values)
    safe = np.where(observed, values, 0.0)
    with np.errstate(all="ignore"):
        stored = np.where(observed, divergence.divergence(safe, fitted), 0.0)
        change = np.where(used, stored - divergence.divergence(np.zeros_like(fitted), fitted), 0.0)
    return np.bincount(tile.indices, weights=change, minlength=tile.shape[1])


@kernel
def _squared_residual(X, row_labels, row_factors, table, total):
    for i in range(X.shape[0]):
        if row_labels[i] < 0:
            continue
        x = X[i]
        fitted = table[row_labels[i]]
        factor = row_factors[i]
        for j in range(x.shape[0]):
            difference = np.float64(x[j]) - (fitted[j] + factor)
            total[j] += difference * difference if difference == difference else 0.0


@inner
def _i_divergence_row(x, fitted, log_fitted, factor, work, exponents, logs, total):
    """Add x log(x / y) - x + y of one row, y = fitted * factor, to the totals of the columns."""
    log_factor = np.log(factor)
    for start in range(0, x.shape[0], CHUNK):
        n = min(CHUNK, x.shape[0] - start)
        for j in range(n):
            value = np.float64(x[start + j])
            work[j] = value if value >= TINY else 1.0
        log_chunk(work, exponents, logs, n)
        for j in range(n):
            value = np.float64(x[start + j])
            log_ratio = logs[j] - (log_fitted[start + j] + log_factor)
            cost = fitted[start + j] * factor - value
            cost += value * log_ratio if value >= TINY else 0.0
            # NaN: a missing entry, or a column in no cluster.
            total[start + j] += cost if cost == cost else 0.0


@kernel
def _i_divergence_residual(X, row_labels, row_factors, table, log_table, total):
    work, logs = np.empty(CHUNK), np.empty(CHUNK)
    exponents = np.empty(CHUNK, np.int32)
    for i in range(X.shape[0]):
        g = row_labels[i]
        if g >= 0:
            fitted, log_fitted = table[g], log_table[g]
            _i_divergence_row(
                X[i], fitted, log_fitted, row_factors[i], work, exponents, logs, total
            )


@kernel
def _squared_residual_sparse(indptr, indices, data, row_labels, row_factors, table, total):
    for i in range(indptr.shape[0] - 1):
        if row_labels[i] < 0:
            continue
        fitted, factor = table[row_labels[i]], row_factors[i]
        for q in range(indptr[i], indptr[i + 1]):
            y = fitted[indices[q]] + factor
            x = np.float64(data[q])
            change = (x - y) * (x - y) - y * y if x == x else -y * y
            total[indices[q]] += change if change == change else 0.0


@kernel
def _i_divergence_residual_sparse(
    indptr, indices, data, row_labels, row_factors, table, log_table, total
):
    for i in range(indptr.shape[0] - 1):
        g = row_labels[i]
        if g < 0:
            continue
        factor, log_factor = row_factors[i], np.log(row_factors[i])
        for q in range(indptr[i], indptr[i + 1]):
            j = indices[q]
            x = np.float64(data[q])
            change = 0.0
            if x != x:
                change = -table[g, j] * factor
            elif x >= TINY:
                change = x * (np.log(x) - (log_table[g, j] + log_factor)) - x
            total[j] += change if change == change else 0.0


def _residual_compiled_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    labels, factors = params["row_labels"], params["row_factors"]
    table, divergence = params["table"], params["divergence"]
    parts = X.indptr, X.indices, X.data, labels, factors, table
    if divergence.name == "squared_euclidean" and params["additive"]:
        _squared_residual_sparse(*parts, outputs[0])
    elif divergence.name == "i_divergence" and not params["additive"] and (factors > 0).all():
        log_table = np.log(divergence.interior(table))
        _i_divergence_residual_sparse(*parts, log_table, outputs[0])
    else:
        outputs[0][...] += _residual(as_csr(X), **params)[0]


def _residual_compiled(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    labels, factors = params["row_labels"], params["row_factors"]
    table, divergence = params["table"], params["divergence"]
    if divergence.name == "squared_euclidean" and params["additive"]:
        _squared_residual(X, labels, factors, table, outputs[0])
    elif divergence.name == "i_divergence" and not params["additive"] and (factors > 0).all():
        log_table = np.log(divergence.interior(table))
        _i_divergence_residual(X, labels, factors, table, log_table, outputs[0])
    else:
        _reference_by_chunks(X, params, outputs)


def _reference_by_chunks(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Run the reference in small chunks: a tile of the compiled engine is too large for it."""
    height = max(1, (1 << 20) // max(1, X.shape[1]))
    for start in range(0, X.shape[0], height):
        rows = slice(start, start + height)
        chunk = {**params, **{k: params[k][rows] for k in ("row_labels", "row_factors")}}
        outputs[0][...] += _residual(X[rows], **chunk)[0]


RESIDUAL = Primitive(
    "divergence from the block approximation",
    (Output("sum", lambda n_rows, n_columns, params: (n_columns,)),),
    _residual,
    row_params=("row_labels", "row_factors"),
    dense=_residual_compiled,
    sparse=_residual_compiled_sparse,
)
