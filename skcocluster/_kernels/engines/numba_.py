"""The compiled engine: numba loops over tiles of an in-memory matrix, in threads."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..primitive import Primitive
from .numpy_ import run_reference
from .tiles import InMemoryEngine, run_tiles

# Tiles depend on the shape of X alone, so the number of threads cannot change a result. Each
# tile has partial sums of its own, hence few and large tiles.
TILE_BYTES = 1 << 25
MAX_TILES = 16
# Partial sums beyond the cache are made, and merged, at the price of so many bytes of X each.
CACHED_BYTES = 1 << 20
SUMS_PRICE = 16
ROW_GROUP = 8


def _entry_bytes(X: Any) -> int:
    return int(X.nbytes if isinstance(X, np.ndarray) else X.data.nbytes)


def rows_per_tile(X: Any, sums_bytes: int = 0) -> int:
    """Return the height of a tile: a multiple of the row group of the compiled loops.

    `sums_bytes` is the size of the partial sums of one tile.
    """
    tile_bytes = TILE_BYTES
    if sums_bytes > CACHED_BYTES:
        tile_bytes = max(tile_bytes, SUMS_PRICE * sums_bytes)
    n_tiles = min(MAX_TILES, max(1, _entry_bytes(X) // tile_bytes))
    rows = -(-X.shape[0] // n_tiles)
    return -(-rows // ROW_GROUP) * ROW_GROUP


def _sums_bytes(primitive: Primitive, X: Any, params: Mapping[str, Any]) -> int:
    n_rows, n_columns = X.shape
    n_bytes = 0
    for output in primitive.outputs:
        if output.combine != "concat":
            shape = output.shape(n_rows, n_columns, params)
            n_bytes += math.prod(shape) * np.dtype(output.dtype).itemsize
    return n_bytes


class NumbaEngine(InMemoryEngine):
    """Runs compiled loops where a primitive has them, its reference where it has none."""

    name = "numba"

    def run(self, primitive: Primitive, X: Any, **params: Any) -> tuple:
        """Run the compiled loops of `primitive` over the tiles of X."""
        compiled = primitive.dense if isinstance(X, np.ndarray) else primitive.sparse
        if compiled is None:
            return run_reference(primitive, X, params, self.n_threads)
        height = X.shape[0]
        # Fewer entries are one tile whatever the sums: small matrices need not know their size.
        if _entry_bytes(X) >= 2 * TILE_BYTES:
            height = rows_per_tile(X, _sums_bytes(primitive, X, params))
        return run_tiles(primitive, X, params, height, compiled, self.n_threads)
