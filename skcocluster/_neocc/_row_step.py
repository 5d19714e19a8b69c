"""The row step on a matrix in chunks: the memberships of memory, from what chunks send.

Chunks sum over their members by the thresholds of the step before, so that one read is all. The
exact choice takes ranks over all rows. Few rows differ, and those are near the thresholds: chunks
send some such rows along, unless there are many chunks. Sums over others are corrected by another
read of the chunks concerned.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from .._kernels.assignment_compiled import cover
from ._chunk_work import (
    ASSIGN_ROWS,
    ASSIGN_WEIGHTED_ROWS,
    FIND_GAINS,
    SUM_CHANGES,
    Further,
)
from ._counts import Counts
from ._data import Data
from ._fitted import Thresholds
from ._refill import move_members
from ._row_costs import RowModel
from ._side import Product

# Rows near the thresholds that all chunks together send, for each cluster of rows. More chunks than
# that send none: few of them are read again.
EDGE_ROWS = 4
ADMITS_NEAREST = Thresholds(np.inf, -np.inf)


@dataclass(frozen=True)
class RowStep:
    """What a row step has found.

    Attributes
    ----------
    memberships : ndarray of shape (n_rows, n_clusters), dtype bool
        The cheapest assignment.
    totals : Product
        What columns need of rows with these memberships.
    thresholds : Thresholds
        The largest distances that were admitted.
    largest : float
        The largest magnitude of a distance.
    levels : float
        Squares of row means, weighted by the memberships before the step; RCM only.
    """

    memberships: np.ndarray
    totals: Product
    thresholds: Thresholds
    largest: float
    levels: float


class Pairs(NamedTuple):
    """Pairs of a row and a cluster, with their distances."""

    values: np.ndarray
    clusters: np.ndarray
    rows: np.ndarray

    @classmethod
    def of_chunks(cls, further: list[Further], starts: np.ndarray) -> "Pairs":
        """Return the pairs of all chunks; rows count from the first of X."""
        if not further:
            return cls(np.empty(0), np.empty(0, np.uint8), np.empty(0, np.int64))
        rows = [start + part.rows for start, part in zip(starts, further, strict=False)]
        parts = [part.values for part in further], [part.clusters for part in further], rows
        return cls(*map(np.concatenate, parts))

    def take(self, chosen: np.ndarray) -> "Pairs":
        """Return some of the pairs."""
        return Pairs(*(part[chosen] for part in self))

    def join(self, others: "Pairs") -> "Pairs":
        """Return these pairs and others."""
        return Pairs(*map(np.concatenate, zip(self, others, strict=True)))

    def smallest(self, count: int) -> tuple["Pairs", tuple[float, int, int]]:
        """Return the least pairs and the key of the last; ties by cluster, then by row."""
        bound = np.partition(self.values, count - 1)[count - 1]
        below = np.flatnonzero(self.values < bound)
        ties = np.flatnonzero(self.values == bound)
        ties = ties[np.lexsort((self.rows[ties], self.clusters[ties]))][: count - len(below)]
        last = ties[-1]
        key = float(bound), int(self.clusters[last]), int(self.rows[last])
        return self.take(np.concatenate([below, ties])), key


@dataclass(frozen=True)
class Answers:
    """What chunks have sent of their rows.

    Attributes
    ----------
    nearest : ndarray of shape (n_rows,), unsigned integers
        Nearest cluster.
    least : ndarray of shape (n_rows,) or (0,), dtype float64
        Its distance, where there may be outliers.
    further : list of Further
        Of each chunk, where there are further memberships.
    starts : ndarray of shape (n_chunks + 1,), dtype int64
        First rows of chunks.
    n_clusters : int
        Number of clusters.
    edge : list of tuple
        Of each chunk, rows near the thresholds and their entries.
    """

    nearest: np.ndarray
    least: np.ndarray
    further: list[Further]
    starts: np.ndarray
    n_clusters: int
    edge: list[tuple[np.ndarray, Any]]

    def edge_rows(self) -> tuple[np.ndarray, Any]:
        """Return the rows near the thresholds, ascending, and their entries."""
        if not self.edge:
            return np.empty(0, np.int64), np.empty((0, 0))
        rows = [start + part for start, (part, _) in zip(self.starts, self.edge, strict=False)]
        blocks = [block for _, block in self.edge]
        is_sparse = sp.issparse(blocks[0])
        entries = sp.vstack(blocks, format="csr") if is_sparse else np.concatenate(blocks)
        return np.concatenate(rows), entries

    def pairs(self) -> Pairs:
        """Return the further pairs of all chunks."""
        return Pairs.of_chunks(self.further, self.starts)

    def members(self, covered: np.ndarray, pairs: Pairs) -> np.ndarray:
        """Return memberships: the nearest cluster of covered rows, and pairs."""
        memberships = np.zeros((len(self.nearest), self.n_clusters), bool)
        memberships[covered, self.nearest[covered]] = True
        memberships[pairs.rows, pairs.clusters] = True
        return memberships

    def by_thresholds(self, thresholds: Thresholds) -> np.ndarray:
        """Return the memberships that chunks have summed over."""
        pairs = self.pairs()
        bound = max(thresholds.cover, thresholds.extra)
        n_rows = len(self.nearest)
        covered = np.flatnonzero(self.least <= bound) if len(self.least) else np.arange(n_rows)
        return self.members(covered, pairs.take(pairs.values <= thresholds.extra))

    def by_ranks(self, counts: Counts) -> tuple[np.ndarray, Thresholds, bool]:
        """Return the cheapest memberships, their thresholds, and whether they are certain.

        Chunks may have sent too few pairs; then the second threshold is one that is not too low.
        """
        taken, cover_threshold = self.nearest.astype(np.int32), np.inf
        if len(self.least):
            taken, cover_threshold = cover(taken, self.least, counts.n_covered)
        covered, out = np.flatnonzero(taken >= 0), np.flatnonzero(taken < 0)
        n_extra = counts.n_assignments - counts.n_covered
        if n_extra == 0:
            members = self.members(covered, self.pairs().take(np.arange(0)))
            return members, Thresholds(cover_threshold, -np.inf), True
        pairs = self.pairs().join(Pairs(self.least[out], self.nearest[out], out))
        if n_extra > len(pairs.values):
            return self.members(covered, pairs), Thresholds(cover_threshold, np.inf), False
        pairs, key = pairs.smallest(n_extra)
        thresholds = Thresholds(cover_threshold, key[0])
        return self.members(covered, pairs), thresholds, self._has_all(key)

    def _has_all(self, key: tuple[float, int, int]) -> bool:
        """Whether no pair that a chunk has kept back comes before a pair."""
        for start, part in zip(self.starts, self.further, strict=False):
            if not part.complete:
                last = Pairs(part.values, part.clusters, start + part.rows)
                if last.smallest(len(part.values))[1] < key:
                    return False
        return True


class RowAssigner:
    """Assigns the rows of a matrix in chunks, and learns from step to step what to ask for.

    Parameters
    ----------
    data : Data
        The matrix.
    thresholds : Thresholds
        Where the thresholds of the first step are expected.
    """

    def __init__(self, data: Data, thresholds: Thresholds = ADMITS_NEAREST) -> None:
        self.data = data
        self.thresholds = thresholds
        self._more = 1.0

    def assign(self, model: RowModel, counts: Counts, weights: np.ndarray | None = None) -> RowStep:
        """Return the cheapest assignment of the rows, as it is in memory.

        Parameters
        ----------
        model : RowModel
            What rows cost.
        counts : Counts
            Constraints.
        weights : ndarray of shape (n_rows,), dtype int32, or None
            How many clusters each row is in at present, where `levels` are wanted.
        """
        certain = False
        while not certain:
            used = self._usable(counts)
            answers, largest, levels, totals = self._read(model, counts, used, weights)
            memberships, thresholds, certain = answers.by_ranks(counts)
            self._learn(thresholds)
        summed = answers.by_thresholds(used) if _chooses(counts) else memberships
        if not memberships.any(axis=0).all():
            memberships = self._refill(model, memberships.copy())
        if not np.array_equal(memberships, summed):
            changes = sp.csr_array(memberships.view(np.int8) - summed.view(np.int8))
            totals = self._correct(model, totals, changes, *answers.edge_rows())
        return RowStep(memberships, totals, thresholds, largest, levels)

    def sum_members(self, model: RowModel, memberships: np.ndarray) -> Product:
        """Return what columns need of rows with these memberships, in one read."""
        return self._sum_changes(model, sp.csr_array(memberships.astype(np.int8)))

    def _usable(self, counts: Counts) -> Thresholds:
        """Return thresholds for constraints: infinite where nothing is to be chosen."""
        return Thresholds(
            np.inf if counts.n_covered == counts.n else self.thresholds.cover,
            self.thresholds.extra if counts.n_assignments > counts.n_covered else -np.inf,
        )

    def _learn(self, thresholds: Thresholds) -> None:
        if thresholds.extra == np.inf:
            self._more *= 2
            return
        self.thresholds = thresholds

    def _read(
        self, model: RowModel, counts: Counts, used: Thresholds, weights: np.ndarray | None
    ) -> tuple[Answers, float, float, Product]:
        share = self._more * (counts.n_assignments - counts.n_covered) / counts.n
        params: dict[str, Any] = {"outliers": counts.n_covered < counts.n, "share": share}
        params["n_edge"] = self._count_edge(counts, used)
        params |= {"shift": self.data.shift, "model": model, "thresholds": used}
        primitive = ASSIGN_ROWS
        if weights is not None:
            primitive, params["weights"] = ASSIGN_WEIGHTED_ROWS, weights
        X = self.data.X
        nearest, least, further, edge, largest, levels, *totals = self.data.engine.run(
            primitive, X, **params
        )
        # A journal gives plain tuples back.
        further = [Further(*part) for part in further]
        answers = Answers(nearest, least, further, X.starts, counts.n_clusters, edge)
        return answers, float(largest), float(levels), as_product(totals)

    def _refill(self, model: RowModel, memberships: np.ndarray) -> np.ndarray:
        parts, total = self.data.engine.run(
            FIND_GAINS, self.data.X, shift=self.data.shift, model=model, memberships=memberships
        )
        rows = [start + part[2] for start, part in zip(self.data.X.starts, parts, strict=False)]
        columns = [part[0] for part in parts], [part[1] for part in parts], rows
        gains, clusters, points = map(np.concatenate, columns)
        order = np.lexsort((points, clusters, -gains))
        return move_members(memberships, gains[order], clusters[order], points[order], float(total))

    def _count_edge(self, counts: Counts, used: Thresholds) -> int:
        """Return how many rows near the thresholds each chunk is to send."""
        n_chunks, n_edge = len(self.data.X.heights), EDGE_ROWS * counts.n_clusters
        known = np.isfinite(used.cover) or np.isfinite(used.extra)
        return -(-n_edge // n_chunks) if known and n_chunks <= n_edge else 0

    def _correct(
        self, model: RowModel, totals: Product, changes: Any, edge: np.ndarray, entries: Any
    ) -> Product:
        """Add what changes, by entries at hand and by a read of chunks where others change."""
        known = np.zeros(changes.shape[0], bool)
        known[edge] = True
        known &= np.diff(changes.indptr) > 0
        if known.any():
            at_hand = entries[known[edge]]
            parts = SUM_CHANGES.reference(at_hand, self.data.shift, model, changes[known])
            totals = totals.plus(as_product(parts))
        others = changes.multiply(~known[:, None]).tocsr()
        others.eliminate_zeros()
        return totals.plus(self._sum_changes(model, others)) if others.nnz else totals

    def _sum_changes(self, model: RowModel, changes: Any) -> Product:
        params = {"shift": self.data.shift, "model": model, "changes": changes}
        return as_product(self.data.engine.run(SUM_CHANGES, self.data.X, **params))


def as_product(totals: Any) -> Product:
    """Return sums as columns take them."""
    sums, squares, cross, energies = totals
    if np.ndim(cross) == 0:
        return Product(sums, squares)
    return Product(sums, squares, cross, energies)


def _chooses(counts: Counts) -> bool:
    """Whether memberships depend on ranks; else each row is in its nearest cluster alone."""
    return counts.n_covered < counts.n or counts.n_assignments > counts.n
