"""How rows and columns become points, for the matrix of fit and for new rows and columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._shared.block_model import safe_divide
from .._shared.singular_vectors import (
    Scaling,
    SingularVectors,
    deflated_vectors,
    leading_vectors,
    margin_scaling,
    margins,
    scaled_copy,
)
from .._shared.spectral_embedding import NO_DIRECTION, times, unit_rows


@dataclass(frozen=True)
class Axis:
    """What the lines (rows or columns) of one side are projected on.

    Attributes
    ----------
    weights : ndarray of shape (n_other, n_dimensions), dtype float64
        A line times these is its point, up to its length.
    scale : ndarray of shape (n_other,), dtype float64
        Scaling of the other side.
    unit : bool
        Whether points have length 1; otherwise they are divided by the sum of the line.
    """

    weights: np.ndarray
    scale: np.ndarray
    unit: bool

    def points(self, lines: Any, sums: np.ndarray) -> np.ndarray:
        """Return the points of lines (as rows) with their sums; zero for a zero line."""
        if not self.unit:
            return safe_divide(times(lines, self.weights), sums[:, None], 0.0)
        # What a vector would give that sees all lines alike, from the same read.
        typical = self.scale / np.sqrt(len(self.scale))
        products = times(lines, np.column_stack([self.weights, typical]))
        return unit_rows(products[:, :-1], NO_DIRECTION * products[:, -1])


@dataclass(frozen=True)
class Projection:
    """Where points come from.

    Attributes
    ----------
    rows, columns : Axis
        What rows and columns are projected on.
    values : ndarray of shape (n_dimensions,), dtype float64
        Singular values of the vectors.
    sums : tuple of ndarray
        Row sums and column sums of the matrix of fit.
    unit : bool
        Whether points have length 1.
    deflated : bool
        Whether what the margins explain was taken off.
    """

    rows: Axis
    columns: Axis
    values: np.ndarray
    sums: tuple[np.ndarray, np.ndarray]
    unit: bool
    deflated: bool


def fit_projection(
    X: Any,
    n_vectors: int,
    tau: float | None,
    *,
    share: float = 1.0,
    deflate: bool,
    unit: bool,
    svd_solver: str,
    rng: np.random.RandomState,
) -> Projection:
    """Find the vectors that rows and columns are projected on.

    Parameters
    ----------
    X : ndarray, csr_array or LinearMap of shape (n_rows, n_columns)
        Non-negative floats.
    n_vectors : int
        Number of vectors.
    tau : float or None
        What is added to the margins before their roots scale X; None is `share` of their mean.
    share : float, default=1.0
        See `tau`.
    deflate : bool
        Whether the part of X that its margins explain, ``r c' / N``, is taken off first. For
        `tau` of 0 that is the first pair of singular vectors.
    unit : bool
        Whether points have length 1. Otherwise rows are ``r^-1/2 u`` and columns ``c^-1/2 v``.
    svd_solver : {"auto", "arpack", "randomized"}
        As in `leading_vectors`.
    rng : RandomState
        Seeds the solver.

    Returns
    -------
    projection : Projection
        Axes for the lines of X and for new ones.
    """
    sums = margins(X)
    scaling = margin_scaling(sums, tau, share)
    A = scaled_copy(X, scaling)
    if not deflate:
        axes = _axes(scaling, leading_vectors(A, n_vectors, svd_solver, rng), unit)
        return Projection(*axes, sums=sums, unit=unit, deflated=False)
    # Shares of the total instead of sums: the square of a total may overflow.
    total = sums[0].sum()
    shares = [safe_divide(line, total, 0.0) for line in sums]
    left, right = (
        scale * share * np.sqrt(total)
        for scale, share in zip((scaling.rows, scaling.columns), shares, strict=True)
    )
    vectors = deflated_vectors(A, left, right, n_vectors, svd_solver, rng, single=not unit)
    return Projection(*_axes(scaling, vectors, unit, shares), sums=sums, unit=unit, deflated=True)


def _axes(
    scaling: Scaling, vectors: SingularVectors, unit: bool, shares: Any = (None, None)
) -> tuple[Axis, Axis, np.ndarray]:
    """Return axes along vectors, less what the shares of the margins say, and the values."""
    axes: list[Axis] = []
    for scale, vector, share in (
        (scaling.columns, vectors.right, shares[1]),
        (scaling.rows, vectors.left, shares[0]),
    ):
        weights = scale[:, None] * vector
        if share is not None:
            weights = weights - (share @ weights)[None, :]
        if not unit:
            weights = safe_divide(weights, vectors.values[None, :], 0.0)
        axes.append(Axis(weights, scale, unit))
    return axes[0], axes[1], vectors.values
