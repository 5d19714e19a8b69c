"""Questions about co-clustering under the maximum norm, besides the estimator."""

from ._maxnorm._curve import CostCurve, cost_curve
from ._maxnorm._questions import MinBlocks, is_feasible, min_blocks

__all__ = ["CostCurve", "MinBlocks", "cost_curve", "is_feasible", "min_blocks"]
