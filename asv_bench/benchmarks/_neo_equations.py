"""NEO-CC in plain NumPy: what NEOCC is measured against.

`by_equations` computes the norms of equations (6) and (7) of the paper, one co-cluster after the
other; `by_products` multiplies the squares out first, so that BLAS does nearly all of the work.
Columns, equations (8) and (9), are the rows of ``X.T``.
"""

import numpy as np


def by_equations(X: np.ndarray, U: np.ndarray, V: np.ndarray, objective: str) -> np.ndarray:
    """Return the distances of rows to row clusters, of shape (n_rows, n_row_clusters)."""
    distances = np.zeros((len(X), U.shape[1]))
    shares = (U / np.maximum(U.sum(axis=0), 1)).T
    for v in V.T:
        points = X[:, v]
        means = points.mean(axis=1, keepdims=True)
        if objective == "M":
            centres = np.broadcast_to(shares @ means, (U.shape[1], points.shape[1]))
        else:
            points = points - means
            centres = shares @ points
        for g, centre in enumerate(centres):
            distances[:, g] += ((points - centre) ** 2).sum(axis=1)
    return distances


def by_products(X: np.ndarray, U: np.ndarray, V: np.ndarray, objective: str) -> np.ndarray:
    """Return the same from matrix products."""
    rows, columns = U.astype(float), V.astype(float)
    sizes, weights = columns.sum(axis=0), columns.sum(axis=1)
    shares = (rows / np.maximum(rows.sum(axis=0), 1)).T
    sums = X @ columns
    means = shares @ sums / sizes
    squares = (X * X) @ weights
    if objective == "M":
        return squares[:, None] - 2 * sums @ means.T + means**2 @ sizes
    centres = shares @ X
    within = squares - sums**2 @ (1 / sizes)
    own = centres**2 @ weights - means**2 @ sizes
    cross = X @ (weights * centres).T - sums @ means.T
    return within[:, None] - 2 * cross + own


def assign_by_sorting(distances: np.ndarray, n_assignments: int, n_covered: int) -> np.ndarray:
    """Return the assignment of Algorithm 1 of the paper, by sorts."""
    n, n_clusters = distances.shape
    nearest, least = distances.argmin(axis=1), distances.min(axis=1)
    memberships = np.zeros((n, n_clusters), bool)
    covered = np.argsort(least, kind="stable")[:n_covered]
    memberships[covered, nearest[covered]] = True
    order = np.argsort(np.where(memberships, np.inf, distances), axis=None, kind="stable")
    memberships.ravel()[order[: n_assignments - n_covered]] = True
    return memberships
