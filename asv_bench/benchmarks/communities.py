"""Coclus beside the community detection of scikit-network, on the same bipartite graph.

Louvain and Leiden choose the number of communities themselves; their rows are empty where
scikit-network (``pip install scikit-network``) is missing.
"""

from importlib import import_module
from typing import Any

import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score

from skcocluster import Coclus
from skcocluster.metrics import modularity

from ._data import documents
from ._measure import InReads

PACKAGES = ("skcocluster", "Louvain", "Leiden")


def make_community_detection(name: str) -> Any:
    """Return scikit-network's estimator; asv leaves a row empty where it is not installed."""
    try:
        clustering = import_module("sknetwork.clustering")
    except ImportError as error:
        raise NotImplementedError("scikit-network is not installed") from error
    return getattr(clustering, name)(random_state=0)


class Graph(InReads):
    """Fits of eight co-clusters of sparse counts, forty a row: their cost."""

    param_names = ("shape", "package")
    params = (((1000, 600), (5000, 3000), (50_000, 10_000), (200_000, 50_000)), PACKAGES)
    n_clusters, entries_per_row = 8, 40
    tiny = {"params": (((60, 40),), PACKAGES), "n_clusters": 3, "entries_per_row": 15}

    def setup(self, shape: tuple[int, int], package: str) -> None:
        self.X, self.truth = documents(shape, self.n_clusters, self.entries_per_row)
        self.model = None if package == "skcocluster" else make_community_detection(package)

    def work(self) -> tuple[Any, Any]:
        """Return the labels of rows and columns."""
        if self.model is None:
            fitted = Coclus(self.n_clusters, random_state=0).fit(self.X)
            return fitted.row_labels_, fitted.column_labels_
        # It takes sparse matrices, not arrays.
        self.model.fit(sp.csr_matrix(self.X), force_bipartite=True)
        return self.model.labels_row_, self.model.labels_col_


class Quality(Graph):
    """The same fits: modularity, and the adjusted Rand index of rows against the truth."""

    unit = "score"
    param_names = ("shape", "package")

    def track_cost(self, *params: Any) -> float:
        """Return the modularity that the labels reach."""
        return modularity(self.X, *self.work())

    def track_agreement(self, *params: Any) -> float:
        """Return the adjusted Rand index of the row labels."""
        return adjusted_rand_score(self.truth["rows"], self.work()[0])
