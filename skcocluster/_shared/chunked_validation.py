"""Checks of dask arrays: the same errors as for matrices in memory, and nothing is gathered.

scikit-learn's checks would make an ndarray of a dask array without a word. They see a stand-in
here, of the same width and type; entries are looked at chunk by chunk, where the chunks are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils.validation import check_array, validate_data

from .._kernels.engines.chunked import ChunkedRows, Job
from .domain import ValueDomain
from .entries import KINDS, Inspection, check_size, inspect


@dataclass(frozen=True)
class ChunkReport:
    """What one look at a chunk has found.

    Attributes
    ----------
    shape : tuple of int
        Rows and columns.
    row_entries : ndarray of shape (n_rows,), dtype int32, or None
        Stored entries of each row of a CSR chunk.
    inspection : Inspection
        Of its entries.
    """

    shape: tuple[int, int]
    row_entries: np.ndarray | None
    inspection: Inspection


def check_stand_in(estimator: Any, X: Any, *, reset: bool | None) -> None:
    """Check shape and type of a dask array without reading it.

    Parameters
    ----------
    estimator : estimator
        Named by errors; learns the number of features when `reset`.
    X : dask array
        The array.
    reset : bool or None
        True in fit, False for new rows, None for new columns.

    Raises
    ------
    ValueError
        As scikit-learn does for an array of that shape and type.
    """
    name = type(estimator).__name__
    if X.dtype.kind not in "biufc":
        raise ValueError(f"{name} got a dask array of dtype {X.dtype}: it takes numbers.")
    if X.ndim != 2:
        check_array(np.zeros((1,) * X.ndim, X.dtype), estimator=estimator)
    n_rows, n_columns = X.shape
    if np.isnan(n_columns):
        raise ValueError(
            f"{name} got a dask array whose number of columns is unknown: call "
            "X.compute_chunk_sizes() first."
        )
    # Of unknown rows, the look at the chunks tells whether there are any. One row does for many,
    # unless the number is what an error about no columns would name.
    height = 1 if np.isnan(n_rows) or (n_rows > 0 and n_columns > 0) else int(n_rows)
    dtype = np.complex128 if X.dtype.kind == "c" else np.float64
    stand_in: Any = sp.csr_array((height, int(n_columns)), dtype=dtype)
    options = {"accept_sparse": True, "dtype": (np.float64, np.float32)}
    if reset is None:
        check_array(stand_in, estimator=estimator, **options)
    else:
        validate_data(estimator, stand_in, reset=reset, **options)


def check_chunked(
    estimator: Any, X: Any, domain: ValueDomain, *, allow_missing: bool, reset: bool | None
) -> tuple[ChunkedRows, bool]:
    """Validate a dask array in one read; return it as rows in chunks, and whether NaN occur.

    Heights of chunks need not be known before, blocks of columns may lie side by side, and
    chunks without rows are left out.
    """
    from .._kernels.engines.dask_ import compute, make_source

    check_stand_in(estimator, X, reset=reset)
    source = make_source(X)
    n_chunks = len(source.blocks)
    look = Job(
        _look, ("list",), {"domain": domain, "allow_missing": allow_missing}, ({},) * n_chunks
    )
    ((reports,),) = compute(source, [None] * n_chunks, [look])
    name = type(estimator).__name__
    _check_shapes(reports, source.n_columns, name)
    _raise_first(reports, name)
    filled = [i for i, report in enumerate(reports) if report.shape[0] > 0]
    reports = [reports[i] for i in filled]
    if not reports:
        raise ValueError(
            f"Found array with 0 sample(s) (shape=(0, {source.n_columns})) while a minimum of 1 is "
            f"required by {name}."
        )
    if reset and not any(report.inspection.observed for report in reports):
        raise ValueError(f"{name} got X without any observed entry: all are NaN.")
    if reset:
        check_size(max(report.inspection.largest for report in reports), domain, name)
    missing = any(report.inspection.missing for report in reports)
    source = replace(source, blocks=tuple(source.blocks[i] for i in filled))
    return _make_rows(source, reports, domain, name), missing


def _look(block: Any, domain: ValueDomain, allow_missing: bool) -> Sequence[Any]:
    entries = np.diff(block.indptr).astype(np.int32) if sp.issparse(block) else None
    return ([ChunkReport(block.shape, entries, inspect(block, domain, allow_missing))],)


def _check_shapes(reports: Sequence[ChunkReport], n_columns: int, name: str) -> None:
    for chunk, report in enumerate(reports):
        if report.shape[1] != n_columns:
            raise ValueError(
                f"{name}: chunk {chunk} of the dask array has {report.shape[1]} columns, and the "
                f"array says {n_columns}."
            )


def _raise_first(reports: Sequence[ChunkReport], name: str) -> None:
    """Raise for the bad entry that a matrix in memory would be refused for."""
    for kind in KINDS:
        first_row = 0
        for report in reports:
            for bad in report.inspection.bad:
                if bad.kind == kind:
                    raise bad.error(name, first_row)
            first_row += report.shape[0]


def _make_rows(
    source: Any, reports: Sequence[ChunkReport], domain: ValueDomain, name: str
) -> ChunkedRows:
    heights = tuple(report.shape[0] for report in reports)
    entries = [report.row_entries for report in reports if report.row_entries is not None]
    if entries and len(entries) < len(reports):
        raise TypeError(f"{name} got a dask array with dense and with sparse blocks.")
    if entries and not domain.contains(np.zeros(1))[0]:
        # Nothing is zero, so everything is stored.
        source, entries = replace(source, as_dense=True), []
    if not entries:
        return ChunkedRows(source, heights, False)
    return ChunkedRows(source, heights, True, np.concatenate(entries))
