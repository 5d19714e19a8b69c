"""Every primitive of modularity against plain loops, on every engine, storage, and tiling."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from reference_modularity import dense_coclus, modularity_matrix
from scipy import sparse

from skcocluster import Coclus
from skcocluster._coclus._ascent import Ascent
from skcocluster._coclus._graph import make_graph
from skcocluster._kernels import modularity, modularity_compiled
from skcocluster._kernels.engines import get_engine, numba_, numpy_

K = 4
STORAGES = {
    "float64": lambda X: np.ascontiguousarray(X),
    "float32": lambda X: X.astype(np.float32),
    "csr": sparse.csr_array,
    "csr32": lambda X: sparse.csr_array(X.astype(np.float32)),
    "csr64bit": lambda X: with_long_indices(sparse.csr_array(X)),
}


def with_long_indices(X):
    X.indices, X.indptr = X.indices.astype(np.int64), X.indptr.astype(np.int64)
    return X


@pytest.fixture(params=STORAGES)
def storage(request):
    return STORAGES[request.param]


@pytest.fixture(params=[False, True], ids=["whole", "tiled"])
def tiling(request, monkeypatch):
    """One tile and one thread, or many tiles, two threads, and sums fetched ahead."""
    if request.param:
        monkeypatch.setattr(numba_, "TILE_BYTES", 1 << 7)
        monkeypatch.setattr(numpy_, "REFERENCE_TILE_ENTRIES", 40)
        monkeypatch.setattr(modularity_compiled, "FAR_BYTES", 0)
    return 2 if request.param else 1


@pytest.fixture
def run(engine, tiling):
    built = get_engine(engine, n_threads=tiling)
    return lambda primitive, X, **params: built.run(primitive, built.prepare(X), **params)


# Row lengths around the four interleaved sums; matrices without entries, and with one.
@pytest.fixture(params=[(1, 1), (3, 7), (16, 4), (9, 5), (35, 23)], ids=str)
def X(request):
    """Small counts, so that ties are common; a row and a column of zeros, two equal rows."""
    n, m = request.param
    X = np.random.default_rng(n * 100 + m).integers(0, 3, (n, m)) + 0.0
    if n > 5:
        X[2], X[:, 1], X[5] = 0, 0, X[0]
    return X


def labels_of(n, seed=0, lowest=0):
    return np.random.default_rng(seed).integers(lowest, K, n).astype(np.int32)


def gains_by_loops(X, column_labels, resolution):
    """N acc_k - resolution a_i C_k, entry by entry."""
    n, m = X.shape
    total = sum(X[i, j] for i in range(n) for j in range(m))
    gains = np.zeros((n, K))
    for i in range(n):
        for k in range(K):
            inside = sum(X[i, j] for j in range(m) if column_labels[j] == k)
            cluster = sum(X[q, j] for q in range(n) for j in range(m) if column_labels[j] == k)
            gains[i, k] = total * inside - resolution * sum(X[i]) * cluster
    return gains


def best_by_loops(gains):
    labels = [list(line).index(max(line)) for line in gains]
    return np.array(labels, np.int32), sum(max(line) for line in gains)


def sums_by_loops(X, row_labels):
    sums = np.zeros((K, X.shape[1]))
    for i, k in enumerate(row_labels):
        for j in range(X.shape[1]):
            if k >= 0:
                sums[k, j] += X[i, j]
    return sums


def step_params(X, column_labels, resolution):
    return {
        "weights": X.sum(axis=1),
        "cluster_weights": np.bincount(column_labels, X.sum(axis=0), K),
        "total": X.sum(),
        "resolution": resolution,
    }


def test_margins(run, storage, X):
    rows, columns, whole = run(modularity.MARGINS, storage(X))
    assert_array_equal(rows, [sum(line) for line in X])
    assert_array_equal(columns, [sum(line) for line in X.T])
    assert whole[0] == 1.0


@pytest.mark.parametrize("place", [0, -1])
def test_margins_notice_one_entry_that_is_not_whole(run, storage, X, place):
    X = X + 1.0
    X.flat[place] += 0.5
    assert run(modularity.MARGINS, storage(X))[2][0] == 0.0


@pytest.mark.parametrize("resolution", [1.0, 0.5, 2.0])
def test_row_step(run, storage, X, resolution):
    columns = labels_of(X.shape[1])
    expected = best_by_loops(gains_by_loops(X, columns, resolution))
    labels, gain = run(modularity.ROW_STEP, storage(X), column_labels=columns,
                       **step_params(X, columns, resolution))  # fmt: skip
    assert labels.dtype == np.int32
    assert_array_equal(labels, expected[0])
    assert gain[0] == expected[1]


def test_ties_of_the_row_step_go_to_the_lowest_label(run, storage):
    X = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1], [1, 1, 0, 0]] * 3, float)
    columns = np.array([3, 1, 2, 0], np.int32)
    gains = gains_by_loops(X, columns, 1.0)
    tied = (gains == gains.max(axis=1, keepdims=True)).sum(axis=1) > 1
    labels, _ = run(modularity.ROW_STEP, storage(X), column_labels=columns,
                    **step_params(X, columns, 1.0))  # fmt: skip
    assert tied.all()
    assert_array_equal(labels, [1, 0, 0, 1] * 3)


def test_rows_and_matrices_of_zeros_gain_nothing_and_have_label_0(run, storage):
    X = np.zeros((6, 5))
    columns = labels_of(5)
    labels, gain = run(modularity.ROW_STEP, storage(X), column_labels=columns,
                       **step_params(X, columns, 1.0))  # fmt: skip
    assert_array_equal(labels, 0)
    assert gain[0] == 0


def test_many_clusters_need_wide_labels(run, storage):
    n_clusters = 300
    X = np.eye(n_clusters)
    columns = np.arange(n_clusters, dtype=np.int32)
    params = {"weights": np.ones(n_clusters), "cluster_weights": np.ones(n_clusters)}
    labels, _ = run(modularity.ROW_STEP, storage(X), column_labels=columns, total=300.0,
                    resolution=1.0, **params)  # fmt: skip
    assert_array_equal(labels, columns)


@pytest.mark.parametrize("resolution", [1.0, 0.5])
def test_best_labels_from_sums(run, X, resolution):
    rows = labels_of(X.shape[0])
    expected = best_by_loops(gains_by_loops(X.T, rows, resolution))
    labels, gain = run(modularity.BEST_LABELS, sums_by_loops(X, rows).T,
                       **step_params(X.T, rows, resolution))  # fmt: skip
    assert_array_equal(labels, expected[0])
    assert gain[0] == expected[1]


def test_best_labels_of_more_columns_than_one_chunk(run):
    X = np.random.default_rng(0).integers(0, 3, (6, 2 * modularity_compiled.CHUNK + 7)) + 0.0
    rows = labels_of(6)
    labels, gain = run(modularity.BEST_LABELS, sums_by_loops(X, rows).T,
                       **step_params(X.T, rows, 1.0))  # fmt: skip
    sums = sums_by_loops(X, rows)
    gains = X.sum() * sums - X.sum(axis=0) * sums.sum(axis=1)[:, None]
    assert_array_equal(labels, gains.argmax(axis=0))
    assert gain[0] == gains.max(axis=0).sum()


def test_column_sums_of_moved_rows(run, storage, X):
    old, new = labels_of(X.shape[0], 1, lowest=-1), labels_of(X.shape[0], 2)
    (moved,) = run(modularity.MOVED_ROWS, storage(X), old_labels=old, new_labels=new,
                   n_clusters=K)  # fmt: skip
    assert_array_equal(moved, sums_by_loops(X, new) - sums_by_loops(X, old))


@pytest.mark.compiled
def test_sums_of_single_precision_are_double(run):
    X = np.full((2, 3000), 0.1, np.float32)
    X[1] = 1e-3
    exact = X.astype(np.float64).sum(axis=1)
    columns = np.zeros(3000, np.int32)
    for kind in (np.asarray, sparse.csr_array):
        rows, *_ = run(modularity.MARGINS, kind(X))
        assert_allclose(rows, exact, rtol=1e-12)
        _, gain = run(modularity.ROW_STEP, kind(X), column_labels=columns, weights=np.zeros(2),
                      cluster_weights=np.ones(1), total=1.0, resolution=1.0)  # fmt: skip
        assert_allclose(gain[0], exact.sum(), rtol=1e-12)


def random_counts(seed, shape=(40, 30)):
    X = np.random.default_rng(seed).integers(0, 4, shape) * 1.0
    X[3], X[:, 7] = 0, 0
    return X


@pytest.mark.parametrize("resolution", [1.0, 1.5])
def test_fit_is_that_of_the_dense_algorithm(engine, storage, tiling, resolution):
    n_iterations = []
    for seed in range(8):
        X = random_counts(seed)
        start = labels_of(30, seed)
        dense = dense_coclus(X, start, K, resolution)
        model = Coclus(K, resolution=resolution, init=start, engine=engine, n_jobs=tiling)
        model.set_params(refine=None).fit(storage(X))
        if dense.trace[-1] <= 0:
            continue
        assert_allclose(model.objective_, dense.trace[-1], rtol=1e-12)
        assert_array_equal(model.row_labels_, dense.row_labels)
        assert_array_equal(model.column_labels_, dense.column_labels)
        n_iterations.append(len(dense.trace))
    assert max(n_iterations) > 3, "nothing has moved: nothing was tested"


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_sums_that_moved_are_the_sums_made_afresh(engine, kind):
    built = get_engine(engine)
    X = random_counts(1, (60, 20))
    ascent = Ascent(make_graph(built, built.prepare(kind(X)), 1.0), K, labels_of(20))
    ascent.step_rows()
    rng = np.random.default_rng(0)
    for n_moved in (1, 5, 30):
        rows = ascent.row_labels.copy()
        rows[rng.choice(60, n_moved, replace=False)] = rng.integers(0, K, n_moved)
        before = ascent.column_sums.copy()
        kept = ascent.column_sums
        ascent.set_rows(rows)
        assert_array_equal(ascent.column_sums, sums_by_loops(X, rows))
        assert_array_equal(kept, before, err_msg="sums that others may keep were changed")


def test_modularity_matrix_of_the_reference_sums_to_zero():
    B = modularity_matrix(random_counts(0))
    assert_allclose(B.sum(axis=0), 0, atol=1e-12)
    assert_allclose(B.sum(axis=1), 0, atol=1e-12)
