"""What BBAC is picked instead of, in the same run: CGC, and plain NumPy.

CGC (``pip install clustering-geodata-cubes``) does block-average co-clustering with I-divergence
on its NumPy path, and with less memory on its numba path. Its rows are empty where it is missing.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numba
import numpy as np

from skcocluster import BBAC

from ._bbac_equations import Rows, by_equations, by_products, fit, iterate
from ._data import alternation, disturbed, planted
from ._measure import InReads

DIVERGENCE = "i_divergence"
CGC_THRESHOLD = 1e-5  # its default; absolute
CGC_PATHS = {"CGC, numpy": False, "CGC, numba": True}
PLAIN: dict[str, Rows] = {"NumPy, products": by_products, "NumPy, equations": by_equations}


def load_cgc() -> Any:
    """Return CGC's solver; asv leaves a row empty where it is not installed."""
    try:
        solver = import_module("cgc.coclustering_numpy")
    except ImportError as error:
        raise NotImplementedError("clustering-geodata-cubes is not installed") from error
    # Its numba path starts a pool of threads, of which idle ones would spin and be counted.
    numba.set_num_threads(1)
    return solver


class Iteration(InReads):
    """A first iteration, rows and columns, from the same labels, at 20 x 20 clusters.

    "NumPy, equations" computes the divergence of each entry from each cluster as it is written;
    "products" is the form that BLAS can do.
    """

    param_names = ("shape", "package")
    params = (
        ((200, 200), (1000, 1000), (5000, 5000), (20000, 2000)),
        ("skcocluster", *CGC_PATHS, *PLAIN),
    )
    n_clusters = 20
    tiny = {"params": (((30, 21),), params[1]), "n_clusters": 3}

    def setup(self, shape: tuple[int, int], package: str) -> None:
        solver = load_cgc() if package in CGC_PATHS else None
        self.X, truth = planted(shape, self.n_clusters)
        start = disturbed(truth, 0.75)
        if solver is not None:
            self.once = self._cgc(solver, start, CGC_PATHS[package])
        elif package in PLAIN:
            self.once = lambda: iterate(self.X, start, self.n_clusters, PLAIN[package])
        else:
            self.once = self._ours(start)

    def _ours(self, start: dict[str, np.ndarray]) -> Callable[[], Any]:
        state = alternation(self.X, start, self.n_clusters, DIVERGENCE)
        snapshot = state.sums.snapshot()

        def once() -> None:
            state.sums.restore(snapshot)
            state.iterate()

        return once

    def _cgc(
        self, solver: Any, start: dict[str, np.ndarray], low_memory: bool
    ) -> Callable[[], Any]:
        counts = (self.n_clusters, self.n_clusters)
        rows, columns = (start[side].astype(np.int64) for side in ("rows", "columns"))
        # A negative threshold: one iteration, converged or not.
        arguments = (self.X, *counts, -1.0, 1, low_memory, rows, columns)
        return lambda: solver.coclustering(*arguments)

    def work(self) -> Any:
        return self.once()


class Fit(InReads):
    """Whole fits at 20 x 20 clusters: our defaults, as CGC does it, CGC's own and plain NumPy.

    Not the same result: "skcocluster" searches, the others take random starts as they come.
    """

    param_names = ("shape", "n_runs", "how")
    params = (
        ((200, 200), (1000, 1000)),
        (1, 10),
        ("skcocluster", "skcocluster, as CGC", *CGC_PATHS, "NumPy, products"),
    )
    n_clusters = 20
    max_iter = 100
    tiny = {"params": (((30, 21),), (2,), params[2]), "n_clusters": 3}

    def setup(self, shape: tuple[int, int], n_runs: int, how: str) -> None:
        solver = load_cgc() if how in CGC_PATHS else None
        self.X, truth = planted(shape, self.n_clusters)
        if solver is not None:
            self.once = self._cgc(solver, n_runs, CGC_PATHS[how])
        elif how in PLAIN:
            self.once = self._plain(n_runs, disturbed(truth, 1.0), PLAIN[how])
        else:
            self.once = self._ours(n_runs, as_cgc=how.endswith("CGC"))

    def _ours(self, n_runs: int, as_cgc: bool) -> Callable[[], Any]:
        options: dict[str, Any] = {"n_init": n_runs, "max_iter": self.max_iter}
        if as_cgc:
            options |= {"init": "random", "update": "simultaneous"}
        model = BBAC(self.n_clusters, divergence=DIVERGENCE, random_state=0, **options)
        return lambda: model.fit(self.X)

    def _plain(
        self, n_runs: int, labels: dict[str, np.ndarray], measure: Rows
    ) -> Callable[[], Any]:
        rng = np.random.default_rng(0)

        def once() -> None:
            for _ in range(n_runs):
                start = {side: rng.permutation(own) for side, own in labels.items()}
                fit(self.X, start, self.n_clusters, measure, self.max_iter)

        return once

    def _cgc(self, solver: Any, n_runs: int, low_memory: bool) -> Callable[[], Any]:
        arguments = (self.X, self.n_clusters, self.n_clusters, CGC_THRESHOLD, self.max_iter)

        def once() -> None:
            # CGC draws from NumPy's global state only. Its own loop over runs is a pool of threads.
            np.random.seed(0)  # noqa: NPY002
            for _ in range(n_runs):
                solver.coclustering(*arguments, low_memory)

        return once

    def work(self) -> Any:
        return self.once()
