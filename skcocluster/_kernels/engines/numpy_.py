"""The reference engine: every primitive's NumPy form, tile by tile."""

from collections.abc import Mapping
from typing import Any

import scipy.sparse as sp

from ..primitive import Primitive
from ..storage import as_csr
from .tiles import InMemoryEngine, run_tiles

# Bounds the temporary arrays of the references (dtype casts, indicator products).
REFERENCE_TILE_ENTRIES = 1 << 20


def run_reference(primitive: Primitive, X: Any, params: Mapping[str, Any], n_threads: int) -> tuple:
    """Run the reference of a primitive over tiles of bounded size."""

    def run_tile(tile: Any, tile_params: Mapping[str, Any], outputs: list) -> None:
        for out, value in zip(
            outputs, primitive.reference(as_csr(tile), **tile_params), strict=True
        ):
            out[...] = value

    n_entries = X.nnz if sp.issparse(X) else X.shape[0] * X.shape[1]
    rows_per_tile = REFERENCE_TILE_ENTRIES * X.shape[0] // max(1, n_entries)
    return run_tiles(primitive, X, params, rows_per_tile, run_tile, n_threads)


class NumpyEngine(InMemoryEngine):
    """Runs the references: slow, simple, and right by inspection."""

    name = "numpy"

    def run(self, primitive: Primitive, X: Any, **params: Any) -> tuple:
        """Run the reference of `primitive` over the tiles of X."""
        return run_reference(primitive, X, params, self.n_threads)
