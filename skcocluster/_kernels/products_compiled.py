"""Compiled loops of the products of CSR tiles with memberships and factors."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .compilation import inner, kernel


class ClusterLists(NamedTuple):
    """The clusters of each point: two of them apart, since few points have more.

    Attributes
    ----------
    first, second : ndarray of shape (n,), dtype uint8 or uint32
        The two lowest clusters of a point; the number of clusters where there is none.
    starts : ndarray of shape (n + 1,), dtype int64
        Where the further clusters of each point start in `others`.
    others : ndarray, dtype uint32
        Further clusters, point by point.
    counts : ndarray of shape (n,), dtype float64
        Number of clusters of each point.
    """

    first: np.ndarray
    second: np.ndarray
    starts: np.ndarray
    others: np.ndarray
    counts: np.ndarray


def cluster_lists(memberships: np.ndarray) -> ClusterLists:
    """Return memberships, of shape (n, n_clusters), as lists."""
    n, n_clusters = memberships.shape
    points, clusters = np.nonzero(memberships)
    counts = np.bincount(points, minlength=n)
    begins = np.cumsum(counts) - counts
    further = np.ones(len(points), bool)
    lowest = []
    for rank in (0, 1):
        chosen = np.full(n, n_clusters, np.uint8 if n_clusters < 1 << 8 else np.uint32)
        inside = np.flatnonzero(counts > rank)
        positions = begins[inside] + rank
        chosen[inside] = clusters[positions]
        further[positions] = False
        lowest.append(chosen)
    starts = np.concatenate([[0], np.cumsum(np.maximum(counts - 2, 0))])
    others = clusters[further].astype(np.uint32)
    first, second = lowest
    return ClusterLists(first, second, starts, others, counts.astype(np.float64))


@inner
def _add_first(indices, data, begin, end, first, counts, even, odd):
    """Add a row to the sums of the first clusters; return its weighted squares."""
    total, other = 0.0, 0.0
    q = begin
    while q + 2 <= end:
        j0, j1 = indices[q], indices[q + 1]
        x0, x1 = np.float64(data[q]), np.float64(data[q + 1])
        even[first[j0]] += x0
        odd[first[j1]] += x1
        total += counts[j0] * (x0 * x0)
        other += counts[j1] * (x1 * x1)
        q += 2
    if q < end:
        x0 = np.float64(data[q])
        even[first[indices[q]]] += x0
        total += counts[indices[q]] * (x0 * x0)
    return total + other


@inner
def _add_second(indices, data, begin, end, second, s0, s1, s2, s3):
    q = begin
    while q + 4 <= end:
        s0[second[indices[q]]] += data[q]
        s1[second[indices[q + 1]]] += data[q + 1]
        s2[second[indices[q + 2]]] += data[q + 2]
        s3[second[indices[q + 3]]] += data[q + 3]
        q += 4
    while q < end:
        s0[second[indices[q]]] += data[q]
        q += 1


@kernel
def _member_row_sums(indptr, indices, data, first, second, starts, others, counts, sums, squares):
    n_clusters = sums.shape[1]
    overlapping = counts.max() > 1.0
    # Sets of sums: neighbours of one cluster need not wait for each other's additions. One cluster
    # more collects what is in none.
    sets = np.zeros((4, n_clusters + 1))
    s0, s1, s2, s3 = sets[0], sets[1], sets[2], sets[3]
    for i in range(indptr.shape[0] - 1):
        begin, end = indptr[i], indptr[i + 1]
        sets[:] = 0.0
        squares[i] = _add_first(indices, data, begin, end, first, counts, s0, s1)
        if overlapping:
            _add_second(indices, data, begin, end, second, s0, s1, s2, s3)
        if others.shape[0] > 0:
            for q in range(begin, end):
                j = indices[q]
                if counts[j] > 2.0:
                    for o in range(starts[j], starts[j + 1]):
                        s3[others[o]] += data[q]
        for h in range(n_clusters):
            sums[i, h] = (s0[h] + s1[h]) + (s2[h] + s3[h])


@inner
def _add_row(indices, data, begin, end, line):
    for q in range(begin, end):
        line[indices[q]] += data[q]


@kernel
def _member_column_sums(
    indptr, indices, data, first, second, starts, others, counts, sums, squares
):
    """Add to sums, of shape (n_clusters + 1, n_columns), row by row."""
    for i in range(indptr.shape[0] - 1):
        count = counts[i]
        if count == 0.0:
            continue
        begin, end = indptr[i], indptr[i + 1]
        line = sums[first[i]]
        for q in range(begin, end):
            x = np.float64(data[q])
            j = indices[q]
            line[j] += x
            squares[j] += count * (x * x)
        if count > 1.0:
            _add_row(indices, data, begin, end, sums[second[i]])
            for o in range(starts[i], starts[i + 1]):
                _add_row(indices, data, begin, end, sums[others[o]])


@kernel
def _row_products(indptr, indices, data, factors, weights, products, squares):
    n_factors = factors.shape[1]
    for i in range(indptr.shape[0] - 1):
        out = products[i]
        for c in range(n_factors):
            out[c] = 0.0
        total = 0.0
        for q in range(indptr[i], indptr[i + 1]):
            x = np.float64(data[q])
            j = indices[q]
            line = factors[j]
            for c in range(n_factors):
                out[c] += x * line[c]
            total += weights[j] * (x * x)
        squares[i] = total


@kernel
def _column_products(indptr, indices, data, factors, weights, products, squares):
    n_factors = factors.shape[1]
    for i in range(indptr.shape[0] - 1):
        line = factors[i]
        weight = weights[i]
        for q in range(indptr[i], indptr[i + 1]):
            x = np.float64(data[q])
            j = indices[q]
            out = products[j]
            for c in range(n_factors):
                out[c] += x * line[c]
            squares[j] += weight * (x * x)


def _unsigned(indices: np.ndarray) -> np.ndarray:
    # Numba tests every signed index for being negative.
    return indices.view(np.uint64 if indices.dtype == np.int64 else np.uint32)


def member_row_sums_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill sums over clusters and weighted squares of the rows of a CSR tile."""
    lists = cluster_lists(params["memberships"])
    _member_row_sums(X.indptr, _unsigned(X.indices), X.data, *lists, *outputs)


def member_column_sums_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Add sums over clusters and weighted squares of the columns of a CSR tile."""
    lists = cluster_lists(params["memberships"])
    # Cluster by cluster, the sums of a row's columns stay in the nearest cache.
    sums = np.zeros((outputs[0].shape[1] + 1, outputs[0].shape[0]))
    _member_column_sums(X.indptr, _unsigned(X.indices), X.data, *lists, sums, outputs[1])
    outputs[0] += sums[:-1].T


def _product_arguments(X: Any, params: Mapping[str, Any], outputs: Any) -> tuple:
    factors = np.ascontiguousarray(params["factors"], dtype=np.float64)
    return X.indptr, _unsigned(X.indices), X.data, factors, params["weights"], *outputs


def row_products_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill products and weighted squares of the rows of a CSR tile."""
    _row_products(*_product_arguments(X, params, outputs))


def column_products_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Add products and weighted squares of the columns of a CSR tile."""
    _column_products(*_product_arguments(X, params, outputs))
