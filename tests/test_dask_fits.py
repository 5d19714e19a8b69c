"""BBAC and Coclus on dask arrays: fits as in memory, in few reads, and lazily applied."""

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
from dask_arrays import Reads, cuts, to_dask
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning

from skcocluster import BBAC, Coclus
from skcocluster._coclus import _graph
from skcocluster._kernels.blocks import COLUMN_SUMS
from skcocluster._kernels.engines import dask_, get_engine
from skcocluster._shared import samples
from skcocluster.metrics import block_divergence, modularity

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# The search, which takes most of the time, is in few of them.
BBAC_OPTIONS = [
    {},
    {"n_init": 3},
    {"init": "random"},
    {"init": "random", "refine": None, "n_init": 4},
    {"init": "k-means++", "refine": None},
    {"init": "spectral", "refine": None},
    {"init": "subsample"},
    {"init": "random", "refine": None, "tol": 0.0, "column_steps": 1},
    {"init": "random", "update": "simultaneous"},
    {"divergence": "i_divergence", "refine": None},
    {"divergence": "i_divergence", "basis": "C5", "refine": None},
    {"divergence": "i_divergence", "basis": "C3", "init": "random", "refine": None},
    {"basis": "C4", "init": "random", "refine": None},
    {"divergence": "itakura_saito", "init": "random", "refine": None},
]
COCLUS_OPTIONS = [
    {},
    {"n_init": 3},
    {"init": "random", "n_init": 4},
    {"init": "random", "refine": "split_merge"},
    {"refine": None, "resolution": 1.5},
]


@pytest.fixture(autouse=True)
def synchronous():
    """A scheduler that does the same thing in the same order every time."""
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture
def small_samples(monkeypatch):
    """Every matrix counts as large, and a sample is a few rows."""
    monkeypatch.setattr(samples, "ALL_ENTRIES", 100)
    monkeypatch.setattr(samples, "SAMPLE_ENTRIES", 400)
    monkeypatch.setattr(_graph, "SAMPLE_ENTRIES", 400)
    monkeypatch.setattr(_graph, "SAMPLE_ROWS", 20)


def counts(seed=0, shape=(40, 18), positive=False):
    """Blocks of whole numbers."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(1 if positive else 0, 7, (4, 3))
    X = levels[rng.integers(0, 4, shape[0])][:, rng.integers(0, 3, shape[1])]
    return (X + rng.integers(0, 3, shape)).astype(float)


def diagonal_counts(seed=0, shape=(40, 18)):
    rng = np.random.default_rng(seed)
    means = np.where(rng.integers(0, 3, shape[0])[:, None] == rng.integers(0, 3, shape[1]), 3, 0.4)
    return rng.poisson(means).astype(float)


def assert_same_fit(actual, desired):
    np.testing.assert_array_equal(actual.row_labels_, desired.row_labels_)
    np.testing.assert_array_equal(actual.column_labels_, desired.column_labels_)
    assert actual.row_labels_.dtype == np.int32
    assert isinstance(actual.row_labels_, np.ndarray)
    assert actual.n_iter_ == desired.n_iter_
    assert actual.converged_ == desired.converged_
    np.testing.assert_allclose(actual.objective_, desired.objective_, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        actual.objective_trace_, desired.objective_trace_, rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("options", BBAC_OPTIONS, ids=str)
@pytest.mark.parametrize("sparse", [False, True])
def test_bbac_fits_as_in_memory(options, sparse):
    X = counts(positive=options.get("divergence") == "itakura_saito")
    model = BBAC(4, 3, random_state=0, **options)
    desired = model.fit(sp.csr_array(X) if sparse else X)
    desired, model = model, BBAC(4, 3, random_state=0, **options)
    assert_same_fit(model.fit(to_dask(X, (7, 1, 0, 32), (10, 8), sparse)), desired)
    np.testing.assert_allclose(
        model.objective_,
        block_divergence(
            X,
            model.row_labels_,
            model.column_labels_,
            divergence=options.get("divergence", "squared_euclidean"),
            basis=options.get("basis", "C2"),
        ),
        rtol=1e-9,
    )


@pytest.mark.parametrize("options", COCLUS_OPTIONS, ids=str)
@pytest.mark.parametrize("sparse", [False, True])
def test_coclus_fits_as_in_memory(options, sparse):
    X = diagonal_counts()
    desired = Coclus(3, random_state=0, **options).fit(sp.csr_array(X) if sparse else X)
    model = Coclus(3, random_state=0, **options)
    assert_same_fit(model.fit(to_dask(X, (7, 1, 0, 32), (10, 8), sparse)), desired)
    np.testing.assert_allclose(
        model.objective_,
        modularity(X, model.row_labels_, model.column_labels_, options.get("resolution", 1.0)),
        rtol=1e-9,
    )


@settings(max_examples=25)
@given(st.data(), st.integers(0, 2**16), st.booleans(), st.sampled_from([np.float64, np.float32]))
def test_labels_do_not_depend_on_chunks(data, seed, sparse, dtype):
    heights = data.draw(cuts(40))
    unknown = data.draw(st.booleans())
    X, D = counts(seed).astype(dtype), diagonal_counts(seed).astype(dtype)
    for estimator, matrix in (
        (BBAC(4, 3, init="random", refine=None, n_init=2, random_state=seed), X),
        (Coclus(3, init="random", n_init=2, random_state=seed), D),
    ):
        whole = sp.csr_array(matrix) if sparse else matrix
        desired = estimator.fit(whole).row_labels_, estimator.column_labels_
        estimator.fit(to_dask(matrix, heights, None, sparse, unknown))
        np.testing.assert_array_equal(estimator.row_labels_, desired[0])
        np.testing.assert_array_equal(estimator.column_labels_, desired[1])


@pytest.mark.parametrize("init", ["random", "auto", "subsample"])
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@pytest.mark.parametrize("sparse", [False, True])
def test_missing_entries_are_those_in_memory(init, update, sparse):
    rng = np.random.default_rng(0)
    X = np.where(rng.random((40, 18)) < 0.3, np.nan, counts())
    X[3], X[:, 5] = np.nan, np.nan
    options = {"init": init, "update": update, "random_state": 0}
    desired = BBAC(4, 3, **options).fit(sp.csr_array(X) if sparse else X)
    model = BBAC(4, 3, **options).fit(to_dask(X, (7, 1, 32), None, sparse))
    assert_same_fit(model, desired)
    assert model.row_labels_[3] == model.column_labels_[5] == -1
    new = to_dask(X, (20, 20), None, sparse)
    np.testing.assert_array_equal(model.predict(new).compute(), desired.predict(X))
    np.testing.assert_allclose(float(model.score(new)), desired.score(X))


def test_given_labels_start_as_in_memory():
    X = counts()
    rows, columns = np.arange(40) % 4, np.arange(18) % 3
    options = {"init": (rows, columns), "refine": None, "tol": 0.0}
    desired = BBAC(4, 3, **options).fit(X)
    assert_same_fit(BBAC(4, 3, **options).fit(to_dask(X, (13, 27))), desired)
    D = diagonal_counts()
    desired = Coclus(3, init=columns).fit(D)
    assert_same_fit(Coclus(3, init=columns).fit(to_dask(D, (13, 27))), desired)


def test_emptied_clusters_are_refilled_as_in_memory():
    X = counts()
    rows, columns = np.zeros(40, int), np.zeros(18, int)
    options = {"init": (rows, columns), "refine": None, "tol": 0.0}
    desired = BBAC(6, 4, **options).fit(X)
    assert len(np.unique(desired.row_labels_)) == 6
    assert_same_fit(BBAC(6, 4, **options).fit(to_dask(X, (13, 27))), desired)


@pytest.mark.parametrize("options", [{}, {"n_init": 3}, {"init": "spectral"}], ids=str)
def test_large_matrices_start_from_a_sample_in_every_engine(options, small_samples):
    X, D = counts(shape=(90, 18)), diagonal_counts(shape=(90, 18))
    fits = [
        BBAC(4, 3, engine=engine, random_state=0, **options).fit(X) for engine in ("numpy", "numba")
    ]
    for heights in ((90,), (1, 44, 45)):
        model = BBAC(4, 3, random_state=0, **options).fit(to_dask(X, heights))
        for desired in fits:
            assert_same_fit(model, desired)
        for sparse in (False, True):
            whole = sp.csr_array(D) if sparse else D
            desired = Coclus(3, random_state=0, **options).fit(whole)
            model = Coclus(3, random_state=0, **options).fit(to_dask(D, heights, None, sparse))
            assert_same_fit(model, desired)


def test_sample_leads_to_the_planted_blocks_in_one_full_read(small_samples):
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, 5, 300), rng.integers(0, 4, 20)
    X = (10 * rng.permutation(20).reshape(5, 4)[rows][:, columns]) + rng.integers(0, 5, (300, 20))
    reads = Reads(X.astype(float), (100, 100, 100))
    model = BBAC(5, 4, random_state=0).fit(reads.array)
    planted = block_divergence(X, rows, columns)
    np.testing.assert_allclose(model.objective_, planted)
    assert model.n_iter_ == 1
    # A look, the sample, labels, an iteration that changes none, the objective.
    np.testing.assert_array_equal(reads.counts, [5, 5, 5])


def test_iteration_of_bbac_is_one_read():
    counts_of_reads = []
    X = np.random.default_rng(0).integers(0, 9, (60, 40)).astype(float)
    for max_iter in (3, 4, 5):
        reads = Reads(X, (20, 40))
        options = {"init": "random", "refine": None, "tol": 0.0, "random_state": 0}
        model = BBAC(3, 3, max_iter=max_iter, **options).fit(reads.array)
        assert model.n_iter_ == max_iter
        counts_of_reads.append(reads.counts)
    np.testing.assert_array_equal(np.diff(counts_of_reads, axis=0), 1)


def test_simultaneous_iteration_is_one_read():
    counts_of_reads = []
    X = np.random.default_rng(0).integers(0, 9, (60, 40)).astype(float)
    for max_iter in (1, 2, 3):
        reads = Reads(X, (20, 40))
        options = {"init": "random", "update": "simultaneous", "tol": 0.0, "random_state": 0}
        model = BBAC(3, 3, max_iter=max_iter, **options).fit(reads.array)
        assert model.n_iter_ == max_iter
        counts_of_reads.append(reads.counts)
    # A look, the start, an iteration, the objective: the sums of the last iteration are fresh.
    np.testing.assert_array_equal(counts_of_reads[0], 4)
    np.testing.assert_array_equal(np.diff(counts_of_reads, axis=0), 1)


def test_sums_of_a_finished_fit_have_no_rounding_of_moves():
    X = 1e6 * np.random.default_rng(0).random((300, 30)) ** 9
    options = {"init": "random", "refine": None, "tol": 0.0, "random_state": 0}
    model = BBAC(4, 4, **options).fit(to_dask(X, (300,)))
    assert model.n_iter_ > 4
    params = {"row_labels": model.row_labels_, "n_row_clusters": 4, "missing": False}
    (sums,) = get_engine("numba").run(COLUMN_SUMS, X, **params)
    np.testing.assert_array_equal(model.column_means_, sums.sum(axis=0) / 300)


def test_iteration_of_coclus_is_one_read():
    counts_of_reads = []
    for max_iter in (2, 3):
        reads = Reads(np.random.default_rng(0).integers(0, 3, (60, 40)).astype(float), (20, 40))
        model = Coclus(5, init="random", max_iter=max_iter, random_state=0).fit(reads.array)
        assert model.n_iter_ == max_iter
        counts_of_reads.append(reads.counts)
    np.testing.assert_array_equal(np.diff(counts_of_reads, axis=0), 1)


@pytest.mark.parametrize("estimator", [BBAC(4, 3, refine=None), Coclus(3)])
def test_runs_share_their_reads(estimator):
    X = diagonal_counts()
    n_reads = []
    for n_init in (1, 8):
        reads = Reads(X, (20, 20))
        estimator.set_params(init="random", n_init=n_init, max_iter=4, tol=0.0, random_state=0)
        estimator.fit(reads.array)
        n_reads.append(reads.counts.max())
    # Alone, the runs would read eight times as often; some go on for longer than the first.
    assert n_reads[1] < 3 * n_reads[0]


def test_nothing_of_rows_times_clusters_travels(monkeypatch):
    largest = []
    compute = dask_.compute

    def watch(*arguments):
        results = compute(*arguments)
        for outputs in results:
            largest.extend(x.size for x in outputs or () if isinstance(x, np.ndarray))
        return results

    monkeypatch.setattr(dask_, "compute", watch)
    X = to_dask(counts(shape=(400, 9)), (100,) * 4)
    for update in ("alternating", "simultaneous"):
        BBAC(6, 3, init="random", refine=None, update=update, random_state=0).fit(X)
    Coclus(6, init="random", random_state=0).fit(X)
    assert max(largest) <= 400
    largest.clear()
    X = to_dask(np.where(counts(shape=(400, 9)) == 3, np.nan, 1.0), (100,) * 4)
    BBAC(6, 3, init="random", refine=None, random_state=0).fit(X)
    # With missing entries, sums and counts of rows once, for their means.
    assert max(largest) <= 800


def test_search_on_a_large_dask_array_is_refused(small_samples):
    X = to_dask(counts(), (20, 20))
    for estimator in (BBAC(4, 3, refine="split_merge"), Coclus(3, refine="split_merge")):
        with pytest.raises(ValueError, match="refine='auto'"):
            estimator.fit(X)


# -- new rows -----------------------------------------------------------------------------------


def fitted():
    X, D = counts(), diagonal_counts()
    return [
        (BBAC(4, 3, refine=None, random_state=0).fit(X), X, 3),
        (BBAC(4, 3, basis="C5", init="random", random_state=0).fit(X), X, 3),
        (Coclus(3, random_state=0).fit(D), D, 3),
    ]


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("unknown", [False, True])
def test_new_rows_in_a_dask_array_are_lazy_and_those_in_memory(sparse, unknown):
    for model, X, width in fitted():
        new = to_dask(X, (7, 0, 33), None if unknown else (10, 8), sparse, unknown)
        labels, points, score = model.predict(new), model.transform(new), model.score(new)
        assert isinstance(labels, da.Array)
        assert labels.ndim == 1
        assert labels.dtype == np.int32
        assert isinstance(points, da.Array)
        assert points.shape[1] == width
        assert isinstance(score, da.Array)
        assert score.ndim == 0
        np.testing.assert_array_equal(labels.compute(), model.predict(X))
        np.testing.assert_allclose(points.compute(), model.transform(X), atol=1e-12)
        np.testing.assert_allclose(float(score), model.score(X))


def test_new_rows_are_not_read_before_they_are_needed():
    for model, X, _ in fitted():
        reads = Reads(X, (20, 20))
        results = [model.predict(reads.array), model.transform(reads.array)]
        results.append(model.score(reads.array))
        assert reads.counts.sum() == 0
        results[0].compute()
        np.testing.assert_array_equal(reads.counts, [1, 1])


def test_reconstruction_of_new_rows_is_lazy():
    X = counts()
    model = BBAC(4, 3, random_state=0).fit(X)
    reads = Reads(X, (20, 20))
    approximation = model.reconstruct(reads.array)
    assert reads.counts.sum() == 0
    assert approximation.shape == X.shape
    np.testing.assert_allclose(approximation.compute(), model.reconstruct(X))


def test_new_columns_in_a_dask_array_have_the_labels_of_those_in_memory():
    for model, X, _ in fitted():
        labels = model.predict_columns(to_dask(X, (7, 33)))
        assert isinstance(labels, np.ndarray)
        np.testing.assert_array_equal(labels, model.predict_columns(X))
        with pytest.raises(ValueError, match="39 rows"):
            model.predict_columns(to_dask(X[:39], (39,)))


@pytest.mark.parametrize("engine", ["auto", "numpy", "numba", "dask"])
def test_new_rows_may_be_elsewhere_than_those_of_the_fit(engine):
    X = counts()
    on_dask = engine == "dask"
    model = BBAC(4, 3, engine=engine, random_state=0).fit(to_dask(X, (7, 33)) if on_dask else X)
    np.testing.assert_array_equal(model.predict(X), model.row_labels_)
    np.testing.assert_array_equal(model.predict(to_dask(X, (7, 33))).compute(), model.row_labels_)


def test_score_of_a_dask_array_without_weight_is_zero():
    model = Coclus(3, random_state=0).fit(diagonal_counts())
    assert float(model.score(da.zeros((5, 18), chunks=(2, -1)))) == 0.0


def test_threads_and_one_after_the_other_give_equal_fits():
    X = to_dask(np.random.default_rng(0).random((60, 20)), (9, 1, 50))
    options = {"init": "random", "refine": None, "n_init": 5, "random_state": 0}
    desired = BBAC(4, 3, **options).fit(X)
    with dask.config.set(scheduler="threads"):
        model = BBAC(4, 3, **options).fit(X)
    np.testing.assert_array_equal(model.row_labels_, desired.row_labels_)
    assert model.objective_ == desired.objective_


def test_fit_that_stops_early_warns_as_in_memory():
    X = to_dask(np.random.default_rng(0).random((60, 20)), (30, 30))
    with pytest.warns(ConvergenceWarning):
        BBAC(4, 3, init="random", refine=None, max_iter=1, tol=0.0).fit(X)
