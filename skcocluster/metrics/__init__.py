"""Objectives recomputed from labels, and scores that compare clusterings."""

from skcocluster.metrics._agreement import (
    clustering_accuracy,
    coclustering_adjusted_rand_score,
    consensus_score,
)
from skcocluster.metrics._block_divergence import block_divergence
from skcocluster.metrics._cover import clustering_error, rnia
from skcocluster.metrics._matching import recovery_score, relevance_score
from skcocluster.metrics._normalized_cut import normalized_cut
from skcocluster.metrics._objectives import max_norm_cost, modularity, neo_objective
from skcocluster.metrics._overlap import omega_index, overlapping_f1_score, overlapping_nmi
from skcocluster.metrics._soft_index import csi

__all__ = [
    "block_divergence",
    "clustering_accuracy",
    "clustering_error",
    "coclustering_adjusted_rand_score",
    "consensus_score",
    "csi",
    "max_norm_cost",
    "modularity",
    "neo_objective",
    "normalized_cut",
    "omega_index",
    "overlapping_f1_score",
    "overlapping_nmi",
    "recovery_score",
    "relevance_score",
    "rnia",
]
