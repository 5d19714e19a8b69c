"""CoclusterSearch by criterion, and what starts from neighbours add."""

from typing import Any

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
