"""The command line, results and reports of clusters that overlap."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

from skcocluster import BBAC, NEOCC, NEOKMeans
from skcocluster import _cli_registry as registry
from skcocluster.cli import main
from skcocluster.datasets import make_overlapping_blocks
from skcocluster.io import load_results, save_results

COUNTS = {
    "neocc": ["--n-row-clusters", "3", "--n-column-clusters", "2"],
    "neo-kmeans": ["--n-clusters", "3"],
}
SHARES = {
    "neocc": [
        *("--row-overlap", "0.2", "--row-outliers", "0.1"),
        *("--column-overlap", "0.25", "--column-outliers", "0.1"),
    ],
    "neo-kmeans": ["--overlap", "0.2", "--outliers", "0.1"],
}
CLASSES = {"neocc": NEOCC, "neo-kmeans": NEOKMeans}
MEASURES = {"neocc": "squared residue", "neo-kmeans": "inertia"}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", make_X())


def make_X():
    return make_overlapping_blocks((30, 20), (3, 2), row_overlap=0.2, random_state=0)[0]


def fit(name, *more, file="X.npy"):
    argv = ["fit", file, "--algorithm", name, *COUNTS[name], *SHARES[name], *more]
    assert main([*argv, "--output", "out"]) == 0
    return load_results("out/results.json")


def read_table(name):
    with open(Path("out", name), encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def as_clusters(memberships):
    return [" ".join(str(g) for g in range(len(line)) if line[g]) for line in memberships]


# --- fit and score -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
def test_fit_tells_of_the_overlap_and_score_finds_the_objective(capsys, name):
    results = fit(name)
    printed = capsys.readouterr().out
    assert re.search(f"{MEASURES[name]} [0-9.]+ after [0-9]+ iteration", printed)
    assert "36 memberships of 30 rows: " in printed
    counts = results.row_memberships.sum(axis=1)
    assert f"{(counts > 1).sum()} in several clusters, {(counts == 0).sum()} in none" in printed
    assert ("25 memberships of 20 columns" in printed) == (name == "neocc")
    assert main(["score", "X.npy", "out/results.json"]) == 0
    assert "the same" in capsys.readouterr().out


def test_score_takes_the_objective_of_the_fit(capsys):
    residue = fit("neocc", "--objective", "RCM").objective
    assert residue < fit("neocc", "--force").objective
    fit("neocc", "--objective", "RCM", "--force")
    assert main(["score", "X.npy", "out/results.json"]) == 0


@pytest.mark.parametrize("name", CLASSES)
def test_score_tells_when_the_matrix_is_another(capsys, name):
    fit(name)
    np.save("Y.npy", make_X() * (1 + np.arange(20) % 3))
    assert main(["score", "Y.npy", "out/results.json"]) == 1
    assert "different" in capsys.readouterr().out


@pytest.mark.parametrize("name", CLASSES)
def test_score_of_a_perfect_fit_is_the_same(name):
    # Rounding errors of numbers so large are no small ones.
    lines = 1e7 * np.random.default_rng(2).random((2, 40))
    if name == "neocc":
        lines = np.repeat(1e7 / np.array([[3, 7], [11, 13]]), 20, axis=1)
    np.save("P.npy", np.repeat(lines, 30, axis=0))
    argv = ["fit", "P.npy", "--algorithm", name, COUNTS[name][0], "2", "--output", "out"]
    assert main(argv) == 0
    assert main(["score", "P.npy", "out/results.json"]) == 0


def test_inertia_of_many_columns_is_taken_a_few_at_a_time(monkeypatch):
    X = np.random.default_rng(0).normal(size=(12, 11))
    est = NEOKMeans(3, overlap=0.3, random_state=0).fit(X)
    save_results(est, "r.json")
    results = load_results("r.json")
    monkeypatch.setattr(registry, "MAX_COLUMNS", 4)
    recompute = registry.ALGORITHMS["NEOKMeans"].recompute
    for same in (X, sparse.csr_array(X)):
        np.testing.assert_allclose(recompute(same, results), est.inertia_, rtol=1e-12)


@pytest.mark.parametrize("name", CLASSES)
def test_sparse_files_are_fitted_and_scored(name):
    X = np.where(make_X() > 1, np.round(make_X()), 0)
    sparse.save_npz("S.npz", sparse.csr_array(X))
    fit(name, file="S.npz")
    assert main(["score", "S.npz", "out/results.json"]) == 0


# --- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
def test_left_out_parameters_have_the_defaults_of_the_class(name):
    assert main(["fit", "X.npy", "--algorithm", name, "--output", "out"]) == 0
    assert load_results("out/results.json").parameters == CLASSES[name](random_state=0).get_params()


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        (
            "neocc",
            "--row-overlap auto --column-overlap auto-spread --row-outliers auto "
            "--column-outliers 0.05 --overlap-spread 1.5 --objective RCM --anneal",
            {
                "row_overlap": "auto",
                "column_overlap": "auto-spread",
                "row_outliers": "auto",
                "column_outliers": 0.05,
                "overlap_spread": 1.5,
                "objective": "RCM",
                "anneal": True,
            },
        ),
        (
            "neocc",
            "--column-overlap -0.1 --column-outliers 0.1 --init neo-kmeans --n-init 2",
            {"column_overlap": -0.1, "init": "neo-kmeans", "anneal": False, "n_init": 2},
        ),
        (
            "neo-kmeans",
            "--overlap auto-spread --overlap-spread -0.5 --outliers auto --init k-means --tol 0",
            {"overlap": "auto-spread", "overlap_spread": -0.5, "init": "k-means", "tol": 0.0},
        ),
    ],
)
def test_parameters_reach_the_algorithm(name, options, expected):
    parameters = fit(name, *options.split()).parameters
    assert {key: parameters[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("X.npy --algorithm neocc --row-overlap -0.2", r"row_overlap >= -row_outliers must hold"),
        ("X.npy --algorithm neo-kmeans --overlap 2.5", r"<= n \* n_clusters must hold"),
        ("X.npy --algorithm neo-kmeans --overlap much", "number, 'auto' or 'auto-spread'"),
        ("X.npy --algorithm neocc --row-outliers auto-spread", "number or 'auto'"),
        ("X.npy --algorithm neocc --overlap 0.1", "does not take --overlap"),
        ("X.npy --algorithm neocc --n-clusters 2", "but --n-row-clusters"),
        ("X.npy --algorithm neo-kmeans --n-row-clusters 2", "but --n-clusters"),
        ("X.npy --algorithm neo-kmeans --objective RCM", "does not take --objective"),
        ("X.npy --algorithm neo-kmeans --init neo-kmeans", "init="),
        ("X.npy --algorithm bbac --anneal", "does not take --anneal"),
        ("holes.npy --algorithm neocc", "NaN"),
        ("X.npy --algorithm neo-kmeans --n-clusters 31", "n_clusters"),
    ],
)
def test_what_is_wrong_gets_one_line_and_code_2(tmp_path, capsys, argv, message):
    np.save("holes.npy", np.where(make_X() > 5, np.nan, make_X()))
    try:
        code = main(["fit", *argv.split(), "--output", "out"])
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2
    assert err.count("\n") == 1
    assert re.search(message, err)
    assert not (tmp_path / "out").exists()


# --- results -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["json", "nc", "zarr"])
def test_memberships_come_back_from_every_format(ending):
    if ending != "json":
        pytest.importorskip("xarray")
        pytest.importorskip({"nc": "netCDF4", "zarr": "zarr"}[ending])
    X = make_X()
    both = NEOCC(3, 2, row_overlap=0.2, row_outliers=0.1, random_state=0).fit(X)
    rows = NEOKMeans(3, overlap=0.2, outliers=0.1, random_state=0).fit(X)
    for est in (both, rows, BBAC(3, 2, random_state=0).fit(X)):
        save_results(est, f"r.{ending}")
        results = load_results(f"r.{ending}")
        assert results.parameters == est.get_params()
        assert_array_equal(results.row_labels, est.row_labels_)
        expected = {
            "row_memberships": {both: "row_memberships_", rows: "memberships_"},
            "column_memberships": {both: "column_memberships_"},
        }
        for name, attributes in expected.items():
            found = getattr(results, name)
            if est in attributes:
                assert found.dtype == bool
                assert_array_equal(found, getattr(est, attributes[est]))
            else:
                assert found is None


@pytest.mark.parametrize("name", CLASSES)
def test_tables_have_every_cluster_of_a_row(name):
    results = fit(name)
    assert (results.row_memberships.sum(axis=1) > 1).any()
    assert (results.row_memberships.sum(axis=1) == 0).any()
    head, *lines = read_table("rows.csv")
    assert head == ["row", "label", "clusters"]
    assert [line[1] for line in lines] == [str(label) for label in results.row_labels]
    assert [line[2] for line in lines] == as_clusters(results.row_memberships)
    head, *lines = read_table("columns.csv")
    if name == "neocc":
        assert head == ["column", "label", "clusters"]
        assert [line[2] for line in lines] == as_clusters(results.column_memberships)
    else:
        assert head == ["column", "label"]


def test_memberships_are_variables_of_a_dataset():
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    save_results(NEOCC(3, 2, random_state=0).fit(make_X()), "r.nc")
    with xarray.open_dataset("r.nc") as dataset:
        assert dataset["row_memberships"].dims == ("row", "row_cluster")
        assert dataset["column_memberships"].dims == ("column", "column_cluster")
        assert dataset["block_means"].dims == ("row_cluster", "column_cluster")


# --- the page ------------------------------------------------------------------------------------


def read_cells(page, heading):
    """Cells of the table in a section, row by row."""
    section = page[page.index(f"<h2>{heading}</h2>") :]
    body = section[section.index("<tbody>") : section.index("</tbody>")]
    rows = re.findall(r"<tr>(.*?)</tr>", body)
    return [[re.sub(r"<[^>]+>", "", c) for c in re.findall(r"<td.*?</td>", r)] for r in rows]


@pytest.mark.parametrize("name", CLASSES)
def test_the_page_says_who_shares_with_whom(tmp_path, name):
    results = fit(name)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "What is in several clusters stands with the closest" in page
    assert f"3 × {2 if name == 'neocc' else 1}" in page
    assert ("Column clusters that overlap" in page) == (name == "neocc")
    U = results.row_memberships
    cells = read_cells(page, "Row clusters that overlap")
    assert len(cells) == 3
    for g, (cluster, members, share, closest, alone, partner) in enumerate(cells):
        assert int(cluster) == g
        assert int(members) == U[:, g].sum()
        assert share == f"{U[:, g].sum() / 30:.1%}"
        assert int(closest) == (results.row_labels == g).sum()
        assert int(alone) == sum(U[i, g] and U[i].sum() == 1 for i in range(30))
        shared = [sum(U[:, g] & U[:, h]) if h != g else -1 for h in range(3)]
        best = int(np.argmax(shared))
        assert partner == (f"{best} ({shared[best]})" if shared[best] else "none")


def test_pages_of_partitions_say_nothing_of_overlap(tmp_path):
    assert main(["fit", "X.npy", "--output", "out"]) == 0
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "overlap" not in page
    assert "several clusters" not in page
    assert read_table("rows.csv")[0] == ["row", "label"]


def test_block_means_of_the_page_are_those_of_all_members():
    from skcocluster._report._figures import make_figures

    X = make_X()
    shares = {"row_overlap": 0.5, "row_outliers": 0.1, "column_outliers": 0.1}
    est = NEOCC(3, 2, **shares, column_overlap=0.5, random_state=0).fit(X)
    figures = make_figures(est, X, None, None)
    display, drawn = figures.means_display, figures.after_display
    assert -1 in display.row_clusters
    for a, g in enumerate(display.row_clusters):
        for b, h in enumerate(display.column_clusters):
            if min(g, h) < 0:
                # Nothing else is known of what is in no cluster.
                assert display.block_means[a, b] == drawn.block_means[a, b]
            else:
                block = X[np.ix_(est.row_memberships_[:, g], est.column_memberships_[:, h])]
                np.testing.assert_allclose(display.block_means[a, b], block.mean(), atol=1e-12)
    assert not np.allclose(display.block_means, drawn.block_means)
