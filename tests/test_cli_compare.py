"""``skcocluster compare``: many fits of one file, what they agree on, and one page about them."""

import csv
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import adjusted_rand_score
from test_report import Page

from skcocluster import BBAC, Coclus
from skcocluster._report._compare import (
    Counts,
    average_agreement,
    find_best_pair,
    fit_plans,
    make_plans,
    measure_agreement,
)
from skcocluster._report._html import make_tabs
from skcocluster.cli import main
from skcocluster.io import load_results
from skcocluster.metrics import coclustering_adjusted_rand_score

PAGE_AND_TABLES = ["agreement.csv", "report.html", "table.csv"]


@pytest.fixture
def X():
    rng = np.random.default_rng(0)
    rows, columns = np.arange(24) % 3, np.arange(18) % 3
    return rng.poisson(np.where(rows[:, None] == columns, 9.0, 2.0)).astype(float)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch, X):
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", X)
    np.save("signed.npy", X - 5)


def list_files(folder):
    return sorted(file.name for file in folder.iterdir())


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compare(options, file="X.npy"):
    return main(["compare", file, *options.split(), "--output", "out"])


def run_bad(capsys, options, file="X.npy"):
    """Run what must fail; the one line that says why."""
    try:
        code = compare(options, file)
    except SystemExit as stop:
        code = stop.code
    err = capsys.readouterr().err
    assert code == 2
    assert err.count("\n") == 1
    return err


def plan(algorithms, counts, seeds=(0,), **given):
    return make_plans(algorithms, counts, seeds, given)


def fit_all(X, algorithms, counts, seeds=(0,), **given):
    return fit_plans(plan(algorithms, counts, seeds, **given)[0], X, {}, lambda name: None)


# --- which fits ----------------------------------------------------------------------------------


def test_each_algorithm_gets_its_own_numbers_and_options():
    plans, refused = plan(
        ["BBAC", "Coclus"], [Counts(2), Counts(4, 3), Counts(3, 3)], basis="C5", n_init=2
    )
    assert [one.name for one in plans] == [
        "bbac-2",
        "bbac-4x3",
        "bbac-3x3",
        "coclus-2",
        "coclus-3x3",
    ]
    assert plans[1].parameters == {
        "n_row_clusters": 4,
        "n_column_clusters": 3,
        "basis": "C5",
        "n_init": 2,
        "random_state": 0,
    }
    assert plans[0].parameters.keys() >= {"n_row_clusters"}
    assert "n_column_clusters" not in plans[0].parameters
    assert plans[4].parameters == {"n_clusters": 3, "n_init": 2, "random_state": 0}
    assert [one.name for one in refused] == ["coclus-4x3"]
    assert "one number of clusters for both sides" in refused[0].reason


def test_what_is_asked_for_twice_is_done_once():
    plans, _ = plan(["BBAC", "BBAC"], [Counts(2), Counts(2)], [1, 1])
    assert [one.name for one in plans] == ["bbac-2"]
    plans, _ = plan(["BBAC"], [Counts(2)], [0, 5])
    assert [one.name for one in plans] == ["bbac-2-seed0", "bbac-2-seed5"]


def test_a_parameter_that_no_algorithm_has_is_refused():
    with pytest.raises(ValueError, match="none of Coclus, BBAC takes --row-overlap"):
        plan(["Coclus", "BBAC"], [Counts(2)], row_overlap=0.1)


# --- agreement -----------------------------------------------------------------------------------


def test_agreement_is_that_of_the_labels(X):
    done, _ = fit_all(X, ["BBAC", "Coclus"], [Counts(2), Counts(3)])
    agreement = measure_agreement(done)
    for i, one in enumerate(done):
        for j, other in enumerate(done):
            a, b = one.est, other.est
            expected = {
                "entries": coclustering_adjusted_rand_score(
                    a.row_labels_, a.column_labels_, b.row_labels_, b.column_labels_
                ),
                "rows": adjusted_rand_score(a.row_labels_, b.row_labels_),
                "columns": adjusted_rand_score(a.column_labels_, b.column_labels_),
            }
            for what, value in expected.items():
                assert_allclose(agreement[what][i, j], value, atol=1e-14)
    others = [np.delete(line, i).mean() for i, line in enumerate(agreement["rows"])]
    assert_allclose(average_agreement(agreement["rows"]), others)
    assert np.isnan(average_agreement(np.eye(1))).all()


def test_the_best_pair_is_of_different_algorithms_where_there_are_several(X):
    done, _ = fit_all(X, ["BBAC", "Coclus"], [Counts(2), Counts(3)])
    agreement = np.full((4, 4), 0.1)
    agreement[0, 1] = agreement[1, 0] = 0.9
    agreement[1, 2] = agreement[2, 1] = 0.5
    assert find_best_pair(done, agreement) == (1, 2)
    assert find_best_pair(done[:2], agreement) == (0, 1)
    assert find_best_pair(done[:1], agreement) is None


# --- files and what is printed -------------------------------------------------------------------


def test_all_that_is_found_is_printed_and_written(tmp_path, capsys, X):
    assert compare("--algorithms bbac,coclus --clusters 3,4x2 --divergence i_divergence") == 0
    names = ["bbac-3", "bbac-4x2", "coclus-3"]
    endings = ["-columns.csv", "-rows.csv", ".json", ".png"]
    expected = [name + ending for name in names for ending in endings]
    assert list_files(tmp_path / "out") == sorted([*expected, *PAGE_AND_TABLES])
    est = BBAC(4, 2, divergence="i_divergence", random_state=0).fit(X)
    results = load_results("out/bbac-4x2.json")
    assert_array_equal(results.row_labels, est.row_labels_)
    assert results.parameters == est.get_params()
    assert results.metadata == {"file": "X.npy", "transposed": False}
    table = read_table("out/table.csv")
    assert [line["run"] for line in table] == names
    assert [line["clusters"] for line in table] == ["3 × 3", "4 × 2", "3 × 3"]
    assert float(table[1]["objective"]) == est.objective_
    assert table[1]["measure"] == "I-divergence"
    assert table[2]["measure"] == "modularity"
    printed = capsys.readouterr().out
    for line in table:
        assert re.search(rf"^{line['run']} +{line['clusters']} +{line['measure']}", printed, re.M)
    agreement = {
        (p["run"], p["other"]): float(p["entries"]) for p in read_table("out/agreement.csv")
    }
    assert agreement.keys() == {
        ("bbac-3", "bbac-4x2"),
        ("bbac-3", "coclus-3"),
        ("bbac-4x2", "coclus-3"),
    }
    mine = Coclus(3, random_state=0).fit(X)
    labels = est.row_labels_, est.column_labels_, mine.row_labels_, mine.column_labels_
    assert agreement["bbac-4x2", "coclus-3"] == coclustering_adjusted_rand_score(*labels)
    assert f"agree best: bbac-3 and coclus-3, {agreement['bbac-3', 'coclus-3']:.3f}" in printed
    assert "not fitted: coclus-4x2: it has one number" in printed


def test_algorithms_that_do_not_suit_the_data_are_listed_with_the_reason(tmp_path, capsys):
    assert compare("--algorithms bbac,coclus,specco --clusters 3", "signed.npy") == 0
    printed, err = capsys.readouterr()
    assert err == ""
    reason = next(line for line in printed.splitlines() if line.startswith("not fitted: coclus-3"))
    assert "negative" in reason or "X[" in reason
    assert "not fitted: specco-3" in printed
    assert not (tmp_path / "out" / "coclus-3.json").exists()
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert reason.split(": ", 2)[2].split("[")[0] in " ".join(Page(page).text)


def test_seeds_are_runs_of_their_own():
    assert compare("--algorithms bbac --clusters 2 --seeds 3,4 --init random --refine none") == 0
    table = read_table("out/table.csv")
    assert [line["seed"] for line in table] == ["3", "4"]
    assert load_results("out/bbac-2-seed4.json").seed == 4


def test_all_algorithms_have_a_run(tmp_path):
    assert compare("--algorithms all --clusters 2 --time-limit 2 --n-init 1") == 0
    algorithms = [line["algorithm"] for line in read_table("out/table.csv")]
    assert len(algorithms) == len(set(algorithms)) == 8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--algorithms bbac", "--clusters"),
        ("--clusters 0", "numbers of clusters such as"),
        ("--clusters two", "numbers of clusters such as"),
        ("--clusters 2x3x4", "numbers of clusters such as"),
        ("--clusters 2 --seeds x", "seeds such as"),
        ("--clusters 2 --algorithms bbac,kmeans", "'kmeans' is not one of bbac"),
        ("--clusters 2 --algorithms coclus --basis C5", "none of Coclus takes --basis"),
        ("--clusters 2 --n-row-clusters 2", "unrecognized"),
        (
            "--clusters 99 --algorithms bbac,coclus",
            "nothing could be fitted: bbac-99: .*coclus-99: ",
        ),
        ("--clusters 2 --output X.npy", "is a file"),
    ],
)
def test_what_is_wrong_gets_one_line_and_code_2(tmp_path, capsys, options, message):
    before = list_files(tmp_path)
    if "--output" in options:
        options += " --output X.npy"
        assert main(["compare", "X.npy", *options.split()]) == 2
        assert re.search(message, capsys.readouterr().err)
    else:
        assert re.search(message, run_bad(capsys, options))
    assert list_files(tmp_path) == before


def test_a_folder_that_is_not_empty_needs_force(tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert "--force" in run_bad(capsys, "--algorithms bbac --clusters 2")
    assert list_files(tmp_path / "out") == ["notes.txt"]
    assert compare("--algorithms bbac --clusters 2 --force") == 0
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "out" / "bbac-2.json").exists()


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_write_that_stops_midway_leaves_nothing(tmp_path, monkeypatch, capsys, error):
    def stop(*_, **__):
        raise error

    monkeypatch.setattr("skcocluster._report._compare_files.write_table", stop)
    code = compare("--algorithms bbac --clusters 2")
    assert code == (2 if isinstance(error, OSError) else 130)
    assert list_files(tmp_path) == ["X.npy", "signed.npy"]
    assert capsys.readouterr().err.count("\n") == 1


# --- the page ------------------------------------------------------------------------------------


def test_the_page_has_a_tab_for_each_run_and_needs_nothing_else(tmp_path):
    options = "--algorithms bbac,neocc --clusters 2,3 --row-overlap 0.2"
    assert compare(options) == 0
    text = (tmp_path / "out" / "report.html").read_text("utf-8")
    page = Page(text)
    assert not re.search(r"https?:|@import|url\(", text)
    assert not {"script", "link", "iframe"} & {tag for tag, _ in page.tags}
    radios, labels = page.find("input"), page.find("label")
    assert [radio["type"] for radio in radios] == ["radio"] * 4
    assert {radio["name"] for radio in radios} == {"tab"}
    assert [radio["id"] for radio in radios] == [label["for"] for label in labels]
    assert sum("checked" in radio for radio in radios) == 1
    assert len(page.find("fieldset")) == len(page.find("legend")) == 1
    panels = [attrs for attrs in page.find("div") if attrs.get("class") == "panel"]
    for i, panel in enumerate(panels):
        assert f"#tab-{i}:checked ~ .panels #{panel['id']} {{ display: block; }}" in text
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids)) == 8
    words = " ".join(page.text)
    for name in ("bbac-2", "bbac-3", "neocc-2", "neocc-3"):
        assert words.count(name) >= 5
    assert "Clusters with all their members" in words
    # A picture of the matrix as given, and of each run: reordered, repeated, means, convergence.
    assert len(page.find("img")) == 1 + 2 * 3 + 2 * 4


def test_names_in_tabs_are_escaped_and_headings_lowered():
    tabs = make_tabs("<&>", [("<a>", "<h2>x</h2><p>&lt;h2&gt;</p>"), ("b", "")])
    assert "<a>" not in tabs
    assert "<&>" not in tabs
    assert "<h3>x</h3><p>&lt;h2&gt;</p>" in tabs
    page = Page(tabs)
    assert [tag for tag, _ in page.tags].count("h2") == 2


def test_a_single_run_has_no_agreement(tmp_path, capsys):
    assert compare("--algorithms bbac --clusters 2") == 0
    words = " ".join(Page((tmp_path / "out" / "report.html").read_text("utf-8")).text)
    assert "Do they find the same" not in words
    assert "nan" not in words
    printed = capsys.readouterr().out
    assert "agree best" not in printed
    assert "nan" not in printed
    assert read_table("out/agreement.csv") == []


def test_pictures_of_all_runs_have_the_same_colours(monkeypatch):
    from skcocluster._report import _compare_files as written

    drawn = []
    make = written.make_figures
    monkeypatch.setattr(
        written, "make_figures", lambda *a, **k: drawn.append(make(*a, **k)) or drawn[-1]
    )
    assert compare("--algorithms bbac,coclus --clusters 2,3") == 0
    assert len(drawn) == 4
    assert len({id(figures.after_display.im_.norm) for figures in drawn}) == 1
