"""The contract between algorithms and engines: what a tile of rows contributes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Combine = Literal["concat", "sum", "min", "max", "list"]
Outputs = Sequence[np.ndarray]


@dataclass(frozen=True)
class Output:
    """One output of a primitive: its shape per tile, its dtype and how tiles merge.

    ``shape(n_tile_rows, n_columns, params)`` is the shape for one tile; for ``"concat"`` its
    first entry is the number of rows of the tile. ``"list"`` is for whole chunks only.
    """

    combine: Combine
    shape: Callable[[int, int, Mapping[str, Any]], tuple[int, ...]]
    dtype: type = np.float64


def per_row(n_rows: int, n_columns: int, params: Mapping[str, Any]) -> tuple[int, ...]:
    """Shape of one number for each row."""
    return (n_rows,)


def a_number(n_rows: int, n_columns: int, params: Mapping[str, Any]) -> tuple[int, ...]:
    """Shape of one number for all rows."""
    return ()


def per_column(n_rows: int, n_columns: int, params: Mapping[str, Any]) -> tuple[int, ...]:
    """Shape of one number for each column."""
    return (n_columns,)


@dataclass(frozen=True)
class Primitive:
    """A statistic of the rows of X, defined on one tile of rows.

    Parameters
    ----------
    name : str
        The name that error messages use.
    outputs : tuple of Output
        Every output and its own rule of combination.
    reference : callable
        ``reference(tile, **params) -> tuple of arrays``: NumPy and SciPy only. It is the numpy
        engine, and the oracle of the compiled loops.
    row_params : tuple of str
        The parameters with one entry per row of X: an engine slices them with the tile.
    dense, sparse : callable, optional
        ``compiled(tile, params, outputs)`` writes into ``outputs``: "concat" outputs come
        uninitialised, all others hold their neutral element. Without compiled loops every
        engine runs the reference, tile by tile.
    idle : callable, optional
        ``idle(params)`` tells from the parameters of a tile that the tile adds nothing, so that
        an engine that must fetch tiles need not. Only for primitives without "concat" outputs.
    whole : bool, default=False
        The reference sees a whole chunk of a matrix in chunks, and its outputs may have any shape;
        they merge as they are. Not for matrices in memory.
    """

    name: str
    outputs: tuple[Output, ...]
    reference: Callable[..., Sequence[Any]]
    row_params: tuple[str, ...] = ()
    dense: Callable[[Any, Mapping[str, Any], Outputs], None] | None = None
    sparse: Callable[[Any, Mapping[str, Any], Outputs], None] | None = None
    idle: Callable[[Mapping[str, Any]], bool] | None = None
    whole: bool = False


NEUTRAL = {"sum": 0.0, "min": np.inf, "max": -np.inf}
MERGE = {"sum": np.add, "min": np.minimum, "max": np.maximum}


def allocate(primitive: Primitive, n_rows: int, n_columns: int, params: Mapping[str, Any]) -> list:
    """Return one array per output, neutral where tiles are merged by a reduction."""
    arrays: list[np.ndarray] = []
    for output in primitive.outputs:
        shape = output.shape(n_rows, n_columns, params)
        if output.combine == "concat":
            arrays.append(np.empty(shape, output.dtype))
        else:
            arrays.append(np.full(shape, NEUTRAL[output.combine], output.dtype))
    return arrays


def slice_params(primitive: Primitive, params: Mapping[str, Any], rows: slice) -> dict[str, Any]:
    """Return the parameters of one tile: per-row parameters sliced, the others shared."""
    return {k: (v[rows] if k in primitive.row_params else v) for k, v in params.items()}


def nothing_moves(params: Mapping[str, Any]) -> bool:
    """Tell whether no row changes its label: for the `idle` of primitives that move rows."""
    return np.array_equal(params["old_labels"], params["new_labels"])
