"""BBAC in plain NumPy: what BBAC is measured against.

`by_equations` computes the divergence of every entry from its block mean, one cluster after the
other; `by_products` leaves out what all clusters share and multiplies matrices, so that BLAS does
nearly all of the work. Columns are the rows of ``X.T``.
"""

from collections.abc import Callable

import numpy as np

Rows = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def block_means(X: np.ndarray, R: np.ndarray, C: np.ndarray) -> np.ndarray:
    """Return the means of blocks, of shape (n_row_clusters, n_column_clusters), from indicators."""
    sizes = np.outer(R.sum(axis=0), C.sum(axis=0))
    return (R.T @ X @ C) / np.maximum(sizes, 1) + 1e-300


def by_equations(X: np.ndarray, means: np.ndarray, column_labels: np.ndarray) -> np.ndarray:
    """Return I-divergences of rows from row clusters, of shape (n_rows, n_row_clusters)."""
    distances = np.empty((len(X), len(means)))
    for g, centre in enumerate(means[:, column_labels]):
        distances[:, g] = (X * np.log(X / centre) - X + centre).sum(axis=1)
    return distances


def by_products(X: np.ndarray, means: np.ndarray, column_labels: np.ndarray) -> np.ndarray:
    """Return the same, up to what a row adds to all of its distances."""
    centres = means[:, column_labels]
    return centres.sum(axis=1) - X @ np.log(centres).T


def iterate(
    X: np.ndarray, labels: dict[str, np.ndarray], n_clusters: int, measure: Rows
) -> dict[str, np.ndarray]:
    """Return labels after one iteration: rows, then columns by the means of the new row labels."""
    identity = np.eye(n_clusters)
    rows, columns = labels["rows"], labels["columns"]
    means = block_means(X, identity[rows], identity[columns])
    rows = measure(X, means, columns).argmin(axis=1)
    means = block_means(X, identity[rows], identity[columns])
    columns = measure(X.T, means.T, rows).argmin(axis=1)
    return {"rows": rows, "columns": columns}


def fit(
    X: np.ndarray, start: dict[str, np.ndarray], n_clusters: int, measure: Rows, max_iter: int
) -> dict[str, np.ndarray]:
    """Return the labels at which iterations from a start change none, or those of the last."""
    labels = start
    for _ in range(max_iter):
        before, labels = labels, iterate(X, labels, n_clusters, measure)
        if all(np.array_equal(labels[side], before[side]) for side in labels):
            break
    return labels
