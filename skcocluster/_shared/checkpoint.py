"""Fits that go on where they were interrupted: a journal of what each read of X has answered.

All else that a fit does follows from its parameters and from these answers, so a fit that is
given the old answers makes the same way again without reading, and then goes on.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from .atomic import replace_on_success, write_text
from .digest import digest
from .samples import is_chunked

HEADER = "fit.json"
ENTRY = "read-{:06d}.npz"
KIND = "skcocluster checkpoint"
# What cannot change a result.
FREE_PARAMETERS = ("checkpoint", "engine", "n_jobs", "verbose")

Answer = Callable[[Sequence[Any]], list[Any]]


class NoCheckpoint:
    """Stands for the journal of a fit that keeps none."""

    def remove(self) -> None:
        """Do nothing."""


class Checkpoint:
    """The journal of a fit: a folder with a header and one file for each read.

    Parameters
    ----------
    folder : Path
        Where it is; made when it is not there.
    header : dict
        What the fit is: estimator, parameters, shape of X. A journal of another fit is refused.

    Raises
    ------
    ValueError
        When the folder holds the journal of another fit, or something else.
    """

    def __init__(self, folder: Path, header: dict[str, Any]) -> None:
        self._folder = folder
        self._n_read = 0
        path = folder / HEADER
        if path.exists():
            self._check_header(_load_header(path), header)
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ValueError(
                f"checkpoint: {folder} exists and is no checkpoint: name a folder that does not."
            )
        else:
            folder.mkdir(parents=True, exist_ok=True)
            write_text(path, json.dumps(header, indent=1))

    def _check_header(self, found: dict[str, Any], header: dict[str, Any]) -> None:
        for name in header | found:
            if found.get(name) != header.get(name):
                raise ValueError(
                    f"checkpoint: {self._folder} was written by a fit with {name} = "
                    f"{found.get(name)!r}, and this one has {header.get(name)!r}: it can only be "
                    "resumed by the same fit. Choose another folder, or remove this one."
                )

    def wrap(self, answer: Answer) -> Answer:
        """Return a function that answers as `answer` does, from the journal where it can."""

        def answer_and_keep(requests: Sequence[Any]) -> list[Any]:
            path = self._folder / ENTRY.format(self._n_read)
            asked = digest([_describe(request) for request in requests], floats=False)
            if path.exists():
                results = self._replay(path, asked, requests, answer)
            else:
                results = answer(requests)
                _write(path, asked, requests, results)
            self._n_read += 1
            return results

        return answer_and_keep

    def _replay(self, path: Path, asked: str, requests: Sequence[Any], answer: Answer) -> list[Any]:
        """Return the answers of a file; rows that were fetched are fetched again."""
        entry = _load(path)
        if entry.pop("asked").item() != asked:
            raise ValueError(
                f"checkpoint: {path} does not answer what this fit asks: the fit that wrote it "
                "had other data, or another version of a library. Remove the folder to start anew."
            )
        results: list[Any] = [None] * len(requests)
        fetches = [i for i, request in enumerate(requests) if _is_fetch(request)]
        for i, fetched in zip(fetches, answer([requests[i] for i in fetches]), strict=True):
            results[i] = fetched
            if entry.pop(f"{i}.fetched").item() != digest(fetched):
                raise ValueError(
                    f"checkpoint: X is not the matrix that the fit of {path.parent} was reading. "
                    "Remove the folder to start anew."
                )
        shapes = {i: entry.pop(f"{i}.shape") for i in range(len(requests)) if i not in fetches}
        arrays: dict[int, list[np.ndarray]] = {i: [] for i in shapes}
        for name, values in entry.items():
            number, _, dtype = name.split(".")
            arrays[int(number)].append(values.astype(dtype, copy=False))
        for i, shape in shapes.items():
            results[i] = _put_together(json.loads(shape.item()), iter(arrays[i]))
        return results

    def remove(self) -> None:
        """Remove the journal of a fit that has come to its end."""
        for number in range(self._n_read):
            (self._folder / ENTRY.format(number)).unlink(missing_ok=True)
        (self._folder / HEADER).unlink(missing_ok=True)
        if not any(self._folder.iterdir()):
            self._folder.rmdir()


def open_checkpoint(estimator: Any, engine: Any, X: Any) -> Checkpoint | NoCheckpoint:
    """Open the journal that the `checkpoint` parameter names, and let the engine keep it.

    Parameters
    ----------
    estimator : estimator
        With its parameters.
    engine : Engine
        The engine of the fit.
    X : ChunkedRows
        The validated matrix.

    Returns
    -------
    checkpoint : Checkpoint or NoCheckpoint
        To be removed when the fit is complete.

    Raises
    ------
    TypeError
        When the parameter is no path.
    ValueError
        When X is in memory, `random_state` no int, or the journal that of another fit.
    """
    path = estimator.checkpoint
    if path is None:
        return NoCheckpoint()
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"checkpoint must be a path or None, got {path!r}.")
    if not is_chunked(X):
        raise ValueError(
            "checkpoint keeps what the reads of a dask array have answered, and X is in memory: "
            "use checkpoint=None, or pass dask.array.from_array(X, chunks=(n, -1))."
        )
    seed = estimator.random_state
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise ValueError(
            f"checkpoint needs random_state to be an int, got {seed!r}: a resumed fit must draw "
            "what the interrupted one has drawn."
        )
    checkpoint = Checkpoint(Path(path), _make_header(estimator, X))
    engine.intercept(checkpoint.wrap)
    return checkpoint


def _make_header(estimator: Any, X: Any) -> dict[str, Any]:
    header = {
        "kind": KIND,
        "skcocluster": version("skcocluster"),
        "estimator": type(estimator).__name__,
        "shape of X": list(X.shape),
        "dtype of X": X.dtype.name,
        "number of stored entries of X": X.n_entries,
    }
    for name, value in estimator.get_params(deep=False).items():
        if name not in FREE_PARAMETERS:
            header[name] = _as_json(value)
    return header


def _as_json(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return f"{type(value).__name__} {digest(value)}"


def _load_header(path: Path) -> dict[str, Any]:
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
        if header["kind"] != KIND:
            raise ValueError("it is something else")
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"checkpoint: {path} cannot be read: {error}.") from error
    return dict(header)


def _is_fetch(request: Any) -> bool:
    return not hasattr(request, "primitive")


def _describe(request: Any) -> list[Any]:
    """Return what tells a request from others; X itself is the same for all."""
    if _is_fetch(request):
        return ["rows", request.rows]
    return [request.primitive.name, request.params]


def _write(path: Path, asked: str, requests: Sequence[Any], results: Sequence[Any]) -> None:
    """Write the answers to requests to a file that is there in full or not at all."""
    arrays: dict[str, np.ndarray] = {"asked": np.array(asked)}
    for i, (request, outputs) in enumerate(zip(requests, results, strict=True)):
        if _is_fetch(request):
            # Rows may be all of X: they are read again, and compared.
            arrays[f"{i}.fetched"] = np.array(digest(outputs))
            continue
        found: list[np.ndarray] = []
        arrays[f"{i}.shape"] = np.array(json.dumps(_take_apart(tuple(outputs), found)))
        for j, values in enumerate(found):
            arrays[f"{i}.{j}.{values.dtype.name}"] = _narrow(values)
    with replace_on_success(path) as temporary, open(temporary, "xb") as file:
        # NumPy 2.0 would take allow_pickle for one more array, and stubs of 2.1 take names for it.
        save: Callable[..., None] = np.savez
        save(file, **arrays)
        file.flush()
        os.fsync(file.fileno())


def _take_apart(value: Any, arrays: list[np.ndarray]) -> list[Any]:
    """Return how a value is made of arrays, which are appended to a list."""
    if isinstance(value, (list, tuple)):
        return ["tuple", *(_take_apart(part, arrays) for part in value)]
    if sp.issparse(value):
        arrays += [value.data, value.indices, value.indptr]
        return ["csr", *value.shape]
    arrays.append(np.asarray(value))
    return ["array"]


def _put_together(shape: list[Any], arrays: Iterator[np.ndarray]) -> Any:
    """Return the value that was taken apart; lists and named tuples become tuples."""
    kind, *parts = shape
    if kind == "array":
        return next(arrays)
    if kind == "csr":
        return sp.csr_array((next(arrays), next(arrays), next(arrays)), shape=tuple(parts))
    return tuple(_put_together(part, arrays) for part in parts)


def _narrow(values: np.ndarray) -> np.ndarray:
    """Return whole numbers in the smallest type that holds them: labels take a byte each."""
    if values.dtype.kind != "i" or values.size == 0:
        return values
    smallest = np.result_type(np.min_scalar_type(values.min()), np.min_scalar_type(values.max()))
    return values.astype(smallest)


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            entry = {name: archive[name] for name in archive.files}
            entry["asked"].item()
    # What a damaged archive raises is up to zipfile and NumPy.
    except Exception as error:
        raise ValueError(
            f"checkpoint: {path} is damaged ({type(error).__name__}: {error}). Remove the folder "
            "to start anew."
        ) from error
    return entry
