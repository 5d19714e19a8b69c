"""The dask engine: an iteration in units of ``X.sum().compute()``, by chunks, storage and restarts.

One after the other, so that the CPU time of all tasks counts and no other program disturbs it. Not
measured here: what a cluster's scheduler and network add.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import numpy as np

from skcocluster._kernels.blocks import RELABEL
from skcocluster._kernels.engines import ChunkedRows, get_engine
from skcocluster._kernels.engines.dask_ import make_source

from ._measure import InReads, cost

N_CLUSTERS = 20


class InSums(InReads):
    """A benchmark in sums of a dask array."""

    unit = "X.sum().compute()"

    def store(self, shape: tuple[int, int], height: int, storage: str) -> None:
        """Make the array: held in memory, or in a compressed store on the disk."""
        self.folder = Path(tempfile.mkdtemp())
        X = np.random.default_rng(0).standard_normal(shape)
        self.X = da.from_array(X, chunks=(height, -1)).persist(scheduler="synchronous")
        if storage == "zarr":
            path = str(self.folder / "X.zarr")
            with dask.config.set(scheduler="synchronous"):
                self.X.to_zarr(path)
            self.X = da.from_zarr(path)
        self.rows = ChunkedRows(make_source(self.X), self.X.chunks[0], False)

    def teardown(self, *params: Any) -> None:
        shutil.rmtree(self.folder)

    def sweeps(self, n_restarts: int, settled: bool) -> list[tuple]:
        """Return the relabelling sweeps of some restarts; settled ones find old labels again."""
        calls = []
        for seed in range(n_restarts):
            rng = np.random.default_rng(seed)
            params = {
                "row_labels": np.full(self.rows.shape[0], -1, np.int32),
                "column_labels": rng.integers(0, N_CLUSTERS, self.rows.shape[1]).astype(np.int32),
                "offset": rng.standard_normal(N_CLUSTERS),
                "slope": rng.standard_normal((N_CLUSTERS, N_CLUSTERS)),
                "missing": False,
            }
            if settled:
                with dask.config.set(scheduler="synchronous"):
                    labels = get_engine("dask").run(RELABEL, self.rows, **params)[0]
                params["row_labels"] = labels
            calls.append((RELABEL, params))
        return calls

    def work(self) -> Any:
        with dask.config.set(scheduler="synchronous"):
            return get_engine("dask").run_all(self.rows, self.calls)

    def _sum(self) -> Any:
        return self.X.sum().compute(scheduler="synchronous")

    def track_cost(self, *params: Any) -> float:
        return cost(self.work, self._sum)


class Chunks(InSums):
    """The first iteration, by the height of chunks; about 1 is the target for a store."""

    param_names = ("shape", "height", "storage")
    params = (((20000, 2000),), (200, 2000, 10000), ("memory", "zarr"))
    tiny = {"params": (((30, 21),), (7,), ("memory", "zarr"))}

    def setup(self, shape: tuple[int, int], height: int, storage: str) -> None:
        self.store(shape, height, storage)
        self.calls = self.sweeps(1, settled=False)


class Restarts(InSums):
    """One read for all restarts: 8 of them should cost at most 1.3 times what one costs."""

    param_names = ("n_restarts", "state", "storage")
    params = ((1, 2, 8), ("first", "settled"), ("memory", "zarr"))
    tiny = {"params": ((1, 2), ("first", "settled"), ("memory", "zarr")), "shape": (30, 21)}
    shape = (20000, 2000)

    def setup(self, n_restarts: int, state: str, storage: str) -> None:
        self.store(self.shape, max(1, self.shape[0] // 10), storage)
        self.calls = self.sweeps(n_restarts, settled=state == "settled")
