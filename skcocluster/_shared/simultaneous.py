"""CGC's update: rows and columns relabelled from the same averages."""

from collections.abc import Callable

import numpy as np

from .alternation import Alternation


def run_simultaneously(
    alternation: Alternation,
    max_iter: int,
    tol: float,
    on_iteration: Callable[[float], bool],
) -> bool:
    """Relabel both sides at once until nothing changes; keep the best state seen.

    The scheme treats rows and columns alike but is not monotone: it can rise and can cycle, and
    a cycle is recognised by the labels, not by the objective.

    Parameters
    ----------
    alternation : Alternation
        At the start; at the best state seen afterwards.
    max_iter : int
        Iterations at the most.
    tol : float
        Relative to the explained divergence.
    on_iteration : callable
        Told the explained divergence after each iteration; stops by returning True.

    Returns
    -------
    converged : bool
        Whether it ended at the best state seen.
    """
    sums = alternation.sums
    best = last = alternation.explained()
    best_state = sums.snapshot()
    seen = set()
    for _ in range(max_iter):
        changed = alternation.iterate_simultaneously()
        now = alternation.explained()
        alternation.trace.append(now)
        stop = on_iteration(now)
        # An explained divergence that is not a number never becomes the best.
        if now >= best:
            best, best_state = now, sums.snapshot()
        settled = not changed or abs(now - last) <= tol * abs(now)
        if settled and now >= best:
            return True
        key = b"".join(np.ascontiguousarray(v).tobytes() for v in sums.labels.values())
        if settled or stop or key in seen:
            break
        seen.add(key)
        last = now
    sums.restore(best_state)
    return False
