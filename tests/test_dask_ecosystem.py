"""Beside other libraries of dask: joblib's backend, dask-ml's wrappers, clients that go away."""

import threading

import dask
import dask.array as da
import joblib
import numpy as np
import pytest
from dask_arrays import to_dask
from sklearn.base import clone

from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)
from skcocluster._shared import restarts

distributed = pytest.importorskip("distributed")

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # dask-ml 2025.1 uses what other libraries have deprecated since.
    pytest.mark.filterwarnings("ignore:.*:FutureWarning:dask_ml"),
    pytest.mark.filterwarnings("ignore:.*:DeprecationWarning"),
]

HEIGHTS = (13, 1, 26)


def counts(seed=0, shape=(40, 18)):
    rng = np.random.default_rng(seed)
    means = np.where(rng.integers(0, 3, shape[0])[:, None] == rng.integers(0, 3, shape[1]), 5, 0.5)
    return rng.poisson(means).astype(float)


@pytest.fixture(scope="module")
def cluster():
    options = {"n_workers": 1, "threads_per_worker": 2, "dashboard_address": ":0"}
    with distributed.LocalCluster(processes=False, **options) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with distributed.Client(cluster) as client:
        yield client


@pytest.mark.parametrize(
    "estimator",
    [
        BBAC(3, 3, init="random", refine=None, n_init=8, random_state=0),
        Coclus(3, n_init=3, random_state=0),
        NEOCC(3, 3, n_init=3, random_state=0),
        NEOKMeans(3, n_init=3, random_state=0),
        SpecCo(3, n_init=3, random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_joblib_backend_of_dask_runs_the_restarts_of_a_fit_in_memory(
    estimator, client, monkeypatch
):
    X = counts()
    desired = clone(estimator).fit(X)
    submitted, scattered = [], []
    submit, scatter = distributed.Client.submit, distributed.Client.scatter
    monkeypatch.setattr(
        distributed.Client,
        "submit",
        lambda *args, **options: submitted.append(options.get("key")) or submit(*args, **options),
    )
    monkeypatch.setattr(
        distributed.Client,
        "scatter",
        lambda *args, **options: scattered.append(type(args[1])) or scatter(*args, **options),
    )
    with joblib.parallel_config("dask"):
        model = clone(estimator).fit(X)
    np.testing.assert_array_equal(model.row_labels_, desired.row_labels_)
    assert model.objective_ == desired.objective_
    assert any(str(key).startswith("batch_of__run") for key in submitted)
    # What all of them need, X above all, is sent once.
    assert scattered == [restarts._Shared]


@pytest.mark.parametrize(
    "estimator",
    [
        BBAC(3, 3, random_state=0),
        Coclus(3, random_state=0),
        SpectralCoclustering(3, random_state=0),
        SpectralBiclustering(3, 3, random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_parallel_post_fit_predicts_and_transforms_block_by_block(estimator):
    wrappers = pytest.importorskip("dask_ml.wrappers")
    X = counts()
    wrapped = wrappers.ParallelPostFit(estimator=clone(estimator))
    wrapped.fit(X)
    desired = clone(estimator).fit(X)
    array = to_dask(X, HEIGHTS)
    with dask.config.set(scheduler="synchronous"):
        for method in ("predict", "transform"):
            found = getattr(wrapped, method)(array)
            assert isinstance(found, da.Array)
            np.testing.assert_allclose(found.compute(), getattr(desired, method)(X), atol=1e-12)
        # Fitted on a dask array, it is the same estimator.
        again = wrappers.ParallelPostFit(estimator=clone(estimator)).fit(array)
        np.testing.assert_array_equal(again.predict(array).compute(), desired.predict(X))
    np.testing.assert_array_equal(wrapped.labels_, desired.row_labels_)


@pytest.mark.parametrize(
    ("estimator", "grid"),
    [
        (BBAC(3, 3, init="random", random_state=0), {"n_row_clusters": [2, 3]}),
        (Coclus(3, random_state=0), {"n_clusters": [2, 3]}),
        (SpecCo(3, random_state=0), {"n_clusters": [2, 3]}),
    ],
    ids=["BBAC", "Coclus", "SpecCo"],
)
def test_grid_search_of_dask_ml_finds_what_that_of_scikit_learn_finds(estimator, grid):
    model_selection = pytest.importorskip("dask_ml.model_selection")
    from sklearn.model_selection import GridSearchCV, KFold

    X, folds = counts(), KFold(2)
    desired = GridSearchCV(estimator, grid, cv=folds).fit(X)
    search = model_selection.GridSearchCV(estimator, grid, cv=folds, scheduler="synchronous")
    search.fit(X)
    assert search.best_params_ == desired.best_params_
    np.testing.assert_allclose(
        search.cv_results_["mean_test_score"], desired.cv_results_["mean_test_score"]
    )
    np.testing.assert_array_equal(
        search.best_estimator_.row_labels_, desired.best_estimator_.row_labels_
    )


class Gate:
    """Where a read of a chunk waits until the client has gone."""

    reached, closed = threading.Event(), threading.Event()
    n_open = 0


def read(block):
    # The block of the array's meta is no read.
    if block.size:
        Gate.n_open -= 1
    if Gate.n_open < 0:
        Gate.reached.set()
        Gate.closed.wait(20)
    return block


@pytest.mark.parametrize(
    "estimator",
    [
        BBAC(3, 3, init="random", n_init=2, random_state=0),
        Coclus(3, random_state=0),
        SpecCo(3, random_state=0),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.parametrize("n_reads", [0, 1])
def test_client_that_closes_in_mid_fit_is_a_clear_error(estimator, n_reads, cluster):
    Gate.reached.clear()
    Gate.closed.clear()
    Gate.n_open = n_reads
    array = to_dask(counts(), (40,)).map_blocks(read, dtype=float, meta=np.ones((0, 0)))
    model = clone(estimator)
    client = distributed.Client(cluster)

    def close():
        Gate.reached.wait(20)
        client.close()
        Gate.closed.set()

    closer = threading.Thread(target=close)
    closer.start()
    try:
        with pytest.raises(RuntimeError, match="connection to the dask cluster was lost"):
            model.fit(array)
    finally:
        Gate.reached.set()
        closer.join()
    assert not hasattr(model, "row_labels_")
    assert not hasattr(model, "n_features_in_")
