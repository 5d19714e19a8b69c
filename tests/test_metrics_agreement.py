"""Scores of agreement against brute force and against scikit-learn."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics import consensus_score as sklearn_consensus_score

from skcocluster.metrics import (
    clustering_accuracy,
    coclustering_adjusted_rand_score,
    consensus_score,
)

seeds = st.integers(0, 10**6)

# --- clustering_accuracy --------------------------------------------------------------------------


def naive_accuracy(labels_true, labels_pred):
    """The best over all ways to give clusters distinct classes (None: no class)."""
    classes = sorted(set(labels_true))
    clusters = sorted(set(labels_pred) - {-1})
    best = 0
    for chosen in itertools.permutations(classes + [None] * len(clusters), len(clusters)):
        match = dict(zip(clusters, chosen, strict=True))
        hits = sum(match.get(q) == t for t, q in zip(labels_true, labels_pred, strict=True))
        best = max(best, hits)
    return best / len(labels_true)


@given(seed=seeds, n=st.integers(1, 12), k=st.integers(1, 3), p=st.integers(1, 4))
def test_accuracy_equals_the_best_of_all_matchings(seed, n, k, p):
    rng = np.random.default_rng(seed)
    true, pred = rng.integers(0, k, n).tolist(), rng.integers(-1, p, n).tolist()
    value = clustering_accuracy(true, pred)
    assert isinstance(value, float)
    assert_allclose(value, naive_accuracy(true, pred))


@given(seed=seeds)
def test_accuracy_does_not_depend_on_names_and_is_symmetric(seed):
    rng = np.random.default_rng(seed)
    true, pred = rng.integers(0, 4, 30), rng.integers(0, 5, 30)
    value = clustering_accuracy(true, pred)
    assert clustering_accuracy(pred, true) == value
    assert clustering_accuracy(np.array(list("abcd"))[true], 10**9 - pred) == value
    assert clustering_accuracy(true, rng.permutation(5)[pred]) == value


def test_predicted_outliers_count_as_wrong():
    assert clustering_accuracy([0, 0, 0, 0], [-1, -1, -1, 5]) == 0.25
    assert clustering_accuracy([0, 1], [-1, -1]) == 0.0
    assert clustering_accuracy([-1, -1, 0], [3, 3, 4]) == 1.0
    assert clustering_accuracy([-1, -1, 0], [-1, -1, 0]) == pytest.approx(1 / 3)


def test_one_cluster_for_all_scores_the_largest_class():
    assert clustering_accuracy([0, 0, 0, 1, 2], [7] * 5) == 0.6


def test_every_point_its_own_cluster_scores_one_hit_per_class():
    assert clustering_accuracy([0, 0, 0, 1, 1], range(5)) == 0.4


@pytest.mark.parametrize(
    ("true", "pred", "message"),
    [([0, 1], [0], "of one length"), ([[0, 1]], [[0, 1]], "one-dimensional"), ([], [], "empty")],
)
def test_labels_that_cannot_be_compared_are_refused(true, pred, message):
    with pytest.raises(ValueError, match=message):
        clustering_accuracy(true, pred)
    with pytest.raises(ValueError, match=message):
        coclustering_adjusted_rand_score(true, [0, 1], pred, [0, 1])


# --- consensus_score ------------------------------------------------------------------------------


def draw_biclusters(rng, n, n_rows=9, n_columns=7, share=0.5):
    """Non-empty random biclusters."""
    rows, columns = rng.random((n, n_rows)) < share, rng.random((n, n_columns)) < share
    rows[np.arange(n), rng.integers(0, n_rows, n)] = True
    columns[np.arange(n), rng.integers(0, n_columns, n)] = True
    return rows, columns


def naive_jaccard(a_rows, a_columns, b_rows, b_columns):
    a = {(i, j) for i in np.flatnonzero(a_rows) for j in np.flatnonzero(a_columns)}
    b = {(i, j) for i in np.flatnonzero(b_rows) for j in np.flatnonzero(b_columns)}
    return len(a & b) / len(a | b) if a | b else 1.0


@given(seed=seeds, n_a=st.integers(1, 6), n_b=st.integers(1, 6))
def test_consensus_score_equals_scikit_learns(seed, n_a, n_b):
    rng = np.random.default_rng(seed)
    a, b = draw_biclusters(rng, n_a), draw_biclusters(rng, n_b)
    value = consensus_score(a, b)
    assert isinstance(value, float)
    assert_allclose(value, sklearn_consensus_score(a, b), rtol=1e-12)
    assert_allclose(consensus_score(b, a), value, rtol=1e-12)


@given(seed=seeds, n_a=st.integers(0, 4), n_b=st.integers(0, 4))
def test_consensus_score_with_empty_biclusters_equals_all_matchings(seed, n_a, n_b):
    rng = np.random.default_rng(seed)
    a = rng.random((n_a, 4)) < 0.3, rng.random((n_a, 3)) < 0.3
    b = rng.random((n_b, 4)) < 0.3, rng.random((n_b, 3)) < 0.3
    best = max(
        sum(
            naive_jaccard(a[0][g], a[1][g], b[0][h], b[1][h])
            for g, h in enumerate(order[:n_a])
            if h < n_b
        )
        for order in itertools.permutations(range(max(n_a, n_b)))
    )
    expected = best / max(n_a, n_b) if max(n_a, n_b) else 1.0
    assert_allclose(consensus_score(a, b), expected, rtol=1e-12)


@given(seed=seeds)
def test_callable_similarity_equals_scikit_learns(seed):
    def dice(a_rows, a_columns, b_rows, b_columns):
        both = (a_rows & b_rows).sum() * (a_columns & b_columns).sum()
        return 2 * both / (a_rows.sum() * a_columns.sum() + b_rows.sum() * b_columns.sum())

    rng = np.random.default_rng(seed)
    a, b = draw_biclusters(rng, 3), draw_biclusters(rng, 5)
    expected = sklearn_consensus_score(a, b, similarity=dice)
    assert_allclose(consensus_score(a, b, similarity=dice), expected, rtol=1e-12)
    assert_allclose(consensus_score(a, b, similarity=naive_jaccard), consensus_score(a, b))


def test_equal_sets_score_one_in_any_order_and_with_an_empty_bicluster():
    rows, columns = draw_biclusters(np.random.default_rng(0), 5)
    rows[2] = False
    order = np.random.default_rng(1).permutation(5)
    assert consensus_score((rows, columns), (rows[order], columns[order])) == 1.0


def test_superfluous_biclusters_lower_the_score():
    a = draw_biclusters(np.random.default_rng(0), 2)
    twice = tuple(np.vstack([part, part]) for part in a)
    assert consensus_score(a, twice) == 0.5


def test_integer_and_list_indicators_are_taken():
    a = ([[1, 0, 1]], [[0, 1]])
    assert consensus_score(a, ([[True, False, True]], [[False, True]])) == 1.0


def test_large_biclusters_are_counted_exactly():
    rows = np.ones((1, 100_003), dtype=bool)
    columns = np.ones((1, 100_019), dtype=bool)
    fewer = rows.copy()
    fewer[0, 0] = False
    assert consensus_score((rows, columns), (fewer, columns)) == 100_002 / 100_003


@pytest.mark.parametrize(
    ("a", "b", "similarity", "message"),
    [
        ((np.ones((2, 3)), np.ones((1, 4))), None, "jaccard", "a must be"),
        ((np.ones(3), np.ones(4)), None, "jaccard", "a must be"),
        (None, (np.ones((1, 3)), np.ones((1, 5))), "jaccard", "b over 3 and 5"),
        (None, None, "cosine", "similarity='cosine'"),
    ],
)
def test_bad_biclusters_are_named(a, b, similarity, message):
    good = np.ones((1, 3)), np.ones((1, 4))
    with pytest.raises(ValueError, match=message):
        consensus_score(a or good, b or good, similarity=similarity)


# --- coclustering_adjusted_rand_score -------------------------------------------------------------


def label_entries(row_labels, column_labels):
    """One label for every entry of the matrix."""
    return [f"{g}/{h}" for g in row_labels for h in column_labels]


@given(seed=seeds, n=st.integers(1, 8), m=st.integers(1, 8), k=st.integers(1, 4))
def test_coclustering_score_is_the_adjusted_rand_score_of_the_entries(seed, n, m, k):
    rng = np.random.default_rng(seed)
    rows_true, rows_pred = rng.integers(-1, k, (2, n))
    columns_true, columns_pred = rng.integers(-1, k, (2, m))
    value = coclustering_adjusted_rand_score(rows_true, columns_true, rows_pred, columns_pred)
    assert isinstance(value, float)
    expected = adjusted_rand_score(
        label_entries(rows_true, columns_true), label_entries(rows_pred, columns_pred)
    )
    assert_allclose(value, expected, rtol=1e-12, atol=1e-15)


@given(seed=seeds)
def test_coclustering_score_is_symmetric_and_blind_to_names_and_sides(seed):
    rng = np.random.default_rng(seed)
    rt, rp = rng.integers(0, 3, (2, 12))
    ct, cp = rng.integers(0, 4, (2, 9))
    value = coclustering_adjusted_rand_score(rt, ct, rp, cp)
    assert coclustering_adjusted_rand_score(rp, cp, rt, ct) == value
    assert coclustering_adjusted_rand_score(ct, rt, cp, rp) == value
    assert coclustering_adjusted_rand_score(rt, ct, np.array(list("xyz"))[rp], 9 - cp) == value
    assert coclustering_adjusted_rand_score(rt, ct, 5 - rt, ct + 1) == 1.0


def test_coclustering_score_of_independent_labels_falls_to_zero_with_the_size():
    rng = np.random.default_rng(0)
    means = [
        np.mean([coclustering_adjusted_rand_score(*rng.integers(0, 3, (4, n))) for _ in range(200)])
        for n in (60, 600)
    ]
    assert 0.01 < means[0] < 0.02
    assert 0.001 < means[1] < 0.002


def test_coclustering_score_of_a_huge_matrix_does_not_overflow():
    n = 200_000
    rows, columns = np.arange(n) % 7, np.arange(n) % 5
    assert coclustering_adjusted_rand_score(rows, columns, rows, columns) == 1.0
    one = np.zeros(n, int)
    assert coclustering_adjusted_rand_score(rows, columns, one, one) == 0.0
    singles = np.arange(n)
    value = coclustering_adjusted_rand_score(rows, columns, rows, singles % 10)
    assert 0.5 < value < 0.8


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_coclustering_score_of_equal_trivial_partitions_is_one(labels):
    assert coclustering_adjusted_rand_score(labels, labels, labels, labels) == 1.0


def test_sides_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="row_labels"):
        coclustering_adjusted_rand_score([0, 1], [0, 1], [0, 1, 1], [0, 1])
    with pytest.raises(ValueError, match="column_labels"):
        coclustering_adjusted_rand_score([0, 1], [0, 1], [0, 1], [0])
