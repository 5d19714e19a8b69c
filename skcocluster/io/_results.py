"""Save and load results: JSON, netCDF or zarr, as the path says."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from ._dataset import read_netcdf, read_zarr, write_netcdf, write_zarr
from ._json import read_json, write_json
from ._record import CoclusterResults, collect_results


class Format(NamedTuple):
    """How results are written to a file and read from it."""

    write: Callable[[CoclusterResults, Path], None]
    read: Callable[[Path], CoclusterResults]


FORMATS = {
    ".json": Format(write_json, read_json),
    ".nc": Format(write_netcdf, read_netcdf),
    ".zarr": Format(write_zarr, read_zarr),
}


def _find_format(path: Path) -> Format:
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise ValueError(
            f"results are in .json, .nc or .zarr files, not in {path.name!r}"
        ) from None


def save_results(
    est: Any,
    path: str | PathLike[str],
    *,
    row_names: Any = None,
    column_names: Any = None,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Write the results of a fitted co-clusterer, with their provenance, to a file.

    The file has the labels, the memberships where clusters may overlap, the objective and its
    trace, the block means and, so that they can be had again, all parameters and the versions of
    what computed them. It takes its name only when it is complete; a file that was there is
    replaced then.

    Parameters
    ----------
    est : estimator or CoclusterResults
        Fitted estimator, or results to write once more, as they are.
    path : str or path-like
        Ends in ``.json`` (UTF-8, strict JSON, also for nan), ``.nc`` (netCDF) or ``.zarr``. The
        last two need the extra ``io``.
    row_names, column_names : array-like of shape (n_rows,) or (n_columns,), default=None
        Names of rows and of columns. None takes those of the DataFrame or DataArray that the
        estimator was fitted on. Names that are neither text, numbers, times nor tuples are
        written as their text.
    metadata : dict, default=None
        What else to keep, such as the source of the data.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        When the estimator is not fitted.
    ValueError
        When the path has another ending, or the names do not fit the labels.
    OSError
        When the file cannot be written.
    ImportError
        When xarray, or what it needs for the format, is missing.

    See Also
    --------
    load_results : Read them again.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skcocluster import BBAC
    >>> from skcocluster.io import load_results, save_results
    >>> X = np.array([[5.0, 5.0, 1.0], [5.0, 5.0, 1.0], [2.0, 2.0, 2.0]])
    >>> est = BBAC(n_row_clusters=2, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_results(est, Path(folder, "results.json"), metadata={"source": "by hand"})
    ...     results = load_results(Path(folder, "results.json"))
    >>> results.algorithm, results.seed, results.metadata
    ('BBAC', 0, {'source': 'by hand'})
    >>> bool((results.row_labels == est.row_labels_).all())
    True
    """
    path = Path(path)
    write = _find_format(path).write
    if not isinstance(est, CoclusterResults):
        est = collect_results(est, row_names, column_names, metadata)
    elif not (row_names is None and column_names is None and metadata is None):
        raise ValueError("names and metadata cannot be given for results that have their own.")
    write(est, path)


def load_results(path: str | PathLike[str]) -> CoclusterResults:
    """Read what :func:`save_results` wrote.

    Parameters
    ----------
    path : str or path-like
        Ends in ``.json``, ``.nc`` or ``.zarr``.

    Returns
    -------
    results : CoclusterResults
        Arrays have their dtype again, floats are equal to the last bit.

    Raises
    ------
    ValueError
        When the path has another ending, or the file does not hold results or holds those of a
        later format.
    OSError
        When there is no such file.
    ImportError
        When xarray, or what it needs for the format, is missing.

    See Also
    --------
    save_results : Write them.

    Examples
    --------
    >>> from skcocluster.io import load_results
    >>> load_results("results.txt")
    Traceback (most recent call last):
    ...
    ValueError: results are in .json, .nc or .zarr files, not in 'results.txt'
    """
    path = Path(path)
    read = _find_format(path).read
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    return read(path)
