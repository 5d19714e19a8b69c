"""The matrix of fit as points, and k-means of them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ._points import Centres, Cloud
from ._projection import Axis, Projection

Labels = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Embedded:
    """Rows and columns as points; lines without weight are at zero.

    Attributes
    ----------
    rows, columns : ndarray of shape (n_rows, n_dimensions), (n_columns, n_dimensions)
        The points.
    has_weight : tuple of ndarray of bool
        Which rows, and which columns, have any weight.
    projection : Projection
        Where the points come from.
    n_clusters : int
        Number of co-clusters.
    """

    rows: np.ndarray
    columns: np.ndarray
    has_weight: tuple[np.ndarray, np.ndarray]
    projection: Projection
    n_clusters: int

    @cached_property
    def cloud(self) -> Cloud:
        """What k-means clusters: the rows, or rows and columns where points have lengths."""
        rows = self.rows[self.has_weight[0]]
        if self.projection.unit:
            return Cloud(rows, self.n_clusters)
        both = np.vstack([rows, self.columns[self.has_weight[1]]])
        return Cloud(both, self.n_clusters, single=False)

    def pivots(self) -> np.ndarray | None:
        """Return the points to start k-means from; None where it has to start at random."""
        if not self.projection.unit:
            return None
        if not self.projection.deflated:
            return self.cloud.pivots()
        # k directions that sum to 0 span k - 1 dimensions: lift them off that plane.
        points = self.cloud.points
        lift = np.full((len(points), 1), 1.0 / np.sqrt(points.shape[1]))
        return Cloud(np.hstack([points, lift]), self.n_clusters).pivots()

    def label(self, centres: Centres) -> tuple[Centres, Labels]:
        """Return centres numbered in the order of the lines, and the labels of the lines."""
        found = [centres.nearest(points) for points in (self.rows, self.columns)]
        inside = [labels[has] for labels, has in zip(found, self.has_weight, strict=True)]
        ordered, numbers = centres.numbered_by(np.concatenate(inside))
        rows, columns = (
            np.where(has, numbers[labels], 0).astype(np.int32)
            for labels, has in zip(found, self.has_weight, strict=True)
        )
        return ordered, (rows, columns)


def embed(X: Any, projection: Projection, n_clusters: int) -> Embedded:
    """Return the points of the matrix of fit."""
    sums = projection.sums
    rows = projection.rows.points(X, sums[0])
    columns = projection.columns.points(X.T, sums[1])
    return Embedded(rows, columns, (sums[0] > 0, sums[1] > 0), projection, n_clusters)


def label_lines(lines: Any, axis: Axis, centres: Centres) -> np.ndarray:
    """Return the labels of new lines, int32; 0 for lines of zeros."""
    sums = lines.sum(axis=1, dtype=np.float64)
    labels = centres.nearest(axis.points(lines, sums))
    return np.where(sums > 0, labels, 0).astype(np.int32)
