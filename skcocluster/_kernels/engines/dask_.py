"""The engine of dask arrays: each chunk of rows is a tile, computed where the chunk is.

One call of `run` is one graph and one `dask.compute`, through the scheduler that is in force:
threads, or the distributed client, which this module never creates. A chunk is read, all jobs run
on it, and it is gone; what merges in a tree and travels is as large as clusters x columns, and
labels of rows.
"""

import sys
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from ..primitive import Primitive
from .chunked import (
    Box,
    ChunkedRows,
    Job,
    RowBox,
    Source,
    merge_chunks,
    neutral_outputs,
    primitive_job,
    run_chunk,
    take_job,
)
from .dask_errors import explain
from .meeting import Answer, Meeting
from .numba_ import NumbaEngine
from .tiles import float_dtype

try:
    import dask
    from dask._task_spec import List, Task, TaskRef
    from dask.delayed import Delayed
    from dask.utils import parse_bytes
except ImportError as error:
    raise ImportError(
        'engine="dask" needs dask: pip install "skcocluster[dask]". Data in memory can use '
        'engine="auto", "numba" or "numpy".'
    ) from error

# Children of a node of the tree that merges partial sums: as many of them are held at once.
FAN_IN = 8
# A chunk of all columns must fit beside others in the memory of a worker: where blocks of columns
# would make for more, the array is cut anew.
MAX_JOINED_BYTES = 1 << 28
# Fetched rows come together on one worker before they are sent: more takes several reads.
MAX_FETCHED_BYTES = 1 << 26
GRAPH_LIMIT = "distributed.admin.large-graph-warning-threshold"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Request:
    """A primitive and its parameters, to be run on a matrix in chunks."""

    primitive: Primitive
    X: ChunkedRows
    params: dict[str, Any]


@dataclass(frozen=True)
class Fetch:
    """Rows of a matrix in chunks, to be fetched into memory; ascending."""

    X: ChunkedRows
    rows: np.ndarray

    @property
    def n_bytes(self) -> int:
        """What the rows weigh."""
        n_columns, size = self.X.shape[1], self.X.dtype.itemsize
        if self.X.row_entries is None:
            return len(self.rows) * n_columns * size
        return int(self.X.row_entries[self.rows].sum()) * (size + 4)


def make_source(X: Any) -> Source:
    """Return the source of a two-dimensional dask array.

    Blocks that lie side by side are joined where they are used. Where that would make for chunks
    of more than 256 MB, the array is first cut into bands of rows by ``X.rechunk``.
    """
    n_columns = X.shape[1]
    if _joins_too_much(X):
        X = cut_into_bands(X)
    blocks = tuple(tuple(line) for line in X.__dask_keys__())
    held = X.__dask_graph__()
    graph = dict(dask.optimize(X)[0].__dask_graph__())
    # Blocks that a cluster holds are no tasks, and the optimized graph leaves them out.
    graph.update({key: held[key] for line in blocks for key in line if key not in graph})
    return Source(graph, blocks, int(n_columns), float_dtype(X.dtype), _own_tasks(graph, blocks))


def _own_tasks(graph: dict[Any, Any], blocks: Sequence[Sequence[Any]]) -> frozenset[Any]:
    """Return the blocks that a task makes for one chunk, and for nothing else."""
    uses = Counter(key for line in blocks for key in line)
    uses.update(key for task in graph for key in dask.core.get_dependencies(graph, task))
    return frozenset(key for key in uses if uses[key] == 1 and isinstance(graph[key], Task))


def _joins_too_much(X: Any) -> bool:
    if X.numblocks[1] == 1 or np.isnan(X.shape[0]):
        return False
    return max(X.chunks[0]) * X.shape[1] * X.dtype.itemsize > MAX_JOINED_BYTES


def cut_into_bands(X: Any) -> Any:
    """Return a dask array whose chunks have all columns."""
    if X.numblocks[1] == 1:
        return X
    return X.rechunk({0: "auto", 1: -1} if _joins_too_much(X) else {1: -1})


def compute(source: Source, heights: Sequence[int | None], jobs: Sequence[Job]) -> list[Any]:
    """Run jobs on all chunks in one read and return their merged outputs, None where none ran.

    Parameters
    ----------
    source : Source
        The chunks.
    heights : sequence of int or None
        Rows that each chunk must have; None where that is not known yet.
    jobs : sequence of Job
        What to run.

    Returns
    -------
    results : list
        For each job its outputs, None where it has no use for any chunk.

    Raises
    ------
    RuntimeError
        When a chunk cannot be read, named by its number and rows, or the cluster is lost.
    """
    boxes = [RowBox((c, n_rows, [job.own[c] for job in jobs])) for c, n_rows in enumerate(heights)]
    graph, key = _build(source, boxes, jobs)
    if key is None:
        return [None] * len(jobs)
    try:
        return compute_key(graph, key, sum(box.n_bytes for box in boxes))
    except Exception as error:
        raise explain(error, source, heights, compute_key) from error


def compute_key(graph: dict[Any, Any], key: Any, n_bytes: int = 0) -> Any:
    """Return one key of a graph, of which labels take so much, through the scheduler in force."""
    with _without_warning_of(n_bytes):
        return dask.compute(Delayed(key, graph), optimize_graph=False)[0]


def _without_warning_of(ours: int) -> Any:
    """Return a context in which a client does not count labels of rows when it warns of size.

    They are in the graph by design; what X brings still counts.
    """
    # Where distributed is not imported, there is no client; and settings made before it has made
    # its own would be all that it finds.
    if "distributed" not in sys.modules or dask.config.get(GRAPH_LIMIT, None) is None:
        return nullcontext()
    return dask.config.set({GRAPH_LIMIT: parse_bytes(dask.config.get(GRAPH_LIMIT)) + ours})


def _build(
    source: Source, boxes: Sequence[RowBox], jobs: Sequence[Job]
) -> tuple[dict[Any, Any], Any]:
    """Return a graph and the key of its result; None where no job has a use for any chunk."""
    token = uuid.uuid4().hex
    shared, combines = f"skcocluster-shared-{token}", f"skcocluster-combines-{token}"
    graph = dict(source.graph)
    functions = [(job.function, dict(job.shared)) for job in jobs]
    graph[shared] = Box((source.dtype, source.as_dense, functions))
    graph[combines] = Box([job.combines for job in jobs])
    keys: list[Any] = []
    for chunk, (blocks, box) in enumerate(zip(source.blocks, boxes, strict=True)):
        if any(mine is not None for mine in box.content[-1]):
            keys.append((f"skcocluster-chunk-{token}", chunk))
            add_chunk_task(graph, source, blocks, keys[-1], run_chunk, shared, box)
    level = 0
    while len(keys) > 1:
        parents = []
        for first in range(0, len(keys), FAN_IN):
            parents.append((f"skcocluster-merge-{token}", level, first))
            graph[parents[-1]] = (merge_chunks, combines, *keys[first : first + FAN_IN])
        keys, level = parents, level + 1
    return graph, keys[0] if keys else None


def add_chunk_task(
    graph: dict[Any, Any],
    source: Source,
    blocks: Sequence[Any],
    key: Any,
    function: Callable[..., Any],
    shared: Any,
    box: Box,
) -> None:
    """Add the task ``function(blocks, shared, box)`` of one chunk; `shared` is a key."""
    task = Task(key, function, List(*map(TaskRef, blocks)), TaskRef(shared), box)
    # As tasks of their own, blocks could travel to a worker that has nothing else to do.
    parts = [graph.pop(block) for block in blocks if block in source.own_tasks]
    graph[key] = Task.fuse(*parts, task, key=key) if parts else task


class DaskEngine:
    """Runs primitives on the chunks of a dask array; on a matrix in memory as numba does.

    An engine belongs to one fit. What its threads ask of X at the same time, inside
    `run_together`, is answered by one read.
    """

    name = "dask"
    shares_reads = True

    def __init__(self, n_threads: int = 1) -> None:
        self._local = NumbaEngine(n_threads)
        self._meeting: Meeting | None = None
        self._answer: Answer = answer

    def intercept(self, wrap: Callable[[Answer], Answer]) -> None:
        """Let `wrap` make of the function that answers requests another one, for all reads to come.

        Restarts that run together ask in one call, in their order: the sequence of calls, and what
        each of them asks, follow from the fit alone.
        """
        self._answer = wrap(self._answer)

    def prepare(self, X: Any) -> Any:
        """Return X: chunks are brought into layout where they are."""
        return X if isinstance(X, ChunkedRows) else self._local.prepare(X)

    def run(self, primitive: Primitive, X: Any, **params: Any) -> tuple:
        """Run `primitive` on the chunks of X and return its merged outputs."""
        return self.run_all(X, [(primitive, params)])[0]

    def run_all(self, X: Any, calls: Sequence[tuple[Primitive, dict[str, Any]]]) -> list[tuple]:
        """Run several primitives in one read of X."""
        if not isinstance(X, ChunkedRows):
            return self._local.run_all(X, calls)
        return self._ask([Request(primitive, X, params) for primitive, params in calls])

    def take(self, X: Any, rows: np.ndarray | None = None) -> Any:
        """Return rows, given in ascending order, as a matrix in memory; None takes all."""
        if not isinstance(X, ChunkedRows):
            return self._local.take(X, rows)
        if rows is None:
            rows = np.arange(X.shape[0])
        return self._ask([Fetch(X, rows)])[0]

    def run_together(self, tasks: Sequence[Callable[[], Result]]) -> list[Result]:
        """Run tasks in threads; what all of them wait for is read at once.

        Results are those of the tasks alone, in their order. When one fails, the first error in
        the order of tasks is raised and the others are given up.
        """
        self._meeting = Meeting(self._answer)
        try:
            return self._meeting.hold(tasks)
        finally:
            self._meeting = None

    def _ask(self, requests: Sequence[Request | Fetch]) -> list[Any]:
        if self._meeting is None:
            return self._answer(requests)
        return self._meeting.ask(requests)


def answer(requests: Sequence[Request | Fetch]) -> list[Any]:
    """Answer requests, those about one matrix in one read unless much is fetched.

    Every read of a fit comes through here, apart from the first look that validation takes.
    """
    results: list[Any] = [None] * len(requests)
    for numbers in _plan_reads(requests):
        X = requests[numbers[0]].X
        jobs = [_job(requests[number]) for number in numbers]
        for number, outputs in zip(numbers, compute(X.source, X.heights, jobs), strict=True):
            results[number] = _result(requests[number], outputs)
    return results


def _plan_reads(requests: Sequence[Request | Fetch]) -> list[list[int]]:
    """Return the numbers of the requests that each read answers."""
    reads: dict[int, list[list[int]]] = {}
    fetched: dict[int, int] = {}
    for number, request in enumerate(requests):
        key, size = id(request.X), request.n_bytes if isinstance(request, Fetch) else 0
        total = fetched.get(key, 0) + size
        if key not in reads or (size > 0 and total > MAX_FETCHED_BYTES):
            reads.setdefault(key, []).append([])
            total = size
        reads[key][-1].append(number)
        fetched[key] = total
    return [numbers for own in reads.values() for numbers in own]


def _job(request: Request | Fetch) -> Job:
    if isinstance(request, Fetch):
        return take_job(request.X, request.rows)
    return primitive_job(request.primitive, request.X, request.params)


def _result(request: Request | Fetch, outputs: list[Any] | None) -> Any:
    if isinstance(request, Fetch):
        assert outputs is not None
        return outputs[0]
    if outputs is None:
        outputs = neutral_outputs(request.primitive, request.X, request.params)
    return tuple(outputs)
