"""NEO-CC and NEO-K-Means on a matrix in chunks: one read of X for each iteration.

At hand are the memberships of both sides and sums over the clusters of rows, as many as columns
times clusters; costs and means of rows never are. The column step and the objective M follow from
that. J_RCM needs the means of rows over the present column clusters too, which the read of the next
row step sums.
"""

from abc import abstractmethod
from typing import Any

import numpy as np
import scipy.sparse as sp

from .._kernels.primitive import Primitive
from ._alternation import Memberships
from ._chunk_work import CLOSEST, PROFILES, SUM_CHANGES
from ._counts import Counts
from ._data import Data, Side, cluster_sizes, invert
from ._descent import Descent
from ._fitted import Finished, FittedSide, Thresholds, find_thresholds, finish
from ._refill import refill
from ._row_costs import OneWayRows, RowModel, TwoWayRows
from ._row_step import RowAssigner, RowStep, as_product
from ._side import Product, SideModel, block_means, fill_empty

# Means of rows that a fitted model holds at the most; under RCM new columns are labelled by them.
MAX_PROFILES = 1 << 25


class ChunkedDescent(Descent):
    """What both algorithms share: memberships of rows, sums over them, and the next row step.

    Parameters
    ----------
    data : Data
        The matrix, in chunks.
    counts : object
        The constraints.
    rows : ndarray of shape (n_rows, n_clusters), dtype bool
        Memberships of the rows.
    totals : Product
        What columns need of them.
    assigner : RowAssigner
        What has made them.
    """

    def __init__(
        self, data: Data, counts: Any, rows: np.ndarray, totals: Product, assigner: RowAssigner
    ) -> None:
        super().__init__(counts)
        self.data = data
        self.rows = rows
        self.totals = totals
        self.assigner = assigner
        # Of the present state, under these constraints.
        self._next: tuple[Counts, RowStep] | None = None

    @property
    @abstractmethod
    def row_counts(self) -> Counts:
        """The constraints of the rows."""

    @abstractmethod
    def row_model(self) -> RowModel:
        """Return what rows cost in the present state."""

    def row_weights(self) -> np.ndarray | None:
        """Return how many clusters each row is in, None where no objective asks for it."""
        return None

    def next_step(self) -> RowStep:
        """Return the row step of the present state, which is one read."""
        if self._next is None or self._next[0] != self.row_counts:
            step = self.assigner.assign(self.row_model(), self.row_counts, self.row_weights())
            self._next = self.row_counts, step
        return self._next[1]

    def step_rows(self) -> bool:
        """Assign the rows anew; return whether a membership changed."""
        step = self.next_step()
        changed = not np.array_equal(step.memberships, self.rows)
        self.rows, self.totals = step.memberships, step.totals
        return changed

    def row_sizes(self) -> np.ndarray:
        """Return the sizes of the clusters of rows."""
        return cluster_sizes(self.rows)

    def row_thresholds(self) -> Thresholds:
        """Return what the fit admits."""
        step = self.next_step()
        found = step.thresholds
        return find_thresholds(found.cover, found.extra, self.row_counts, step.largest)

    def final_calls(self) -> dict[Primitive, dict[str, Any]]:
        """Return what the end of a fit asks of X: the closest of several clusters, if any."""
        several = self.rows.sum(axis=1).max() > 1
        return {CLOSEST: {"memberships": self.rows}} if several else {}

    def ask(self, calls: dict[Primitive, dict[str, Any]]) -> dict[Primitive, tuple]:
        """Return the outputs of each call, all of them from one read."""
        model = {"shift": self.data.shift, "model": self.row_model()}
        wanted = [(primitive, model | params) for primitive, params in calls.items()]
        answers = self.data.engine.run_all(self.data.X, wanted) if calls else []
        return dict(zip(calls, answers, strict=True))

    def row_labels(self, found: dict[Primitive, tuple]) -> np.ndarray:
        """Return the closest cluster of each row, -1 for outliers."""
        if CLOSEST in found:
            return found[CLOSEST][0]
        labels = np.where(self.rows.any(axis=1), self.rows.argmax(axis=1), -1)
        return labels.astype(np.int32)

    def snapshot(self) -> Any:
        """Return the state, with the row step that an iteration is to begin with."""
        self.next_step()
        return self.rows, self.totals, self._next

    def restore(self, state: Any) -> None:
        """Go back to a state."""
        self.rows, self.totals, self._next = state


class ChunkedOneWay(ChunkedDescent):
    """NEO-K-Means of the rows of a matrix in chunks."""

    @property
    def row_counts(self) -> Counts:
        """The constraints."""
        return self.counts

    @property
    def memberships(self) -> np.ndarray:
        """Memberships of the rows."""
        return self.rows

    def centres(self) -> np.ndarray:
        """Return the means of the clusters, of shape (n_columns, n_clusters)."""
        sizes = self.row_sizes()
        return fill_empty((self.totals.sums * invert(sizes)).T, sizes).T

    def row_model(self) -> RowModel:
        """Return the model of the rows."""
        return OneWayRows(self.centres())

    def iterate(self) -> bool:
        """Assign the rows anew; return whether a membership changed."""
        changed = self.step_rows()
        if changed:
            self._next = None
        return changed

    def measure(self) -> tuple[float, float]:
        """Return the objective, and the squares of all clusters about zero."""
        energy = float(self.totals.squares.sum())
        explained = float((self.totals.sums**2).sum(axis=0) @ invert(self.row_sizes()))
        return max(energy - explained, 0.0), energy

    def finish(self) -> Finished:
        """Return centres, thresholds and closest labels."""
        thresholds = self.row_thresholds()
        labels = self.row_labels(self.ask(self.final_calls()))
        return Finished(self.centres(), thresholds, labels)


class ChunkedAlternation(ChunkedDescent):
    """NEO-CC on a matrix in chunks.

    Parameters
    ----------
    data, counts, totals, assigner
        As in `ChunkedDescent`.
    objective : {"M", "RCM"}
        The objective.
    memberships : dict
        Memberships by side, of shape (n, n_clusters), dtype bool.
    """

    def __init__(
        self,
        data: Data,
        counts: dict[Side, Counts],
        objective: str,
        memberships: Memberships,
        totals: Product,
        assigner: RowAssigner,
    ) -> None:
        super().__init__(data, counts, memberships["rows"], totals, assigner)
        self.objective = objective
        self.columns = memberships["columns"]

    @property
    def row_counts(self) -> Counts:
        """The constraints of the rows."""
        return self.counts["rows"]

    @property
    def memberships(self) -> Memberships:
        """Memberships by side."""
        return {"rows": self.rows, "columns": self.columns}

    def column_sizes(self) -> np.ndarray:
        """Return the sizes of the clusters of columns."""
        return cluster_sizes(self.columns)

    def blocks(self) -> np.ndarray:
        """Return block sums, of shape (n_column_clusters, n_row_clusters)."""
        return self.data.blocks(self.totals.sums, self.columns)[0]

    def means(self, side: Side) -> np.ndarray:
        """Return block means with the clusters of a side first."""
        blocks, sizes, others = self.blocks(), self.column_sizes(), self.row_sizes()
        if side == "rows":
            blocks, sizes, others = np.ascontiguousarray(blocks.T), others, sizes
        means = block_means(blocks, sizes, others)
        return fill_empty(means, sizes) if self.objective == "M" else means

    def row_model(self) -> TwoWayRows:
        """Return the model of the rows."""
        profiles = None
        if self.objective == "RCM":
            profiles = self.totals.sums * invert(self.row_sizes())
        sizes, means = self.column_sizes(), self.means("rows")
        return TwoWayRows(SideModel("rows", self.columns, profiles, sizes, means))

    def row_weights(self) -> np.ndarray | None:
        """Return how many clusters each row is in, for the objective RCM."""
        return self.rows.sum(axis=1, dtype=np.int32) if self.objective == "RCM" else None

    def column_model(self, profiles: np.ndarray | None = None) -> SideModel:
        """Return the model of the columns; distances need no profiles where there are totals."""
        return SideModel("columns", self.rows, profiles, self.row_sizes(), self.means("columns"))

    def step_columns(self) -> bool:
        """Assign the columns anew; return whether a membership changed."""
        model, counts = self.column_model(), self.counts["columns"]
        distances = model.distances(self.data, self.totals)
        memberships = self.data.assign(distances, counts).memberships
        memberships = refill(memberships, distances, model.alone(self.totals))
        changed = not np.array_equal(memberships, self.columns)
        self.columns = memberships
        return changed

    def iterate(self) -> bool:
        """Assign rows, then columns; return whether a membership changed."""
        changed = self.step_rows()
        changed = self.step_columns() or changed
        if changed:
            self._next = None
        return changed

    def measure(self) -> tuple[float, float]:
        """Return the objective, and the squares of all blocks about zero."""
        row_weights, column_weights = invert(self.row_sizes()), invert(self.column_sizes())
        n_column_clusters = self.columns.sum(axis=1, dtype=np.float64)
        energy = float(n_column_clusters @ self.totals.squares)
        explained = float(column_weights @ self.blocks() ** 2 @ row_weights)
        if self.objective == "M":
            return max(energy - explained, 0.0), energy
        columns = float(n_column_clusters @ self.totals.sums**2 @ row_weights)
        return max(energy - self.next_step().levels - columns + explained, 0.0), energy

    def finish(self) -> dict[Side, Finished]:
        """Return models, thresholds and closest labels by side."""
        thresholds, step, calls = self.row_thresholds(), self.next_step(), self.final_calls()
        if self.objective == "RCM":
            # The sums at hand are from before the last column step.
            if np.array_equal(step.memberships, self.rows):
                self.totals = step.totals
            else:
                calls[SUM_CHANGES] = {"changes": sp.csr_array(self.rows.view(np.int8))}
            if len(self.rows) * self.columns.shape[1] <= MAX_PROFILES:
                calls[PROFILES] = {}
        found = self.ask(calls)
        totals = as_product(found[SUM_CHANGES]) if SUM_CHANGES in found else self.totals
        model = self.column_model(*found.get(PROFILES, ()))
        distances = model.distances(self.data, totals)
        return {
            "rows": Finished(self.row_model().model, thresholds, self.row_labels(found)),
            "columns": finish(self.data, model, self.columns, distances, self.counts["columns"]),
        }

    def snapshot(self) -> Any:
        """Return the state, with the row step that an iteration is to begin with."""
        return super().snapshot(), self.columns

    def restore(self, state: Any) -> None:
        """Go back to a state."""
        super().restore(state[0])
        self.columns = state[1]


def check_means_of_rows(sides: dict[Side, FittedSide]) -> None:
    """Raise ValueError when a fit has not kept what new columns are compared by."""
    rows, columns = sides["rows"].model, sides["columns"].model
    if rows.profiles is not None and columns.profiles is None:
        raise ValueError(
            "objective='RCM' compares new columns by the means of all rows over the column "
            f"clusters, and a fit of a dask array keeps at most {MAX_PROFILES} of them; there are "
            f"{len(columns.others)} rows. Fit a sample of the rows, and pass these rows of the "
            "new columns."
        )
