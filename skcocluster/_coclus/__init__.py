"""Direct maximisation of bipartite modularity."""

from ._estimator import Coclus

__all__ = ["Coclus"]
