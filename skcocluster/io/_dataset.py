"""Results as a netCDF file or a zarr store: arrays as variables, the rest as one JSON text."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from .._shared.atomic import replace_on_success
from ._json import make_document, read_document
from ._record import CoclusterResults

DIMENSIONS = {
    "row_labels": ("row",),
    "column_labels": ("column",),
    "objective_trace": ("iteration",),
    "block_means": ("row_cluster", "column_cluster"),
    "row_memberships": ("row", "row_cluster"),
    "column_memberships": ("column", "column_cluster"),
}
ZARR_MARKS = ("zarr.json", ".zgroup", ".zarray")
ZARR_METADATA = ("zarr.json", ".zarray", ".zmetadata")


def import_xarray() -> Any:
    """Give the module, or an ImportError that says how to get it."""
    try:
        import xarray
    except ImportError as error:
        raise ImportError(
            'xarray is needed for netCDF and zarr: pip install "skcocluster[io]"'
        ) from error
    return xarray


def refuse_pickles(path: Path) -> None:
    """Raise a ValueError if a zarr store has arrays that reading would unpickle."""
    for mark in ZARR_METADATA:
        for file in path.rglob(mark):
            if re.search(r'"(numcodecs\.)?pickle"', file.read_text(encoding="utf-8")):
                raise ValueError(f"{path} holds pickled objects, which are never loaded")


def can_be_coordinate(names: np.ndarray | None) -> bool:
    """Whether netCDF and zarr can hold the names as they are: text, numbers or times."""
    if names is None or names.dtype.kind == "b":
        return False
    return names.dtype.kind in "iufUM" or all(isinstance(name, str) for name in names)


def make_dataset(results: CoclusterResults) -> Any:
    """Lay results out as an xarray Dataset."""
    arrays = {
        name: (dimensions, getattr(results, name))
        for name, dimensions in DIMENSIONS.items()
        if getattr(results, name) is not None
    }
    coordinates = {
        axis: names
        for axis in ("row", "column")
        if can_be_coordinate(names := getattr(results, f"{axis}_names"))
    }
    kept_apart = frozenset(arrays) | {f"{axis}_names" for axis in coordinates}
    attributes = {
        "title": f"Co-clusters found by {results.algorithm}",
        "objective": results.objective,
        "names_dtypes": " ".join(
            f"{axis} {names.dtype.str}" for axis, names in coordinates.items()
        ),
        "provenance": make_document(results, kept_apart),
    }
    # Text of fixed length has no stable form in zarr; text of any length has.
    coordinates = {
        axis: names.astype(object) if names.dtype.kind == "U" else names
        for axis, names in coordinates.items()
    }
    return import_xarray().Dataset(arrays, coordinates, attributes)


def read_dataset(dataset: Any, path: Path) -> CoclusterResults:
    """Results from a Dataset as :func:`make_dataset` lays it out."""
    arrays = {name: dataset[name].values for name in DIMENSIONS if name in dataset}
    words = dataset.attrs.get("names_dtypes", "").split()
    for axis, dtype in zip(words[::2], words[1::2], strict=True):
        arrays[f"{axis}_names"] = dataset[axis].values.astype(dtype.replace("|O", "O"))
    return read_document(dataset.attrs.get("provenance", "{}"), path, arrays)


def write_netcdf(results: CoclusterResults, path: Path) -> None:
    """Write results to a netCDF file, in one step."""
    dataset = make_dataset(results)
    with replace_on_success(path) as temporary:
        dataset.to_netcdf(temporary)


def write_zarr(results: CoclusterResults, path: Path) -> None:
    """Write results to a zarr store; it replaces only another store."""
    if path.is_dir() and any(path.iterdir()) and not any((path / m).exists() for m in ZARR_MARKS):
        raise FileExistsError(f"{path} is a folder but not a zarr store: it is left alone")
    dataset = make_dataset(results)
    with replace_on_success(path) as temporary:
        dataset.to_zarr(temporary, consolidated=False)


def read_netcdf(path: Path) -> CoclusterResults:
    """Read results from a netCDF file."""
    return _read(import_xarray().open_dataset, path)


def read_zarr(path: Path) -> CoclusterResults:
    """Read results from a zarr store."""
    refuse_pickles(path)
    return _read(import_xarray().open_zarr, path, consolidated=False, chunks=None)


def _read(open_dataset: Any, path: Path, **options: Any) -> CoclusterResults:
    try:
        with open_dataset(path, **options) as dataset:
            loaded = dataset.load()
    except ImportError:
        raise
    # What a broken file raises is up to the library that reads it.
    except Exception as error:
        raise ValueError(f"{path} does not hold results of skcocluster: {error}") from error
    return read_dataset(loaded, path)
