"""Scores of clusterings that overlap, against loops over pairs and over clusters."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import adjusted_rand_score

from skcocluster.metrics import _overlap, omega_index, overlapping_f1_score, overlapping_nmi

SCORES = [
    overlapping_f1_score,
    lambda a, b: overlapping_f1_score(a, b, symmetric=True),
    omega_index,
    overlapping_nmi,
    lambda a, b: overlapping_nmi(a, b, normalization="lfk"),
]


def draw(seed, n=17):
    rng = np.random.default_rng(seed)
    return rng.random((n, 4)) < 0.4, rng.random((n, 3)) < 0.4


def sets_of(memberships):
    return [{i for i, inside in enumerate(column) if inside} for column in memberships.T]


def naive_f1(true, pred):
    best = [
        max(2 * len(t & c) / (len(t) + len(c)) for c in sets_of(pred) if c)
        for t in sets_of(true)
        if t
    ]
    return sum(best) / len(best)


def naive_omega(true, pred):
    shared = [
        (int((true[i] & true[j]).sum()), int((pred[i] & pred[j]).sum()))
        for i, j in itertools.combinations(range(len(true)), 2)
    ]
    n = len(shared)
    agree = sum(t == p for t, p in shared) / n
    expected = sum(
        sum(t == level for t, _ in shared) * sum(p == level for _, p in shared)
        for level in range(9)
    )
    return (agree - expected / n**2) / (1 - expected / n**2)


def h(count, n):
    return -count / n * math.log2(count / n) if count else 0.0


def naive_entropies(first, second):
    """H(X_k) and H(X_k | Y) for each cluster of the first cover."""
    n = len(first)
    pairs = []
    for x in first.T:
        own = h(x.sum(), n) + h(n - x.sum(), n)
        best = own
        for y in second.T:
            a, b = (~x & ~y).sum(), (~x & y).sum()
            c, d = (x & ~y).sum(), (x & y).sum()
            if h(a, n) + h(d, n) >= h(b, n) + h(c, n):
                joint = h(a, n) + h(b, n) + h(c, n) + h(d, n)
                best = min(best, joint - h(y.sum(), n) - h(n - y.sum(), n))
        pairs.append((own, best))
    return pairs


def naive_nmi(true, pred, normalization):
    first, second = naive_entropies(true, pred), naive_entropies(pred, true)
    if normalization == "lfk":
        means = [np.mean([c / o if o else 1.0 for o, c in pairs]) for pairs in (first, second)]
        return 1 - sum(means) / 2
    own = [sum(o for o, _ in pairs) for pairs in (first, second)]
    gain = sum(o - c for pairs in (first, second) for o, c in pairs) / 2
    return gain / max(own)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("chunk_pairs", [1, 60, 1 << 21])
def test_scores_are_those_of_loops(seed, chunk_pairs, monkeypatch):
    monkeypatch.setattr(_overlap, "CHUNK_PAIRS", chunk_pairs)
    true, pred = draw(seed)
    forth, back = naive_f1(true, pred), naive_f1(pred, true)
    assert_allclose(overlapping_f1_score(true, pred), forth)
    assert_allclose(overlapping_f1_score(true, pred, symmetric=True), (forth + back) / 2)
    assert_allclose(omega_index(true, pred), naive_omega(true, pred), atol=1e-12)
    for normalization in ("max", "lfk"):
        assert_allclose(
            overlapping_nmi(true, pred, normalization=normalization),
            naive_nmi(true, pred, normalization),
            atol=1e-12,
        )


@given(seed=st.integers(0, 2**31), n=st.integers(2, 20))
@settings(max_examples=50)
def test_scores_are_bounded_and_symmetric_where_they_say_so(seed, n):
    true, pred = draw(seed, n)
    order = np.random.default_rng(seed).permutation(n)
    for score in SCORES:
        value = score(true, pred)
        assert value <= 1
        assert math.isfinite(value)
        assert_allclose(score(true[order], pred[order][:, ::-1]), value, atol=1e-12)
    for score in SCORES[1:]:
        assert_allclose(score(pred, true), score(true, pred), atol=1e-12)
    for score in (*SCORES[:2], *SCORES[3:]):
        assert score(true, pred) >= -1e-12


@pytest.mark.parametrize("score", SCORES)
def test_equal_covers_score_one(score):
    true, _ = draw(3)
    assert_allclose(score(true, true[:, ::-1]), 1.0)
    assert_allclose(score(true.astype(int).tolist(), true.astype(float)), 1.0)


def test_omega_index_of_partitions_is_the_adjusted_rand_index():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 4, 60), rng.integers(0, 3, 60)
    value = omega_index(np.eye(4)[a], np.eye(3)[b])
    assert_allclose(value, adjusted_rand_score(a, b))


def test_the_trivial_cluster_wins_f1_only():
    true = np.random.default_rng(0).random((300, 14)) < 0.3
    everything = np.ones((300, 1))
    assert overlapping_f1_score(true, everything) > 0.4
    assert overlapping_nmi(true, everything) == 0.0
    assert abs(omega_index(true, everything)) < 1e-12


def test_known_values():
    # Classes of 4 and 2 samples; clusters of 3 and 3: F1 = 6/7 and 4/5.
    true = np.array([[1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]]).T
    pred = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]).T
    assert_allclose(overlapping_f1_score(true, pred), (6 / 7 + 4 / 5) / 2)
    # 15 pairs, 7 together in the truth, 6 in the clusters, 4 in both: 10 agree, 114 expected.
    assert_allclose(omega_index(true, pred), (10 * 15 - 114) / (15 * 15 - 114))
    independent = np.array([[1, 1, 0, 0], [0, 0, 1, 1]]).T, np.array([[1, 0, 1, 0]]).T
    assert overlapping_nmi(*independent) == 0.0


def test_empty_clusters_count_nothing():
    true, pred = draw(1)
    padded = np.hstack([pred, np.zeros((len(pred), 2), bool)])
    for score in (*SCORES[:3], overlapping_nmi):
        assert_allclose(score(true, padded), score(true, pred))
    nothing = np.zeros((5, 2))
    for score in SCORES:
        assert score(nothing, nothing) == 1.0
    assert overlapping_f1_score(nothing, np.ones((5, 1))) == 0.0


def test_copies_of_a_cluster_cost_nothing_in_f1_unless_symmetric():
    true, pred = draw(4)
    twice = np.hstack([pred, pred[:, :1]])
    assert_allclose(overlapping_f1_score(true, twice), overlapping_f1_score(true, pred))
    both = [overlapping_f1_score(true, p, symmetric=True) for p in (pred, twice)]
    assert abs(both[0] - both[1]) > 1e-3


def test_clusters_of_all_or_nothing_are_ignored_by_nmi():
    true, pred = draw(5)
    everything, empty = np.ones((len(true), 1), bool), np.zeros((len(true), 1), bool)
    for padded in (np.hstack([true, everything]), np.hstack([true, empty])):
        assert_allclose(overlapping_nmi(padded, pred), overlapping_nmi(true, pred))


def test_clusters_of_one_sample_make_no_pairs_in_the_omega_index():
    true, pred = draw(6)
    single = np.arange(len(pred))[:, None] == 3
    assert_allclose(omega_index(true, np.hstack([pred, single])), omega_index(true, pred))


@pytest.mark.parametrize("n_clusters", [3, 10, 60])
def test_random_clusters_score_close_to_zero_by_nmi_and_omega(n_clusters):
    rng = np.random.default_rng(0)
    true = rng.random((100, 3)) < 0.3
    values = [rng.random((100, n_clusters)) < 0.3 for _ in range(10)]
    assert 0.0 <= np.mean([overlapping_nmi(true, pred) for pred in values]) < 0.02
    assert abs(np.mean([omega_index(true, pred) for pred in values])) < 0.02


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("true", "pred", "pattern"),
    [
        ([[1, 2]], [[1, 0]], "0 and 1"),
        ([[1], [0]], [[1]], "expected"),
        ([1, 0], [[1], [0]], "expected"),
        ([], [], "empty"),
    ],
)
def test_bad_memberships_are_refused(score, true, pred, pattern):
    with pytest.raises(ValueError, match=pattern):
        score(true, pred)


def test_unknown_normalisation_is_refused():
    with pytest.raises(ValueError, match="normalization='sum'"):
        overlapping_nmi([[1], [0]], [[1], [0]], normalization="sum")
