"""Short names of contents: the same for the same contents, in every process."""

import dataclasses
from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np
import scipy.sparse as sp

SIZE = 16


def digest(value: Any, *, floats: bool = True) -> str:
    """Return a short name of what a value holds.

    Parameters
    ----------
    value : object
        Numbers, strings, arrays, sparse arrays, functions, containers and objects made of these.
    floats : bool, default=True
        Whether values of floats count; otherwise only that there are any, and how many: another
        machine may round them differently.

    Returns
    -------
    name : str
        32 hexadecimal digits.
    """
    found = blake2b(digest_size=SIZE)
    for part in _parts(value, floats):
        found.update(part)
    return found.hexdigest()


def _parts(value: Any, floats: bool) -> Iterator[Any]:
    """Yield bytes that tell a value from all others."""
    if isinstance(value, np.ndarray):
        yield f"array {value.dtype.str} {value.shape};".encode()
        if floats or value.dtype.kind != "f":
            yield np.ascontiguousarray(value).data
    elif value is None or isinstance(value, (bool, int, str, bytes, np.integer, np.bool_)):
        yield f"{type(value).__name__} {value!r};".encode()
    elif isinstance(value, (float, np.floating)):
        yield f"float {float(value)!r};".encode() if floats else b"float;"
    else:
        name, contents = _take_apart(value)
        yield f"{name} {len(contents)}:".encode()
        for content in contents:
            yield from _parts(content, floats)


def _take_apart(value: Any) -> tuple[str, list[Any]]:
    """Return a name of the kind of an object, and what it is made of."""
    if isinstance(value, Mapping):
        return "mapping", [item for key in sorted(value, key=repr) for item in (key, value[key])]
    if isinstance(value, (list, tuple)):
        return "sequence", list(value)
    if sp.issparse(value):
        rows = sp.csr_array(value)
        return "csr", [rows.shape, rows.indptr, rows.indices, rows.data]
    if isinstance(value, partial):
        return "partial", [value.func, value.args, value.keywords]
    if isinstance(value, np.ufunc):
        return f"ufunc {value.__name__}", []
    if hasattr(value, "__qualname__"):
        bound = getattr(value, "__self__", None)
        own = [] if bound is None or isinstance(bound, type(dataclasses)) else [bound]
        return f"{value.__module__}.{value.__qualname__}", own
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if dataclasses.is_dataclass(value):
        # Not its __dict__, which may hold what has been cached.
        return kind, [getattr(value, field.name) for field in dataclasses.fields(value)]
    return kind, [getattr(value, "__dict__", {})]
