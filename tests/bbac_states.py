"""States of BBAC's alternation, made from labels, and their objectives of plain loops."""

import numpy as np
import reference

from skcocluster._kernels.engines import get_engine
from skcocluster._shared.alternation import Alternation
from skcocluster._shared.block_model import BlockModel
from skcocluster._shared.block_sums import BlockSums
from skcocluster._shared.divergences import get_divergence

SIDES = ("rows", "columns")
MODELS = [(name, "C2") for name in reference.DIVERGENCES]
MODELS += [("squared_euclidean", "C5"), ("i_divergence", "C3"), ("i_divergence", "C4")]
# Divergence, basis, and whether entries are missing, which only C2 takes.
CASES = [(*model, False) for model in MODELS] + [(*m, True) for m in MODELS if m[1] == "C2"]


def alternate(X, row_labels, column_labels, counts, divergence="squared_euclidean", basis="C2"):
    """A state at the labels given; X may hold NaN."""
    engine = get_engine("numpy")
    labels = {"rows": row_labels, "columns": column_labels}
    n_clusters = dict(zip(SIDES, counts, strict=True))
    missing = bool(np.isnan(X).any())
    sums = BlockSums(engine, engine.prepare(X), n_clusters, labels, missing)
    return Alternation(sums, BlockModel(get_divergence(divergence), basis))


def objective(X, labels, counts, divergence="squared_euclidean", basis="C2"):
    """The objective of labels by side, of plain loops."""
    model = reference.Model(X, labels["rows"], labels["columns"], *counts, divergence, basis)
    return model.objective()


def make_state(divergence, basis="C2", seed=0, with_gaps=False):
    """A matrix, cluster counts and a state at random labels without an empty cluster."""
    X = reference.random_matrix(divergence, 12, 10, seed)
    if with_gaps:
        X[np.random.default_rng(seed).random(X.shape) < 0.2] = np.nan
    counts = (4, 3)
    labels = reference.balanced_labels(12, 4, seed), reference.balanced_labels(10, 3, seed)
    return X, counts, alternate(X, *labels, counts, divergence, basis)
