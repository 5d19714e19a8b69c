"""Checkerboards piece by piece: normalised vectors, distinct partitions, and the best pair."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skcocluster._kernels.engines import get_engine
from skcocluster._spectral import _balance
from skcocluster._spectral._balance import domain_of, normalized_vectors
from skcocluster._spectral._checkerboard import Sides, best_pair, distinct_centres, find_sides
from skcocluster._spectral._points import Centres, Cloud

KINDS = (np.asarray, sparse.csr_array)


def rng(seed=0):
    return np.random.RandomState(seed)


def explained(X, row_labels, column_labels):
    """Squares that the means of blocks explain, block by block."""
    total = 0.0
    for g, h in itertools.product(set(row_labels), set(column_labels)):
        block = X[row_labels == g][:, column_labels == h]
        total += block.size * block.mean() ** 2
    return total


def corners(n, n_labels, seed):
    """Points at the corners of a simplex, each of them in use."""
    return np.eye(n_labels)[np.random.default_rng(seed).permutation(np.arange(n) % n_labels)]


@pytest.mark.parametrize("n_clusters", [(3, 2), (2, 4)])
@pytest.mark.parametrize("n_centres", [2, 4])
@pytest.mark.parametrize("seed", range(4))
def test_best_pair_is_that_of_which_means_explain_most(n_clusters, n_centres, seed):
    X = np.random.default_rng(seed).integers(0, 9, (12, 10)).astype(float)
    points = [np.random.default_rng(seed + 1).normal(size=(n, 2)) for n in X.shape]
    centres = [
        [
            Centres(points[side][np.random.default_rng(s).permutation(10)[:k]])
            for s in range(n_centres)
        ]
        for side, k in enumerate(n_clusters)
    ]
    sides = Sides(*points, (points[0], points[1]), *centres)
    engine = get_engine("numpy")
    pair = best_pair(engine, engine.prepare(X), sides, n_clusters)

    def value(pair):
        return explained(X, pair[0].nearest(points[0]), pair[1].nearest(points[1]))

    best = max(itertools.product(*centres), key=value)
    assert pair[0] is best[0]
    assert pair[1] is best[1]


def test_of_equal_pairs_the_first_is_taken():
    X = np.ones((6, 4))
    points = [corners(6, 2, 0), corners(4, 2, 0)]
    turned = [Centres(np.eye(2)), Centres(np.eye(2)[::-1])]
    engine = get_engine("numpy")
    for matrix in (X, 0 * X, 1e-8 * X):
        sides = Sides(*points, (points[0], points[1]), turned, turned[::-1])
        pair = best_pair(engine, engine.prepare(matrix), sides, (2, 2))
        assert pair[0] is turned[0]
        assert pair[1] is turned[1]


def test_partitions_that_runs_find_again_are_kept_once():
    points = corners(30, 3, 0)
    # A point without a direction has no centre of its own.
    points[7] = 0.0
    (found,) = distinct_centres(points, 3, np.arange(8), None)
    assert_allclose(np.sort(found.points, axis=0)[-1], 1.0)
    assert len(found.points) == 3


def test_partitions_are_distinct_and_numbered_by_their_first_points():
    points = np.random.default_rng(0).normal(size=(40, 2))
    found = [centres.nearest(points) for centres in distinct_centres(points, 6, range(12), None)]
    assert 1 < len(found) == len({labels.tobytes() for labels in found})
    for labels in found:
        assert list(dict.fromkeys(labels.tolist())) == list(range(6))


def test_sides_run_k_means_from_seeds_of_their_own_and_more_runs_include_the_fewer():
    X = np.random.default_rng(0).random((40, 40))
    X = X + X.T
    vectors = normalized_vectors(X, "bistochastic", 4, "auto", rng()).vectors
    few, more = (find_sides(X, vectors, (5, 5), 3, n, None, rng(1)) for n in (4, 8))
    for name in ("row_centres", "column_centres"):
        of_few, of_more = getattr(few, name), getattr(more, name)
        assert len(of_few) > 1
        for one, other in zip(of_few, of_more, strict=False):
            assert_array_equal(one.points, other.points)
    assert few.rows.shape == few.columns.shape == (40, 3)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("normalization", ["bistochastic", "scale"])
def test_rows_and_columns_of_zeros_change_no_vector(normalization, kind):
    X = np.random.default_rng(0).random((20, 12)) + np.kron(np.eye(4), np.ones((5, 3)))
    padded = np.zeros((23, 14))
    padded[2:22, 1:13] = X
    plain = normalized_vectors(kind(X), normalization, 3, "auto", rng()).vectors
    found = normalized_vectors(kind(padded), normalization, 3, "auto", rng()).vectors
    for one, other, inside in (
        (plain.left, found.left, slice(2, 22)),
        (plain.right, found.right, slice(1, 13)),
    ):
        assert_allclose(np.abs(other[inside]), np.abs(one), atol=1e-7)
        assert_allclose(np.delete(other, np.arange(len(other))[inside], axis=0), 0.0, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1.0, 7.0, 1e200])
def test_a_matrix_without_interactions_has_none_after_the_logarithm(scale):
    generator = np.random.default_rng(0)
    X = scale * np.outer(generator.random(30) + 0.1, generator.random(20) + 0.1)
    found = normalized_vectors(X, "log", 3, "auto", rng()).vectors
    assert_array_equal(found.left, 0.0)


def test_interactions_are_in_single_precision_only_where_there_are_many(monkeypatch):
    X = np.random.default_rng(0).random((9, 8)) + 0.5
    assert _balance._log_interactions(X).dtype == np.float64
    monkeypatch.setattr(_balance, "SINGLE_ENTRIES", 71)
    assert _balance._log_interactions(X).dtype == np.float32
    monkeypatch.setattr(_balance, "SINGLE_ENTRIES", 72)
    assert _balance._log_interactions(X).dtype == np.float64


def test_points_without_a_difference_have_no_inertia():
    centres = Cloud(np.full((5, 2), 0.3), 3).find_centres(rng())
    assert (centres.inertia, centres.converged) == (0.0, True)


def test_zero_has_no_logarithm():
    assert domain_of("log").domain == (0.0, np.inf, False, False)
    assert domain_of("scale").domain[2]
