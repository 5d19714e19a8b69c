"""The page of benchmarks, from what asv has stored: ``doc/benchmarks.rst``.

``python3 dev.py bench`` runs this after the benchmarks. Rows are the combinations of parameters;
the values of the last one stand side by side, and where it names ways to do the same work, with
what each costs in units of the first. Growth is the slope of CPU times over sizes, as logarithms.
"""

from __future__ import annotations

import ast
import datetime
import inspect
import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any

import numba
import numpy as np
import scipy
import scipy.stats
import sklearn

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "asv_bench" / "results"
PAGE = ROOT / "doc" / "benchmarks.rst"
MODULES = {
    "peers": "Beside CGC and plain NumPy",
    "large": "Up to the machine's memory",
    "communities": "Beside community detection",
    "spectral": "Spectral methods, beside scikit-learn",
    "diagonal": "Coclus",
    "overlapping": "Clusters that overlap",
    "max_norm": "The maximum norm",
    "iterations": "Iterations of BBAC",
    "fits": "Whole fits of BBAC",
    "dask_reads": "Dask arrays",
    "dask_cluster": "Dask clusters",
    "dask_neo": "Clusters that overlap, on dask arrays",
    "searches": "Choosing numbers of clusters",
    "measures": "Measures",
    "memory": "Memory",
    "startup": "First calls",
    "kernels": "Kernels",
}
# The last parameter is one of these where it names ways to do the same work.
WAYS = ("package", "how", "method", "way", "decider")
# The unit of what is compared as it is.
SCORE = "score"
# How the names of ways begin that are not this package.
OTHERS = ("CGC", "NumPy", "Louvain", "Leiden", "scikit-learn", "products", "equations", "dense")
# Methods that a class of benchmarks has for what it is about.
PLAIN = ("cost", "fit")
# An exponent whose standard error is larger is none.
LARGEST_ERROR = 0.25
# Sizes that grow in the module of that name, and what stays as it is in sparse matrices.
GROWTH = "growth"
GROWING = ("rows", "columns", "entries", "clusters", "restarts")

INTRODUCTION = """.. _benchmarks:

==========
Benchmarks
==========

Written by ``python3 dev.py bench`` from a run of {date} in {memory} GB of memory, with
{versions}.
Seconds say little on another machine: most numbers are CPU times of one thread in *reads of X*,
the time that ``X.sum()`` takes in the same process (for sparse X, that of its values and column
numbers). "x" after a number: in units of the first way in its line. Empty cells are of packages
that were not installed, and of what does not apply. Where something else is faster is listed at the
end.
"""

FASTER_TEXT = """Where something else is faster
==============================

All rows of this page in which another package, or plain NumPy, takes less CPU time than this one.
Results need not be as good: BBAC and Coclus search for better labels by default
(:ref:`what that buys <bbac_quality>`), others take what their start leads to. On small matrices
much of a fit is checks and calls, whatever the number of entries.
"""

GROWTH_TEXT = """How cost grows
==============

Whole fits, of planted clusters, as one size grows and the others stay. An exponent e says that CPU
time grows as the e-th power of that size, between the sizes given: it is the slope of a straight
line through the logarithms, with its standard error. Below 1, part of the cost is the same at all
sizes. Numbers of iterations differ between sizes, and that is where most of the error comes from.
"varies" stands where it is above {error}: how long the search goes on then decides more than the
size; "none" where the exponent is less than twice its error: no growth that could be told from the
rest. Rows of sparse matrices bring their entries with them, columns do not: the same entries are
spread over more of them. "Entries" are those of each row, "restarts" ``n_init``; of the spectral
methods, restarts of k-means.
"""


@dataclass(frozen=True)
class Benchmark:
    """What asv has measured in one benchmark.

    Attributes
    ----------
    name : str
        ``module.Class.method``.
    names : sequence of str
        Parameters.
    params : sequence of sequence of str
        Values of each parameter, as asv writes them.
    values : sequence of float or None
        A result for each combination, the last parameter fastest; None where it does not apply.
    unit : str
        Of the results.
    """

    name: str
    names: Sequence[str]
    params: Sequence[Sequence[str]]
    values: Sequence[float | None]
    unit: str

    @property
    def module(self) -> str:
        """The module's name."""
        return self.name.split(".")[0]

    def lines(self) -> dict[tuple[str, ...], float | None]:
        """Results by combination of parameters."""
        shown = [[show_param(value) for value in values] for values in self.params]
        return dict(zip(product(*shown), self.values, strict=True))


def show_param(text: str) -> str:
    """Return a parameter as a reader writes it: asv stores its repr."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
    if isinstance(value, tuple) and all(isinstance(n, int) for n in value):
        return " x ".join(f"{n:,}" for n in value)
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def show_value(value: float | None) -> str:
    """Return a result with three digits."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def load(folder: Path) -> tuple[list[Benchmark], Mapping[str, Any]]:
    """Return the benchmarks of the newest file of results, and the file."""
    files = [path for path in folder.glob("*/*.json") if path.name != "machine.json"]
    if not files:
        raise FileNotFoundError(f"no results in {folder.name}: python3 dev.py bench makes them")
    stored = json.loads(max(files, key=lambda path: path.stat().st_mtime).read_text("utf-8"))
    known = json.loads((folder / "benchmarks.json").read_text("utf-8"))
    columns = stored["result_columns"]
    found = []
    for name, line in stored["results"].items():
        result = dict(zip(columns, line, strict=False))
        if result.get("result") and name in known:
            about = known[name]
            names, unit = about["param_names"], about["unit"]
            values = [None if value is None else float(value) for value in result["result"]]
            found.append(Benchmark(name, names, result["params"], values, unit))
    return found, stored


# --- tables ------------------------------------------------------------------------------------


def make_table(head: Sequence[str], rows: Iterable[Sequence[str]], title: str = "") -> str:
    """Return a list-table."""
    lines = [f".. list-table:: {title}".rstrip(), "   :header-rows: 1", ""]
    for row in (head, *rows):
        cells = [f"     - {cell}" for cell in row]
        lines += ["   * " + cells[0].lstrip(), *cells[1:]]
    return "\n".join(lines)


def has_ways(benchmark: Benchmark) -> bool:
    """Whether the last parameter names ways to do the same work."""
    return benchmark.names[-1] in WAYS and len(benchmark.params[-1]) > 1


def tabulate(benchmark: Benchmark) -> str:
    """Return the results as a table."""
    results = benchmark.lines()
    if not benchmark.names:
        return f"{show_value(benchmark.values[0])} {benchmark.unit}"
    *names, last = benchmark.names
    ways = has_ways(benchmark)
    if not names and not ways:
        rows = [[*key, show_value(value)] for key, value in results.items()]
        return make_table([last, benchmark.unit], rows)
    shown = [show_param(value) for value in benchmark.params[-1]]
    rows = []
    for key in dict.fromkeys(key[:-1] for key in results):
        values = [results[*key, value] for value in shown]
        first = values[0] if ways and benchmark.unit != SCORE else None
        rows.append([*key, *(compare(value, first) for value in values)])
    heads = shown if ways else [f"{last}: {value}" for value in shown]
    return make_table([*names, *heads], rows, benchmark.unit)


def compare(value: float | None, first: float | None) -> str:
    """Return a result and, if it is not the first itself, what it is in units of the first."""
    text = show_value(value)
    if value is None or not first or value == first or math.isnan(value + first):
        return text
    return f"{text} ({show_value(value / first)} x)"


def iter_faster(benchmarks: Iterable[Benchmark]) -> Iterator[list[str]]:
    """Yield benchmark, parameters, way and ratio where another way is faster than this package."""
    for benchmark in benchmarks:
        if benchmark.unit != "reads of X" or not benchmark.names or not has_ways(benchmark):
            continue
        results = benchmark.lines()
        ours = show_param(benchmark.params[-1][0])
        for (*key, way), value in results.items():
            first = results[*key, ours]
            if way.startswith(OTHERS) and value and first and value < first:
                names = zip(benchmark.names, key, strict=False)
                where = ", ".join(f"{name}: {text}" for name, text in names)
                title = " ".join(benchmark.name.split(".")[:2])
                yield [title, where or "–", way, f"{value / first:.2g} x"]


# --- growth ------------------------------------------------------------------------------------


def measure_slope(sizes: Sequence[float], costs: Sequence[float]) -> tuple[float, float]:
    """Return the slope of the logarithms of costs over those of sizes, and its standard error.

    The error is NaN for two points.
    """
    fitted = scipy.stats.linregress(np.log(sizes), np.log(costs))
    return float(fitted.slope), float(fitted.stderr) if len(sizes) > 2 else math.nan


def iter_growth(benchmark: Benchmark) -> Iterator[tuple[str, list[int], list[float | None]]]:
    """Yield what grows, its sizes and the costs."""
    owner = find_class(benchmark.name)
    results = benchmark.lines()
    for what in map(show_param, benchmark.params[0]):
        costs = [results[what, show_param(step)] for step in benchmark.params[1]]
        yield what, owner.sizes(what), costs


def show_slope(sizes: Sequence[int], costs: Sequence[float | None]) -> str:
    """Return the exponent with its error, a dash where there are not two costs."""
    known = [(size, value) for size, value in zip(sizes, costs, strict=True) if value]
    if len(known) < 2:
        return "–"
    slope, error = measure_slope(*zip(*known, strict=True))
    if error > LARGEST_ERROR:
        return "varies"
    if slope < 2 * error:
        return "none"
    return f"{slope:.2f}" if math.isnan(error) else f"{slope:.2f} ± {error:.2f}"


def tabulate_growth(benchmark: Benchmark) -> str:
    """Return the costs at each size, and the exponents."""
    rows = []
    for what, sizes, costs in iter_growth(benchmark):
        ends = f"{sizes[0]:,} to {sizes[-1]:,}"
        rows.append([what, ends, *map(show_value, costs), show_slope(sizes, costs)])
    _, sizes, _ = next(iter_growth(benchmark))
    steps = [f"{size // sizes[0]} x" for size in sizes]
    heads = ["what grows", "from, to", *steps, "exponent"]
    return make_table(heads, rows, benchmark.unit)


def iter_growth_sections(benchmarks: Sequence[Benchmark]) -> Iterator[str]:
    """Yield exponents of all estimators in one table, then the costs that they come from."""
    rows = []
    for benchmark in benchmarks:
        slopes = {what: show_slope(sizes, costs) for what, sizes, costs in iter_growth(benchmark)}
        title = describe(benchmark.name).rstrip(".")
        rows.append([title, *(slopes.get(what, "–") for what in GROWING)])
    yield GROWTH_TEXT.format(error=LARGEST_ERROR)
    yield make_table(["exponents", *GROWING], rows) + "\n"
    for benchmark in benchmarks:
        title = describe(benchmark.name).rstrip(".")
        yield f"{title}\n{'-' * len(title)}\n"
        start = find_class(benchmark.name).problem
        yield f"From {start}.\n\n{tabulate_growth(benchmark)}\n"


# --- the page ----------------------------------------------------------------------------------


def find_class(name: str) -> Any:
    """Return the class of a benchmark; None where it is gone."""
    module, owner = name.split(".")[:2]
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    try:
        return getattr(import_module(f"asv_bench.benchmarks.{module}"), owner, None)
    except ImportError:
        return None


def describe(name: str) -> str:
    """Return the first paragraph of what the benchmark's class says of itself."""
    text = inspect.getdoc(find_class(name)) or ""
    return " ".join(text.split("\n\n")[0].split())


def iter_sections(benchmarks: Sequence[Benchmark]) -> Iterator[str]:
    """Yield the parts of the page."""
    growing = [benchmark for benchmark in benchmarks if benchmark.module == GROWTH]
    if growing:
        yield from iter_growth_sections(growing)
    for module, title in MODULES.items():
        own = [benchmark for benchmark in benchmarks if benchmark.module == module]
        if own:
            yield f"{title}\n{'=' * len(title)}\n"
        for benchmark in own:
            owner, method = benchmark.name.split(".")[1:]
            what = method.partition("_")[2]
            heading = owner if what in PLAIN else f"{owner}, {what}"
            yield f"{heading}\n{'-' * len(heading)}\n"
            yield f"{describe(benchmark.name)}\n\n{tabulate(benchmark)}\n"
    faster = list(iter_faster(benchmarks))
    if faster:
        yield FASTER_TEXT
        yield make_table(["benchmark", "of", "way", "in units of this package"], faster) + "\n"


def make_page(benchmarks: Sequence[Benchmark], stored: Mapping[str, Any]) -> str:
    """Return the text of the page."""
    seconds = stored["date"] / 1000
    date = datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d")
    versions = ", ".join(
        f"{package.__name__} {package.__version__}" for package in (np, scipy, sklearn, numba)
    )
    memory = round(int(stored["params"]["ram"]) / 1e9)
    introduction = INTRODUCTION.format(date=date, memory=memory, versions=versions)
    return "\n".join([introduction, *iter_sections(benchmarks)])


def main() -> None:
    """Write the page."""
    PAGE.write_text(make_page(*load(RESULTS)), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
