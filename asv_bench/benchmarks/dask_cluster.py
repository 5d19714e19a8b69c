"""The dask engine on processes: an iteration by chunks, workers and restarts, and beside CGC's.

Seconds of the wall, as work and waiting are spread over processes, in units of
``X.sum().compute()`` over the same store on the same workers. Both take turns.
"""

import shutil
import statistics
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np
from distributed import Client, LocalCluster, wait

from skcocluster._kernels.engines import ChunkedRows, get_engine
from skcocluster._kernels.engines.dask_ import make_source
from skcocluster._shared.alternation import Alternation
from skcocluster._shared.block_model import BlockModel
from skcocluster._shared.divergences import get_divergence
from skcocluster._shared.lean_sums import LeanBlockSums

from ._data import disturbed, planted

DIVERGENCE = "i_divergence"


def seconds(work: Callable[[], Any]) -> float:
    """Return how long something takes by the clock on the wall."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class OnProcesses(ABC):
    """A benchmark on workers of one thread each. Abstract: asv runs every concrete class."""

    unit = "X.sum().compute()"
    timeout = 600

    n_clusters = 20
    n_repeats = 5
    processes = True

    once: Callable[[], Any]

    @abstractmethod
    def setup(self, *params: Any) -> None:
        """Start workers, make X, and set `once` to what is measured."""

    def start(self, n_workers: int) -> None:
        """Start workers; on no fixed port, so that nothing is in the way."""
        options = {"processes": self.processes, "dashboard_address": ":0"}
        self.cluster = LocalCluster(n_workers=n_workers, threads_per_worker=1, **options)
        self.client = Client(self.cluster)

    def store(self, shape: tuple[int, int], height: int) -> None:
        """Write a matrix with planted blocks to a compressed store on the disk."""
        self.folder = Path(tempfile.mkdtemp())
        X, truth = planted(shape, self.n_clusters)
        path = str(self.folder / "X.zarr")
        with dask.config.set(scheduler=dask.get):
            da.from_array(X, chunks=(height, -1)).to_zarr(path)
        self.X = da.from_zarr(path)
        self.labels = disturbed(truth, 0.75)

    def teardown(self, *params: Any) -> None:
        if hasattr(self, "client"):
            self.client.close()
            self.cluster.close()
            shutil.rmtree(self.folder)

    def track_time(self, *params: Any) -> float:
        """Return the time of `once` in sums of X: the median over pairs."""
        self.once()  # compiles, where the work is done
        pairs = [(seconds(self.once), seconds(self._sum)) for _ in range(self.n_repeats)]
        return statistics.median(work / unit for work, unit in pairs)

    def _sum(self) -> Any:
        return self.X.sum().compute()


def make_iteration(X: Any, labels: dict[str, np.ndarray], n: int, n_runs: int) -> Any:
    """Return what does a first iteration, rows and columns, of some runs from the same labels."""
    rows = ChunkedRows(make_source(X), X.chunks[0], False)
    model = BlockModel(get_divergence(DIVERGENCE), "C2")
    engine = get_engine("dask")
    states = []
    for seed in range(n_runs):
        start = disturbed(labels, 0.2, seed + 2) if seed else labels
        sums = LeanBlockSums(engine, rows, {"rows": n, "columns": n}, start, False)
        states.append((Alternation(sums, model, column_steps=1), sums.snapshot()))

    def run(state: Alternation, before: Any) -> None:
        state.sums.restore(before)
        state.iterate()

    def once() -> None:
        if n_runs == 1:
            run(*states[0])
        else:
            engine.run_together([partial(run, *state) for state in states])

    return once


class Iterations(OnProcesses):
    """A first iteration by the height of chunks, the number of workers, and that of restarts."""

    param_names = ("height", "n_workers", "n_restarts")
    params = ((500, 2000), (1, 2), (1, 8))
    shape = (20000, 2000)
    tiny = {
        "params": ((7,), (1,), (1, 2)),
        "shape": (30, 21),
        "n_clusters": 3,
        "n_repeats": 1,
        "processes": False,
    }

    def setup(self, height: int, n_workers: int, n_restarts: int) -> None:
        self.start(n_workers)
        self.store(self.shape, height)
        self.once = make_iteration(self.X, self.labels, self.n_clusters, n_restarts)


def load_cgc() -> Any:
    """Return CGC's solver for dask arrays; asv leaves a row empty where it is not installed."""
    try:
        return import_module("cgc.coclustering_dask")
    except ImportError as error:
        raise NotImplementedError("clustering-geodata-cubes is not installed") from error


class PeerIteration(OnProcesses):
    """A first iteration, rows and columns, from the same labels, on two workers."""

    param_names = ("shape", "height", "storage", "package")
    params = (((20000, 2000),), (2000,), ("zarr", "persisted"), ("skcocluster", "CGC, dask"))
    tiny = {
        "params": (((30, 21),), (7,), ("zarr", "persisted"), ("skcocluster", "CGC, dask")),
        "n_clusters": 3,
        "n_repeats": 1,
        "processes": False,
    }

    def setup(self, shape: tuple[int, int], height: int, storage: str, package: str) -> None:
        solver = None if package == "skcocluster" else load_cgc()
        self.start(2)
        self.store(shape, height)
        if storage == "persisted":
            self.X = self.X.persist()
            wait(self.X)
        if solver is None:
            self.once = make_iteration(self.X, self.labels, self.n_clusters, 1)
        else:
            self.once = self._cgc(solver)

    def _cgc(self, solver: Any) -> Callable[[], Any]:
        counts = (self.n_clusters, self.n_clusters)
        # Labels in the chunks of X, as its own start has them.
        rows = da.from_array(self.labels["rows"].astype(np.int64), chunks=(self.X.chunks[0],))
        columns = self.labels["columns"].astype(np.int64)
        # A negative threshold: one iteration, converged or not.
        return lambda: solver.coclustering(self.X, *counts, -1.0, 1, columns, rows)
