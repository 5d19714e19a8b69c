"""NEO-CC: rows for given columns, columns for given rows, each half with one read of X."""

from dataclasses import replace
from typing import Any

import numpy as np

from ._counts import Counts
from ._data import OTHER, Data, Side, cluster_sizes, invert
from ._descent import Descent
from ._fitted import Finished, finish
from ._refill import refill
from ._side import Product, SideModel, block_means, fill_empty

Memberships = dict[Side, np.ndarray]


class Alternation(Descent):
    """Memberships of both sides and the steps that lower their objective.

    Parameters
    ----------
    data : Data
        The matrix.
    counts : dict
        Constraints by side.
    objective : {"M", "RCM"}
        The objective.
    start : dict
        Memberships by side, of shape (n, n_clusters), dtype bool. Their counts may be others: the
        first iteration assigns anew.
    """

    def __init__(
        self, data: Data, counts: dict[Side, Counts], objective: str, start: Memberships
    ) -> None:
        super().__init__(counts)
        self.data = data
        self.objective = objective
        self.memberships = dict(start)
        # What was read, with the memberships that it holds for: arrays are replaced, not changed.
        self._read: dict[Side, tuple[SideModel, np.ndarray, Product]] = {}
        self._blocks: dict[Side, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self._sizes: dict[Side, tuple[np.ndarray, np.ndarray]] = {}

    def product(self, side: Side) -> tuple[SideModel, Product]:
        """Return the model of a side, still without means, and what X says for it."""
        own, others = self.memberships[side], self.memberships[OTHER[side]]
        if side in self._read:
            model, of_own, product = self._read[side]
            if model.others is others and (self.objective == "M" or of_own is own):
                return model, product
        profiles = None
        if self.objective == "RCM":
            profiles = self.sums(OTHER[side]) * invert(self.sizes(side))
        model = SideModel(side, others, profiles, self.sizes(OTHER[side]))
        product = model.read(self.data)
        self._read[side] = model, own, product
        return model, product

    def sums(self, side: Side) -> np.ndarray:
        """Return the sums of the points of a side over the clusters of the other."""
        others = self.memberships[OTHER[side]]
        if side in self._read and self._read[side][0].others is others:
            return self._read[side][2].sums
        return self.data.sums(side, others)[0]

    def sizes(self, side: Side) -> np.ndarray:
        """Return the sizes of the clusters of a side."""
        memberships = self.memberships[side]
        if side not in self._sizes or self._sizes[side][0] is not memberships:
            self._sizes[side] = memberships, cluster_sizes(memberships)
        return self._sizes[side][1]

    def blocks(self, side: Side, sums: np.ndarray) -> np.ndarray:
        """Return block sums, and learn the sizes of the clusters of the side by the way."""
        memberships = self.memberships[side]
        if side in self._blocks:
            of_memberships, of_sums, blocks = self._blocks[side]
            if of_memberships is memberships and of_sums is sums:
                return blocks
        blocks, sizes = self.data.blocks(sums, memberships)
        self._blocks[side] = memberships, sums, blocks
        self._sizes[side] = memberships, sizes
        return blocks

    def model(self, side: Side) -> tuple[SideModel, Product]:
        """Return the complete model of a side, and what X says for it."""
        model, product = self.product(side)
        blocks = self.blocks(side, product.sums)
        means = block_means(blocks, self.sizes(side), model.sizes)
        if self.objective == "M":
            means = fill_empty(means, self.sizes(side))
        return replace(model, means=means), product

    def step(self, side: Side) -> bool:
        """Assign the points of one side anew; return whether a membership changed."""
        model, product = self.model(side)
        distances = model.distances(self.data, product)
        memberships = self.data.assign(distances, self.counts[side]).memberships
        memberships = refill(memberships, distances, model.alone(product))
        if np.array_equal(memberships, self.memberships[side]):
            return False
        self.memberships[side] = memberships
        return True

    def iterate(self) -> bool:
        """Assign rows, then columns; return whether a membership changed."""
        changed = self.step("rows")
        return self.step("columns") or changed

    def measure(self) -> tuple[float, float]:
        """Return the objective, and the squares of all blocks about zero."""
        _, product = self.product("rows")
        blocks = self.blocks("rows", product.sums)
        row_weights, column_weights = invert(self.sizes("rows")), invert(self.sizes("columns"))
        n_row_clusters = self.memberships["rows"].sum(axis=1, dtype=np.float64)
        energy = float(n_row_clusters @ product.squares)
        explained = float(row_weights @ blocks**2 @ column_weights)
        if self.objective == "M":
            return max(energy - explained, 0.0), energy
        n_column_clusters = self.memberships["columns"].sum(axis=1, dtype=np.float64)
        columns = float(n_column_clusters @ self.sums("columns") ** 2 @ row_weights)
        rows = float(n_row_clusters @ product.sums**2 @ column_weights)
        return max(energy - rows - columns + explained, 0.0), energy

    def finish(self) -> dict[Side, Finished]:
        """Return models, thresholds and closest labels by side."""
        return {side: self._finish(side) for side in OTHER}

    def _finish(self, side: Side) -> Finished:
        model, product = self.model(side)
        distances = model.distances(self.data, product)
        return finish(self.data, model, self.memberships[side], distances, self.counts[side])

    def snapshot(self) -> Any:
        """Return memberships and what was read for them."""
        return dict(self.memberships), dict(self._read)

    def restore(self, state: Any) -> None:
        """Go back to a state."""
        self.memberships, self._read = dict(state[0]), dict(state[1])
