"""Starting labels: random, k-means++ on profiles, k-means on singular vectors."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import KMeans, kmeans_plusplus

from .._kernels.engines.protocol import Engine
from .alternation import Alternation
from .block_model import BlockModel, safe_divide
from .block_sums import BlockSums, Side
from .chunks import iter_parts
from .split_merge import SIDES

Labels = dict[Side, np.ndarray]

# More vectors than this cost more than they tell.
MAX_VECTORS = 20
OVERSAMPLES = 8
# Subspace iteration ends when it captures this share more of the squares at most. Word counts
# have singular values close to each other, which takes iterations to separate; blocks have large
# gaps, and in large matrices an iteration costs more than it tells.
MAX_SVD_ITERATIONS = 8
SVD_TOL = 1e-3
SVD_TOL_OF_LARGE = 1e-2
LARGE_ENTRIES = 1 << 22
KMEANS_ITERATIONS = 30
# Points closer than this, relative to the largest coordinate, count as one.
TIE_DECIMALS = 9


def random_labels(shape: tuple[int, int], n_clusters: dict[Side, int], rng: Any) -> Labels:
    """Return random labels in which every cluster has a member."""
    return {
        side: rng.permutation(np.arange(size, dtype=np.int32) % n_clusters[side])
        for side, size in zip(SIDES, shape, strict=True)
    }


def kmeans_plusplus_labels(
    engine: Engine, X: Any, n_clusters: dict[Side, int], missing: bool, model: BlockModel, rng: Any
) -> Labels:
    """Seed rows, then columns, by k-means++ on their means over the other side's clusters."""
    labels = random_labels(X.shape, n_clusters, rng)
    sums = BlockSums(engine, X, n_clusters, labels, missing)
    alternation = Alternation(sums, model)
    for side in SIDES:
        points = safe_divide(*alternation.profiles(side), 0.0)
        centres, _ = kmeans_plusplus(points, n_clusters[side], random_state=rng)
        # Squared distances less the part that all centres share.
        distances = np.square(centres).sum(axis=1) - 2.0 * (points @ centres.T)
        nearest = distances.argmin(axis=1).astype(np.int32)
        sums.set_labels(side, np.where(sums.labels[side] < 0, -1, nearest).astype(np.int32))
    return dict(sums.labels)


def spectral_labels(
    X: Any, n_clusters: dict[Side, int], model: BlockModel, rng: np.random.RandomState
) -> Labels:
    """Cluster rows and columns by k-means of their leading singular vectors."""
    return next(spectral_starts(X, n_clusters, model, rng))


def spectral_starts(
    X: Any, n_clusters: dict[Side, int], model: BlockModel, rng: np.random.RandomState
) -> Iterator[Labels]:
    """Yield labels without end: k-means from ever other centres, on all vectors and all but one.

    Clusters of one side span one dimension less than their number once the mean is gone.
    The vectors are those of X less its one-block approximation; missing entries count as
    explained by it. NumPy, SciPy and scikit-learn do the work, whatever the engine: the start
    must not depend on it.
    """
    residual = _Residual(X, model)
    n_vectors = min(*n_clusters.values(), MAX_VECTORS)
    vectors = residual.singular_vectors(n_vectors, rng)
    for n_left_out in cycle((0, 1) if n_vectors > 1 else (0,)):
        points = {
            side: residual.embed(side, vector[:, : n_vectors - n_left_out])
            for side, vector in zip(SIDES, vectors, strict=True)
        }
        yield {side: _kmeans_labels(points[side], n_clusters[side], rng) for side in SIDES}


def _kmeans_labels(points: np.ndarray, n_labels: int, rng: np.random.RandomState) -> np.ndarray:
    """Return k-means labels; fewer clusters than asked where fewer points differ."""
    points = safe_divide(points, np.abs(points).max(initial=0.0), 0.0)
    n_different = len(np.unique(np.round(points, TIE_DECIMALS), axis=0))
    kmeans = KMeans(min(n_labels, n_different), n_init=1, max_iter=KMEANS_ITERATIONS)
    kmeans.set_params(random_state=rng)
    return kmeans.fit_predict(points).astype(np.int32)


class _Residual:
    """X less its one-block approximation, as an operator: neither is formed.

    Bases that keep margins compare profiles, not sizes: residuals are scaled as in
    correspondence analysis (I-divergence), and points are projected on the unit sphere.
    """

    def __init__(self, X: Any, model: BlockModel) -> None:
        self.shape = X.shape
        self.products = _Products(X)
        n_rows, n_columns = X.shape
        row_means = self.products.times(np.ones((n_columns, 1)))[:, 0] / n_columns
        column_means = self.products.transposed_times(np.ones((n_rows, 1)))[:, 0] / n_rows
        self.left, self.right = _one_block(model, row_means, column_means)
        self.keeps_margins = model.basis != "C2"
        self.scales: dict[Side, np.ndarray] = {
            "rows": np.ones((n_rows, 1)),
            "columns": np.ones((n_columns, 1)),
        }
        if self.keeps_margins and model.divergence.name == "i_divergence":
            for side, means in zip(SIDES, (row_means, column_means), strict=True):
                self.scales[side] = safe_divide(1.0, np.sqrt(means), 0.0)[:, None]

    def times(self, v: np.ndarray) -> np.ndarray:
        """Return the scaled residual times v."""
        v = self.scales["columns"] * v
        return self.scales["rows"] * (self.products.times(v) - self.left @ (self.right.T @ v))

    def transposed_times(self, u: np.ndarray) -> np.ndarray:
        """Return the transposed scaled residual times u."""
        u = self.scales["rows"] * u
        product = self.products.transposed_times(u) - self.right @ (self.left.T @ u)
        return self.scales["columns"] * product

    def singular_vectors(
        self, n_vectors: int, rng: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return leading left and right singular vectors, times their singular values.

        Randomised subspace iteration (Halko, Martinsson, Tropp, SIAM Review 53:217, 2011,
        algorithm 4.4): scikit-learn's takes arrays only, and the residual is never an array.
        """
        width = min(n_vectors + OVERSAMPLES, *self.shape)
        basis = np.linalg.qr(self.times(rng.standard_normal((self.shape[1], width))))[0]
        tol = SVD_TOL_OF_LARGE if self.products.n_entries > LARGE_ENTRIES else SVD_TOL
        for _ in range(MAX_SVD_ITERATIONS):
            basis, triangle = np.linalg.qr(self.transposed_times(basis))
            before = _leading_norm(triangle, n_vectors)
            basis, triangle = np.linalg.qr(self.times(basis))
            now = _leading_norm(triangle, n_vectors)
            # Of the squares captured.
            if now == 0 or 1 - (before / now) ** 2 <= tol:
                break
        left, values, right = np.linalg.svd(self.transposed_times(basis).T, full_matrices=False)
        scaled = values[:n_vectors]
        return (basis @ left)[:, :n_vectors] * scaled, right[:n_vectors].T * scaled

    def embed(self, side: Side, vectors: np.ndarray) -> np.ndarray:
        """Return the points that k-means clusters."""
        if not self.keeps_margins:
            return vectors
        points = vectors * self.scales[side]
        return safe_divide(points, np.linalg.norm(points, axis=1, keepdims=True), 0.0)


def _leading_norm(triangle: np.ndarray, n_vectors: int) -> float:
    """Return the norm of the largest singular values, whose squares may overflow."""
    values = np.linalg.svd(triangle, compute_uv=False)[:n_vectors]
    return float(values[0] * np.linalg.norm(values / values[0])) if values[0] > 0 else 0.0


class _Products:
    """Products of X with a few vectors; NaN counts as the grand mean, and X is not copied."""

    def __init__(self, X: Any) -> None:
        values = X.data if sp.issparse(X) else X
        self.fill = None
        if np.isnan(values.sum(dtype=np.float64)):
            total = sum(np.nansum(part, dtype=np.float64) for _, part in iter_parts(values))
            n_missing = sum(np.count_nonzero(np.isnan(part)) for _, part in iter_parts(values))
            # Zeros that sparse X does not store are observed.
            self.fill = X.dtype.type(total / (X.shape[0] * X.shape[1] - n_missing))
            if sp.issparse(X):
                filled = np.where(np.isnan(values), self.fill, values)
                X = sp.csr_array((filled, X.indices, X.indptr), shape=X.shape)
        self.X = X

    @property
    def n_entries(self) -> int:
        """Number of entries that a product reads."""
        return int(self.X.nnz if sp.issparse(self.X) else self.X.size)

    def _parts(self) -> Iterator[Any]:
        if self.fill is None or sp.issparse(self.X):
            yield self.X
            return
        for _, part in iter_parts(self.X):
            yield np.where(np.isnan(part), self.fill, part)

    def times(self, v: np.ndarray) -> np.ndarray:
        """Return X @ v for v of shape (n_columns, n_vectors)."""
        v = v.astype(self.X.dtype, copy=False)
        return np.concatenate([part @ v for part in self._parts()]).astype(np.float64)

    def transposed_times(self, u: np.ndarray) -> np.ndarray:
        """Return X.T @ u for u of shape (n_rows, n_vectors)."""
        u = u.astype(self.X.dtype, copy=False)
        total, start = np.zeros((self.X.shape[1], u.shape[1])), 0
        for part in self._parts():
            total += part.T @ u[start : start + part.shape[0]]
            start += part.shape[0]
        return total


def _one_block(
    model: BlockModel, row_means: np.ndarray, column_means: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the one-block approximation of X as a product ``left @ right.T``."""
    mean = row_means.mean()
    ones_left, ones_right = np.ones_like(row_means), np.ones_like(column_means)
    if model.basis == "C3":
        pairs = [(row_means, ones_right)]
    elif model.basis == "C4":
        pairs = [(ones_left, column_means)]
    elif model.basis == "C2":
        pairs = [(mean * ones_left, ones_right)]
    elif model.divergence.name == "i_divergence":
        pairs = [(row_means / mean if mean else row_means, column_means)]
    else:
        pairs = [(row_means - mean, ones_right), (ones_left, column_means)]
    return np.column_stack([a for a, _ in pairs]), np.column_stack([b for _, b in pairs])
