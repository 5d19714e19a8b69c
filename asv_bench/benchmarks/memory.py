"""Peak memory of a fit."""

import tracemalloc
from typing import Any

import sklearn.cluster

from skcocluster import BBAC, Coclus, SpecCo, SpectralCoclustering

from ._data import documents, planted


def peak_of_fit(model: Any, X: Any) -> int:
    """Return the bytes that NumPy's arrays take at the worst moment of a fit, X aside."""
    tracemalloc.start()
    try:
        model.fit(X)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Peak:
    """X and all that a fit allocates beside it, in X's bytes, at 3000 x 3000; target: 1.15.

    NumPy's arrays are counted, whatever the interpreter and its libraries need is not.
    """

    unit = "X's bytes"
    param_names = ("storage", "divergence")
    params = (
        ("float64", "float32", "missing"),
        ("squared_euclidean", "i_divergence"),
    )
    shape = (3000, 3000)
    n_clusters = 20
    tiny = {
        "params": (("float64", "missing"), ("i_divergence",)),
        "shape": (30, 21),
        "n_clusters": 3,
    }

    def setup(self, storage: str, divergence: str) -> None:
        self.X, _ = planted(self.shape, self.n_clusters, storage)
        self.model = BBAC(self.n_clusters, divergence=divergence, random_state=0)
        # Compilation would be counted: every loop is compiled by a fit of the same kind.
        self.model.fit(planted((60, 40), self.n_clusters, storage)[0])

    def track_peak(self, storage: str, divergence: str) -> float:
        """Return (X's bytes + peak of the fit) / X's bytes."""
        return (self.X.nbytes + peak_of_fit(self.model, self.X)) / self.X.nbytes


DIAGONAL: dict[str, Any] = {
    "Coclus": Coclus,
    "Coclus, one random start": lambda k, **options: Coclus(
        k, init="random", refine=None, tol=1e-3, **options
    ),
    "SpecCo": SpecCo,
    "SpectralCoclustering": SpectralCoclustering,
    "scikit-learn's SpectralCoclustering": sklearn.cluster.SpectralCoclustering,
}


class SparsePeak:
    """X and all that a fit allocates beside it, in X's bytes: 100,000 x 20,000, fifty a row.

    Targets: 2 for Coclus from a given start, half of scikit-learn's for SpectralCoclustering.
    """

    unit = "X's bytes"
    param_names = ("method",)
    params = (tuple(DIAGONAL),)
    shape, n_clusters, entries_per_row = (100_000, 20_000), 10, 50
    tiny = {"shape": (60, 40), "n_clusters": 3, "entries_per_row": 15}

    def setup(self, method: str) -> None:
        self.X, _ = documents(self.shape, self.n_clusters, self.entries_per_row)
        self.model = DIAGONAL[method](self.n_clusters, random_state=0)
        self.model.fit(documents((400, 300), self.n_clusters, 20)[0])

    def track_peak(self, method: str) -> float:
        """Return (X's bytes + peak of the fit) / X's bytes."""
        own = self.X.data.nbytes + self.X.indices.nbytes + self.X.indptr.nbytes
        return (own + peak_of_fit(self.model, self.X)) / own
