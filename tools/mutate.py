"""Mutation testing of the solvers: small defects, one at a time, and whether the tests see them.

``python3 dev.py mutate [MODULE ...] [--sample 20] [--seed 0] [--folder FOLDER]``. A module is named
from the package on (``_shared/alternation.py``, or with ``*``); none stands for all of the table
below. cosmic-ray makes the mutants in a copy of the sources and runs the tests that the table
names; printed are the survivors, as diffs, and how many of the sample were killed. A survivor is
either equivalent to the code as it is, or a test that is missing.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import difflib
import importlib
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

import numba
import pytest
from cosmic_ray.commands.init import init
from cosmic_ray.mutating import use_mutation
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("skcocluster", "tests", "tools", "pyproject.toml", "README.rst", "dev.py")
# What each run of the tests would import again; it is forked from a process that has it.
PRELOADED = ("dask.array", "hypothesis.extra.numpy", "scipy.sparse.linalg", "sklearn.cluster")
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")

# Modules and the tests that decide about them, the quick ones first; the first line counts.
TESTS = (
    ("_shared/split_merge.py", "bbac_search"),
    ("_shared/alternation.py", "bbac_alternation bbac_search bbac_missing"),
    ("_shared/initialization.py", "spectral_start bbac_starts_and_search"),
    ("_bbac/_starts.py", "bbac_starts bbac_starts_and_search"),
    ("_shared/restarts.py", "restarts"),
    ("_shared/divergences.py", "bbac_borders metrics_block_divergence bbac_divergences"),
    ("_shared/block_model.py", "bbac_borders bbac_alternation bbac_search bbac_missing"),
    ("_shared/block_sums.py _shared/simultaneous.py", "bbac_alternation bbac_divergences"),
    ("_bbac/_solver.py", "bbac_hard_input bbac_divergences dask_row_labels dask_fits"),
    ("_bbac/*.py", "bbac_hard_input bbac_divergences"),
    ("_refine.py", "bbac_refine_blocks"),
    ("_coclus/_starts.py _coclus/_solver.py", "coclus_starts coclus"),
    ("_coclus/*.py", "coclus_ascent coclus coclus_behaviour"),
    ("_neocc/_ch*.py _neocc/_row_*.py _neocc/_sampled.py", "dask_neo_fits dask_neo_reads"),
    (
        "_neocc/_counts.py _neocc/_oneway.py _neocc/_kmeans.py",
        "neo_counts neo_seeds neo_estimators neo_identities",
    ),
    (
        "_neocc/_solver.py _neocc/_starts.py _neocc/_descent.py",
        "neo_solver neo_seeds neo_estimators",
    ),
    ("_neocc/*.py", "neo_empty_clusters neo_identities neo_estimators neo_monotone"),
    (
        "_spectral/_[bp]*.py _spectral/_ch*.py",
        "spectral_runs spectral_checkerboard spectral_embedding spectral_behaviour",
    ),
    ("_spectral/*.py", "spectral_runs spectral_scikit_learn_defects spectral_behaviour"),
    ("_maxnorm/_alphabet.py", "max_norm_alphabet"),
    ("_maxnorm/_branch*.py _maxnorm/_conflicts.py", "max_norm_branch"),
    ("_maxnorm/_sat*.py _maxnorm/_windows.py", "max_norm_sat"),
    ("_maxnorm/_reduction.py", "max_norm_reduction max_norm_sat"),
    ("_maxnorm/_precolour.py", "max_norm_branch max_norm_sat"),
    ("_maxnorm/_moves.py", "max_norm_moves max_norm_methods"),
    ("_maxnorm/_local*.py", "max_norm_local_search max_norm_methods"),
    ("_maxnorm/_curve.py", "max_norm_curve"),
    ("_maxnorm/_bo*.py _maxnorm/_linkage.py", "max_norm_bounds max_norm_questions"),
    ("_maxnorm/_bu*.py _maxnorm/_dr*.py _maxnorm/_proof.py", "max_norm_bisection max_norm_limits"),
    ("_maxnorm/_[emf]*.py", "max_norm_estimator max_norm_predict"),
    ("_maxnorm/*.py", "max_norm_questions max_norm_special_cases"),
    ("_kernels/blocks_compiled.py", "bbac_kernels"),
    ("_kernels/modularity_compiled.py", "coclus_kernels"),
    ("_kernels/products*_*.py", "neo_kernels"),
    ("_kernels/assignment*.py", "neo_kernels neo_identities"),
    ("_kernels/distances.py", "neo_kernels neo_identities"),
)

# One replacement for each operator: the eleven that cosmic-ray has die of the same test.
OPERATORS = re.compile(
    "core/("
    "ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|Pow_Mul"
    "|[LR]Shift_[LR]Shift|BitOr_BitAnd|BitAnd_BitOr|BitXor_BitAnd)"
    "|ReplaceComparisonOperator_(Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is)"
    "|ReplaceUnaryOperator_(USub_UAdd|Delete_Invert|Delete_Not)"
    "|AddNot|Replace(True|False|And|Or|Break|Continue)With.*|NumberReplacer|ZeroIterationForLoop)"
)


def find_tests(module: Path) -> str | None:
    """Tests that decide about a module of the package, by the table."""
    for patterns, tests in TESTS:
        if any(fnmatch(module.as_posix(), pattern) for pattern in patterns.split()):
            return tests
    return None


def find_modules(patterns: Sequence[str]) -> list[Path]:
    """Modules that the table knows and one of the patterns names; all when there is none."""
    package = ROOT / "skcocluster"
    known = [path.relative_to(package) for path in sorted(package.rglob("*.py"))]
    known = [path for path in known if path.name != "__init__.py" and find_tests(path)]
    return [
        path
        for path in known
        if not patterns or any(fnmatch(path.as_posix(), pattern) for pattern in patterns)
    ]


def copy_sources(folder: Path) -> None:
    """Copy what the tests need; compiled kernels too, which spares the first run minutes."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns("*.tmp*")
            shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True, ignore=ignore)
        else:
            shutil.copy2(ROOT / name, folder / name)


def iter_spared(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield start and end (line, column) of what mutants of say nothing about the tests.

    These are type hints, decorators, and constants at the top of a module: a search that tries
    seven times is as right as one that tries eight.
    """
    module = ast.parse(source)
    names = ("annotation", "returns")
    hints = [getattr(node, name, None) for node in ast.walk(module) for name in names]
    constants = [node for node in module.body if isinstance(node, ast.Assign)]
    decorators = [d for node in ast.walk(module) for d in getattr(node, "decorator_list", ())]
    for node in [*filter(None, hints), *constants, *decorators]:
        yield (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def choose(path: Path, n_wanted: int, seed: int) -> tuple[list[MutationSpec], int]:
    """Return a sample of a module's mutants, the same one for the same seed, and their number."""
    spared = list(iter_spared(path.read_text("utf-8")))

    def is_wanted(mutation: MutationSpec) -> bool:
        is_spared = any(start <= mutation.start_pos < end for start, end in spared)
        return bool(OPERATORS.fullmatch(mutation.operator_name)) and not is_spared

    with tempfile.TemporaryDirectory() as folder, use_db(f"{folder}/mutants.sqlite") as database:
        init([path], database, {})
        mutations = [item.mutations[0] for item in database.work_items]
    wanted = sorted(filter(is_wanted, mutations), key=lambda m: (m.operator_name, m.occurrence))
    return random.Random(seed).sample(wanted, min(n_wanted, len(wanted))), len(wanted)


class Copy:
    """A copy of the sources in which modules are mutated, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copy_sources(folder)
        os.chdir(folder)
        sys.path[:0] = [str(folder)]
        # Mutants are compared on the same examples.
        os.environ["CI"] = "1"
        for name in PRELOADED:
            importlib.import_module(name)
        numba.njit(lambda: 0)()

    def passes(self, tests: Sequence[str], seconds: int, compiled: bool = True) -> bool:
        """Whether the tests pass in a process of their own, within so many seconds."""
        process = os.fork()
        if process == 0:
            os.setsid()
            signal.alarm(seconds)
            for stream in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
            numba.config.DISABLE_JIT = not compiled
            selection = () if compiled else ("-m", "not compiled")
            os._exit(pytest.main([*PYTEST, *selection, *tests]))
        _, status = os.waitpid(process, 0)
        # What the tests have started goes with them.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)
        return status == 0

    def mutate(self, module: Path, names: str, n_wanted: int, seed: int) -> tuple[int, int]:
        """Run a sample of a module's mutants, print the survivors; numbers of killed and run."""
        tests = [f"tests/test_{name}.py" for name in names.split()]
        started = time.perf_counter()
        sys.dont_write_bytecode = False
        # Kernels that change would be compiled anew for each mutant, and end the process at worst.
        compiled = module.parent.name != "_kernels" and "compiled" not in module.name
        if not self.passes(tests, 3600, compiled):
            sys.exit(f"the tests of {module} fail without a mutant: {' '.join(tests)}")
        # Python would take the bytecode of one mutant for that of the next, of the same second.
        sys.dont_write_bytecode = True
        seconds = 30 + round(4 * (time.perf_counter() - started))
        path = self.folder / "skcocluster" / module
        sample, n_mutants = choose(path, n_wanted, seed)
        print(f"{module}: {len(sample)} of {n_mutants} mutants", flush=True)
        n_killed = 0
        for mutation in sample:
            operator = get_operator(mutation.operator_name)(**mutation.operator_args)
            with use_mutation(path, operator, mutation.occurrence) as (before, after):
                survived = self.passes(tests, seconds, compiled)
            if survived:
                print_difference(module, before, after)
            n_killed += not survived
        print(f"{module}: {n_killed} of {len(sample)} killed", flush=True)
        return n_killed, len(sample)


def print_difference(module: Path, before: str, after: str) -> None:
    """Print a mutant as a diff."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(module), "mutant", lineterm="", n=2
    )
    print("\n".join(lines), flush=True)


def main() -> int:
    """Mutate what the command line names."""
    parser = argparse.ArgumentParser(prog="dev.py mutate", description=__doc__.split("\n")[0])
    parser.add_argument("modules", nargs="*", help="such as _shared/alternation.py; default: all")
    parser.add_argument("--sample", type=int, default=20, help="mutants of each module (20)")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    parser.add_argument("--tests", help='instead of those of the table, such as "coclus restarts"')
    parser.add_argument("--folder", type=Path, help="work here and keep it")
    options = parser.parse_args()
    modules = find_modules(options.modules)
    if not hasattr(os, "fork"):
        parser.error("tests are run in forked processes, which this system does not have")
    if not modules:
        parser.error(f"no module of the table is named {' or '.join(options.modules)}")
    with tempfile.TemporaryDirectory() as temporary:
        copy = Copy((options.folder or Path(temporary)).resolve())
        scores = [
            copy.mutate(
                module, options.tests or find_tests(module) or "", options.sample, options.seed
            )
            for module in modules
        ]
    n_killed, n_run = (sum(numbers) for numbers in zip(*scores, strict=True))
    print(f"{n_killed} of {n_run} killed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
