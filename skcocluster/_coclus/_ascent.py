"""Alternating maximisation of modularity: rows for given columns, columns for given rows."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ._graph import Graph

# A relabelled row is read once but written twice, and only sums made afresh have no rounding.
MAX_MOVED = 0.3
# On a plateau, labels can only fall, ties going to the lowest: it ends. Rounding knows no such
# rule.
MAX_PLATEAU = 10


@dataclass
class Ascent:
    """Labels of both sides and the steps that raise their modularity.

    Attributes
    ----------
    graph : Graph
        The matrix.
    n_clusters : int
        Number of co-clusters.
    column_labels : ndarray of shape (n_columns,), dtype int32
        Column labels.
    row_labels : ndarray of shape (n_rows,), dtype int32
        Row labels; all -1 before the first step.
    value : float
        Modularity of the labels; minus infinity before the first step.
    trace : list of float
        Modularity after each iteration.
    """

    graph: Graph
    n_clusters: int
    column_labels: np.ndarray
    row_labels: np.ndarray = field(init=False)
    value: float = field(init=False, default=-np.inf)
    trace: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.row_labels = np.full(self.graph.X.shape[0], -1, np.int32)
        self.column_sums: np.ndarray | None = None
        self._has_moved = False
        self._moved_share = 1.0
        self._rows_of_columns: np.ndarray | None = None
        self._row_entries = self.graph.row_entries()

    def step_rows(self) -> bool:
        """Relabel the rows; return whether a label changed."""
        if self.graph.is_chunked:
            return self._sweep_rows()
        labels, self.value = self.graph.label_rows(self.column_labels, self.n_clusters)
        return self.set_rows(labels)

    def _sweep_rows(self) -> bool:
        """Relabel the rows and bring the column sums up to date in the same read."""
        old = self.row_labels
        fresh = self.column_sums is None or self._moved_share > MAX_MOVED
        before = np.full_like(old, -1) if fresh else old
        labels, self.value, moved = self.graph.sweep_rows(
            self.column_labels, before, self.n_clusters
        )
        self._moved_share = self._share(labels != old)
        if self._moved_share > 0:
            self.row_labels = labels
        if fresh:
            self.column_sums, self._has_moved = moved, False
        elif self._moved_share > 0:
            self.column_sums = self.column_sums + moved
            self._has_moved = not self.graph.whole
        return self._moved_share > 0

    def _share(self, changed: np.ndarray) -> float:
        """Return the share of the entries that are in changed rows."""
        if not changed.any():
            return 0.0
        # A row without entries has changed all the same.
        share = self._row_entries[changed].sum() / max(1, self._row_entries.sum())
        return max(float(share), np.finfo(float).tiny)

    def set_rows(self, labels: np.ndarray) -> bool:
        """Replace the row labels and bring the column sums up to date."""
        old = self.row_labels
        changed = labels != old
        if not changed.any():
            return False
        self.row_labels = labels
        self._moved_share = self._share(changed)
        if self.column_sums is None or self._moved_share > MAX_MOVED:
            self.refresh()
        else:
            moved = self.graph.moved_column_sums(old, labels, self.n_clusters)
            # Sums are replaced, never changed in place: who has kept them can go back.
            self.column_sums = np.add(self.column_sums, moved, out=moved)
            self._has_moved = not self.graph.whole
        return True

    def refresh(self) -> None:
        """Sum the columns afresh."""
        self.column_sums = None
        self.column_sums = self.graph.column_sums(self.row_labels, self.n_clusters)
        self._has_moved = False

    def step_columns(self) -> bool:
        """Relabel the columns; return whether a label changed."""
        assert self.column_sums is not None
        labels, self.value = self.graph.label_columns(self.column_sums, self.row_labels)
        self._rows_of_columns = self.row_labels
        changed = not np.array_equal(labels, self.column_labels)
        self.column_labels = labels
        return changed

    def iterate(self) -> bool:
        """Relabel rows, then columns; return whether a label changed."""
        changed = self.step_rows()
        if not changed and self._has_moved:
            self.refresh()
            self._rows_of_columns = None
        if self._rows_of_columns is self.row_labels:
            return False
        return self.step_columns() or changed

    def run(self, max_iter: int, tol: float, on_iteration: Callable[[float], bool]) -> bool:
        """Iterate to a fixed point, or until the gain is at most `tol` of the modularity.

        Parameters
        ----------
        max_iter : int
            Iterations at the most.
        tol : float
            Relative to the modularity; 0 goes on to a fixed point.
        on_iteration : callable
            Told the modularity after each iteration; stops the run by returning True.

        Returns
        -------
        converged : bool
            Whether it stopped for lack of gain.
        """
        best, plateau = self.value, 0
        for _ in range(max_iter):
            changed = self.iterate()
            self.trace.append(self.value)
            stop = on_iteration(self.value)
            gain = self.value - best
            plateau = 0 if gain > 0 else plateau + 1
            best = max(best, self.value)
            if not changed or plateau > MAX_PLATEAU or (tol > 0 and gain <= tol * abs(best)):
                return True
            if stop:
                return False
        return False

    def block_sums(self) -> np.ndarray:
        """Return the sums of all blocks, of shape (n_clusters, n_clusters)."""
        assert self.column_sums is not None
        return np.stack(
            [np.bincount(self.column_labels, line, self.n_clusters) for line in self.column_sums]
        )
