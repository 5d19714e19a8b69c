"""The cases with a polynomial method: which one applies, and the optimum that it gives."""

from collections.abc import Callable

import numpy as np

from ._alphabet import Alphabet
from ._distinct import label_distinct_rows, solve_two_letters
from ._one_sided import solve_one_sided
from ._proof import Proof
from ._ternary import solve_ternary
from ._two_by_two import solve_two_by_two

Labels = tuple[np.ndarray, np.ndarray]


def solve_distinct(alphabet: Alphabet, n_row_clusters: int, n_column_clusters: int) -> Labels:
    """Return the optimum where each distinct row and column has a cluster, or for two letters."""
    codes = alphabet.codes
    if (n_row_clusters, n_column_clusters) == codes.shape:
        return label_distinct_rows(codes), label_distinct_rows(codes.T)
    return solve_two_letters(alphabet, n_row_clusters, n_column_clusters)


def solve_by_two_sat(alphabet: Alphabet, n_row_clusters: int, n_column_clusters: int) -> Labels:
    """Return the optimum of two clusters on both sides, or on one side for three letters."""
    if 1 in (n_row_clusters, n_column_clusters):
        # One side has one distinct point only: there is nothing to divide by clauses.
        return solve_one_sided(alphabet, n_row_clusters, n_column_clusters)
    if (n_row_clusters, n_column_clusters) == (2, 2):
        return solve_two_by_two(alphabet)
    return solve_ternary(alphabet, n_row_clusters, n_column_clusters)


def takes_distinct(proof: Proof) -> bool:
    """Return whether all distinct rows and columns get their own clusters, or letters are two."""
    return proof.n_clusters == proof.alphabet.codes.shape or len(proof.alphabet.values) <= 2


def takes_greedy(proof: Proof) -> bool:
    """Return whether one side is one cluster."""
    return 1 in proof.n_clusters


def takes_two_sat(proof: Proof) -> bool:
    """Return whether both sides have two clusters at most, or one side for three letters."""
    is_ternary = len(proof.alphabet.values) <= 3
    return max(proof.n_clusters) <= 2 or (is_ternary and min(proof.n_clusters) <= 2)


Direct = tuple[Callable[[Proof], bool], Callable[[Alphabet, int, int], Labels], str]
DIRECT: dict[str, Direct] = {
    "distinct": (
        takes_distinct,
        solve_distinct,
        "as many clusters as distinct rows and columns, or at most two distinct entries",
    ),
    "greedy": (takes_greedy, solve_one_sided, "one row cluster or one column cluster"),
    "two_sat": (
        takes_two_sat,
        solve_by_two_sat,
        "two row and two column clusters, or two on one side and at most three distinct entries",
    ),
}
# 2-SAT does not look at the clock: larger matrices are searched within the limits.
MAX_TWO_SAT_ENTRIES = 50_000


def solve_directly(proof: Proof, name: str) -> None:
    """Close a proof by a polynomial method.

    Raises
    ------
    ValueError
        When the method does not apply.
    """
    applies, solve, what = DIRECT[name]
    if not applies(proof):
        raise ValueError(
            f"method={name!r} needs {what}; here are {proof.n_clusters[0]} and "
            f"{proof.n_clusters[1]} clusters of distinct rows and columns and "
            f"{len(proof.alphabet.values)} distinct entries. method='auto' takes any matrix."
        )
    proof.offer(*solve(proof.alphabet, *proof.n_clusters))
    proof.close(name)


def find_direct(proof: Proof) -> str | None:
    """Return the polynomial method to take for a problem, None when a search is better."""
    for name, (applies, _, _) in DIRECT.items():
        is_small = name != "two_sat" or proof.alphabet.codes.size <= MAX_TWO_SAT_ENTRIES
        if applies(proof) and is_small:
            return name
    return None
