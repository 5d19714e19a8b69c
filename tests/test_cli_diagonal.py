"""The command line, results and pictures of the methods with one number of co-clusters."""

import re

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

import skcocluster
from skcocluster import BBAC, Coclus, SpecCo, SpectralBiclustering, SpectralCoclustering
from skcocluster._cli_registry import ALGORITHMS, COMMAND_NAMES
from skcocluster.cli import main
from skcocluster.io import load_results, save_results

X = np.array([[9.0, 8, 0, 1], [8, 9, 1, 0], [1, 0, 7, 7], [0, 1, 8, 7], [9, 9, 1, 1]])
ROWS = [0, 0, 1, 1, 0]
COLUMNS = [0, 0, 1, 1]
NAMES = {
    "coclus": Coclus,
    "specco": SpecCo,
    "spectral-coclustering": SpectralCoclustering,
    "spectral-biclustering": SpectralBiclustering,
}
COUNTS = {name: ["--n-clusters", "2"] for name in NAMES} | {
    "spectral-biclustering": ["--n-row-clusters", "2", "--n-column-clusters", "2"]
}
MEASURES = {
    "coclus": "modularity",
    "specco": "modularity",
    "spectral-coclustering": "normalised cut",
    "spectral-biclustering": "squared error",
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", X)


def fit(name, *more, file="X.npy"):
    argv = ["fit", file, "--algorithm", name, *COUNTS[name], *more, "--output", "out"]
    assert main(argv) == 0


def run_bad(capsys, *argv):
    """Run what must fail; the one line that says why."""
    try:
        code = main(list(argv))
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert code == 2
    assert err.count("\n") == 1
    assert "error: " in err
    assert "Traceback" not in out + err
    return err


def same_partition(a, b):
    return len({*zip(a, b, strict=True)}) == len({*a}) == len({*b})


# --- fit and score -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_fit_finds_the_co_clusters_and_score_their_objective(capsys, name):
    fit(name)
    assert re.search(f"{MEASURES[name]} [0-9.]+ after [0-9]+ iteration", capsys.readouterr().out)
    results = load_results("out/results.json")
    assert results.algorithm == NAMES[name].__name__
    assert same_partition(results.row_labels, ROWS)
    assert same_partition(results.column_labels, COLUMNS)
    assert main(["score", "X.npy", "out/results.json"]) == 0
    assert "the same" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_score_tells_when_the_matrix_is_another(capsys, name):
    fit(name)
    np.save("Y.npy", X + np.arange(4))
    assert main(["score", "Y.npy", "out/results.json"]) == 1
    assert "different" in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_score_of_a_perfect_fit_is_the_same(name):
    np.save("P.npy", np.kron(np.diag([0.1, 0.7]), np.ones((30, 20))) + 0.0)
    fit(name, file="P.npy")
    assert main(["score", "P.npy", "out/results.json"]) == 0


def test_score_takes_the_resolution_of_the_fit(capsys):
    fit("coclus", "--resolution", "0.5")
    assert load_results("out/results.json").parameters["resolution"] == 0.5
    assert main(["score", "X.npy", "out/results.json"]) == 0


@pytest.mark.parametrize("name", NAMES)
def test_sparse_files_give_the_labels_of_dense_ones(name):
    fit(name)
    dense = load_results("out/results.json")
    sparse.save_npz("X.npz", sparse.csr_array(X))
    fit(name, "--force", file="X.npz")
    assert_array_equal(load_results("out/results.json").row_labels, dense.row_labels)


# --- options ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Coclus", "COCLUS", "coclus", "SpecCo", "specco", "bbac", "BBAC"])
def test_algorithms_go_by_their_command_name_in_any_case_and_by_their_class(name):
    assert main(["fit", "X.npy", "--algorithm", name, "--output", "out"]) == 0
    assert load_results("out/results.json").algorithm.lower() == name.lower()


@pytest.mark.parametrize("name", NAMES)
def test_left_out_parameters_have_the_defaults_of_the_class(name):
    assert main(["fit", "X.npy", "--algorithm", name, "--output", "out"]) == 0
    assert load_results("out/results.json").parameters == NAMES[name](random_state=0).get_params()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (
            "coclus",
            "--resolution 1.5 --init random --refine none --n-init 3 --max-iter 9",
        ),
        ("specco", "--embedding labiod --regularization auto --n-components 1 --n-init auto"),
        ("spectral-coclustering", "--embedding dhillon --svd-solver arpack --n-init 2"),
        ("spectral-coclustering", "--regularization 2.5 --engine numpy --n-jobs 2"),
        ("spectral-biclustering", "--normalization scale --n-components 2 --n-best 1"),
    ],
)
def test_parameters_reach_the_algorithm(name, options):
    fit(name, *options.split())
    words = options.replace("--", "").split()
    given = dict(zip(words[::2], words[1::2], strict=True))
    kept = load_results("out/results.json").parameters
    for key, text in given.items():
        assert str(kept[key.replace("-", "_")]).lower() == text


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("negative.npy --algorithm coclus --n-clusters 2", r"X\[0, 1\]"),
        ("negative.npy --algorithm specco --n-clusters 2", r"X\[0, 1\]"),
        ("negative.npy --algorithm spectral-coclustering --n-clusters 2", r"X\[0, 1\]"),
        ("negative.npy --algorithm spectral-biclustering", r"X\[0, 1\]"),
        ("holes.npy --algorithm coclus --n-clusters 2", "NaN"),
        ("holes.npy --algorithm spectral-coclustering --n-clusters 2", "NaN"),
        ("X.npy --algorithm coclus --n-clusters 6", "n_clusters"),
        ("X.npy --algorithm specco --n-clusters 6", "n_clusters"),
        ("X.npy --algorithm spectral-coclustering --n-clusters 6", "n_clusters"),
        ("X.npy --algorithm spectral-biclustering --n-row-clusters 6", "n_row_clusters"),
        ("X.npy --algorithm coclus --n-clusters 0", "positive integer"),
        ("X.npy --algorithm coclus --n-row-clusters 2", "but --n-clusters"),
        ("X.npy --algorithm bbac --n-clusters 2", "but --n-row-clusters"),
        ("X.npy --algorithm coclus --embedding dhillon", "does not take --embedding"),
        ("X.npy --algorithm coclus --init k-means++", "init"),
        ("X.npy --algorithm specco --embedding dhillon", "labiod"),
        ("X.npy --algorithm specco --regularization much", "number or 'auto'"),
        ("X.npy --algorithm coclus --n-init auto", "n_init"),
        ("X.npy --algorithm spectral", "spectral-coclustering"),
        ("zeros.npz --algorithm spectral-biclustering --normalization log", "dense"),
    ],
)
def test_what_is_wrong_gets_one_line_and_code_2(tmp_path, capsys, argv, message):
    np.save("negative.npy", np.where(X == 8, -8, X))
    np.save("holes.npy", np.where(X == 8, np.nan, X))
    sparse.save_npz("zeros.npz", sparse.csr_array(X))
    assert re.search(message, run_bad(capsys, "fit", *argv.split(), "--output", "out"))
    assert not (tmp_path / "out").exists()


def test_every_algorithm_has_a_command_name_and_is_a_public_class():
    assert {*COMMAND_NAMES.values()} == {*ALGORITHMS} <= {*skcocluster.__all__}


# --- results, pictures, terms ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ["json", "nc", "zarr"])
def test_results_come_back_from_every_format(name, ending):
    if ending != "json":
        pytest.importorskip("xarray")
        pytest.importorskip({"nc": "netCDF4", "zarr": "zarr"}[ending])
    est = NAMES[name](2, random_state=0).fit(X)
    save_results(est, f"r.{ending}")
    results = load_results(f"r.{ending}")
    assert_array_equal(results.row_labels, est.row_labels_)
    assert_array_equal(results.column_labels, est.column_labels_)
    assert_array_equal(results.objective_trace, est.objective_trace_)
    assert results.objective == est.objective_
    assert results.parameters == est.get_params()
    assert (results.block_means is None) == (name != "spectral-biclustering")


def test_labels_as_a_start_come_back_as_an_array():
    est = Coclus(2, init=np.array(COLUMNS)).fit(X)
    save_results(est, "r.json")
    assert_array_equal(load_results("r.json").parameters["init"], COLUMNS)


@pytest.mark.parametrize("cls", [Coclus, SpecCo, SpectralCoclustering])
def test_co_clusters_are_drawn_along_the_diagonal(cls):
    from skcocluster.plot import CoclusterDisplay

    # By their means, the co-cluster of the last rows would come first.
    Y = X[[2, 3, 0, 1, 4]] * np.array([3, 3, 1, 1])
    est = cls(2, random_state=0).fit(Y)
    display = CoclusterDisplay.from_estimator(est, Y)
    assert_array_equal(display.row_clusters, [0, 1])
    assert_array_equal(display.column_clusters, [0, 1])
    assert_array_equal(display.block_means.argmax(axis=1), [0, 1])
    by_mean = CoclusterDisplay.from_estimator(est, Y, order="mean")
    assert by_mean.row_clusters[0] == est.row_labels_[-1]


def test_blocks_are_drawn_by_their_means():
    from skcocluster.plot import CoclusterDisplay

    est = BBAC(2, 2, random_state=0).fit(X)
    default = CoclusterDisplay.from_estimator(est, X)
    by_mean = CoclusterDisplay.from_estimator(est, X, order="mean")
    assert_array_equal(default.row_order, by_mean.row_order)


def test_top_terms_have_a_place_for_an_empty_co_cluster():
    from skcocluster.plot import top_terms

    est = Coclus(3, init=COLUMNS, refine=None).fit(X)
    assert est.n_clusters_ == 2
    words = ["goal", "match", "vote", "party"]
    terms = top_terms(est, X, words)
    assert [sorted(line) for line in terms] == [["goal", "match"], ["party", "vote"], []]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_counts_co_clusters_and_names_the_objective(tmp_path, name):
    fit(name)
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert MEASURES[name].capitalize() in page
    both = "2 × 2" in page
    assert both == (name == "spectral-biclustering")
    # Singular vectors are not iterated: one value makes no curve.
    assert ("Convergence" in page) == (name == "coclus")
