"""Matrices from files."""

from collections.abc import Callable
from dataclasses import dataclass
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
    array = np.load(path, allow_pickle=False)
    if not is_matrix(array):
        raise ValueError(f"it holds {array.dtype} of shape {array.shape}, not a matrix of numbers")
    return array


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

    matrix = mmread(path)
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
    return candidates[choose_variable(shapes, options.variable)].load()


def read_netcdf(path: Path, options: Options) -> Any:
    """Read one variable of a netCDF file as a DataArray."""
    from ._dataset import import_xarray

    with import_xarray().open_dataset(path) as dataset:
        return _take_variable(dataset, options)


def read_zarr(path: Path, options: Options) -> Any:
    """Read one variable of a zarr group as a DataArray, or a zarr array as ndarray."""
    from ._dataset import import_xarray, refuse_pickles

    xarray = import_xarray()
    import zarr

    refuse_pickles(path)
    node = zarr.open(str(path), mode="r")
    if not hasattr(node, "shape"):
        with xarray.open_zarr(path, chunks=None, consolidated=False) as dataset:
            return _take_variable(dataset, options)
    if not is_matrix(node):
        raise ValueError(f"it holds {node.dtype} of shape {node.shape}, not a matrix of numbers")
    return node[:]


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

    Pickled objects are never loaded. Everything is read into memory.

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

    Returns
    -------
    X : ndarray, csr_array, pandas DataFrame or xarray DataArray of shape (n_rows, n_columns)
        Numbers in the dtype of the file.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ValueError
        When the ending is unknown, the file cannot be read as what it says, or it does not hold
        one matrix of numbers; the message names the file and, for a table, the first bad cell.
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
    options = Options(variable, header, index_column, delimiter)
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
