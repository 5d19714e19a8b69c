"""Which module may import which: the arrows of doc/developer/architecture.rst, read by ast.

Imports inside functions count too: a lazy import is still an arrow.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "skcocluster"
# What sits on top of the estimators: nothing below may know it.
APPLICATIONS = tuple(
    f"{PACKAGE}.{name}"
    for name in (
        *("plot", "io", "cli", "datasets", "model_selection", "testing"),
        *("_report", "_cli_compare"),
    )
)


def iter_imports(source: str, module: str, is_package: bool = False) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything that the source of `module` imports.

    ``from a import b`` gives ``a.b``, since `b` may be a module; rules match by prefix.
    """
    parts = module.split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself, which for a package is its own name.
            n_kept = len(parts) - node.level + (1 if is_package else 0)
            base = parts[:n_kept] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            for alias in node.names:
                yield node.lineno, f"{origin}.{alias.name}"


def is_inside(name: str, *prefixes: str) -> bool:
    """Whether a dotted name is one of the prefixes or lies below one."""
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def is_below_applications(module: str) -> bool:
    """Whether a module is an estimator's, or metrics."""
    private = module.startswith(f"{PACKAGE}._") and not module.startswith(f"{PACKAGE}.__")
    return (private or is_inside(module, f"{PACKAGE}.metrics")) and not is_inside(
        module, *APPLICATIONS
    )


def find_violation(module: str, imported: str) -> str | None:
    """Say why `module` must not import `imported`, or None when it may."""
    own = is_inside(imported, PACKAGE)
    if is_inside(module, f"{PACKAGE}._kernels"):
        if own and not is_inside(imported, f"{PACKAGE}._kernels"):
            return "_kernels knows nothing of the package outside _kernels"
        if is_inside(imported, "sklearn", "joblib"):
            return "_kernels knows neither scikit-learn nor joblib"
    elif is_inside(module, f"{PACKAGE}._shared"):
        if own and not is_inside(imported, f"{PACKAGE}._kernels", f"{PACKAGE}._shared"):
            return "_shared knows only _kernels and itself"
    elif is_below_applications(module) and is_inside(imported, *APPLICATIONS):
        return "estimators and metrics know nothing of what is built on them"
    return None


def check_source(source: str, module: str, is_package: bool = False) -> list[str]:
    """Violations in one module's source, as ``module:line: imports name: reason``."""
    return [
        f"{module}:{line}: imports {imported}: {reason}"
        for line, imported in iter_imports(source, module, is_package)
        if (reason := find_violation(module, imported))
    ]


def check_package(folder: Path) -> list[str]:
    """Violations over all modules of the package in `folder`."""
    violations = []
    for path in sorted(folder.rglob("*.py")):
        is_package = path.name == "__init__.py"
        parts = path.relative_to(folder.parent).with_suffix("").parts
        module = ".".join(parts[:-1] if is_package else parts)
        violations += check_source(path.read_text("utf-8"), module, is_package)
    return violations
