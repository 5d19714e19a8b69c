"""Rows and columns as points: projections on the singular vectors of a scaled matrix."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_random_state

from .singular_vectors import leading_vectors, margin_scaling, margins, row_chunks, scaled_copy

# A projection shorter than this, relative to what a typical vector would give, is rounding.
NO_DIRECTION = 1e-6


@dataclass(frozen=True)
class Embedding:
    """Rows and columns as points of one space.

    Attributes
    ----------
    rows, columns : ndarray of shape (n_rows, n_vectors), (n_columns, n_vectors), dtype float64
        Points of length 1; the zero vector for a zero row or column.
    singular_values : ndarray of shape (n_vectors,), dtype float64
        Singular values of the scaled matrix, descending.
    """

    rows: np.ndarray
    columns: np.ndarray
    singular_values: np.ndarray


def regularized_embedding(
    X: Any,
    n_components: int,
    *,
    tau: float | None = None,
    svd_solver: str = "auto",
    random_state: Any,
    on_rows: bool = True,
) -> Embedding:
    """Embed rows and columns by the singular vectors of the matrix with regularised margins.

    With the row sums r and column sums c, the matrix is ``(r + tau)^-1/2 X (c + tau)^-1/2``. Rows
    are its projections on the right singular vectors, columns on the left ones, both scaled to
    length 1 (Qin and Rohe, NIPS 2013; Rohe, Qin and Yu, PNAS 113:12679, 2016,
    doi:10.1073/pnas.1525793113). Projections weigh a vector by its singular value: on documents
    that finds more of the classes than unweighted vectors do.

    Parameters
    ----------
    X : ndarray or csr_array of shape (n_rows, n_columns)
        Non-negative floats.
    n_components : int
        Number of vectors, the first included; at most ``min(X.shape)`` are used.
    tau : float or None, default=None
        What is added to the margins; None is the mean margin of either side.
    svd_solver : {"auto", "arpack", "randomized"}, default="auto"
        As in `leading_vectors`.
    random_state : int, RandomState or None
        Seeds the solver.
    on_rows : bool, default=True
        Whether the rows are projected on what was found, and the columns are the by-product of
        the decomposition; False the other way round. That saves one read of X.

    Returns
    -------
    embedding : Embedding
        The points.
    """
    scaling = margin_scaling(margins(X), tau)
    vectors = leading_vectors(
        scaled_copy(X, scaling), n_components, svd_solver, check_random_state(random_state)
    )
    if on_rows:
        rows = directions(X, scaling.columns, vectors.right)
        columns = _by_product(vectors.right * vectors.values, scaling.columns)
    else:
        rows = _by_product(vectors.left * vectors.values, scaling.rows)
        columns = directions(X.T, scaling.rows, vectors.left)
    return Embedding(rows, columns, vectors.values)


def _by_product(points: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return points at length 1; zero for lines of scale 0, where they are rounding."""
    return unit_rows(points, np.where(scale > 0, 0.0, np.inf))


def directions(X: Any, scale: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return the projections of the rows of X on vectors, scaled to length 1.

    Parameters
    ----------
    X : ndarray or sparse array of shape (n_rows, n_columns)
        New rows or those of fit; the scaling of a row itself does not change its direction.
    scale : ndarray of shape (n_columns,), dtype float64
        Scaling of the columns.
    vectors : ndarray of shape (n_columns, n_vectors), dtype float64
        Orthonormal vectors.

    Returns
    -------
    points : ndarray of shape (n_rows, n_vectors), dtype float64
        Zero for a zero row and for one that the vectors do not see.
    """
    # What a vector would give that sees all rows alike, from the same read.
    typical = scale / np.sqrt(len(scale))
    products = times(X, np.column_stack([scale[:, None] * vectors, typical]))
    return unit_rows(products[:, :-1], NO_DIRECTION * products[:, -1])


def unit_rows(points: np.ndarray, shortest: Any = 0.0) -> np.ndarray:
    """Return points scaled to length 1; the zero vector where not longer than `shortest`."""
    lengths = np.sqrt(np.square(points).sum(axis=1))
    directed = (lengths > shortest)[:, None]
    return np.divide(points, lengths[:, None], out=np.zeros_like(points), where=directed)


def times(X: Any, vectors: np.ndarray) -> np.ndarray:
    """Return ``X @ vectors`` in float64, without a float64 copy of a dense float32 X.

    X may be anything of type float64 that has products, a `LinearMap` too.
    """
    if sp.issparse(X) or X.dtype == np.float64:
        return np.asarray(X @ vectors)
    product = np.empty((X.shape[0], vectors.shape[1]))
    for rows in row_chunks(np.full(X.shape[0], X.shape[1])):
        product[rows] = X[rows] @ vectors
    return product
