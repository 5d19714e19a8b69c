"""The spectral methods beside scikit-learn's, in reads of X."""

from typing import Any

import sklearn.cluster

from skcocluster import SpecCo, SpectralBiclustering, SpectralCoclustering

from ._data import documents, planted
from ._measure import InReads

METHODS: dict[str, Any] = {
    "SpectralCoclustering": SpectralCoclustering,
    "SpectralCoclustering, dhillon": lambda k, **options: SpectralCoclustering(
        k, embedding="dhillon", **options
    ),
    "SpecCo": SpecCo,
    "scikit-learn": sklearn.cluster.SpectralCoclustering,
}


class Coclustering(InReads):
    """Fits of ten co-clusters of sparse counts, twenty a row; target: a third of scikit-learn's.

    The target is for 100,000 x 20,000.
    """

    param_names = ("shape", "method")
    params = (((4000, 4000), (100_000, 20_000)), tuple(METHODS))
    n_clusters, entries_per_row = 10, 20
    tiny = {"params": (((60, 40),), tuple(METHODS)), "n_clusters": 3, "entries_per_row": 15}

    def setup(self, shape: tuple[int, int], method: str) -> None:
        self.X, _ = documents(shape, self.n_clusters, self.entries_per_row)
        self.model = METHODS[method](self.n_clusters, random_state=0)

    def work(self) -> Any:
        return self.model.fit(self.X)


class Biclustering(InReads):
    """Fits of 4 x 3 clusters of a dense matrix of 1000 x 500."""

    param_names = ("normalization", "package")
    params = (("bistochastic", "scale", "log"), ("skcocluster", "scikit-learn"))
    shape, n_clusters = (1000, 500), (4, 3)
    tiny = {"shape": (40, 30)}

    def setup(self, normalization: str, package: str) -> None:
        self.X, _ = planted(self.shape, max(self.n_clusters))
        if package == "skcocluster":
            self.model = SpectralBiclustering(
                *self.n_clusters, normalization=normalization, random_state=0
            )
        else:
            self.model = sklearn.cluster.SpectralBiclustering(
                self.n_clusters, method=normalization, random_state=0
            )

    def work(self) -> Any:
        return self.model.fit(self.X)
