"""Compiled loops of the block sums, for C-ordered and CSR tiles.

Kernels are single-threaded and release the GIL: threads belong to the engine and to joblib.
Sums are float64 and run in the order of rows, columns and labels; there is no fastmath, so equal
input gives equal bits.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .compilation import inner, kernel
from .plain import COLUMN_GROUP, ROW_GROUP
from .simd import add_group, add_group_observed


@inner
def _group_sums(X, row, n_rows, labels, n_labels, missing, sums):
    """Sum `n_rows` <= 8 rows of X from `row` by column label into sums[label, row]."""
    n_columns = X.shape[1]
    sums[:] = 0.0
    first = 0
    if n_rows == ROW_GROUP:
        first = n_columns - n_columns % COLUMN_GROUP
        if missing:
            for j in range(0, first, COLUMN_GROUP):
                add_group_observed(X, row, j, labels, n_labels, sums)
        else:
            for j in range(0, first, COLUMN_GROUP):
                add_group(X, row, j, labels, n_labels, sums)
    for j in range(first, n_columns):
        label = labels[j]
        for r in range(n_rows):
            value = X[row + r, j]
            if not missing:
                sums[label, r] += value
            elif value == value:
                sums[label, r] += value
                sums[n_labels + label, r] += 1.0


@inner
def _copy_channels(sums, r, n_kept, n_labels, out):
    """Copy the sums of one row; the last label of each half collects label -1 and is dropped."""
    for h in range(n_kept):
        out[h] = sums[h, r]
    for h in range(out.shape[0] - n_kept):
        out[n_kept + h] = sums[n_labels + h, r]


@inner
def _best_label(sums, slope_t, offset, missing, cost):
    """Return the label of least cost (the lowest on ties), -1 when nothing was observed."""
    n_labels = offset.shape[0]
    n_sums = sums.shape[0]
    if missing:
        n_observed = 0.0
        for c in range(n_sums // 2, n_sums):
            n_observed += sums[c]
        if n_observed == 0.0:
            return -1
    for g in range(n_labels):
        cost[g] = offset[g]
    # Four channels a pass save three of four loads and stores of the costs; the terms are taken
    # off one after the other all the same, so the rounding is that of the plain loop.
    first = n_sums - n_sums % 4
    for c in range(0, first, 4):
        a0, a1, a2, a3 = sums[c], sums[c + 1], sums[c + 2], sums[c + 3]
        s0, s1, s2, s3 = slope_t[c], slope_t[c + 1], slope_t[c + 2], slope_t[c + 3]
        for g in range(n_labels):
            cost[g] = (((cost[g] - a0 * s0[g]) - a1 * s1[g]) - a2 * s2[g]) - a3 * s3[g]
    for c in range(first, n_sums):
        value = sums[c]
        slope = slope_t[c]
        for g in range(n_labels):
            cost[g] -= value * slope[g]
    best = cost[0]
    label = 0
    for g in range(1, n_labels):
        if cost[g] < best:
            best = cost[g]
            label = g
    return label


@inner
def _add_row(x, sign, missing, values, counts):
    n_columns = x.shape[0]
    if not missing:
        for j in range(n_columns):
            values[j] += sign * x[j]
    else:
        for j in range(n_columns):
            observed = x[j] == x[j]
            values[j] += sign * x[j] if observed else 0.0
            counts[j] += sign if observed else 0.0


@inner
def _swap_row(x, out, into):
    for j in range(x.shape[0]):
        value = np.float64(x[j])
        out[j] -= value
        into[j] += value


@inner
def _move_row(x, old, new, n_labels, missing, RX):
    if old == new:
        return
    if old >= 0 and new >= 0 and not missing:
        _swap_row(x, RX[old], RX[new])
        return
    shift = n_labels if missing else 0
    if old >= 0:
        _add_row(x, -1.0, missing, RX[old], RX[shift + old])
    if new >= 0:
        _add_row(x, 1.0, missing, RX[new], RX[shift + new])


@kernel
def _row_sums_dense(X, labels, n_labels, missing, XC):
    n_rows = X.shape[0]
    n_kept = n_labels - 1
    sums = np.empty((2 * n_labels if missing else n_labels, ROW_GROUP))
    for row in range(0, n_rows, ROW_GROUP):
        height = min(ROW_GROUP, n_rows - row)
        _group_sums(X, row, height, labels, n_labels, missing, sums)
        for r in range(height):
            _copy_channels(sums, r, n_kept, n_labels, XC[row + r])


@kernel
def _labels_dense(XC, slope_t, offset, missing, labels):
    cost = np.empty(offset.shape[0])
    for i in range(XC.shape[0]):
        labels[i] = _best_label(XC[i], slope_t, offset, missing, cost)


@kernel
def _sweep_dense(X, old_labels, labels, n_labels, slope_t, offset, missing, new_labels, XC, RX):
    n_rows = X.shape[0]
    n_kept = n_labels - 1
    sums = np.empty((2 * n_labels if missing else n_labels, ROW_GROUP))
    cost = np.empty(offset.shape[0])
    for row in range(0, n_rows, ROW_GROUP):
        height = min(ROW_GROUP, n_rows - row)
        _group_sums(X, row, height, labels, n_labels, missing, sums)
        for r in range(height):
            i = row + r
            _copy_channels(sums, r, n_kept, n_labels, XC[i])
            new_labels[i] = _best_label(XC[i], slope_t, offset, missing, cost)
            # The group of rows is still in cache here: moving it costs no second read of X.
            _move_row(X[i], old_labels[i], new_labels[i], offset.shape[0], missing, RX)


@kernel
def _moved_rows_dense(X, old_labels, new_labels, n_labels, missing, RX):
    for i in range(X.shape[0]):
        _move_row(X[i], old_labels[i], new_labels[i], n_labels, missing, RX)


@kernel
def _moved_columns_dense(X, row_sums, columns, old_labels, new_labels, n_kept, missing, XC):
    for i in range(X.shape[0]):
        out = XC[i]
        for c in range(out.shape[0]):
            out[c] = row_sums[i, c]
        for q in range(columns.shape[0]):
            value = np.float64(X[i, columns[q]])
            if missing and value != value:
                continue
            old, new = old_labels[q], new_labels[q]
            if old >= 0:
                out[old] -= value
                if missing:
                    out[n_kept + old] -= 1.0
            if new >= 0:
                out[new] += value
                if missing:
                    out[n_kept + new] += 1.0


@kernel
def _row_sums_sparse(indptr, indices, data, labels, sizes, missing, XC):
    n_kept = sizes.shape[0]
    for i in range(indptr.shape[0] - 1):
        out = XC[i]
        out[:n_kept] = 0.0
        if missing:
            for h in range(n_kept):
                out[n_kept + h] = sizes[h]
        for q in range(indptr[i], indptr[i + 1]):
            label = labels[indices[q]]
            if label < 0:
                continue
            value = np.float64(data[q])
            if value == value or not missing:
                out[label] += value
            else:
                out[n_kept + label] -= 1.0


@inner
def _add_sparse_row(indices, data, sign, missing, values, counts):
    for q in range(indices.shape[0]):
        value = np.float64(data[q])
        if value == value or not missing:
            values[indices[q]] += sign * value
        else:
            counts[indices[q]] -= sign


@kernel
def _moved_rows_sparse(indptr, indices, data, old_labels, new_labels, n_labels, missing, RX):
    shift = n_labels if missing else 0
    moved = np.zeros(n_labels)
    for i in range(indptr.shape[0] - 1):
        old, new = old_labels[i], new_labels[i]
        if old == new:
            continue
        row_indices = indices[indptr[i] : indptr[i + 1]]
        row = data[indptr[i] : indptr[i + 1]]
        if old >= 0:
            _add_sparse_row(row_indices, row, -1.0, missing, RX[old], RX[shift + old])
            moved[old] -= 1.0
        if new >= 0:
            _add_sparse_row(row_indices, row, 1.0, missing, RX[new], RX[shift + new])
            moved[new] += 1.0
    if missing:
        # Zeros that are not stored are observed: every row counts, less its stored NaN.
        for g in range(n_labels):
            if moved[g] != 0.0:
                counts = RX[n_labels + g]
                for j in range(counts.shape[0]):
                    counts[j] += moved[g]


def _spare_label(labels: np.ndarray, n_labels: int) -> np.ndarray:
    """Send label -1 to one label more, whose sums are dropped: no test in the inner loop."""
    return np.where(labels < 0, n_labels, labels).astype(np.int32)


def cluster_sizes(labels: np.ndarray, n_labels: int) -> np.ndarray:
    """Return the number of members of each label, float64; -1 is no label."""
    return np.bincount(labels[labels >= 0], minlength=n_labels).astype(np.float64)


def row_sums_dense(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill XC from a C-ordered tile."""
    n_labels = params["n_column_clusters"]
    labels = _spare_label(params["column_labels"], n_labels)
    _row_sums_dense(X, labels, n_labels + 1, params["missing"], outputs[0])


def row_sums_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill XC from a CSR tile."""
    labels = params["column_labels"]
    sizes = cluster_sizes(labels, params["n_column_clusters"])
    _row_sums_sparse(X.indptr, X.indices, X.data, labels, sizes, params["missing"], outputs[0])


def labels_dense(sums: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill the labels of least cost from a tile of sums."""
    slope_t = np.ascontiguousarray(params["slope"].T)
    _labels_dense(sums, slope_t, params["offset"], params["missing"], outputs[0])


def sweep_dense(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill labels and XC and change RX from a C-ordered tile, in one read."""
    missing = params["missing"]
    n_labels = params["slope"].shape[1] // (2 if missing else 1)
    slope_t = np.ascontiguousarray(params["slope"].T)
    labels = _spare_label(params["column_labels"], n_labels)
    old, offset = params["row_labels"], params["offset"]
    _sweep_dense(X, old, labels, n_labels + 1, slope_t, offset, missing, *outputs)


def sweep_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill labels and XC and change RX from a CSR tile."""
    labels, sums, moved = outputs
    missing = params["missing"]
    n_labels = params["slope"].shape[1] // (2 if missing else 1)
    row_sums_sparse(X, {**params, "n_column_clusters": n_labels}, (sums,))
    labels_dense(sums, params, (labels,))
    _moved_rows_sparse(
        X.indptr,
        X.indices,
        X.data,
        params["row_labels"],
        labels,
        len(params["offset"]),
        missing,
        moved,
    )


def relabel_dense(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill labels and change RX from a C-ordered tile, in one read."""
    sums = np.empty((len(X), params["slope"].shape[1]))
    sweep_dense(X, params, (outputs[0], sums, outputs[1]))


def relabel_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill labels and change RX from a CSR tile."""
    sums = np.empty((X.shape[0], params["slope"].shape[1]))
    sweep_sparse(X, params, (outputs[0], sums, outputs[1]))


def moved_rows_dense(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Change RX by the relabelled rows of a C-ordered tile; other rows are not read."""
    old, new = params["old_labels"], params["new_labels"]
    _moved_rows_dense(X, old, new, params["n_row_clusters"], params["missing"], outputs[0])


def moved_rows_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Change RX by the relabelled rows of a CSR tile."""
    old, new = params["old_labels"], params["new_labels"]
    n_labels, missing = params["n_row_clusters"], params["missing"]
    _moved_rows_sparse(X.indptr, X.indices, X.data, old, new, n_labels, missing, outputs[0])


def column_sums_dense(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill RX from a C-ordered tile: every labelled row moves in from nowhere."""
    moved_rows_dense(X, _from_nowhere(params), outputs)


def column_sums_sparse(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill RX from a CSR tile."""
    moved_rows_sparse(X, _from_nowhere(params), outputs)


def moved_columns_dense(X: Any, params: Mapping[str, Any], outputs: Any) -> None:
    """Fill XC from the old one and the relabelled columns; other columns are not read."""
    _moved_columns_dense(
        X,
        params["row_sums"],
        params["columns"],
        params["old_labels"],
        params["new_labels"],
        params["n_column_clusters"],
        params["missing"],
        outputs[0],
    )


def _from_nowhere(params: Mapping[str, Any]) -> dict[str, Any]:
    new = params["row_labels"]
    return {**params, "old_labels": np.full_like(new, -1), "new_labels": new}
