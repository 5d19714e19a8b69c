"""The command: files in, files out, and one line for everything that is wrong."""

import csv
import json
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse

import skcocluster
from skcocluster import BBAC, cli
from skcocluster.cli import main
from skcocluster.io import load_results, save_results

FILES = ["cocluster.png", "columns.csv", "report.html", "results.json", "rows.csv"]
X = np.array([[9.0, 8, 1, 1], [8, 9, 1, 2], [1, 1, 7, 7], [2, 1, 8, 7], [9, 9, 1, 1]])


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", X)


def list_files(folder):
    return sorted(file.name for file in folder.iterdir())


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def run_bad(capsys, *argv):
    """Run what must fail; the one line that says why."""
    try:
        code = main([str(a) for a in argv])
    except SystemExit as stop:
        code = stop.code
    out, err = capsys.readouterr()
    assert code == 2
    assert err.count("\n") == 1
    assert "error: " in err
    assert "Traceback" not in out + err
    return err


# --- fit ---------------------------------------------------------------------------------------


def test_fit_writes_labels_results_picture_and_page(tmp_path, capsys):
    assert main(["fit", "X.npy", "--n-row-clusters", "2", "--output", "out"]) == 0
    assert list_files(tmp_path / "out") == FILES
    assert list_files(tmp_path) == ["X.npy", "out"]
    est = BBAC(2, random_state=0).fit(X)
    results = load_results("out/results.json")
    assert_array_equal(results.row_labels, est.row_labels_)
    assert results.seed == 0
    assert results.metadata == {"file": "X.npy", "transposed": False}
    rows = read_table("out/rows.csv")
    assert rows == [["row", "label"], *([str(i), str(g)] for i, g in enumerate(est.row_labels_))]
    assert (tmp_path / "out" / "cocluster.png").read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "5 rows, 4 columns" in printed
    assert "report.html" in printed


def test_names_of_a_table_stand_in_the_labels(tmp_path):
    pytest.importorskip("pandas")
    lines = ["place,a,b,<c>,d", *(f"p{i},{','.join(map(str, row))}" for i, row in enumerate(X))]
    (tmp_path / "t.csv").write_text("\n".join(lines), "utf-8")
    assert main(["fit", "t.csv", "--n-row-clusters", "2", "--output", "out"]) == 0
    assert [row[0] for row in read_table("out/rows.csv")] == ["row", "p0", "p1", "p2", "p3", "p4"]
    assert [row[0] for row in read_table("out/columns.csv")] == ["column", "a", "b", "<c>", "d"]


def test_parameters_reach_the_algorithm():
    argv = (
        "fit X.npy --algorithm BBAC --n-row-clusters 3 --n-column-clusters 2 --divergence "
        "i_divergence --basis C5 --init random --update alternating --refine none --column-steps 2 "
        "--n-init 2 --max-iter 7 --tol 1e-3 --engine numpy --n-jobs 2 --random-state 5 --output out"
    )
    assert main(argv.split()) == 0
    assert load_results("out/results.json").parameters == {
        "n_row_clusters": 3,
        "n_column_clusters": 2,
        "divergence": "i_divergence",
        "basis": "C5",
        "init": "random",
        "update": "alternating",
        "refine": None,
        "column_steps": 2,
        "n_init": 2,
        "max_iter": 7,
        "tol": 1e-3,
        "engine": "numpy",
        "n_jobs": 2,
        "random_state": 5,
        "verbose": 0,
        "checkpoint": None,
        "row_labels": "numpy",
    }


def test_left_out_parameters_have_the_defaults_of_the_class():
    assert main(["fit", "X.npy", "--output", "out"]) == 0
    assert load_results("out/results.json").parameters == BBAC(random_state=0).get_params()


def test_transpose_exchanges_rows_and_columns():
    sparse.save_npz("X.npz", sparse.csr_array(X))
    for name in ("X.npy", "X.npz"):
        argv = ["fit", name, "--transpose", "--n-row-clusters", "2", "--output", f"out-{name}"]
        assert main(argv) == 0
        assert load_results(f"out-{name}/results.json").row_labels.size == 4


def test_missing_entries_are_fitted_and_drawn(tmp_path):
    holes = X.copy()
    holes[1, 1] = np.nan
    holes[3] = np.nan
    np.save("holes.npy", holes)
    assert main(["fit", "holes.npy", "--n-row-clusters", "2", "--output", "out"]) == 0
    assert read_table("out/rows.csv")[4] == ["3", "-1"]


def test_the_same_seed_gives_the_same_files(tmp_path):
    for name in ("a", "b"):
        argv = ["fit", "X.npy", "--init", "random", "--random-state", "3", "--output", name]
        assert main(argv) == 0
    for file in ("rows.csv", "columns.csv", "cocluster.png"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_verbose_shows_the_progress(capsys):
    assert main(["fit", "X.npy", "--verbose", "--output", "out"]) == 0
    assert "[BBAC]" in capsys.readouterr().out


# --- the output folder -------------------------------------------------------------------------


def test_a_folder_that_is_not_empty_needs_force(tmp_path, capsys):
    (tmp_path / "out").mkdir()
    assert main(["fit", "X.npy", "--output", "out"]) == 0
    (tmp_path / "out" / "notes.txt").write_text("mine")
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    assert "--force" in run_bad(capsys, "fit", "X.npy", "--transpose", "--output", "out")
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    assert main(["fit", "X.npy", "--transpose", "--force", "--output", "out"]) == 0
    assert list_files(tmp_path / "out") == sorted([*FILES, "notes.txt"])
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert load_results("out/results.json").row_labels.size == 4


def test_parent_folders_are_made(tmp_path):
    assert main(["fit", "X.npy", "--output", "a/b/out"]) == 0
    assert list_files(tmp_path / "a" / "b" / "out") == FILES


def test_output_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert "is a file" in run_bad(capsys, "fit", "X.npy", "--force", "--output", "out")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_write_that_stops_midway_leaves_nothing(tmp_path, monkeypatch, capsys, error):
    def stop(*_, **__):
        raise error

    # The last files but one: labels are written by then.
    monkeypatch.setattr("skcocluster._report._files.save_results", stop)
    code = main(["fit", "X.npy", "--output", "out"])
    assert code == (2 if isinstance(error, OSError) else 130)
    assert list_files(tmp_path) == ["X.npy"]
    assert capsys.readouterr().err.count("\n") == 1


# --- what is wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("fit none.npy --output out", "there is no file none.npy"),
        ("fit X.xlsx --output out", "unknown ending"),
        ("fit bad.csv --output out", "column 'x' is not numeric"),
        ("fit X.npy", "--output"),
        ("fit X.npy --output out --n-row-clusters 0", "positive integer"),
        ("fit X.npy --output out --n-row-clusters two", "positive integer"),
        ("fit X.npy --output out --n-row-clusters 99", "n_row_clusters"),
        ("fit X.npy --output out --divergence cosine", "cosine"),
        ("fit X.npy --output out --divergence itakura_saito --basis C5", "C5"),
        ("fit X.npy --output out --divergence logistic", r"X\[0, 0\]"),
        ("fit X.npy --output out --tol -1", "tol"),
        ("fit X.npy --output out --refine swap", "refine"),
        ("fit X.npy --output out --column-steps 0", "auto"),
        ("fit X.npy --output out --algorithm KMeans", "KMeans"),
        ("fit X.npy --output out --colour red", "unrecognized"),
        ("fit X.npy --output out --header --no-header", "not allowed"),
        ("fit text.npy --output out", "numbers"),
        ("fit infinite.npy --output out", "inf"),
        ("fit two.npz --output out", "one matrix"),
        ("fit two.npz --output out --variable c", "'c'"),
        ("score X.npy none.json", "there is no file none.json"),
        ("score X.npy X.npy", "results are in"),
        ("demo extra", "unrecognized"),
        ("cluster X.npy", "invalid choice"),
        ("", "required"),
    ],
)
def test_bad_files_and_options_get_one_line_and_code_2(tmp_path, capsys, argv, message):
    (tmp_path / "bad.csv").write_text("x,y\n1,2\nthree,4\n5,6\n7,8\n")
    np.save("text.npy", np.array([["a", "b"]]))
    np.save("infinite.npy", np.where(X == 9, np.inf, X))
    np.savez("two.npz", a=X, b=X)
    before = list_files(tmp_path)
    assert re.search(message, run_bad(capsys, *argv.split()))
    assert list_files(tmp_path) == before


def test_warnings_are_one_line(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(["fit", "X.npy", "--max-iter", "1", "--tol", "0", "--output", "out"]) == 0
    for line in capsys.readouterr().err.splitlines():
        assert line.startswith("skcocluster: warning: ")


def test_a_missing_matplotlib_is_told_before_any_work(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "skcocluster[plot]" in run_bad(capsys, "fit", "none.npy", "--output", "out")


# --- the registry ------------------------------------------------------------------------------


def test_an_algorithm_takes_only_its_own_options(capsys, monkeypatch):
    entry = cli.Algorithm(lambda: BBAC, ("n_row_clusters", "random_state"), lambda X, results: 0.0)
    monkeypatch.setitem(cli.ALGORITHMS, "Small", entry)
    assert main(["fit", "X.npy", "--algorithm", "Small", "--output", "out"]) == 0
    argv = ["fit", "X.npy", "--algorithm", "Small", "--n-init", "2", "--output", "other"]
    assert "Small does not take --n-init" in run_bad(capsys, *argv)


def test_every_option_of_an_algorithm_is_a_parameter_of_its_class():
    for algorithm in cli.ALGORITHMS.values():
        parameters = algorithm.load()().get_params()
        assert set(algorithm.options) <= set(parameters)


# --- score -------------------------------------------------------------------------------------


@pytest.mark.parametrize("basis", ["C2", "C5"])
def test_score_finds_the_saved_objective_again(capsys, basis):
    options = ["--divergence", "i_divergence", "--basis", basis, "--n-row-clusters", "2"]
    assert main(["fit", "X.npy", *options, "--output", "out"]) == 0
    assert main(["score", "X.npy", "out/results.json"]) == 0
    assert "the same" in capsys.readouterr().out


def test_score_tells_when_the_matrix_is_another(capsys):
    assert main(["fit", "X.npy", "--n-row-clusters", "2", "--output", "out"]) == 0
    np.save("Y.npy", X + np.arange(4))
    assert main(["score", "Y.npy", "out/results.json"]) == 1
    assert "different" in capsys.readouterr().out
    np.save("Z.npy", X[:3])
    assert "3 × 4, results 5 × 4" in run_bad(capsys, "score", "Z.npy", "out/results.json")


def test_score_of_a_perfect_fit_is_the_same():
    np.save("P.npy", np.kron(np.array([[0.1, 0.7], [1.3, 0.2]]), np.ones((30, 20))))
    assert main(["fit", "P.npy", "--n-row-clusters", "2", "--output", "out"]) == 0
    assert main(["score", "P.npy", "out/results.json"]) == 0


def test_score_of_a_divergence_that_is_not_in_the_file_is_refused(capsys):
    from skcocluster._shared.divergences import get_divergence

    est = BBAC(2, divergence=get_divergence("squared_euclidean"), random_state=0).fit(X)
    save_results(est, "r.json")
    assert "divergence" in run_bad(capsys, "score", "X.npy", "r.json")


def test_score_of_an_unknown_algorithm_is_refused(tmp_path, capsys):
    save_results(BBAC(2).fit(X), "r.json")
    document = json.loads((tmp_path / "r.json").read_text("utf-8"))
    (tmp_path / "r.json").write_text(json.dumps({**document, "algorithm": "Other"}), "utf-8")
    assert "Other is not an algorithm" in run_bad(capsys, "score", "X.npy", "r.json")


# --- the rest ----------------------------------------------------------------------------------


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"skcocluster {skcocluster.__version__}\n"


@pytest.mark.parametrize("argv", [["--help"], ["fit", "--help"], ["score", "--help"]])
def test_help(capsys, argv):
    with pytest.raises(SystemExit) as stop:
        main(argv)
    assert stop.value.code == 0
    assert "usage: skcocluster" in capsys.readouterr().out


def test_the_module_is_the_command(tmp_path):
    command = [sys.executable, "-m", "skcocluster", "fit", "X.npy"]
    done = subprocess.run([*command, "--output", "out"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert list_files(tmp_path / "out") == FILES
    done = subprocess.run([*command, "--output", "out"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_demo_tells_what_it_found_and_writes_the_page(tmp_path, capsys, monkeypatch):
    from skcocluster import datasets

    load = datasets.load_docstrings
    monkeypatch.setattr(datasets, "load_docstrings", lambda: load(("numpy",)))
    assert main(["demo"]) == 0
    printed = capsys.readouterr().out
    for text in ("mostly", "co-clusters", "k-means", "all in one", "accuracy", "NMI", "ARI"):
        assert text in printed
    assert list_files(tmp_path / "skcocluster-demo") == FILES
    page = (tmp_path / "skcocluster-demo" / "report.html").read_text("utf-8")
    assert "numpy.random" in page
    # A second demo replaces the first; a folder of the user's is not touched without being told.
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("")
    assert "--force" in run_bad(capsys, "demo", "--output", "mine")
