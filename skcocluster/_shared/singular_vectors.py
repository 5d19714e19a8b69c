"""Leading singular vectors of a matrix whose rows and columns are scaled."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from scipy.sparse.linalg import ArpackError, svds
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.extmath import randomized_svd

from .caller import warn_caller
from .linear_map import LinearMap, randomized_triplets

SVD_SOLVERS = ("auto", "arpack", "randomized")

# Of so few entries, LAPACK's decomposition is exact and as fast as any other.
EXACT_ENTRIES = 1 << 14
# From so many entries on, products in float32 pay; labels of real documents stay as they are.
SINGLE_ENTRIES = 1 << 16
# What the randomized solver spends on its accuracy. Fewer iterations lose accuracy of labels of
# documents (tf-idf above all), more gain none, and one of them does more than the 6 oversamples
# that cost as much.
EFFORT = {"iterations": 5, "oversamples": 4}
# Vectors that count one by one, and not through the space that they span, need more; and where
# products cost next to nothing, vectors may as well be exact.
EFFORT_FOR_SINGLE_VECTORS = {"iterations": 7, "oversamples": 10}
EFFORT_FOR_SMALL = {"iterations": 20, "oversamples": 10}
# Products are fastest where the number of vectors is a multiple of 4.
WIDTH = 4
# Vectors beyond those asked for, among which a matrix less a rank-one part finds its own.
SPARE_VECTORS = 2
# Singular values below this share of the largest are rounding, and so are their vectors.
NEGLIGIBLE = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-5}
CHUNK_ENTRIES = 1 << 20


@dataclass(frozen=True)
class SingularVectors:
    """Leading singular triplets, largest value first.

    Attributes
    ----------
    left, right : ndarray of shape (n_rows, n_vectors), (n_columns, n_vectors), dtype float64
        Vectors as columns; the entry of largest magnitude of each right vector is positive.
    values : ndarray of shape (n_vectors,), dtype float64
        Singular values, descending.
    """

    left: np.ndarray
    values: np.ndarray
    right: np.ndarray


@dataclass(frozen=True)
class Scaling:
    """What rows and columns are multiplied by before the decomposition.

    Attributes
    ----------
    rows, columns : ndarray of shape (n_rows,), (n_columns,), dtype float64
        Factors; 0 for a zero row or column.
    """

    rows: np.ndarray
    columns: np.ndarray


def margins(X: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of the rows and of the columns, float64."""
    return X.sum(axis=1, dtype=np.float64), X.sum(axis=0, dtype=np.float64)


def margin_scaling(
    sums_of_sides: tuple[np.ndarray, np.ndarray], tau: float | None = None, share: float = 1.0
) -> Scaling:
    """Return ``(margin + tau) ** -0.5`` of both sides (None: a share of the mean of each)."""
    sides = []
    for sums in sums_of_sides:
        degrees = sums + (share * sums.mean() if tau is None else tau)
        sides.append(inverse_root(np.where(sums > 0, degrees, 0.0)))
    return Scaling(*sides)


def inverse_root(values: np.ndarray) -> np.ndarray:
    """Return ``values ** -0.5``, 0 where a value is 0."""
    roots = np.sqrt(values)
    return np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)


def scaled_copy(X: Any, scaling: Scaling, dtype: Any = None) -> Any:
    """Return X with scaled rows and columns, in float32 where it is large.

    A sparse copy shares the indices of X, so it takes 4 bytes a stored entry, and saves more time
    than scaling anew in every product would. A `LinearMap` is not copied.
    """
    if isinstance(X, LinearMap):
        return X.scaled(scaling.rows, scaling.columns)
    n_entries = X.nnz if sp.issparse(X) else X.size
    if dtype is None:
        dtype = np.float32 if n_entries > SINGLE_ENTRIES else np.float64
    if not sp.issparse(X):
        scaled = np.empty(X.shape, dtype)
        for rows in row_chunks(np.full(X.shape[0], X.shape[1])):
            scaled[rows] = X[rows] * scaling.rows[rows, None] * scaling.columns
        return scaled
    lengths = np.diff(X.indptr)
    data = np.empty(len(X.data), dtype)
    for rows in row_chunks(lengths):
        entries = slice(X.indptr[rows.start], X.indptr[rows.stop])
        factors = np.repeat(scaling.rows[rows], lengths[rows])
        factors *= scaling.columns[X.indices[entries]]
        np.multiply(X.data[entries], factors, out=data[entries], casting="same_kind")
    return sp.csr_array((data, X.indices, X.indptr), shape=X.shape)


def row_chunks(row_entries: np.ndarray) -> Iterator[slice]:
    """Yield slices of rows that hold about CHUNK_ENTRIES entries, one row at least."""
    stops = np.cumsum(row_entries)
    start, done = 0, 0
    while start < len(stops):
        stop = max(start + 1, int(np.searchsorted(stops, done + CHUNK_ENTRIES, side="right")))
        yield slice(start, stop)
        start, done = stop, int(stops[stop - 1])


def leading_vectors(
    A: Any,
    n_vectors: int,
    svd_solver: str,
    rng: np.random.RandomState,
    *,
    single: bool = False,
) -> SingularVectors:
    """Return the leading singular triplets of A.

    Parameters
    ----------
    A : ndarray, csr_array or LinearMap of shape (n_rows, n_columns)
        Finite floats.
    n_vectors : int
        How many; at most ``min(A.shape)`` are returned.
    svd_solver : {"auto", "arpack", "randomized"}
        "auto" is LAPACK for small matrices and "randomized" for others. LAPACK also serves where
        ARPACK cannot: for ``min(A.shape)`` vectors. A `LinearMap` has "randomized" only.
    rng : RandomState
        Seeds the solver.
    single : bool, default=False
        Whether vectors count one by one, not only the space that they span.

    Returns
    -------
    vectors : SingularVectors
        In float64, whatever A is.
    """
    n_vectors = min(n_vectors, *A.shape)
    if isinstance(A, LinearMap):
        return _in_order(*_randomized_map(A, n_vectors, svd_solver, rng, single), n_vectors)
    if not (A.data if sp.issparse(A) else A).any():
        left, right = (np.zeros((n, n_vectors)) for n in A.shape)
        return SingularVectors(left, np.zeros(n_vectors), right)
    if _is_small(A, svd_solver) or (svd_solver == "arpack" and n_vectors >= min(A.shape)):
        triplets = _lapack(A.toarray() if sp.issparse(A) else A)
    elif svd_solver == "arpack":
        triplets = _arpack(A, n_vectors, rng)
    else:
        triplets = _randomized(A, n_vectors, rng, single)
    return _in_order(*triplets, n_vectors)


def deflated_vectors(
    A: Any,
    left: np.ndarray,
    right: np.ndarray,
    n_vectors: int,
    svd_solver: str,
    rng: np.random.RandomState,
    *,
    single: bool = True,
) -> SingularVectors:
    """Return the leading singular triplets of ``A - left right'``, which is never formed if large.

    Dropping the first vector of A does the same only where the rank-one part is that triplet and
    no other has its value: in a graph of several parts any mixture of them may come first. Large
    matrices: Rayleigh-Ritz on the leading right vectors of A and `right`, which is exact where
    the rank-one part is a triplet of A.

    Parameters
    ----------
    A : ndarray or csr_array of shape (n_rows, n_columns)
        Finite floats.
    left, right : ndarray of shape (n_rows,), (n_columns,), dtype float64
        The rank-one part.
    n_vectors : int
        How many; at most ``min(A.shape)`` are returned.
    svd_solver, rng, single
        As for `leading_vectors`.

    Returns
    -------
    vectors : SingularVectors
        What is rounding, relative to the first value of A, is zero, vectors and values.
    """
    n_vectors = min(n_vectors, *A.shape)
    if not isinstance(A, LinearMap) and _is_small(A, svd_solver):
        dense = A.toarray() if sp.issparse(A) else A
        whole = np.linalg.norm(dense, 2)
        vectors = _in_order(*_lapack(dense - np.outer(left, right)), n_vectors)
    else:
        found = leading_vectors(A, n_vectors + SPARE_VECTORS, svd_solver, rng, single=single)
        whole = found.values[0]
        basis = _span(found.right, right, NEGLIGIBLE[A.dtype]).astype(A.dtype)
        image = A @ basis - np.outer(left, right @ basis)
        outer, values, inner = _lapack(image)
        vectors = _in_order(outer, values, inner @ basis.T, n_vectors)
    kept = vectors.values > NEGLIGIBLE[A.dtype] * whole
    return SingularVectors(vectors.left * kept, vectors.values * kept, vectors.right * kept)


def _span(vectors: np.ndarray, other: np.ndarray, negligible: float) -> np.ndarray:
    """Return an orthonormal basis of vectors and another one, unless it is in their span.

    What rounding leaves outside would count as a direction of its own, and a random one.
    """
    outside = other - vectors @ (vectors.T @ other)
    columns = [vectors] if np.linalg.norm(outside) <= negligible else [vectors, other[:, None]]
    return np.linalg.qr(np.hstack(columns))[0]


def _is_small(A: Any, svd_solver: str) -> bool:
    return svd_solver == "auto" and A.shape[0] * A.shape[1] <= EXACT_ENTRIES


Triplets = tuple[np.ndarray, np.ndarray, np.ndarray]


def _lapack(A: np.ndarray) -> Triplets:
    return scipy.linalg.svd(A, full_matrices=False, check_finite=False)


def _randomized(A: Any, n_vectors: int, rng: np.random.RandomState, single: bool) -> Triplets:
    width, n_iter = _effort(A, n_vectors, single)
    return randomized_svd(
        A,
        n_vectors,
        n_oversamples=width - n_vectors,
        n_iter=n_iter,
        transpose=False,
        flip_sign=False,
        random_state=rng,
    )


def _randomized_map(
    A: LinearMap, n_vectors: int, svd_solver: str, rng: np.random.RandomState, single: bool
) -> Triplets:
    if svd_solver == "arpack":
        raise ValueError(
            "svd_solver='arpack' takes one product after the other, each a read of X, and X is a "
            "dask array that is too large to be held in memory: use 'auto' or 'randomized'."
        )
    width, n_iter = _effort(A, n_vectors, single)
    return randomized_triplets(A, n_vectors, width, n_iter, rng)


def _effort(A: Any, n_vectors: int, single: bool) -> tuple[int, int]:
    """Return the dimensions of the subspace of the randomized solver, and its iterations."""
    effort = EFFORT_FOR_SINGLE_VECTORS if single else EFFORT
    if (A.nnz if sp.issparse(A) else A.size) <= SINGLE_ENTRIES:
        effort = EFFORT_FOR_SMALL
    width = -(-(n_vectors + effort["oversamples"]) // WIDTH) * WIDTH
    return width, effort["iterations"]


def _arpack(A: Any, n_vectors: int, rng: np.random.RandomState) -> Triplets:
    start = rng.uniform(-1.0, 1.0, min(A.shape)).astype(A.dtype)
    try:
        return svds(A, k=n_vectors, v0=start)
    except ArpackError as error:
        message = f"ARPACK found no solution ({error}); the randomized solver was used instead."
        warn_caller(message, ConvergenceWarning)
        return _randomized(A, n_vectors, rng, single=True)


def _in_order(
    left: np.ndarray, values: np.ndarray, right: np.ndarray, n_vectors: int
) -> SingularVectors:
    """Sort by value (ARPACK's order is its own), take the first, and fix the signs."""
    order = np.argsort(-values, kind="stable")[:n_vectors]
    left, right = left[:, order].astype(np.float64), right[order].T.astype(np.float64)
    # Which of several entries is the largest must not hang on rounding: near ties, the first.
    magnitudes = np.abs(right)
    largest = np.argmax(magnitudes >= magnitudes.max(axis=0) * (1.0 - 1e-6), axis=0)
    signs = np.where(right[largest, np.arange(len(order))] < 0, -1.0, 1.0)
    return SingularVectors(left * signs, values[order].astype(np.float64), right * signs)
