"""The command line, results and reports of max-norm co-clustering."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skcocluster import MaxNormCoclustering
from skcocluster import _cli_registry as registry
from skcocluster._maxnorm._methods import METHODS
from skcocluster.cli import main
from skcocluster.io import load_results, save_results


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", make_X())


def make_X():
    rng = np.random.default_rng(0)
    levels = np.array([[0, 40, 90], [70, 10, 30]])
    rows, columns = rng.integers(2, size=12), rng.integers(3, size=9)
    return levels[rows][:, columns] + rng.integers(0, 4, size=(12, 9))


def fit(*more, file="X.npy"):
    counts = ["--n-row-clusters", "2", "--n-column-clusters", "3"]
    assert main(["fit", file, "--algorithm", "max-norm", *counts, *more, "--output", "out"]) == 0
    return load_results("out/results.json")


def test_fit_prints_the_cost_and_score_finds_it_exactly(capsys):
    results = fit()
    assert results.algorithm == "MaxNormCoclustering"
    assert results.objective == 3
    assert results.converged
    assert re.search(r"largest difference 3 after [0-9]+ iterations?, ", capsys.readouterr().out)
    assert main(["score", "X.npy", "out/results.json"]) == 0
    printed = capsys.readouterr().out
    assert "saved objective       3.0" in printed
    assert "recomputed objective  3.0" in printed
    assert "relative difference   0: the same" in printed


def test_results_are_those_of_the_class():
    results = fit()
    est = MaxNormCoclustering(2, 3, random_state=0).fit(make_X())
    assert_array_equal(results.row_labels, est.row_labels_)
    assert_array_equal(results.column_labels, est.column_labels_)
    assert results.parameters == est.get_params()


def test_score_tells_when_the_matrix_is_another():
    fit()
    np.save("Y.npy", 2 * make_X())
    assert main(["score", "Y.npy", "out/results.json"]) == 1


def test_sparse_files_are_fitted_and_scored():
    sparse.save_npz("S.npz", sparse.csr_array(np.where(make_X() > 39, make_X(), 0)))
    fit(file="S.npz")
    assert main(["score", "S.npz", "out/results.json"]) == 0


def test_contiguous_clusters_are_ranges_of_rows_and_columns():
    results = fit("--contiguous")
    for labels in (results.row_labels, results.column_labels):
        assert (np.diff(labels) >= 0).all()
    assert results.objective > 3


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--method branch_and_bound", {"method": "branch_and_bound", "contiguous": False}),
        ("--time-limit none --max-nodes 50000", {"time_limit": None, "max_nodes": 50_000}),
        ("--time-limit 2.5 --contiguous", {"time_limit": 2.5, "contiguous": True}),
        ("--random-state 3", {"random_state": 3, "time_limit": 60.0, "max_nodes": None}),
    ],
)
def test_parameters_reach_the_algorithm(options, expected):
    parameters = fit(*options.split()).parameters
    assert {key: parameters[key] for key in expected} == expected


def test_every_method_can_be_asked_for():
    assert set(registry.OPTIONS["method"]["choices"]) == set(METHODS)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("--n-row-clusters 13", "n_row_clusters"),
        ("--n-clusters 2", "but --n-row-clusters"),
        ("--method greedy", "one row cluster or one column cluster"),
        ("--method fast", "invalid choice"),
        ("--time-limit soon", "number or 'none'"),
        ("--time-limit -1", "time_limit"),
        ("--n-init 3", "does not take --n-init"),
    ],
)
def test_what_is_wrong_gets_one_line_and_code_2(capsys, argv, message):
    try:
        code = main(["fit", "X.npy", "--algorithm", "max-norm", *argv.split(), "--output", "out"])
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2
    assert err.count("\n") == 1
    assert re.search(message, err)
    assert not Path("out").exists()


@pytest.mark.parametrize("ending", ["json", "nc", "zarr"])
def test_results_come_back_from_every_format(ending):
    if ending != "json":
        pytest.importorskip("xarray")
        pytest.importorskip({"nc": "netCDF4", "zarr": "zarr"}[ending])
    est = MaxNormCoclustering(2, 3, time_limit=None, random_state=0).fit(make_X())
    save_results(est, f"r.{ending}")
    results = load_results(f"r.{ending}")
    assert results.parameters == est.get_params()
    assert results.objective == est.objective_
    assert_array_equal(results.row_labels, est.row_labels_)


def test_tables_and_page_are_written():
    results = fit()
    with open("out/rows.csv", encoding="utf-8", newline="") as file:
        head, *lines = list(csv.reader(file))
    assert head == ["row", "label"]
    assert [line[1] for line in lines] == [str(label) for label in results.row_labels]
    page = Path("out", "report.html").read_text("utf-8")
    assert "Largest difference" in page
    assert "2 × 3" in page
