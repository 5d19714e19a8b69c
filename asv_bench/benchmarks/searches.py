"""CoclusterSearch by criterion, what starts from neighbours gain, and what workers save."""

import time
from typing import Any

import numpy as np
from joblib import parallel_config
from threadpoolctl import threadpool_limits

from skcocluster import BBAC
from skcocluster.datasets import make_block_matrix
from skcocluster.model_selection import CoclusterSearch

from ._measure import InReads, cost


class Search(InReads):
    """A search over numbers of clusters from below to above those planted, in single fits."""

    unit = "fits with the planted numbers"
    param_names = ("criterion", "warm_start")
    params = (("icl", "explained_divergence", "held_out", "stability"), (False, True))
    shape = (400, 300)
    n_clusters = (5, 4)
    tiny = {"shape": (20, 16), "n_clusters": (2, 2)}

    def setup(self, criterion: str, warm_start: bool) -> None:
        self.X = make_block_matrix(self.shape, self.n_clusters, random_state=0)[0]
        rows, columns = self.n_clusters
        grid = {
            "n_row_clusters": [rows - 1, rows, rows + 1],
            "n_column_clusters": [columns - 1, columns, columns + 1],
        }
        self.search = CoclusterSearch(
            BBAC(refine=None),
            grid,
            criterion=criterion,
            selection="best",
            n_splits=3,
            warm_start=warm_start,
            refit=False,
            random_state=0,
        )
        self.single = BBAC(*self.n_clusters, refine=None, random_state=0)

    def work(self) -> CoclusterSearch:
        return self.search.fit(self.X)

    def track_cost(self, *params: Any) -> float:
        """Return the cost of the search in single fits: nine candidates, times data sets."""
        return cost(self.work, lambda: self.single.fit(self.X))


# Workers by name: joblib's backend and how many.
WORKERS = {
    "one thread": ("threading", 1),
    "two threads": ("threading", 2),
    "two processes": ("loky", 2),
}


class Neighbourhood:
    """A search over three by three numbers of clusters around those planted."""

    shape, n_clusters, spread = (1000, 700), (6, 5), (-1, 0, 1)

    def make(self, warm_start: bool, **start: Any) -> CoclusterSearch:
        """Return the search."""
        rows, columns = self.n_clusters
        grid = {
            "n_row_clusters": [rows + more for more in self.spread],
            "n_column_clusters": [columns + more for more in self.spread],
        }
        model = BBAC(refine=None, **start)
        options = {"criterion": "icl", "refit": False, "random_state": 0}
        return CoclusterSearch(model, grid, warm_start=warm_start, **options)

    def draw(self) -> np.ndarray:
        """Return the matrix."""
        return make_block_matrix(self.shape, self.n_clusters, noise=2.0, random_state=0)[0]


class Workers(Neighbourhood):
    """Time on the clock of a search with workers; two gain less where other programs are at work.

    In units of a search in one thread with cold starts in the same run: two idle cores could halve
    it. The pool of processes is there before, and each of them gets X for each fit.
    """

    unit = "times of one thread, cold"
    param_names = ("starts", "workers")
    params = (("cold", "warm"), tuple(WORKERS))
    repeats = 3
    tiny = {"shape": (20, 16), "n_clusters": (2, 2), "spread": (0, 1), "repeats": 1}

    def setup(self, starts: str, workers: str) -> None:
        self.X = self.draw()

    def seconds(self, search: CoclusterSearch, workers: str) -> float:
        """Return the time of one search on the clock."""
        backend, n_jobs = WORKERS[workers]
        with threadpool_limits(1), parallel_config(backend=backend, n_jobs=n_jobs):
            start = time.perf_counter()
            search.fit(self.X)
            return time.perf_counter() - start

    def track_wall(self, starts: str, workers: str) -> float:
        """Return the least of several times over the least of those of the unit, in turns."""
        search, unit = self.make(starts == "warm"), self.make(warm_start=False)
        self.seconds(search, workers)  # compiles, and starts the processes
        times = [
            (self.seconds(search, workers), self.seconds(unit, "one thread"))
            for _ in range(self.repeats)
        ]
        return float(np.divide(*np.min(times, axis=0)))


class Gain(Neighbourhood):
    """What starts gain: the mean of what candidates leave unexplained; below 1 is better.

    All starts are random; "warm" starts from neighbours too, the others from so
    many starts of their own.
    """

    unit = "of what single cold starts leave"
    param_names = ("starts",)
    params = (("warm", "cold, n_init=3", "cold, n_init=10"),)
    tiny = {"shape": (20, 16), "n_clusters": (2, 2), "spread": (0, 1)}

    def setup(self, starts: str) -> None:
        self.X = self.draw()
        n_init = 1 if starts == "warm" else int(starts.partition("=")[2])
        self.search = self.make(starts == "warm", init="random", n_init=n_init)
        self.cold = self.make(warm_start=False, init="random")

    def track_cost(self, starts: str) -> float:
        """Return the mean objective over that of single cold starts."""
        with threadpool_limits(1):
            means = [
                search.fit(self.X).cv_results_["objective"].mean()
                for search in (self.search, self.cold)
            ]
        return float(means[0] / means[1])


class GainCost(Gain):
    """What these starts cost: CPU time over that of single cold starts."""

    unit = "times of single cold starts"

    def track_cost(self, starts: str) -> float:
        """Return the CPU time over that of single cold starts."""
        return cost(lambda: self.search.fit(self.X), lambda: self.cold.fit(self.X))
