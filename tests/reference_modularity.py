"""Coclus as its paper writes it: dense products with the full modularity matrix.

Oracle of the sparse steps, and the yardstick of the benchmarks: N x d numbers in memory, and
2 N d g operations for each half of an iteration (Ailem, Role, Nadif, CIKM 2015, algorithm 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class DenseFit:
    """Labels and the modularity after each iteration."""

    row_labels: np.ndarray
    column_labels: np.ndarray
    trace: list[float]


def modularity_matrix(X, resolution=1.0) -> np.ndarray:
    """Return a_ij - resolution a_i. a_.j / N of all entries; zeros for a matrix of zeros."""
    dense = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    dense = dense.astype(np.float64)
    total = dense.sum()
    if total == 0:
        return dense
    return dense - resolution * np.outer(dense.sum(axis=1), dense.sum(axis=0)) / total


def one_hot(labels, n_clusters) -> np.ndarray:
    """Return the 0/1 matrix of labels, as floats, of shape (n, n_clusters)."""
    return np.eye(n_clusters)[labels]


def dense_coclus(X, column_labels, n_clusters, resolution=1.0, max_iter=300) -> DenseFit:
    """Relabel rows and columns in turn until modularity gains nothing; ties to the lowest label.

    Compare with data on which the order of sums does not matter, or ties may fall differently.
    """
    B = modularity_matrix(X, resolution)
    total = float(X.sum())
    columns = np.asarray(column_labels)
    trace: list[float] = []
    for _ in range(max_iter):
        rows = (B @ one_hot(columns, n_clusters)).argmax(axis=1)
        gains = B.T @ one_hot(rows, n_clusters)
        new_columns = gains.argmax(axis=1)
        trace.append(float(gains.max(axis=1).sum() / total) if total else 0.0)
        if len(trace) > 1 and not trace[-1] > trace[-2] and np.array_equal(columns, new_columns):
            break
        columns = new_columns
    return DenseFit(rows.astype(np.int32), columns.astype(np.int32), trace)
