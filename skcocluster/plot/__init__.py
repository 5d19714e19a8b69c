"""Pictures of co-clusterings, and the terms that characterise clusters."""

from ._cocluster import CoclusterDisplay
from ._convergence import ConvergenceDisplay
from ._terms import top_terms

__all__ = ["CoclusterDisplay", "ConvergenceDisplay", "top_terms"]
