"""Where the runs of BBAC start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from .._kernels.engines import Engine
from .._shared.alternation import Alternation
from .._shared.block_sums import Side
from .._shared.initialization import (
    Labels,
    kmeans_plusplus_labels,
    random_labels,
    spectral_labels,
    spectral_starts,
)
from .._shared.samples import Unreported, choose_rows, is_large
from .._shared.split_merge import SIDES
from .._shared.validation import check_labels
from ._solver import Problem, SampleStart, solve_bbac

INITS = ("auto", "random", "k-means++", "spectral", "subsample")
# Spectral and random starts that race, and how far: a spectral start may lie in the basin of a
# poor optimum that others miss.
RACERS = {"spectral": 3, "random": 1}
RACE_ITERATIONS = 8
# Few clusters leave few others to merge, so more hangs on the start; and iterations are cheap.
FEW_CLUSTERS = 6
RACERS_OF_FEW = {"spectral": 4, "random": 2}
RACE_ITERATIONS_OF_FEW = 30
RACE_TOL = 1e-4
TIE = 1e-9


def given_labels(init: Any, shape: tuple[int, int], n_clusters: dict[Side, int]) -> Labels | None:
    """Return the labels that `init` holds, None when it is the name of a method."""
    if isinstance(init, str):
        return None
    if not isinstance(init, (tuple, list)) or len(init) != 2:
        raise ValueError(f"init must be one of {INITS} or (row_labels, column_labels).")
    return {
        side: check_labels(labels, n, n_clusters[side], side)
        for side, labels, n in zip(SIDES, init, shape, strict=True)
    }


@dataclass(frozen=True)
class Starts:
    """Makes the start of each run.

    Attributes
    ----------
    init : str or dict
        Name of a method, or labels by side.
    engine : Engine
        Where X lives.
    X : array of the engine
        As returned by ``engine.prepare``.
    problem : Problem
        What the runs do.
    seen : matrix in memory or None
        What starts see: X, or None where each takes a sample of its own, or needs no entries.
    """

    init: Any
    engine: Engine
    X: Any
    problem: Problem
    seen: Any

    def make(self, run: int, rng: np.random.RandomState) -> Labels | SampleStart:
        """Return the start of a run."""
        if not isinstance(self.init, str):
            return self.init
        if _sees_nothing(self.init):
            return random_labels(self.X.shape, self.problem.n_clusters, rng)
        if self.seen is None:
            return self._find_on_sample(run, rng)
        return start_labels(self.init, run, self.engine, self.seen, self.problem, rng)

    def _find_on_sample(self, run: int, rng: np.random.RandomState) -> SampleStart:
        """Fit a sample of the rows; the first read of all rows starts from there."""
        problem = replace(self.problem, refine=self.problem.refine_sample)
        rows = choose_rows(self.X, problem.n_clusters["rows"], rng)
        part = self.engine.take(self.X, rows)
        init = "auto" if self.init == "subsample" else self.init
        labels = start_labels(init, run, self.engine, part, problem, rng)
        sums = solve_bbac(self.engine, part, problem, labels, Unreported()).sums
        terms = Alternation(sums, problem.model).linear_terms("rows")
        return SampleStart(sums.labels["columns"], terms)


def make_starts(init: Any, engine: Engine, X: Any, problem: Problem) -> Starts:
    """Return what makes the starts of a fit; `init` is a name or labels by side."""
    samples = isinstance(init, str) and (init == "subsample" or is_large(X) or problem.rule_rows)
    unseen = not isinstance(init, str) or _sees_nothing(init) or samples
    return Starts(init, engine, X, problem, None if unseen else engine.take(X))


def _sees_nothing(init: str) -> bool:
    return init == "random"


def start_labels(
    init: str, run: int, engine: Engine, X: Any, problem: Problem, rng: np.random.RandomState
) -> Labels:
    """Return the starting labels of a run."""
    if init == "auto" and run == 0 and problem.update == "alternating":
        return _race(engine, X, problem, rng)
    if init == "auto":
        init = "spectral" if run == 0 else "random"
    clusters, missing, model = problem.n_clusters, problem.missing, problem.model
    if init == "spectral":
        return spectral_labels(X, clusters, model, rng)
    if init == "k-means++":
        return kmeans_plusplus_labels(engine, X, clusters, missing, model, rng)
    return random_labels(X.shape, clusters, rng)


def _race(engine: Engine, X: Any, problem: Problem, rng: np.random.RandomState) -> Labels:
    """Iterate spectral and random starts for a while; return the labels of the best."""
    best_value, best = -np.inf, None
    few = min(problem.n_clusters.values()) <= FEW_CLUSTERS
    n_iterations = RACE_ITERATIONS_OF_FEW if few else RACE_ITERATIONS
    for labels in _racers(RACERS_OF_FEW if few else RACERS, X, problem, rng):
        sums = problem.block_sums(engine, X, labels)
        racer = Alternation(sums, problem.model, problem.column_steps)
        racer.run(n_iterations, RACE_TOL, lambda value: False)
        value = racer.explained()
        # Racers often meet in one optimum: rounding must not choose between its labellings.
        if best is None or value > best_value + TIE * abs(best_value):
            best_value, best = value, dict(sums.labels)
    return best  # type: ignore[return-value]


def _racers(
    counts: Mapping[str, int], X: Any, problem: Problem, rng: np.random.RandomState
) -> Iterator[Labels]:
    """Yield the starting labels of a race."""
    spectral = spectral_starts(X, problem.n_clusters, problem.model, rng)
    yield from islice(spectral, counts["spectral"])
    for _ in range(counts["random"]):
        yield random_labels(X.shape, problem.n_clusters, rng)
