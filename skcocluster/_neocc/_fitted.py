"""A finished clustering applied to new points: distances, thresholds, labels, memberships."""

from dataclasses import dataclass

import numpy as np

from .._kernels.assignment import Assignment
from ._counts import Counts
from ._data import Data
from ._side import SideModel

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

    def mean_cost(self, distances: np.ndarray) -> float:
        """Return the mean distance of what is admitted; of the nearest where nothing is."""
        admitted = self.memberships(distances)
        costs = distances[admitted] if admitted.any() else distances.min(axis=1)
        return float(np.maximum(costs, 0.0).mean())


def find_thresholds(assignment: Assignment, counts: Counts, distances: np.ndarray) -> Thresholds:
    """Return the thresholds that the assignment of a finished fit implies.

    Rounding must not send out the farthest rows of the fit when they come back in other company.
    """
    slack = ROUNDING * float(np.abs(distances).max())
    covers_all = counts.n_covered == counts.n
    cover = np.inf if covers_all else assignment.cover_threshold + slack
    return Thresholds(cover, assignment.extra_threshold + slack)


def closest_labels(memberships: np.ndarray, distances: np.ndarray) -> np.ndarray:
    """Return the nearest of the clusters that each point is in, -1 for outliers."""
    inside = np.where(memberships, distances, np.inf)
    labels = inside.argmin(axis=1)
    return np.where(memberships.any(axis=1), labels, -1).astype(np.int32)


@dataclass(frozen=True)
class FittedSide:
    """One side of a finished co-clustering."""

    model: SideModel  # of X itself, without a shift
    thresholds: Thresholds

    def distances(self, data: Data) -> np.ndarray:
        """Return the distances of new points, whatever is taken off them."""
        model = self.model.moved(-data.shift)
        return model.distances(data, model.read(data))
