"""The command ``score`` with ``--engine dask``: the file is read in chunks, never as a whole."""

import dask.array as da
import numpy as np
import pytest

import skcocluster
from skcocluster import cli
from skcocluster._cli_registry import ALGORITHMS
from skcocluster.cli import main
from skcocluster.io import load_results, read_matrix, save_results

X = np.random.default_rng(0).integers(1, 7, (40, 9)).astype(float)
N_CLUSTERS = {"Coclus": (3,), "SpecCo": (3,), "SpectralCoclustering": (3,)}
CHUNKED = [name for name, algorithm in ALGORITHMS.items() if algorithm.chunked]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", X)


def save_fit(name, **parameters):
    """Save the results of a fit in memory."""
    estimator = getattr(skcocluster, name)(
        *N_CLUSTERS.get(name, (3, 2)), random_state=0, **parameters
    ).fit(X)
    save_results(estimator, "results.json")
    return estimator


def chunks_of_seven(monkeypatch):
    """Make files come in chunks of seven rows."""

    def read(arguments):
        return read_matrix(arguments.file, chunked=arguments.engine == "dask").rechunk((7, 4))

    monkeypatch.setattr(cli, "read", read)


@pytest.mark.parametrize("name", CHUNKED)
def test_score_of_chunks_is_the_score_of_memory(name, monkeypatch):
    estimator = save_fit(name)
    results, algorithm = load_results("results.json"), ALGORITHMS[name]
    array = da.from_array(X, chunks=(7, 4))
    np.testing.assert_allclose(algorithm.recompute(array, results), estimator.objective_)
    if algorithm.scale:
        np.testing.assert_allclose(algorithm.scale(array, results), algorithm.scale(X, results))
    chunks_of_seven(monkeypatch)
    assert main(["score", "X.npy", "results.json", "--engine", "dask"]) == 0


@pytest.mark.parametrize(
    "parameters",
    [
        {"divergence": "i_divergence", "basis": "C5"},
        {"divergence": "itakura_saito"},
        {"basis": "C3"},
        {"basis": "C4"},
    ],
)
def test_score_of_chunks_knows_divergence_and_basis(parameters):
    estimator = save_fit("BBAC", **parameters)
    objective = ALGORITHMS["BBAC"].recompute(
        da.from_array(X, chunks=(7, -1)), load_results("results.json")
    )
    np.testing.assert_allclose(objective, estimator.objective_)


def test_score_of_chunks_leaves_out_what_is_missing():
    holes = X.copy()
    holes[::3, ::2] = np.nan
    holes[5] = np.nan
    estimator = skcocluster.BBAC(3, 2, random_state=0).fit(holes)
    save_results(estimator, "results.json")
    objective = ALGORITHMS["BBAC"].recompute(
        da.from_array(holes, chunks=(7, -1)), load_results("results.json")
    )
    np.testing.assert_allclose(objective, estimator.objective_)


@pytest.mark.parametrize("name", ["Coclus", "SpectralCoclustering"])
def test_rows_in_no_cluster_count_in_the_margins(name):
    save_fit(name)
    results = load_results("results.json")
    results.row_labels[::5] = -1
    recompute = ALGORITHMS[name].recompute
    objective = recompute(da.from_array(X, chunks=(7, -1)), results)
    np.testing.assert_allclose(objective, recompute(X, results))


def test_score_of_chunks_tells_when_the_matrix_is_another():
    save_fit("BBAC")
    other = X.copy()
    other[3] *= 2
    np.save("Y.npy", other)
    assert main(["score", "Y.npy", "results.json", "--engine", "dask"]) == 1


def test_score_of_chunks_never_asks_for_the_whole_file(monkeypatch):
    save_fit("BBAC")
    asked = []
    monkeypatch.setattr(cli, "read", lambda arguments: asked.append(arguments.engine) or array)
    array = da.from_array(X, chunks=(7, -1))
    monkeypatch.setattr(type(array), "__array__", lambda *_, **__: pytest.fail("gathered"))
    assert main(["score", "X.npy", "results.json", "--engine", "dask"]) == 0
    assert asked == ["dask"]


def test_objective_that_needs_the_whole_file_is_a_clear_error(capsys):
    save_fit("MaxNormCoclustering")
    assert main(["score", "X.npy", "results.json", "--engine", "dask"]) == 2
    assert "needs the file in memory: leave out --engine" in capsys.readouterr().err
