"""A finished clustering applied to new points: distances, thresholds, labels, memberships."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._kernels.engines import Engine
from ._counts import Counts
from ._data import Data, shift_like
from ._side import SideModel, centre_distances

# Relative to the largest distance.
ROUNDING = 1e-11


@dataclass(frozen=True)
class Thresholds:
    """What a fit admits.

    Attributes
    ----------
    cover : float
        A point is covered when its nearest cluster is no farther; infinite without outliers.
    extra : float
        Every cluster that is no farther is admitted too; minus infinity where the fit has no
        further assignments.
    """

    cover: float
    extra: float

    def memberships(self, distances: np.ndarray) -> np.ndarray:
        """Return the clusters that admit each point."""
        admitted = distances <= self.extra
        least = distances.min(axis=1)
        covered = np.flatnonzero(least <= self.cover)
        admitted[covered, distances[covered].argmin(axis=1)] = True
        return admitted

    def labels(self, distances: np.ndarray) -> np.ndarray:
        """Return the nearest cluster of each point, -1 where none admits it."""
        least = distances.min(axis=1)
        inside = least <= max(self.cover, self.extra)
        return np.where(inside, distances.argmin(axis=1), -1).astype(np.int32)

    def sum_costs(self, distances: np.ndarray) -> np.ndarray:
        """Return sums and numbers, of what is admitted and of the nearest; never below zero."""
        admitted = distances[self.memberships(distances)]
        least = distances.min(axis=1)
        sums = (np.maximum(costs, 0.0).sum() for costs in (admitted, least))
        admitted_sum, least_sum = sums
        return np.array([admitted_sum, len(admitted), least_sum, len(least)])


def mean_cost(sums: Any) -> Any:
    """Return the mean distance of what is admitted; of the nearest where nothing is.

    `sums`, as from `Thresholds.sum_costs`, may be a dask array.
    """
    admitted, n_admitted, least, n = sums
    nothing = n_admitted == 0
    return (admitted + nothing * least) / (n_admitted + nothing * n).clip(1.0, None)


def find_thresholds(
    cover_threshold: float, extra_threshold: float, counts: Counts, largest: float
) -> Thresholds:
    """Return the thresholds that the assignment of a finished fit implies.

    Rounding must not send out the farthest rows of the fit when they come back in other company:
    `largest` is the largest magnitude of a distance.
    """
    slack = ROUNDING * largest
    covers_all = counts.n_covered == counts.n
    return Thresholds(np.inf if covers_all else cover_threshold + slack, extra_threshold + slack)


def closest_labels(memberships: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Return the nearest of the clusters that each point is in, -1 for outliers."""
    inside = np.where(memberships, distances, np.inf)
    labels = inside.argmin(axis=1)
    return np.where(memberships.any(axis=1), labels, -1).astype(np.int32)


@dataclass(frozen=True)
class Finished:
    """What a run leaves of one side.

    Attributes
    ----------
    model : object
        What distances depend on, of X less the shift.
    thresholds : Thresholds
        What the fit admits.
    labels : ndarray of shape (n,), dtype int32
        The closest of the clusters that each point is in, -1 for outliers.
    """

    model: Any
    thresholds: Thresholds
    labels: np.ndarray


def finish(
    data: Data, model: Any, memberships: np.ndarray, distances: np.ndarray, counts: Counts
) -> Finished:
    """Return what a run leaves of a side whose distances are in memory."""
    found = data.assign(distances, counts)
    largest = float(np.abs(distances).max())
    thresholds = find_thresholds(found.cover_threshold, found.extra_threshold, counts, largest)
    return Finished(model, thresholds, closest_labels(memberships, distances))


@dataclass(frozen=True)
class Fitted(ABC):
    """A finished clustering, applied to new points in memory or, for columns, in chunks.

    Attributes
    ----------
    thresholds : Thresholds
        What the fit admits.
    shift : float
        Taken off a dense X.
    """

    thresholds: Thresholds
    shift: float

    @abstractmethod
    def find_distances(self, data: Data) -> np.ndarray:
        """Return the distances of new points, whatever is taken off them."""

    def distances(self, engine: Engine, X: Any, missing: bool = False) -> np.ndarray:
        """Return distances of shape (n, n_clusters), squared, as rounding leaves them."""
        return self.find_distances(Data(engine, X, shift_like(self.shift, X)))

    def costs(self, engine: Engine, X: Any, missing: bool = False) -> np.ndarray:
        """Return squared distances, none below zero."""
        return np.maximum(self.distances(engine, X), 0.0)

    def roots(self, engine: Engine, X: Any, missing: bool = False) -> np.ndarray:
        """Return distances, not squared."""
        return np.sqrt(self.costs(engine, X))

    def labels(self, engine: Engine, X: Any, missing: bool = False) -> np.ndarray:
        """Return the closest cluster of each point, -1 where none admits it."""
        return self.thresholds.labels(self.distances(engine, X))

    def memberships(self, engine: Engine, X: Any, missing: bool = False) -> np.ndarray:
        """Return the clusters that admit each point."""
        return self.thresholds.memberships(self.distances(engine, X))

    def sum_costs(self, engine: Engine, X: Any, missing: bool = False) -> np.ndarray:
        """Return what `mean_cost` makes a mean of."""
        return self.thresholds.sum_costs(self.distances(engine, X))


@dataclass(frozen=True)
class FittedSide(Fitted):
    """One side of a finished co-clustering; the model is of X itself, without a shift."""

    model: SideModel

    def find_distances(self, data: Data) -> np.ndarray:
        """Return the distances of equations (6) to (9)."""
        model = self.model.moved(-data.shift)
        return model.distances(data, model.read(data))


@dataclass(frozen=True)
class FittedCentres(Fitted):
    """A finished k-means of rows; `centres`, of shape (n_clusters, n_columns), are of X itself."""

    centres: np.ndarray

    def find_distances(self, data: Data) -> np.ndarray:
        """Return squared Euclidean distances."""
        return centre_distances(data, "rows", np.ascontiguousarray(self.centres.T) - data.shift)
