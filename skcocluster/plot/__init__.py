"""Pictures of co-clusterings, and the terms that characterise clusters."""

from ._cocluster import CoclusterDisplay
from ._convergence import ConvergenceDisplay
from ._cost_curve import CostCurveDisplay
from ._terms import top_terms

__all__ = ["CoclusterDisplay", "ConvergenceDisplay", "CostCurveDisplay", "top_terms"]
