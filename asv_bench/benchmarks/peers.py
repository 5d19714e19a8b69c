"""Other packages beside this one, in the same run; their rows are empty where they are missing.

CGC (``pip install clustering-geodata-cubes``) does block-average co-clustering with I-divergence
on its NumPy path, and with less memory on its numba path.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from skcocluster import BBAC

from ._data import alternation, disturbed, planted
from ._measure import InReads

DIVERGENCE = "i_divergence"
CGC_PATHS = {"CGC, numpy": False, "CGC, numba": True}


def load_cgc(module: str) -> Any:
    """Return a module of CGC; asv leaves a row empty where it is not installed."""
    try:
        return import_module(f"cgc.{module}")
    except ImportError as error:
        raise NotImplementedError("clustering-geodata-cubes is not installed") from error


class Iteration(InReads):
    """A first iteration, rows and columns, from the same labels."""

    param_names = ("shape", "n_clusters", "package")
    params = (
        ((200, 200), (1000, 1000), (5000, 5000), (20000, 2000)),
        (20, 50),
        ("skcocluster", *CGC_PATHS),
    )
    tiny = {"params": (((30, 21),), (3,), ("skcocluster", *CGC_PATHS))}

    def setup(self, shape: tuple[int, int], n_clusters: int, package: str) -> None:
        solver = None if package == "skcocluster" else load_cgc("coclustering_numpy")
        self.X, truth = planted(shape, n_clusters)
        start = disturbed(truth, 0.75)
        self.once = (
            self._ours(start, n_clusters)
            if solver is None
            else self._cgc(solver, start, n_clusters, CGC_PATHS[package])
        )

    def _ours(self, start: dict[str, np.ndarray], n_clusters: int) -> Callable[[], Any]:
        state = alternation(self.X, start, n_clusters, DIVERGENCE)
        snapshot = state.sums.snapshot()

        def once() -> None:
            state.sums.restore(snapshot)
            state.iterate()

        return once

    def _cgc(
        self, solver: Any, start: dict[str, np.ndarray], n_clusters: int, low_memory: bool
    ) -> Callable[[], Any]:
        rows, columns = (start[side].astype(np.int64) for side in ("rows", "columns"))
        # A negative threshold: one iteration, converged or not.
        arguments = (self.X, n_clusters, n_clusters, -1.0, 1, low_memory, rows, columns)
        return lambda: solver.coclustering(*arguments)

    def work(self) -> Any:
        return self.once()


class Fit(InReads):
    """Whole fits: ours with its defaults, ours as CGC does it, and CGC from random starts."""

    param_names = ("shape", "n_clusters", "n_runs", "how")
    params = (
        ((200, 200), (1000, 1000)),
        (5, 20),
        (1, 10),
        ("skcocluster", "skcocluster, as CGC", *CGC_PATHS),
    )
    tiny = {"params": (((30, 21),), (3,), (2,), ("skcocluster", "skcocluster, as CGC", *CGC_PATHS))}
    max_iter = 100

    def setup(self, shape: tuple[int, int], n_clusters: int, n_runs: int, how: str) -> None:
        package = None if how.startswith("skcocluster") else load_cgc("coclustering")
        self.X, _ = planted(shape, n_clusters)
        if package is None:
            self.once = self._ours(n_clusters, n_runs, as_cgc=how.endswith("CGC"))
        else:
            self.once = self._cgc(package.Coclustering, n_clusters, n_runs, CGC_PATHS[how])

    def _ours(self, n_clusters: int, n_runs: int, as_cgc: bool) -> Callable[[], Any]:
        options: dict[str, Any] = {"n_init": n_runs}
        if as_cgc:
            options |= {"init": "random", "update": "simultaneous"}
        model = BBAC(
            n_clusters, divergence=DIVERGENCE, max_iter=self.max_iter, random_state=0, **options
        )
        return lambda: model.fit(self.X)

    def _cgc(
        self, coclustering: Any, n_clusters: int, n_runs: int, low_memory: bool
    ) -> Callable[[], Any]:
        def once() -> None:
            # CGC draws from NumPy's global state only.
            np.random.seed(0)  # noqa: NPY002
            coclustering(
                self.X, n_clusters, n_clusters, max_iterations=self.max_iter, nruns=n_runs
            ).run_with_threads(1, low_memory)

        return once

    def work(self) -> Any:
        return self.once()
