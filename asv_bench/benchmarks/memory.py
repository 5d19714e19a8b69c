"""Peak memory of a fit."""

import tracemalloc

from skcocluster import BBAC

from ._data import planted


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
        tracemalloc.start()
        try:
            self.model.fit(self.X)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        return (self.X.nbytes + peak) / self.X.nbytes
