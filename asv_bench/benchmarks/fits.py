"""Whole fits with default options, in reads of X; how they grow is in ``growth``."""

from typing import Any

from skcocluster import BBAC

from ._data import planted
from ._measure import InReads


class InFits(InReads):
    """A fit of planted blocks by squared Euclidean distance, unless said otherwise."""

    options: dict[str, Any]

    def prepare(
        self, shape: tuple[int, int], n_clusters: int, storage: str = "float64", **options: Any
    ) -> None:
        """Set what to fit, and how."""
        self.X, _ = planted(shape, n_clusters, storage)
        self.options = {"n_row_clusters": n_clusters, "random_state": 0, **options}

    def work(self) -> BBAC:
        return BBAC(**self.options).fit(self.X)


class Storage(InFits):
    """Kinds of storage: 2000 x 2000, or 50,000 x 5000 as CSR, with 10 x 10 blocks."""

    param_names = ("storage", "divergence")
    params = (
        ("float64", "float32", "missing", "csr"),
        ("squared_euclidean", "i_divergence"),
    )
    shapes = {"dense": (2000, 2000), "csr": (50_000, 5000)}
    n_clusters = 10
    tiny = {"shapes": {"dense": (30, 21), "csr": (40, 60)}, "n_clusters": 3}

    def setup(self, storage: str, divergence: str) -> None:
        shape = self.shapes["csr" if storage == "csr" else "dense"]
        self.prepare(shape, self.n_clusters, storage, divergence=divergence)


class Search(InFits):
    """What the start and the search cost, at 1000 x 1000 and 20 x 20 blocks."""

    param_names = ("init", "refine")
    params = (("auto", "spectral", "random"), ("split_merge", None))
    shape = (1000, 1000)
    n_clusters = 20
    tiny = {"shape": (30, 21), "n_clusters": 3}

    def setup(self, init: str, refine: str | None) -> None:
        self.prepare(self.shape, self.n_clusters, init=init, refine=refine)


class Restarts:
    """Wall time of restarts in threads that share X: 1000 x 1000, 10 x 10 blocks."""

    param_names = ("n_init", "n_jobs")
    params = ((1, 4, 16), (1, 2))
    shape = (1000, 1000)
    n_clusters = 10
    tiny = {"params": ((2,), (1, 2)), "shape": (30, 21), "n_clusters": 3}
    number = 1
    repeat = (1, 5, 10.0)

    def setup(self, n_init: int, n_jobs: int) -> None:
        self.X, _ = planted(self.shape, self.n_clusters)
        self.model = BBAC(
            self.n_clusters, init="random", n_init=n_init, n_jobs=n_jobs, random_state=0
        )

    def time_fit(self, n_init: int, n_jobs: int) -> None:
        """Fit once."""
        self.model.fit(self.X)
