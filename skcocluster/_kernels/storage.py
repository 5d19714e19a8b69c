"""Rows of a CSR matrix as views: SciPy's constructor copies what slices of its arrays hold."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp


@dataclass(frozen=True)
class CsrTile:
    """Consecutive rows of a CSR matrix; compiled loops read its arrays.

    Attributes
    ----------
    data, indices, indptr : ndarray
        As in ``scipy.sparse.csr_array``.
    shape : tuple of int
        Rows of the tile and columns of the matrix.
    """

    data: np.ndarray
    indices: np.ndarray
    indptr: np.ndarray
    shape: tuple[int, int]


def take_rows(X: Any, rows: slice) -> Any:
    """Return consecutive rows of a dense or CSR matrix without a copy of their entries."""
    if not sp.issparse(X):
        return X[rows]
    first, last = X.indptr[rows.start], X.indptr[rows.stop]
    indptr = X.indptr[rows.start : rows.stop + 1] - first
    shape = (rows.stop - rows.start, X.shape[1])
    return CsrTile(X.data[first:last], X.indices[first:last], indptr, shape)


def as_csr(tile: Any) -> Any:
    """Return a tile as NumPy and SciPy know it."""
    if isinstance(tile, CsrTile):
        return sp.csr_array((tile.data, tile.indices, tile.indptr), shape=tile.shape)
    return tile
