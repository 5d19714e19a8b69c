"""A finished co-clustering by modularity, applied to new rows and new columns."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._kernels.blocks import ROW_SUMS
from .._kernels.engines.protocol import Engine
from .._kernels.modularity import BEST_LABELS, MARGINS, MOVED_ROWS, ROW_STEP
from ._graph import binary_unit


@dataclass(frozen=True)
class FittedCoclusters:
    """Labels of a finished fit and what their co-clusters weigh.

    Attributes
    ----------
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32
        Labels.
    row_cluster_weights, column_cluster_weights : ndarray of shape (n_clusters,), dtype float64
        Totals of the rows and of the columns of each co-cluster.
    total : float
        The sum of X.
    resolution : float
        Weight of the expected part.
    """

    row_labels: np.ndarray
    column_labels: np.ndarray
    row_cluster_weights: np.ndarray
    column_cluster_weights: np.ndarray
    total: float
    resolution: float

    def _side(self, cluster_weights: np.ndarray) -> dict[str, Any]:
        unit = binary_unit(self.total)
        return {
            "cluster_weights": cluster_weights * unit,
            "total": self.total * unit,
            "resolution": self.resolution,
        }

    def _step_rows(self, engine: Engine, X: Any) -> tuple[np.ndarray, float, float]:
        """Return labels of rows, the sum of their gains, and their total weight."""
        weights = engine.run(MARGINS, X)[0]
        labels, gain = engine.run(
            ROW_STEP,
            X,
            column_labels=self.column_labels,
            weights=weights,
            **self._side(self.column_cluster_weights),
        )
        return labels, float(gain[0]), float(weights.sum())

    def label_rows(self, engine: Engine, X: Any) -> np.ndarray:
        """Return the co-clusters in which rows gain most."""
        return self._step_rows(engine, X)[0]

    def gain_and_weight(self, engine: Engine, X: Any) -> np.ndarray:
        """Return the modularity that rows would have among the fitted columns, and their weight.

        The former is to be divided by the latter.
        """
        _, gain, weight = self._step_rows(engine, X)
        if self.total == 0:
            return np.zeros(2)
        return np.array([gain / (self.total * binary_unit(self.total)), weight])

    def mean_gain(self, engine: Engine, X: Any) -> float:
        """Return the modularity that rows would have among the fitted columns."""
        gain, weight = self.gain_and_weight(engine, X)
        return float(gain / weight) if weight > 0 else 0.0

    def for_rows(self) -> "FittedCoclusters":
        """Return the model without what only columns need: the part that travels to new rows."""
        return replace(self, row_labels=np.empty(0, np.int32))

    def label_columns(self, engine: Engine, X: Any) -> np.ndarray:
        """Return the co-clusters in which columns gain most."""
        nowhere = np.full_like(self.row_labels, -1)
        n_clusters = len(self.row_cluster_weights)
        moves = {"old_labels": nowhere, "new_labels": self.row_labels, "n_clusters": n_clusters}
        (sums,) = engine.run(MOVED_ROWS, X, **moves)
        return engine.run(
            BEST_LABELS,
            sums.T,
            weights=sums.sum(axis=0),
            **self._side(self.row_cluster_weights),
        )[0]

    def gains(self, engine: Engine, X: Any) -> np.ndarray:
        """Return the gain of each row in each co-cluster, per unit of its weight."""
        n_clusters = len(self.column_cluster_weights)
        labels = self.column_labels
        (sums,) = engine.run(
            ROW_SUMS, X, column_labels=labels, n_column_clusters=n_clusters, missing=False
        )
        weights = sums.sum(axis=1, keepdims=True)
        expected = self.column_cluster_weights / self.total if self.total > 0 else 0.0
        shares = np.divide(sums, weights, out=np.zeros_like(sums), where=weights > 0)
        return np.where(weights > 0, shares - self.resolution * expected, 0.0)
