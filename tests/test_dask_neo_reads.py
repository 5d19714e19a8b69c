"""NEOCC and NEOKMeans on dask arrays: how often X is read, what is lazy, what is refused."""

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
from dask_arrays import Reads as DenseReads
from dask_arrays import to_dask
from distributed import Client, LocalCluster
from neo_large import assert_same_fit, counts, large, measurements
from sklearn.base import clone

from skcocluster import NEOCC, NEOKMeans
from skcocluster._kernels.engines import dask_

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

HEIGHTS = (15, 1, 0, 44)
OVERLAPPING = NEOCC(4, 3, row_overlap=0.3, row_outliers=0.1, random_state=0)
RESIDUES = NEOCC(4, 3, objective="RCM", row_overlap=0.3, column_outliers=0.1, random_state=0)
ROWS = NEOKMeans(4, overlap=0.3, outliers=0.1, random_state=0)
ALL = pytest.mark.parametrize("estimator", [OVERLAPPING, RESIDUES, ROWS], ids=str)


@pytest.fixture
def synchronous():
    """A scheduler that does the same thing in the same order every time."""
    with dask.config.set(scheduler="synchronous"):
        yield


class Reads(DenseReads):
    """A dask array that counts the reads of its chunks, of dense or CSR blocks."""

    def __init__(self, X, heights, sparse=False):
        super().__init__(X, heights)
        if sparse:
            self.array = self.array.map_blocks(
                sp.csr_array, dtype=X.dtype, meta=sp.csr_array((0, 0), dtype=X.dtype)
            )


U = np.arange(60)[:, None] % 4 == np.arange(4)
V = np.arange(18)[:, None] % 3 == np.arange(3)


@pytest.mark.usefixtures("synchronous")
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(
    ("estimator", "n_others"),
    [
        # The look, the level of the entries and sums over the start; means of rows under RCM.
        (NEOCC(4, 3, init=(U, V)), 3),
        (NEOCC(4, 3, objective="RCM", init=(U, V)), 4),
        (NEOKMeans(4, init=U), 3),
        # Instead of sums over the start, the sample and the first step.
        (NEOCC(4, 3, random_state=0), 4),
        (NEOCC(4, 3, objective="RCM", random_state=0), 5),
        (NEOKMeans(4, random_state=0), 4),
    ],
    ids=["M-given", "RCM-given", "rows-given", "M", "RCM", "rows"],
)
def test_without_overlap_an_iteration_is_one_read(estimator, n_others, sparse):
    # To the fixed point: the last iteration changes nothing, and its read is the last.
    reads = Reads(measurements(), (20, 20, 20), sparse)
    with large():
        model = clone(estimator).set_params(tol=0.0).fit(reads.array)
    assert model.n_iter_ > 3 or isinstance(estimator.init, str)
    np.testing.assert_array_equal(reads.counts, model.n_iter_ + n_others - sparse)


@pytest.mark.usefixtures("synchronous")
@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_end_at_tol_is_one_read_more(objective):
    reads = Reads(measurements(), (20, 20, 20))
    with large():
        model = NEOCC(4, 3, objective=objective, init=(U, V), max_iter=2).fit(reads.array)
    np.testing.assert_array_equal(reads.counts, model.n_iter_ + (4 if objective == "M" else 5))


@pytest.mark.usefixtures("synchronous")
@ALL
def test_overlap_reads_a_chunk_at_most_twice_an_iteration(estimator):
    reads = Reads(measurements(3), (20, 20, 20))
    with large():
        model = clone(estimator).set_params(tol=0.0).fit(reads.array)
    assert reads.counts.max() <= 2 * (model.n_iter_ + 1) + 6


@pytest.mark.usefixtures("synchronous")
def test_rows_near_the_thresholds_save_reads(monkeypatch):
    rng = np.random.default_rng(0)
    X = np.repeat(rng.standard_normal((5, 30)), 400, axis=0) + rng.standard_normal((2000, 30))
    n_reads = []
    for edge_rows in (0, 200):
        monkeypatch.setattr("skcocluster._neocc._row_step.EDGE_ROWS", edge_rows)
        reads = Reads(X, (500,) * 4)
        with large(sample_entries=30_000):
            model = NEOKMeans(5, overlap=0.3, tol=0.0, random_state=0).fit(reads.array)
        n_reads.append(reads.counts.max())
    assert n_reads[1] <= model.n_iter_ + 7 < n_reads[0]


@pytest.mark.usefixtures("synchronous")
@ALL
def test_restarts_share_reads(estimator):
    n_iter, n_reads = 0, []
    for n_init in (1, 6):
        reads = Reads(measurements(1), (20, 20, 20))
        with large():
            model = clone(estimator).set_params(n_init=n_init, max_iter=10).fit(reads.array)
        n_iter = max(n_iter, model.n_iter_)
        n_reads.append(reads.counts.max())
    # As many as the longest run alone, not the sum of all.
    assert n_reads[1] <= 2 * (10 + 1) + 6
    assert n_reads[1] < 6 * n_reads[0]


@pytest.mark.usefixtures("synchronous")
def test_nothing_of_rows_times_clusters_travels_in_an_iteration(monkeypatch):
    results = []
    original = dask_.answer

    def answer(requests):
        outputs = original(requests)
        results.extend(zip(requests, outputs, strict=True))
        return outputs

    monkeypatch.setattr(dask_, "answer", answer)
    n_rows, n_clusters = 3000, 4
    X = counts(0, (n_rows, 18))
    for estimator in (OVERLAPPING, RESIDUES, ROWS):
        results.clear()
        with large(sample_entries=4000):
            clone(estimator).fit(to_dask(X, (1000,) * 3))
        steps = [out for request, out in results if getattr(request, "primitive", None)]
        steps = [out for out in steps if len(out) > 8]
        assert len(steps) > 1
        for outputs in steps:
            arrays = [part for part in outputs if isinstance(part, np.ndarray)]
            assert max(part.size for part in arrays) <= n_rows
            pairs = sum(part.values.size for part in outputs[2])
            assert pairs < 1.3 * (0.4 * n_rows + 3 * 64)
            assert pairs < n_rows * (n_clusters - 1) / 2
    results.clear()
    with large(sample_entries=4000):
        NEOCC(4, 3, random_state=0).fit(to_dask(X, (1000,) * 3))
    steps = [out for _, out in results if isinstance(out, tuple) and len(out) > 8]
    assert len(steps) > 1
    for outputs in steps:
        # The nearest cluster of each row is all: no distances, no candidates, no rows.
        assert outputs[0].dtype == np.uint8
        assert not outputs[1].size
        assert not outputs[2]
        assert not outputs[3]


@pytest.mark.usefixtures("synchronous")
@ALL
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("unknown", [False, True])
def test_new_rows_in_a_dask_array_are_lazy_and_as_in_memory(estimator, sparse, unknown):
    X = measurements()
    model = clone(estimator).fit(sp.csr_array(X) if sparse else X)
    reads = Reads(X, (20, 20, 20))
    array = to_dask(X, HEIGHTS, (10, 8), sparse, unknown)
    for name in ("predict", "predict_memberships", "transform"):
        method = getattr(model, name)
        desired, lazy = method(X), method(array)
        assert lazy.dtype == desired.dtype
        assert lazy.shape[1:] == desired.shape[1:]
        computed = lazy.compute()
        assert computed.dtype == desired.dtype
        np.testing.assert_allclose(computed, desired, rtol=1e-9, atol=1e-9)
        assert isinstance(method(reads.array), da.Array)
    score = model.score(array)
    assert isinstance(score, da.Array)
    np.testing.assert_allclose(float(score), model.score(X), rtol=1e-9)
    model.score(reads.array)
    assert reads.counts.sum() == 0


@pytest.mark.usefixtures("synchronous")
@pytest.mark.parametrize("estimator", [OVERLAPPING, ROWS], ids=str)
def test_score_of_rows_that_nothing_admits_is_lazy_too(estimator):
    model = clone(estimator).fit(measurements())
    far = 100 * measurements()
    assert (model.predict(far) == -1).all()
    score = model.score(to_dask(far, HEIGHTS))
    assert isinstance(score, da.Array)
    np.testing.assert_allclose(float(score), model.score(far))
    # Each counts at its closest cluster.
    least = model.transform(far).min(axis=1)
    least = least**2 if estimator is ROWS else least
    np.testing.assert_allclose(model.score(far), -least.mean())


@pytest.mark.usefixtures("synchronous")
@pytest.mark.parametrize("estimator", [OVERLAPPING, RESIDUES], ids=str)
@pytest.mark.parametrize("sparse", [False, True])
def test_new_columns_of_a_dask_array_are_labelled_at_once(estimator, sparse):
    X = measurements()
    with large():
        for fitted_on in (X, to_dask(X, (20, 20, 20))):
            model = clone(estimator).fit(fitted_on)
            labels = model.predict_columns(to_dask(X[:, :7], HEIGHTS, None, sparse, unknown=True))
            assert type(labels) is np.ndarray
            np.testing.assert_array_equal(labels, model.predict_columns(X[:, :7]))


@pytest.mark.usefixtures("synchronous")
@ALL
def test_errors_are_those_of_memory(estimator):
    X = measurements()
    for row, column, value in ((41, 3, np.nan), (17, 2, np.inf)):
        bad = X.copy()
        bad[row, column] = value
        messages = []
        for matrix in (bad, to_dask(bad, HEIGHTS)):
            with pytest.raises(ValueError, match=rf"row {row}, column {column}|NaN") as caught:
                clone(estimator).fit(matrix)
            messages.append(str(caught.value))
        assert messages[0] == messages[1]
    X[50, 5] = 1e200
    with pytest.raises(ValueError, match=r"row 50, column 5.*rescale X"):
        clone(estimator).fit(to_dask(X, HEIGHTS))


@ALL
def test_engine_and_storage_must_agree(estimator):
    X = measurements()
    for engine in ("numpy", "numba"):
        with pytest.raises(ValueError, match=r"compute\(\)"):
            clone(estimator).set_params(engine=engine).fit(to_dask(X, HEIGHTS))
    with pytest.raises(ValueError, match=r"dask\.array\.from_array"):
        clone(estimator).set_params(engine="dask").fit(X)
    model = clone(estimator).set_params(engine="dask").fit(to_dask(X, HEIGHTS))
    np.testing.assert_array_equal(model.predict(X), clone(estimator).fit(X).predict(X))


@pytest.mark.usefixtures("synchronous")
@ALL
def test_infeasible_shares_and_starts_are_errors_as_in_memory(estimator):
    word = "" if isinstance(estimator, NEOKMeans) else "row_"
    with large():
        for change in ({f"{word}overlap": -0.3}, {"init": "nothing"}, {"init": np.ones(3)}):
            with pytest.raises(ValueError, match=r"overlap|init"):
                clone(estimator).set_params(**change).fit(to_dask(measurements(), HEIGHTS))


@pytest.mark.usefixtures("synchronous")
@ALL
def test_chunk_that_cannot_be_read_is_named(estimator):
    n_reads = 0

    def read(block, block_id=None):
        nonlocal n_reads
        n_reads += block_id[0] == 1
        if block_id[0] == 1 and n_reads > 5:
            raise OSError("disk gone")
        return block

    array = da.from_array(measurements(), chunks=(20, -1)).map_blocks(read, dtype=float)
    model = clone(estimator)
    with large(), pytest.raises(RuntimeError, match=r"Chunk 1 .*disk gone"):
        model.fit(array)
    assert not [name for name in vars(model) if name.endswith("_")]


def test_given_memberships_of_many_rows_are_no_reason_for_a_warning():
    # No warning of the size of the graph, that is: warnings are errors here.
    n = 40_000
    X = da.ones((n, 2), chunks=(10_000, -1))
    options = {"processes": False, "dashboard_address": ":0"}
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, **options) as cluster,
        Client(cluster),
        dask.config.set({dask_.GRAPH_LIMIT: "30 kB"}),
        large(),
    ):
        NEOKMeans(1, init=np.ones((n, 1))).fit(X)


def test_cluster_of_processes_gives_the_fit_of_memory():
    X = measurements()
    options = {"processes": True, "dashboard_address": ":0", "memory_limit": 0}
    array = da.from_array(X, chunks=(13, -1))
    with LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster, Client(cluster):
        for estimator in (OVERLAPPING, RESIDUES, ROWS):
            with large():
                desired = clone(estimator).set_params(n_init=2).fit(X)
                model = clone(estimator).set_params(n_init=2).fit(array.persist())
            assert_same_fit(model, desired)
            np.testing.assert_array_equal(model.predict(array).compute(), desired.predict(X))
            np.testing.assert_allclose(float(model.score(array)), desired.score(X))
