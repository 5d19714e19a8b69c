"""Measures of two sets of biclusters: scikit-learn's consensus score beside, and how costs grow."""

from typing import Any

import numpy as np
import sklearn.metrics

from skcocluster import metrics

from ._measure import InReads, cost

Biclusters = tuple[np.ndarray, np.ndarray]


def draw_partition(n: int, n_clusters: int, rng: np.random.Generator) -> np.ndarray:
    """Return the indicators of random clusters, none empty, of shape (n_clusters, n)."""
    labels = rng.permutation(np.arange(n) % n_clusters)
    return np.arange(n_clusters)[:, None] == labels


def draw_diagonal(shape: tuple[int, int], n: int, seed: int) -> Biclusters:
    """Return biclusters as the diagonal methods find them: each row and column in one."""
    rng = np.random.default_rng(seed)
    return draw_partition(shape[0], n, rng), draw_partition(shape[1], n, rng)


def draw_blocks(shape: tuple[int, int], n: int, seed: int, overlap: float) -> Biclusters:
    """Return all blocks of row and column clusters, some rows and columns in two of them."""
    rng = np.random.default_rng(seed)
    n_side = round(n**0.5)
    sides = []
    for size in shape:
        members = draw_partition(size, n_side, rng)
        extra = np.flatnonzero(rng.random(size) < overlap)
        members[rng.integers(n_side, size=len(extra)), extra] = True
        sides.append(members)
    return np.repeat(sides[0], n_side, axis=0), np.tile(sides[1], (n_side, 1))


def draw_loose(shape: tuple[int, int], n: int, seed: int) -> Biclusters:
    """Return biclusters without any order: one row and one column in eight, at random."""
    rng = np.random.default_rng(seed)
    rows, columns = (rng.random((n, size)) < 1 / 8 for size in shape)
    return rows, columns


KINDS = {
    "diagonal": draw_diagonal,
    "blocks": lambda shape, n, seed: draw_blocks(shape, n, seed, 0.0),
    "overlap": lambda shape, n, seed: draw_blocks(shape, n, seed, 0.2),
    "loose": draw_loose,
}
MEASURES = {
    "consensus": metrics.consensus_score,
    "recovery": lambda a, b: metrics.recovery_score(a, b, by="entries"),
    "clustering error": metrics.clustering_error,
    "rnia": metrics.rnia,
    "csi": metrics.csi,
}


class Consensus(InReads):
    """The consensus score in units of scikit-learn's; target at 400 biclusters: 0.1.

    Of 2000 rows and 1000 columns.
    """

    unit = "consensus scores of scikit-learn"
    param_names = ("n_biclusters",)
    params = ((25, 100, 400),)
    shape = (2000, 1000)
    tiny = {"params": ((3,),), "shape": (12, 9)}

    def setup(self, n_biclusters: int) -> None:
        self.a, self.b = (draw_diagonal(self.shape, n_biclusters, seed) for seed in (0, 1))

    def work(self) -> float:
        return metrics.consensus_score(self.a, self.b)

    def score_by_loops(self) -> float:
        """Compute the same by scikit-learn: the unit."""
        return float(sklearn.metrics.consensus_score(self.a, self.b))

    def track_cost(self, *params: Any) -> float:
        """Return the cost in scores of scikit-learn."""
        return cost(self.work, self.score_by_loops)


class Growth(InReads):
    """Cost over the number of biclusters, in passes over their indicators: 2000 x 1000.

    Where biclusters overlap, CSI grows with the pairs of kinds of rows, of columns, or, if they are
    not blocks of row and column clusters, of entries.
    """

    unit = "reads of the indicators"
    param_names = ("measure", "kind", "n_biclusters")
    params = (tuple(MEASURES), tuple(KINDS), (4, 9, 16))
    shape = (2000, 1000)
    tiny = {"params": (tuple(MEASURES), tuple(KINDS), (4,)), "shape": (12, 9)}

    def setup(self, measure: str, kind: str, n_biclusters: int) -> None:
        self.measure = MEASURES[measure]
        self.a, self.b = (KINDS[kind](self.shape, n_biclusters, seed) for seed in (0, 1))
        self.X = np.concatenate([part.ravel() for part in (*self.a, *self.b)])

    def work(self) -> float:
        return self.measure(self.a, self.b)
