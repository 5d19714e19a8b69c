"""Sums of X over row and column clusters: references, primitives, and their one contract.

``XC`` (n_rows x n_channels) holds the sums of each row over the column clusters and ``RX``
(n_channels x n_columns) those of each column over the row clusters. With missing entries a
second half of channels counts the observed entries, so that costs stay linear in the channels:
``cost[i, g] = offset[g] - XC[i] @ slope[g]`` in both cases.

Label -1 means "in no cluster": such rows and columns are in no sum.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from . import blocks_compiled as compiled
from .primitive import Output, Primitive, nothing_moves


def n_channels(n_labels: int, missing: bool) -> int:
    """Return how many sums belong to `n_labels` clusters."""
    return 2 * n_labels if missing else n_labels


def indicator(labels: np.ndarray, n_labels: int) -> sp.csr_array:
    """Return the sparse 0/1 matrix (n, n_labels) of labels; label -1 gives an empty row."""
    inside = np.flatnonzero(labels >= 0)
    ones = np.ones(len(inside))
    return sp.csr_array((ones, (inside, labels[inside])), shape=(len(labels), n_labels))


def _values(tile: Any, missing: bool) -> Any:
    """Return the tile in float64, with missing entries as zeros."""
    if sp.issparse(tile):
        values = tile.astype(np.float64)
        if missing:
            values.data = np.nan_to_num(values.data, nan=0.0)
        return values
    values = np.asarray(tile, dtype=np.float64)
    return np.where(np.isnan(values), 0.0, values) if missing else values


def _hidden(tile: Any) -> Any:
    """Return 1 where an entry is missing and 0 elsewhere, in the storage of the tile."""
    if not sp.issparse(tile):
        return np.isnan(np.asarray(tile)).astype(np.float64)
    hidden = tile.copy()
    hidden.data = np.isnan(tile.data).astype(np.float64)
    return hidden


def to_dense(product: Any) -> np.ndarray:
    """Return a product as an array."""
    return product.toarray() if sp.issparse(product) else product


def _row_sums(
    tile: Any, column_labels: np.ndarray, n_column_clusters: int, missing: bool
) -> tuple[np.ndarray]:
    into = indicator(column_labels, n_column_clusters)
    sums = to_dense(_values(tile, missing) @ into)
    if not missing:
        return (sums,)
    # What is not missing is observed, also the zeros that a sparse tile does not store.
    return (np.hstack([sums, into.sum(axis=0) - to_dense(_hidden(tile) @ into)]),)


def _column_sums(
    tile: Any, row_labels: np.ndarray, n_row_clusters: int, missing: bool
) -> tuple[np.ndarray]:
    into = indicator(row_labels, n_row_clusters).T
    sums = to_dense(into @ _values(tile, missing))
    if not missing:
        return (sums,)
    sizes = into.sum(axis=1)[:, None]
    return (np.vstack([sums, sizes - to_dense(into @ _hidden(tile))]),)


def _labels(sums: np.ndarray, slope: np.ndarray, offset: np.ndarray, missing: bool) -> tuple:
    # Term by term in the order of the compiled loop: equal sums then give equal costs to the
    # last bit, and ties fall the same way in every engine.
    cost = np.repeat(offset[None, :], len(sums), axis=0)
    for channel in range(slope.shape[1]):
        cost = cost - sums[:, channel, None] * slope[None, :, channel]
    labels = cost.argmin(axis=1).astype(np.int32)
    if missing:
        labels[sums[:, slope.shape[1] // 2 :].sum(axis=1) == 0] = -1
    return (labels,)


def _sweep(
    tile: Any,
    row_labels: np.ndarray,
    column_labels: np.ndarray,
    slope: np.ndarray,
    offset: np.ndarray,
    missing: bool,
) -> tuple:
    n_labels = slope.shape[1] // (2 if missing else 1)
    (sums,) = _row_sums(tile, column_labels, n_labels, missing)
    (labels,) = _labels(sums, slope, offset, missing)
    (moved,) = _moved_rows(tile, row_labels, labels, len(offset), missing)
    return labels, sums, moved


def _relabel(tile: Any, **params: Any) -> tuple:
    labels, _, moved = _sweep(tile, **params)
    return labels, moved


def _moved_rows(
    tile: Any, old_labels: np.ndarray, new_labels: np.ndarray, n_row_clusters: int, missing: bool
) -> tuple:
    changed = np.flatnonzero(old_labels != new_labels)
    part = tile[changed]
    (gained,) = _column_sums(part, new_labels[changed], n_row_clusters, missing)
    (lost,) = _column_sums(part, old_labels[changed], n_row_clusters, missing)
    return (gained - lost,)


def _moved_columns(
    tile: Any,
    row_sums: np.ndarray,
    columns: np.ndarray,
    old_labels: np.ndarray,
    new_labels: np.ndarray,
    n_column_clusters: int,
    missing: bool,
) -> tuple:
    part = tile[:, columns]
    (gained,) = _row_sums(part, new_labels, n_column_clusters, missing)
    (lost,) = _row_sums(part, old_labels, n_column_clusters, missing)
    return (row_sums + (gained - lost),)


def _row_shape(n_rows: int, n_columns: int, params: Any) -> tuple[int, ...]:
    return (n_rows,)


def _xc_shape(n_rows: int, n_columns: int, params: Any) -> tuple[int, ...]:
    if "slope" in params:
        return (n_rows, params["slope"].shape[1])
    return (n_rows, n_channels(params["n_column_clusters"], params["missing"]))


def _rx_shape(n_rows: int, n_columns: int, params: Any) -> tuple[int, ...]:
    n_labels = params["n_row_clusters"] if "n_row_clusters" in params else len(params["offset"])
    return (n_channels(n_labels, params["missing"]), n_columns)


_LABELS = Output("concat", _row_shape, np.int32)
_XC = Output("concat", _xc_shape)
_RX = Output("sum", _rx_shape)

ROW_SUMS = Primitive(
    "row sums by column cluster",
    (_XC,),
    _row_sums,
    dense=compiled.row_sums_dense,
    sparse=compiled.row_sums_sparse,
)
COLUMN_SUMS = Primitive(
    "column sums by row cluster",
    (_RX,),
    _column_sums,
    row_params=("row_labels",),
    dense=compiled.column_sums_dense,
    sparse=compiled.column_sums_sparse,
)
# Runs over a matrix of sums (XC, or RX transposed), not over X.
LABELS = Primitive("labels of least cost", (_LABELS,), _labels, dense=compiled.labels_dense)
# One read of X: row sums, row labels, and what the relabelled rows change in RX. With all
# `row_labels` at -1 the third output is RX itself.
SWEEP = Primitive(
    "fused sweep",
    (_LABELS, _XC, _RX),
    _sweep,
    row_params=("row_labels",),
    dense=compiled.sweep_dense,
    sparse=compiled.sweep_sparse,
)
# The same for an X that is not in memory, where sums of each row would travel.
RELABEL = Primitive(
    "relabelling sweep",
    (_LABELS, _RX),
    _relabel,
    row_params=("row_labels",),
    dense=compiled.relabel_dense,
    sparse=compiled.relabel_sparse,
)
MOVED_ROWS = Primitive(
    "column sums of relabelled rows",
    (_RX,),
    _moved_rows,
    row_params=("old_labels", "new_labels"),
    dense=compiled.moved_rows_dense,
    sparse=compiled.moved_rows_sparse,
    idle=nothing_moves,
)
MOVED_COLUMNS = Primitive(
    "row sums with relabelled columns",
    (_XC,),
    _moved_columns,
    row_params=("row_sums",),
    dense=compiled.moved_columns_dense,
)
