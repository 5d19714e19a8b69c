"""The page of benchmarks: tables, ratios and exponents from stored results."""

import json
import math

import pytest

import bench_page

COLUMNS = ["result", "params", "version", "started_at", "duration"]
RESULTS = {
    "fits.Rows.track_cost": [[10.0, 20.0, 40.0], [["100", "200", "400"]]],
    "fits.Clusters.track_cost": [[3.0, None, 6.0], [["2", "4", "8"]]],
    "diagonal.Growth.track_cost": [[5.0, 5.0, 10.0], [["'as it is'", "'rows'", "'columns'"]]],
    "overlapping.Growth.track_cost": [[5.0, 10.0], [["'M'"], ["'as it is'", "'columns'"]]],
    "peers.Fit.track_cost": [
        [2.0, 9.0, 1000.0, None],
        [["(200, 200)", "(1000, 1000)"], ["'skcocluster'", "'CGC, numpy'"]],
    ],
    "startup.Import.time_import": [[0.5], []],
}
NAMES = {
    "fits.Rows.track_cost": ["n_rows"],
    "fits.Clusters.track_cost": ["n_clusters"],
    "diagonal.Growth.track_cost": ["what"],
    "overlapping.Growth.track_cost": ["objective", "what"],
    "peers.Fit.track_cost": ["shape", "package"],
    "startup.Import.time_import": [],
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "machine").mkdir()
    stored = {"date": 1_700_000_000_000, "result_columns": COLUMNS, "results": RESULTS}
    (tmp_path / "machine" / "commit.json").write_text(json.dumps(stored))
    (tmp_path / "machine" / "machine.json").write_text("{}")
    known = {
        name: {"param_names": names, "unit": "seconds" if "startup" in name else "reads of X"}
        for name, names in NAMES.items()
    }
    (tmp_path / "benchmarks.json").write_text(json.dumps(known | {"version": 2}))
    return tmp_path


def find(benchmarks, name):
    return next(benchmark for benchmark in benchmarks if benchmark.name.startswith(name))


def test_exponents_are_of_the_whole_time(folder):
    benchmarks, _ = bench_page.load(folder)
    exponents = {
        (benchmark.module, what): slope
        for benchmark in benchmarks
        for what, slope in bench_page.iter_exponents(benchmark)
    }
    # Reads of X double as X does: the time grows as the square.
    assert exponents["fits", "rows"] == pytest.approx(2.0)
    # X stays as it is, and a result that is missing is left out.
    assert exponents["fits", "clusters"] == pytest.approx(0.5)
    assert exponents["diagonal", "rows"] == pytest.approx(1.0)
    # More columns leave sparse rows as they are, and make dense ones longer.
    assert exponents["diagonal", "columns"] == pytest.approx(0.5)
    assert exponents["overlapping", "M, columns"] == pytest.approx(1.5)
    assert len(exponents) == 5


def test_ways_stand_side_by_side_in_units_of_the_first(folder):
    table = bench_page.tabulate(find(bench_page.load(folder)[0], "peers.Fit"))
    rows = [row.split("\n     - ") for row in table.split("   * - ")[1:]]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["shape", "skcocluster", "CGC, numpy"],
        ["200 x 200", "2", "9 (4.5 x)"],
        ["1,000 x 1,000", "1,000", "–"],
    ]


def test_page_names_the_day_and_all_benchmarks(folder):
    page = bench_page.make_page(*bench_page.load(folder))
    assert "2023-11-14" in page
    for heading in ("How cost grows", "Beside CGC", "Whole fits of BBAC", "First calls"):
        assert f"\n{heading}\n{'=' * len(heading)}\n" in page
    assert "0.5 seconds" in page
    assert "Growth with rows" in page


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
    assert modules <= set(bench_page.MODULES)
