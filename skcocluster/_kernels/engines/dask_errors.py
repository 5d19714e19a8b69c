"""What has gone wrong in a computation by dask: which chunk, or the whole cluster."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from dask.core import get_dependencies

from .chunked import Source, load_block

# Errors of a cluster that is gone, by name: distributed is not imported unless it is in use.
LOST = ("CommClosedError", "FutureCancelledError", "CancelledError", "FuturesCancelledError")
CHUNK_KEY = "skcocluster-chunk-"


def explain(
    error: Exception,
    source: Source,
    heights: Sequence[int | None],
    compute_key: Callable[[dict[Any, Any], Any], Any],
) -> Exception:
    """Return the error to raise: it names the chunk that cannot be read, or the lost cluster."""
    names = {cls.__name__ for cls in type(error).__mro__}
    if "KilledWorker" in names:
        return RuntimeError(
            f"Workers that had to do with {_killed(error, source)} died, one after the other: it, "
            f"or what they held beside it, may need more memory than a worker has; use smaller "
            f"chunks. ({error})"
        )
    if names.intersection(LOST):
        return RuntimeError(
            "The connection to the dask cluster was lost, or its client was closed, before the "
            f"computation ended ({type(error).__name__}: {error}). Nothing was fitted."
        )
    for chunk, blocks in enumerate(source.blocks):
        key = f"skcocluster-probe-{uuid.uuid4().hex}"
        graph = {**source.graph, key: (_touch, list(blocks))}
        try:
            compute_key(graph, key)
        except Exception as reason:
            where = _where(chunk, heights)
            return RuntimeError(f"{where} of X cannot be read: {type(reason).__name__}: {reason}")
    return error


def _touch(blocks: list[Any]) -> None:
    """Read a chunk and keep nothing of it."""
    load_block(blocks, np.dtype(np.float64), False)


def _where(chunk: int, heights: Sequence[int | None]) -> str:
    before = heights[: chunk + 1]
    if any(n_rows is None for n_rows in before):
        return f"Chunk {chunk}"
    first = sum(before[:-1])  # type: ignore[arg-type]
    return f"Chunk {chunk} (rows {first} to {first + before[-1] - 1})"  # type: ignore[operator]


def _killed(error: Any, source: Source) -> str:
    """Return which chunk a task that killed its workers belongs to."""
    task = str(getattr(error, "task", ""))
    chunks = [i for i, blocks in enumerate(source.blocks) if task in _ancestors(source, blocks)]
    if len(chunks) == 1:
        return f"chunk {chunks[0]} of X"
    if CHUNK_KEY in task:
        return f"chunk {task.rstrip(')').rpartition(',')[2].strip()} of X"
    return f"task {task}"


def _ancestors(source: Source, blocks: Sequence[Any]) -> set[str]:
    """Return the names of all tasks that blocks are made by."""
    found, waiting = set(), list(blocks)
    while waiting:
        key = waiting.pop()
        if str(key) not in found:
            found.add(str(key))
            waiting += get_dependencies(source.graph, key) if key in source.graph else ()
    return found
