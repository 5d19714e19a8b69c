"""Steps of bipartite modularity: references, primitives, and their one contract.

With gain ``N * sum_ik - resolution * weight_i * cluster_weight_k`` of row i in co-cluster k, where
``sum_ik`` is the row's sum over the columns of the co-cluster, the labels of greatest gain
maximise modularity for given column labels, and the gains add up to ``N^2 Q``: Q costs nothing
extra, and X less its expectation is never formed. On counts every term is a whole number, so ties
are exact; they go to the lowest label.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from . import modularity_compiled as compiled
from .blocks import indicator, to_dense
from .blocks_compiled import moved_rows_dense as block_moved_rows_dense
from .primitive import Output, Primitive, nothing_moves, per_column, per_row


def _values(tile: Any) -> Any:
    return tile.astype(np.float64)


def _margins(tile: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = _values(tile)
    entries = values.data if sp.issparse(values) else values
    whole = float(np.array_equal(entries, np.rint(entries)))
    return values.sum(axis=1), values.sum(axis=0), np.array([whole])


def _best_labels(
    sums: np.ndarray,
    weights: np.ndarray,
    cluster_weights: np.ndarray,
    total: float,
    resolution: float,
) -> tuple[np.ndarray, np.ndarray]:
    gains = total * sums - (resolution * weights)[:, None] * cluster_weights
    return gains.argmax(axis=1).astype(np.int32), np.array([gains.max(axis=1).sum()])


def _row_step(
    tile: Any,
    column_labels: np.ndarray,
    weights: np.ndarray,
    cluster_weights: np.ndarray,
    total: float,
    resolution: float,
) -> tuple[np.ndarray, np.ndarray]:
    sums = to_dense(_values(tile) @ indicator(column_labels, len(cluster_weights)))
    return _best_labels(sums, weights, cluster_weights, total, resolution)


def _moved_rows(
    tile: Any, old_labels: np.ndarray, new_labels: np.ndarray, n_clusters: int
) -> tuple[np.ndarray]:
    changed = np.flatnonzero(old_labels != new_labels)
    part = _values(tile[changed])
    gained = indicator(new_labels[changed], n_clusters).T @ part
    lost = indicator(old_labels[changed], n_clusters).T @ part
    return (to_dense(gained) - to_dense(lost),)


def _row_sweep(tile: Any, old_labels: np.ndarray, **params: Any) -> tuple:
    labels, gain = _row_step(tile, **params)
    (moved,) = _moved_rows(tile, old_labels, labels, len(params["cluster_weights"]))
    return labels, gain, moved


def _row_sweep_dense(X: Any, params: Any, outputs: Any) -> None:
    compiled.row_step_dense(X, params, outputs[:2])
    _moved_rows_dense(X, _moves(params, outputs[0]), outputs[2:])


def _row_sweep_sparse(X: Any, params: Any, outputs: Any) -> None:
    compiled.row_step_sparse(X, params, outputs[:2])
    compiled.moved_rows_sparse(X, _moves(params, outputs[0]), outputs[2:])


def _moves(params: Any, labels: np.ndarray) -> dict[str, Any]:
    n_clusters = len(params["cluster_weights"])
    return {"old_labels": params["old_labels"], "new_labels": labels, "n_clusters": n_clusters}


def _moved_rows_dense(X: Any, params: Any, outputs: Any) -> None:
    block_moved_rows_dense(
        X, {**params, "n_row_clusters": params["n_clusters"], "missing": False}, outputs
    )


def _scalar(n_rows: int, n_columns: int, params: Any) -> tuple[int, ...]:
    return (1,)


_LABELS = Output("concat", per_row, np.int32)
_GAIN = Output("sum", _scalar)

# Sums of rows and of columns, and whether all entries are whole numbers (1.0 or 0.0).
MARGINS = Primitive(
    "margins",
    (Output("concat", per_row), Output("sum", per_column), Output("min", _scalar)),
    _margins,
    sparse=compiled.margins_sparse,
)
# Labels of rows for given column labels, and the sum of their gains. `weights` are the row sums.
ROW_STEP = Primitive(
    "row step of modularity",
    (_LABELS, _GAIN),
    _row_step,
    row_params=("weights",),
    dense=compiled.row_step_dense,
    sparse=compiled.row_step_sparse,
)
# The row step, and what the relabelled rows change in the column sums, in one read: for an X that
# is not in memory.
ROW_SWEEP = Primitive(
    "row sweep of modularity",
    (_LABELS, _GAIN, Output("sum", lambda n, m, params: (len(params["cluster_weights"]), m))),
    _row_sweep,
    row_params=("weights", "old_labels"),
    dense=_row_sweep_dense,
    sparse=_row_sweep_sparse,
)
# The same from sums that are known. Runs over the transposed column sums, not over X.
BEST_LABELS = Primitive(
    "labels of greatest gain",
    (_LABELS, _GAIN),
    _best_labels,
    row_params=("weights",),
    dense=compiled.best_labels,
)
# What relabelled rows change in the column sums (n_clusters x n_columns) of the co-clusters; label
# -1 is "in none", so with all old labels at -1 these are the column sums themselves.
MOVED_ROWS = Primitive(
    "column sums of relabelled rows",
    (Output("sum", lambda n, m, params: (params["n_clusters"], m)),),
    _moved_rows,
    row_params=("old_labels", "new_labels"),
    dense=_moved_rows_dense,
    sparse=compiled.moved_rows_sparse,
    idle=nothing_moves,
)
