"""Compiled loops of the products of CSR tiles with memberships and factors."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .compilation import inner, kernel


class ClusterLists(NamedTuple):
    """The clusters of each point: two of them apart, since few points have more.

    Attributes
    ----------
    table : ndarray of shape (n, 3), dtype uint8 or uint32
        The two lowest clusters of a point, the number of clusters where there is none, and how
        many it has: side by side, one line of cache holds all that an entry asks for.
    starts : ndarray of shape (n + 1,), dtype int64
        Where the further clusters of each point start in `others`.
    others : ndarray, dtype uint32
        Further clusters, point by point.
    """

    table: np.ndarray
    starts: np.ndarray
    others: np.ndarray


@kernel
def _fill_table(memberships, table, starts):
    n, n_clusters = memberships.shape
    for i in range(n):
        line, own = memberships[i], table[i]
        first, second, count = n_clusters, n_clusters, 0
        for g in range(n_clusters):
            inside = line[g]
            second = g if inside and count == 1 else second
            first = g if inside and count == 0 else first
            count += inside
        own[0], own[1], own[2] = first, second, count
        starts[i + 1] = starts[i] + max(count - 2, 0)


def cluster_lists(memberships: np.ndarray) -> ClusterLists:
    """Return memberships, of shape (n, n_clusters) and dtype bool, as lists."""
    n, n_clusters = memberships.shape
    table = np.empty((n, 3), np.uint8 if n_clusters < 1 << 8 else np.uint32)
    starts = np.zeros(n + 1, np.int64)
    _fill_table(memberships, table, starts)
    many = np.flatnonzero(table[:, 2] > 2) if starts[-1] else np.empty(0, np.int64)
    further = memberships[many]
    for rank in (0, 1):
        further[np.arange(len(many)), table[many, rank]] = False
    return ClusterLists(table, starts, np.nonzero(further)[1].astype(np.uint32))


@kernel
def _member_row_sums(indptr, indices, data, table, sums, squares):
    """Fill sums over the first two clusters of each column, and squares by all of them."""
    n_clusters = sums.shape[1]
    # Two sets of sums: neighbours of one cluster need not wait for each other's additions. One
    # cluster more collects what is in none, so that nothing branches.
    sets = np.zeros((2, n_clusters + 1))
    even, odd = sets[0], sets[1]
    for i in range(indptr.shape[0] - 1):
        sets[:] = 0.0
        total, other = 0.0, 0.0
        q, end = indptr[i], indptr[i + 1]
        while q + 2 <= end:
            x0, x1 = np.float64(data[q]), np.float64(data[q + 1])
            own0, own1 = table[indices[q]], table[indices[q + 1]]
            even[own0[0]] += x0
            odd[own1[0]] += x1
            odd[own0[1]] += x0
            even[own1[1]] += x1
            total += own0[2] * (x0 * x0)
            other += own1[2] * (x1 * x1)
            q += 2
        if q < end:
            x0, own0 = np.float64(data[q]), table[indices[q]]
            even[own0[0]] += x0
            odd[own0[1]] += x0
            total += own0[2] * (x0 * x0)
        squares[i] = total + other
        for h in range(n_clusters):
            sums[i, h] = even[h] + odd[h]


@kernel
def _add_others(indptr, indices, data, starts, others, sums):
    """Add to sums over the further clusters of each column."""
    for i in range(indptr.shape[0] - 1):
        line = sums[i]
        for q in range(indptr[i], indptr[i + 1]):
            j = indices[q]
            for o in range(starts[j], starts[j + 1]):
                line[others[o]] += data[q]


@inner
def _add_row(indices, data, begin, end, line):
    for q in range(begin, end):
        line[indices[q]] += data[q]


@kernel
def _member_column_sums(indptr, indices, data, table, starts, others, sums, squares):
    """Add to sums, of shape (n_clusters + 1, n_columns), row by row."""
    for i in range(indptr.shape[0] - 1):
        count = np.float64(table[i, 2])
        if count == 0.0:
            continue
        begin, end = indptr[i], indptr[i + 1]
        line = sums[table[i, 0]]
        for q in range(begin, end):
            x = np.float64(data[q])
            j = indices[q]
            line[j] += x
            squares[j] += count * (x * x)
        if count > 1.0:
            _add_row(indices, data, begin, end, sums[table[i, 1]])
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
    table, starts, others = cluster_lists(params["memberships"])
    entries = X.indptr, _unsigned(X.indices), X.data
    _member_row_sums(*entries, table, *outputs)
    if len(others):
        # In a loop of their own: the usual two stay fast.
        _add_others(*entries, starts, others, outputs[0])


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
