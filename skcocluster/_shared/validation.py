"""Checks at the door: storage, finiteness, domain, counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_array, validate_data

from .._kernels.engines import IN_MEMORY
from .._kernels.engines.tiles import unmask
from .containers import dask_array, module_of
from .domain import ValueDomain
from .entries import check_entries, check_size


@dataclass(frozen=True)
class Checked:
    """A validated matrix.

    Attributes
    ----------
    X : ndarray, sparse array or ChunkedRows
        float32 or float64; a dask array becomes rows in chunks.
    missing : bool
        Whether X holds NaN.
    """

    X: Any
    missing: bool


def check_matrix(
    estimator: Any, X: Any, domain: ValueDomain, *, allow_missing: bool, reset: bool
) -> Checked:
    """Validate X for what an objective is defined on.

    Parameters
    ----------
    estimator : estimator
        Named by errors; learns the number and names of features when `reset`.
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        NaN marks missing entries.
    domain : ValueDomain
        What the entries must lie in.
    allow_missing : bool
        Whether NaN is accepted.
    reset : bool
        True in fit.

    Returns
    -------
    checked : Checked
        The matrix as float32 or float64, in memory order as given.

    Raises
    ------
    TypeError
        For dask arrays, where the estimator has no engine for them.
    ValueError
        For a wrong shape or dtype, infinite values, values outside of the domain and a matrix
        without any observed entry; infinite and out-of-domain values are named by row and column.
    """
    check_storage(estimator, X, fitting=reset)
    chunked = dask_array(X)
    if chunked is not None:
        from .chunked_validation import check_chunked

        return Checked(
            *check_chunked(estimator, chunked, domain, allow_missing=allow_missing, reset=reset)
        )
    X = validate_data(
        estimator,
        unmask(X),
        accept_sparse=("csr", "csc"),
        dtype=(np.float64, np.float32),
        ensure_all_finite=False,
        reset=reset,
    )
    X = sp.csr_array(X) if sp.issparse(X) else X
    name = type(estimator).__name__
    found = check_entries(X, domain, name, allow_missing)
    if reset and not found.observed:
        raise ValueError(f"{name} got X without any observed entry: all are NaN.")
    if reset:
        check_size(found.largest, domain, name)
    return Checked(_dense_if_full(X, domain), found.missing)


def check_new_columns(
    estimator: Any, X: Any, domain: ValueDomain, n_rows: int, *, allow_missing: bool
) -> Checked:
    """Validate new columns over the `n_rows` fitted rows; as `check_matrix`."""
    check_storage(estimator, X, fitting=False)
    name = type(estimator).__name__
    chunked = dask_array(X)
    if chunked is not None:
        from .chunked_validation import check_chunked

        checked = Checked(
            *check_chunked(estimator, chunked, domain, allow_missing=allow_missing, reset=None)
        )
        _check_n_rows(checked.X, n_rows, name)
        return checked
    X = check_array(
        unmask(X),
        accept_sparse=("csr", "csc"),
        dtype=(np.float64, np.float32),
        ensure_all_finite=False,
        estimator=estimator,
    )
    _check_n_rows(X, n_rows, name)
    X = sp.csr_array(X) if sp.issparse(X) else X
    found = check_entries(X, domain, name, allow_missing)
    return Checked(_dense_if_full(X, domain), found.missing)


def check_storage(estimator: Any, X: Any, *, fitting: bool) -> None:
    """Check that an engine of the estimator, and the one that it asks for, can reach X.

    Raises
    ------
    TypeError
        For a dask array, where the estimator has no engine for dask arrays, and for collections
        of dask that are no arrays.
    ValueError
        When `engine` names an engine for another kind of storage; it says where to fit, so new
        rows and columns may be anywhere.
    """
    name, engine = type(estimator).__name__, getattr(estimator, "engine", "auto")
    is_chunked = dask_array(X) is not None
    if module_of(X) == "dask" and not is_chunked:
        raise TypeError(f"{name} takes dask arrays: pass X.to_dask_array() or X.compute().")
    if is_chunked and "dask" not in estimator._engines:
        raise TypeError(
            f"{name} has no engine for dask arrays; it can use {('auto', *estimator._engines)}, "
            "which hold X in memory: pass X.compute() if it fits."
        )
    if fitting and is_chunked and engine in IN_MEMORY:
        raise ValueError(
            f"engine={engine!r} needs X in memory, and X is a dask array: use 'auto' or 'dask', or "
            "pass X.compute() if it fits."
        )
    if fitting and not is_chunked and engine == "dask" and "dask" in estimator._engines:
        raise ValueError(
            f"engine='dask' reads dask arrays, and X is in memory: use one of "
            f"{('auto', *IN_MEMORY)}, or pass dask.array.from_array(X, chunks=(n, -1)) with n rows "
            "in each chunk."
        )


def _check_n_rows(X: Any, n_rows: int, name: str) -> None:
    if X.shape[0] != n_rows:
        raise ValueError(f"X has {X.shape[0]} rows, but {name} was fitted on {n_rows} rows.")


def _dense_if_full(X: Any, domain: ValueDomain) -> Any:
    """Return a sparse matrix without zeros as an array: for domains that exclude zero."""
    full = sp.issparse(X) and not domain.contains(np.zeros(1))[0]
    return X.toarray() if full else X


def check_count(name: str, value: Any, n: int, what: str) -> int:
    """Return a number of clusters as an int.

    Raises
    ------
    TypeError
        When it is not an integer.
    ValueError
        When it is below 1 or above the number `n` of rows or columns (`what`).
    """
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer, got {value!r}.")
    if value < 1:
        raise ValueError(f"{name}={value} must be at least 1.")
    if value > n:
        raise ValueError(f"{name}={value} is more than the number of {what}={n}.")
    return int(value)


def check_two_counts(estimator: Any, shape: tuple[int, int]) -> tuple[int, int]:
    """Return the numbers of row and column clusters of an estimator, as `check_count` does."""
    n_rows, n_columns = shape
    rows = check_count("n_row_clusters", estimator.n_row_clusters, n_rows, "rows, n_samples")
    columns = estimator.n_column_clusters
    if columns is None:
        columns = min(rows, n_columns)
    return rows, check_count("n_column_clusters", columns, n_columns, "columns, n_features")


def check_labels(labels: Any, n: int, n_clusters: int, what: str) -> np.ndarray:
    """Return starting labels as int32.

    Raises
    ------
    ValueError
        When their number or their values do not fit.
    """
    labels = np.asarray(labels)
    if labels.shape != (n,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"init: {what} labels must be {n} integers, got shape {labels.shape}, {labels.dtype}."
        )
    if labels.min() < 0 or labels.max() >= n_clusters:
        raise ValueError(f"init: {what} labels must lie in 0..{n_clusters - 1}.")
    return labels.astype(np.int32)
