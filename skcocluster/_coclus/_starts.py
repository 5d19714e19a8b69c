"""Where the runs of Coclus start: column labels."""

from dataclasses import replace

import numpy as np

from .._shared.samples import Unreported
from .._shared.spectral_embedding import regularized_embedding
from ._ascent import Ascent
from ._graph import Graph, sample_rows, take_graph
from ._kmeans import kmeans_labels
from ._random import random_columns
from ._search import merge_down
from ._solver import Problem, solve_coclus

INITS = ("spectral", "random")
# Among more co-clusters, greater modularity no longer means better classes: it merges small ones
# (its resolution limit). There, search for more of it less.
FEW_CLUSTERS = 10
# K-means of one embedding ends in many partitions; they race for so many iterations.
RACERS_OF_FEW, RACERS = 10, 4
RACE_ITERATIONS = 10
RACE_TOL = 1e-4
TIE = 1e-9
# Extra runs start from up to so many times the co-clusters asked for.
MOST_TIMES = 2
MERGE_ITERATIONS = 10


def start_columns(
    init: str, run: int, graph: Graph, n_clusters: int, rng: np.random.RandomState
) -> np.ndarray:
    """Return the starting column labels of a run."""
    if init == "random" or n_clusters == 1:
        return random_columns(graph.X.shape[1], n_clusters, rng)
    if run == 0:
        return spectral_ascent(graph, n_clusters, rng).column_labels
    most = min(MOST_TIMES * n_clusters, graph.X.shape[0])
    n_more = int(rng.randint(n_clusters, most + 1))
    return merge_down(spectral_ascent(graph, n_more, rng), n_clusters, MERGE_ITERATIONS)


def fitted_columns(
    init: str, run: int, graph: Graph, problem: Problem, rng: np.random.RandomState
) -> np.ndarray:
    """Return the column labels of the fit, search included, of a sample of the rows."""
    part = take_graph(graph, sample_rows(graph, np.arange(graph.X.shape[0]), rng))
    start = start_columns(init, run, part, problem.n_clusters, rng)
    problem = replace(problem, sampled=False)
    return solve_coclus(part, problem, start, rng, Unreported()).column_labels


def spectral_ascent(graph: Graph, n_clusters: int, rng: np.random.RandomState) -> Ascent:
    """Return the winner of a race of k-means partitions of the regularised spectral embedding.

    scikit-learn does the work, whatever the engine: the start must not depend on it.
    """
    graph = take_graph(graph, sample_rows(graph, np.arange(graph.X.shape[0]), rng))
    points = regularized_embedding(graph.X, n_clusters, random_state=rng).rows
    best: Ascent | None = None
    for _ in range(RACERS_OF_FEW if n_clusters <= FEW_CLUSTERS else RACERS):
        labels = kmeans_labels(points, n_clusters, rng)
        racer = Ascent(graph, n_clusters, graph.columns_of_rows(labels, n_clusters))
        racer.run(RACE_ITERATIONS, RACE_TOL, lambda value: False)
        # Racers often meet in one partition: rounding must not choose between its labellings.
        if best is None or racer.value > best.value + TIE * abs(best.value):
            best = racer
    assert best is not None
    return best
