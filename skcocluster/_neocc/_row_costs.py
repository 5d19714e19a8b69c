"""What rows cost in each cluster, by a model that is small enough to travel to wherever X is."""

from typing import NamedTuple, Protocol

import numpy as np

from ._counts import Counts
from ._data import Data, invert
from ._refill import refill
from ._side import SideModel, centre_distances


class Costs(NamedTuple):
    """Costs of some rows.

    Attributes
    ----------
    distances : ndarray of shape (n, n_clusters), dtype float64
        Cost of each row in each cluster.
    alone : ndarray of shape (n,), dtype float64
        Cost of each row in a cluster of its own.
    profiles : ndarray of shape (n, n_column_clusters), dtype float64, or None
        Means of each row over the column clusters; RCM only.
    levels : ndarray of shape (n,), dtype float64, or None
        Their squares, weighted by the sizes of the column clusters; RCM only.
    """

    distances: np.ndarray
    alone: np.ndarray
    profiles: np.ndarray | None = None
    levels: np.ndarray | None = None


class RowModel(Protocol):
    """A model of rows."""

    @property
    def n_clusters(self) -> int:
        """Number of row clusters."""
        ...

    def costs(self, data: Data) -> Costs:
        """Return the costs of the rows of a matrix in memory."""
        ...

    def profiles(self, data: Data) -> np.ndarray | None:
        """Return the means of rows over column clusters; None unless columns ask for them."""
        ...


class TwoWayRows(NamedTuple):
    """Rows for given columns; `model` is complete."""

    model: SideModel

    @property
    def n_clusters(self) -> int:
        """Number of row clusters."""
        assert self.model.means is not None
        return len(self.model.means)

    def costs(self, data: Data) -> Costs:
        """Return the costs of the rows of a matrix in memory."""
        model = self.model
        product = model.read(data)
        costs = Costs(model.distances(data, product), model.alone(product))
        if product.cross is None:
            return costs
        profiles = product.sums * invert(model.sizes)
        return costs._replace(profiles=profiles, levels=profiles**2 @ model.sizes)

    def profiles(self, data: Data) -> np.ndarray | None:
        """Return the means of rows over column clusters, None for M."""
        if self.model.profiles is None:
            return None
        return data.sums("rows", self.model.others)[0] * invert(self.model.sizes)


class OneWayRows(NamedTuple):
    """Rows for given centres, of shape (n_columns, n_clusters)."""

    centres: np.ndarray

    @property
    def n_clusters(self) -> int:
        """Number of row clusters."""
        return self.centres.shape[1]

    def costs(self, data: Data) -> Costs:
        """Return the costs of the rows of a matrix in memory."""
        distances = centre_distances(data, "rows", self.centres)
        return Costs(distances, np.zeros(len(distances)))

    def profiles(self, data: Data) -> np.ndarray | None:
        """Return None: there are no column clusters."""
        return None


def assign_rows(data: Data, model: RowModel, counts: Counts) -> np.ndarray:
    """Return the cheapest memberships of rows in memory, without empty clusters if possible."""
    costs = model.costs(data)
    memberships = data.assign(costs.distances, counts).memberships
    return refill(memberships, costs.distances, costs.alone)
