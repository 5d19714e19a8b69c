"""Whole fits with default options, in reads of X, and how their time grows."""

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


class Rows(InFits):
    """Growth with rows, at 500 columns and 10 x 10 blocks."""

    param_names = ("n_rows",)
    params = ((500, 2000, 8000, 32_000),)
    n_columns = 500
    n_clusters = 10
    tiny = {"params": ((30,),), "n_columns": 21, "n_clusters": 3}

    def setup(self, n_rows: int) -> None:
        self.prepare((n_rows, self.n_columns), self.n_clusters)


class Columns(InFits):
    """Growth with columns, at 500 rows and 10 x 10 blocks."""

    param_names = ("n_columns",)
    params = ((500, 2000, 8000, 32_000),)
    n_rows = 500
    n_clusters = 10
    tiny = {"params": ((21,),), "n_rows": 30, "n_clusters": 3}

    def setup(self, n_columns: int) -> None:
        self.prepare((self.n_rows, n_columns), self.n_clusters)


class Clusters(InFits):
    """Growth with the number of clusters on each side, at 1000 x 1000."""

    param_names = ("n_clusters",)
    params = ((2, 5, 10, 20, 40),)
    shape = (1000, 1000)
    tiny = {"params": ((1, 3),), "shape": (30, 21)}

    def setup(self, n_clusters: int) -> None:
        self.prepare(self.shape, n_clusters)


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
