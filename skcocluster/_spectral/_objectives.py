"""Objectives of the diagonal methods from the sums of blocks."""

from typing import Any

import numpy as np

from .._kernels.blocks import COLUMN_SUMS, ROW_SUMS, indicator
from .._kernels.engines import Engine
from .._shared.block_model import safe_divide


def block_sums(
    engine: Engine, X: Any, row_labels: np.ndarray, column_labels: np.ndarray, n_clusters: int
) -> np.ndarray:
    """Return the sums of X over all blocks, of shape (n_clusters, n_clusters)."""
    if X.shape[1] <= X.shape[0]:
        options = {"row_labels": row_labels, "n_row_clusters": n_clusters}
        (sums,) = engine.run(COLUMN_SUMS, X, **options, missing=False)
        return sums @ indicator(column_labels, n_clusters)
    options = {"column_labels": column_labels, "n_column_clusters": n_clusters}
    (sums,) = engine.run(ROW_SUMS, X, **options, missing=False)
    return indicator(row_labels, n_clusters).T @ sums


def normalized_cut(sums: np.ndarray) -> float:
    """Return the share of the weight of each co-cluster that leaves it, summed."""
    volumes = sums.sum(axis=1) + sums.sum(axis=0)
    cuts = np.maximum(volumes - 2.0 * np.diagonal(sums), 0.0)
    return float(safe_divide(cuts, volumes, 0.0).sum())


def modularity(sums: np.ndarray) -> float:
    """Return the share of the weight inside co-clusters, less what the margins would put there."""
    shares = safe_divide(sums, sums.sum(), 0.0)
    return float(np.trace(shares) - shares.sum(axis=1) @ shares.sum(axis=0))
