"""House rules that ruff and mypy do not know: sizes, markers, machine paths, empty asserts.

``python tools/house_rules.py`` reads the whole project, with file names only those. Exit code 1
and one line ``path:line: message`` for each offence.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "skcocluster"
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60

TEXT_SUFFIXES = frozenset(
    {".bib", ".cff", ".css", ".html", ".js", ".md", ".py", ".rst", ".toml", ".txt", ".yaml", ".yml"}
)
TEXT_FOLDERS = (PACKAGE, "tests", "tools", "examples", "doc", "asv_bench", ".ci")
GENERATED = frozenset(
    {"_build", "auto_examples", "generated", "__pycache__", "env", "html", "results"}
)

# Calls whose value is the whole point: as a statement of their own they check nothing.
VALUE_CALLS = frozenset({"all", "allclose", "any", "array_equal", "array_equiv", "isclose"})
# Spelt in halves, so that this file is not its own offender.
MARKER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME")) + r")\b")
MACHINE_PATH = re.compile(
    r"(?<![\w./:-])(?:/(?:home|Users|root|work|opt|mnt|tmp|private|var)/[\w.-]+|[A-Za-z]:\\\\?\w+\\)"
)

Offence = tuple[int, str]


def find_empty_asserts(tree: ast.Module) -> Iterator[Offence]:
    """Statements such as ``np.allclose(a, b)``: a comparison nobody looks at."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            name = getattr(function, "attr", getattr(function, "id", ""))
            if name in VALUE_CALLS:
                yield node.lineno, f"the value of {name}(...) is not asserted"


def count_body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the end."""
    has_docstring = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if has_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def find_long_functions(tree: ast.Module) -> Iterator[Offence]:
    """Functions whose body, docstring aside, is longer than the house allows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n_lines = count_body_lines(node)
            if n_lines > MAX_FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {n_lines} lines, over {MAX_FUNCTION_LINES}"


def find_in_text(text: str) -> Iterator[Offence]:
    """Markers of unfinished work, and paths that exist on one machine only."""
    for number, line in enumerate(text.splitlines(), start=1):
        if marker := MARKER.search(line):
            yield number, f"{marker.group()} left in the source"
        if path := MACHINE_PATH.search(line):
            yield number, f"absolute path {path.group()!r}"


def find_offences(text: str, relative: Path) -> list[Offence]:
    """All offences in one file of the project, by line."""
    offences = list(find_in_text(text))
    if relative.suffix == ".py":
        tree = ast.parse(text, filename=str(relative))
        if relative.parts[0] == "tests":
            offences += find_empty_asserts(tree)
        if relative.parts[0] == PACKAGE:
            offences += find_long_functions(tree)
            n_lines = len(text.splitlines())
            if n_lines > MAX_FILE_LINES:
                offences.append((1, f"{n_lines} lines, over {MAX_FILE_LINES}"))
    return sorted(offences)


def iter_project_files(root: Path = ROOT) -> Iterator[Path]:
    """Text files that the project ships or works with, generated ones left out."""
    yield from sorted(p for p in root.iterdir() if p.is_file() and is_text(p))
    for name in TEXT_FOLDERS:
        for folder, subfolders, files in os.walk(root / name):
            subfolders[:] = sorted(set(subfolders) - GENERATED)
            yield from sorted(p for f in files if is_text(p := Path(folder, f)))


def is_text(path: Path) -> bool:
    """Whether the rules apply to the file: known suffix, or a script of ``.ci``."""
    return path.suffix in TEXT_SUFFIXES or path.parent.name == ".ci"


def check_files(paths: Iterable[Path], root: Path = ROOT) -> list[str]:
    """Messages ``path:line: what is wrong`` over the files."""
    return [
        f"{path.relative_to(root)}:{line}: {message}"
        for path in paths
        for line, message in find_offences(path.read_text("utf-8"), path.relative_to(root))
    ]


def main(arguments: list[str]) -> int:
    """Check the named files, or the project."""
    named = [Path(argument).resolve() for argument in arguments]
    messages = check_files([p for p in named if is_text(p)] if named else iter_project_files())
    print("\n".join(messages) if messages else "house rules: clean")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
