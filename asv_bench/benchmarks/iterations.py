"""Whole iterations (rows and columns) of BBAC with I-divergence, in reads of X.

An iteration depends on how many labels it changes: "first" changes more than half of the rows and
reads all of X; "later" changes one in a hundred rows after as many columns; "settled" none.
"""

from typing import Any

from ._data import alternation, disturbed, planted
from ._measure import InReads

# More than half of the rows must move, or their sums are moved instead of made afresh.
SHARES = {"first": 0.75, "later": 0.01, "settled": 0.0}
N_ITERATIONS_TO_SETTLE = 30
DIVERGENCE = "i_divergence"


class InIterations(InReads):
    """An iteration from one and the same state, again and again."""

    def prepare(self, shape: tuple[int, int], n_clusters: int, storage: str, state: str) -> None:
        """Take labels into the state at which an iteration is measured."""
        self.X, labels = planted(shape, n_clusters, storage)
        missing = storage == "missing"
        if state != "first":
            settled = alternation(self.X, labels, n_clusters, DIVERGENCE, missing)
            settled.run(N_ITERATIONS_TO_SETTLE, 0.0, lambda explained: False)
            labels = settled.sums.labels
        start = disturbed(labels, SHARES[state])
        self.state = alternation(self.X, labels, n_clusters, DIVERGENCE, missing)
        sums = self.state.sums
        sums.row_sums()
        for side in ("rows", "columns"):
            sums.set_labels(side, start[side])
        if state == "first":
            self.state = alternation(self.X, start, n_clusters, DIVERGENCE, missing)
        self.start = self.state.sums.snapshot()

    def work(self) -> Any:
        self.state.sums.restore(self.start)
        return self.state.iterate()


class Dense(InIterations):
    """Targets for the first iteration: 2.5 at 20 x 20, 3.0 at 50 x 50, 6 at 1000 x 1000."""

    param_names = ("shape", "n_clusters", "storage")
    params = (
        ((1000, 1000), (5000, 5000), (20000, 2000)),
        (20, 50),
        ("float64", "float32"),
    )
    tiny = {"params": (((30, 21),), (3,), ("float64", "float32"))}

    def setup(self, shape: tuple[int, int], n_clusters: int, storage: str) -> None:
        self.prepare(shape, n_clusters, storage, "first")


class DenseLater(InIterations):
    """Iterations in which few or no labels change, at 20 x 20 clusters."""

    param_names = ("shape", "state")
    params = (((1000, 1000), (5000, 5000)), ("later", "settled"))
    n_clusters = 20
    tiny = {"params": (((30, 21),), ("later", "settled")), "n_clusters": 3}

    def setup(self, shape: tuple[int, int], state: str) -> None:
        self.prepare(shape, self.n_clusters, "float64", state)


class Sparse(InIterations):
    """A million rows of twenty entries, 20 x 20 clusters; target: 12 when labels have settled."""

    param_names = ("state",)
    params = (tuple(SHARES),)
    shape = (1_000_000, 50_000)
    n_clusters = 20
    tiny = {"shape": (40, 60), "n_clusters": 3}

    def setup(self, state: str) -> None:
        self.prepare(self.shape, self.n_clusters, "csr", state)
