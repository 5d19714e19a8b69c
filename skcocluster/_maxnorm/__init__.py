"""Exact co-clustering under the maximum norm."""

from ._estimator import MaxNormCoclustering

__all__ = ["MaxNormCoclustering"]
