"""The block approximation of X: its table, its margins, and its distance from X."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._kernels.blocks import ROW_SUMS
from .._kernels.engines.chunked import is_sparse
from .._kernels.engines.protocol import Engine
from .._kernels.primitive import Primitive
from .._kernels.residual import RESIDUAL, expand
from .block_model import BlockModel, safe_divide


@dataclass(frozen=True)
class Approximation:
    """What X is approximated by: ``table[g, j]`` for row cluster g, times or plus a row factor.

    Attributes
    ----------
    model : BlockModel
        Divergence and basis.
    additive : bool
        Whether row factors are added (squared Euclidean) or multiplied.
    table : ndarray of shape (n_row_clusters, n_columns)
        Block means, with the column margins worked in; NaN for columns in no cluster.
    """

    model: BlockModel
    additive: bool
    table: np.ndarray

    @property
    def needs_row_means(self) -> bool:
        """Whether the basis keeps the means of rows."""
        return self.model.basis in ("C3", "C5")

    def row_factors(self, row_means: np.ndarray) -> np.ndarray:
        """Return what rows of the given means add to (or multiply) their row of the table."""
        if self.needs_row_means:
            return row_means
        return np.zeros_like(row_means) if self.additive else np.ones_like(row_means)

    def rows(self, row_labels: np.ndarray, row_means: np.ndarray) -> np.ndarray:
        """Return the approximation of rows, of shape (n_rows, n_columns)."""
        return expand(row_labels, self.row_factors(row_means), self.additive, self.table)


def approximate(
    model: BlockModel,
    block_sums: np.ndarray,
    block_weights: np.ndarray,
    column_labels: np.ndarray,
    column_means: np.ndarray,
) -> Approximation:
    """Return the approximation that belongs to block sums and column labels."""
    side = model.rows(block_sums, block_weights)
    means = safe_divide(block_sums, block_weights, side.reference(block_sums, block_weights))
    own = safe_divide(block_sums.sum(axis=1), block_weights.sum(axis=1), side.grand_mean)[:, None]
    additive = model.divergence.name == "squared_euclidean"
    rows_kept, columns_kept = model.basis in ("C3", "C5"), model.basis in ("C4", "C5")
    if additive:
        table = means - (own if rows_kept else 0.0) - (side.other_means if columns_kept else 0.0)
    else:
        table = safe_divide(means, own, 0.0) if rows_kept else means
    inside = np.maximum(column_labels, 0)
    full = np.where(column_labels >= 0, table[:, inside], np.nan)
    if columns_kept and additive:
        full = full + column_means
    elif columns_kept:
        # The ratio first: one over the mean of subnormal numbers is infinite.
        full = full * safe_divide(column_means, side.other_means[inside], 0.0)
    return Approximation(model, additive, full)


def row_means(engine: Engine, X: Any, missing: bool) -> np.ndarray:
    """Return the mean of the observed entries of each row, 0 where there is none."""
    ((sums,),) = engine.run_all(X, [_row_totals(X, missing)])
    return _means(sums, X, missing)


def _row_totals(X: Any, missing: bool) -> tuple[Primitive, dict[str, Any]]:
    labels = np.zeros(X.shape[1], np.int32)
    return ROW_SUMS, {"column_labels": labels, "n_column_clusters": 1, "missing": missing}


def _means(sums: np.ndarray, X: Any, missing: bool) -> np.ndarray:
    return safe_divide(sums[:, 0], sums[:, 1] if missing else np.float64(X.shape[1]), 0.0)


def row_means_and_divergence(
    engine: Engine, X: Any, approximation: Approximation, row_labels: np.ndarray, missing: bool
) -> tuple[np.ndarray, float]:
    """Return the means of rows and the divergence from an approximation that may need them.

    Where it does not, one read is enough for both.
    """
    if approximation.needs_row_means:
        means = row_means(engine, X, missing)
        return means, divergence_from(engine, X, approximation, row_labels, means)
    factors = approximation.row_factors(np.zeros(X.shape[0]))
    calls = [_row_totals(X, missing), _residual_call(approximation, row_labels, factors)]
    (sums,), (columns,) = engine.run_all(X, calls)
    total = _add_zeros(X, approximation, row_labels, factors, columns)
    return _means(sums, X, missing), total


def divergence_from(
    engine: Engine,
    X: Any,
    approximation: Approximation,
    row_labels: np.ndarray,
    means: np.ndarray,
) -> float:
    """Return the sum of d(x, approximation) over all observed entries in clusters."""
    factors = approximation.row_factors(means)
    ((columns,),) = engine.run_all(X, [_residual_call(approximation, row_labels, factors)])
    return _add_zeros(X, approximation, row_labels, factors, columns)


def _residual_call(
    approximation: Approximation, row_labels: np.ndarray, factors: np.ndarray
) -> tuple[Primitive, dict[str, Any]]:
    return RESIDUAL, {
        "row_labels": row_labels,
        "row_factors": factors,
        "table": approximation.table,
        "additive": approximation.additive,
        "divergence": approximation.model.divergence,
    }


def _add_zeros(
    X: Any,
    approximation: Approximation,
    row_labels: np.ndarray,
    factors: np.ndarray,
    columns: np.ndarray,
) -> float:
    """Return the whole divergence from what stored entries add in each column."""
    total = float(columns.sum())
    if is_sparse(X):
        total += _cost_of_zeros(approximation, row_labels, factors)
    return max(total, 0.0)


def _cost_of_zeros(
    approximation: Approximation, row_labels: np.ndarray, factors: np.ndarray
) -> float:
    """Return the sum of d(0, approximation) over all entries in clusters."""
    divergence, table = approximation.model.divergence, approximation.table
    if not approximation.needs_row_means:
        counts = np.bincount(row_labels[row_labels >= 0], minlength=len(table))
        cost = divergence.divergence(np.zeros_like(table), table)
        return float(counts @ np.nansum(cost, axis=1))
    # Per row cluster: sums of factors and of their squares stand for the rows.
    inside = row_labels >= 0
    labels, factors = row_labels[inside], factors[inside]
    counts, first, second = (
        np.bincount(labels, weights=power, minlength=len(table))
        for power in (np.ones_like(factors), factors, factors**2)
    )
    level, square = np.nansum(table, axis=1), np.nansum(table**2, axis=1)
    if not approximation.additive:  # I-divergence: d(0, y) = y
        return float(first @ level)
    n_columns = np.count_nonzero(~np.isnan(table), axis=1)
    return float(counts @ square + 2 * (first @ level) + second @ n_columns)
