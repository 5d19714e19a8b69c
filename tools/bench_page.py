"""The page of benchmarks, from what asv has stored: ``doc/benchmarks.rst``.

``python3 dev.py bench`` runs this after the benchmarks. Rows are the combinations of parameters;
where the last parameter names ways to do the same work, they stand side by side, with what each
costs in units of the first. Growth is given as the exponent of the whole CPU time.
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
import sklearn

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "asv_bench" / "results"
PAGE = ROOT / "doc" / "benchmarks.rst"
MODULES = {
    "peers": "Beside CGC",
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
# Methods that a class of benchmarks has for what it is about.
PLAIN = ("cost", "fit")
# What grows by FACTOR in benchmarks that say so, and what X, the unit of cost, grows with.
FACTOR, BASE = 4.0, "as it is"
SIZES = ("rows", "columns", "entries", "n_rows", "n_columns")
# Of sparse rows with so many entries each.
FIXED = {"diagonal": ("columns",)}
COUNTS = ("n_rows", "n_columns", "n_clusters")

INTRODUCTION = """.. _benchmarks:

==========
Benchmarks
==========

Written by ``python3 dev.py bench`` from a run of {date}, with
{versions}.
Seconds say little on another machine: most numbers are CPU times of one thread in *reads of X*,
the time that ``X.sum()`` takes in the same process (for sparse X, that of its values and column
numbers). "x" after a number: in units of the first way in its line. An exponent e says that the
whole CPU time grows as the e-th power of what grows. Empty rows are of packages that were not
installed.
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


def make_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a list-table."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in (head, *rows):
        cells = [f"     - {cell}" for cell in row]
        lines += ["   * " + cells[0].lstrip(), *cells[1:]]
    return "\n".join(lines)


def has_ways(benchmark: Benchmark) -> bool:
    """Whether the last parameter names ways to do the same work."""
    return bool(benchmark.names) and benchmark.names[-1] in WAYS and len(benchmark.params[-1]) > 1


def tabulate(benchmark: Benchmark) -> str:
    """Return the results as a table."""
    results = benchmark.lines()
    if not benchmark.names:
        return f"{show_value(benchmark.values[0])} {benchmark.unit}"
    if not has_ways(benchmark):
        rows = [[*key, show_value(value)] for key, value in results.items()]
        return make_table([*benchmark.names, benchmark.unit], rows)
    ways = [show_param(way) for way in benchmark.params[-1]]
    rows = []
    for key in dict.fromkeys(key[:-1] for key in results):
        values = [results[*key, way] for way in ways]
        rows.append([*key, *(compare(value, values[0]) for value in values)])
    return make_table([*benchmark.names[:-1], *ways], rows)


def compare(value: float | None, first: float | None) -> str:
    """Return a result and, if it is not the first itself, what it is in units of the first."""
    text = show_value(value)
    if value is None or not first or value == first or math.isnan(value + first):
        return text
    return f"{text} ({value / first:.3g} x)"


def iter_exponents(benchmark: Benchmark) -> Iterator[tuple[str, float]]:
    """Yield what grows, and the exponent of the whole CPU time."""
    if benchmark.unit != "reads of X" or not benchmark.names:
        return
    last = benchmark.names[-1]
    if last == "what":
        results = benchmark.lines()
        for key, value in results.items():
            base = results.get((*key[:-1], BASE))
            if key[-1] != BASE and value and base:
                yield ", ".join(key), math.log(value / base, FACTOR) + size_of(benchmark, key[-1])
    elif len(benchmark.names) == 1 and last in COUNTS:
        counts = [float(value) for value in benchmark.params[0]]
        points = [(n, v) for n, v in zip(counts, benchmark.values, strict=True) if v]
        if len(points) > 1:
            sizes, costs = np.log(np.array(points)).T
            slope = float(np.polyfit(sizes, costs, 1)[0])
            yield last.removeprefix("n_"), slope + size_of(benchmark, last)


def size_of(benchmark: Benchmark, what: str) -> int:
    """Return 1 where X grows with what grows, else 0."""
    return int(what in SIZES and what not in FIXED.get(benchmark.module, ()))


# --- the page ----------------------------------------------------------------------------------


def describe(name: str) -> str:
    """Return the first paragraph of what the benchmark's class says of itself."""
    module, owner = name.split(".")[:2]
    sys.path.insert(0, str(ROOT))
    try:
        found = getattr(import_module(f"asv_bench.benchmarks.{module}"), owner, None)
    except ImportError:
        return ""
    text = inspect.getdoc(found) or ""
    return " ".join(text.split("\n\n")[0].split())


def iter_sections(benchmarks: Sequence[Benchmark]) -> Iterator[str]:
    """Yield the parts of the page."""
    exponents = [
        [" ".join(benchmark.name.split(".")[:2]), what, f"{slope:.2f}"]
        for benchmark in benchmarks
        for what, slope in iter_exponents(benchmark)
    ]
    if exponents:
        yield "How cost grows\n==============\n"
        yield make_table(["benchmark", "what grows", "exponent"], exponents) + "\n"
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


def make_page(benchmarks: Sequence[Benchmark], stored: Mapping[str, Any]) -> str:
    """Return the text of the page."""
    seconds = stored["date"] / 1000
    date = datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d")
    versions = ", ".join(
        f"{package.__name__} {package.__version__}" for package in (np, scipy, sklearn, numba)
    )
    parts = [INTRODUCTION.format(date=date, versions=versions), *iter_sections(benchmarks)]
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    PAGE.write_text(make_page(*load(RESULTS)), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
