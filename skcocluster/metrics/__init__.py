"""Objectives recomputed from labels, and scores that compare clusterings."""

from skcocluster.metrics._agreement import (
    clustering_accuracy,
    coclustering_adjusted_rand_score,
    consensus_score,
)
from skcocluster.metrics._block_divergence import block_divergence
from skcocluster.metrics._normalized_cut import normalized_cut
from skcocluster.metrics._objectives import max_norm_cost, modularity, neo_objective
from skcocluster.metrics._overlap import omega_index, overlapping_f1_score, overlapping_nmi

__all__ = [
    "block_divergence",
    "clustering_accuracy",
    "coclustering_adjusted_rand_score",
    "consensus_score",
    "max_norm_cost",
    "modularity",
    "neo_objective",
    "normalized_cut",
    "omega_index",
    "overlapping_f1_score",
    "overlapping_nmi",
]
