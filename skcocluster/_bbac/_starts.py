"""Where the runs of BBAC start."""

from collections.abc import Iterator, Mapping
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
from .._shared.split_merge import SIDES
from .._shared.validation import check_labels
from ._solver import Problem

INITS = ("auto", "random", "k-means++", "spectral")
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
