"""Every public name has a numpydoc docstring that matches its signature.

Public is what an ``__all__`` of a public module names, and the public methods that the package
itself defines on such classes. numpydoc's own validation compares names, order and sections.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from types import ModuleType
from typing import Any

PACKAGE = "skcocluster"
# GL08 no docstring, SS no summary, PR parameters against signature, RT returns, YD yields.
CODES = frozenset({"GL08", "SS01", "PR01", "PR02", "PR03", "PR04", "PR07", "RT01", "RT03", "YD01"})
# EX01 no example: asked of classes and functions, not of each method.
EXAMPLE_CODE = "EX01"


def iter_public_modules(package: ModuleType) -> Iterator[ModuleType]:
    """The package and every module below it without a leading underscore in its path."""
    yield package
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not any(part.startswith("_") for part in info.name.split(".")):
            yield importlib.import_module(info.name)


def iter_public_objects(module: ModuleType) -> Iterator[tuple[str, bool]]:
    """Dotted names to validate in a module, and whether each must show an example."""
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        dotted = f"{module.__name__}.{name}"
        if inspect.isclass(value):
            yield dotted, not issubclass(value, BaseException)
            yield from ((f"{dotted}.{method}", False) for method in iter_own_methods(value))
        elif inspect.isroutine(value):
            yield dotted, True


def iter_own_methods(cls: type) -> Iterator[str]:
    """Public methods and properties that a class of this package defines or inherits from one."""
    for name in dir(cls):
        owner = next((base for base in cls.__mro__ if name in vars(base)), None)
        if owner is None or name.startswith("_") or not owner.__module__.startswith(PACKAGE):
            continue
        value = vars(owner)[name]
        # scikit-learn writes its own methods (set_score_request and the like) into the class.
        made_here = getattr(value, "__module__", None) or owner.__module__
        if made_here.startswith(PACKAGE) and (
            inspect.isroutine(value) or isinstance(value, property | classmethod | staticmethod)
        ):
            yield name


def is_record(dotted: str) -> bool:
    """Whether a name is a dataclass: made by functions, described by its attributes."""
    module, _, name = dotted.rpartition(".")
    return is_dataclass(getattr(sys.modules.get(module), name, None))


def compare_defaults(dotted: str) -> list[str]:
    """Messages for what is said to be the default of a parameter and is not."""
    from numpydoc.validate import Validator, get_doc_object

    docstring: Any = Validator(get_doc_object(Validator._load_obj(dotted)))
    try:
        signature = inspect.signature(docstring.obj)
    except (TypeError, ValueError):  # properties have none
        return []
    messages = []
    for name, (kind, _) in docstring.doc_all_parameters.items():
        said = kind.partition("default=")[2]
        if said and name in signature.parameters:
            default = repr(signature.parameters[name].default)
            # "1e-7" and 1e-07 are the same number; nan is a name, not a literal.
            with contextlib.suppress(ValueError):
                said = repr(ast.literal_eval(said))
            if said != default:
                messages.append(f"{dotted}: DEFAULT of {name} is said to be {said}, is {default}")
    return messages


def validate(dotted: str, needs_example: bool) -> list[str]:
    """Messages for one object, as ``name: CODE what is wrong``."""
    from numpydoc.validate import validate as validate_numpydoc

    codes = CODES | {EXAMPLE_CODE} if needs_example else CODES
    if is_record(dotted):
        codes -= {"PR01", EXAMPLE_CODE}
    errors = validate_numpydoc(dotted)["errors"]
    messages = [f"{dotted}: {code} {message}" for code, message in errors if code in codes]
    return messages + compare_defaults(dotted)


def check_package(package: ModuleType) -> list[str]:
    """Messages over everything public, each object once however many modules name it."""
    messages = []
    seen = set()
    for module in iter_public_modules(package):
        for dotted, needs_example in iter_public_objects(module):
            first, *rest = dotted.removeprefix(f"{module.__name__}.").split(".")
            identity = (id(getattr(module, first)), *rest)
            if identity not in seen:
                seen.add(identity)
                messages += validate(dotted, needs_example)
    return messages


def main() -> int:
    """Check the installed package."""
    messages = check_package(importlib.import_module(PACKAGE))
    print("\n".join(messages) if messages else "docstrings: clean")
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
