"""A matrix as both objectives read it: sums and products along rows or along columns."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp

from .._kernels.assignment import ASSIGN, Assignment
from .._kernels.distances import BLOCK_SUMS, DISTANCES
from .._kernels.engines.chunked import ChunkedRows, is_sparse
from .._kernels.engines.protocol import Engine
from .._kernels.primitive import Output, Primitive, a_number
from .._kernels.products import (
    COLUMN_PRODUCTS,
    MEMBER_COLUMN_SUMS,
    MEMBER_ROW_SUMS,
    ROW_PRODUCTS,
)
from .._shared.samples import is_large
from ._counts import Counts

Side = Literal["rows", "columns"]
OTHER: dict[Side, Side] = {"rows": "columns", "columns": "rows"}
CHUNK_ENTRIES = 1 << 20


@dataclass(frozen=True)
class Data:
    """A prepared matrix, read as ``X - shift``.

    Attributes
    ----------
    engine : Engine
        Where X lives.
    X : array of the engine
        As returned by ``engine.prepare``.
    shift : float
        Taken off all entries of a dense X; neither objective depends on it.
    """

    engine: Engine
    X: Any
    shift: float

    @property
    def sharing_engine(self) -> Engine | None:
        """The engine, where runs gain by sharing reads of X."""
        return self.engine if isinstance(self.X, ChunkedRows) else None

    def size(self, side: Side) -> int:
        """Return the number of rows or columns."""
        return self.X.shape[0 if side == "rows" else 1]

    def sums(self, side: Side, memberships: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of each point of a side over the clusters of the other, and squares."""
        primitive = MEMBER_ROW_SUMS if side == "rows" else MEMBER_COLUMN_SUMS
        return self.engine.run(primitive, self.X, memberships=memberships, shift=self.shift)

    def products(
        self, side: Side, factors: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return products of the points of a side with factors, and their weighted squares."""
        primitive = ROW_PRODUCTS if side == "rows" else COLUMN_PRODUCTS
        return self.engine.run(
            primitive, self.X, factors=factors, weights=weights, shift=self.shift
        )

    def point(self, side: Side, i: int) -> np.ndarray:
        """Return one row or column, of shape (n_others, 1)."""
        X = self.X
        if sp.issparse(X):
            line = X[[i]] if side == "rows" else X[:, [i]]
            return line.toarray().reshape(-1, 1).astype(np.float64)
        line = X[i] if side == "rows" else X[:, i]
        return line.astype(np.float64)[:, None] - self.shift

    def linear_distances(
        self, sums: np.ndarray, base: np.ndarray, slope: np.ndarray, offset: np.ndarray
    ) -> np.ndarray:
        """Return ``base + offset - sums @ slope.T``."""
        return self.engine.run(DISTANCES, sums, base=base, slope=slope, offset=offset)[0]

    def blocks(self, sums: np.ndarray, memberships: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return sums over the members of each cluster, of shape (k, p), and their numbers."""
        return self.engine.run(BLOCK_SUMS, sums, memberships=memberships)

    def assign(self, distances: np.ndarray, counts: Counts) -> Assignment:
        """Return the cheapest assignment with the given counts."""
        return ASSIGN[self.engine.name](distances, counts.n_assignments, counts.n_covered)


def load_data(engine: Engine, X: Any) -> Data:
    """Return a validated matrix as both objectives read it.

    A matrix in chunks that is not large is fetched, and is then one in memory.
    """
    if isinstance(X, ChunkedRows):
        if is_large(X):
            return Data(engine, X, find_shift_of_chunks(engine, X))
        X = engine.take(X)
    X = engine.prepare(X)
    return Data(engine, X, find_shift(X))


def shift_like(shift: float, X: Any) -> float:
    """Return the shift of a fit as it applies to other data: a sparse X has none."""
    return 0.0 if is_sparse(X) else shift


def find_shift(X: Any) -> float:
    """Return a number near the mean of a dense X when X lies far from zero, else 0.

    A multiple of a power of two near the spread: whole numbers, and their sums, stay exact.
    """
    if sp.issparse(X) or X.size == 0:
        return 0.0
    origin, mean, second = find_moments(X)
    return make_shift(origin + mean, np.sqrt(max(second - mean**2, 0.0)))


def find_moments(X: np.ndarray) -> tuple[float, float, float]:
    """Return the first entry, and the means of entries less that and of their squares."""
    height = max(1, CHUNK_ENTRIES // X.shape[1])
    origin = np.float64(X[0, 0])
    first = second = 0.0
    for start in range(0, len(X), height):
        chunk = X[start : start + height] - origin
        first += float(chunk.sum()) / X.size
        second += float(np.vdot(chunk, chunk)) / X.size
    return float(origin), first, second


def make_shift(mean: float, spread: float) -> float:
    """Return the shift of a matrix of this mean and standard deviation."""
    if spread == 0 or abs(mean) < spread:
        return 0.0
    unit = 2.0 ** np.floor(np.log2(spread))
    return float(np.rint(mean / unit) * unit)


def _find_moments(block: np.ndarray) -> tuple[list]:
    return ([(len(block), *find_moments(block))],)


# Height, origin and moments of each chunk.
MOMENTS = Primitive("moments", (Output("list", a_number),), _find_moments, whole=True)


def find_shift_of_chunks(engine: Engine, X: ChunkedRows) -> float:
    """Return the shift of a matrix in chunks, in one read where it is dense."""
    if X.sparse:
        return 0.0
    (parts,) = engine.run(MOMENTS, X)
    heights, origins, first, second = np.array(parts, dtype=np.float64).T
    shares = heights / heights.sum()
    # About the origin of the first chunk, as in memory.
    offsets = origins - origins[0]
    mean = float(shares @ (offsets + first))
    square = float(shares @ (second + 2 * offsets * first + offsets**2))
    return make_shift(float(origins[0]) + mean, float(np.sqrt(max(square - mean**2, 0.0))))


def invert(sizes: np.ndarray) -> np.ndarray:
    """Return 1 / size, and 0 for what is empty: its terms vanish."""
    sizes = np.asarray(sizes, dtype=np.float64)
    return np.divide(1.0, sizes, out=np.zeros_like(sizes), where=sizes > 0)


def cluster_sizes(memberships: np.ndarray) -> np.ndarray:
    """Return the sizes of clusters from memberships, of shape (n, n_clusters) and dtype bool."""
    # `sum` would convert every truth value on its own, at three times the price.
    return np.einsum("ij->j", memberships.view(np.int8), dtype=np.int64).astype(np.float64)
