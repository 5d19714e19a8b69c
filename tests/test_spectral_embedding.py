"""The pieces of the spectral methods: singular vectors, projections, points, balance."""

import warnings

import numpy as np
import pytest
import reference_diagonal as diagonal
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skcocluster._shared import singular_vectors
from skcocluster._shared.singular_vectors import (
    Scaling,
    deflated_vectors,
    leading_vectors,
    margin_scaling,
    margins,
    scaled_copy,
)
from skcocluster._shared.spectral_embedding import (
    directions,
    regularized_embedding,
    times,
    unit_rows,
)
from skcocluster._spectral._balance import balance
from skcocluster._spectral._checkerboard import best_piecewise
from skcocluster._spectral._points import Cloud, cluster_means, round_points

SOLVERS = ("auto", "arpack", "randomized")
KINDS = (np.asarray, sparse.csr_array)


def rng(seed=0):
    return np.random.RandomState(seed)


def gapped(shape=(70, 50), seed=0):
    """A non-negative matrix whose leading singular values lie apart."""
    return diagonal.planted_diagonal(*shape, 5, seed)[0]


def low_rank(shape, values, seed=0):
    generator = np.random.default_rng(seed)
    left, right = (np.linalg.qr(generator.normal(size=(n, len(values))))[0] for n in shape)
    return (left * values) @ right.T


# --- singular vectors -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("shape", [(70, 50), (50, 70), (200, 130)])
def test_vectors_are_those_of_a_dense_svd_in_descending_order(kind, solver, shape):
    A = low_rank(shape, [9, 7, 4, 2, 1.5, 1e-3])
    vectors = leading_vectors(kind(A), 4, solver, rng())
    U, values, Vt = np.linalg.svd(A)
    assert_allclose(vectors.values, values[:4], rtol=1e-10)
    assert_allclose(abs((vectors.left * U[:, :4]).sum(axis=0)), 1, rtol=1e-9)
    assert_allclose(abs((vectors.right * Vt[:4].T).sum(axis=0)), 1, rtol=1e-9)
    assert_allclose(A @ vectors.right, vectors.left * vectors.values, atol=1e-6)


@pytest.mark.parametrize("solver", SOLVERS)
def test_signs_do_not_depend_on_solver_storage_or_seed(solver):
    A = low_rank((90, 60), [9, 7, 4, 2])
    plain = leading_vectors(A, 3, "auto", rng())
    for kind in KINDS:
        for seed in range(3):
            other = leading_vectors(kind(A), 3, solver, rng(seed))
            assert_allclose(other.right, plain.right, atol=1e-8)
            assert_allclose(other.left, plain.left, atol=1e-8)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (3, 200), (200, 3)])
def test_more_vectors_than_there_are_give_all_of_them(solver, shape):
    A = np.random.default_rng(0).random(shape)
    vectors = leading_vectors(A, 50, solver, rng())
    assert_allclose(vectors.values, np.linalg.svd(A)[1], rtol=1e-9)
    assert_allclose((vectors.left * vectors.values) @ vectors.right.T, A, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_matrix_of_zeros_has_vectors_of_zeros(kind, solver):
    vectors = leading_vectors(kind(np.zeros((40, 300))), 3, solver, rng())
    assert not vectors.left.any()
    assert not vectors.values.any()
    assert vectors.right.shape == (300, 3)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("shape", [(40, 30), (300, 200)])
def test_deflation_takes_the_rank_one_part_off(solver, shape):
    A = low_rank(shape, [9, 7, 4, 2])
    U, values, Vt = np.linalg.svd(A)
    for drop in (0, 1):
        rank_one = values[drop] * U[:, drop], Vt[drop]
        vectors = deflated_vectors(A, *rank_one, 3, solver, rng())
        assert_allclose(vectors.values, np.delete(values[:4], drop), rtol=1e-8)
        assert abs(rank_one[1] @ vectors.right).max() < 1e-7


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("size", [10, 60])
def test_deflation_of_a_repeated_value_leaves_the_others(solver, size):
    # Four equal parts: four vectors of value 1, of which any mixture may be found first.
    A = np.kron(np.eye(4), np.full((size, size), 1.0 / size))
    even = np.full(4 * size, 1.0 / np.sqrt(4 * size))
    if solver == "arpack":
        pytest.skip("Lanczos iterations need not find a repeated value at all")
    vectors = deflated_vectors(A, even, even, 3, solver, rng())
    assert_allclose(vectors.values, 1, rtol=1e-9)
    assert abs(even @ vectors.right).max() < 1e-7


@pytest.mark.parametrize("shape", [(9, 7), (300, 200)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_a_deflation_leaves_of_a_constant_matrix_is_nothing(shape, dtype):
    A = np.full(shape, 0.1, dtype)
    left, right = np.full(shape[0], 0.1), np.ones(shape[1])
    vectors = deflated_vectors(A, left, right, 2, "auto", rng())
    assert not vectors.values.any()
    assert not vectors.right.any()


def test_failure_of_arpack_is_told_of_and_has_a_result(monkeypatch):
    def fail(*arguments, **options):
        raise singular_vectors.ArpackError(-1)

    monkeypatch.setattr(singular_vectors, "svds", fail)
    A = low_rank((90, 60), [9, 7, 4, 2])
    with pytest.warns(ConvergenceWarning, match="ARPACK"):
        vectors = leading_vectors(A, 3, "arpack", rng())
    assert_allclose(vectors.values, [9, 7, 4], rtol=1e-9)


# --- scaling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.asarray, np.asfortranarray, sparse.csr_array])
@pytest.mark.parametrize("shape", [(7, 5), (400, 300)])
def test_scaled_copy_scales_and_leaves_x_alone(kind, shape, monkeypatch):
    monkeypatch.setattr(singular_vectors, "CHUNK_ENTRIES", 1000)
    X = np.random.default_rng(0).poisson(2, shape).astype(float)
    given = kind(X)
    scaling = Scaling(np.arange(1.0, shape[0] + 1), np.arange(2.0, shape[1] + 2))
    scaled = scaled_copy(given, scaling)
    expected = X * scaling.rows[:, None] * scaling.columns
    assert scaled.dtype == (np.float64 if X.size < 1000 else np.float32)
    assert_allclose(scaled.toarray() if sparse.issparse(scaled) else scaled, expected, rtol=1e-6)
    assert_array_equal(given.toarray() if sparse.issparse(given) else given, X)
    if sparse.issparse(given):
        assert scaled.indices is given.indices or np.shares_memory(scaled.indices, given.indices)


def test_scaling_adds_tau_and_leaves_zero_lines_at_zero():
    X = np.array([[4.0, 0, 0], [0, 0, 0], [3, 2, 0]])
    scaling = margin_scaling(margins(X), 0.0)
    assert_allclose(scaling.rows, [0.5, 0, 5**-0.5])
    assert_allclose(scaling.columns, [7**-0.5, 2**-0.5, 0])
    assert_allclose(margin_scaling(margins(X)).rows, [7**-0.5, 0, 8**-0.5])
    assert_allclose(margin_scaling(margins(X), share=2.0).rows, [10**-0.5, 0, 11**-0.5])
    assert_allclose(margin_scaling(margins(X), 5.0).columns, [12**-0.5, 7**-0.5, 0])


# --- the regularised embedding --------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("on_rows", [True, False])
def test_embedding_is_that_of_a_dense_svd(kind, solver, on_rows):
    X = gapped()
    rows, columns, values = diagonal.regularized_embedding(X, 5)
    found = regularized_embedding(kind(X), 5, svd_solver=solver, random_state=0, on_rows=on_rows)
    assert_allclose(found.singular_values, values, rtol=1e-8)
    points, expected = np.vstack([found.rows, found.columns]), np.vstack([rows, columns])
    assert_allclose(points @ points.T, expected @ expected.T, atol=1e-6)


def test_embedding_in_single_precision_is_near_that_in_double(monkeypatch):
    X = sparse.csr_array(gapped((400, 300)))
    single = regularized_embedding(X, 5, random_state=0, svd_solver="arpack")
    monkeypatch.setattr(singular_vectors, "SINGLE_ENTRIES", 1 << 30)
    double = regularized_embedding(X, 5, random_state=0, svd_solver="arpack")
    assert single.rows.dtype == double.rows.dtype == np.float64
    assert_allclose(single.rows, double.rows, atol=1e-4)
    assert_allclose(single.singular_values, double.singular_values, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_zero_lines_are_zero_and_others_have_length_one(kind):
    X = gapped()
    X[[3, 5]], X[:, 7] = 0, 0
    found = regularized_embedding(kind(X), 4, random_state=0)
    lengths = np.linalg.norm(found.rows, axis=1)
    assert_array_equal(np.flatnonzero(lengths == 0), [3, 5])
    assert_allclose(np.delete(lengths, [3, 5]), 1)
    assert_array_equal(np.flatnonzero(~found.columns.any(axis=1)), [7])


def test_direction_of_a_row_that_no_vector_sees_is_zero():
    vectors = np.eye(4)[:, :2]
    X = np.array([[2.0, 0, 5, 0], [0, 0, 3, 1], [1e-9, 0, 4, 0], [0, 0, 0, 0]])
    points = directions(X, np.ones(4), vectors)
    assert_array_equal(points, [[1, 0], [0, 0], [0, 0], [0, 0]])


def test_products_of_float32_are_summed_in_float64():
    X = np.random.default_rng(0).random((50, 40)).astype(np.float32)
    V = np.random.default_rng(1).random((40, 3))
    assert_allclose(times(X, V), X.astype(np.float64) @ V, rtol=1e-14)
    assert times(sparse.csr_array(X), V).dtype == np.float64
    assert_array_equal(unit_rows(np.zeros((2, 3))), 0)


# --- points ---------------------------------------------------------------------------------------


def test_centres_are_as_many_as_distinct_points():
    points = np.repeat([[1.0, 0.0], [0.0, 1.0]], 6, axis=0)
    jitter = points + 1e-11 * np.random.default_rng(0).normal(size=points.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for given in (points, jitter):
            centres = Cloud(given, 4).find_centres(rng())
            assert len(centres.points) == 2
            labels = centres.nearest(given)
            assert_array_equal(labels[:6], labels[0])
            assert labels[0] != labels[6]


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.zeros((5, 2)), np.full((5, 2), 0.3)])
def test_points_without_a_difference_have_one_centre(points):
    centres = Cloud(points, 3).find_centres(rng())
    assert centres.points.shape == (1, 2)
    assert_array_equal(centres.nearest(np.ones((4, 2))), 0)


def test_pivots_are_one_of_each_direction():
    directions_of = np.repeat(np.eye(4), [50, 3, 20, 1], axis=0)
    pivots = Cloud(directions_of, 4).pivots()
    assert_array_equal(directions_of[pivots].sum(axis=0), 1)
    assert Cloud(directions_of[:, :3], 4).pivots() is None
    assert Cloud(directions_of[:3], 4).pivots() is None


def test_numbers_follow_the_order_of_first_labels_and_ties_go_to_the_lowest():
    centres = Cloud(np.eye(3), 3).find_centres(rng())
    ordered, numbers = centres.numbered_by(np.array([2, 2, 0, 2]))
    assert_array_equal(numbers, [1, 2, 0])
    assert_array_equal(ordered.points, centres.points[[2, 0, 1]])
    assert ordered.nearest(np.zeros((1, 3))) == 0


def test_means_of_equal_clusters_are_one():
    points = np.array([[1.0, 2], [1, 2], [3, 4], [5, 4]])
    assert_allclose(cluster_means(points, np.array([0, 2, 3, 3]), 5), [[1, 2], [4, 4]])
    assert_array_equal(np.signbit(round_points(np.array([[-1e-12, 1.0]]), False)), False)


# --- checkerboards --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("factor", [1.0, 2.0**-300, 2.0**300])
def test_balance_makes_sums_even(kind, factor):
    generator = np.random.default_rng(0)
    X = generator.random((30, 20)) * 10 ** generator.uniform(-3, 3, (30, 1))
    X[4], X[:, [2, 7]] = 0, 0
    found = balance(kind(X * factor))
    assert found.converged
    B = X * factor * found.scaling.rows[:, None] * found.scaling.columns
    assert_allclose(np.delete(B.sum(axis=1), 4), np.sqrt(18 / 29), rtol=1e-9)
    assert_allclose(np.delete(B.sum(axis=0), [2, 7]), np.sqrt(29 / 18), rtol=1e-9)
    assert_allclose(np.linalg.norm(B, 2), 1, rtol=1e-9)


def test_pattern_that_has_no_balance_ends_with_finite_factors():
    # One row alone in its column, and columns alone in one row.
    X = np.zeros((3, 5))
    X[0, 0] = X[1, 0] = X[2, 1:] = 1
    for given in (X, sparse.csr_array(X)):
        found = balance(given)
        assert not found.converged
        assert np.isfinite(found.scaling.rows).all()
        assert np.isfinite(found.scaling.columns).all()
    assert balance(np.zeros((3, 2))).converged


def test_vectors_nearest_to_piecewise_constants_come_first():
    steps = np.repeat([1.0, -1.0, 3.0], 4)
    slope = np.linspace(-1, 1, 12)
    near = steps + 0.01 * np.random.default_rng(0).normal(size=12)
    vectors = np.column_stack([slope, near, np.zeros(12), steps])
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=0), 1e-9)
    best = best_piecewise(vectors, 2, 3, rng())
    assert_array_equal(best, vectors[:, [3, 1]])
    assert_array_equal(best_piecewise(vectors, 9, 3, rng()), vectors[:, [3, 1, 0, 2]])
