"""Max-norm co-clustering: whole fits by size, alphabet and clusters, and the parts of a search."""

from typing import Any

import numpy as np

from skcocluster import MaxNormCoclustering
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._bounds import Bounds
from skcocluster._maxnorm._branch_decider import BranchDecider
from skcocluster._maxnorm._budget import Budget
from skcocluster._maxnorm._decision import Decision
from skcocluster._maxnorm._driver import Decider
from skcocluster._maxnorm._local_search import LocalSearch
from skcocluster._maxnorm._methods import has_sat
from skcocluster._maxnorm._proof import Proof
from skcocluster._maxnorm._sat_decider import SatTurns

from ._direct_encoding import solve_directly
from ._measure import InReads, cost

ALPHABETS = ("ternary", "integer", "float")
# python-sat is an extra: without it there is no row for SAT.
DECIDERS = {"branch_and_bound": BranchDecider, **({"sat": SatTurns} if has_sat() else {})}
# Above that of any decision that is measured here.
EFFORT = 100_000


def noise(shape: tuple[int, int], alphabet: str = "integer") -> np.ndarray:
    """Return a matrix without structure."""
    rng = np.random.default_rng(0)
    if alphabet == "ternary":
        return rng.choice([-1.0, 0.0, 1.0], p=[0.02, 0.96, 0.02], size=shape)
    X = 10 * rng.standard_normal(shape)
    return np.round(X) if alphabet == "integer" else X


def blocks(shape: tuple[int, int], n_clusters: int) -> np.ndarray:
    """Return levels from 0 to 100 with noise of at most one up or down."""
    rng = np.random.default_rng(0)
    levels = rng.uniform(0, 100, (n_clusters, n_clusters))
    rows, columns = (rng.permutation(np.arange(n) % n_clusters) for n in shape)
    return levels[rows][:, columns] + rng.uniform(-1, 1, shape)


class Size(InReads):
    """Fits to the proof, of planted blocks, by size and number of clusters."""

    param_names = ("n", "n_clusters")
    params = ((100, 300, 1000), (3, 10))
    tiny = {"params": ((12, 20), (2, 3))}

    def setup(self, n: int, n_clusters: int) -> None:
        self.X = blocks((n, n), n_clusters)
        self.model = MaxNormCoclustering(n_clusters, time_limit=None, random_state=0)

    def work(self) -> MaxNormCoclustering:
        return self.model.fit(self.X)


class Noise(InReads):
    """Fits to the proof, of 50 x 50 entries without structure, by alphabet and clusters."""

    param_names = ("alphabet", "n_clusters")
    params = (ALPHABETS, (2, 4, 5))
    shape = (50, 50)
    tiny = {"params": (ALPHABETS, (2, 3)), "shape": (9, 8)}

    def setup(self, alphabet: str, n_clusters: int) -> None:
        self.X = noise(self.shape, alphabet)
        self.model = MaxNormCoclustering(n_clusters, time_limit=None, random_state=0)

    def work(self) -> MaxNormCoclustering:
        return self.model.fit(self.X)


class Encoding(InReads):
    """Fits to the proof, n x n entries and 3 x 3 clusters, beside the paper's direct encoding.

    The direct encoding goes to python-sat's Glucose, once for each step of a bisection; both find
    the same cost. It has clauses in the square of the number of entries.
    """

    unit = "fits of MaxNormCoclustering"
    param_names = ("matrix", "n", "package")
    params = (("blocks", "integers"), (10, 15, 20, 25), ("skcocluster", "direct encoding"))
    n_clusters = 3
    tiny = {"params": (("blocks", "integers"), (6,), params[2]), "n_clusters": 2}

    def setup(self, matrix: str, n: int, package: str) -> None:
        if package == "direct encoding" and not has_sat():
            raise NotImplementedError("python-sat is not installed")
        shape = (n, n)
        self.X = blocks(shape, self.n_clusters) if matrix == "blocks" else noise(shape)
        self.model = MaxNormCoclustering(self.n_clusters, time_limit=None, random_state=0)
        self.package = package

    def work(self) -> float:
        if self.package == "skcocluster":
            return self.fit()
        return solve_directly(self.X, self.n_clusters, self.n_clusters)

    def fit(self) -> float:
        """Fit once: the unit."""
        return float(self.model.fit(self.X).objective_)

    def track_cost(self, *params: Any) -> float:
        """Return the cost in fits."""
        return cost(self.work, self.fit, self.fit)


class Direct(InReads):
    """The polynomial methods, each where it applies."""

    param_names = ("method",)
    params = (("distinct", "greedy", "two_sat", "contiguous"),)
    shape = (200, 150)
    tiny = {"shape": (9, 8)}

    def setup(self, method: str) -> None:
        self.X = noise(self.shape)
        counts = {"distinct": self.shape, "greedy": (1, 5), "two_sat": (2, 2), "contiguous": (4, 3)}
        options = {"contiguous": True} if method == "contiguous" else {"method": method}
        self.model = MaxNormCoclustering(*counts[method], time_limit=None, **options)

    def work(self) -> MaxNormCoclustering:
        return self.model.fit(self.X)


class Bound(InReads):
    """Bounds without search, from distances on, and the alphabet that they need."""

    param_names = ("shape", "what")
    params = (((300, 300), (1000, 1000), (10_000, 300)), ("alphabet", "lower", "upper"))
    n_clusters = 10
    tiny = {"params": (((12, 11), (30, 8)), params[1]), "n_clusters": 3}

    def setup(self, shape: tuple[int, int], what: str) -> None:
        self.X, self.what = noise(shape, "float"), what
        self.alphabet = Alphabet(self.X)

    def work(self) -> Any:
        if self.what == "alphabet":
            return Alphabet(self.X)
        return getattr(Bounds(self.alphabet), self.what)(self.n_clusters, self.n_clusters)


class Moves(InReads):
    """Local search from the linkage's co-clustering, until aims are missed; by size."""

    param_names = ("n", "n_clusters")
    params = ((60, 300), (5, 10))
    effort = 16
    tiny = {"params": ((12,), (2, 3)), "effort": 2}

    def setup(self, n: int, n_clusters: int) -> None:
        self.X = noise((n, n))
        alphabet, self.counts = Alphabet(self.X), (n_clusters, n_clusters)
        self.bounds = Bounds(alphabet)
        self.start = self.bounds.upper(*self.counts)
        self.lower = self.bounds.lower(*self.counts)

    def work(self) -> Proof:
        proof = Proof(self.bounds.alphabet, self.counts, self.start, self.lower)
        LocalSearch(proof, np.random.RandomState(0)).improve(proof, self.effort, Budget())
        return proof


class Decide(InReads):
    """One decision at the optimum and beside it, of 50 x 50 integers, 5 x 5 clusters."""

    param_names = ("cost", "decider")
    params = (("next below", "optimum", "next above"), tuple(DECIDERS))
    shape, n_clusters = (50, 50), (5, 5)
    tiny = {"shape": (9, 8), "n_clusters": (3, 2)}

    def setup(self, cost: str, decider: str) -> None:
        self.X, self.kind = noise(self.shape), DECIDERS[decider]
        model = MaxNormCoclustering(*self.n_clusters, time_limit=None, random_state=0)
        optimum = model.fit(self.X).objective_
        self.alphabet = Alphabet(self.X)
        costs = {
            "next below": self.alphabet.largest_below(optimum),
            "optimum": optimum,
            "next above": self.alphabet.next_above(optimum),
        }
        self.reach = self.alphabet.reach(costs[cost])
        self.expected = "infeasible" if cost == "next below" else "feasible"

    def make(self) -> Decider:
        """Return the decider with nothing learnt."""
        if self.kind is BranchDecider:
            return BranchDecider(self.alphabet.codes, self.n_clusters, np.random.RandomState(0))
        return SatTurns(self.alphabet.codes, self.n_clusters)

    def work(self) -> Decision:
        decider = self.make()
        decider.start(self.reach)
        answer = decider.run(EFFORT, Budget())
        if answer.status != self.expected:
            raise AssertionError(f"{decider.name} says {answer.status}.")
        return answer
