"""Dask arrays for tests: ways to cut a matrix, and arrays that count how often they are read."""

import dask.array as da
import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

from skcocluster._kernels.engines import ChunkedRows
from skcocluster._kernels.engines.dask_ import make_source


@st.composite
def cuts(draw, n, most=5, empty=True):
    """Heights of chunks that add up to n; some may be 0."""
    places = sorted(draw(st.lists(st.integers(0, n), max_size=most)))
    heights = tuple(int(b - a) for a, b in zip([0, *places], [*places, n], strict=True))
    return heights if empty else tuple(height for height in heights if height)


def to_dask(X, heights, widths=None, sparse=False, unknown=False):
    """X as a dask array in chunks of these heights (and widths), dense or CSR."""
    X = da.from_array(X, chunks=(heights, widths or (X.shape[1],)))
    if sparse:
        X = X.map_blocks(sp.csr_array, dtype=X.dtype, meta=sp.csr_array((0, 0), dtype=X.dtype))
    if unknown:
        rows, columns = X.chunks
        X = da.Array(X.dask, X.name, ((np.nan,) * len(rows), columns), meta=X._meta)
    return X


def to_rows(X, heights, widths=None, sparse=False):
    """X as the engine sees it after validation; heights without 0."""
    return ChunkedRows(
        make_source(to_dask(X, heights, widths, sparse)),
        tuple(heights),
        sparse,
        np.diff(sp.csr_array(X).indptr).astype(np.int32) if sparse else None,
    )


class Reads:
    """A dask array that counts the reads of each of its chunks (synchronous scheduler)."""

    def __init__(self, X, heights):
        self.counts = np.zeros(len(heights), int)

        def read(block, block_id=None):
            self.counts[block_id[0]] += 1
            return block

        X = da.from_array(X, chunks=(heights, -1))
        self.array = X.map_blocks(read, dtype=X.dtype, meta=X._meta)

    def since(self, before):
        """Reads of each chunk since an earlier count."""
        return self.counts - before
