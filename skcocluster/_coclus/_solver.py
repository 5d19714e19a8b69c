"""One run of Coclus: start, alternate, search."""

from dataclasses import dataclass

import numpy as np

from .._shared.progress import RunProgress
from ._ascent import Ascent
from ._graph import Graph
from ._random import random_columns
from ._search import split_merge

# A run that ends with everything in one co-cluster starts again, so often.
RESEEDS = 3


@dataclass(frozen=True)
class Problem:
    """What a run needs to know, apart from the graph and its start.

    Attributes
    ----------
    n_clusters, max_iter, tol
        As in `Coclus`.
    refine : bool
        Whether to search by split-merge moves.
    sampled : bool
        Whether X is so large that its start is the fit of a sample, and `refine` is about that.
    """

    n_clusters: int
    refine: bool
    sampled: bool
    max_iter: int
    tol: float


@dataclass(frozen=True)
class Solution:
    """The result of one run; `value`, the modularity, is what runs maximise."""

    value: float
    row_labels: np.ndarray
    column_labels: np.ndarray
    trace: np.ndarray
    converged: bool
    stopped: bool


def solve_coclus(
    graph: Graph,
    problem: Problem,
    start: np.ndarray,
    rng: np.random.RandomState,
    progress: RunProgress,
) -> Solution:
    """Co-cluster a matrix from starting column labels.

    Parameters
    ----------
    graph : Graph
        The matrix.
    problem : Problem
        What to do.
    start : ndarray of shape (n_columns,), dtype int32
        Column labels.
    rng : RandomState
        Labels the columns anew after a start from which everything ends in one co-cluster.
    progress : RunProgress
        Told of each iteration.

    Returns
    -------
    solution : Solution
        Labels and modularity.
    """
    ascent = Ascent(graph, problem.n_clusters, start)
    converged = ascent.run(problem.max_iter, problem.tol, progress.step)
    for _ in range(RESEEDS if problem.n_clusters > 1 else 0):
        if progress.stopped or ascent.row_labels.any() or ascent.column_labels.any():
            break
        labels = random_columns(len(start), problem.n_clusters, rng)
        again = Ascent(graph, problem.n_clusters, labels)
        again_converged = again.run(problem.max_iter, problem.tol, progress.step)
        if again.value > ascent.value:
            ascent, converged = again, again_converged
    searches = problem.refine and not problem.sampled and problem.n_clusters > 1
    if searches and converged and not progress.stopped:
        ascent, converged = split_merge(ascent, problem.max_iter, rng, progress.step)
    progress.end(ascent.value)
    # Sums that moved and sums made afresh differ by rounding; the trace must not fall.
    trace = np.maximum.accumulate(np.array(ascent.trace))
    return Solution(
        float(trace[-1]),
        ascent.row_labels,
        ascent.column_labels,
        trace,
        converged,
        progress.stopped,
    )
