"""Objectives recomputed from labels, and scores that compare clusterings."""

from skcocluster.metrics._agreement import (
    clustering_accuracy,
    coclustering_adjusted_rand_score,
    consensus_score,
)
from skcocluster.metrics._block_divergence import block_divergence
from skcocluster.metrics._objectives import max_norm_cost, modularity, neo_objective

__all__ = [
    "block_divergence",
    "clustering_accuracy",
    "coclustering_adjusted_rand_score",
    "consensus_score",
    "max_norm_cost",
    "modularity",
    "neo_objective",
]
