"""The page of benchmarks: tables, ratios and exponents from stored results."""

import json
import math

import numpy as np
import pytest

import bench_page

COLUMNS = ["result", "params", "version", "started_at", "duration"]
STEPS = ["0", "1", "2", "3"]
SPARSE = ["'rows'", "'columns'", "'entries'", "'clusters'", "'restarts'"]
RESULTS = {
    # Rows: as the size. Columns: as its root. Entries: one result is missing. Clusters: as good
    # as nothing. Restarts: up and down.
    "growth.CoclusSparse.track_cost": [
        [
            *(10.0, 20.0, 40.0, 80.0),
            *(10.0, 10.0 * 2**0.5, 20.0, 20.0 * 2**0.5),
            *(10.0, None, 160.0, 640.0),
            *(10.0, 11.0, 9.0, 10.0),
            *(10.0, 40.0, 10.0, 80.0),
        ],
        [SPARSE, STEPS],
    ],
    "fits.Search.track_cost": [
        [1.0, 2.0, 3.0, 4.0],
        [["'auto'", "'random'"], ["'split_merge'", "None"]],
    ],
    "peers.Fit.track_cost": [
        [2.0, 9.0, 1.0, 1000.0, None, 500.0],
        [
            ["(200, 200)", "(1000, 1000)"],
            ["'skcocluster'", "'CGC, numpy'", "'skcocluster, as CGC'"],
        ],
    ],
    "communities.Graph.track_cost": [
        [4.0, 1.0, 8.0, 9.0],
        [["(200, 200)", "(1000, 1000)"], ["'skcocluster'", "'Louvain'"]],
    ],
    "communities.Quality.track_cost": [
        [0.5, 0.4],
        [["(200, 200)"], ["'skcocluster'", "'Louvain'"]],
    ],
    "diagonal.Dense.track_cost": [[4.0, 8.0], [["'skcocluster'", "'dense products'"]]],
    "iterations.Sparse.track_cost": [[3.0, 1.5], [["'first'", "'later'"]]],
    "startup.Import.time_import": [[0.5], []],
}
NAMES = {
    "growth.CoclusSparse.track_cost": ["what", "step"],
    "fits.Search.track_cost": ["init", "refine"],
    "peers.Fit.track_cost": ["shape", "package"],
    "communities.Graph.track_cost": ["shape", "package"],
    "communities.Quality.track_cost": ["shape", "package"],
    "diagonal.Dense.track_cost": ["package"],
    "iterations.Sparse.track_cost": ["state"],
    "startup.Import.time_import": [],
}


UNITS = {"startup.Import.time_import": "seconds", "communities.Quality.track_cost": "score"}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "machine").mkdir()
    stored = {
        "date": 1_700_000_000_000,
        "params": {"ram": "16000000000"},
        "result_columns": COLUMNS,
        "results": RESULTS,
    }
    (tmp_path / "machine" / "commit.json").write_text(json.dumps(stored))
    (tmp_path / "machine" / "machine.json").write_text("{}")
    known = {
        name: {"param_names": names, "unit": UNITS.get(name, "reads of X")}
        for name, names in NAMES.items()
    }
    (tmp_path / "benchmarks.json").write_text(json.dumps(known | {"version": 2}))
    return tmp_path


def find(benchmarks, name):
    return next(benchmark for benchmark in benchmarks if benchmark.name.startswith(name))


def read_table(table):
    """Head and rows of a list-table."""
    rows = [row.split("\n     - ") for row in table.split("   * - ")[1:]]
    return [[cell.strip() for cell in row] for row in rows]


def test_exponents_are_slopes_of_logarithms_with_their_errors():
    sizes = [10, 20, 40, 80]
    slope, error = bench_page.measure_slope(sizes, [3.0, 12.0, 48.0, 192.0])
    assert slope == pytest.approx(2.0)
    assert error == pytest.approx(0.0, abs=1e-7)
    costs = [10.0, 20.0, 60.0, 80.0]
    x, y = np.log(sizes), np.log(costs)
    (expected, _), residual, *_ = np.polyfit(x, y, 1, full=True)
    slope, error = bench_page.measure_slope(sizes, costs)
    assert slope == pytest.approx(expected)
    # The variance of a slope: that of the residuals over the sum of squares of x.
    assert error**2 == pytest.approx(residual[0] / 2 / ((x - x.mean()) ** 2).sum())


def test_growth_is_given_between_its_sizes(folder):
    growth = find(bench_page.load(folder)[0], "growth")
    head, *rows = read_table(bench_page.tabulate_growth(growth))
    assert head == ["what grows", "from, to", "1 x", "2 x", "4 x", "8 x", "exponent"]
    # The sizes are those of the benchmark's own class.
    assert rows == [
        ["rows", "20,000 to 160,000", "10", "20", "40", "80", "1.00 ± 0.00"],
        ["columns", "5,000 to 40,000", "10", "14.1", "20", "28.3", "0.50 ± 0.00"],
        ["entries", "20 to 160", "10", "–", "160", "640", "2.00 ± 0.00"],
        ["clusters", "5 to 40", "10", "11", "9", "10", "none"],
        ["restarts", "1 to 8", "10", "40", "10", "80", "varies"],
    ]


@pytest.mark.parametrize(
    ("costs", "text"),
    [([None, 2.0, None], "–"), ([None] * 3, "–"), ([1.0, None, 16.0], "2.00")],
)
def test_two_costs_make_an_exponent_without_an_error_and_fewer_make_none(costs, text):
    assert bench_page.show_slope([10, 20, 40], costs) == text


def test_exponents_of_all_estimators_come_first(folder):
    page = bench_page.make_page(*bench_page.load(folder))
    table = page[page.index("   * - exponents") : page.index("\n\n", page.index("exponents"))]
    head, row = read_table(table)[:2]
    assert head == ["exponents", "rows", "columns", "entries", "clusters", "restarts"]
    assert row[:4] == [
        "Coclus, default options, sparse",
        "1.00 ± 0.00",
        "0.50 ± 0.00",
        "2.00 ± 0.00",
    ]
    assert page.index("How cost grows") < page.index("Beside CGC")
    assert "From 20,000 x 5,000 with 20 entries in each row and 5 clusters." in page


def test_values_of_the_last_parameter_stand_side_by_side(folder):
    table = bench_page.tabulate(find(bench_page.load(folder)[0], "fits.Search"))
    assert table.startswith(".. list-table:: reads of X\n")
    assert read_table(table) == [
        ["init", "refine: split_merge", "refine: None"],
        ["auto", "1", "2"],
        ["random", "3", "4"],
    ]


def test_a_single_parameter_has_a_row_for_each_value_unless_it_names_ways(folder):
    benchmarks, _ = bench_page.load(folder)
    alone = bench_page.tabulate(find(benchmarks, "iterations.Sparse"))
    assert read_table(alone) == [["state", "reads of X"], ["first", "3"], ["later", "1.5"]]
    ways = bench_page.tabulate(find(benchmarks, "diagonal.Dense"))
    assert read_table(ways) == [["skcocluster", "dense products"], ["4", "8 (2 x)"]]


def test_ways_stand_side_by_side_in_units_of_the_first(folder):
    table = bench_page.tabulate(find(bench_page.load(folder)[0], "peers.Fit"))
    assert read_table(table) == [
        ["shape", "skcocluster", "CGC, numpy", "skcocluster, as CGC"],
        ["200 x 200", "2", "9 (4.5 x)", "1 (0.5 x)"],
        ["1,000 x 1,000", "1,000", "–", "500 (0.5 x)"],
    ]


def test_scores_stand_side_by_side_as_they_are(folder):
    table = bench_page.tabulate(find(bench_page.load(folder)[0], "communities.Quality"))
    assert read_table(table) == [["shape", "skcocluster", "Louvain"], ["200 x 200", "0.5", "0.4"]]


def test_rows_in_which_others_are_faster_are_named(folder):
    # Neither where they are slower, nor other ways of this package, nor scores.
    assert list(bench_page.iter_faster(bench_page.load(folder)[0])) == [
        ["communities Graph", "shape: 200 x 200", "Louvain", "0.25 x"]
    ]
    assert "Where something else is faster" in bench_page.make_page(*bench_page.load(folder))


def test_page_names_the_day_and_all_benchmarks(folder):
    page = bench_page.make_page(*bench_page.load(folder))
    assert "2023-11-14 in 16 GB of memory" in page
    for heading in ("How cost grows", "Whole fits of BBAC", "First calls"):
        assert f"\n{heading}\n{'=' * len(heading)}\n" in page
    assert "0.5 seconds" in page
    assert "What the start and the search cost" in page


def test_without_results_the_error_says_what_makes_them(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"dev\.py bench"):
        bench_page.load(tmp_path)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (math.nan, "–"), (0.12345, "0.123"), (12345.6, "12,346")]
)
def test_results_have_three_digits(value, text):
    assert bench_page.show_value(value) == text


def test_every_module_of_benchmarks_has_its_title():
    folder = bench_page.ROOT / "asv_bench" / "benchmarks"
    modules = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")}
    assert modules == {*bench_page.MODULES, bench_page.GROWTH}
