"""Bounds without search: one-sided lower bounds, co-clusterings by linkage of either side."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ._alphabet import Alphabet
from ._budget import Budget
from ._coclustering import Coclustering, make_coclustering
from ._linkage import best_separation, complete_linkage, farthest_first, hull_widths
from ._ranges import row_ranges

# Pairs times ranges: beyond it (some seconds) points are picked one after the other instead.
MAX_PAIR_WORK = 4e9
# As much of it as takes a small share of a second of a time limit.
PAIR_WORK_PER_SECOND = 2e8
# Linkage itself, in ranges of a pair.
LINKAGE_WORK = 25
MAX_LINKED = 4000


@dataclass(frozen=True)
class Side:
    """Rows, or columns, as points with one coordinate for each entry."""

    codes: np.ndarray
    points: np.ndarray
    widths: np.ndarray | None
    max_work: float

    @classmethod
    def of(cls, alphabet: Alphabet, codes: np.ndarray, max_work: float) -> "Side":
        """Return the side whose points are the rows of `codes`; small ones with all widths."""
        codes = np.ascontiguousarray(codes)
        points = alphabet.values[codes]
        n, n_ranges = codes.shape
        linked = can_link(n, n_ranges, max_work)
        return cls(codes, points, hull_widths(points, points) if linked else None, max_work)

    def separation(self, n_centres: int) -> float:
        """Return a least width between two of `n_centres` points that lie far apart."""
        n = len(self.codes)
        if n_centres > n:
            return 0.0
        if self.widths is not None:
            return float(best_separation(self.widths, n_centres))
        centres, _, first = farthest_first(self.points, self.points, n_centres)
        start = int(centres[-1])
        return max(first, farthest_first(self.points, self.points, n_centres, start)[2])

    def cluster_alone(self, n_clusters: int) -> np.ndarray:
        """Return labels that look at the distances between points alone."""
        if self.widths is not None:
            return complete_linkage(self.widths, n_clusters)
        return farthest_first(self.points, self.points, n_clusters)[1]

    def cluster_given(
        self, alphabet: Alphabet, other_labels: np.ndarray, n_other: int, n_clusters: int
    ) -> np.ndarray:
        """Return labels by the ranges of points over the clusters of the other side."""
        low, high = row_ranges(self.codes, other_labels, n_other)
        used = high[0] >= 0
        low, high = alphabet.values[low[:, used]], alphabet.values[high[:, used]]
        if can_link(len(low), low.shape[1], self.max_work):
            return complete_linkage(hull_widths(low, high), n_clusters)
        return farthest_first(low, high, n_clusters)[1]


def can_link(n: int, n_ranges: int, max_work: float) -> bool:
    """Return whether all pairs of points are worth their time."""
    return n <= MAX_LINKED and n * n * (n_ranges / 2 + LINKAGE_WORK) <= max_work


class Bounds:
    """Bounds of the optimum for any numbers of clusters; distances are computed once.

    Parameters
    ----------
    alphabet : Alphabet
        The matrix.
    time_limit : float or None, default=None
        Seconds that all work may take: a short limit makes for coarser bounds.
    """

    def __init__(self, alphabet: Alphabet, time_limit: float | None = None) -> None:
        work = MAX_PAIR_WORK
        if time_limit is not None:
            work = min(work, time_limit * PAIR_WORK_PER_SECOND)
        self.alphabet = alphabet
        self._max_work = work

    # Distances take most of the time, and problems with a polynomial method need none.
    @cached_property
    def rows(self) -> Side:
        """The rows, with their distances."""
        return Side.of(self.alphabet, self.alphabet.codes, self._max_work)

    @cached_property
    def columns(self) -> Side:
        """The columns, with their distances."""
        return Side.of(self.alphabet, self.alphabet.codes.T, self._max_work)

    def lower(self, n_row_clusters: int, n_column_clusters: int) -> float:
        """Return a lower bound: one more row than row clusters, all far apart, or columns alike."""
        rows = self.rows.separation(n_row_clusters + 1)
        return max(rows, self.columns.separation(n_column_clusters + 1))

    def upper(
        self, n_row_clusters: int, n_column_clusters: int, budget: Budget | None = None
    ) -> Coclustering:
        """Return the best co-clustering of linkages that alternate between the sides.

        When the budget is over they end early.
        """
        budget = budget or Budget()
        rows = self.rows.cluster_alone(n_row_clusters)
        columns = self.columns.cluster_alone(n_column_clusters)
        n_clusters = (n_row_clusters, n_column_clusters)
        given = self.columns.cluster_given(self.alphabet, rows, *n_clusters)
        found = [
            make_coclustering(self.alphabet, rows, columns, n_clusters),
            self._alternate(given, n_clusters, budget),
            self._alternate(columns, n_clusters, budget),
        ]
        return min(found, key=lambda one: one.cost)

    def _alternate(
        self, columns: np.ndarray, n_clusters: tuple[int, int], budget: Budget
    ) -> Coclustering:
        best = None
        while True:
            rows = self.rows.cluster_given(self.alphabet, columns, *n_clusters[::-1])
            now = make_coclustering(self.alphabet, rows, columns, n_clusters)
            if best is not None and now.cost >= best.cost:
                return best
            best = now
            if budget.is_over():
                return best
            columns = self.columns.cluster_given(self.alphabet, rows, *n_clusters)
