"""The sums of X over row and column clusters, kept up to date as labels change.

Every read of X by a block method goes through here. A change of labels moves only the rows and
columns that it concerns, and falls back to a full read when that is cheaper.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import is_
from typing import Any, Literal

import numpy as np

from .._kernels.blocks import COLUMN_SUMS, LABELS, MOVED_COLUMNS, MOVED_ROWS, ROW_SUMS, SWEEP
from .._kernels.engines.protocol import Engine
from .._kernels.primitive import Primitive
from .block_model import safe_divide

Side = Literal["rows", "columns"]

# A relabelled row is read once but written twice; beyond this share a fresh sum is cheaper.
MAX_MOVED_ROWS = 0.5
# One entry of a C-ordered row costs a whole cache line (8 doubles).
MAX_MOVED_COLUMNS = 1 / 16

# Relative rounding that sums may gather from moves; a block of zeros must stay exactly zero,
# for its divergence from any other value may be infinite.
DRIFT = 1e-14


@dataclass(frozen=True)
class Snapshot:
    """Labels and sums at one moment."""

    labels: dict[Side, np.ndarray]
    row_sums: np.ndarray | None
    row_sums_labels: np.ndarray | None
    column_sums: np.ndarray


class BlockSums:
    """Labels of both sides and the sums that belong to them.

    Parameters
    ----------
    engine : Engine
        Where X lives.
    X : array of the engine
        As returned by ``engine.prepare``.
    n_clusters : dict
        Number of clusters by side.
    labels : dict
        int32 labels by side; -1 is "in no cluster".
    missing : bool
        Whether NaN marks missing entries.
    moves : bool, default=True
        Whether sums may be changed by adding and taking off. False always sums afresh, which
        keeps the digits of small blocks beside large ones.
    terms : tuple (offset, slope), default=None
        Costs from which the rows take their first labels, in the read that sums them; row labels
        are then all -1.
    """

    def __init__(
        self,
        engine: Engine,
        X: Any,
        n_clusters: dict[Side, int],
        labels: dict[Side, np.ndarray],
        missing: bool,
        moves: bool = True,
        terms: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        self.moves = moves
        self.engine = engine
        self.X = X
        self.n_clusters = n_clusters
        self.missing = missing
        self.labels = {side: np.array(labels[side], dtype=np.int32) for side in labels}
        self._row_sums: np.ndarray | None = None
        self._row_sums_labels: np.ndarray | None = None
        self._blocks: tuple | None = None
        self._sizes: dict[Side, tuple] = {}
        self._moved_share = 1.0
        self._drifted = False
        if terms is None:
            self._column_sums = self._sum_columns(self.labels["rows"])
            if missing:
                self._drop_unobserved()
        else:
            self._column_sums = np.empty((0, 0))  # the sweep sums afresh
            self._sweep(*terms)

    def _drop_unobserved(self) -> None:
        """Give label -1 to rows and columns without any observed entry."""
        half = self.n_clusters["rows"]
        observed = self._column_sums[half:].sum(axis=0) > 0
        self.labels["columns"][~observed] = -1
        counts = self.row_sums()[:, self.n_clusters["columns"] :]
        self.labels["rows"][counts.sum(axis=1) == 0] = -1

    # -- sums ---------------------------------------------------------------------------------

    def _sum_columns(self, row_labels: np.ndarray) -> np.ndarray:
        n_labels = self.n_clusters["rows"]
        return self.engine.run(
            COLUMN_SUMS,
            self.X,
            row_labels=row_labels,
            n_row_clusters=n_labels,
            missing=self.missing,
        )[0]

    def row_sums(self) -> np.ndarray:
        """Return XC (n_rows, n_channels) for the current column labels."""
        labels = self.labels["columns"]
        changed = self._changed_columns()
        shared = {"n_column_clusters": self.n_clusters["columns"], "missing": self.missing}
        if self._row_sums is None or not self._can_move(len(changed)):
            sums = self.engine.run(ROW_SUMS, self.X, column_labels=labels, **shared)[0]
        elif len(changed):
            old = self._row_sums_labels[changed]  # type: ignore[index]
            new = labels[changed]
            change = {"columns": changed, "old_labels": old, "new_labels": new}
            sums = self.engine.run(
                MOVED_COLUMNS, self.X, row_sums=self._row_sums, **change, **shared
            )[0]
        else:
            return self._row_sums
        self._row_sums, self._row_sums_labels = sums, labels
        return sums

    def _changed_columns(self) -> np.ndarray:
        if self._row_sums_labels is None:
            return np.arange(self.X.shape[1])
        return np.flatnonzero(self._row_sums_labels != self.labels["columns"])

    def _can_move(self, n_changed: int) -> bool:
        # CSR has no cheap access to single columns: any change is a full read of the non-zeros.
        share = MAX_MOVED_COLUMNS if isinstance(self.X, np.ndarray) and self.moves else 0.0
        return n_changed <= share * self.X.shape[1]

    def profiles(self, side: Side) -> np.ndarray:
        """Return the sums of each row or column over the other side's clusters, with counts."""
        if side == "rows":
            return self.row_sums()
        return np.ascontiguousarray(self._column_sums.T)

    def of_profiles(
        self, side: Side, function: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Return ``function(profiles, labels)``, one number for each row or column."""
        return function(self.profiles(side), self.labels[side])

    def find_largest(
        self, side: Side, function: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> tuple[float, int]:
        """Return the largest of ``function(profiles, labels)``, and its row or column.

        Rows that are alone in their cluster do not count.
        """
        values = self.of_profiles(side, function)
        # The last member of a cluster would only empty another one.
        values[self.sizes(side)[np.maximum(self.labels[side], 0)] <= 1] = -np.inf
        largest = int(values.argmax())
        return float(values[largest]), largest

    def blocks(self) -> tuple[np.ndarray, np.ndarray]:
        """Return sums and weights of blocks, of shape (n_row_clusters, n_column_clusters)."""
        # Arrays of labels and sums are replaced, never changed: identity tells whether they moved.
        key = (self._column_sums, self.labels["columns"], self.labels["rows"])
        if self._blocks is None or not all(map(is_, key, self._blocks[0])):
            self._blocks = (key, self._sum_blocks())
        return self._blocks[1]

    def _sum_blocks(self) -> tuple[np.ndarray, np.ndarray]:
        n_rows, n_columns = self.n_clusters["rows"], self.n_clusters["columns"]
        sums = self.engine.run(
            ROW_SUMS,
            self._column_sums,
            column_labels=self.labels["columns"],
            n_column_clusters=n_columns,
            missing=False,
        )[0]
        if self._drifted:
            sums[np.abs(sums) <= DRIFT * np.abs(sums).max()] = 0.0
        if self.missing:
            return sums[:n_rows], sums[n_rows:]
        return sums, np.outer(self.sizes("rows"), self.sizes("columns"))

    def sizes(self, side: Side) -> np.ndarray:
        """Return the number of rows or columns in each cluster, as float64."""
        labels = self.labels[side]
        if self._sizes.get(side, (None,))[0] is not labels:
            inside = labels[labels >= 0] if self.missing else labels
            sizes = np.bincount(inside, minlength=self.n_clusters[side]).astype(float)
            self._sizes[side] = (labels, sizes)
        return self._sizes[side][1]

    def column_means(self) -> np.ndarray:
        """Return the mean of the observed entries of each column, 0 where there is none."""
        n = self.n_clusters["rows"]
        counts = self._column_sums[n:].sum(axis=0) if self.missing else self.X.shape[0]
        return safe_divide(self._column_sums[:n].sum(axis=0), counts, 0.0)

    # -- labels -------------------------------------------------------------------------------

    def best_labels(self, side: Side, offset: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """Return the labels of least cost of one side; nothing changes."""
        profiles = self.profiles(side)
        return self.engine.run(LABELS, profiles, offset=offset, slope=slope, missing=self.missing)[
            0
        ]

    def relabel(self, side: Side, offset: np.ndarray, slope: np.ndarray) -> bool:
        """Give one side its labels of least cost; return whether any label changed."""
        if side == "columns" or self._can_move(len(self._changed_columns())):
            return self.set_labels(side, self.best_labels(side, offset, slope))
        return self._sweep(offset, slope)

    def _sweep(self, offset: np.ndarray, slope: np.ndarray) -> bool:
        """Relabel the rows and bring their sums up to date, in one read of X."""
        old = self.labels["rows"]
        fresh = self._sums_afresh()
        new, moved = self._read(old if not fresh else np.full_like(old, -1), offset, slope)
        self._column_sums = moved if fresh else self._column_sums + moved
        self._drifted = not fresh
        self._moved_share = float(np.mean(new != old))
        self.labels["rows"] = new
        return self._moved_share > 0

    def _sums_afresh(self) -> bool:
        return self._moved_share > MAX_MOVED_ROWS or not self.moves

    def _read(
        self, old: np.ndarray, offset: np.ndarray, slope: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return row labels of least cost, and what they change in the sums of columns."""
        new, row_sums, moved = self._run_sweep(SWEEP, old, offset, slope)
        self._row_sums, self._row_sums_labels = row_sums, self.labels["columns"]
        return new, moved

    def _run_sweep(
        self, sweep: Primitive, old: np.ndarray, offset: np.ndarray, slope: np.ndarray
    ) -> tuple:
        return self.engine.run(
            sweep,
            self.X,
            row_labels=old,
            column_labels=self.labels["columns"],
            offset=offset,
            slope=slope,
            missing=self.missing,
        )

    def set_labels(self, side: Side, new: np.ndarray) -> bool:
        """Replace the labels of one side; return whether any label changed."""
        old = self.labels[side]
        n_changed = int(np.count_nonzero(new != old))
        self.labels[side] = new
        if side == "columns" or n_changed == 0:
            return n_changed > 0
        self._moved_share = n_changed / len(old)
        if self._sums_afresh():
            self._column_sums = self._sum_columns(new)
            self._drifted = False
        else:
            self._drifted = True
            moved = self.engine.run(
                MOVED_ROWS,
                self.X,
                old_labels=old,
                new_labels=new,
                n_row_clusters=self.n_clusters["rows"],
                missing=self.missing,
            )[0]
            self._column_sums = self._column_sums + moved
        return True

    def move_one(self, side: Side, index: int, label: int) -> bool:
        """Move one row or column to another cluster; return whether that is a change."""
        labels = self.labels[side].copy()
        labels[index] = label
        return self.set_labels(side, labels)

    # -- going back ---------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return the current state; arrays are never changed in place, so nothing is copied."""
        return Snapshot(dict(self.labels), self._row_sums, self._row_sums_labels, self._column_sums)

    def restore(self, state: Snapshot) -> None:
        """Go back to an earlier state."""
        self.labels = dict(state.labels)
        self._row_sums, self._row_sums_labels = state.row_sums, state.row_sums_labels
        self._column_sums = state.column_sums

    def refresh(self) -> None:
        """Sum afresh, to shed the rounding that moves leave behind."""
        self._row_sums = self._row_sums_labels = None
        self._drifted = False
        self._column_sums = self._sum_columns(self.labels["rows"])
