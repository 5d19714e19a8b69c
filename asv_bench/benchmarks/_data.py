"""Matrices with planted blocks, and the state of a fit at which an iteration is measured."""

from typing import Any

import numpy as np
import scipy.sparse as sp

from skcocluster._kernels.engines import get_engine
from skcocluster._shared.alternation import Alternation
from skcocluster._shared.block_model import BlockModel
from skcocluster._shared.block_sums import BlockSums
from skcocluster._shared.divergences import get_divergence

Labels = dict[str, np.ndarray]
ROWS_AT_ONCE = 1000
ENTRIES_PER_SPARSE_ROW = 20


def planted(
    shape: tuple[int, int], n_clusters: int, storage: str = "float64", seed: int = 0
) -> tuple[Any, Labels]:
    """Return a positive matrix of n_clusters x n_clusters blocks, and its true labels.

    `storage` is "float64", "float32", "missing" (one entry in ten is NaN) or "csr" (twenty
    counts in each row).
    """
    rng = np.random.default_rng(seed)
    labels = {
        side: rng.permutation(np.arange(n, dtype=np.int32) % n_clusters)
        for side, n in zip(("rows", "columns"), shape, strict=True)
    }
    if storage == "csr":
        return _sparse_counts(shape, n_clusters, labels, rng), labels
    means = rng.gamma(2.0, size=(n_clusters, n_clusters)) + 0.2
    X = np.empty(shape, "float32" if storage == "float32" else "float64")
    for start in range(0, shape[0], ROWS_AT_ONCE):
        part = means[labels["rows"][start : start + ROWS_AT_ONCE]][:, labels["columns"]]
        part *= rng.standard_exponential(part.shape, dtype="float32") + 1e-3
        if storage == "missing":
            part[rng.random(part.shape, dtype="float32") < 0.1] = np.nan
        X[start : start + ROWS_AT_ONCE] = part
    return X, labels


def _sparse_counts(
    shape: tuple[int, int], n_clusters: int, labels: Labels, rng: np.random.Generator
) -> sp.csr_array:
    """Return counts of which six in ten fall into three column clusters of their row's own."""
    n_rows, n_columns = shape
    members = np.argsort(labels["columns"], kind="stable")
    width = n_columns // n_clusters
    favourites = rng.integers(n_clusters, size=(n_clusters, 3))
    size = (n_rows, ENTRIES_PER_SPARSE_ROW)
    cluster = rng.integers(n_clusters, size=size, dtype=np.int32)
    own = favourites[labels["rows"][:, None], rng.integers(3, size=size)]
    cluster = np.where(rng.random(size, dtype="float32") < 0.6, own, cluster)
    first = np.searchsorted(labels["columns"][members], np.arange(n_clusters))
    columns = members[first[cluster] + rng.integers(width, size=size)].astype(np.int32)
    columns.sort(axis=1)
    values = rng.integers(1, 6, columns.size).astype(np.float64)
    indptr = np.arange(0, columns.size + 1, ENTRIES_PER_SPARSE_ROW, dtype=np.int32)
    X = sp.csr_array((values, columns.ravel(), indptr), shape=shape)
    X.sum_duplicates()
    return X


def documents(
    shape: tuple[int, int], n_clusters: int, entries_per_row: int, seed: int = 0
) -> tuple[sp.csr_array, Labels]:
    """Return sparse counts with co-clusters on the diagonal, and the true labels.

    Six in ten entries of a row fall into the columns of its own co-cluster, the others anywhere.
    """
    n_rows, n_columns = shape
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.arange(n_rows, dtype=np.int32) % n_clusters)
    # The co-cluster of a column is what is left of its number over n_clusters.
    columns = rng.integers(n_columns, size=(n_rows, entries_per_row), dtype=np.int32)
    own = columns - columns % n_clusters + rows[:, None]
    inside = (rng.random(columns.shape, dtype="float32") < 0.6) & (own < n_columns)
    columns = np.where(inside, own, columns).astype(np.int32)
    columns.sort(axis=1)
    values = rng.integers(1, 6, columns.size).astype(np.float64)
    indptr = np.arange(0, columns.size + 1, entries_per_row, dtype=np.int32)
    X = sp.csr_array((values, columns.ravel(), indptr), shape=shape)
    X.sum_duplicates()
    return X, {"rows": rows, "columns": np.arange(n_columns, dtype=np.int32) % n_clusters}


def disturbed(labels: Labels, share: float, seed: int = 1) -> Labels:
    """Return labels of which a share is drawn anew."""
    rng = np.random.default_rng(seed)
    result = {}
    for side, old in labels.items():
        new = rng.integers(old.max() + 1, size=len(old), dtype=np.int32)
        result[side] = np.where(rng.random(len(old)) < share, new, old)
    return result


def alternation(
    X: Any, labels: Labels, n_clusters: int, divergence: str, missing: bool = False
) -> Alternation:
    """Return the state of a fit at the given labels, with one column step for each row step."""
    counts = {"rows": n_clusters, "columns": n_clusters}
    sums = BlockSums(get_engine("numba"), X, counts, labels, missing)
    return Alternation(sums, BlockModel(get_divergence(divergence), "C2"), column_steps=1)
