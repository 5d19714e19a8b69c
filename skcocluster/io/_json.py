"""Results as a JSON file."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

from .._shared.atomic import write_text
from ._record import CoclusterResults
from ._values import decode, encode

FORMAT = "skcocluster-results"
FORMAT_VERSION = 1


def dump(document: dict[str, Any]) -> str:
    """Strict JSON with one line for each key, for people to look into."""
    lines = (
        f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False, ensure_ascii=False)}"
        for key, value in document.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def refuse_constant(name: str) -> NoReturn:
    """Refuse what Python's json reads but JSON does not have."""
    raise ValueError(f"{name} is not JSON")


def make_document(results: CoclusterResults, leave_out: frozenset[str] = frozenset()) -> str:
    """Text of the JSON document of results."""
    names = [f.name for f in fields(results) if f.name not in leave_out]
    values = {name: encode(getattr(results, name)) for name in names}
    return dump({"format": FORMAT, "format_version": FORMAT_VERSION, **values})


def read_document(text: str, path: Path, arrays: dict[str, Any] | None = None) -> CoclusterResults:
    """Results from the text of their document and what was kept apart from it."""
    try:
        document = json.loads(text, parse_constant=refuse_constant)
        if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
            raise ValueError(f"it lacks the mark {FORMAT!r}")
        found = document.pop("format_version", None)
        if not isinstance(found, int) or found > FORMAT_VERSION:
            raise ValueError(f"its format is {found}, this version reads up to {FORMAT_VERSION}")
        known = {f.name for f in fields(CoclusterResults)}
        values = {name: decode(value) for name, value in document.items() if name in known}
        return CoclusterResults(**values, **(arrays or {}))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} does not hold results of skcocluster: {error}") from error


def write_json(results: CoclusterResults, path: Path) -> None:
    """Write results to a JSON file, in one step."""
    write_text(path, make_document(results))


def read_json(path: Path) -> CoclusterResults:
    """Read results from a JSON file."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} does not hold results of skcocluster: not UTF-8") from error
    return read_document(text, path)
