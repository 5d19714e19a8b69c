"""A non-negative matrix as a bipartite graph, and the steps of modularity on it."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from .._kernels.engines import ChunkedRows
from .._kernels.engines.protocol import Engine
from .._kernels.modularity import BEST_LABELS, MARGINS, MOVED_ROWS, ROW_STEP, ROW_SWEEP

# Starts are found on so many entries at the most (but at least so many rows): more of them find
# the same column labels, at the price of memory and of most of the time of a fit.
SAMPLE_ENTRIES = 1 << 23
SAMPLE_ROWS = 10_000
# ... unless that many rows are more than this.
MOST_ENTRIES = 1 << 27
# Up to this, whole numbers in float64 are exact, and so are their sums.
EXACT = 2.0**53


def binary_unit(total: float) -> float:
    """Return the power of two that brings a total near 1.

    Products of two totals would leave the range of floating point for very large and very small
    entries; a power of two changes no digit.
    """
    return math.ldexp(1.0, min(-math.frexp(total)[1], 1000))


@dataclass(frozen=True)
class Graph:
    """A matrix with its margins: what every step needs and none changes.

    Attributes
    ----------
    engine : Engine
        Where X lives.
    X : array of the engine
        As returned by ``engine.prepare``.
    row_weights, column_weights : ndarray of shape (n_rows,), (n_columns,), dtype float64
        Row and column sums.
    total : float
        The sum of X.
    resolution : float
        Weight of the expected part.
    whole : bool
        Whether sums are exact, in any order: all entries are whole numbers.
    """

    engine: Engine
    X: Any
    row_weights: np.ndarray
    column_weights: np.ndarray
    total: float
    resolution: float
    whole: bool

    @property
    def is_chunked(self) -> bool:
        """Whether X is not in memory, so that every step should be a single read of it."""
        return isinstance(self.X, ChunkedRows)

    def row_entries(self) -> np.ndarray:
        """Return the number of entries that a move of each row reads, of shape (n_rows,)."""
        if self.is_chunked and self.X.row_entries is not None:
            return self.X.row_entries
        if sp.issparse(self.X):
            return np.diff(self.X.indptr)
        return np.full(*self.X.shape)

    def label_rows(self, column_labels: np.ndarray, n_clusters: int) -> tuple[np.ndarray, float]:
        """Return the best row labels for given column labels, and their modularity."""
        labels, gain = self.engine.run(
            ROW_STEP,
            self.X,
            column_labels=column_labels,
            weights=self.row_weights,
            **self._side(column_labels, self.column_weights, n_clusters),
        )
        return labels, self._modularity(gain)

    def sweep_rows(
        self, column_labels: np.ndarray, old: np.ndarray, n_clusters: int
    ) -> tuple[np.ndarray, float, np.ndarray]:
        """Return the best row labels, their modularity, and what they change in column sums."""
        labels, gain, moved = self.engine.run(
            ROW_SWEEP,
            self.X,
            column_labels=column_labels,
            weights=self.row_weights,
            old_labels=old,
            **self._side(column_labels, self.column_weights, n_clusters),
        )
        return labels, self._modularity(gain), moved

    def label_columns(
        self, column_sums: np.ndarray, row_labels: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Return the best column labels for given row labels, and their modularity."""
        labels, gain = self.engine.run(
            BEST_LABELS,
            column_sums.T,
            weights=self.column_weights,
            **self._side(row_labels, self.row_weights, len(column_sums)),
        )
        return labels, self._modularity(gain)

    def _side(self, labels: np.ndarray, weights: np.ndarray, n_clusters: int) -> dict[str, Any]:
        """Return what a step needs to know of the other side."""
        unit = binary_unit(self.total)
        return {
            "cluster_weights": np.bincount(labels, weights, n_clusters) * unit,
            "total": self.total * unit,
            "resolution": self.resolution,
        }

    def _modularity(self, gain: np.ndarray) -> float:
        if self.total == 0:
            return 0.0
        return float(gain[0] / (self.total * binary_unit(self.total)) / self.total)

    def moved_column_sums(self, old: np.ndarray, new: np.ndarray, n_clusters: int) -> np.ndarray:
        """Return what relabelled rows change in the column sums (n_clusters, n_columns)."""
        return self.engine.run(
            MOVED_ROWS, self.X, old_labels=old, new_labels=new, n_clusters=n_clusters
        )[0]

    def column_sums(self, row_labels: np.ndarray, n_clusters: int) -> np.ndarray:
        """Return the column sums of each co-cluster's rows, of shape (n_clusters, n_columns)."""
        return self.moved_column_sums(np.full_like(row_labels, -1), row_labels, n_clusters)

    def columns_of_rows(self, row_labels: np.ndarray, n_clusters: int) -> np.ndarray:
        """Return the best column labels for given row labels."""
        return self.label_columns(self.column_sums(row_labels, n_clusters), row_labels)[0]


def make_graph(engine: Engine, X: Any, resolution: float) -> Graph:
    """Return the graph of a prepared matrix."""
    rows, columns, whole = engine.run(MARGINS, X)
    total = float(columns.sum())
    exact = bool(whole[0]) and total < EXACT
    return Graph(engine, X, rows, columns, total, resolution, exact)


def sample_rows(graph: Graph, rows: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Return the rows, or some of them where their entries are more than a start needs."""
    n_entries = int(graph.row_entries()[rows].sum())
    n_sampled = len(rows) * SAMPLE_ENTRIES // max(1, n_entries)
    n_most = len(rows) * MOST_ENTRIES // max(1, n_entries)
    n_sampled = max(n_sampled, min(SAMPLE_ROWS, n_most))
    if n_sampled >= len(rows):
        return rows
    return np.sort(rng.choice(rows, n_sampled, replace=False))


def take_graph(graph: Graph, rows: np.ndarray) -> Graph:
    """Return the graph of some of the rows, in memory; the graph itself when these are all."""
    if len(rows) == graph.X.shape[0] and not graph.is_chunked:
        return graph
    return make_graph(graph.engine, graph.engine.take(graph.X, rows), graph.resolution)
