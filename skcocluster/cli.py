"""The command ``skcocluster``: co-cluster a file, check saved results, show what it does."""

import argparse
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import __version__
from ._cli_compare import add_compare, run_compare
from ._cli_registry import (
    ALGORITHMS,
    COMMAND_NAMES,
    OPTIONS,
    Algorithm,
    algorithm_name,
    make_estimator,
)

__all__ = ["ALGORITHMS", "Algorithm", "main"]

EXIT_DIFFERENT, EXIT_BAD_INPUT, EXIT_INTERRUPTED = 1, 2, 130
# Sums of squared rounding errors: less is zero.
SMALLEST_OBJECTIVE = 1e-25
DEMO_FOLDER = Path("skcocluster-demo")


# --- the parser ----------------------------------------------------------------------------------


class Parser(argparse.ArgumentParser):
    """Parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and exit with code 2."""
        self.exit(EXIT_BAD_INPUT, f"{self.prog}: error: {message}\n")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the file and how it is read."""
    parser.add_argument(
        "file", type=Path, help=".npy .npz .mtx .csv .tsv .parquet .nc or .zarr; not pickled"
    )
    group = parser.add_argument_group("reading the file")
    group.add_argument("--variable", metavar="NAME", help="array of a file that holds several")
    header = group.add_mutually_exclusive_group()
    header.add_argument("--header", action="store_true", default=None, help="line 1 has names")
    header.add_argument("--no-header", action="store_false", dest="header", help="it has data")
    index = group.add_mutually_exclusive_group()
    index.add_argument(
        "--index-column",
        metavar="NAME",
        type=lambda text: int(text) if text.isdecimal() else text,
        help="column with the names of the rows, by name or by position from 0",
    )
    index.add_argument(
        "--no-index-column", action="store_false", dest="index_column", help="all columns are data"
    )
    group.add_argument("--delimiter", metavar="C", help="between the cells of a text table")
    group.add_argument("--transpose", action="store_true", help="exchange rows and columns")
    parser.set_defaults(index_column=None)


def add_output(parser: argparse.ArgumentParser, **options: Any) -> None:
    """Add the folder and whether it may exist."""
    parser.add_argument("--output", type=Path, metavar="DIR", **options)
    parser.add_argument(
        "--force", action="store_true", help="write into a folder that is not empty"
    )


def add_drawing(parser: argparse.ArgumentParser) -> None:
    """Add how the matrix is drawn."""
    group = parser.add_argument_group("drawing")
    group.add_argument(
        "--order",
        choices=["mean", "diagonal", "label"],
        help="of clusters; default: label where row and column clusters match, else mean",
    )
    group.add_argument("--norm", choices=["linear", "log", "symlog"], default="linear")


def make_parser() -> argparse.ArgumentParser:
    """Parser of the whole command line."""
    parser = Parser(
        prog="skcocluster",
        description="Co-clustering: group the rows and the columns of a matrix together.",
        epilog="Exit codes: 0 done, 1 scores differ, 2 a bad option or file.",
    )
    parser.add_argument("--version", action="version", version=f"skcocluster {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="{fit,compare,demo,score}"
    )

    fit = commands.add_parser("fit", help="co-cluster a matrix in a file")
    add_reading(fit)
    fit.add_argument(
        "--algorithm",
        type=algorithm_name,
        default="BBAC",
        metavar=f"{{{','.join(COMMAND_NAMES)}}}",
        help="default: bbac",
    )
    group = fit.add_argument_group("parameters of the algorithm (its own defaults when left out)")
    for name, options in OPTIONS.items():
        flag = f"--{name.replace('_', '-')}"
        group.add_argument(flag, default=argparse.SUPPRESS, dest=name, **options)
    add_drawing(fit)
    add_output(fit, required=True, help="folder for labels, results, picture and page")
    fit.add_argument("--verbose", action="store_true", help="show the progress of the fit")
    fit.set_defaults(run=run_fit, random_state=0)

    compare = commands.add_parser("compare", help="several algorithms and numbers of clusters")
    add_reading(compare)
    add_compare(compare)
    add_drawing(compare)
    add_output(compare, required=True, help="folder for page, tables and results")
    compare.set_defaults(run=compare_file)

    demo = commands.add_parser("demo", help="co-cluster docstrings of installed packages")
    add_output(demo, help=f"folder for the page; default: {DEMO_FOLDER}")
    demo.add_argument("--random-state", type=int, default=0, metavar="SEED", help="seed")
    demo.set_defaults(run=run_demo)

    score = commands.add_parser("score", help="compute the objective of saved labels once more")
    add_reading(score)
    score.add_argument("results", type=Path, help="results.json, or .nc or .zarr")
    score.add_argument(
        "--engine", choices=["auto", "dask"], help="dask reads a .npy, .nc or .zarr file in chunks"
    )
    score.set_defaults(run=run_score)
    return parser


# --- the commands --------------------------------------------------------------------------------


def say(text: str) -> None:
    """Tell the user, in order with what else is printed."""
    print(text, flush=True)


def read(arguments: argparse.Namespace) -> Any:
    """Read the matrix that the arguments ask for."""
    from .io import read_matrix

    X = read_matrix(
        arguments.file,
        variable=arguments.variable,
        header=arguments.header,
        index_column=arguments.index_column,
        delimiter=arguments.delimiter,
        chunked=getattr(arguments, "engine", None) == "dask",
    )
    return X.T if arguments.transpose else X


def check_output(folder: Path, force: bool) -> None:
    """Refuse a folder that cannot be used, before any work is done."""
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file, not a folder")
    if folder.is_dir() and any(folder.iterdir()) and not force:
        raise FileExistsError(f"the folder {folder} is not empty; --force writes into it")


def run_fit(arguments: argparse.Namespace) -> int:
    """Co-cluster a file and write about it."""
    from ._report import Run, require_matplotlib, write_run
    from .io._record import collect_results

    require_matplotlib()
    check_output(arguments.output, arguments.force)
    more = {"verbose": 1} if arguments.verbose else {}
    est = make_estimator(arguments.algorithm, arguments, **more)
    X = read(arguments)
    say(f"{arguments.file.name}: {X.shape[0]:,} rows, {X.shape[1]:,} columns")
    start = time.perf_counter()
    est.fit(X)
    seconds = time.perf_counter() - start
    source = {"file": arguments.file.name, "transposed": arguments.transpose}
    if arguments.variable:
        source["variable"] = arguments.variable
    results = collect_results(est, metadata=source)
    say(summarise(results, ALGORITHMS[arguments.algorithm].measure, seconds))
    title = f"Co-clusters of {arguments.file.name}"
    lead = f"Rows and columns of {arguments.file.name}, put together by {results.algorithm}."
    drawing = {"order": arguments.order, "norm": arguments.norm}
    run = Run(est, X, results, title, lead, seconds, **drawing)
    for path in write_run(run, arguments.output):
        say(f"  {path}")
    return 0


def compare_file(arguments: argparse.Namespace) -> int:
    """Co-cluster a file in several ways and write about them."""
    from ._report import require_matplotlib

    require_matplotlib()
    check_output(arguments.output, arguments.force)
    return run_compare(arguments, read, say)


def summarise(results: Any, measure: str, seconds: float) -> str:
    """Few lines about a fit."""
    from ._report._overlap import describe_overlap

    unit = "iteration" if results.n_iter == 1 else "iterations"
    lines = [
        f"{measure} {results.objective:.8g} after {results.n_iter} {unit}, {seconds:.2f} s"
        + ("" if results.converged else ", not converged")
    ]
    if results.explained_divergence_ratio is not None:
        lines.append(f"divergence explained: {results.explained_divergence_ratio:.2%}")
    for axis in ("row", "column"):
        if (memberships := getattr(results, f"{axis}_memberships")) is not None:
            lines.append(describe_overlap(axis, memberships))
    return "\n".join(lines)


def run_score(arguments: argparse.Namespace) -> int:
    """Compare the saved objective with one that is computed from the saved labels."""
    from .io import load_results

    results = load_results(arguments.results)
    if results.algorithm not in ALGORITHMS:
        raise ValueError(f"{results.algorithm} is not an algorithm that this version can score")
    algorithm = ALGORITHMS[results.algorithm]
    if arguments.engine == "dask" and not algorithm.chunked:
        raise ValueError(
            f"the objective of {results.algorithm} needs the file in memory: leave out --engine"
        )
    X = read(arguments)
    shape = (results.row_labels.size, results.column_labels.size)
    if X.shape != shape:
        raise ValueError(
            f"the matrix is {X.shape[0]} × {X.shape[1]}, results {shape[0]} × {shape[1]}"
        )
    objective = algorithm.recompute(X, results)
    difference = abs(objective - results.objective)
    # A perfect fit has rounding errors for an objective.
    typical = 1e-3 * (algorithm.scale(X, results) if algorithm.scale else 1.0)
    scale = max(abs(results.objective), abs(objective), typical, SMALLEST_OBJECTIVE)
    same = difference <= 1e-6 * scale
    say(f"saved objective       {results.objective!r}")
    say(f"recomputed objective  {objective!r}")
    say(f"relative difference   {difference / scale:.2g}: {'the same' if same else 'different'}")
    return 0 if same else EXIT_DIFFERENT


def run_demo(arguments: argparse.Namespace) -> int:
    """Co-cluster docstrings and write about it."""
    from ._report import require_matplotlib
    from ._report._demo import run

    require_matplotlib()
    folder = arguments.output or DEMO_FOLDER
    check_output(folder, arguments.force or arguments.output is None)
    run(folder, arguments.random_state, say)
    return 0


def warn(message: Any, *_: Any, **__: Any) -> None:
    """Show a warning as one line."""
    print(f"skcocluster: warning: {' '.join(str(message).split())}", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, default=None
        Arguments; None takes those of the process.

    Returns
    -------
    exit_code : int
        0 when done; 1 when ``score`` finds another objective; 2 for a bad option or file, which
        one line on the standard error output explains.

    Examples
    --------
    >>> from skcocluster.cli import main
    >>> main(["fit", "no-such-file.csv", "--output", "out"])
    2
    """
    arguments = make_parser().parse_args(argv)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = warn
            return arguments.run(arguments)
    except (ValueError, TypeError, OSError, ImportError, MemoryError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        print(f"skcocluster {arguments.command}: error: {text}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print(f"skcocluster {arguments.command}: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
