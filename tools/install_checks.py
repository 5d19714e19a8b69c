"""The package as users install it: from a wheel, and with the oldest versions that it says will do.

``python3 dev.py wheel`` builds an sdist and from it a wheel, installs that into an empty
environment and runs the tests there. ``python3 dev.py oldest`` does the same with each dependency
at the least version that pyproject.toml admits. Tests run in a copy without the package's sources,
so what they import is what is installed. Needs nothing but Python and pip.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What tests look at, beside the package; the house's rules are about the sources.
BESIDE = ("tests", "tools", "asv_bench", "doc", "examples", "README.rst", "dev.py")
ABOUT_SOURCES = ("tests/test_house.py", "tests/test_check_links.py", "tests/test_mutate.py")
# New releases of what the oldest versions build on may warn of how these call them.
COMPANIONS = ("pyparsing==3.2.*",)
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[(?P<extras>[\w,-]+)\])?(>=(?P<version>[\w.]+))?")


def iter_minimums(project: dict[str, object], requirements: Iterable[str]) -> Iterator[str]:
    """Yield ``name==version`` for the least version of each requirement, extras followed."""
    extras = project["optional-dependencies"]
    assert isinstance(extras, dict)
    for requirement in requirements:
        found = REQUIREMENT.match(requirement)
        assert found is not None, requirement
        if found["name"] == project["name"]:
            for extra in found["extras"].split(","):
                yield from iter_minimums(project, extras[extra])
        else:
            assert found["version"], f"{requirement} has no least version"
            yield f"{found['name']}=={found['version']}"


def find_minimums() -> list[str]:
    """Least versions of all that the package and its tests need, as pyproject.toml has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], f"{project['name']}[test]"]
    return [*sorted(set(iter_minimums(project, wanted))), *COMPANIONS]


def call(*command: object, cwd: Path = ROOT) -> None:
    """Run a command; stop with its exit code when it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words[1:4])} ... failed (exit code {done.returncode})")


def make_environment(folder: Path) -> Path:
    """Make an empty environment; return its Python."""
    call(sys.executable, "-m", "venv", folder)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def build(folder: Path) -> Path:
    """Build an sdist and from it a wheel; return the wheel."""
    python = make_environment(folder / "build")
    call(python, "-m", "pip", "install", "--quiet", "build")
    call(python, "-m", "build", "--outdir", folder / "dist", ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def run_tests(python: Path, folder: Path, arguments: list[str]) -> None:
    """Run the tests in a copy that does not hold the package."""
    copy = folder / "copy"
    copy.mkdir()
    for name in (*BESIDE, "pyproject.toml"):
        source = ROOT / name
        ignore = shutil.ignore_patterns("__pycache__", "_build", "auto_examples", "generated")
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=ignore)
        else:
            shutil.copy2(source, copy / name)
    where = "import skcocluster; print('testing', skcocluster.__file__)"
    call(python, "-c", where, cwd=copy)
    left_out = [f"--ignore={name}" for name in ABOUT_SOURCES]
    processes = ["-n", str(min(2, os.cpu_count() or 1)), "--dist", "worksteal"]
    tests = arguments or ["tests"]
    call(python, "-m", "pytest", "-q", *processes, *left_out, *tests, cwd=copy)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="install_checks", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["wheel", "oldest"])
    parser.add_argument("arguments", nargs="*", help="tests to run, passed on to pytest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="skcocluster-") as name:
        folder = Path(name)
        wheel = build(folder)
        python = make_environment(folder / "environment")
        constraints = folder / "constraints.txt"
        minimums = find_minimums() if options.what == "oldest" else []
        constraints.write_text("\n".join(minimums), encoding="utf-8")
        pip = (python, "-m", "pip", "install", "--quiet", "--constraint", constraints)
        call(*pip, f"skcocluster[test] @ {wheel.as_uri()}")
        run_tests(python, folder, options.arguments)


if __name__ == "__main__":
    main()
