"""Values of parameters and results as strict JSON, and back, bit by bit.

Numbers, strings, None, lists and dicts are themselves. What JSON does not have is an object with
the key ``"$type"``: ``float`` (nan and infinities), ``tuple``, ``ndarray``, ``dict`` (with keys
other than strings) and ``object``, of which only a description is kept.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

TYPE = "$type"


@dataclass(frozen=True)
class ObjectDescription:
    """What a file tells of a parameter that is a Python object: not the object itself.

    Parameters
    ----------
    name : str
        Dotted name of the object, or of its class.
    text : str
        Its ``repr``, without memory addresses.
    """

    name: str
    text: str


def describe(value: Any) -> ObjectDescription:
    """Describe an object that cannot be written to a file."""
    if isinstance(value, ObjectDescription):
        return value
    named = value if hasattr(value, "__qualname__") else type(value)
    text = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))
    return ObjectDescription(f"{named.__module__}.{named.__qualname__}", text)


def encode(value: Any) -> Any:
    """Turn a value into what :mod:`json` writes without a loss."""
    if isinstance(value, np.generic) and value.dtype.kind in "biufU" and _is_exact(value.dtype):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {TYPE: "float", "value": repr(value)}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, tuple):
        return {TYPE: "tuple", "items": [encode(item) for item in value]}
    if isinstance(value, dict):
        return _encode_dict(value)
    if isinstance(value, np.ndarray) and _is_exact(value.dtype):
        return _encode_array(value)
    description = describe(value)
    return {TYPE: "object", "name": description.name, "repr": description.text}


def _encode_dict(value: dict[Any, Any]) -> dict[str, Any]:
    if all(isinstance(key, str) and key != TYPE for key in value):
        return {key: encode(item) for key, item in value.items()}
    pairs = [[encode(key), encode(item)] for key, item in value.items()]
    return {TYPE: "dict", "items": pairs}


def _is_exact(dtype: np.dtype) -> bool:
    """Whether JSON numbers and strings hold every value of the dtype."""
    return dtype.kind in "biuUOMm" or (dtype.kind == "f" and dtype.itemsize <= 8)


def _encode_array(value: np.ndarray) -> dict[str, Any]:
    kind, flat = value.dtype.kind, value.ravel()
    name = value.dtype.str if kind == "U" else value.dtype.name
    if kind == "M":
        items = np.datetime_as_string(flat).tolist()
    elif kind == "m":
        items = flat.astype(np.int64).tolist()
    elif kind == "f" and not np.isfinite(flat).all():
        items = [item if math.isfinite(item) else repr(item) for item in flat.tolist()]
    elif kind == "O":
        items = [encode(item) for item in flat]
    else:
        items = flat.tolist()
    return {TYPE: "ndarray", "dtype": name, "shape": list(value.shape), "values": items}


def decode(value: Any) -> Any:
    """Turn what :func:`encode` made back into the value."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    if TYPE not in value:
        return {key: decode(item) for key, item in value.items()}
    return _decode_tagged(value)


def _decode_tagged(value: dict[str, Any]) -> Any:
    match value[TYPE]:
        case "float":
            return float(value["value"])
        case "tuple":
            return tuple(decode(value["items"]))
        case "dict":
            return {_as_key(decode(key)): decode(item) for key, item in value["items"]}
        case "ndarray":
            return _decode_array(value)
        case "object":
            return ObjectDescription(value["name"], value["repr"])
        case unknown:
            raise ValueError(f"unknown type {unknown!r}")


def _as_key(key: Any) -> Any:
    return tuple(key) if isinstance(key, list) else key


def _decode_array(value: dict[str, Any]) -> np.ndarray:
    dtype, values = np.dtype(value["dtype"]), value["values"]
    if dtype.kind == "f":
        array = np.array([float(item) for item in values], dtype=dtype)
    elif dtype.kind == "m":
        array = np.array(values, dtype=np.int64).astype(dtype)
    elif dtype.kind == "O":
        # Not in one assignment: numpy would look inside items that are lists themselves.
        array = np.empty(len(values), dtype=object)
        for i, item in enumerate(values):
            array[i] = decode(item)
    else:
        array = np.array(values, dtype=dtype)
    return array.reshape(tuple(value["shape"]))
