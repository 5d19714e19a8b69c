"""Alternating minimisation over row and column labels, and its simultaneous variant."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .block_model import BlockModel, SideModel
from .block_sums import BlockSums, Side

# A column step costs no read of X, so it is repeated while it pays, up to this often.
AUTO_COLUMN_STEPS = 3


@dataclass(frozen=True)
class GainAlone:
    """What a row (column) gains from a cluster of its own, from its profile and its label.

    Attributes
    ----------
    model : SideModel
        The model seen from this side.
    offset, slope : ndarray
        Costs in the clusters that there are.
    other_sizes : ndarray or None
        Sizes of the clusters of the other side; None when profiles have counts.
    """

    model: SideModel
    offset: np.ndarray
    slope: np.ndarray
    other_sizes: np.ndarray | None

    def __call__(self, channels: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Return the gains, of shape (n,); minus infinity for label -1."""
        inside = np.maximum(labels, 0)
        cost = self.offset[inside] - np.einsum("ic,ic->i", channels, self.slope[inside])
        sums, weights = split_channels(channels, self.other_sizes)
        return np.where(labels >= 0, cost + self.model.explained(sums, weights), -np.inf)


def split_channels(
    channels: np.ndarray, other_sizes: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return sums and weights; without counts, the weights are the sizes of the other side."""
    if other_sizes is None:
        half = channels.shape[1] // 2
        return channels[:, :half], channels[:, half:]
    return channels, np.broadcast_to(other_sizes, channels.shape)


@dataclass
class Alternation:
    """The state of a block co-clustering and the steps that lower its objective.

    Attributes
    ----------
    sums : BlockSums
        Labels and sums.
    model : BlockModel
        Divergence and basis.
    column_steps : int
        Column steps for each row step.
    trace : list of float
        Explained divergence after each iteration.
    """

    sums: BlockSums
    model: BlockModel
    column_steps: int = 1
    trace: list[float] = field(default_factory=list)
    _rows: SideModel | None = field(default=None, init=False, repr=False)

    def _row_model(self) -> SideModel:
        # Arrays of block sums are replaced, never changed: the model of one is kept.
        blocks, weights = self.sums.blocks()
        if self._rows is None or self._rows.blocks is not blocks:
            self._rows = self.model.rows(blocks, weights)
        return self._rows

    def side_model(self, side: Side) -> tuple[SideModel, np.ndarray, np.ndarray]:
        """Return the model seen from one side, and its profiles of clusters with weights."""
        model = self._row_model() if side == "rows" else self._row_model().transposed()
        return model, model.blocks, model.weights

    def explained(self) -> float:
        """Return the explained divergence of the current labels."""
        return self._row_model().total_explained

    def linear_terms(self, side: Side) -> tuple[np.ndarray, np.ndarray]:
        """Return the costs of one side as (offset, slope)."""
        model, blocks, weights = self.side_model(side)
        other: Side = "columns" if side == "rows" else "rows"
        sizes = None if self.sums.missing else self.sums.sizes(other)
        return model.linear_terms(blocks, weights, sizes)

    def step(self, side: Side) -> bool:
        """Relabel one side from averages of the current labels; return whether labels changed."""
        changed = self.sums.relabel(side, *self.linear_terms(side))
        return self.refill(side) or changed

    def iterate(self) -> bool:
        """Do a row step and the column steps; return whether labels changed."""
        changed = self.step("rows")
        for _ in range(self.column_steps):
            if not self.step("columns"):
                break
            changed = True
        return changed

    def iterate_simultaneously(self) -> bool:
        """Relabel both sides from the same averages."""
        rows = self.sums.best_labels("rows", *self.linear_terms("rows"))
        columns = self.sums.best_labels("columns", *self.linear_terms("columns"))
        changed = self.sums.set_labels("rows", rows)
        return self.sums.set_labels("columns", columns) or changed

    def refill(self, side: Side) -> bool:
        """Move the worst-fitting row (column) into each empty cluster, if that explains more.

        A cluster that a step has emptied would stay empty for ever, and a row on its own is
        never explained worse than in company, so the objective cannot rise.
        """
        empty = np.flatnonzero(self.sums.sizes(side) == 0)
        changed = False
        for label in empty:
            if not self._refill_one(side, int(label)):
                break
            changed = True
        return changed

    def _refill_one(self, side: Side, label: int) -> bool:
        gain, worst = self.single_gains(side)
        if worst < 0 or gain <= 1e-12 * abs(self.explained()):
            return False
        return self.sums.move_one(side, worst, label)

    def single_gains(self, side: Side) -> tuple[float, int]:
        """Return what is gained by the row (column) that gains most from a cluster of its own."""
        model, _, _ = self.side_model(side)
        offset, slope = self.linear_terms(side)
        other: Side = "columns" if side == "rows" else "rows"
        sizes = None if self.sums.missing else self.sums.sizes(other)
        gain, worst = self.sums.find_largest(side, GainAlone(model, offset, slope, sizes))
        return gain, worst if np.isfinite(gain) else -1

    def profiles(self, side: Side) -> tuple[np.ndarray, np.ndarray]:
        """Return the sums of each row (column) over the other side's clusters, and the weights."""
        other: Side = "columns" if side == "rows" else "rows"
        sizes = None if self.sums.missing else self.sums.sizes(other)
        return split_channels(self.sums.profiles(side), sizes)

    def run(self, max_iter: int, tol: float, on_iteration: Callable[[float], bool]) -> bool:
        """Iterate until the gain is at most `tol` of the explained divergence.

        An iteration that does not gain is taken back, so the trace never falls.

        Parameters
        ----------
        max_iter : int
            Iterations at the most.
        tol : float
            Relative to the explained divergence; 0 goes on to a fixed point.
        on_iteration : callable
            Told the explained divergence after each iteration; stops the run by returning True.

        Returns
        -------
        converged : bool
            Whether it stopped for lack of gain.
        """
        best = self.explained()
        for _ in range(max_iter):
            before = self.sums.snapshot()
            changed = self.iterate()
            now = self.explained()
            if changed and not now > best:
                self.sums.restore(before)
                now = best
            self.trace.append(now)
            stop = on_iteration(now)
            if not changed or now - best <= tol * abs(now):
                return True
            if stop:
                return False
            best = now
        return False
