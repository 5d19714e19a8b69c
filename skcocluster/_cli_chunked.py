"""Objectives of saved labels on a matrix that is read in chunks: a few reads, nothing kept."""

from typing import Any

import numpy as np

from ._kernels.blocks import COLUMN_SUMS
from ._kernels.engines import Engine, get_engine
from ._shared.approximation import row_means_and_divergence
from ._shared.block_model import BlockModel
from ._shared.divergences import get_divergence
from ._shared.domain import NonNegative, ValueDomain
from ._shared.fitted_blocks import FittedBlocks
from ._shared.lean_sums import LeanBlockSums
from ._shared.validation import Checked, check_matrix


def block_divergence(
    estimator: Any, X: Any, labels: tuple[np.ndarray, np.ndarray], divergence: Any, basis: str
) -> float:
    """Return the divergence of a dask array from its block approximation, in three reads.

    Parameters
    ----------
    estimator : estimator
        Named by errors in X.
    X : dask array of shape (n_rows, n_columns)
        The matrix.
    labels : tuple of ndarray
        Row labels and column labels, int; -1 is "in no cluster".
    divergence, basis : str
        As in `BBAC`.

    Returns
    -------
    divergence : float
        What `skcocluster.metrics.block_divergence` returns of a matrix in memory.
    """
    model = BlockModel(get_divergence(divergence), basis)
    engine, checked = _open(estimator, X, model.divergence, allow_missing=basis == "C2")
    rows, columns = (side.astype(np.int32) for side in labels)
    counts = {"rows": _count(rows), "columns": _count(columns)}
    start = {"rows": rows, "columns": columns}
    sums = LeanBlockSums(engine, checked.X, counts, start, checked.missing)  # type: ignore[arg-type]
    rows, columns = sums.labels["rows"], sums.labels["columns"]
    blocks = FittedBlocks(model, *sums.blocks(), rows, columns, sums.column_means())
    found = row_means_and_divergence(
        engine, checked.X, blocks.approximation(), rows, checked.missing
    )
    return found[1]


def sum_row_clusters(
    estimator: Any, X: Any, row_labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a matrix with one row for each row cluster, its sum, and the labels of these rows.

    Modularity and normalised cut see no more of a matrix than that. Rows of label -1 are summed
    too, into a last row of label -1.
    """
    engine, checked = _open(estimator, X, NonNegative(), allow_missing=False)
    n_labels = _count(row_labels)
    spare = np.where(row_labels < 0, n_labels, row_labels).astype(np.int32)
    params = {"row_labels": spare, "n_row_clusters": n_labels + 1, "missing": False}
    (sums,) = engine.run(COLUMN_SUMS, checked.X, **params)
    return sums, np.append(np.arange(n_labels), -1)


def _open(
    estimator: Any, X: Any, domain: ValueDomain, *, allow_missing: bool
) -> tuple[Engine, Checked]:
    checked = check_matrix(estimator, X, domain, allow_missing=allow_missing, reset=True)
    return get_engine("dask"), checked


def _count(labels: np.ndarray) -> int:
    return int(labels.max(initial=0)) + 1
