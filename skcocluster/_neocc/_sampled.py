"""Where runs on a large matrix start, and states for matrices in memory and in chunks.

A large matrix starts from the fit of a sample of its rows, wherever it is: the first read of all
rows assigns them by the model of the sample.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from .._kernels.engines.chunked import ChunkedRows
from .._shared.samples import Unreported, choose_rows
from ._alternation import Alternation, Memberships
from ._chunked import ChunkedAlternation, ChunkedOneWay
from ._counts import Counts
from ._data import Data, Side, cluster_sizes
from ._descent import Descent
from ._fitted import Thresholds
from ._oneway import OneWay
from ._row_costs import OneWayRows, RowModel, TwoWayRows, assign_rows
from ._row_step import RowAssigner
from ._side import SideModel
from ._solver import Problem, solve
from ._starts import GIVEN, SIDES, start_memberships


@dataclass(frozen=True)
class SampleStart:
    """What the fit of a sample says about all rows.

    Attributes
    ----------
    model : RowModel
        What rows cost.
    thresholds : Thresholds
        What the sample admits: where those of all rows are expected.
    columns : ndarray of shape (n_columns, n_column_clusters), dtype bool, or None
        Memberships of the columns; None for NEO-K-Means.
    """

    model: RowModel
    thresholds: Thresholds
    columns: np.ndarray | None = None


def take_sample(data: Data, n_clusters: int, rng: np.random.RandomState) -> Data:
    """Return some rows of a matrix, in memory."""
    rows = choose_rows(data.X, n_clusters, rng)
    return replace(data, X=data.engine.take(data.X, rows))


def after_sample(problem: Problem) -> Problem:
    """Return what is left to do once a sample is fitted: neither a race nor a ramp."""
    return replace(problem, heats=GIVEN, anneal=False)


def fit_sample(
    data: Data,
    counts: dict[Side, Counts],
    objective: str,
    problem: Problem,
    rng: np.random.RandomState,
) -> SampleStart:
    """Return the start of a run of NEO-CC on a large matrix."""
    part = take_sample(data, counts["rows"].n_clusters, rng)
    few = {**counts, "rows": counts["rows"].scaled(part.size("rows"))}

    def make_state(init: str) -> Alternation:
        start = {side: start_memberships(init, part, side, few[side], rng) for side in SIDES}
        return Alternation(part, few, objective, start)

    state = solve(make_state, replace(problem, counts=ramp_sides(few)), Unreported()).state
    rows = state.finish()["rows"]
    return SampleStart(TwoWayRows(rows.model), rows.thresholds, state.memberships["columns"])


def fit_sample_of_rows(
    data: Data, counts: Counts, problem: Problem, rng: np.random.RandomState
) -> SampleStart:
    """Return the start of a run of NEO-K-Means on a large matrix."""
    part = take_sample(data, counts.n_clusters, rng)
    few = counts.scaled(part.size("rows"))

    def make_state(init: str) -> OneWay:
        return OneWay(part, "rows", few, start_memberships(init, part, "rows", few, rng))

    found = solve(make_state, replace(problem, counts=few.ramp), Unreported()).state.finish()
    return SampleStart(OneWayRows(found.model), found.thresholds)


def ramp_sides(counts: dict[Side, Counts]) -> Callable[[float], dict[Side, Counts]]:
    """Return what gives the constraints of both sides with a share of the overlap."""
    return lambda share: {side: count.ramp(share) for side, count in counts.items()}


def begin(
    data: Data, counts: dict[Side, Counts], objective: str, start: SampleStart | Memberships
) -> Descent:
    """Return the state of NEO-CC at a start, for a matrix in memory or in chunks."""
    if not isinstance(data.X, ChunkedRows):
        if isinstance(start, SampleStart):
            rows = assign_rows(data, start.model, counts["rows"])
            start = {"rows": rows, "columns": _columns_of(start)}
        return Alternation(data, counts, objective, start)
    if isinstance(start, SampleStart):
        assigner = RowAssigner(data, start.thresholds)
        step = assigner.assign(start.model, counts["rows"])
        memberships, totals = step.memberships, step.totals
        start = {"rows": memberships, "columns": _columns_of(start)}
    else:
        assigner = RowAssigner(data)
        # The first row step asks for sums only: they are those of either objective.
        sizes = cluster_sizes(start["columns"])
        model = TwoWayRows(SideModel("rows", start["columns"], None, sizes))
        totals = assigner.sum_members(model, start["rows"])
    return ChunkedAlternation(data, counts, objective, start, totals, assigner)


def begin_rows(data: Data, counts: Counts, start: SampleStart | np.ndarray) -> Descent:
    """Return the state of NEO-K-Means of the rows at a start."""
    if not isinstance(data.X, ChunkedRows):
        if isinstance(start, SampleStart):
            start = assign_rows(data, start.model, counts)
        return OneWay(data, "rows", counts, start)
    if isinstance(start, SampleStart):
        assigner = RowAssigner(data, start.thresholds)
        step = assigner.assign(start.model, counts)
        return ChunkedOneWay(data, counts, step.memberships, step.totals, assigner)
    assigner = RowAssigner(data)
    model = OneWayRows(np.zeros((data.size("columns"), 1)))
    return ChunkedOneWay(data, counts, start, assigner.sum_members(model, start), assigner)


def _columns_of(start: SampleStart) -> np.ndarray:
    assert start.columns is not None
    return start.columns
