"""Modularity by dense products, as the paper writes it: what Coclus is measured against."""

from typing import Any

import numpy as np


def dense_coclus(X: Any, column_labels: np.ndarray, n_clusters: int, max_iter: int = 20) -> float:
    """Return the modularity at which the algorithm of the paper ends.

    X less its expectation is one dense matrix, and a half-iteration its product with the indicator
    matrix of the other side: 2 n_rows n_columns n_clusters operations. The package coclust does
    the same.
    """
    A = X.toarray() if hasattr(X, "toarray") else np.asarray(X)
    total = A.sum()
    B = A - np.outer(A.sum(axis=1), A.sum(axis=0)) / total
    identity = np.eye(n_clusters)
    columns = identity[column_labels]
    value = -np.inf
    for _ in range(max_iter):
        rows = identity[(B @ columns).argmax(axis=1)]
        columns = identity[(B.T @ rows).argmax(axis=1)]
        before, value = value, float(np.trace(rows.T @ (B @ columns)) / total)
        if abs(value - before) <= 1e-9:
            break
    return value
