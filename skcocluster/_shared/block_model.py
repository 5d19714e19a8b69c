"""Block approximations of X under a Bregman divergence, seen from one side at a time.

Seen from the rows, everything that a co-clustering needs is a set of *profiles*: sums of X over
column clusters, of one row or of a group of rows, with their weights. Columns are the same with
the sides swapped, so every formula is written once, for "this side" and "the other side".

With block means mu, cluster means U (this side), V (other side) and the grand mean m, an
approximation explains ``sum_gh W_gh d(mu_gh, ref_gh)`` of the divergence of its own one-block
form, where the reference is

==== =================== =====================================
C2   m                   block means
C3   U                   keeps the margin of the rows
C4   V                   keeps the margin of the columns
C5   U + V - m | U V / m keeps both (squared Euclidean | I-divergence)
==== =================== =====================================

Source: Banerjee et al., JMLR 8:1919 (2007), section 4 (its constraint sets C2 to C5).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .divergences import Divergence

BASES = ("C2", "C3", "C4", "C5")
_SWAPPED = {"C2": "C2", "C3": "C4", "C4": "C3", "C5": "C5"}


def safe_divide(top: Any, bottom: Any, otherwise: Any) -> np.ndarray:
    """Return top / bottom, and `otherwise` where bottom is 0."""
    nothing = np.equal(bottom, 0)
    if not nothing.any():
        return np.asarray(np.divide(top, bottom))
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = np.asarray(np.divide(top, bottom))
    return np.where(nothing, otherwise, quotient)


@dataclass(frozen=True)
class SideModel:
    """The model seen from one side.

    Attributes
    ----------
    divergence : Divergence
        The divergence.
    basis : str
        "C2" to "C5", already swapped when this side are the columns.
    grand_mean : float
        The mean of all observed entries.
    blocks, weights : ndarray of shape (n_clusters, n_other_clusters)
        Sums and weights of all blocks, this side first.
    opposite : SideModel or None
        The same model seen from the other side, where it is at hand.
    """

    divergence: Divergence
    basis: str
    grand_mean: float
    blocks: np.ndarray
    weights: np.ndarray
    opposite: "SideModel | None" = None

    def transposed(self) -> "SideModel":
        """Return the model seen from the other side."""
        blocks, weights = self.blocks.T, self.weights.T
        basis = _SWAPPED[self.basis]
        return SideModel(self.divergence, basis, self.grand_mean, blocks, weights, opposite=self)

    @cached_property
    def other_means(self) -> np.ndarray:
        """Means of the clusters of the other side, of shape (n_other_clusters,)."""
        return safe_divide(self.blocks.sum(axis=0), self.weights.sum(axis=0), self.grand_mean)

    def reference(self, sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return what the one-block approximation says for each profile, to be broadcast."""
        if self.basis == "C2":
            return np.full((1, 1), self.grand_mean)
        own = safe_divide(sums.sum(axis=1), weights.sum(axis=1), self.grand_mean)[:, None]
        other = np.broadcast_to(self.other_means, sums.shape)
        if self.basis == "C3":
            return np.broadcast_to(own, sums.shape)
        if self.basis == "C4":
            return other
        if self.divergence.name == "i_divergence":
            return safe_divide(own * other, self.grand_mean, 0.0)
        return own + other - self.grand_mean

    def means(self, sums: np.ndarray, weights: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return the means of profiles; a profile without weight has its reference."""
        # Moved sums carry rounding: a block of zeros may hold -1e-17, outside of the domain.
        low, high = self.divergence.domain[:2]
        means = safe_divide(sums, weights, reference)
        if low > -np.inf:
            means = np.maximum(means, low)
        return np.minimum(means, high) if high < np.inf else means

    @cached_property
    def _own_terms(self) -> tuple[np.ndarray, np.ndarray]:
        # Costs of both sides and the objective ask for these, in each iteration.
        if self.opposite is not None:
            reference, means = self.opposite._own_terms
            return reference.T, means.T
        reference = self.reference(self.blocks, self.weights)
        return reference, self.means(self.blocks, self.weights, reference)

    def _terms(self, sums: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return reference and means of profiles, or of the blocks themselves."""
        if sums is self.blocks:
            return self._own_terms
        reference = self.reference(sums, weights)
        return reference, self.means(sums, weights, reference)

    @cached_property
    def total_explained(self) -> float:
        """The explained divergence of the co-clustering."""
        return float(self.explained(self.blocks, self.weights).sum())

    def explained(self, sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Return the divergence that each profile explains as a cluster of its own."""
        reference, means = self._terms(sums, weights)
        return (weights * self.divergence.divergence(means, reference)).sum(axis=1)

    def linear_terms(
        self, sums: np.ndarray, weights: np.ndarray, other_sizes: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (offset, slope) with ``cost[i, g] = offset[g] - channels[i] @ slope[g]``.

        `other_sizes` is None when entries are missing: the weights then vary by profile and the
        offsets become slopes of the counting channels.
        """
        reference, means = self._terms(sums, weights)
        slope = self.divergence.relative_slope(means, reference)
        empty = weights.sum(axis=1) == 0
        if other_sizes is None:
            unit = self.divergence.relative_offset(means, reference)
            slope = np.hstack([slope, -unit])
            return np.where(empty, np.inf, 0.0), np.ascontiguousarray(slope)
        if self.basis == "C2":
            unit = self.divergence.relative_offset(means, reference)
        else:
            keeps_own = self.basis in ("C3", "C5")
            other = self.other_means if self.basis in ("C4", "C5") else 0.0
            unit = self.divergence.margin_offset(means, reference, keeps_own, other)
        return np.where(empty, np.inf, unit @ other_sizes), np.ascontiguousarray(slope)


@dataclass(frozen=True)
class BlockModel:
    """A divergence and a basis; makes the model of either side from block sums.

    Attributes
    ----------
    divergence : Divergence
        The divergence.
    basis : {"C2", "C3", "C4", "C5"}
        The statistics of X that the approximation keeps.
    """

    divergence: Divergence
    basis: str

    def rows(self, block_sums: np.ndarray, block_weights: np.ndarray) -> SideModel:
        """Return the model seen from the rows."""
        total = block_weights.sum()
        grand_mean = float(block_sums.sum() / total) if total else 0.0
        return SideModel(self.divergence, self.basis, grand_mean, block_sums, block_weights)

    def columns(self, block_sums: np.ndarray, block_weights: np.ndarray) -> SideModel:
        """Return the model seen from the columns; its profiles are transposed blocks."""
        return self.rows(block_sums, block_weights).transposed()

    def explained(self, block_sums: np.ndarray, block_weights: np.ndarray) -> float:
        """Return the explained divergence of a co-clustering."""
        return self.rows(block_sums, block_weights).total_explained
