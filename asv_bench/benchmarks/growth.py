"""How the cost of whole fits grows: with rows, columns, entries, clusters and restarts.

One of them grows, the others stay. All sizes of a class are measured in one unit, reads of its
smallest X, so that the slope of the costs over the sizes is the exponent of the CPU time.
"""

from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sklearn.cluster

from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    MaxNormCoclustering,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)

from ._data import documents, planted
from ._measure import InReads, cost, read_once
from .max_norm import blocks

STEPS = (0, 1, 2, 3)


@dataclass(frozen=True)
class Problem:
    """The sizes of a fit.

    Attributes
    ----------
    rows, columns, clusters, restarts : int
        Clusters of each side; single fits.
    entries : int
        Stored in each row of a sparse matrix; 0 for a dense one.
    """

    rows: int
    columns: int
    clusters: int
    entries: int = 0
    restarts: int = 1

    def grown(self, what: str, times: int) -> "Problem":
        """Return the problem with one size that many times as large."""
        return replace(self, **{what: times * getattr(self, what)})

    def __str__(self) -> str:
        stored = f" with {self.entries} entries in each row" if self.entries else ""
        return f"{self.rows:,} x {self.columns:,}{stored} and {self.clusters} clusters"

    def draw(self) -> Any:
        """Return a matrix with planted clusters."""
        shape = self.rows, self.columns
        if self.entries:
            return documents(shape, self.clusters, self.entries)[0]
        return planted(shape, self.clusters)[0]


class Growth(InReads):
    """Whole fits as one size grows by a factor in each step."""

    unit = "reads of the smallest X"
    param_names = ("what", "step")
    problem: Problem
    factor = 2

    @classmethod
    def sizes(cls, what: str) -> list[int]:
        """Return the size at each step."""
        return [getattr(cls.problem, what) * cls.factor**step for step in cls.params[1]]

    @abstractmethod
    def make(self, problem: Problem) -> Any:
        """Return the model to fit."""

    def draw(self, problem: Problem) -> Any:
        """Return the matrix to fit it to."""
        return problem.draw()

    def setup(self, what: str, step: int) -> None:
        problem = self.problem.grown(what, self.factor**step)
        self.smallest, self.X = self.draw(self.problem), self.draw(problem)
        self.model = self.make(problem)

    def work(self) -> Any:
        return self.model.fit(self.X)

    def track_cost(self, *params: Any) -> float:
        """Return the cost in reads of the smallest X."""
        unit = partial(read_once, self.smallest)
        return cost(self.work, unit, partial(self.make(self.problem).fit, self.smallest))


DENSE = ("rows", "columns", "clusters", "restarts")
SPARSE = ("rows", "columns", "entries", "clusters", "restarts")
TINY_DENSE = {"problem": Problem(30, 21, 2), "params": (DENSE, (0, 1))}
TINY_SPARSE = {"problem": Problem(60, 40, 2, 10), "params": (SPARSE, (0, 1))}


class BBACDense(Growth):
    """BBAC, default options, dense."""

    params = (DENSE, STEPS)
    problem = Problem(1500, 1500, 5)
    tiny = TINY_DENSE

    def make(self, problem: Problem) -> BBAC:
        return BBAC(problem.clusters, n_init=problem.restarts, random_state=0)


class BBACSparse(BBACDense):
    """BBAC, default options, sparse."""

    params = (SPARSE, STEPS)
    problem = Problem(20_000, 5000, 5, 20)
    tiny = TINY_SPARSE


class CoclusSparse(Growth):
    """Coclus, default options, sparse."""

    params = (SPARSE, STEPS)
    problem = Problem(20_000, 5000, 5, 20)
    tiny = TINY_SPARSE

    def make(self, problem: Problem) -> Coclus:
        return Coclus(problem.clusters, n_init=problem.restarts, random_state=0)


class NEOCCDense(Growth):
    """NEOCC, objective M, dense."""

    params = (DENSE, STEPS)
    problem = Problem(2000, 500, 5)
    tiny = TINY_DENSE
    objective = "M"

    def make(self, problem: Problem) -> NEOCC:
        return NEOCC(
            problem.clusters,
            objective=self.objective,
            row_overlap=0.2,
            column_overlap=0.2,
            row_outliers=0.05,
            n_init=problem.restarts,
            random_state=0,
        )


class NEOCCResidues(NEOCCDense):
    """NEOCC, objective RCM, dense."""

    objective = "RCM"


class NEOCCSparse(NEOCCDense):
    """NEOCC, objective M, sparse."""

    params = (SPARSE, STEPS)
    problem = Problem(5000, 2000, 5, 20)
    tiny = TINY_SPARSE


class NEOKMeansDense(Growth):
    """NEOKMeans, dense."""

    params = (DENSE, STEPS)
    problem = Problem(2000, 500, 5)
    tiny = TINY_DENSE

    def make(self, problem: Problem) -> NEOKMeans:
        return NEOKMeans(
            problem.clusters, overlap=0.2, outliers=0.05, n_init=problem.restarts, random_state=0
        )


class NEOKMeansSparse(NEOKMeansDense):
    """NEOKMeans, sparse."""

    params = (SPARSE, STEPS)
    problem = Problem(5000, 2000, 5, 20)
    tiny = TINY_SPARSE


class SpectralCoclusteringSparse(Growth):
    """SpectralCoclustering, sparse."""

    params = (SPARSE, STEPS)
    problem = Problem(20_000, 5000, 5, 20)
    tiny = TINY_SPARSE
    kind: Any = SpectralCoclustering

    def make(self, problem: Problem) -> Any:
        return self.kind(problem.clusters, n_init=problem.restarts, random_state=0)


class SpecCoSparse(SpectralCoclusteringSparse):
    """SpecCo, sparse."""

    kind = SpecCo


class SpectralCoclusteringPeer(SpectralCoclusteringSparse):
    """scikit-learn's SpectralCoclustering, sparse.

    It refuses columns that are empty: there is no growth with columns alone.
    """

    params = (("rows", "entries", "clusters"), STEPS)
    tiny = {**TINY_SPARSE, "params": (params[0], (0, 1))}
    kind = sklearn.cluster.SpectralCoclustering


class SpectralBiclusteringDense(Growth):
    """SpectralBiclustering, dense."""

    params = (DENSE, STEPS)
    problem = Problem(1000, 500, 3)
    tiny = TINY_DENSE

    def make(self, problem: Problem) -> SpectralBiclustering:
        return SpectralBiclustering(problem.clusters, n_init=problem.restarts, random_state=0)


class MaxNorm(Growth):
    """MaxNormCoclustering to the proof, blocks with little noise."""

    params = (("rows", "columns", "clusters"), STEPS)
    problem = Problem(300, 300, 3)
    tiny = {"problem": Problem(12, 10, 2), "params": (params[0], (0, 1))}

    def draw(self, problem: Problem) -> Any:
        return blocks((problem.rows, problem.columns), problem.clusters)

    def make(self, problem: Problem) -> MaxNormCoclustering:
        return MaxNormCoclustering(problem.clusters, time_limit=None, random_state=0)
