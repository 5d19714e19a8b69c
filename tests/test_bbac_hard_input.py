"""BBAC on hard input: degenerate matrices, offsets, scales, ties, parameters that cannot be."""

import warnings

import numpy as np
import pytest
import reference
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skcocluster import BBAC

ENGINES = ("numpy", "numba")


def planted(seed=0, n_rows=40, n_columns=30, noise=2.0):
    rng = np.random.default_rng(seed)
    rows, columns = np.arange(n_rows) % 3, np.arange(n_columns) % 2
    levels = np.array([[10.0, 60.0], [40.0, 20.0], [25.0, 45.0]])
    X = levels[rows][:, columns] + noise * rng.uniform(-1.7, 1.7, (n_rows, n_columns))
    return X, rows, columns


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("offset", [273.15, -1000.0, 1e4, 1e6])
def test_offset_does_not_change_euclidean_labels(engine, offset):
    X = planted()[0]
    plain = BBAC(3, 2, engine=engine, random_state=0).fit(X)
    moved = BBAC(3, 2, engine=engine, random_state=0).fit(X + offset)
    assert_array_equal(moved.row_labels_, plain.row_labels_)
    assert_array_equal(moved.column_labels_, plain.column_labels_)
    assert_allclose(moved.objective_, plain.objective_, rtol=1e-6)
    assert_allclose(moved.explained_divergence_ratio_, plain.explained_divergence_ratio_, rtol=1e-6)


@pytest.mark.parametrize("offset", [273.15, 1e5])
def test_offset_does_not_stop_the_search_early(offset):
    # Pure noise converges slowly: a tolerance relative to the raw sum would end it at once.
    X = np.random.default_rng(0).standard_normal((60, 50))
    options = {"init": "random", "refine": None, "random_state": 3}
    plain = BBAC(5, 5, **options).fit(X)
    moved = BBAC(5, 5, **options).fit(X + offset)
    assert plain.n_iter_ > 3
    assert moved.n_iter_ >= plain.n_iter_ - 1
    assert_allclose(moved.objective_, plain.objective_, rtol=1e-4)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence", "itakura_saito"])
@pytest.mark.parametrize("scale", [2.0**-30, 2.0**20, 1e-9, 1e12])
def test_scale_does_not_change_labels_or_iterations(engine, divergence, scale):
    X = planted(noise=4.0)[0]
    options = {"divergence": divergence, "engine": engine, "random_state": 0}
    plain = BBAC(3, 2, **options).fit(X)
    scaled = BBAC(3, 2, **options).fit(X * scale)
    assert_array_equal(scaled.row_labels_, plain.row_labels_)
    assert_array_equal(scaled.column_labels_, plain.column_labels_)
    assert scaled.n_iter_ == plain.n_iter_
    assert scaled.converged_
    power = {"squared_euclidean": 2, "i_divergence": 1, "itakura_saito": 0}[divergence]
    assert_allclose(scaled.objective_, plain.objective_ * scale**power, rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_as_many_clusters_as_lines_leaves_no_divergence(engine, divergence):
    X = reference.random_matrix(divergence, 6, 5, 0)
    model = BBAC(6, 5, divergence=divergence, engine=engine, random_state=0).fit(X)
    assert_allclose(model.objective_, 0, atol=1e-9)
    assert_allclose(model.reconstruct(), X, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_one_block_is_the_grand_mean(engine, divergence):
    X = reference.random_matrix(divergence, 8, 7, 1)
    model = BBAC(1, 1, divergence=divergence, engine=engine, random_state=0).fit(X)
    assert_allclose(model.block_means_, [[X.mean()]], rtol=1e-12)
    assert_allclose(model.explained_divergence_ratio_, 0, atol=1e-12)
    assert model.converged_


@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_constant_matrix_is_fully_explained(divergence):
    model = BBAC(3, 2, divergence=divergence, random_state=0).fit(np.full((9, 8), 0.5))
    assert_allclose(model.objective_, 0, atol=1e-12)
    assert_allclose(model.reconstruct(), 0.5, rtol=1e-12)
    assert 0 <= model.explained_divergence_ratio_ <= 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence", "logistic"])
def test_zero_blocks_take_zeros_only(engine, divergence):
    # A block of mean 0 costs a positive entry more than any finite block does.
    X = np.zeros((12, 10))
    X[:6, :5] = X[6:, 5:] = 0.5
    X[0, 0] = 0.25
    model = BBAC(2, 2, divergence=divergence, engine=engine, random_state=0).fit(X)
    assert reference.same_partition(model.row_labels_, np.arange(12) >= 6)
    assert reference.same_partition(model.column_labels_, np.arange(10) >= 5)
    assert (model.reconstruct()[X == 0] == 0).all()
    assert np.isfinite(model.objective_)


@pytest.mark.parametrize("basis", reference.BASES)
def test_zero_rows_and_columns_are_defined_in_every_basis(basis):
    X = reference.random_matrix("i_divergence", 14, 11, 0)
    X[[0, 5]], X[:, 3] = 0, 0
    for kind in (np.asarray, sparse.csr_array):
        model = BBAC(3, 2, divergence="i_divergence", basis=basis, random_state=0).fit(kind(X))
        oracle = reference.Model(
            X, model.row_labels_, model.column_labels_, 3, 2, "i_divergence", basis
        )
        assert_allclose(model.objective_, oracle.objective(), rtol=1e-9)
        assert np.isfinite(model.reconstruct()).all()
        assert (model.row_labels_ >= 0).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_duplicated_rows_share_a_label(engine):
    X = reference.random_matrix("squared_euclidean", 6, 8, 0)
    X = np.repeat(X, 4, axis=0)
    model = BBAC(4, 3, engine=engine, random_state=0).fit(X)
    for start in range(0, 24, 4):
        assert len(set(model.row_labels_[start : start + 4])) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_fewer_distinct_rows_than_clusters_are_fully_explained(engine):
    X = np.repeat(reference.random_matrix("squared_euclidean", 2, 6, 0), 5, axis=0)
    model = BBAC(4, 6, engine=engine, random_state=0).fit(X)
    assert_allclose(model.objective_, 0, atol=1e-9)
    assert np.isfinite(model.block_means_).all()
    assert len(set(model.row_labels_[:5])) == len(set(model.row_labels_[5:])) == 1
    assert_array_equal(model.predict(X), model.row_labels_)


def test_empty_clusters_attract_no_new_row():
    # Two of four clusters stay empty; a new row must go to one that has rows.
    X = np.repeat(reference.random_matrix("squared_euclidean", 2, 6, 0), 5, axis=0)
    model = BBAC(4, 3, random_state=0).fit(X)
    new = reference.random_matrix("squared_euclidean", 50, 6, 9)
    assert set(model.predict(new)) <= set(model.row_labels_)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("side", ["rows", "columns"])
def test_ties_go_to_the_lowest_label(engine, side):
    # Cluster means are 0, 4 and 8. Line 4 (value 2) lies halfway between the first two and line 1
    # (value 6) between the last two, exactly; neither starts in a cluster that it ties with.
    X = np.array([-6.0, 6.0, 4.0, 4.0, 2.0, 14.0])[:, None] @ np.ones((1, 4))
    counts, start = (3, 1), ([0, 0, 1, 1, 2, 2], [0] * 4)
    if side == "columns":
        X, counts, start = X.T, counts[::-1], start[::-1]
    model = BBAC(*counts, init=start, refine=None, engine=engine, column_steps=1, max_iter=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X)
    labels = model.row_labels_ if side == "rows" else model.column_labels_
    assert_array_equal(labels, [0, 1, 1, 1, 0, 2])


@pytest.mark.parametrize("engine", ENGINES)
def test_predict_breaks_exact_ties_to_the_lowest_label(engine):
    X = np.repeat([[0.0] * 4, [4.0] * 4], 3, axis=0)
    model = BBAC(2, 1, init=([1, 1, 1, 0, 0, 0], [0] * 4), refine=None, engine=engine).fit(X)
    assert_array_equal(model.row_labels_, [1, 1, 1, 0, 0, 0])
    assert_array_equal(model.predict([[2.0] * 4, [1.0, 3.0, 1.0, 3.0], [1.9] * 4]), [0, 0, 1])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence", "itakura_saito"])
@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e-12, 1e12, 1e18, 1e30])
def test_float32_keeps_its_whole_range(engine, divergence, scale):
    X, rows, columns = planted()
    model = BBAC(3, 2, divergence=divergence, engine=engine, random_state=0)
    model.fit((X * scale).astype(np.float32))
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)
    assert np.isfinite(model.objective_)
    assert 0.5 < model.explained_divergence_ratio_ <= 1


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spread", [1e6, 1e12, 1e18])
def test_itakura_saito_sees_blocks_of_any_size_beside_each_other(engine, spread):
    # The distance is free of scale: a block of 1e-18 counts as much as one of 1.
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(np.arange(60) % 3), rng.permutation(np.arange(40) % 2)
    levels = np.array([[1.0, 1 / spread], [4 / spread, 1.0], [spread**-0.5, spread**-0.5]])
    X = levels[rows][:, columns] * rng.uniform(0.8, 1.2, (60, 40))
    options = {"divergence": "itakura_saito", "engine": engine, "random_state": 0}
    model = BBAC(3, 2, **options).fit(X)
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)
    oracle = reference.Model(X, model.row_labels_, model.column_labels_, 3, 2, "itakura_saito")
    assert_allclose(model.objective_, oracle.objective(), rtol=1e-9)
    assert_allclose(model.block_means_, oracle.means, rtol=1e-9)


@pytest.mark.compiled
def test_huge_and_tiny_values_in_one_matrix_stay_finite():
    X = np.array([[1e-300, 1e-300, 1e150], [1e-300, 1e-290, 1e150], [1.0, 1.0, 1.0]])
    for divergence in ("i_divergence", "itakura_saito"):
        model = BBAC(2, 2, divergence=divergence, random_state=0).fit(X)
        assert np.isfinite(model.objective_)
        assert np.isfinite(model.block_means_).all()
        assert model.objective_ >= 0


@pytest.mark.parametrize("basis", ["C2", "C3", "C4", "C5"])
def test_a_constant_of_the_least_number_is_its_own_approximation(basis):
    X = np.full((3, 2), 5e-324)
    model = BBAC(1, divergence="i_divergence", basis=basis, random_state=0).fit(X)
    assert model.objective_ == 0.0
    assert_allclose(model.reconstruct(X), X, rtol=0)


def test_subnormal_data_are_data():
    X = planted()[0] * 1e-318
    model = BBAC(3, 2, divergence="i_divergence", random_state=0).fit(X)
    assert np.isfinite(model.objective_)
    assert not np.isnan(model.block_means_).any()


@pytest.mark.parametrize("engine", ["dask", "cuda", "NUMBA"])
def test_engine_that_cannot_serve_is_refused_with_those_that_can(engine):
    with pytest.raises((ValueError, ImportError), match=r"(?s)(?=.*numpy)(?=.*numba)"):
        BBAC(2, 2, engine=engine).fit(np.eye(6))


@pytest.mark.parametrize(
    "init",
    [
        ([0, 1], [0, 1, 0]),
        ([0] * 6, [0, 1, 0, 1]),
        ([0, 1, 2, 0, 1, 2], [0] * 5),
        ([0, 1, 5, 0, 1, 0], [0] * 4),
        ([0, 1, -2, 0, 1, 0], [0] * 4),
        ([0.5] * 6, [0] * 4),
        ([0] * 6,),
        ([np.nan] * 6, [0] * 4),
        (None, [0] * 4),
    ],
)
def test_bad_start_labels_are_refused_by_name(init):
    X = reference.random_matrix("squared_euclidean", 6, 4, 0)
    if init == ([0] * 6, [0, 1, 0, 1]):
        BBAC(2, 2, init=init).fit(X)
        return
    with pytest.raises((ValueError, TypeError), match=r"(?i)init|label"):
        BBAC(2, 2, init=init).fit(X)


def test_start_labels_are_not_changed_by_fit():
    X = planted()[0]
    rows, columns = reference.balanced_labels(40, 3, 0), reference.balanced_labels(30, 2, 1)
    kept = rows.copy(), columns.copy()
    model = BBAC(3, 2, init=(rows, columns)).fit(X)
    assert model.init[0] is rows
    assert_array_equal(rows, kept[0])
    assert_array_equal(columns, kept[1])


def test_counts_of_numpy_integer_type_are_counts():
    X = planted()[0]
    model = BBAC(np.int64(3), np.int32(2), random_state=0).fit(X)
    assert model.block_means_.shape == (3, 2)


def test_global_random_state_neither_matters_nor_moves():
    X = reference.random_matrix("squared_euclidean", 20, 15, 0)
    np.random.seed(1)  # noqa: NPY002  (the claim is about this very state)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first = BBAC(3, 3, init="random", random_state=0).fit(X)
    assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    second = BBAC(3, 3, init="random", random_state=0).fit(X)
    assert_array_equal(first.row_labels_, second.row_labels_)
