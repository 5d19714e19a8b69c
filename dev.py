#!/usr/bin/env python3
"""One command for each job of a developer; ``python3 dev.py`` lists them.

Needs nothing but Python: the first call makes ``.venv`` beside this file and installs what the
task needs into it; later calls start at once, until pyproject.toml changes.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the message is for those who have less
    sys.exit("skcocluster needs Python 3.11 or later; this is Python " + sys.version.split()[0])

import argparse
import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "dev-stamp.json"
# More test processes than this only compile the same kernels again.
N_TEST_PROCESSES = 2
# Two processes with a thread for every core each would wait for one another.
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def say(text: str) -> None:
    """Tell the user what happens now, in order with the output of the programs run."""
    print(f"dev: {text}", flush=True)


def run(arguments: Sequence[str], variables: Mapping[str, str] | None = None) -> int:
    """Run the environment's Python from the project root; its exit code."""
    environment = {**os.environ, **(variables or {})}
    return subprocess.run([PYTHON, *arguments], cwd=ROOT, env=environment, check=False).returncode


# --- the environment ---------------------------------------------------------------------------


def compute_fingerprint() -> str:
    """Hash of all that an installed environment depends on, its extras aside."""
    place = f"{ROOT} {sys.version_info[:2]}"
    return hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + place.encode()).hexdigest()


def read_stamp() -> tuple[str, set[str]]:
    """Fingerprint and extras of the environment as last installed."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
        return stamp["fingerprint"], set(stamp["extras"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", set()


def call_quietly(command: Sequence[object], failure: str) -> None:
    """Run a command whose output matters only when it fails; then show it and stop."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        sys.stdout.write(done.stdout.decode(errors="replace"))
        sys.exit(f"dev: {failure} (exit code {done.returncode})")


def make_environment() -> None:
    """Make ``.venv`` unless it holds a working Python of the version that runs this file."""
    probe = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    try:
        exit_code = subprocess.run([PYTHON, "-c", probe], capture_output=True).returncode
    except OSError:
        exit_code = 1
    if exit_code:
        say(f"making the environment {VENV.name}")
        call_quietly(
            [sys.executable, "-m", "venv", "--clear", VENV],
            "python3 -m venv failed; some systems pack it apart, as python3-venv",
        )


def ensure_environment(extras: set[str]) -> None:
    """Install the package, editable, with the extras, unless the stamp says it is done."""
    fingerprint, installed = read_stamp()
    if fingerprint == compute_fingerprint() and extras <= installed and PYTHON.exists():
        return
    make_environment()
    wanted = sorted(extras | installed)
    say(f"installing skcocluster[{','.join(wanted)}]; the first time takes minutes")
    # Without the stamp, an installation that is cut off is taken up again.
    STAMP.unlink(missing_ok=True)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    call_quietly(
        [*pip, "--editable", f".[{','.join(wanted)}]"], "pip could not install the package"
    )
    STAMP.write_text(
        json.dumps({"fingerprint": compute_fingerprint(), "extras": wanted}), encoding="utf-8"
    )


# --- the tasks ---------------------------------------------------------------------------------


def run_demo(arguments: list[str]) -> int:
    """The command line's demo: real documents, co-clustered, and a page about it."""
    script = "import sys; from skcocluster.cli import main; sys.exit(main(sys.argv[1:]))"
    return run(["-c", script, "demo", *arguments])


def run_tests(what: str, options: Sequence[str], variables: Mapping[str, str]) -> int:
    """Say what is run, and run pytest in several processes."""
    n_processes = min(N_TEST_PROCESSES, os.cpu_count() or 1)
    say(f"{what}, {n_processes} processes")
    return run(["-m", "pytest", "-n", str(n_processes), "--dist", "worksteal", *options], variables)


def run_test(arguments: list[str]) -> int:
    """All tests and docstring examples, or what the arguments of pytest select."""
    if arguments:
        return run(["-m", "pytest", *arguments])
    return run_tests("tests and docstring examples", [], ONE_THREAD)


def run_browser(arguments: list[str]) -> int:
    """The pages in headless Chromium, which must be installed; arguments go to pytest."""
    say("pages in a browser: chromium and chromedriver are needed")
    return run(["-m", "pytest", "tests/browser", *arguments])


def run_lint(arguments: list[str]) -> int:
    """ruff, mypy and the house's own rules; all of them, even when one fails."""
    checks: dict[str, list[str]] = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy"],
        "house rules": ["tools/house_rules.py"],
        "docstrings": ["tools/docstring_rules.py"],
    }
    if arguments == ["--fix"]:
        checks["ruff check"].insert(3, "--fix")
        checks["ruff format"].remove("--check")
    elif arguments:
        sys.exit("dev: lint takes no argument but --fix")
    failed = []
    for name, command in checks.items():
        say(name)
        if run(command):
            failed.append(name)
    say(f"failed: {', '.join(failed)}" if failed else "lint is clean")
    return 1 if failed else 0


def build_pages(builder: str, options: list[str]) -> int:
    """Run a builder of Sphinx; examples that have not changed are not run again."""
    build = ROOT / "doc" / "_build"
    options = ["-b", builder, "-d", str(build / "doctrees"), *options]
    return run(["-m", "sphinx", *options, "doc", str(build / builder)], {"MPLBACKEND": "Agg"})


def run_doc(arguments: list[str]) -> int:
    """The documentation, every warning an error, into doc/_build/html; then its links."""
    say("documentation; the gallery's examples are run")
    exit_code = build_pages("html", ["-W", "--keep-going", *arguments])
    if not exit_code:
        say("links")
        exit_code = run(["tools/check_links.py"])
    if not exit_code:
        say("open doc/_build/html/index.html")
    return exit_code


def run_links(arguments: list[str]) -> int:
    """Every address outside that the documentation names, asked for; a network is needed."""
    say("addresses outside; answers are in doc/_build/linkcheck/output.txt")
    return build_pages("linkcheck", ["--keep-going", *arguments])


def run_bench(arguments: list[str]) -> int:
    """The asv benchmarks, in this environment, on the tree as it is; then the page of them."""
    config = ["--config", str(ROOT / "asv_bench" / "asv.conf.json")]
    # asv asks who an unknown machine is, and a question would stop an unattended run.
    if not (Path.home() / ".asv-machine.json").exists():
        machine = [PYTHON, "-m", "asv", "machine", "--yes", *config]
        call_quietly(machine, "asv could not describe this machine")
    say("benchmarks; --quick for one short run of each")
    # Otherwise each parameter of each benchmark imports everything anew.
    launch = ["--launch-method=forkserver"] if hasattr(os, "fork") else []
    # Results of an environment that asv has not made are kept only under a name.
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    options = [*config, "--python=same", f"--set-commit-hash={commit}", *launch, *arguments]
    return run(["-m", "asv", "run", *options]) or run(["tools/bench_page.py"])


def run_fuzz(arguments: list[str]) -> int:
    """Random matrices and parameters for every estimator, for a minute unless told otherwise."""
    return run(["tools/fuzz.py", *arguments], ONE_THREAD)


def run_coverage(arguments: list[str]) -> int:
    """The tests with numba's compilation off, so that the lines of kernels count too."""
    what = "coverage, with compilation off: half an hour, longer before Python 3.12"
    options = ["-q", "-m", "not compiled", "--cov", "--cov-fail-under=95", *arguments]
    # The interpreter's own monitoring, from 3.12 on, costs a loop next to nothing.
    core = {"COVERAGE_CORE": "sysmon"} if sys.version_info >= (3, 12) else {}
    variables = {**ONE_THREAD, **core, "NUMBA_DISABLE_JIT": "1"}
    return run_tests(what, options, variables)


def run_mutate(arguments: list[str]) -> int:
    """Defects put into the solvers one at a time; printed are those that no test sees."""
    return run(["tools/mutate.py", *arguments], ONE_THREAD)


def run_installed(what: str) -> Callable[[list[str]], int]:
    """The tests on an installed wheel; environments of its own, made in a temporary folder."""

    def task(arguments: list[str]) -> int:
        command = [sys.executable, "tools/install_checks.py", what, *arguments]
        environment = {**os.environ, **ONE_THREAD}
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode

    return task


TASKS: dict[str, tuple[Callable[[list[str]], int], set[str], str]] = {
    "demo": (run_demo, {"plot"}, "co-cluster real documents and write a page about it"),
    "test": (run_test, {"test"}, "run tests and docstring examples; arguments go to pytest"),
    "browser": (run_browser, {"test", "browser"}, "test the pages in headless Chromium"),
    "coverage": (run_coverage, {"test", "cover"}, "lines that tests reach, in Python alone"),
    "lint": (
        run_lint,
        {"lint"},
        "ruff, mypy, house rules, docstrings; --fix corrects what ruff can",
    ),
    "doc": (run_doc, {"doc"}, "build the documentation, check links; arguments go to sphinx"),
    "links": (run_links, {"doc"}, "look up all addresses in the documentation; needs a network"),
    "bench": (run_bench, {"bench"}, "run the benchmarks; arguments, such as --quick, go to asv"),
    "wheel": (run_installed("wheel"), set(), "build a wheel, test it in an empty environment"),
    "oldest": (run_installed("oldest"), set(), "the same with the oldest versions admitted"),
    "fuzz": (run_fuzz, {"test"}, "feed random input to every estimator; --seconds, --seed, --case"),
    "mutate": (run_mutate, {"mutate"}, "defects that no test sees, by module; --sample, --seed"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the environment for the task and run it."""
    lines = [f"  {name:8}{text}" for name, (_, _, text) in TASKS.items()]
    parser = argparse.ArgumentParser(
        prog="dev.py",
        description="Developer's tasks, each in an environment of its own in .venv.",
        epilog="tasks:\n" + "\n".join(lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the task")
    given = sys.argv[1:] if arguments is None else arguments
    if not given:
        parser.print_help()
        return 2
    options = parser.parse_args(given)
    task, extras, _ = TASKS[options.task]
    if extras:
        ensure_environment(extras)
    return task(options.arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
