"""Checks at the door: storage, finiteness, domain, counts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_array, validate_data

from .chunks import iter_parts
from .containers import module_of
from .domain import ValueDomain


@dataclass(frozen=True)
class Checked:
    """A validated matrix.

    Attributes
    ----------
    X : ndarray or sparse array
        float32 or float64.
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
        For dask arrays.
    ValueError
        For a wrong shape or dtype, infinite values, values outside of the domain and a matrix
        without any observed entry; infinite and out-of-domain values are named by row and column.
    """
    if module_of(X) == "dask":
        raise TypeError(
            f"{type(estimator).__name__} has no engine for dask arrays in this version; pass "
            "X.compute() if it fits in memory."
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
    missing = check_entries(X, domain, name, allow_missing)
    if reset and missing and not _any_observed(X):
        raise ValueError(f"{name} got X without any observed entry: all are NaN.")
    return Checked(_dense_if_full(X, domain), missing)


def check_new_columns(
    estimator: Any, X: Any, domain: ValueDomain, n_rows: int, *, allow_missing: bool
) -> Checked:
    """Validate new columns over the `n_rows` fitted rows; as `check_matrix`."""
    X = check_array(
        unmask(X),
        accept_sparse=("csr", "csc"),
        dtype=(np.float64, np.float32),
        ensure_all_finite=False,
        estimator=estimator,
    )
    name = type(estimator).__name__
    if X.shape[0] != n_rows:
        raise ValueError(f"X has {X.shape[0]} rows, but {name} was fitted on {n_rows} rows.")
    X = sp.csr_array(X) if sp.issparse(X) else X
    missing = check_entries(X, domain, name, allow_missing)
    return Checked(_dense_if_full(X, domain), missing)


def _dense_if_full(X: Any, domain: ValueDomain) -> Any:
    """Return a sparse matrix without zeros as an array: for domains that exclude zero."""
    full = sp.issparse(X) and not domain.contains(np.zeros(1))[0]
    return X.toarray() if full else X


def unmask(X: Any) -> Any:
    """Return a masked array with NaN for what is masked; anything else as it is."""
    if isinstance(X, np.ma.MaskedArray):
        return np.ma.filled(X.astype(np.result_type(X.dtype, np.float32)), np.nan)
    return X


def _any_observed(X: Any) -> bool:
    values = X.data if sp.issparse(X) else X
    if sp.issparse(X) and X.nnz < X.shape[0] * X.shape[1]:
        return True
    return any(not np.isnan(part).all() for _, part in iter_parts(values))


def check_entries(X: Any, domain: ValueDomain, name: str, allow_missing: bool) -> bool:
    """Check that observed entries are finite and in the domain; return whether any is missing."""
    values = X.data if sp.issparse(X) else X
    with np.errstate(over="ignore", invalid="ignore"):
        total = values.sum(dtype=np.float64)
    # A finite sum proves that every entry is finite, at the price of one read.
    missing = False
    if not np.isfinite(total):
        _raise_at(X, np.isinf, "infinity", name)
        if not allow_missing:
            _raise_at(X, np.isnan, f"NaN, {domain.missing_hint}", name)
        missing = any(np.isnan(part).any() for _, part in iter_parts(values))
    _check_domain(X, domain, name)
    return missing


def _check_domain(X: Any, domain: ValueDomain, name: str) -> None:
    low, high = domain.domain[:2]
    if low == -np.inf and high == np.inf:
        return
    if sp.issparse(X) and not domain.contains(np.zeros(1))[0]:
        _check_no_zeros(X, domain, name)
    values = X.data if sp.issparse(X) else X
    if values.size == 0:
        return
    smallest, largest = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    if domain.contains(np.array([smallest, largest])).all():
        return

    def outside(part: np.ndarray) -> np.ndarray:
        return ~domain.contains(part) & ~np.isnan(part)

    what = "Negative values in data passed to" if low >= 0 and smallest < 0 else "Bad values in"
    where = f"outside of the domain {domain.describe_domain()} of {domain.name!r}"
    _raise_at(X, outside, where, name, what)


def _check_no_zeros(X: Any, domain: ValueDomain, name: str) -> None:
    """Raise for the first zero that a sparse matrix does not store."""
    short = np.flatnonzero(np.diff(X.indptr) < X.shape[1])
    if len(short):
        row = int(short[0])
        stored = X.indices[X.indptr[row] : X.indptr[row + 1]]
        column = int(np.setdiff1d(np.arange(X.shape[1]), stored)[0])
        raise ValueError(
            f"Bad values in {name}: X[{row}, {column}] = 0 (row {row}, column {column}; a zero "
            f"that sparse X does not store) is outside of the domain "
            f"{domain.describe_domain()} of {domain.name!r}."
        )


def _raise_at(X: Any, is_bad: Any, what: str, name: str, prefix: str = "Bad values in") -> None:
    """Raise for the first bad entry in row-major order; return when there is none."""
    values = X.data if sp.issparse(X) else X
    for start, part in iter_parts(values):
        bad = np.argwhere(is_bad(part))
        if len(bad) == 0:
            continue
        at = bad[0] + np.eye(1, part.ndim, dtype=int)[0] * start
        if sp.issparse(X):
            row = int(np.searchsorted(X.indptr, at[0], side="right") - 1)
            column, value = int(X.indices[at[0]]), values[at[0]]
        else:
            row, column = int(at[0]), int(at[1])
            value = values[row, column]
        raise ValueError(
            f"{prefix} {name}: X[{row}, {column}] = {value:g} (row {row}, column {column}) is "
            f"{what}."
        )


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
