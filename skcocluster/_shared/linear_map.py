"""A matrix in chunks as the linear map that decompositions read, one read a product."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .._kernels.engines import ChunkedRows, Engine
from .._kernels.linear_map import (
    BALANCE,
    GRAM_PRODUCTS,
    LOG_MOMENTS,
    MARGINS,
    PRODUCTS,
    TRANSPOSED_PRODUCTS,
    Entries,
    LogInteractions,
)
from .samples import is_chunked, is_large

# Directions whose singular value is below this share of the largest are not told from rounding:
# products with the Gram matrix hold squares.
SMALLEST_SQUARE = 1e-10


@dataclass(frozen=True)
class LinearMap:
    """``R f(X) C`` with X in chunks, R and C diagonal: every product with it is one read of X.

    Attributes
    ----------
    engine : Engine
        What reads X.
    X : ChunkedRows
        The matrix.
    row_scale, column_scale : ndarray of shape (n_rows,), (n_columns,), or None
        The diagonals; None is the identity.
    entries : callable or None
        f, of whole rows; None is the identity.
    """

    engine: Engine
    X: ChunkedRows
    row_scale: np.ndarray | None = None
    column_scale: np.ndarray | None = None
    entries: Entries = None

    # Of its products, and so of what is done with them in memory.
    dtype = np.dtype(np.float64)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.X.shape

    @property
    def size(self) -> int:
        """Number of stored entries."""
        return self.X.n_entries

    @property
    def T(self) -> "TransposedMap":
        """The transpose."""
        return TransposedMap(self)

    @cached_property
    def margins(self) -> tuple[np.ndarray, np.ndarray]:
        """Row sums and column sums of X, from one read."""
        sums: tuple[np.ndarray, np.ndarray] = self.engine.run(MARGINS, self.X)
        return sums

    def sum(self, axis: int, dtype: Any = None) -> np.ndarray:
        """Return the sums of the columns (axis 0) or of the rows (axis 1) of X."""
        return self.margins[1 - axis]

    def scaled(self, rows: np.ndarray, columns: np.ndarray) -> "LinearMap":
        """Return the map with these diagonals."""
        return replace(self, row_scale=rows, column_scale=columns)

    def log_interactions(self, rounding: float) -> "LinearMap":
        """Return log X less the means of rows and columns.

        Parameters
        ----------
        rounding : float
            Interactions up to this share of the largest logarithm are 0.
        """
        sums, largest = self.engine.run(LOG_MOMENTS, self.X)
        entries = LogInteractions(sums / self.shape[0], rounding * float(largest[0]))
        return replace(self, entries=entries)

    def __matmul__(self, vectors: np.ndarray) -> np.ndarray:
        """Return the products with vectors, of shape (n_rows, n_vectors): these travel."""
        factors = _scale(self.column_scale, vectors)
        (products,) = self.engine.run(PRODUCTS, self.X, factors=factors, entries=self.entries)
        return _scale(self.row_scale, products)

    def transposed_times(self, vectors: np.ndarray) -> np.ndarray:
        """Return the products of the transpose with vectors, of shape (n_columns, n_vectors)."""
        factors = _scale(self.row_scale, vectors)
        (products,) = self.engine.run(
            TRANSPOSED_PRODUCTS, self.X, factors=factors, entries=self.entries
        )
        return _scale(self.column_scale, products)

    def gram_times(self, vectors: np.ndarray) -> np.ndarray:
        """Return ``A' A vectors`` of this map A, of shape (n_columns, n_vectors), in one read."""
        scale = np.ones(self.shape[0]) if self.row_scale is None else self.row_scale
        (products,) = self.engine.run(
            GRAM_PRODUCTS,
            self.X,
            factors=_scale(self.column_scale, vectors),
            weights=scale * scale,
            entries=self.entries,
        )
        return _scale(self.column_scale, products)

    def balance(self, columns: np.ndarray, row_sum: float) -> Sequence[np.ndarray]:
        """Return factors that make row sums `row_sum`, and ``X'`` times them, in one read.

        Parameters
        ----------
        columns : ndarray of shape (n_columns,), dtype float64
            Factors of the columns.
        row_sum : float
            What the sums of rows shall be; rows of zeros have the factor 0.
        """
        return self.engine.run(BALANCE, self.X, columns=columns, row_sum=row_sum)


@dataclass(frozen=True)
class TransposedMap:
    """The transpose of a `LinearMap`."""

    source: LinearMap
    dtype = LinearMap.dtype

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        n_rows, n_columns = self.source.shape
        return n_columns, n_rows

    def sum(self, axis: int, dtype: Any = None) -> np.ndarray:
        """Return sums as `LinearMap.sum` does."""
        return self.source.sum(1 - axis)

    def __matmul__(self, vectors: np.ndarray) -> np.ndarray:
        """Return the products with vectors, of shape (n_columns, n_vectors)."""
        return self.source.transposed_times(vectors)


def _scale(scale: np.ndarray | None, vectors: np.ndarray) -> np.ndarray:
    return vectors if scale is None else scale[:, None] * vectors


def open_lines(engine: Engine, X: Any) -> tuple[Any, Any]:
    """Return X for primitives and for products.

    Parameters
    ----------
    engine : Engine
        The engine of the fit.
    X : ndarray, csr_array or ChunkedRows
        As validated.

    Returns
    -------
    X : ndarray, csr_array or ChunkedRows
        In memory also where X is in chunks of up to 2^25 entries together (256 MB): a
        decomposition reads it a dozen times. Results are then those in memory, bit by bit.
    lines : ndarray, csr_array or LinearMap
        The same, with products.
    """
    matrix = engine.prepare(X)
    if is_chunked(matrix) and not is_large(matrix):
        matrix = engine.prepare(engine.take(matrix))
    return matrix, as_lines(engine, matrix)


def as_lines(engine: Engine, X: Any) -> Any:
    """Return a prepared matrix as something that products can be taken with."""
    return LinearMap(engine, X) if is_chunked(X) else X


def randomized_triplets(
    A: LinearMap, n_vectors: int, width: int, n_iter: int, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return leading singular triplets by subspace iteration (Halko, Martinsson and Tropp, 2011).

    The subspace is that of scikit-learn's `randomized_svd` for the same random numbers, read half
    as often: a product with ``A' A`` is one read. Nothing as long as X has rows travels but the
    left vectors, once.

    Parameters
    ----------
    A : LinearMap
        The map.
    n_vectors : int
        Number of triplets.
    width : int
        Dimensions of the subspace.
    n_iter : int
        Number of iterations.
    rng : RandomState
        Draws where the subspace starts.

    Returns
    -------
    left, values, right : ndarray of shape (n_rows, n_vectors), (n_vectors,), (n_vectors, n_columns)
        Triplets; zero beyond the rank.
    """
    basis = rng.normal(size=(A.shape[1], width))
    for _ in range(n_iter):
        basis = np.linalg.qr(A.gram_times(basis))[0]
    basis = np.linalg.qr(basis)[0]
    images = A.gram_times(basis)
    small = basis.T @ images
    squares, turn = np.linalg.eigh((small + small.T) / 2)
    kept = squares > SMALLEST_SQUARE * squares.max(initial=0.0)
    # A @ (basis @ turn) has orthonormal columns: what A leaves of the subspace.
    turn = turn[:, kept] / np.sqrt(squares[kept])
    outer, values, right = np.linalg.svd(turn.T @ images.T, full_matrices=False)
    left = A @ (basis @ (turn @ outer[:, :n_vectors]))
    rank = left.shape[1]
    padding = max(0, n_vectors - rank)
    return (
        np.pad(left, ((0, 0), (0, padding))),
        np.pad(values[:n_vectors], (0, padding)),
        np.pad(right[:n_vectors], ((0, padding), (0, 0))),
    )
