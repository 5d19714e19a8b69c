"""One run of block-average co-clustering: start, iterate, search."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .._kernels.engines import Engine
from .._shared.alternation import Alternation
from .._shared.block_model import BlockModel
from .._shared.block_sums import BlockSums, Side
from .._shared.initialization import Labels
from .._shared.lean_sums import LeanBlockSums
from .._shared.progress import RunProgress
from .._shared.ruled_sums import RuledBlockSums
from .._shared.samples import is_chunked
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
    refine_sample : bool
        Whether to do so on the sample that a start is found on.
    column_steps, max_iter, tol
        As in `BBAC`.
    rule_rows : bool, default=False
        Whether row labels of a matrix in chunks are a rule and no array.
    """

    model: BlockModel
    n_clusters: dict[Side, int]
    missing: bool
    update: str
    refine: bool
    refine_sample: bool
    column_steps: int
    max_iter: int
    tol: float
    rule_rows: bool = False

    def block_sums(self, engine: Engine, X: Any, start: "Labels | SampleStart") -> BlockSums:
        """Return the sums of X for some labels, or for those that a sample leads to."""
        # The search needs sums of all rows at hand.
        kind = LeanBlockSums if is_chunked(X) and not self.refine else BlockSums
        moves = self.model.divergence.tolerates_drift
        if not isinstance(start, SampleStart):
            return kind(engine, X, self.n_clusters, start, self.missing, moves)
        if self.rule_rows and is_chunked(X):
            columns = start.column_labels
            return RuledBlockSums(engine, X, self.n_clusters, columns, self.missing, start.terms)
        nowhere = np.full(X.shape[0], -1, np.int32)
        labels: Labels = {"rows": nowhere, "columns": start.column_labels}
        return kind(engine, X, self.n_clusters, labels, self.missing, moves, start.terms)


@dataclass(frozen=True)
class SampleStart:
    """A start found on a sample of the rows: the first read labels all of them.

    Attributes
    ----------
    column_labels : ndarray of shape (n_columns,), dtype int32
        Column labels.
    terms : tuple (offset, slope)
        Costs of rows in the clusters of the sample.
    """

    column_labels: np.ndarray
    terms: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Solution:
    """The result of one restart; `value`, the explained divergence, is what restarts maximise."""

    value: float
    sums: BlockSums
    trace: list[float]
    converged: bool
    stopped: bool


def solve_bbac(
    engine: Engine,
    X: Any,
    problem: Problem,
    start: Labels | SampleStart,
    progress: RunProgress,
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
    start : dict or SampleStart
        int32 labels by side, or what a sample of the rows leads to.
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
