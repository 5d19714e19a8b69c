"""Yeast gene functions (2417 x 103, 14 overlapping functions): Table 3 of the paper, few seeds."""

import numpy as np
import pytest

from skcocluster import NEOCC, NEOKMeans
from skcocluster.metrics import omega_index, overlapping_f1_score, overlapping_nmi

SEEDS = range(3)


@pytest.fixture
def yeast(real_data):
    arrays = real_data("yeast14")
    return arrays["X"].astype(float), arrays["Y"].astype(bool)


def mean_f1(X, Y, make):
    scores = []
    for seed in SEEDS:
        model = make(seed).fit(X)
        memberships = getattr(model, "row_memberships_", None)
        memberships = model.memberships_ if memberships is None else memberships
        scores.append(100 * overlapping_f1_score(Y, memberships))
    return np.mean(scores)


def test_one_cluster_of_everything_beats_every_figure_of_the_paper_in_f1_alone(yeast):
    _, Y = yeast
    everything = np.ones((len(Y), 1))
    assert round(100 * overlapping_f1_score(Y, everything), 1) == 42.5
    assert abs(omega_index(Y, everything)) < 1e-9
    assert overlapping_nmi(Y, everything) == 0.0


@pytest.mark.parametrize(
    ("objective", "low", "high"), [("M", 15.9, 17.9), ("RCM", 17.5, 19.5)], ids=["MSSR1", "MSSR2"]
)
def test_residues_without_overlap_score_as_in_the_paper(yeast, objective, low, high):
    options = {"objective": objective, "init": "k-means"}
    assert low < mean_f1(*yeast, lambda s: NEOCC(14, 2, random_state=s, **options)) < high


@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_overlap_scores_as_in_the_paper(yeast, objective):
    options = {"objective": objective, "row_overlap": "auto", "column_overlap": 0.2}
    low, high = (37.5, 43) if objective == "M" else (35.5, 39)
    score = mean_f1(*yeast, lambda s: NEOCC(14, 2, init="neo-kmeans", random_state=s, **options))
    assert low < score < high


def test_ramped_overlap_scores_higher(yeast):
    options = {"row_overlap": "auto", "column_overlap": 0.25, "anneal": True}
    score = mean_f1(*yeast, lambda s: NEOCC(14, 2, init="k-means", random_state=s, **options))
    assert 39.7 < score < 42.7


def test_one_way_clusters_score_as_in_the_paper(yeast):
    score = mean_f1(*yeast, lambda s: NEOKMeans(14, overlap="auto", random_state=s))
    assert 33 < score < 40
