"""One run of block-average co-clustering: start, iterate, search."""

from dataclasses import dataclass
from typing import Any

from .._kernels.engines import Engine
from .._shared.alternation import Alternation
from .._shared.block_model import BlockModel
from .._shared.block_sums import BlockSums, Side
from .._shared.initialization import Labels
from .._shared.progress import RunProgress
from .._shared.simultaneous import run_simultaneously
from .._shared.split_merge import split_merge

# Before the search, labels need not settle to the last one: the search moves them anyway.
SEARCH_TOL = 1e-4


@dataclass(frozen=True)
class Problem:
    """What a restart needs to know, apart from X and its start.

    Attributes
    ----------
    model : BlockModel
        Divergence and basis.
    n_clusters : dict
        Number of clusters by side.
    missing : bool
        Whether NaN marks missing entries.
    update : {"alternating", "simultaneous"}
        The scheme.
    refine : bool
        Whether to search by split-merge moves.
    column_steps, max_iter, tol
        As in `BBAC`.
    """

    model: BlockModel
    n_clusters: dict[Side, int]
    missing: bool
    update: str
    refine: bool
    column_steps: int
    max_iter: int
    tol: float

    def block_sums(self, engine: Engine, X: Any, labels: Labels) -> BlockSums:
        """Return the sums of X for some labels."""
        moves = self.model.divergence.tolerates_drift
        return BlockSums(engine, X, self.n_clusters, labels, self.missing, moves)


@dataclass(frozen=True)
class Solution:
    """The result of one restart; `value`, the explained divergence, is what restarts maximise."""

    value: float
    sums: BlockSums
    trace: list[float]
    converged: bool
    stopped: bool


def solve_bbac(
    engine: Engine, X: Any, problem: Problem, start: Labels, progress: RunProgress
) -> Solution:
    """Co-cluster X from starting labels.

    Parameters
    ----------
    engine : Engine
        Where X lives.
    X : array of the engine
        As returned by ``engine.prepare``.
    problem : Problem
        What to do.
    start : dict
        int32 labels by side.
    progress : RunProgress
        Told of each iteration.

    Returns
    -------
    solution : Solution
        Labels with fresh sums.
    """
    sums = problem.block_sums(engine, X, start)
    alternation = Alternation(sums, problem.model, problem.column_steps)
    if problem.update == "simultaneous":
        converged = run_simultaneously(alternation, problem.max_iter, problem.tol, progress.step)
    else:
        tol = max(problem.tol, SEARCH_TOL) if problem.refine else problem.tol
        converged = alternation.run(problem.max_iter, tol, progress.step)
        if problem.refine and converged and not progress.stopped:
            finished = split_merge(alternation, progress.step)
            converged = finished and alternation.run(problem.max_iter, problem.tol, progress.step)
    sums.refresh()
    value = alternation.explained()
    progress.end(value)
    return Solution(value, sums, alternation.trace, converged, progress.stopped)
