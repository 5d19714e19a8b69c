"""Satisfiability of clauses of two literals, in linear time from strong components.

Aspvall, Plass, Tarjan (1979), doi:10.1016/0020-0190(79)90002-4: a clause (a or b) is two
implications; there is a solution unless a variable and its negation imply each other.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components


def solve_two_sat(n_variables: int, first: np.ndarray, second: np.ndarray) -> np.ndarray | None:
    """Satisfy all clauses ``first[c] or second[c]``.

    Parameters
    ----------
    n_variables : int
    first, second : ndarray of shape (n_clauses,), dtype int
        Literals: ``2 * v`` says that variable v is true, ``2 * v + 1`` that it is false. A clause
        of one literal has it twice.

    Returns
    -------
    values : ndarray of shape (n_variables,), dtype bool, or None
        None when no assignment satisfies all.
    """
    tails = np.concatenate((first ^ 1, second ^ 1))
    heads = np.concatenate((second, first))
    n_literals = 2 * n_variables
    graph = csr_array((np.ones(len(tails), np.int8), (tails, heads)), (n_literals, n_literals))
    _, components = connected_components(graph, directed=True, connection="strong")
    components = _in_order(components, tails, heads)
    true, false = components[::2], components[1::2]
    return None if (true == false).any() else true < false


def _in_order(components: np.ndarray, tails: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """Return components renumbered so that none implies a higher one."""
    tails, heads = components[tails], components[heads]
    # Depth-first search closes a component before those that lead to it, but SciPy does not
    # promise that its numbers tell the order.
    if not (tails >= heads).all():
        raise RuntimeError("SciPy numbers strong components in an order that is not topological.")
    return components
