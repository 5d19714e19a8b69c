"""The command ``skcocluster compare``: several algorithms and numbers of clusters on one matrix."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._cli_registry import COMMAND_NAMES, OPTIONS, algorithm_name
from ._report._compare import Counts

if TYPE_CHECKING:
    from ._report._compare_files import Comparison

DEFAULT_ALGORITHMS = "bbac,coclus,spectral-coclustering,spectral-biclustering"
# Told by --clusters and --seeds; and what is about one long fit.
NOT_OPTIONS = {"n_clusters", "n_row_clusters", "n_column_clusters", "random_state"}
NOT_OPTIONS |= {"engine", "checkpoint", "row_labels"}


def read_algorithms(text: str) -> list[str]:
    """Names of classes from "bbac,coclus"; "all" for all."""
    names = COMMAND_NAMES if text == "all" else text.split(",")
    return list(dict.fromkeys(algorithm_name(name.strip()) for name in names))


def read_counts(text: str) -> list[Counts]:
    """Numbers of clusters from "2,3,4x3"."""
    counts = []
    for part in text.split(","):
        numbers = [int(number) for number in part.lower().replace("×", "x").split("x")]
        if len(numbers) > 2 or min(numbers) < 1:
            raise ValueError
        counts.append(Counts(*numbers))
    return counts


def read_seeds(text: str) -> list[int]:
    """Seeds from "0,1,2"."""
    return [int(seed) for seed in text.split(",")]


# argparse calls a value by the name of the function that refused it.
read_counts.__name__ = "numbers of clusters such as 2,3,4x3"
read_seeds.__name__ = "seeds such as 0,1,2"


def add_compare(parser: argparse.ArgumentParser) -> None:
    """Add what is compared, and the parameters that go to all who have them."""
    parser.add_argument(
        "--algorithms",
        type=read_algorithms,
        default=read_algorithms(DEFAULT_ALGORITHMS),
        metavar="NAME,...",
        help=f"of {', '.join(COMMAND_NAMES)}, or all; default: {DEFAULT_ALGORITHMS}",
    )
    parser.add_argument(
        "--clusters",
        type=read_counts,
        required=True,
        metavar="K,...",
        help="numbers of clusters; 4x3 for 4 row clusters and 3 column clusters",
    )
    parser.add_argument(
        "--seeds", type=read_seeds, default=[0], metavar="SEED,...", help="default: 0"
    )
    group = parser.add_argument_group("parameters, each for the algorithms that have it")
    for name, options in OPTIONS.items():
        if name not in NOT_OPTIONS:
            flag = f"--{name.replace('_', '-')}"
            group.add_argument(flag, default=argparse.SUPPRESS, dest=name, **options)


def run_compare(
    arguments: argparse.Namespace, read: Callable[..., Any], say: Callable[[str], None]
) -> int:
    """Fit all that is asked for, tell and write; the exit code."""
    from ._report._compare import fit_plans, make_plans
    from ._report._compare_files import Comparison, write_comparison

    given = {key: value for key, value in vars(arguments).items() if key in OPTIONS}
    plans, refused = make_plans(arguments.algorithms, arguments.clusters, arguments.seeds, given)
    X = read(arguments)
    file = arguments.file.name
    say(f"{file}: {X.shape[0]:,} rows, {X.shape[1]:,} columns")
    source = {"file": file, "transposed": arguments.transpose}
    if arguments.variable:
        source["variable"] = arguments.variable
    done, more = fit_plans(plans, X, source, lambda name: say(f"  {name} ..."))
    refused += more
    if not done:
        reasons = "; ".join(f"{one.name}: {one.reason}" for one in refused)
        raise ValueError(f"nothing could be fitted: {reasons}")
    comparison = Comparison(
        X,
        done,
        refused,
        title=f"Co-clusterings of {file}, compared",
        lead=f"The rows and columns of {file}, put together in {len(done)} ways.",
        order=arguments.order,
        norm=arguments.norm,
    )
    for line in describe(comparison):
        say(line)
    paths = write_comparison(comparison, arguments.output)
    for path in paths[:3]:
        say(f"  {path}")
    say(f"  and {len(paths) - 3} files with the results of each run")
    return 0


def describe(comparison: "Comparison") -> list[str]:
    """Lines about all fits: a table, who agrees best, what was not fitted."""
    from ._report._compare import list_runs
    from ._report._compare_files import describe_best

    table = list_runs(comparison.done, comparison.agreement["entries"])
    table["objective"] = [f"{value:.8g}" for value in table["objective"]]
    table["seconds"] = [f"{value:.2f}" for value in table["seconds"]]
    table["agreement"] = [f"{value:.3f}" if value == value else "" for value in table["agreement"]]
    # The name of the run says it already.
    for name in ("algorithm", "seed"):
        del table[name]
    lines = [[name, *map(str, values)] for name, values in table.items()]
    widths = [max(map(len, column)) for column in lines]
    texts = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*lines, strict=True)
    ]
    if (best := describe_best(comparison)) is not None:
        texts.append(f"agree best: {best}")
    return [*texts, *(f"not fitted: {one.name}: {one.reason}" for one in comparison.refused)]
