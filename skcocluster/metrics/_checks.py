"""What the objectives share: input checks, partitions without gaps, and reading X in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.utils import check_array

# Entries per piece of X: its float64 temporaries take a few MB each, whatever the size of X.
CHUNK_ENTRIES = 2**19


@dataclass(frozen=True)
class Partition:
    """Labels renumbered without gaps.

    Attributes
    ----------
    codes : ndarray of shape (n,), dtype int64
        Number of the cluster, -1 for what is in none.
    values : ndarray of shape (n_clusters,)
        The labels that the numbers stand for, ascending.
    """

    codes: np.ndarray
    values: np.ndarray

    @property
    def n_clusters(self) -> int:
        """Number of clusters, all of them non-empty."""
        return len(self.values)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of members of each cluster, shape (n_clusters,), dtype int64."""
        return np.bincount(self.codes[self.codes >= 0], minlength=self.n_clusters)

    @cached_property
    def order(self) -> np.ndarray:
        """Indices of the members of any cluster, cluster by cluster."""
        return np.argsort(self.codes, kind="stable")[np.count_nonzero(self.codes < 0) :]

    @cached_property
    def starts(self) -> np.ndarray:
        """Where each cluster starts in `order`."""
        return np.cumsum(self.sizes) - self.sizes


def check_labels(labels: Any, n: int, name: str) -> np.ndarray:
    """Labels as an int64 array of length n, none below -1."""
    labels = np.asarray(labels)
    if labels.shape != (n,):
        raise ValueError(f"{name} has shape {labels.shape}, expected ({n},) to fit X")
    if labels.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold integers, got dtype {labels.dtype}")
    labels = labels.astype(np.int64)
    if labels.size and labels.min() < -1:
        raise ValueError(f"{name} has the label {labels.min()}; -1, in no cluster, is the lowest")
    return labels


def make_partition(labels: np.ndarray, *, keep_excluded: bool = False) -> Partition:
    """Renumber checked labels; with `keep_excluded`, those of -1 are a cluster too."""
    values, codes = np.unique(labels, return_inverse=True)
    if values.size and values[0] == -1 and not keep_excluded:
        values, codes = values[1:], codes - 1
    return Partition(codes, values)


def check_matrix(X: Any, *, all_finite: bool) -> np.ndarray | csr_array:
    """Return X as a 2-D real ndarray, or as a CSR array without duplicates; X is not changed."""
    if hasattr(X, "__dask_graph__"):
        raise TypeError("X is a dask array, which metrics do not read: pass X.compute()")
    X = check_array(X, accept_sparse="csr", ensure_all_finite=all_finite, input_name="X")
    if not issparse(X):
        return X
    X = csr_array(X)
    if not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X


def iter_chunks(row_entries: np.ndarray) -> Iterator[slice]:
    """Cut rows, of so many entries each, into runs of about CHUNK_ENTRIES, one row at least."""
    stops = np.cumsum(row_entries)
    start, done = 0, 0
    while start < len(stops):
        stop = max(start + 1, int(np.searchsorted(stops, done + CHUNK_ENTRIES, side="right")))
        yield slice(start, stop)
        start, done = stop, stops[stop - 1]


def count_row_entries(X: np.ndarray | csr_array) -> np.ndarray:
    """Entries of each row in memory: the stored ones of a CSR array, all of an ndarray."""
    return np.diff(X.indptr) if isinstance(X, csr_array) else np.full(X.shape[0], X.shape[1])


def iter_dense(
    X: np.ndarray, rows: Partition, columns: Partition
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (row indices, float64 copy of the rows), columns in `columns.order`.

    Rows and columns in no cluster are left out.
    """
    members = np.flatnonzero(rows.codes >= 0)
    for chunk in iter_chunks(np.full(len(members), max(len(columns.order), 1))):
        indices = members[chunk]
        yield indices, X[np.ix_(indices, columns.order)].astype(np.float64)


def iter_stored(
    X: csr_array, rows: Partition, columns: Partition
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield (row indices, column indices, float64 values) of the stored entries in any block."""
    lengths = count_row_entries(X)
    for chunk in iter_chunks(lengths):
        entries = slice(X.indptr[chunk.start], X.indptr[chunk.stop])
        row_indices = np.repeat(np.arange(chunk.start, chunk.stop), lengths[chunk])
        column_indices = X.indices[entries]
        kept = (rows.codes[row_indices] >= 0) & (columns.codes[column_indices] >= 0)
        values = X.data[entries][kept].astype(np.float64)
        yield row_indices[kept], column_indices[kept], values


def sum_blocks(
    X: np.ndarray | csr_array, rows: Partition, columns: Partition
) -> tuple[np.ndarray, np.ndarray]:
    """Sums, and numbers of non-missing entries, of all blocks, shape (k, p) each."""
    shape = rows.n_clusters, columns.n_clusters
    sums = np.zeros(shape)
    missing = np.zeros(shape)
    if issparse(X):
        for i, j, values in iter_stored(X, rows, columns):
            blocks = rows.codes[i] * shape[1] + columns.codes[j]
            absent = np.isnan(values)
            values[absent] = 0.0
            sums += np.bincount(blocks, values, sums.size).reshape(shape)
            missing += np.bincount(blocks[absent], minlength=sums.size).reshape(shape)
    elif sums.size:
        for indices, values in iter_dense(X, rows, columns):
            absent = np.isnan(values)
            values[absent] = 0.0
            codes = rows.codes[indices]
            np.add.at(sums, codes, np.add.reduceat(values, columns.starts, axis=1))
            if absent.any():
                counts = np.add.reduceat(absent, columns.starts, axis=1, dtype=np.int64)
                np.add.at(missing, codes, counts)
    return sums, np.outer(rows.sizes, columns.sizes) - missing
