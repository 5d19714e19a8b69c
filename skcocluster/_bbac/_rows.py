"""What a finished fit says of the rows: arrays in memory, or dask arrays held where X is."""

from typing import Any

import numpy as np

from .._kernels.engines import ChunkedRows, Engine
from .._kernels.engines.numba_ import NumbaEngine
from .._kernels.ruled_rows import NamedRows, label_rows
from .._shared.approximation import Approximation, row_means_and_divergence
from .._shared.block_model import BlockModel
from .._shared.block_sums import BlockSums
from .._shared.containers import dask_array
from .._shared.fitted_blocks import FittedBlocks
from .._shared.ruled_sums import RuledBlockSums


def fitted_blocks(model: BlockModel, sums: BlockSums) -> FittedBlocks:
    """Return the fitted model of finished sums; without row labels where these are a rule."""
    ruled = isinstance(sums, RuledBlockSums)
    rows = np.empty(0, np.int32) if ruled else sums.labels["rows"]
    return FittedBlocks(model, *sums.blocks(), rows, sums.labels["columns"], sums.column_means())


def describe_rows(
    engine: Engine, X: Any, sums: BlockSums, blocks: FittedBlocks
) -> tuple[Any, Any, float]:
    """Return row labels, means of rows, and the divergence of X from its approximation.

    Both arrays are dask arrays, computed and held, where row labels are a rule.
    """
    approximation, missing = blocks.approximation(), sums.missing
    if isinstance(sums, RuledBlockSums):
        return _hold(X, sums, approximation)
    labels = sums.labels["rows"]
    return labels, *row_means_and_divergence(engine, X, approximation, labels, missing)


def _hold(
    X: ChunkedRows, sums: RuledBlockSums, approximation: Approximation
) -> tuple[Any, Any, float]:
    from .._kernels.engines.held import hold

    shared = sums.rule.params()
    named = shared.pop("named")
    shared["approximation"] = approximation
    own = [{"named": named[X.rows(chunk)]} for chunk in range(len(X.heights))]
    (labels, means), total = hold(X, _describe_block, shared, own, (np.int32, np.float64))
    return labels, means, total


def _describe_block(
    block: Any, approximation: Approximation, named: NamedRows, **rule: Any
) -> tuple[np.ndarray, np.ndarray, float]:
    labels, _ = label_rows(block, named, **rule)
    means, total = row_means_and_divergence(
        NumbaEngine(), block, approximation, labels, rule["missing"]
    )
    return labels, means, total


def check_labels_are_here(row_labels: Any) -> None:
    """Refuse dask arrays of row labels, where all of them are needed at one place."""
    if dask_array(row_labels) is not None:
        raise ValueError(
            "predict_columns sums new columns over row clusters and needs the row labels in "
            "memory: fit with row_labels='numpy'."
        )


def reconstruct(blocks: FittedBlocks, row_labels: Any, row_means: Any) -> Any:
    """Return the approximation of the rows of a fit; lazily, where their labels are held."""
    if dask_array(row_labels) is None:
        return blocks.reconstruct(row_labels, row_means)
    n_columns = len(blocks.column_labels)
    return row_labels.map_blocks(
        blocks.reconstruct,
        row_means,
        dtype=np.float64,
        new_axis=1,
        chunks=(row_labels.chunks[0], (n_columns,)),
        meta=np.empty((0, n_columns)),
    )
