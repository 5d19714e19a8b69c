"""modularity, max_norm_cost and neo_objective against sums entry by entry."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import balanced_labels
from scipy.sparse import csc_array, csr_array, csr_matrix

from skcocluster.metrics import (
    _checks,
    block_divergence,
    max_norm_cost,
    modularity,
    neo_objective,
)

STORAGES = [np.asarray, np.asfortranarray, csr_array, csc_array, csr_matrix]


@pytest.fixture(params=[1, 20, 2**19])
def chunk_entries(request, monkeypatch):
    """Run with pieces of one row, of a few rows, and of everything."""
    monkeypatch.setattr(_checks, "CHUNK_ENTRIES", request.param)
    return request.param


def draw(seed, n=9, m=7, low=0):
    """Integer matrix with zeros, and labels with -1 among them."""
    rng = np.random.default_rng(seed)
    X = rng.integers(low, 10, (n, m)) * (rng.random((n, m)) < 0.6)
    return X.astype(float), rng.integers(-1, 3, n), rng.integers(-1, 3, m)


# --- modularity -----------------------------------------------------------------------------------


def naive_modularity(X, row_labels, column_labels, resolution):
    total = X.sum()
    value = 0.0
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            if row_labels[i] == column_labels[j] >= 0:
                value += X[i, j] - resolution * X[i].sum() * X[:, j].sum() / total
    return value / total


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("resolution", [0.0, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("seed", range(3))
def test_modularity_equals_the_sum_by_loops(storage, resolution, seed, chunk_entries):
    X, rows, columns = draw(seed)
    value = modularity(storage(X), rows, columns, resolution)
    assert isinstance(value, float)
    assert_allclose(value, naive_modularity(X, rows, columns, resolution), atol=1e-13)


def test_modularity_of_disconnected_equal_blocks_is_one_less_their_share():
    X = np.kron(np.eye(4), np.ones((3, 2)))
    assert_allclose(modularity(X, np.arange(12) // 3, np.arange(8) // 2), 1 - 1 / 4)


def test_modularity_of_one_block_is_zero():
    X, _, _ = draw(0)
    assert_allclose(modularity(X, np.zeros(9, int), np.zeros(7, int)), 0.0, atol=1e-15)


@given(seed=st.integers(0, 10**6), scale=st.sampled_from([0.5, 2.0, 1024.0]))
def test_modularity_does_not_depend_on_scale_side_or_names(seed, scale):
    X, rows, columns = draw(seed)
    value = modularity(X, rows, columns)
    assert value < 1
    assert_allclose(modularity(scale * X, rows, columns), value, atol=1e-13)
    assert_allclose(modularity(X.T, columns, rows), value, atol=1e-13)
    names = np.array([5, 1000, 2, -1])  # the last stands for -1
    assert_allclose(modularity(X, names[rows], names[columns]), value, atol=1e-13)


def test_modularity_of_labels_that_do_not_meet_is_zero():
    X, _, _ = draw(0)
    assert modularity(X, np.zeros(9, int), np.ones(7, int)) == 0.0


@pytest.mark.parametrize("storage", STORAGES)
def test_modularity_of_zeros_is_zero(storage):
    assert modularity(storage(np.zeros((3, 2))), [0, 0, 1], [0, 1]) == 0.0


@pytest.mark.parametrize("storage", [np.asarray, csr_array])
@pytest.mark.parametrize("dtype", [bool, np.int8, np.float32])
def test_modularity_of_other_dtypes(storage, dtype):
    X, rows, columns = draw(1)
    X = X.astype(dtype)
    expected = naive_modularity(X.astype(float), rows, columns, 1.0)
    assert_allclose(modularity(storage(X), rows, columns), expected, atol=1e-13)


@pytest.mark.parametrize("storage", [np.asarray, csr_array])
def test_modularity_refuses_negative_entries(storage):
    with pytest.raises(ValueError, match="negative"):
        modularity(storage(np.array([[1.0, -1.0]])), [0], [0, 1])


# --- max_norm_cost --------------------------------------------------------------------------------


def naive_max_norm_cost(X, row_labels, column_labels):
    cost = 0.0
    for g in range(3):
        for h in range(3):
            block = [
                X[i, j]
                for i in range(X.shape[0])
                for j in range(X.shape[1])
                if row_labels[i] == g and column_labels[j] == h
            ]
            if block:
                cost = max(cost, max(block) - min(block))
    return cost


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("seed", range(6))
def test_max_norm_cost_equals_the_range_by_loops(storage, seed, chunk_entries):
    X, rows, columns = draw(seed, low=-9)
    value = max_norm_cost(storage(X), rows, columns)
    assert isinstance(value, float)
    assert value == naive_max_norm_cost(X, rows, columns)


@pytest.mark.parametrize("storage", [np.asarray, csr_array])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_max_norm_cost_counts_zeros_only_where_they_are(storage, sign):
    X = sign * np.array([[5.0, 6.0, 0.0, 3.0], [7.0, 6.0, 3.0, 3.0]])
    assert max_norm_cost(storage(X), [0, 0], [0, 0, 1, 1]) == 3.0
    assert max_norm_cost(storage(X), [0, 0], [0, 0, -1, 1]) == 2.0


@given(seed=st.integers(0, 10**6), offset=st.integers(-50, 50))
def test_max_norm_cost_does_not_depend_on_offset_sign_or_side(seed, offset):
    X, rows, columns = draw(seed, low=-9)
    value = max_norm_cost(X, rows, columns)
    assert max_norm_cost(offset - X, rows, columns) == value
    assert max_norm_cost(X.T, columns, rows) == value
    assert max_norm_cost(X, np.where(rows < 0, -1, 100 * rows), columns) == value


def test_max_norm_cost_of_nothing_is_zero():
    assert max_norm_cost(np.ones((2, 2)), [-1, -1], [0, 1]) == 0.0
    assert max_norm_cost(csr_array(np.ones((2, 2))), [0, 1], [-1, -1]) == 0.0


def test_max_norm_counterexample_of_three_letters():
    """With two row and two column clusters the best cost is 2, with three column clusters 1."""
    X = np.array([[0, 1, 2, 1, 0], [2, 2, 2, 0, 0]])
    splits = [np.array(c) for c in np.ndindex(*[2] * 5)]
    assert min(max_norm_cost(X, [0, 1], c) for c in splits) == 2.0
    assert min(max_norm_cost(X, [0, 1], np.array(c)) for c in np.ndindex(*[3] * 5)) == 1.0


# --- neo_objective --------------------------------------------------------------------------------


def naive_neo_objective(X, U, V, objective):
    value = 0.0
    for g in range(U.shape[1]):
        for h in range(V.shape[1]):
            rows, columns = np.flatnonzero(U[:, g]), np.flatnonzero(V[:, h])
            if not len(rows) or not len(columns):
                continue
            block = X[np.ix_(rows, columns)]
            for i in range(len(rows)):
                for j in range(len(columns)):
                    residue = block[i, j] - block.mean()
                    if objective == "RCM":
                        residue = block[i, j] - block[i].mean() - block[:, j].mean() + block.mean()
                    value += residue**2
    return value


def draw_memberships(seed, n, k):
    """Memberships with overlap, outliers and perhaps an empty cluster."""
    memberships = np.random.default_rng(seed).random((n, k)) < 0.4
    memberships[0] = False
    memberships[1] = True
    return memberships


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("objective", ["M", "RCM"])
@pytest.mark.parametrize("seed", range(4))
def test_neo_objective_equals_the_sum_by_loops(storage, objective, seed, chunk_entries):
    X, _, _ = draw(seed, low=-9)
    U, V = draw_memberships(seed, 9, 3), draw_memberships(seed + 9, 7, 2)
    U[1:, 2] = False  # an empty cluster, but for row 1 ...
    U[1, 2] = seed % 2  # ... in every other case
    value = neo_objective(storage(X), U, V, objective=objective)
    assert isinstance(value, float)
    assert_allclose(value, naive_neo_objective(X, U, V, objective), rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.float32])
@pytest.mark.parametrize("storage", [np.asarray, csr_array])
def test_neo_objective_of_other_dtypes(dtype, storage):
    X, _, _ = draw(2)
    X = X.astype(dtype)
    U, V = draw_memberships(0, 9, 3), draw_memberships(1, 7, 2)
    expected = naive_neo_objective(X.astype(float), U, V, "M")
    assert_allclose(neo_objective(storage(X), U.astype(int), V), expected, rtol=1e-11)


# doi:10.1145/3132847.3133078, extended version arXiv:2004.11530, matrix (5) and Figure 3.
FIGURE_3 = np.array(
    [
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.04, 0.04, 0.04, 0, 0.04, 0.04],
        [0.04, 0.04, 0, 0.04, 0.04, 0.04],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0.3, 0, 0, 0],
    ]
)
V_HALVES = [(1, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 1)]
U_OVERLAP = [(1, 0), (1, 0), (1, 1), (1, 1), (0, 1), (0, 1), (0, 0)]


@pytest.mark.parametrize(
    ("U", "V", "expected"),
    [
        ([(1, 0)] * 3 + [(0, 1)] * 3 + [(1, 0)], V_HALVES, 0.071956),
        (np.eye(3)[[0, 0, 1, 1, 2, 2, 0]], V_HALVES, 0.067667),
        (U_OVERLAP, V_HALVES, 0.013667),
        (U_OVERLAP, [(1, 0), (1, 0), (0, 0), (0, 1), (0, 1), (0, 1)], 0.010233),
    ],
    ids=["a", "b", "c", "d"],
)
def test_neo_objective_of_the_case_study_is_that_of_the_paper(U, V, expected):
    assert_allclose(neo_objective(FIGURE_3, U, V), expected, atol=5e-7)


@given(seed=st.integers(0, 10**6))
def test_neo_objective_of_a_partition_is_the_block_divergence(seed):
    X, rows, columns = draw(seed, low=-9)
    U = rows[:, np.newaxis] == np.arange(3)
    V = columns[:, np.newaxis] == np.arange(3)
    expected = block_divergence(X, rows, columns)
    assert_allclose(neo_objective(X, U, V), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("objective", ["M", "RCM"])
@given(seed=st.integers(0, 10**6))
def test_neo_objective_does_not_depend_on_side_or_order(objective, seed):
    X, _, _ = draw(seed, low=-9)
    U, V = draw_memberships(seed, 9, 3), draw_memberships(seed + 1, 7, 2)
    value = neo_objective(X, U, V, objective)
    assert_allclose(neo_objective(X.T, V, U, objective), value, rtol=1e-10, atol=1e-10)
    swapped = neo_objective(X, U[:, ::-1], V[:, ::-1], objective)
    assert_allclose(swapped, value, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_offset_does_not_cancel(objective):
    X, _, _ = draw(0, low=-9)
    U, V = draw_memberships(0, 9, 3), draw_memberships(1, 7, 2)
    shifted = neo_objective(X + 2.0**30, U, V, objective)
    assert_allclose(shifted, neo_objective(X, U, V, objective), rtol=1e-6)


def test_residues_of_additive_data_vanish_under_rcm_only():
    X = np.add.outer(np.arange(6.0), np.arange(5.0) ** 2)
    U, V = np.ones((6, 1)), np.ones((5, 1))
    assert_allclose(neo_objective(X, U, V, "RCM"), 0.0, atol=1e-10)
    assert neo_objective(X, U, V, "M") > 1


def test_without_memberships_nothing_counts():
    assert neo_objective(np.ones((2, 2)), np.zeros((2, 3)), np.ones((2, 1))) == 0.0
    assert neo_objective(np.ones((2, 2)), np.zeros((2, 0)), np.ones((2, 1)), "RCM") == 0.0


# --- bad input ------------------------------------------------------------------------------------

CALLS = {
    "modularity": lambda X: modularity(X, [0, 1], [0, 1]),
    "max_norm_cost": lambda X: max_norm_cost(X, [0, 1], [0, 1]),
    "neo_objective": lambda X: neo_objective(X, np.eye(2), np.eye(2)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("storage", [np.asarray, csr_array])
def test_missing_and_infinite_entries_are_refused(call, value, storage):
    with pytest.raises(ValueError, match="Input X contains"):
        call(storage(np.array([[1.0, value], [2.0, 3.0]])))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_dask_arrays_are_refused(call):
    da = pytest.importorskip("dask.array")
    with pytest.raises(TypeError, match="compute"):
        call(da.ones((2, 2), chunks=1))


@pytest.mark.parametrize("function", [modularity, max_norm_cost])
def test_labels_that_do_not_fit_are_refused(function):
    with pytest.raises(ValueError, match="row_labels has shape"):
        function(np.ones((2, 2)), [0, 1, 1], [0, 1])
    with pytest.raises(ValueError, match="column_labels must hold integers"):
        function(np.ones((2, 2)), [0, 1], ["a", "b"])
    with pytest.raises(ValueError, match="column_labels has the label -3"):
        function(np.ones((2, 2)), [0, 1], [0, -3])


@pytest.mark.parametrize(
    ("U", "V", "options", "message"),
    [
        (np.eye(3), np.eye(2), {}, r"row_memberships has shape \(3, 3\), expected \(2, n_"),
        (np.eye(2), [0, 1], {}, r"column_memberships has shape \(2,\)"),
        (0.5 * np.eye(2), np.eye(2), {}, "row_memberships must hold only 0 and 1"),
        (np.eye(2), np.eye(2), {"objective": "m"}, "objective='m' is not one of"),
    ],
)
def test_bad_memberships_are_named(U, V, options, message):
    with pytest.raises(ValueError, match=message):
        neo_objective(np.ones((2, 2)), U, V, **options)


def test_input_is_not_changed():
    X, rows, columns = draw(0)
    U, V = draw_memberships(0, 9, 3), draw_memberships(1, 7, 2)
    for matrix in (X, csr_array(X)):
        before = matrix.copy()
        modularity(matrix, rows, columns)
        max_norm_cost(matrix, rows, columns)
        neo_objective(matrix, U, V)
        block_divergence(matrix, balanced_labels(9, 3, 0), columns)
        assert abs(matrix - before).max() == 0
