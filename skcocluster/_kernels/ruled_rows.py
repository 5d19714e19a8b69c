"""Rows whose labels are not kept: a rule makes them again, chunk by chunk, whenever X is read.

The rule is that of the last relabelling: the cluster of least cost, apart from single rows that
are named. Labels then neither travel nor stay anywhere, however many rows there are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from .blocks import COLUMN_SUMS, RELABEL, ROW_SUMS, n_channels
from .blocks_compiled import cluster_sizes
from .primitive import Output, Primitive, a_number, allocate


@dataclass(frozen=True)
class NamedRows:
    """Rows whose label is given, and the number of the first row of the part of X that they are in.

    Attributes
    ----------
    rows : ndarray of shape (n_named,), dtype int64
        Rows, ascending, counted from the first of the part.
    labels : ndarray of shape (n_named,), dtype int32
        Their labels.
    first : int
        The first row of the part.
    """

    rows: np.ndarray
    labels: np.ndarray
    first: int = 0

    @classmethod
    def none(cls) -> "NamedRows":
        """Return what names no row."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int32))

    def __getitem__(self, part: slice) -> "NamedRows":
        """Return what is named in consecutive rows."""
        low, high = np.searchsorted(self.rows, (part.start, part.stop))
        rows, labels = self.rows[low:high] - part.start, self.labels[low:high]
        return NamedRows(rows, labels, self.first + part.start)

    def named(self, row: int, label: int) -> "NamedRows":
        """Return the same with one row more, or another label for a row."""
        labels = dict(zip(self.rows.tolist(), self.labels.tolist(), strict=True)) | {row: label}
        rows = sorted(labels)
        return NamedRows(
            np.array(rows, np.int64), np.array([labels[i] for i in rows], np.int32), self.first
        )


def _run(primitive: Primitive, tile: Any, **params: Any) -> list[np.ndarray]:
    n_rows, n_columns = tile.shape
    outputs = allocate(primitive, n_rows, n_columns, params)
    compiled = primitive.sparse if sp.issparse(tile) else primitive.dense
    assert compiled is not None
    compiled(tile, params, outputs)
    return outputs


def label_rows(
    tile: Any,
    named: NamedRows,
    column_labels: np.ndarray,
    offset: np.ndarray,
    slope: np.ndarray,
    missing: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels of rows by the rule, and their sums over row clusters."""
    nowhere = np.full(tile.shape[0], -1, np.int32)
    rule = {"column_labels": column_labels, "offset": offset, "slope": slope, "missing": missing}
    labels, sums = _run(RELABEL, tile, row_labels=nowhere, **rule)
    if len(named.rows):
        labels[named.rows] = named.labels
        params = {"row_labels": labels, "n_row_clusters": len(offset), "missing": missing}
        (sums,) = _run(COLUMN_SUMS, tile, **params)
    return labels, sums


def _sum_ruled(tile: Any, **rule: Any) -> tuple[np.ndarray, np.ndarray]:
    labels, sums = label_rows(tile, **rule)
    return sums, cluster_sizes(labels, len(rule["offset"]))


def _find_largest(
    tile: Any,
    now: np.ndarray,
    sizes: np.ndarray,
    function: Callable[[np.ndarray, np.ndarray], np.ndarray],
    **rule: Any,
) -> tuple[np.ndarray, np.ndarray]:
    labels, _ = label_rows(tile, **rule)
    n, missing = rule["slope"].shape[1], rule["missing"]
    params = {"n_column_clusters": n // n_channels(1, missing), "missing": missing}
    (sums,) = _run(ROW_SUMS, tile, column_labels=now, **params)
    values = function(sums, labels)
    # The last member of a cluster would only empty another one.
    values[sizes[np.maximum(labels, 0)] <= 1] = -np.inf
    row = int(values.argmax())
    return values[row : row + 1], np.array([rule["named"].first + row])


# Sums over the row clusters (n_channels x n_columns), and the number of rows in each.
SUMS_BY_RULE = Primitive(
    "sums of ruled rows",
    (
        Output(
            "sum", lambda n, m, params: (n_channels(len(params["offset"]), params["missing"]), m)
        ),
        Output("sum", lambda n, m, params: (len(params["offset"]),)),
    ),
    _sum_ruled,
    row_params=("named",),
    whole=True,
)
# For each chunk the largest of ``function(row sums, labels)``, and its row; `now` are the column
# labels that the row sums belong to, which may be others than those of the rule.
LARGEST_BY_RULE = Primitive(
    "largest of ruled rows",
    (Output("concat", a_number), Output("concat", a_number, np.int64)),
    _find_largest,
    row_params=("named",),
    whole=True,
)
