"""Matrices from files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from ._table import read_parquet, read_text


@dataclass(frozen=True)
class Options:
    """How to read a file; each format looks at those that concern it."""

    variable: str | None = None
    header: bool | None = None
    index_column: str | int | bool | None = None
    delimiter: str | None = None
    chunked: bool = False


def is_matrix(array: Any) -> bool:
    """Whether an array is two-dimensional and of real numbers."""
    return bool(array.ndim == 2 and array.dtype.kind in "biuf")


def choose_variable(shapes: dict[str, str], wanted: str | None) -> str:
    """Name of the one matrix in a file, or the wanted one; `shapes` describes the candidates."""
    listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "none"
    if wanted is not None:
        if wanted not in shapes:
            raise ValueError(f"no matrix of numbers named {wanted!r}; there is: {listed}")
        return wanted
    if len(shapes) != 1:
        raise ValueError(
            f"one matrix of numbers is needed, or a variable's name; there is: {listed}"
        )
    return next(iter(shapes))


def read_npy(path: Path, options: Options) -> np.ndarray:
    """Read a NumPy array, without unpickling anything."""
    array = np.load(path, allow_pickle=False, mmap_mode="r" if options.chunked else None)
    if not is_matrix(array):
        raise ValueError(f"it holds {array.dtype} of shape {array.shape}, not a matrix of numbers")
    return _cut(array) if options.chunked else array


def read_npz(path: Path, options: Options) -> Any:
    """Read a scipy.sparse matrix or one array of a NumPy archive, without unpickling anything."""
    with np.load(path, allow_pickle=False) as archive:
        if "format" in archive.files and "shape" in archive.files and options.variable is None:
            return sparse.csr_array(sparse.load_npz(path))
        names = archive.files if options.variable is None else [options.variable]
        found = {name: archive[name] for name in names if _is_readable_matrix(archive, name)}
        shapes = {name: str(array.shape) for name, array in found.items()}
        return found[choose_variable(shapes, options.variable)]


def _is_readable_matrix(archive: Any, name: str) -> bool:
    try:
        return is_matrix(archive[name])
    except (KeyError, ValueError):
        return False


def read_mtx(path: Path, options: Options) -> Any:
    """Read a Matrix Market file: coordinates as CSR, an array as ndarray."""
    from scipy.io import mmread

    matrix = mmread(path, spmatrix=False)
    if matrix.dtype.kind not in "biuf":
        raise ValueError(f"it holds {matrix.dtype}, not real numbers")
    return sparse.csr_array(matrix) if sparse.issparse(matrix) else matrix


def _take_variable(dataset: Any, options: Options) -> Any:
    candidates = {
        str(name): squeezed
        for name, array in dataset.data_vars.items()
        if is_matrix(squeezed := array.squeeze())
    }
    shapes = {name: str(tuple(array.sizes.items())) for name, array in candidates.items()}
    return candidates[choose_variable(shapes, options.variable)]


def _open_variable(open_dataset: Callable[..., Any], path: Path, options: Options) -> Any:
    """Read one variable of a dataset, or open it in chunks of rows as the file has them."""
    with open_dataset(path, chunks=None) as dataset:
        array = _take_variable(dataset, options)
        if not options.chunked:
            return array.load()
        row, column = array.dims
    # It stays open: what is read from it is read later.
    chunks = {row: "auto", column: -1}
    return open_dataset(path, chunks=chunks)[array.name].squeeze()


def _cut(array: Any, stored: Any = None) -> Any:
    """Return an array that is not in memory as a dask array in chunks of rows."""
    import dask.array as da
    from dask.array.core import normalize_chunks

    chunks = normalize_chunks(
        ("auto", -1), shape=array.shape, dtype=array.dtype, previous_chunks=stored
    )
    return da.from_array(array, chunks=chunks)


def read_netcdf(path: Path, options: Options) -> Any:
    """Read one variable of a netCDF file as a DataArray."""
    from ._dataset import import_xarray

    return _open_variable(import_xarray().open_dataset, path, options)


def read_zarr(path: Path, options: Options) -> Any:
    """Read one variable of a zarr group as a DataArray, or a zarr array as ndarray."""
    from ._dataset import import_xarray, refuse_pickles

    xarray = import_xarray()
    import zarr

    refuse_pickles(path)
    node = zarr.open(str(path), mode="r")
    if not hasattr(node, "shape"):
        return _open_variable(partial(xarray.open_zarr, consolidated=False), path, options)
    if not is_matrix(node):
        raise ValueError(f"it holds {node.dtype} of shape {node.shape}, not a matrix of numbers")
    return _cut(node, node.chunks) if options.chunked else node[:]


# What can be read in parts.
CHUNKED_ENDINGS = (".npy", ".nc", ".zarr")
READERS: dict[str, Callable[[Path, Options], Any]] = {
    ".npy": read_npy,
    ".npz": read_npz,
    ".mtx": read_mtx,
    ".mtx.gz": read_mtx,
    ".csv": read_text,
    ".csv.gz": read_text,
    ".tsv": read_text,
    ".tsv.gz": read_text,
    ".parquet": read_parquet,
    ".nc": read_netcdf,
    ".zarr": read_zarr,
}


def read_matrix(
    path: str | PathLike[str],
    *,
    variable: str | None = None,
    header: bool | None = None,
    index_column: str | int | bool | None = None,
    delimiter: str | None = None,
    chunked: bool = False,
) -> Any:
    r"""Read a matrix of numbers from a file, in the format that its ending names.

    ======================= ====================================================================
    ``.npy``                ndarray
    ``.npz``                CSR array if :func:`scipy.sparse.save_npz` wrote it, else the one
                            matrix among the arrays, as ndarray
    ``.mtx``                CSR array, or ndarray for the "array" format; also ``.mtx.gz``
    ``.csv``, ``.tsv``      pandas DataFrame, UTF-8, an empty cell is missing; also ``.csv.gz``
    ``.parquet``            pandas DataFrame
    ``.nc``, ``.zarr``      xarray DataArray: the one numeric variable with two dimensions, after
                            those of length 1 are dropped; ndarray for a bare zarr array
    ======================= ====================================================================

    Pickled objects are never loaded. Everything is read into memory, unless it is `chunked`.

    Parameters
    ----------
    path : str or path-like
        The file, or the folder of a zarr store.
    variable : str, default=None
        Name of the array in ``.npz``, ``.nc`` and ``.zarr`` files that hold more than one matrix.
    header : bool, default=None
        Whether the first line of a ``.csv`` or ``.tsv`` names the columns. None: it does if its
        first cell is empty, if any other cell is not a number, or if the first is none and the
        others, but not those of the second line, are whole numbers in equal steps, such as years.
    index_column : str, int or bool, default=None
        Name or position of the column of a table that names the rows; False for none. None: the
        first column, if its header is empty or most of its cells are not numbers.
    delimiter : str, default=None
        Between the cells of text tables. None is a comma for ``.csv`` and a tab for ``.tsv``.
    chunked : bool, default=False
        Open a ``.npy``, ``.nc`` or ``.zarr`` file as a dask array of chunks of rows, for matrices
        that do not fit into memory. Nothing is read yet. A chunk has whole rows and, of a file
        that stores chunks, whole ones of these, up to dask's option ``array.chunk-size``.

    Returns
    -------
    X : ndarray, csr_array, pandas DataFrame or xarray DataArray of shape (n_rows, n_columns)
        Numbers in the dtype of the file. Where it is `chunked`, a dask array, or a DataArray that
        holds one.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the ending is unknown, or none that can be `chunked`, the file cannot be read as what
        it says, or it does not hold one matrix of numbers; the message names the file and, for a
        table, the first bad cell.
    ImportError
        When a package for the format is missing; all are in the extra ``io``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skcocluster.io import read_matrix
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "table.csv")
    ...     _ = path.write_text("animal,legs,wings\nhen,2,2\ncat,4,\n")
    ...     X = read_matrix(path)
    >>> X
            legs  wings
    animal
    hen        2    2.0
    cat        4    NaN
    """
    path = Path(path)
    name = path.name.lower()
    ending = next((e for e in sorted(READERS, key=len, reverse=True) if name.endswith(e)), None)
    if ending is None:
        raise ValueError(f"{path.name}: unknown ending; known are {', '.join(READERS)}")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    if chunked and ending not in CHUNKED_ENDINGS:
        raise ValueError(
            f"{path.name} can only be read as a whole, not in chunks for dask: these are "
            f"{', '.join(CHUNKED_ENDINGS)} files"
        )
    options = Options(variable, header, index_column, delimiter, chunked)
    try:
        X = READERS[ending](path, options)
    except (ImportError, MemoryError, PermissionError):
        raise
    # What a broken file raises is up to the library that reads it.
    except Exception as error:
        raise ValueError(f"cannot read {path}: {error}") from error
    if 0 in X.shape:
        raise ValueError(f"{path} holds an empty matrix, of shape {X.shape}")
    return X
