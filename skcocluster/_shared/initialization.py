"""Starting labels: random, k-means++ on profiles, one singular vector grown by splits."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import kmeans_plusplus

from .._kernels.engines.protocol import Engine
from .alternation import Alternation
from .block_model import BlockModel, safe_divide
from .block_sums import BlockSums, Side
from .split_merge import SIDES, fill_empty

Labels = dict[Side, np.ndarray]

# One vector orders rows and columns along one line: good for a few clusters, not for twenty.
MAX_CUTS = 4
POWER_ITERATIONS = 5
GROWTH_ITERATIONS = 3
GROWTH_TOL = 1e-3
# Coordinates closer than this are ties, so that rounding cannot order equal rows.
TIE = 1e-9
CHUNK_ENTRIES = 1 << 20


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
    engine: Engine,
    X: Any,
    n_clusters: dict[Side, int],
    missing: bool,
    model: BlockModel,
    grow: bool = True,
) -> Labels:
    """Cut both sides along one singular vector, then grow to full number by splits.

    Deterministic. With `grow` false, both sides are cut into their full number at once, which
    treats rows and columns alike.
    """
    scores = one_vector_scores(X, model)
    limit = MAX_CUTS if grow else max(n_clusters.values())
    labels: Labels = {
        side: _cut(score, min(n_clusters[side], limit))
        for side, score in zip(SIDES, scores, strict=True)
    }
    if not grow or max(n_clusters.values()) <= limit:
        return labels
    sums = BlockSums(engine, X, n_clusters, labels, missing)
    alternation = Alternation(sums, model, refills=False)
    alternation.run(GROWTH_ITERATIONS, GROWTH_TOL, lambda value: False)
    while any([fill_empty(alternation, side) for side in SIDES]):
        alternation.run(GROWTH_ITERATIONS, GROWTH_TOL, lambda value: False)
    return dict(sums.labels)


def _cut(scores: np.ndarray, n_labels: int) -> np.ndarray:
    """Cut scores by rank into groups of equal size; ties go by position."""
    step = TIE * np.abs(scores).max(initial=0.0)
    order = np.argsort(np.round(scores / step) if step else scores, kind="stable")
    labels = np.empty(len(scores), np.int32)
    labels[order] = np.arange(len(scores)) * n_labels // len(scores)
    return labels


def one_vector_scores(X: Any, model: BlockModel) -> tuple[np.ndarray, np.ndarray]:
    """Return the leading singular vectors of X less what one block of the basis explains.

    NumPy and SciPy only, whatever the engine: the start must not depend on it. Missing entries
    count as explained.
    """
    n_rows, n_columns = X.shape
    products = _Products(X)
    row_means = products.times(np.ones(n_columns)) / n_columns
    column_means = products.transposed_times(np.ones(n_rows)) / n_rows
    left, right = _one_block(model, row_means, column_means)
    row_scale, column_scale = np.ones(n_rows), np.ones(n_columns)
    if model.divergence.name == "i_divergence" and model.basis == "C5":
        # Correspondence analysis: residuals in units of their standard deviation.
        row_scale = safe_divide(np.ones(n_rows), np.sqrt(row_means), 0.0)
        column_scale = safe_divide(np.ones(n_columns), np.sqrt(column_means), 0.0)

    def times(v: np.ndarray) -> np.ndarray:
        v = column_scale * v
        return row_scale * (products.times(v) - left @ (right.T @ v))

    def transposed_times(u: np.ndarray) -> np.ndarray:
        u = row_scale * u
        return column_scale * (products.transposed_times(u) - right @ (left.T @ u))

    u, v = _power_iteration(times, transposed_times, column_means - column_means.mean())
    return u * row_scale, v * column_scale


class _Products:
    """Products of X with vectors; NaN counts as the grand mean, without a filled copy of X."""

    def __init__(self, X: Any) -> None:
        values = X.data if sp.issparse(X) else X
        self.fill = None
        if np.isnan(values.sum(dtype=np.float64)):
            parts = [part[~np.isnan(part)] for part in _row_chunks(values)]
            total = sum(part.sum(dtype=np.float64) for part in parts)
            self.fill = X.dtype.type(total / sum(len(part) for part in parts))
            if sp.issparse(X):
                filled = np.where(np.isnan(values), self.fill, values)
                X = sp.csr_array((filled, X.indices, X.indptr), shape=X.shape)
        self.X = X

    def _parts(self) -> Iterator[Any]:
        if self.fill is None or sp.issparse(self.X):
            yield self.X
            return
        for part in _row_chunks(self.X):
            yield np.where(np.isnan(part), self.fill, part)

    def times(self, v: np.ndarray) -> np.ndarray:
        """Return X @ v."""
        v = v.astype(self.X.dtype)
        return np.concatenate([part @ v for part in self._parts()]).astype(np.float64)

    def transposed_times(self, u: np.ndarray) -> np.ndarray:
        """Return X.T @ u."""
        u = u.astype(self.X.dtype)
        total, start = np.zeros(self.X.shape[1]), 0
        for part in self._parts():
            total += part.T @ u[start : start + part.shape[0]]
            start += part.shape[0]
        return total


def _row_chunks(values: np.ndarray) -> Iterator[np.ndarray]:
    width = values.shape[1] if values.ndim == 2 else 1
    height = max(1, CHUNK_ENTRIES // max(1, width))
    for start in range(0, len(values), height):
        yield values[start : start + height]


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


def _power_iteration(
    times: Callable[[np.ndarray], np.ndarray],
    transposed_times: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return leading singular vectors, roughly: a start needs their order, not their digits."""
    v = transposed_times(times(start))
    if not np.linalg.norm(v) > 0:
        # Nothing along the column means: any fixed direction will do.
        v = transposed_times(times(np.random.RandomState(0).standard_normal(len(start))))
    u = times(v)
    for _ in range(POWER_ITERATIONS):
        length = np.linalg.norm(v)
        if not length > 0:
            break
        u = times(v / length)
        v = transposed_times(u)
    # The sign is arbitrary; fix it by the largest entry.
    sign = -1.0 if len(u) and u[np.abs(u).argmax()] < 0 else 1.0
    return sign * u, sign * v
