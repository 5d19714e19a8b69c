"""Compiled loops of the steps of modularity, for C-ordered and CSR tiles."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .blocks_compiled import row_sums_dense
from .compilation import kernel
from .prefetch import prefetch

# Sums that outgrow a core's own cache: rows are then visited by label, so that the sums of one
# label stay there, and are fetched this many rows ahead, since no processor foresees that order.
FAR_BYTES = 1 << 19
AHEAD = 4
# Doubles in a cache line.
LINE = 8
CHUNK = 512


@kernel
def _margins_sparse(indptr, indices, data, row_sums, column_sums):
    # Entry by entry, in a loop of its own, the test runs in vectors.
    n_broken = 0
    for q in range(data.shape[0]):
        n_broken += data[q] != np.floor(data[q])
    for i in range(indptr.shape[0] - 1):
        q, end = indptr[i], indptr[i + 1]
        # Four sums, as in the row step: one alone waits for each of its additions.
        t0, t1, t2, t3 = 0.0, 0.0, 0.0, 0.0
        while q + 4 <= end:
            t0 += data[q]
            t1 += data[q + 1]
            t2 += data[q + 2]
            t3 += data[q + 3]
            q += 4
        while q < end:
            t0 += data[q]
            q += 1
        row_sums[i] = (t0 + t1) + (t2 + t3)
        for q in range(indptr[i], end):
            column_sums[indices[q]] += data[q]
    return n_broken == 0


@kernel
def _row_step_sparse(indptr, indices, data, labels, weights, cluster_weights, total, res, out):
    n_clusters = cluster_weights.shape[0]
    # Four sets of sums: neighbours of one label need not wait for each other's additions.
    sums = np.zeros((4, n_clusters))
    s0, s1, s2, s3 = sums[0], sums[1], sums[2], sums[3]
    gain = 0.0
    for i in range(indptr.shape[0] - 1):
        q, end = indptr[i], indptr[i + 1]
        while q + 4 <= end:
            s0[labels[indices[q]]] += data[q]
            s1[labels[indices[q + 1]]] += data[q + 1]
            s2[labels[indices[q + 2]]] += data[q + 2]
            s3[labels[indices[q + 3]]] += data[q + 3]
            q += 4
        while q < end:
            s0[labels[indices[q]]] += data[q]
            q += 1
        weight = res * weights[i]
        best, label = -np.inf, 0
        for g in range(n_clusters):
            value = total * ((s0[g] + s1[g]) + (s2[g] + s3[g])) - weight * cluster_weights[g]
            s0[g], s1[g], s2[g], s3[g] = 0.0, 0.0, 0.0, 0.0
            better = value > best
            best = value if better else best
            label = g if better else label
        out[i] = label
        gain += best
    return gain


@kernel
def _best_labels(sums, weights, cluster_weights, total, res, out):
    """Label the columns of `sums`, of shape (n_clusters, n), in chunks that stay in cache."""
    n_clusters, n = sums.shape
    best = np.empty(CHUNK)
    gain = 0.0
    for start in range(0, n, CHUNK):
        size = min(CHUNK, n - start)
        best[:] = -np.inf
        chunk = out[start : start + size]
        weight = weights[start : start + size]
        for g in range(n_clusters):
            line = sums[g, start : start + size]
            cluster_weight = cluster_weights[g]
            for j in range(size):
                value = total * line[j] - (res * weight[j]) * cluster_weight
                better = value > best[j]
                best[j] = value if better else best[j]
                chunk[j] = g if better else chunk[j]
        for j in range(size):
            gain += best[j]
    return gain


@kernel
def _add_rows(indptr, indices, data, order, labels, sign, far, sums):
    """Add rows, in the given order, to the column sums of their labels, or take them off."""
    n_rows = order.shape[0]
    for t in range(n_rows):
        if far and t + 4 * AHEAD < n_rows:
            prefetch(indptr, np.int64(order[t + 4 * AHEAD]))
            ahead = order[t + AHEAD]
            for q in range(indptr[ahead], indptr[ahead + 1], 2 * LINE):
                prefetch(indices, np.int64(q))
                prefetch(data, np.int64(q))
                prefetch(data, np.int64(q + LINE))
        i = order[t]
        target = sums[labels[i]]
        for q in range(indptr[i], indptr[i + 1]):
            target[indices[q]] += sign * data[q]


def _unsigned(indices: np.ndarray) -> np.ndarray:
    # Numba tests every signed index for being negative.
    return indices.view(np.uint64 if indices.dtype == np.int64 else np.uint32)


def _compact(labels: np.ndarray, n_labels: int) -> np.ndarray:
    """Return labels in few bytes: they are looked up for each non-zero, and must stay in cache."""
    return labels.astype(np.uint8 if n_labels <= 1 << 8 else np.uint32)


def margins_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill row sums, column sums and the mark of whole numbers from a CSR tile."""
    rows, columns, whole = outputs
    is_whole = _margins_sparse(X.indptr, _unsigned(X.indices), X.data, rows, columns)
    whole[0] = min(whole[0], float(is_whole))


def row_step_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill labels and gain of the rows of a CSR tile."""
    clusters = params["cluster_weights"]
    outputs[1][0] += _row_step_sparse(
        X.indptr,
        _unsigned(X.indices),
        X.data,
        _compact(params["column_labels"], len(clusters)),
        params["weights"],
        clusters,
        params["total"],
        params["resolution"],
        outputs[0],
    )


def row_step_dense(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill labels and gain of the rows of a C-ordered tile."""
    n_clusters = len(params["cluster_weights"])
    sums = np.empty((len(X), n_clusters))
    row_sums_dense(X, {**params, "n_column_clusters": n_clusters, "missing": False}, (sums,))
    best_labels(sums, params, outputs)


def best_labels(sums: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill labels and gain from a tile of sums, of shape (n, n_clusters)."""
    outputs[1][0] += _best_labels(
        sums.T,
        params["weights"],
        params["cluster_weights"],
        params["total"],
        params["resolution"],
        outputs[0],
    )


def moved_rows_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Change column sums by the relabelled rows of a CSR tile."""
    sums = outputs[0]
    old, new = params["old_labels"], params["new_labels"]
    changed = np.flatnonzero(old != new)
    far = sums.nbytes > FAR_BYTES
    for labels, sign in ((new, 1.0), (old, -1.0)):
        rows = changed[labels[changed] >= 0]
        if far:
            rows = rows[np.argsort(_compact(labels[rows], len(sums)), kind="stable")]
        _add_rows(X.indptr, _unsigned(X.indices), X.data, rows, labels, sign, far, sums)
