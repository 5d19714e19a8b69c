"""Search beyond a fixed point of modularity: merge co-clusters, split co-clusters.

A fixed point is best in one side given the other, so no single row or column can improve it: only
many at once can.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._shared.spectral_embedding import regularized_embedding
from ._ascent import Ascent
from ._graph import sample_rows, take_graph
from ._kmeans import kmeans_labels

# Moves that are tried without success before the search ends.
MAX_FAILURES = 12
# Relative gain below which a move is not kept: on word counts such moves trade equal partitions.
MIN_GAIN = 3e-4


@dataclass(frozen=True)
class Move:
    """Split co-cluster `split`; merge `merged` into `kept`, so that its label is free.

    `gain` is what modularity gains before labels settle.
    """

    gain: float
    split: int
    kept: int
    merged: int


def merge_gains(ascent: Ascent) -> np.ndarray:
    """Return what the merger of each pair gains, mostly below 0; minus infinity below a < b."""
    graph, n_clusters = ascent.graph, ascent.n_clusters
    if graph.total == 0:
        return np.where(np.triu(np.ones((n_clusters, n_clusters)), 1) > 0, 0.0, -np.inf)
    rows = np.bincount(ascent.row_labels, graph.row_weights, n_clusters) / graph.total
    columns = np.bincount(ascent.column_labels, graph.column_weights, n_clusters) / graph.total
    gains = ascent.block_sums() / graph.total - graph.resolution * np.outer(rows, columns)
    return np.where(np.triu(np.ones(gains.shape), 1) > 0, gains + gains.T, -np.inf)


def merge_down(ascent: Ascent, n_clusters: int, max_iter: int) -> np.ndarray:
    """Merge the pair that costs least until `n_clusters` are left; return column labels.

    Labels settle after each merger.
    """
    while ascent.n_clusters > n_clusters:
        gains = merge_gains(ascent)
        kept, merged = np.unravel_index(int(gains.argmax()), gains.shape)
        columns = ascent.column_labels.copy()
        columns[columns == merged] = kept
        columns[columns > merged] -= 1
        ascent = Ascent(ascent.graph, ascent.n_clusters - 1, columns)
        ascent.run(max_iter, 0.0, _never)
    return ascent.column_labels


def _never(value: float) -> bool:
    return False


class Halves:
    """The rows of each co-cluster in two halves, and what the split would gain."""

    def __init__(self, ascent: Ascent, rng: np.random.RandomState) -> None:
        self.ascent = ascent
        self.second = np.zeros(len(ascent.row_labels), bool)
        self.gains = np.array([self._split(k, rng) for k in range(ascent.n_clusters)])

    def _split(self, label: int, rng: np.random.RandomState) -> float:
        graph, n_clusters = self.ascent.graph, self.ascent.n_clusters
        rows = np.flatnonzero(self.ascent.row_labels == label)
        if len(rows) < 2 or graph.X.shape[1] < 2:
            return -np.inf
        half = rows[self._halves(rows, rng) == 1]
        if len(half) == 0:
            return -np.inf
        self.second[half] = True
        labels = self.ascent.row_labels.copy()
        labels[half] = n_clusters
        moved = graph.moved_column_sums(self.ascent.row_labels, labels, n_clusters + 1)
        moved[:n_clusters] += self.ascent.column_sums
        return graph.label_columns(moved, labels)[1] - self.ascent.value

    def _halves(self, rows: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
        """Return the half of each of some rows, 0 or 1."""
        graph = self.ascent.graph
        seen = sample_rows(graph, rows, rng)
        part = take_graph(graph, seen)
        embedding = regularized_embedding(part.X, 2, random_state=rng)
        labels = kmeans_labels(embedding.rows, 2, rng)
        if len(seen) == len(rows):
            return labels
        return graph.label_rows(part.columns_of_rows(labels, 2), 2)[0][rows]

    def moves(self) -> list[Move]:
        """Return the most promising moves, best first."""
        merges = merge_gains(self.ascent)
        cheap = np.argsort(-merges, axis=None, kind="stable")[: len(merges) + MAX_FAILURES]
        kept, merged = np.unravel_index(cheap, merges.shape)
        gains = self.gains + merges[kept, merged][:, None]
        labels = np.arange(len(merges))
        gains[(kept[:, None] == labels) | (merged[:, None] == labels)] = -np.inf
        moves = []
        for flat in np.argsort(-gains, axis=None, kind="stable")[:MAX_FAILURES]:
            pair, split = divmod(int(flat), len(labels))
            if np.isfinite(gains[pair, split]):
                gain = float(gains[pair, split])
                moves.append(Move(gain, split, int(kept[pair]), int(merged[pair])))
        return moves

    def apply(self, move: Move) -> Ascent:
        """Return the start of an ascent from the labels after a move."""
        ascent = self.ascent
        old = ascent.row_labels
        labels = old.copy()
        labels[old == move.merged] = move.kept
        labels[(old == move.split) & self.second] = move.merged
        again = Ascent(ascent.graph, ascent.n_clusters, ascent.column_labels)
        again.set_rows(labels)
        again.step_columns()
        return again


def split_merge(
    ascent: Ascent,
    max_iter: int,
    rng: np.random.RandomState,
    on_iteration: Callable[[float], bool],
) -> tuple[Ascent, bool]:
    """Improve a fixed point by split-merge moves, best candidate first.

    Parameters
    ----------
    ascent : Ascent
        At a fixed point.
    max_iter : int
        Iterations after each move at the most.
    rng : RandomState
        Seeds the splits.
    on_iteration : callable
        Told the modularity after each move that is kept; stops the search by returning True.

    Returns
    -------
    ascent : Ascent
        At a fixed point at least as good, its trace that of the whole search.
    finished : bool
        False when `on_iteration` has stopped the search, or labels have not settled.
    """
    improved = True
    while improved:
        improved = False
        halves = Halves(ascent, rng)
        for move in halves.moves():
            trial = halves.apply(move)
            settled = trial.run(max_iter, 0.0, _never)
            if trial.value > ascent.value + MIN_GAIN * abs(ascent.value):
                trial.trace = [*ascent.trace, trial.value]
                ascent, improved = trial, True
                if on_iteration(ascent.value) or not settled:
                    return ascent, False
                break
    return ascent, True
