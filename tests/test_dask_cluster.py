"""The dask engine on a real cluster of processes: equal labels, and what may go wrong there."""

import os
import re
import signal
import threading
import time
from types import SimpleNamespace

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker

from skcocluster import BBAC, Coclus
from skcocluster._kernels.blocks import COLUMN_SUMS
from skcocluster._kernels.engines import ChunkedRows, dask_
from skcocluster._kernels.engines.dask_errors import explain

X = np.random.default_rng(0).integers(0, 6, (60, 12)).astype(float)
RANDOM = {"init": "random", "refine": None, "tol": 0.0, "n_init": 3, "random_state": 0}


@pytest.fixture(scope="module")
def cluster():
    # Any free port will do for a dashboard: a port in use is a warning, and so an error here.
    options = {"processes": True, "dashboard_address": ":0", "memory_limit": 0}
    with LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster:
        yield cluster


@pytest.fixture
def client(cluster):
    with Client(cluster) as client:
        yield client


def slowly(block):
    time.sleep(0.05)
    return block


def slow_array():
    return da.from_array(X, chunks=(10, -1)).map_blocks(slowly, dtype=float, meta=X[:0])


def assert_labels(model, desired):
    np.testing.assert_array_equal(model.row_labels_, desired.row_labels_)
    np.testing.assert_array_equal(model.column_labels_, desired.column_labels_)


@pytest.mark.parametrize(("persisted", "sparse"), [(False, False), (True, True)])
def test_cluster_gives_the_labels_of_memory(client, persisted, sparse):
    array = da.from_array(X, chunks=(13, -1))
    whole = sp.csr_array(X) if sparse else X
    if sparse:
        array = array.map_blocks(sp.csr_array, dtype=float, meta=sp.csr_array((0, 0)))
    if persisted:
        array = array.persist()
    for estimator in (BBAC(3, 2, **RANDOM), Coclus(3, init="random", n_init=2, random_state=0)):
        desired = estimator.fit(whole).row_labels_, estimator.column_labels_
        estimator.fit(array)
        np.testing.assert_array_equal(estimator.row_labels_, desired[0])
        np.testing.assert_array_equal(estimator.column_labels_, desired[1])
        np.testing.assert_array_equal(estimator.predict(array).compute(), estimator.predict(whole))
        np.testing.assert_allclose(float(estimator.score(array)), estimator.score(whole))


def test_bad_entry_on_a_worker_is_the_error_of_memory(client):
    bad = X.copy()
    bad[47, 3] = np.inf
    with pytest.raises(ValueError, match=r"X\[47, 3\] = inf \(row 47, column 3\) is infinity"):
        BBAC(3, 2).fit(da.from_array(bad, chunks=(13, -1)))


def test_labels_of_many_rows_are_no_reason_for_a_warning(client):
    # No warning of the size of the graph, that is: warnings are errors here.
    n = 200_000
    rows = ChunkedRows(
        dask_.make_source(da.ones((n, 2), chunks=(50_000, -1))), (50_000,) * 4, False
    )
    labels = np.zeros(n, np.int32)
    with dask.config.set({dask_.GRAPH_LIMIT: "30 kB"}):
        params = {"row_labels": labels, "n_row_clusters": 1, "missing": False}
        (sums,) = dask_.DaskEngine().run(COLUMN_SUMS, rows, **params)
    np.testing.assert_array_equal(sums, [[n, n]])


def before_read(monkeypatch, number, action):
    """Call `action` in a thread of its own while the read of that number is on its way."""
    compute, count = dask_.compute, 0

    def watched(*arguments):
        nonlocal count
        count += 1
        if count == number:
            threading.Timer(0.1, action).start()
        return compute(*arguments)

    monkeypatch.setattr(dask_, "compute", watched)


def test_fit_survives_a_worker_that_is_killed(client, monkeypatch):
    pids = client.run(os.getpid)
    desired = BBAC(3, 2, **RANDOM).fit(X)
    before_read(monkeypatch, 3, lambda: os.kill(next(iter(pids.values())), signal.SIGKILL))
    model = BBAC(3, 2, **RANDOM).fit(slow_array())
    assert_labels(model, desired)
    client.wait_for_workers(2, timeout=30)
    assert set(client.run(os.getpid).values()) != set(pids.values())


def test_lost_client_is_a_clear_error_and_nothing_is_published(cluster, monkeypatch):
    client = Client(cluster)
    model = BBAC(3, 2, **RANDOM)
    before_read(monkeypatch, 3, client.close)
    with pytest.raises(RuntimeError, match="connection to the dask cluster was lost"):
        model.fit(slow_array())
    assert not [name for name in vars(model) if name.endswith("_")]


def test_chunk_that_kills_its_workers_is_named():
    source = dask_.make_source(slow_array())
    task = next(key for key in source.graph if str(key).endswith("4, 0)"))
    for name in (task, "('skcocluster-chunk-0a1b', 4)"):
        error = explain(
            KilledWorker(name, SimpleNamespace(address=None), 3), source, [None] * 6, None
        )
        assert re.search("chunk 4 of X died.*smaller chunks", str(error))
