"""Each criterion finds the planted numbers of clusters, in nine of ten matrices at least."""

import warnings
from collections import Counter

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from skcocluster import BBAC, Coclus, MaxNormCoclustering, SpectralCoclustering
from skcocluster.datasets import make_block_matrix
from skcocluster.model_selection import CoclusterSearch

SEEDS = range(10)
PLANTED = (4, 3)
# Distribution and spread of block means. Entries of one block spread as much as its mean differs
# from others': fits with the true counts mostly label 95 to 100 % of rows and columns correctly.
MATRICES = {
    "squared_euclidean": ("normal", 1.0),
    "i_divergence": ("poisson", 1.0),
    "itakura_saito": ("gamma", 1.0),
    "logistic": ("bernoulli", 2.2),
}
# One start and no search of its own: starts from neighbours make up for that.
FAST = {"init": "spectral", "refine": None}
# From below to above on both sides.
NEAR = {"n_row_clusters": [3, 4, 5], "n_column_clusters": [2, 3, 4]}
WIDE = {"n_row_clusters": range(2, 7), "n_column_clusters": range(2, 6)}


def make_blocks(divergence, seed, shape=(100, 80)):
    distribution, separation = MATRICES[divergence]
    return make_block_matrix(
        shape, PLANTED, distribution=distribution, separation=separation, random_state=seed
    )[0]


def count_found(make, estimator, grid, **options):
    """How often each numbers of clusters are found."""
    found = Counter()
    for seed in SEEDS:
        search = CoclusterSearch(estimator, grid, refit=False, random_state=seed, **options)
        best = search.fit(make(seed)).best_index_
        results = search.cv_results_
        found[results["n_row_clusters"][best], results["n_column_clusters"][best]] += 1
    return found


@pytest.mark.parametrize("divergence", MATRICES)
def test_icl_finds_the_planted_counts(divergence):
    estimator = BBAC(divergence=divergence, **FAST)
    found = count_found(lambda s: make_blocks(divergence, s), estimator, NEAR, criterion="icl")
    assert found[PLANTED] >= 9, found


def test_exact_icl_finds_the_planted_counts():
    estimator = BBAC(divergence="logistic", **FAST)
    found = count_found(
        lambda s: make_blocks("logistic", s), estimator, NEAR, criterion="exact_icl"
    )
    assert found[PLANTED] >= 9, found


@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence"])
def test_elbow_of_explained_divergence_finds_the_planted_counts(divergence):
    estimator = BBAC(divergence=divergence, **FAST)
    found = count_found(
        lambda s: make_blocks(divergence, s, (80, 60)),
        estimator,
        WIDE,
        criterion="explained_divergence",
    )
    assert found[PLANTED] >= 9, found


@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence"])
def test_held_out_entries_find_the_planted_counts(divergence):
    estimator = BBAC(divergence=divergence, **FAST)
    found = count_found(
        lambda s: make_blocks(divergence, s, (80, 60)),
        estimator,
        NEAR,
        criterion="held_out",
        n_splits=3,
    )
    assert found[PLANTED] >= 9, found


def test_stability_finds_the_planted_counts():
    found = count_found(
        lambda s: make_blocks("squared_euclidean", s, (80, 60)),
        BBAC(**FAST),
        NEAR,
        criterion="stability",
        n_splits=3,
    )
    assert found[PLANTED] >= 9, found


def make_counts(seed, n_clusters=5, shape=(120, 90)):
    """Counts with mean 0.5 inside the co-clusters and 0.1 elsewhere."""
    rng = np.random.default_rng(seed)
    rows, columns = (rng.permutation(np.arange(n) % n_clusters) for n in shape)
    return rng.poisson(np.where(rows[:, None] == columns, 0.5, 0.1))


@pytest.mark.parametrize("estimator", [Coclus(refine=None), SpectralCoclustering()])
def test_modularity_finds_the_planted_counts(estimator):
    found = count_found(make_counts, estimator, {"n_clusters": range(3, 8)}, criterion="modularity")
    assert found[5, 5] >= 9, found


def make_levels(seed, shape=(30, 24), noise=10.0):
    """Levels from 0 to 100, with noise of up to 10 up or down."""
    rng = np.random.default_rng(seed)
    levels = rng.uniform(0, 100, PLANTED)
    rows, columns = (rng.permutation(np.arange(n) % k) for n, k in zip(shape, PLANTED, strict=True))
    return levels[rows][:, columns] + rng.uniform(-noise, noise, shape)


def test_elbow_of_the_largest_difference_finds_the_planted_counts():
    estimator = MaxNormCoclustering(max_nodes=200, time_limit=None)
    with warnings.catch_warnings():
        # Far from the planted counts there is no proof within so few nodes.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = count_found(make_levels, estimator, WIDE)
    assert found[PLANTED] >= 9, found
