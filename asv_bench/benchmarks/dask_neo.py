"""NEOCC and NEOKMeans on dask arrays: a row step in units of ``X.sum().compute()``, and its answer.

The row step is the read of an iteration; what follows at the client is measured with it. One chunk
after the other, so that the CPU time of all tasks counts.
"""

import pickle
from typing import Any

import dask
import numpy as np

from skcocluster._kernels.engines import dask_, get_engine
from skcocluster._neocc._chunked import ChunkedAlternation, ChunkedDescent, ChunkedOneWay
from skcocluster._neocc._counts import make_counts
from skcocluster._neocc._data import Data, Side
from skcocluster._neocc._sampled import begin, begin_rows

from .dask_reads import N_CLUSTERS, InSums


class _Steps(InSums):
    """A benchmark of row steps, with thresholds that a step before has found."""

    shape = (20000, 2000)

    def prepare(self, method: str, overlap: float, storage: str) -> None:
        """Make a store, and a state in the midst of a fit."""
        self.store(self.shape, max(1, self.shape[0] // 10), storage)
        with dask.config.set(scheduler="synchronous"):
            self.state = self._start(method, overlap)
            self.state.iterate()

    def _start(self, method: str, overlap: float) -> ChunkedDescent:
        k = min(N_CLUSTERS, self.shape[1] // 4)
        data = Data(get_engine("dask"), self.rows, 0.0)
        sides: tuple[Side, Side] = ("rows", "columns")
        starts = {side: np.eye(k, dtype=bool)[np.arange(data.size(side)) % k] for side in sides}
        counts = {
            side: make_counts(("overlap", "outliers"), overlap, 0.0, data.size(side), k)
            for side in sides
        }
        state: Any
        if method == "NEOKMeans":
            state = begin_rows(data, counts["rows"], starts["rows"])
        else:
            state = begin(data, counts, method, starts)
        assert isinstance(state, (ChunkedAlternation, ChunkedOneWay))
        return state

    def work(self) -> Any:
        state = self.state
        with dask.config.set(scheduler="synchronous"):
            return state.assigner.assign(state.row_model(), state.row_counts, state.row_weights())


class NeoStep(_Steps):
    """The read of an iteration; target: 2."""

    param_names = ("method", "overlap", "storage")
    params = (("M", "RCM", "NEOKMeans"), (0.0, 0.2), ("memory", "zarr"))
    tiny = {"params": (("M", "RCM", "NEOKMeans"), (0.0, 0.2), ("zarr",)), "shape": (30, 21)}

    def setup(self, method: str, overlap: float, storage: str) -> None:
        self.prepare(method, overlap, storage)


class NeoAnswer(_Steps):
    """What all chunks together answer in the read of an iteration, before it is corrected."""

    unit = "bytes"
    param_names = ("method", "overlap")
    params = (("M", "RCM", "NEOKMeans"), (0.0, 0.2))
    tiny = {"params": (("M", "RCM", "NEOKMeans"), (0.0, 0.2)), "shape": (30, 21)}

    def setup(self, method: str, overlap: float) -> None:
        self.prepare(method, overlap, "memory")

    def track_cost(self, *params: Any) -> float:
        sizes = []

        def weigh(answer: dask_.Answer) -> dask_.Answer:
            def weighed(requests: Any) -> list[Any]:
                results = answer(requests)
                sizes.append(len(pickle.dumps(results)))
                return results

            return weighed

        self.state.data.engine.intercept(weigh)
        self.work()
        return float(sizes[0])
