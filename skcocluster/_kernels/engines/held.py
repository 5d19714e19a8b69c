"""Results for each row that stay where the chunks are, as dask arrays in the chunks of X."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from operator import getitem
from typing import Any

import dask
import dask.array as da
from dask.delayed import Delayed

from .chunked import Box, ChunkedRows, load_block
from .dask_ import add_chunk_task, compute_key
from .dask_errors import explain


def hold(
    X: ChunkedRows,
    function: Callable[..., Sequence[Any]],
    shared: Mapping[str, Any],
    own: Sequence[Mapping[str, Any]],
    dtypes: Sequence[Any],
) -> tuple[list[Any], float]:
    """Compute numbers of all rows in one read and leave them with the workers.

    Without a cluster they are in the memory of this process.

    Parameters
    ----------
    X : ChunkedRows
        The matrix.
    function : callable
        ``function(block, **shared, **own) -> (numbers, ..., total)``: arrays with one number for
        each row of the block, and one number for the block.
    shared : dict
        Parameters that all chunks have in common.
    own : sequence of dict
        Parameters of each chunk.
    dtypes : sequence of dtype
        The types of the arrays.

    Returns
    -------
    arrays : list of dask array of shape (n_rows,)
        In the chunks of X, computed.
    total : float
        The sum of the numbers of all blocks.

    Raises
    ------
    RuntimeError
        When a chunk cannot be read, named by its number and rows, or the cluster is lost.
    """
    names = [f"skcocluster-held-{i}-{uuid.uuid4().hex}" for i in range(len(dtypes) + 2)]
    graph = _build(X, function, shared, own, names)
    collections = [
        da.Array(graph, name, (X.heights,), dtype=dtype)
        for name, dtype in zip(names, dtypes, strict=False)
    ]
    try:
        *held, total = dask.persist(*collections, Delayed(names[-1], graph), optimize_graph=False)
        return list(held), float(total.compute())
    except Exception as error:
        raise explain(error, X.source, X.heights, compute_key) from error


def _build(
    X: ChunkedRows,
    function: Callable[..., Sequence[Any]],
    shared: Mapping[str, Any],
    own: Sequence[Mapping[str, Any]],
    names: Sequence[str],
) -> dict[Any, Any]:
    *arrays, whole, total = names
    graph = dict(X.source.graph)
    common = f"{whole}-common"
    graph[common] = Box((X.dtype, X.source.as_dense, function, dict(shared)))
    for chunk, (blocks, mine) in enumerate(zip(X.source.blocks, own, strict=True)):
        add_chunk_task(graph, X.source, blocks, (whole, chunk), _run, common, Box(mine))
        for i, name in enumerate(arrays):
            graph[name, chunk] = (getitem, (whole, chunk), i)
        graph[total, chunk] = (getitem, (whole, chunk), len(arrays))
    graph[total] = (sum, [(total, chunk) for chunk in range(len(own))])
    return graph


def _run(blocks: list[Any], common: Box, own: Box) -> Sequence[Any]:
    dtype, as_dense, function, shared = common.content
    return function(load_block(blocks, dtype, as_dense), **shared, **own.content)
