"""How many clusters: criteria over many fits."""

from ._icl import integrated_completed_likelihood
from ._search import CoclusterSearch

__all__ = ["CoclusterSearch", "integrated_completed_likelihood"]
