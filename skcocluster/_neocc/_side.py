"""Distances of the points of one side to its clusters, for both objectives."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ._data import Data, Side, invert


class Product(NamedTuple):
    """What one read of X says of the points of a side.

    Attributes
    ----------
    sums : ndarray of shape (n, p), dtype float64
        Sums over the clusters of the other side.
    squares : ndarray of shape (n,), dtype float64
        Sums of squares, weighted by the number of clusters of each point of the other side.
    cross : ndarray of shape (n, k), dtype float64, or None
        Weighted products with the profiles of the clusters of this side; RCM only.
    energies : ndarray of shape (k,), dtype float64, or None
        Weighted squares of these profiles; RCM only.
    """

    sums: np.ndarray
    squares: np.ndarray
    cross: np.ndarray | None = None
    energies: np.ndarray | None = None

    def plus(self, other: "Product") -> "Product":
        """Return the sums of columns over these rows and over others."""
        total = Product(self.sums + other.sums, self.squares + other.squares)
        if self.cross is None or self.energies is None:
            return total
        assert other.cross is not None
        assert other.energies is not None
        return total._replace(
            cross=self.cross + other.cross, energies=self.energies + other.energies
        )


@dataclass(frozen=True)
class SideModel:
    """Everything that the distances of one side depend on.

    Attributes
    ----------
    side : {"rows", "columns"}
        The side.
    others : ndarray of shape (m, p), dtype bool
        Memberships of the other side.
    profiles : ndarray of shape (m, k), dtype float64, or None
        Mean of each cluster at each point of the other side; RCM only.
    sizes : ndarray of shape (p,), dtype float64
        Sizes of the clusters of the other side.
    means : ndarray of shape (k, p), dtype float64, or None
        Means of the blocks.
    """

    side: Side
    others: np.ndarray
    profiles: np.ndarray | None
    sizes: np.ndarray
    means: np.ndarray | None = None

    def moved(self, offset: float) -> "SideModel":
        """Return the model of X plus a number."""
        if offset == 0.0 or self.means is None:
            return self
        profiles = None if self.profiles is None else self.profiles + offset
        return replace(self, profiles=profiles, means=self.means + offset)

    def read(self, data: Data) -> Product:
        """Read X once."""
        if self.profiles is None:
            return Product(*data.sums(self.side, self.others))
        weights = self.others.sum(axis=1).astype(np.float64)
        factors = np.hstack([self.others, weights[:, None] * self.profiles])
        products, squares = data.products(self.side, factors, weights)
        p = self.others.shape[1]
        sums = np.ascontiguousarray(products[:, :p])
        return Product(sums, squares, products[:, p:], weights @ self.profiles**2)

    def distances(self, data: Data, product: Product) -> np.ndarray:
        """Return the distances of equations (6) and (8) for M, (7) and (9) for RCM."""
        assert self.means is not None
        sizes = self.sizes
        within = self.means**2 @ sizes
        if product.cross is None or product.energies is None:
            base, slope, offset = product.squares, 2 * self.means, within
        else:
            # The profile of a row, centred in each column cluster, against that of a cluster.
            base = self.within(product)
            slope, offset = -2 * self.means, product.energies - within
        distances = data.linear_distances(product.sums, base, slope, offset)
        if product.cross is not None:
            distances -= 2 * product.cross
        return distances

    def within(self, product: Product) -> np.ndarray:
        """Return the squares of each point about its own means over the other clusters."""
        return product.squares - product.sums**2 @ invert(self.sizes)

    def alone(self, product: Product) -> np.ndarray:
        """Return the cost of each point in a cluster of its own."""
        return self.within(product) if product.cross is None else np.zeros(len(product.squares))


def block_means(blocks: np.ndarray, sizes: np.ndarray, other_sizes: np.ndarray) -> np.ndarray:
    """Return block means from block sums, 0 for empty blocks."""
    return blocks * invert(sizes)[:, None] * invert(other_sizes)


def fill_empty(means: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return means in which an empty cluster has those of all clusters together.

    Any will do for the objective; these do not depend on where the zero of X lies.
    """
    empty = sizes == 0
    if not empty.any():
        return means
    return np.where(empty[:, None], sizes @ means / max(1, sizes.sum()), means)


def centre_distances(data: Data, side: Side, centres: np.ndarray) -> np.ndarray:
    """Return squared Euclidean distances of points to centres, of shape (n, n_clusters)."""
    products, squares = data.products(side, centres, np.ones(len(centres)))
    distances = np.multiply(products, -2.0, out=products)
    distances += squares[:, None]
    distances += (centres**2).sum(axis=0)
    return distances
