"""The methods by name: each closes the gap of a proof as far as it can."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import numpy as np

from ._bounds import Bounds
from ._branch_decider import BranchDecider
from ._budget import Budget
from ._consecutive import use_contiguous
from ._direct import DIRECT, find_direct, solve_directly
from ._driver import Decider, bisect
from ._local_search import LocalSearch
from ._proof import Proof, Step
from ._sat_decider import SatTurns

# Efforts of the rounds of local search.
HEURISTIC_EFFORTS = (16, 32, 64)
Method = Callable[[Proof, Budget, np.random.RandomState, Step], None]


def use_bounds(proof: Proof, budget: Budget, rng: np.random.RandomState, step: Step) -> None:
    """Bound the optimum from both sides, without search."""
    bounds = proof.bounds or Bounds(proof.alphabet, budget.seconds)
    proof.lower = max(proof.lower, bounds.lower(*proof.n_clusters))
    step(proof)
    found = bounds.upper(*proof.n_clusters, budget)
    proof.offer(found.row_labels, found.column_labels)
    step(proof)


def use_heuristic(proof: Proof, budget: Budget, rng: np.random.RandomState, step: Step) -> None:
    """Bound the optimum from both sides, with a local search for the upper bound alone."""
    use_bounds(proof, budget, rng, step)
    search = LocalSearch(proof, rng)
    for effort in HEURISTIC_EFFORTS:
        search.improve(proof, effort, budget)
        if step(proof):
            return


def use_branch_and_bound(
    proof: Proof, budget: Budget, rng: np.random.RandomState, step: Step
) -> None:
    """Search by branch and bound alone."""
    use_bounds(proof, budget, rng, step)
    branch = BranchDecider(proof.alphabet.codes, proof.n_clusters, rng)
    bisect(proof, [branch], budget, rng, step)


def use_sat(proof: Proof, budget: Budget, rng: np.random.RandomState, step: Step) -> None:
    """Search by SAT alone."""
    solver = SatTurns(proof.alphabet.codes, proof.n_clusters, is_alone=True)
    use_bounds(proof, budget, rng, step)
    bisect(proof, [solver], budget, rng, step)


def use_best(proof: Proof, budget: Budget, rng: np.random.RandomState, step: Step) -> None:
    """Take a polynomial method, or search by branch and bound and SAT in turns.

    Without python-sat, branch and bound works alone.
    """
    direct = find_direct(proof)
    if direct is not None:
        solve_directly(proof, direct)
        step(proof)
        return
    use_bounds(proof, budget, rng, step)
    bisect(proof, make_deciders(proof, rng), budget, rng, step)


def make_deciders(proof: Proof, rng: np.random.RandomState) -> list[Decider]:
    """Return branch and bound and, where python-sat is installed, SAT."""
    codes, n_clusters = proof.alphabet.codes, proof.n_clusters
    deciders: list[Decider] = [BranchDecider(codes, n_clusters, rng)]
    if has_sat():
        deciders.append(SatTurns(codes, n_clusters))
    return deciders


def has_sat() -> bool:
    """Return whether python-sat is installed."""
    return find_spec("pysat") is not None


def use_direct(
    name: str, proof: Proof, budget: Budget, rng: np.random.RandomState, step: Step
) -> None:
    """Solve by one polynomial method."""
    solve_directly(proof, name)
    step(proof)


METHODS: dict[str, Method] = {
    "auto": use_best,
    **{name: partial(use_direct, name) for name in DIRECT},
    "branch_and_bound": use_branch_and_bound,
    "sat": use_sat,
    "heuristic": use_heuristic,
}
CONTIGUOUS_METHODS: dict[str, Method] = {"auto": use_contiguous}
