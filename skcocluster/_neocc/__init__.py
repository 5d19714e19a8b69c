"""Non-exhaustive, overlapping clustering: two-way `NEOCC` and one-way `NEOKMeans`."""

from ._estimator import NEOCC
from ._kmeans import NEOKMeans

__all__ = ["NEOCC", "NEOKMeans"]
