"""The compiled engine: numba loops over tiles of an in-memory matrix, in threads."""

from typing import Any

import scipy.sparse as sp

from ..primitive import Primitive
from .numpy_ import run_reference
from .tiles import canonical, run_tiles

# Tiles depend on the shape of X alone, so the number of threads cannot change a result. Each
# tile has partial sums of its own, hence few and large tiles.
TILE_BYTES = 1 << 25
MAX_TILES = 16
ROW_GROUP = 8


def rows_per_tile(X: Any) -> int:
    """Return the height of a tile: a multiple of the row group of the compiled loops."""
    n_bytes = X.data.nbytes if sp.issparse(X) else X.nbytes
    n_tiles = min(MAX_TILES, max(1, n_bytes // TILE_BYTES))
    rows = -(-X.shape[0] // n_tiles)
    return -(-rows // ROW_GROUP) * ROW_GROUP


class NumbaEngine:
    """Runs compiled loops where a primitive has them, its reference where it has none."""

    name = "numba"

    def __init__(self, n_threads: int = 1) -> None:
        self.n_threads = n_threads

    def prepare(self, X: Any) -> Any:
        """Return X as a C-ordered float array or a CSR array."""
        return canonical(X)

    def run(self, primitive: Primitive, X: Any, **params: Any) -> tuple:
        """Run the compiled loops of `primitive` over the tiles of X."""
        compiled = primitive.sparse if sp.issparse(X) else primitive.dense
        if compiled is None:
            return run_reference(primitive, X, params, self.n_threads)
        return run_tiles(primitive, X, params, rows_per_tile(X), compiled, self.n_threads)
