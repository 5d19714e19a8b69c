"""Pictures of co-clusterings, and the terms that characterise clusters."""

from ._before_after import BeforeAfterDisplay
from ._cocluster import CoclusterDisplay
from ._convergence import ConvergenceDisplay
from ._cost_curve import CostCurveDisplay
from ._search import CoclusterSearchDisplay
from ._terms import top_terms

__all__ = [
    "BeforeAfterDisplay",
    "CoclusterDisplay",
    "CoclusterSearchDisplay",
    "ConvergenceDisplay",
    "CostCurveDisplay",
    "top_terms",
]
