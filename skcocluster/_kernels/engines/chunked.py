"""A matrix in chunks of rows that are somewhere else, and the jobs that run on each chunk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp

from ..primitive import MERGE, Primitive, allocate, slice_params
from .numba_ import NumbaEngine
from .tiles import canonical, unmask
from .together import run_jobs


@dataclass(frozen=True)
class Source:
    """Where chunks come from: a graph that makes their blocks.

    Attributes
    ----------
    graph : dict
        Tasks by key, as dask has them.
    blocks : tuple of tuple
        The keys of each chunk of rows; several blocks lie side by side.
    n_columns : int
        Number of columns.
    dtype : dtype
        float32 where blocks are float32, else float64.
    own_tasks : frozenset
        Keys of the blocks that a task makes for one chunk, and for nothing else.
    as_dense : bool
        Whether CSR blocks become arrays.
    """

    graph: dict[Any, Any]
    blocks: tuple[tuple[Any, ...], ...]
    n_columns: int
    dtype: np.dtype
    own_tasks: frozenset[Any]
    as_dense: bool = False


@dataclass(frozen=True)
class ChunkedRows:
    """A matrix of known shape in chunks of rows, none of them empty.

    Attributes
    ----------
    source : Source
        What makes the chunks, one for each height.
    heights : tuple of int
        Rows of each chunk.
    sparse : bool
        Whether chunks are CSR; all are, or none is.
    row_entries : ndarray of shape (n_rows,), dtype int32, or None
        Stored entries of each row where `sparse`.
    """

    source: Source
    heights: tuple[int, ...]
    sparse: bool
    row_entries: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return int(self.starts[-1]), self.source.n_columns

    @property
    def dtype(self) -> np.dtype:
        """The type of the entries."""
        return self.source.dtype

    @cached_property
    def starts(self) -> np.ndarray:
        """First row of each chunk, and the number of rows at the end."""
        return np.concatenate([[0], np.cumsum(self.heights)]).astype(np.int64)

    @cached_property
    def n_entries(self) -> int:
        """Number of stored entries."""
        if self.row_entries is not None:
            return int(self.row_entries.sum())
        return self.shape[0] * self.shape[1]

    def rows(self, chunk: int) -> slice:
        """Return the rows of a chunk."""
        return slice(int(self.starts[chunk]), int(self.starts[chunk + 1]))


def is_sparse(X: Any) -> bool:
    """Tell whether X, in memory or in chunks, is CSR."""
    return X.sparse if isinstance(X, ChunkedRows) else bool(sp.issparse(X))


def count_entries(X: Any) -> int:
    """Return the number of entries that X, in memory or in chunks, stores."""
    if isinstance(X, ChunkedRows):
        return X.n_entries
    return int(X.nnz if sp.issparse(X) else X.shape[0] * X.shape[1])


@dataclass(frozen=True)
class Job:
    """What runs on every chunk, and how its outputs merge in the order of chunks.

    Attributes
    ----------
    function : callable
        ``function(block, **shared, **own) -> sequence of outputs``.
    combines : tuple of {"sum", "min", "max", "concat", "list"}
        How each output merges.
    shared : dict
        Parameters that all chunks have in common.
    own : tuple of dict or None
        Parameters of each chunk; None where the job has no use for a chunk.
    """

    function: Callable[..., Sequence[Any]]
    combines: tuple[str, ...]
    shared: Mapping[str, Any]
    own: tuple[Mapping[str, Any] | None, ...]


class Box:
    """Holds parameters in a graph as one thing, into which nobody looks for keys of tasks."""

    def __init__(self, content: Any) -> None:
        self.content = content


class RowBox(Box):
    """The parameters of one chunk: its number, its height, and a dict for each job or None.

    Labels travel in as few bytes as they need.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how the box is made again where it arrives."""
        chunk, n_rows, own = self.content
        packed = [mine and {k: _pack(v) for k, v in mine.items()} for mine in own]
        return _unpack, (chunk, n_rows, packed)

    @property
    def n_bytes(self) -> int:
        """What it weighs before it is packed."""
        values = [v for mine in self.content[2] if mine for v in mine.values()]
        csr = [part for v in values if sp.issparse(v) for part in (v.data, v.indices, v.indptr)]
        return sum(v.nbytes for v in [*values, *csr] if isinstance(v, np.ndarray))


@dataclass(frozen=True)
class _Packed:
    """Labels in a narrower type."""

    labels: np.ndarray


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype == np.int32 and value.size:
        for dtype in (np.int8, np.int16):
            limits = np.iinfo(dtype)
            if limits.min <= value.min() and value.max() <= limits.max:
                return _Packed(value.astype(dtype))
    return value


def _unpack(chunk: int, n_rows: int | None, packed: list[Any]) -> RowBox:
    own = [mine and {k: _widen(v) for k, v in mine.items()} for mine in packed]
    return RowBox((chunk, n_rows, own))


def _widen(value: Any) -> Any:
    return value.labels.astype(np.int32) if isinstance(value, _Packed) else value


def load_block(blocks: Sequence[Any], dtype: np.dtype, as_dense: bool) -> Any:
    """Return the blocks of a chunk, side by side, in the layout that compiled loops read."""
    blocks = [unmask(block) for block in blocks]
    block = blocks[0]
    if len(blocks) > 1:
        is_sparse = any(map(sp.issparse, blocks))
        block = sp.hstack(blocks, format="csr") if is_sparse else np.hstack(blocks)
    block = canonical(block)
    if as_dense and sp.issparse(block):
        block = block.toarray()
    return block.astype(dtype, copy=False)


def run_chunk(blocks: list[Any], shared: Box, own: Box) -> list[Any]:
    """Run all jobs on one chunk; None for a job that has no use for it."""
    dtype, as_dense, functions = shared.content
    number, n_rows, params = own.content
    block = load_block(blocks, dtype, as_dense)
    if n_rows is not None and block.shape[0] != n_rows:
        raise ValueError(
            f"chunk {number} of X has {block.shape[0]} rows now and had {n_rows} when it was "
            "first read: X must be the same at every read, as an iteration is a read."
        )
    return run_jobs(block, functions, params)


def merge_chunks(combines: Box, *parts: list[Any]) -> list[Any]:
    """Merge the outputs of neighbouring chunks, job by job, in their order."""
    merged: list[Any] = []
    for number, rules in enumerate(combines.content):
        found = [part[number] for part in parts if part[number] is not None]
        columns = zip(rules, *found, strict=True) if found else None
        merged.append(columns and [_merge(rule, pieces) for rule, *pieces in columns])
    return merged


def _merge(rule: str, pieces: list[Any]) -> Any:
    if rule == "list":
        return [item for piece in pieces for item in piece]
    if rule == "concat":
        if sp.issparse(pieces[0]):
            return sp.vstack(pieces, format="csr")
        return np.concatenate(pieces)
    # Pieces may belong to another task that still reads them: only a sum of our own is changed.
    total = pieces[0]
    for piece in pieces[1:]:
        total = MERGE[rule](total, piece)
    return total


def primitive_job(primitive: Primitive, X: ChunkedRows, params: Mapping[str, Any]) -> Job:
    """Return the job that runs a primitive on the chunks of X."""
    shared = {k: v for k, v in params.items() if k not in primitive.row_params}
    own: list[Mapping[str, Any] | None] = []
    for chunk in range(len(X.heights)):
        mine = slice_params(primitive, params, X.rows(chunk))
        idle = primitive.idle is not None and primitive.idle(mine)
        own.append(None if idle else {k: mine[k] for k in primitive.row_params})
    combines = tuple(output.combine for output in primitive.outputs)
    return Job(run_primitive, combines, {"primitive": primitive, **shared}, tuple(own))


def run_primitive(block: Any, primitive: Primitive, **params: Any) -> Sequence[Any]:
    """Run a primitive on a block as the engine for data in memory does."""
    if primitive.whole:
        return primitive.reference(block, **params)
    return NumbaEngine().run(primitive, block, **params)


def neutral_outputs(primitive: Primitive, X: ChunkedRows, params: Mapping[str, Any]) -> list[Any]:
    """Return the outputs of a primitive to which no chunk adds anything."""
    return allocate(primitive, 0, X.shape[1], params)


def take_job(X: ChunkedRows, rows: np.ndarray) -> Job:
    """Return the job that fetches rows, given in ascending order."""
    cuts = np.searchsorted(rows, X.starts)
    own: list[Mapping[str, Any] | None] = []
    for chunk, (first, last) in enumerate(pairwise(cuts)):
        mine = rows[first:last] - X.starts[chunk]
        own.append({"rows": mine} if len(mine) else None)
    return Job(take_block_rows, ("concat",), {}, tuple(own))


def take_block_rows(block: Any, rows: np.ndarray) -> Sequence[Any]:
    """Return rows of a block."""
    return (block if len(rows) == block.shape[0] else block[rows],)
