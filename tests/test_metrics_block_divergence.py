"""block_divergence against sums entry by entry, on every kind of input it takes."""

import re
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from reference import BASES, DIVERGENCES, Model, balanced_labels, random_matrix
from scipy.sparse import coo_array, csc_array, csr_array, csr_matrix

from skcocluster.metrics import _checks, block_divergence

CASES = [
    (divergence, basis)
    for divergence in DIVERGENCES
    for basis in BASES
    if basis == "C2" or divergence in ("squared_euclidean", "i_divergence")
]
every_case = pytest.mark.parametrize(("divergence", "basis"), CASES)


def naive(X, row_labels, column_labels, divergence="squared_euclidean", basis="C2"):
    """Rows and columns of label -1 are cut out, then the objective is summed by plain loops."""
    row_labels, column_labels = np.asarray(row_labels), np.asarray(column_labels)
    X = np.asarray(X, dtype=float)[row_labels >= 0][:, column_labels >= 0]
    row_labels = row_labels[row_labels >= 0]
    column_labels = column_labels[column_labels >= 0]
    if not X.size:
        return 0.0
    k, p = row_labels.max() + 1, column_labels.max() + 1
    return Model(X, row_labels, column_labels, k, p, divergence, basis).objective()


def with_labels(labels, n, seed):
    """Labels with -1 among them."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(n) < 0.2, -1, labels)


@pytest.fixture(params=[1, 20, 2**19])
def chunk_entries(request, monkeypatch):
    """Run with pieces of one row, of a few rows, and of everything."""
    monkeypatch.setattr(_checks, "CHUNK_ENTRIES", request.param)
    return request.param


@every_case
@pytest.mark.parametrize("seed", range(4))
def test_equals_the_sum_by_loops(divergence, basis, seed, chunk_entries):
    X = random_matrix(divergence, 9, 7, seed)
    rows, columns = balanced_labels(9, 3, seed), balanced_labels(7, 2, seed + 1)
    value = block_divergence(X, rows, columns, divergence=divergence, basis=basis)
    assert isinstance(value, float)
    assert_allclose(value, naive(X, rows, columns, divergence, basis), rtol=1e-12)


@every_case
@given(seed=st.integers(0, 10**6), n=st.integers(1, 8), m=st.integers(1, 8))
def test_excluded_rows_and_columns_do_not_count(divergence, basis, seed, n, m):
    X = random_matrix(divergence, n, m, seed)
    rows = with_labels(balanced_labels(n, min(3, n), seed), n, seed)
    columns = with_labels(balanced_labels(m, min(2, m), seed), m, seed + 1)
    X[rows < 0] = 1e6  # out of the way of the cut, whatever the domain
    value = block_divergence(X, rows, columns, divergence=divergence, basis=basis)
    assert_allclose(value, naive(X, rows, columns, divergence, basis), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("divergence", DIVERGENCES)
@pytest.mark.parametrize("storage", [np.asarray, csr_array])
def test_only_observed_entries_count(divergence, storage, chunk_entries):
    X = random_matrix(divergence, 12, 10, 3)
    X[X == 0] = 0.5 if divergence == "logistic" else 1.0
    X[np.random.default_rng(0).random(X.shape) < 0.3] = np.nan
    X[4] = np.nan
    rows, columns = balanced_labels(12, 3, 0), balanced_labels(10, 2, 0)
    X[np.ix_(rows == 2, columns == 1)] = np.nan  # a block without any observed entry
    value = block_divergence(storage(X), rows, columns, divergence=divergence)
    assert_allclose(value, naive(X, rows, columns, divergence), rtol=1e-12)


def zero_heavy(seed, n=15, m=11):
    """Integer matrix with many zeros, zero rows, zero columns and zero blocks."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 9, (n, m)) * (rng.random((n, m)) < 0.4)
    X[2] = 0
    X[:, 3] = 0
    X[5:9, 6:] = 0
    return X.astype(float)


@pytest.mark.parametrize("basis", BASES)
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence"])
@pytest.mark.parametrize("storage", [csr_array, csc_array, coo_array, csr_matrix])
def test_zeros_of_a_sparse_matrix_are_data(divergence, basis, storage, chunk_entries):
    X = zero_heavy(0)
    rows = np.array([0, 1, 2] * 5)
    rows[5:9] = 3
    columns = np.array([0] * 6 + [1] * 5)
    columns[0] = -1
    rows[0] = -1
    value = block_divergence(storage(X), rows, columns, divergence=divergence, basis=basis)
    assert_allclose(value, naive(X, rows, columns, divergence, basis), rtol=1e-12)


def test_sparse_logistic_counts_zeros():
    X = (zero_heavy(1) > 3).astype(float)
    rows, columns = balanced_labels(15, 3, 0), balanced_labels(11, 2, 0)
    value = block_divergence(csr_array(X), rows, columns, divergence="logistic")
    assert_allclose(value, naive(X, rows, columns, "logistic"), rtol=1e-12)


def test_explicit_zeros_and_duplicates_are_summed_up_and_the_input_stays():
    data = np.array([1.0, 2.0, 0.0, 4.0, -1.0])
    X = csr_array((data, np.array([0, 0, 1, 2, 2]), np.array([0, 3, 5])), shape=(2, 3))
    expected = block_divergence([[3.0, 0.0, 0.0], [0.0, 0.0, 3.0]], [0, 0], [0, 1, 1])
    assert_allclose(block_divergence(X, [0, 0], [0, 1, 1]), expected)
    assert X.nnz == 5
    assert_allclose(X.data, data)


@every_case
@given(seed=st.integers(0, 10**6))
def test_names_of_clusters_do_not_matter(divergence, basis, seed):
    X = random_matrix(divergence, 7, 6, seed)
    rows, columns = balanced_labels(7, 3, seed), balanced_labels(6, 2, seed)
    names = np.array([10**12, 0, 7])
    a = block_divergence(X, rows, columns, divergence=divergence, basis=basis)
    b = block_divergence(X, names[rows], 1 - columns, divergence=divergence, basis=basis)
    assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@every_case
@given(seed=st.integers(0, 10**6))
def test_transposing_exchanges_the_sides(divergence, basis, seed):
    X = random_matrix(divergence, 7, 6, seed)
    rows, columns = balanced_labels(7, 3, seed), balanced_labels(6, 2, seed)
    swapped = {"C3": "C4", "C4": "C3"}.get(basis, basis)
    a = block_divergence(X, rows, columns, divergence=divergence, basis=basis)
    b = block_divergence(X.T, columns, rows, divergence=divergence, basis=swapped)
    assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@every_case
@given(seed=st.integers(0, 10**6))
def test_splitting_a_cluster_never_raises_the_value(divergence, basis, seed):
    X = random_matrix(divergence, 8, 6, seed)
    rows, columns = balanced_labels(8, 2, seed), balanced_labels(6, 2, seed)
    finer = np.where(np.arange(8) == seed % 8, 2, rows)
    options = {"divergence": divergence, "basis": basis}
    coarse = block_divergence(X, rows, columns, **options)
    assert block_divergence(X, finer, columns, **options) <= coarse * (1 + 1e-12) + 1e-12
    singles = np.arange(8), np.arange(6)
    assert block_divergence(X, *singles, **options) <= 1e-10


@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence"])
@given(seed=st.integers(0, 10**6))
def test_keeping_margins_never_raises_the_value(divergence, seed):
    X = random_matrix(divergence, 8, 6, seed)
    rows, columns = balanced_labels(8, 2, seed), balanced_labels(6, 2, seed)
    c2, c3, c4, c5 = (
        block_divergence(X, rows, columns, divergence=divergence, basis=basis) for basis in BASES
    )
    slack = 1e-9 * (1 + c2)
    assert c5 <= min(c3, c4) + slack
    assert max(c3, c4) <= c2 + slack


def test_one_block_under_c5_is_the_mutual_information():
    X = random_matrix("i_divergence", 6, 5, 0) + 1
    joint = X / X.sum()
    independent = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    information = np.sum(joint * np.log(joint / independent))
    value = block_divergence(X, [0] * 6, [0] * 5, divergence="i_divergence", basis="C5")
    assert_allclose(value / X.sum(), information, rtol=1e-12)


def test_multiplicative_data_is_exact_under_c5():
    X = np.outer([1.0, 2.0, 5.0], [3.0, 1.0, 0.0, 2.0])
    value = block_divergence(X, [0, 0, 0], [0, 0, 0, 0], divergence="i_divergence", basis="C5")
    assert_allclose(value, 0.0, atol=1e-13)


@pytest.mark.parametrize(("divergence", "basis"), [c for c in CASES if c[0] != "itakura_saito"])
def test_blocks_of_zeros_contribute_nothing(divergence, basis):
    X = np.zeros((4, 6))
    labels = [0, 0, 1, 1], [0, 1, 1, 0, 2, 2]
    for matrix in (X, csr_array(X)):
        assert block_divergence(matrix, *labels, divergence=divergence, basis=basis) == 0.0


def test_blocks_of_ones_contribute_nothing_to_the_logistic_loss():
    X = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    assert block_divergence(X, [0, 0], [0, 0, 1], divergence="logistic") == 0.0


def test_known_cycle_of_cgc():
    Z = [[6, 7, 9, 1, 2], [2, 3, 4, 6, 8], [8, 7, 6, 5, 5], [8, 1, 5, 9, 2], [2, 5, 2, 1, 6]]
    value = block_divergence(Z, [1, 0, 0, 1, 0], [1, 1, 0, 0, 1], divergence="i_divergence")
    assert_allclose(value, naive(Z, [1, 0, 0, 1, 0], [1, 1, 0, 0, 1], "i_divergence"))


@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.uint16, np.int64, bool])
@pytest.mark.parametrize("storage", [np.asarray, np.asfortranarray, csr_array])
def test_storage_and_dtype_do_not_matter(dtype, storage):
    X = zero_heavy(2).astype(dtype)
    rows, columns = balanced_labels(15, 3, 0), balanced_labels(11, 2, 0)
    value = block_divergence(storage(X), rows, columns, divergence="i_divergence")
    expected = naive(X.astype(float), rows, columns, "i_divergence")
    assert_allclose(value, expected, rtol=1e-12)


def test_sums_of_float32_are_taken_in_float64():
    rng = np.random.default_rng(0)
    X = (300 + rng.normal(size=(400, 500))).astype(np.float32)
    rows, columns = balanced_labels(400, 2, 0), balanced_labels(500, 2, 0)
    wide = X.astype(np.float64)
    expected = sum(
        wide[np.ix_(rows == g, columns == h)].var() * 200 * 250 for g in (0, 1) for h in (0, 1)
    )
    assert_allclose(block_divergence(X, rows, columns), expected, rtol=1e-12)


def test_offset_does_not_cancel():
    rng = np.random.default_rng(0)
    X = rng.integers(-5, 6, (30, 20)).astype(float)
    rows, columns = balanced_labels(30, 3, 0), balanced_labels(20, 2, 0)
    shifted = block_divergence(X + 2.0**30, rows, columns, basis="C5")
    assert_allclose(shifted, block_divergence(X, rows, columns, basis="C5"), rtol=1e-7)


def test_data_frame_with_missing_values():
    X = pd.DataFrame({"a": [1.0, None, 3.0], "b": [2.0, 2.0, 5.0]})
    assert_allclose(block_divergence(X, [0, 0, 1], [0, 0]), naive(X, [0, 0, 1], [0, 0]))


def test_read_only_memmap_is_read(tmp_path):
    X = random_matrix("squared_euclidean", 20, 10, 0)
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    labels = balanced_labels(20, 3, 0), balanced_labels(10, 2, 0)
    assert block_divergence(mapped, *labels) == block_divergence(X, *labels)


class Quartic:
    """phi(x) = x^4 on the reals."""

    domain = (-np.inf, np.inf, False, False)

    def generator(self, x):
        return x**4

    def slope(self, mean):
        return 4 * mean**3

    def offset(self, mean):
        return 3 * mean**4


class Entropy:
    """The I-divergence as a user would write it, with an infinite slope at 0."""

    domain = (0.0, np.inf, True, False)

    def generator(self, x):
        return np.where(x > 0, x * np.log(np.maximum(x, 1e-300)), 0.0) - x

    def slope(self, mean):
        return np.log(mean)

    def offset(self, mean):
        return mean


def test_a_users_divergence_is_used():
    X = random_matrix("squared_euclidean", 6, 5, 0)
    rows, columns = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 1])
    expected = 0.0
    for g in (0, 1):
        for h in (0, 1):
            block = X[np.ix_(rows == g, columns == h)]
            mu = block.mean()
            for x in block.ravel():
                expected += x**4 - mu**4 - 4 * mu**3 * (x - mu)
    assert_allclose(block_divergence(X, rows, columns, divergence=Quartic()), expected)


@pytest.mark.parametrize("storage", [np.asarray, csr_array])
def test_infinite_slope_at_the_border_makes_no_nan(storage):
    X = zero_heavy(3)
    rows = np.where((np.arange(15) >= 5) & (np.arange(15) < 9), 1, 0)
    columns = np.where(np.arange(11) >= 6, 1, 0)
    value = block_divergence(storage(X), rows, columns, divergence=Entropy())
    assert_allclose(value, naive(X, rows, columns, "i_divergence"))


def test_nothing_left_is_zero():
    X = np.ones((2, 3))
    assert block_divergence(X, [-1, -1], [0, 0, 1]) == 0.0
    assert block_divergence(X, [0, 0], [-1, -1, -1], basis="C5") == 0.0
    assert block_divergence(csr_array(X), [0, 0], [-1, -1, -1]) == 0.0
    assert block_divergence(np.full((2, 3), np.nan), [0, 1], [0, 0, 1]) == 0.0


def test_temporaries_are_small_beside_the_matrix():
    X = np.ones((4000, 2000), dtype=np.float32)
    rows, columns = np.arange(4000) % 5, np.arange(2000) % 4
    block_divergence(X[:10], rows[:10], columns)  # imports and caches
    tracemalloc.start()
    block_divergence(X, rows, columns, divergence="i_divergence", basis="C5")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.0 * X.nbytes


@pytest.mark.parametrize(
    ("X", "divergence", "message"),
    [
        ([[1, 2, 3], [4, -5, 6]], "i_divergence", r"X[1, 1] = -5 is outside the domain [0, inf)"),
        ([[1, 2, 3], [0, 5, 0]], "itakura_saito", r"X[1, 0] = 0 is outside the domain (0, inf)"),
        ([[1, 0, 2], [0, 1, -1]], "logistic", r"X[0, 2] = 2 is outside the domain [0, 1]"),
        ([[1, 2, np.inf], [1, 1, 1]], "squared_euclidean", r"X[0, 2] = inf is outside"),
        ([[1, 2, np.inf], [1, 1, 1]], "i_divergence", r"X[0, 2] = inf is outside"),
    ],
)
@pytest.mark.parametrize("storage", [np.array, lambda X: csr_array(np.array(X, dtype=float))])
def test_first_entry_outside_the_domain_is_named(X, divergence, message, storage):
    if divergence == "itakura_saito" and storage is not np.array:
        message = "its zeros are data, and 0 is outside the domain (0, inf)"
    with pytest.raises(ValueError, match=re.escape(message)):
        block_divergence(storage(X), [0, 1], [1, 0, 0], divergence=divergence)


def test_entries_that_do_not_count_may_be_anything():
    X = [[1.0, -2.0], [np.inf, np.nan], [3.0, -1.0]]
    assert block_divergence(X, [0, -1, 0], [0, -1], divergence="i_divergence") > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"basis": "C6"}, "basis='C6' is not one of"),
        ({"divergence": "cosine"}, "cosine"),
        ({"divergence": "itakura_saito", "basis": "C5"}, "basis='C5' needs divergence="),
        ({"divergence": Quartic(), "basis": "C3"}, "basis='C3' needs divergence="),
        ({"row_labels": [0, 1]}, r"row_labels has shape \(2,\), expected \(3,\)"),
        ({"column_labels": [[0], [1]]}, r"column_labels has shape \(2, 1\)"),
        ({"row_labels": [0, 1, -2]}, "row_labels has the label -2"),
        ({"row_labels": [0.0, 1.0, 1.0]}, "row_labels must hold integers"),
        ({"X": [[1.0, np.nan], [1.0, 2.0], [0.0, 1.0]], "basis": "C4"}, "needs complete data"),
        ({"X": np.ones((3, 2), dtype=complex)}, "[Cc]omplex"),
        ({"X": np.ones(3)}, "Expected 2D array"),
        ({"X": [["a", "b"]] * 3}, "string"),
    ],
)
def test_bad_arguments_are_named(options, message):
    arguments = {"X": np.ones((3, 2)), "row_labels": [0, 0, 1], "column_labels": [0, 1]}
    with pytest.raises(ValueError, match=message):
        block_divergence(**(arguments | options))


def test_divergence_object_that_lacks_a_function_is_refused():
    with pytest.raises(TypeError, match="domain"):
        block_divergence(np.ones((2, 2)), [0, 0], [0, 0], divergence=object())


def test_dask_array_is_not_gathered_by_accident():
    da = pytest.importorskip("dask.array")
    with pytest.raises(TypeError, match="compute"):
        block_divergence(da.ones((4, 4), chunks=2), [0] * 4, [0] * 4)
