"""A fitted block model, applied to new rows and new columns."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._kernels.blocks import COLUMN_SUMS, LABELS, ROW_SUMS
from .._kernels.blocks_compiled import cluster_sizes
from .._kernels.engines.protocol import Engine
from .approximation import Approximation, approximate, row_means, row_means_and_divergence
from .block_model import BlockModel, safe_divide


@dataclass(frozen=True)
class FittedBlocks:
    """Block sums and labels of a finished fit.

    Attributes
    ----------
    model : BlockModel
        Divergence and basis.
    sums, weights : ndarray of shape (n_row_clusters, n_column_clusters), dtype float64
        Sums and numbers of the observed entries of each block.
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Labels; -1 is "in no cluster".
    column_means : ndarray of shape (n_columns,), dtype float64
        Means of the observed entries of the columns.
    """

    model: BlockModel
    sums: np.ndarray
    weights: np.ndarray
    row_labels: np.ndarray
    column_labels: np.ndarray
    column_means: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """Block means; an empty block has what the one-block approximation says."""
        side = self.model.rows(self.sums, self.weights)
        return side.means(self.sums, self.weights, side.reference(self.sums, self.weights))

    @property
    def grand_mean(self) -> float:
        """The mean of all observed entries."""
        return float(self.sums.sum() / self.weights.sum())

    def approximation(self) -> Approximation:
        """Return the approximation of X."""
        return approximate(
            self.model, self.sums, self.weights, self.column_labels, self.column_means
        )

    def row_channels(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return sums (and counts) of rows over the fitted column clusters."""
        n = self.sums.shape[1]
        labels = self.column_labels
        return engine.run(ROW_SUMS, X, column_labels=labels, n_column_clusters=n, missing=missing)[
            0
        ]

    def label_rows(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the row labels of least divergence."""
        sizes = None if missing else cluster_sizes(self.column_labels, self.sums.shape[1])
        side = self.model.rows(self.sums, self.weights)
        offset, slope = side.linear_terms(self.sums, self.weights, sizes)
        channels = self.row_channels(engine, X, missing)
        return engine.run(LABELS, channels, offset=offset, slope=slope, missing=missing)[0]

    def label_columns(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the column labels of least divergence."""
        n = self.sums.shape[0]
        sizes = None if missing else cluster_sizes(self.row_labels, n)
        side = self.model.columns(self.sums, self.weights)
        offset, slope = side.linear_terms(side.blocks, side.weights, sizes)
        (channels,) = engine.run(
            COLUMN_SUMS, X, row_labels=self.row_labels, n_row_clusters=n, missing=missing
        )
        channels = np.ascontiguousarray(channels.T)
        return engine.run(LABELS, channels, offset=offset, slope=slope, missing=missing)[0]

    def row_profiles(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return rows as means over column clusters, with block means where nothing is known."""
        labels = self.label_rows(engine, X, missing)
        channels = self.row_channels(engine, X, missing)
        n = self.sums.shape[1]
        counts = channels[:, n:] if missing else cluster_sizes(self.column_labels, n)
        known = np.where(labels[:, None] >= 0, self.means[labels], self.grand_mean)
        return safe_divide(channels[:, :n], counts, known)

    def divergence_and_count(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the divergence of X from its approximation, and how many entries it is of."""
        labels = self.label_rows(engine, X, missing)
        approximation = self.approximation()
        total = row_means_and_divergence(engine, X, approximation, labels, missing)[1]
        if missing:
            counts = self.row_channels(engine, X, missing)[:, self.sums.shape[1] :]
            return np.array([total, counts[labels >= 0].sum()])
        return np.array([total, X.shape[0] * np.count_nonzero(self.column_labels >= 0)])

    def mean_divergence(self, engine: Engine, X: Any, missing: bool) -> float:
        """Return the mean divergence of the observed entries of X from their approximation."""
        total, count = self.divergence_and_count(engine, X, missing)
        return float(total / max(count, 1.0))

    def approximate_rows(self, engine: Engine, X: Any, missing: bool) -> np.ndarray:
        """Return the approximation of new rows."""
        labels = self.label_rows(engine, X, missing)
        return self.reconstruct(labels, row_means(engine, X, missing))

    def for_rows(self) -> "FittedBlocks":
        """Return the model without what only columns need: the part that travels to new rows."""
        return replace(self, row_labels=np.empty(0, np.int32))

    def reconstruct(self, row_labels: np.ndarray, means: np.ndarray) -> np.ndarray:
        """Return the approximation of rows, with cluster means where a label is -1."""
        approximation = self.approximation()
        rows = approximation.rows(row_labels, means)
        own = safe_divide(self.sums.sum(axis=1), self.weights.sum(axis=1), self.grand_mean)
        other = safe_divide(self.sums.sum(axis=0), self.weights.sum(axis=0), self.grand_mean)
        outside = row_labels < 0
        rows[outside] = np.where(self.column_labels >= 0, other[self.column_labels], np.nan)
        fallback = np.where(outside, self.grand_mean, own[row_labels])[:, None]
        return np.where(np.isnan(rows), fallback, rows)
