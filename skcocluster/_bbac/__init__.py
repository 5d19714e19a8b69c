"""Bregman block-average co-clustering."""

from ._estimator import BBAC

__all__ = ["BBAC"]
