"""Where the runs of Coclus start: on all rows, or on a sample of them."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_array_equal

from skcocluster._coclus import _graph, _starts
from skcocluster._coclus._graph import make_graph
from skcocluster._coclus._random import random_columns
from skcocluster._coclus._solver import Problem, solve_coclus
from skcocluster._coclus._starts import fitted_columns, start_columns
from skcocluster._kernels.engines import get_engine
from skcocluster._shared.samples import Unreported

PROBLEM = Problem(n_clusters=5, refine=True, sampled=True, max_iter=100, tol=1e-9)


def make_noise_graph(shape=(120, 30)):
    """Entries without structure: a search finds more than an ascent."""
    X = sp.random_array(shape, density=0.1, rng=np.random.default_rng(0), format="csr")
    X.data[:] = 1.0
    return make_graph(get_engine("numba"), X, 1.0)


def seeded():
    """The same random numbers each time."""
    return np.random.RandomState(3)


def test_a_sample_of_all_rows_starts_with_their_fit_and_its_search():
    graph = make_noise_graph()
    rng = seeded()
    start = start_columns("random", 0, graph, 5, rng)
    searched = Problem(5, refine=True, sampled=False, max_iter=100, tol=1e-9)
    expected = solve_coclus(graph, searched, start, rng, Unreported())
    unsearched = solve_coclus(graph, PROBLEM, start, seeded(), Unreported())
    assert expected.value > unsearched.value
    found = fitted_columns("random", 0, graph, PROBLEM, seeded())
    assert_array_equal(found, expected.column_labels)


@pytest.mark.parametrize(
    "start",
    [
        lambda graph: fitted_columns("random", 0, graph, PROBLEM, seeded()),
        lambda graph: start_columns("spectral", 0, graph, 5, seeded()),
    ],
    ids=["fitted", "spectral"],
)
def test_samples_are_drawn_from_all_rows(monkeypatch, start):
    graph = make_noise_graph()
    monkeypatch.setattr(_graph, "SAMPLE_ENTRIES", graph.X.nnz // 3)
    monkeypatch.setattr(_graph, "SAMPLE_ROWS", 1)
    taken = []
    take_graph = _starts.take_graph

    def record(graph, rows):
        taken.append(rows)
        return take_graph(graph, rows)

    monkeypatch.setattr(_starts, "take_graph", record)
    labels = start(graph)
    assert labels.shape == (30,)
    assert len(taken[0]) == 120 * (graph.X.nnz // 3) // graph.X.nnz
    # A third of 120 rows: all of them within the first 30 would be no draw.
    assert taken[0].max() > 90


@pytest.mark.parametrize(("init", "n_clusters"), [("random", 5), ("spectral", 1)])
def test_random_starts_and_single_co_clusters_need_no_entries(init, n_clusters):
    graph = make_noise_graph()
    found = start_columns(init, 0, graph, n_clusters, seeded())
    assert_array_equal(found, random_columns(30, n_clusters, seeded()))


def test_further_spectral_runs_merge_down_from_up_to_twice_the_co_clusters(monkeypatch):
    graph = make_noise_graph()
    asked = []
    spectral_ascent = _starts.spectral_ascent

    def record(graph, n_clusters, rng):
        asked.append(n_clusters)
        return spectral_ascent(graph, n_clusters, rng)

    monkeypatch.setattr(_starts, "spectral_ascent", record)
    for seed in range(20):
        labels = start_columns("spectral", 1, graph, 5, np.random.RandomState(seed))
        assert labels.max() < 5
    assert (min(asked), max(asked)) == (5, 10)


@pytest.mark.parametrize(("n_clusters", "n_racers"), [(10, 10), (11, 4)])
def test_kmeans_partitions_race_and_the_best_wins(monkeypatch, n_clusters, n_racers):
    values = []
    ascent = _starts.Ascent

    class Recorded(ascent):
        def run(self, *options):
            converged = super().run(*options)
            values.append(self.value)
            return converged

    monkeypatch.setattr(_starts, "Ascent", Recorded)
    winner = _starts.spectral_ascent(make_noise_graph(), n_clusters, seeded())
    assert len(values) == n_racers
    # Among equals but for rounding the first wins.
    assert winner.value == pytest.approx(max(values), rel=1e-8)


@pytest.mark.parametrize("n_clusters", [2, 3])
def test_a_run_that_ends_in_one_co_cluster_starts_again(n_clusters):
    blocks = sp.csr_array(np.kron(np.eye(n_clusters), np.ones((12, 9))))
    graph = make_graph(get_engine("numba"), blocks, 1.0)
    problem = Problem(n_clusters, refine=False, sampled=False, max_iter=100, tol=0.0)
    start = np.zeros(9 * n_clusters, np.int32)
    # In one co-cluster nothing gains by leaving it.
    found = solve_coclus(graph, problem, start, seeded(), Unreported())
    assert found.value > 0.3
    assert len(np.unique(found.row_labels)) > 1
    assert found.converged
