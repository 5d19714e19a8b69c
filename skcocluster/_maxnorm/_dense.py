"""Matrices as dense float64 arrays: every entry counts, stored or not."""

from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array

from .._shared.containers import module_of


def as_dense(X: Any) -> np.ndarray:
    """Return a checked matrix as a float64 array.

    Raises
    ------
    ValueError
        When the difference of the largest and the smallest entry overflows.
    """
    X = np.asarray(X.toarray() if sp.issparse(X) else X, dtype=np.float64)
    smallest, largest = float(X.min()), float(X.max())
    if not np.isfinite(largest - smallest):
        raise ValueError(
            f"The range of X, from {smallest:g} to {largest:g}, is too large: their difference "
            "overflows float64. Scale X down."
        )
    return X


def read_matrix(X: Any) -> np.ndarray:
    """Return any matrix as a float64 array.

    Raises
    ------
    TypeError
        For dask arrays.
    ValueError
        For a wrong shape or type, and for entries, or a range of them, that are not finite.
    """
    if module_of(X) == "dask":
        raise TypeError(
            "The maximum norm has no engine for dask arrays; pass X.compute() if it fits in memory."
        )
    return as_dense(check_array(X, accept_sparse=True, dtype=(np.float64, np.float32)))
