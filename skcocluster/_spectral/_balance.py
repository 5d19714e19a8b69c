"""Kluger's normalisations: what is decomposed, and the trivial pair that is taken off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._shared.block_model import safe_divide
from .._shared.domain import Domain, NonNegative, ValueDomain
from .._shared.linear_map import LinearMap
from .._shared.singular_vectors import (
    SINGLE_ENTRIES,
    Scaling,
    SingularVectors,
    deflated_vectors,
    margin_scaling,
    margins,
    scaled_copy,
)
from .._shared.spectral_embedding import times

NORMALIZATIONS = ("bistochastic", "scale", "log")
# Passes over X, and the relative deviation of column sums at which more of them change nothing;
# up to the second value the matrix counts as balanced.
MAX_PASSES = 1000
EXACT = 1e-11
BALANCED = 1e-5
# No balanced matrix of numbers worth the name has factors of one side so far apart.
FARTHEST = 1e60
# Interactions below this share of the largest logarithm are differences of equal numbers.
ROUNDING = 1e-13


class Positive(ValueDomain):
    """What has a finite logarithm."""

    name = "log-interactions"
    domain: Domain = (0.0, np.inf, False, False)


def domain_of(normalization: str) -> ValueDomain:
    """Return the values that a normalisation takes."""
    return Positive() if normalization == "log" else NonNegative()


@dataclass(frozen=True)
class Balance:
    """Factors that make all row sums equal, and all column sums.

    Attributes
    ----------
    scaling : Scaling
        The factors; the scaled matrix has the largest singular value 1.
    converged : bool
        Whether sums are equal: some patterns of zeros have no such factors.
    """

    scaling: Scaling
    converged: bool


def balance(X: Any) -> Balance:
    """Scale rows and columns in turn until their sums are even (Sinkhorn and Knopp, 1967).

    The limit is that of Kluger's iteration, which scales both at once, in half the passes.
    """
    row_sums, column_sums = margins(X)
    n_rows, n_columns = np.count_nonzero(row_sums), np.count_nonzero(column_sums)
    if n_rows == 0:
        return Balance(Scaling(np.zeros_like(row_sums), np.zeros_like(column_sums)), True)
    even = np.sqrt(n_columns / n_rows)
    inside = column_sums > 0
    columns = inside / row_sums.sum()
    for _ in range(MAX_PASSES):
        rows, products = _balance_rows(X, columns, even)
        sums = columns * products
        deviation = np.abs(sums[inside] * even - 1.0).max()
        if deviation < EXACT:
            break
        ahead = safe_divide(columns, sums * even, 0.0)
        if ahead[inside].min() * FARTHEST < ahead.max():
            # Parts that have no common form grow apart without limit.
            break
        columns = ahead
    return Balance(Scaling(rows, columns), bool(deviation < BALANCED))


def _balance_rows(X: Any, columns: np.ndarray, row_sum: float) -> Sequence[np.ndarray]:
    """Return factors that make all row sums `row_sum`, and ``X'`` times them."""
    if isinstance(X, LinearMap):
        return X.balance(columns, row_sum)
    rows = safe_divide(row_sum, _product(X, columns), 0.0)
    return rows, _product(X.T, rows)


def _product(X: Any, vector: np.ndarray) -> np.ndarray:
    return times(X, vector[:, None])[:, 0]


@dataclass(frozen=True)
class Normalized:
    """The vectors of the normalised matrix, without the trivial pair."""

    vectors: SingularVectors
    converged: bool


def normalized_vectors(
    X: Any, normalization: str, n_vectors: int, svd_solver: str, rng: np.random.RandomState
) -> Normalized:
    """Return the leading singular vectors of the normalised matrix.

    Parameters
    ----------
    X : ndarray, csr_array or LinearMap of shape (n_rows, n_columns)
        Non-negative floats; dense and positive for "log".
    normalization : {"bistochastic", "scale", "log"}
        Which matrix.
    n_vectors : int
        Number of vectors, after the trivial one.
    svd_solver, rng
        As for `leading_vectors`.

    Returns
    -------
    normalized : Normalized
        Vectors that are rounding are zero.
    """
    if normalization == "log":
        A = _log_interactions(X)
        left, right = np.zeros(X.shape[0]), np.zeros(X.shape[1])
        return Normalized(deflated_vectors(A, left, right, n_vectors, svd_solver, rng), True)
    sums = margins(X)
    if normalization == "scale":
        found = Balance(margin_scaling(sums, 0.0), True)
        left, right = (np.sqrt(safe_divide(side, side.sum(), 0.0)) for side in sums)
    else:
        found = balance(X)
        left, right = (_even(side > 0) for side in sums)
    A = scaled_copy(X, found.scaling)
    vectors = deflated_vectors(A, left, right, n_vectors, svd_solver, rng)
    return Normalized(vectors, found.converged)


def _even(inside: np.ndarray) -> np.ndarray:
    """Return the vector of length 1 that is constant inside and 0 elsewhere."""
    return inside / np.sqrt(max(float(inside.sum()), 1.0))


def _log_interactions(X: Any) -> Any:
    """Return log X less its row means and its column means."""
    if isinstance(X, LinearMap):
        return X.log_interactions(ROUNDING)
    L = np.log(X.astype(np.float64))
    rounding = ROUNDING * np.abs(L).max()
    L -= L.mean(axis=1, keepdims=True)
    L -= L.mean(axis=0, keepdims=True)
    L[np.abs(L) <= rounding] = 0.0
    return L.astype(np.float32) if L.size > SINGLE_ENTRIES else L
