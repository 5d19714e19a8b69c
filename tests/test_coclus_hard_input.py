"""Coclus on every container of a matrix, and where there is little or nothing to find."""

import warnings

import numpy as np
import pytest
import reference
import reference_diagonal as diagonal
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skcocluster import Coclus
from skcocluster.metrics import modularity

PLAIN = {"refine": None, "tol": 0.0, "max_iter": 500}


def assert_labels(model, rows, columns):
    assert_array_equal(model.row_labels_, rows)
    assert_array_equal(model.column_labels_, columns)


def with_unsorted_indices(X):
    stored = sparse.csr_array(X)
    for start, stop in zip(stored.indptr[:-1], stored.indptr[1:], strict=True):
        stored.indices[start:stop] = stored.indices[start:stop][::-1].copy()
        stored.data[start:stop] = stored.data[start:stop][::-1].copy()
    stored.has_sorted_indices = False
    return stored


def with_duplicates(X):
    """Every entry as 1 + (x - 1), and a zero of its own: nothing canonical."""
    i, j = np.nonzero(X)
    values = X[i, j]
    rows = np.concatenate([i, i, i])
    order = np.argsort(rows, kind="stable")
    data = np.concatenate([np.ones_like(values), values - 1, np.zeros_like(values)])[order]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=X.shape[0]))])
    return sparse.csr_array((data, np.concatenate([j, j, j])[order], indptr), shape=X.shape)


def with_stored_zeros(X):
    j = np.indices(X.shape)[1].ravel()
    return sparse.csr_array((X.ravel(), j, np.arange(X.shape[0] + 1) * X.shape[1]), shape=X.shape)


def with_long_indices(X):
    stored = sparse.csr_array(X)
    stored.indices, stored.indptr = (a.astype(np.int64) for a in (stored.indices, stored.indptr))
    return stored


CONTAINERS = {
    "csr_array": sparse.csr_array,
    "csr_matrix": sparse.csr_matrix,
    "csc_array": sparse.csc_array,
    "csc_matrix": sparse.csc_matrix,
    "coo_array": sparse.coo_array,
    "float32": lambda X: X.astype(np.float32),
    "csr_float32": lambda X: sparse.csr_array(X.astype(np.float32)),
    "csc_int64": lambda X: sparse.csc_array(X.astype(np.int64)),
    "csr_int8": lambda X: sparse.csr_array(X.astype(np.int8)),
    "int64": lambda X: X.astype(np.int64),
    "uint8": lambda X: X.astype(np.uint8),
    "fortran": np.asfortranarray,
    "list": lambda X: X.tolist(),
    "unsorted": with_unsorted_indices,
    "duplicates": with_duplicates,
    "duplicates_csc": lambda X: with_duplicates(X.T.copy()).T,
    "stored_zeros": with_stored_zeros,
    "long_indices": with_long_indices,
}


def to_dense(X):
    return X.toarray() if sparse.issparse(X) else np.asarray(X)


@pytest.mark.parametrize("binary", [False, True], ids=["counts", "binary"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_container_does_not_matter(engine, container, binary):
    for seed in range(3):
        X = np.random.default_rng(seed).integers(0, 4, (17, 13)) * 1.0
        X = (X > 2).astype(float) if binary else X
        start = reference.balanced_labels(13, 3, seed)
        expected = diagonal.fit_coclus(X, start, 3)
        assert expected.trace[-1] > 0
        given = CONTAINERS[container](X)
        assert_array_equal(to_dense(given), X)
        model = Coclus(3, init=start, engine=engine, **PLAIN).fit(given)
        assert_labels(model, *expected.labels)
        assert_allclose(model.objective_, float(expected.trace[-1]), rtol=1e-12)
        assert_array_equal(model.predict(given), model.row_labels_)
        assert_array_equal(model.predict_columns(given), model.column_labels_)
        # Also what is stored is as it was: no sorting or summing in place.
        again = CONTAINERS[container](X)
        if sparse.issparse(given) and given.format != "coo":
            assert_array_equal(given.data, again.data)
            assert_array_equal(given.indices, again.indices)
            assert_array_equal(given.indptr, again.indptr)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_booleans_are_ones(engine, kind):
    X = np.random.default_rng(0).random((20, 15)) < 0.3
    start = reference.balanced_labels(15, 3, 0)
    expected = diagonal.fit_coclus(X, start, 3)
    model = Coclus(3, init=start, engine=engine, **PLAIN).fit(kind(X))
    assert_labels(model, *expected.labels)
    # A pattern of another weight is the same graph.
    doubled = Coclus(3, init=start, engine=engine, **PLAIN).fit(kind(X * 2.0))
    assert_labels(doubled, *expected.labels)
    assert_allclose(doubled.objective_, model.objective_, rtol=1e-12)


@pytest.mark.compiled
def test_sums_of_float32_are_in_double_precision(engine):
    # 13 entries of nearly 2^24 add up to more than float32 can hold exactly.
    X = (
        np.random.default_rng(0).integers(2**22, 2**23, (17, 13))
        * np.eye(3)[np.arange(17)[:, None] % 3, np.arange(13) % 3]
    )
    X = X + np.random.default_rng(1).integers(0, 2**23, (17, 13))
    start = reference.balanced_labels(13, 3, 0)
    expected = diagonal.fit_coclus(X, start, 3)
    for kind in (np.asarray, sparse.csr_array):
        given = kind(X.astype(np.float32))
        assert_array_equal(to_dense(given), X)
        model = Coclus(3, init=start, engine=engine, **PLAIN).fit(given)
        assert_labels(model, *expected.labels)
        assert_allclose(model.objective_, float(expected.trace[-1]), rtol=1e-13)


@pytest.mark.parametrize("n_clusters", [255, 256, 257, 300])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_more_clusters_than_a_byte_can_count(engine, n_clusters, kind):
    X = np.eye(n_clusters) * 3
    X[0, 1] = 1
    start = np.arange(n_clusters)[::-1].copy()
    model = Coclus(n_clusters, init=start, engine=engine, **PLAIN).fit(kind(X))
    assert_labels(model, start, start)
    assert model.n_clusters_ == n_clusters


def test_default_start_is_the_same_for_every_container(engine):
    X, rows, _ = diagonal.planted_diagonal(30, 24, 3)
    plain = Coclus(3, engine=engine, random_state=0).fit(X)
    assert reference.same_partition(plain.row_labels_, rows)
    for name in CONTAINERS:
        model = Coclus(3, engine=engine, random_state=0).fit(CONTAINERS[name](X))
        assert_labels(model, plain.row_labels_, plain.column_labels_)


# --- input without weight -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csc_array])
def test_lines_of_zeros_have_label_0_and_change_no_other(engine, kind):
    X = np.random.default_rng(0).integers(0, 5, (14, 11)).astype(float)
    start = reference.balanced_labels(11, 3, 0)
    plain = Coclus(3, init=start, engine=engine, **PLAIN).fit(X)
    wide = np.zeros((17, 14))
    rows, columns = np.delete(np.arange(17), [0, 5, 16]), np.delete(np.arange(14), [1, 7, 13])
    wide[np.ix_(rows, columns)] = X
    wide_start = np.full(14, 2)
    wide_start[columns] = start
    model = Coclus(3, init=wide_start, engine=engine, **PLAIN).fit(kind(wide))
    assert_array_equal(model.row_labels_[rows], plain.row_labels_)
    assert_array_equal(model.column_labels_[columns], plain.column_labels_)
    assert_array_equal(model.row_labels_[[0, 5, 16]], 0)
    assert_array_equal(model.column_labels_[[1, 7, 13]], 0)
    assert_allclose(model.objective_, plain.objective_, rtol=1e-12)
    assert_array_equal(model.predict(np.zeros((2, 14))), 0)
    default = Coclus(3, engine=engine, random_state=0).fit(kind(wide))
    assert_array_equal(default.row_labels_[[0, 5, 16]], 0)
    assert_array_equal(default.column_labels_[[1, 7, 13]], 0)


@pytest.mark.parametrize("kind", [np.zeros, sparse.csr_array, sparse.csc_array])
@pytest.mark.parametrize(
    "options", [{}, {"init": "random", "refine": None}, {"refine": "split_merge"}], ids=str
)
def test_matrix_of_zeros_is_one_co_cluster_of_modularity_0(engine, kind, options):
    model = Coclus(3, engine=engine, random_state=0, **options).fit(kind((6, 5)))
    assert_labels(model, np.zeros(6), np.zeros(5))
    assert model.objective_ == 0.0
    assert model.n_clusters_ == 1
    assert_array_equal(model.predict(np.ones((2, 5))), 0)


@pytest.mark.parametrize("shape", [(1, 7), (7, 1), (1, 1)], ids=str)
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_one_line_has_no_modularity(engine, shape, kind):
    X = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    for n_clusters in range(1, shape[0] + 1):
        model = Coclus(n_clusters, engine=engine, random_state=0).fit(kind(X))
        # Of a line, any part within a co-cluster is as expected from the margins.
        assert_allclose(model.objective_, 0, atol=1e-15)
        assert model.row_labels_.shape == (shape[0],)
        assert model.column_labels_.shape == (shape[1],)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_one_cluster_holds_everything(engine, kind):
    X = np.random.default_rng(0).integers(0, 5, (8, 6)).astype(float)
    for options in ({}, {"init": "random"}, {"refine": "split_merge"}, {"init": [0] * 6}):
        model = Coclus(1, engine=engine, **options).fit(kind(X))
        assert_labels(model, np.zeros(8), np.zeros(6))
        assert_allclose(model.objective_, 0, atol=1e-15)
        assert model.n_clusters_ == 1
    model = Coclus(1, resolution=0.5, engine=engine).fit(kind(X))
    assert_allclose(model.objective_, 0.5, rtol=1e-12)


def test_constant_matrix_has_nothing_to_find(engine):
    for kind in (np.asarray, sparse.csr_array):
        model = Coclus(3, engine=engine, random_state=0).fit(kind(np.full((9, 8), 0.1)))
        assert_allclose(model.objective_, 0, atol=1e-12)


@pytest.mark.parametrize(
    "options", [{}, {"init": "random", "refine": None}, {"refine": "split_merge"}], ids=str
)
def test_as_many_clusters_as_rows(engine, options):
    X = np.eye(6) * 3 + 0.0
    model = Coclus(6, engine=engine, random_state=0, n_init=5, **options).fit(X)
    assert model.objective_ <= 1 - 1 / 6 + 1e-12
    assert_allclose(
        model.objective_, modularity(X, model.row_labels_, model.column_labels_), rtol=1e-12
    )
    if options.get("init") != "random":
        assert_allclose(model.objective_, 1 - 1 / 6, rtol=1e-12)
        assert_array_equal(model.row_labels_, model.column_labels_)


def test_more_clusters_than_columns_is_allowed_and_than_rows_is_not():
    X = np.random.default_rng(0).integers(1, 5, (6, 2)).astype(float)
    model = Coclus(4, random_state=0).fit(X)
    assert model.rows_.shape == (4, 6)
    with pytest.raises(ValueError, match=r"n_clusters.*\b7\b.*\b6\b"):
        Coclus(7).fit(X)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array, sparse.csc_array])
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf, -np.inf])
def test_entry_that_is_no_weight_is_named(kind, value):
    X = np.ones((7, 6))
    X[4, 2] = X[5, 1] = value
    model = Coclus(2, random_state=0).fit(np.eye(6))
    with pytest.raises(ValueError, match=r"row 4\b.*column 2\b"):
        Coclus(2).fit(kind(X))
    with pytest.raises(ValueError, match=r"row 4\b.*column 2\b"):
        model.predict(kind(X))


def test_negative_zero_is_zero(engine):
    X = np.random.default_rng(0).integers(0, 3, (8, 6)).astype(float)
    plain = Coclus(2, engine=engine, random_state=0).fit(X)
    model = Coclus(2, engine=engine, random_state=0).fit(np.where(X == 0, -0.0, X))
    assert_labels(model, plain.row_labels_, plain.column_labels_)


def test_edge_cases_raise_no_numerical_warning(engine):
    X = np.zeros((5, 4))
    X[1, 2] = 1.0
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        model = Coclus(2, engine=engine, random_state=0).fit(X)
    assert np.isfinite(model.objective_)
    assert_allclose(model.objective_, 0, atol=1e-15)


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_disconnected_parts_are_found_as_they_are(engine, kind):
    X = np.kron(np.eye(3), np.ones((4, 3)))
    order = np.random.default_rng(0).permutation(12)
    model = Coclus(3, engine=engine, random_state=0).fit(kind(X[order]))
    assert reference.same_partition(model.row_labels_, order // 4)
    assert_array_equal(model.column_labels_[::3], model.column_labels_[2::3])
    assert_allclose(model.objective_, 2 / 3, rtol=1e-12)
