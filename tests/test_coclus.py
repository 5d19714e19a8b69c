"""Coclus at a glance, and the parts of its start and search; see also test_coclus_behaviour.py."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from skcocluster import Coclus
from skcocluster._coclus import _graph, _search, _starts
from skcocluster._coclus._ascent import Ascent
from skcocluster._coclus._graph import make_graph
from skcocluster._coclus._kmeans import kmeans_labels
from skcocluster._kernels.engines import get_engine, numba_
from skcocluster._kernels.modularity import MOVED_ROWS, ROW_STEP
from skcocluster.metrics import modularity


def planted(n_clusters=4, n_rows=120, n_columns=90, seed=0, inside=3.0, outside=0.4):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.arange(n_rows) % n_clusters)
    columns = rng.permutation(np.arange(n_columns) % n_clusters)
    means = np.where(rows[:, None] == columns, inside, outside)
    return rng.poisson(means).astype(float), rows, columns


def graph_of(X, engine="numba", resolution=1.0):
    built = get_engine(engine)
    return make_graph(built, built.prepare(X), resolution)


def settled(X, n_clusters, seed=0):
    columns = np.random.default_rng(seed).integers(0, n_clusters, X.shape[1]).astype(np.int32)
    ascent = Ascent(graph_of(X), n_clusters, columns)
    assert ascent.run(100, 0.0, lambda value: False)
    return ascent


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csc_matrix])
def test_finds_planted_co_clusters(engine, kind):
    X, rows, columns = planted()
    model = Coclus(4, engine=engine, random_state=0).fit(kind(X))
    assert adjusted_rand_score(rows, model.row_labels_) == 1
    assert adjusted_rand_score(columns, model.column_labels_) == 1
    expected = modularity(X, model.row_labels_, model.column_labels_)
    assert_allclose(model.modularity_, expected, rtol=1e-12)
    assert model.objective_ == model.modularity_ == model.objective_trace_[-1]
    assert model.n_clusters_ == 4
    assert_array_equal(model.predict(kind(X)), model.row_labels_)
    assert_array_equal(model.predict_columns(kind(X)), model.column_labels_)
    assert_array_equal(model.transform(kind(X)).argmax(axis=1), model.row_labels_)
    assert_allclose(model.score(kind(X)), model.modularity_, rtol=1e-12)


def test_start_from_a_sample_of_the_rows_is_as_good(engine, monkeypatch):
    X, rows, _ = planted()
    X = sparse.csr_array(X)
    whole = Coclus(4, engine=engine, random_state=0).fit(X)
    monkeypatch.setattr(_graph, "SAMPLE_ENTRIES", X.nnz // 3)
    monkeypatch.setattr(_graph, "SAMPLE_ROWS", 10)
    seen = _graph.sample_rows(graph_of(X), np.arange(120), np.random.RandomState(0))
    assert 30 <= len(seen) <= 50
    sampled = Coclus(4, engine=engine, random_state=0).fit(X)
    assert adjusted_rand_score(rows, sampled.row_labels_) == 1
    assert_allclose(sampled.modularity_, whole.modularity_, rtol=1e-12)


def test_halves_of_a_sample_are_halves_of_all_rows(monkeypatch):
    X, rows, _ = planted(2)
    graph = graph_of(sparse.csr_array(X))
    columns = np.zeros(X.shape[1], np.int32)
    for n_entries in (graph.X.nnz, graph.X.nnz // 3):
        monkeypatch.setattr(_graph, "SAMPLE_ENTRIES", n_entries)
        monkeypatch.setattr(_graph, "SAMPLE_ROWS", 10)
        ascent = Ascent(graph, 1, columns)
        ascent.iterate()
        halves = _search.Halves(ascent, np.random.RandomState(0))
        assert adjusted_rand_score(rows, halves.second) == 1
        assert halves.gains[0] > 0.2


def test_gains_of_mergers_and_splits_are_those_of_the_metric():
    X, *_ = planted()
    ascent = settled(X, 5)
    rows, columns = ascent.row_labels, ascent.column_labels
    before = modularity(X, rows, columns)
    gains = _search.merge_gains(ascent)
    for a in range(5):
        for b in range(5):
            if a >= b:
                assert gains[a, b] == -np.inf
                continue
            after = modularity(X, np.where(rows == b, a, rows), np.where(columns == b, a, columns))
            assert_allclose(gains[a, b], after - before, atol=1e-12)
    halves = _search.Halves(ascent, np.random.RandomState(0))
    inhabited = np.flatnonzero(np.bincount(rows, minlength=5) > 1)
    assert len(inhabited) >= 4
    assert (halves.gains[np.bincount(rows, minlength=5) < 2] == -np.inf).all()
    for k in inhabited:
        split = np.where((rows == k) & halves.second, 5, rows).astype(np.int32)
        graph = ascent.graph
        best = graph.label_columns(graph.column_sums(split, 6), split)[0]
        assert_allclose(halves.gains[k], modularity(X, split, best) - before, atol=1e-12)


def test_merging_down_leaves_as_many_as_asked():
    X, rows, _ = planted()
    ascent = settled(X, 9)
    columns = _search.merge_down(ascent, 4, 10)
    assert columns.max() < 4
    model = Coclus(4, init=columns).fit(X)
    assert adjusted_rand_score(rows, model.row_labels_) == 1


def test_search_repairs_what_no_single_move_can():
    X, rows, columns = planted()
    # Two planted co-clusters in one, another one in two halves.
    start = np.where(columns == 3, 2, columns).astype(np.int32)
    start[np.flatnonzero(columns == 0)[::2]] = 3
    stuck = Coclus(4, init=start, refine=None).fit(X)
    found = Coclus(4, init=start, refine="split_merge", random_state=0).fit(X)
    assert adjusted_rand_score(rows, stuck.row_labels_) < 0.9
    assert adjusted_rand_score(rows, found.row_labels_) == 1
    assert (np.diff(found.objective_trace_) >= 0).all()


def test_kmeans_of_few_different_points_says_nothing_and_warns_of_nothing():
    points = np.repeat(np.eye(3), 5, axis=0)
    labels = kmeans_labels(points, 7, np.random.RandomState(0))
    assert adjusted_rand_score(np.repeat(range(3), 5), labels) == 1
    assert_array_equal(kmeans_labels(np.ones((6, 2)), 3, np.random.RandomState(0)), 0)
    assert_array_equal(kmeans_labels(np.zeros((6, 2)), 3, np.random.RandomState(0)), 0)


def test_kmeans_of_a_sample_labels_all_points(monkeypatch):
    monkeypatch.setattr("skcocluster._coclus._kmeans.MAX_POINTS", 20)
    points = np.repeat(np.eye(3), 30, axis=0)
    points[7] = 0
    labels = kmeans_labels(points, 3, np.random.RandomState(0))
    assert adjusted_rand_score(np.delete(np.repeat(range(3), 30), 7), np.delete(labels, 7)) == 1


def test_large_sums_have_few_tiles_and_small_ones_many(monkeypatch):
    X = sparse.random_array((4000, 500), density=0.05, format="csr", rng=np.random.default_rng(0))
    monkeypatch.setattr(numba_, "TILE_BYTES", 1 << 14)
    few = {"old_labels": np.zeros(4000, np.int32), "new_labels": np.ones(4000, np.int32)}
    n_bytes = numba_._sums_bytes(MOVED_ROWS, X, {**few, "n_clusters": 7})
    assert n_bytes == 7 * 500 * 8
    assert numba_._sums_bytes(ROW_STEP, X, {}) == 8
    assert numba_.rows_per_tile(X, n_bytes) == numba_.rows_per_tile(X) < 4000
    monkeypatch.setattr(numba_, "CACHED_BYTES", 1000)
    monkeypatch.setattr(numba_, "SUMS_PRICE", 10)
    assert X.data.nbytes // (10 * n_bytes) == 2
    assert numba_.rows_per_tile(X, n_bytes) == 2000
    assert numba_.rows_per_tile(X, 10 * n_bytes) == 4000


def test_further_runs_start_from_more_co_clusters(monkeypatch):
    X, *_ = planted()
    asked = []
    original = _starts.spectral_ascent

    def spy(graph, n_clusters, rng):
        asked.append(n_clusters)
        return original(graph, n_clusters, rng)

    monkeypatch.setattr(_starts, "spectral_ascent", spy)
    Coclus(4, n_init=6, random_state=0).fit(X)
    assert asked[0] == 4
    assert max(asked) > 4
    assert max(asked) <= 8
