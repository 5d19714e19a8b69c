"""What MaxNormCoclustering takes: containers, types, errors by name."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone

from skcocluster import MaxNormCoclustering
from skcocluster.metrics import max_norm_cost


def fit(X, n_row_clusters=2, n_column_clusters=2, **parameters):
    options = {"time_limit": None, "random_state": 0, **parameters}
    return MaxNormCoclustering(n_row_clusters, n_column_clusters, **options).fit(X)


# -- containers -------------------------------------------------------------------------------


def tenths(shape=(9, 8), seed=0):
    return np.random.default_rng(seed).integers(-30, 31, shape) * 0.1


def test_single_precision_is_compared_as_given():
    X = tenths().astype(np.float32)
    single, double = fit(X, 3, 3), fit(X.astype(np.float64), 3, 3)
    assert single.objective_ == double.objective_
    assert single.objective_ == max_norm_cost(X, single.row_labels_, single.column_labels_)
    for array in (single.block_minima_, single.objective_trace_, single.transform(X)):
        assert array.dtype == np.float64


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.int64, np.uint64, np.float16, bool, object]
)
def test_other_types_give_what_their_floats_give(dtype):
    X = np.random.default_rng(2).integers(0, 2 if dtype is bool else 120, (8, 7)).astype(dtype)
    model, plain = fit(X, 3, 3), fit(X.astype(np.float64), 3, 3)
    assert model.objective_ == plain.objective_
    np.testing.assert_array_equal(model.row_labels_, plain.row_labels_)


def test_unsigned_bytes_do_not_wrap_around():
    X = np.array([[0, 255], [200, 3]], dtype=np.uint8)
    assert fit(X, 1, 1).objective_ == 255
    assert fit(X.astype(np.int16).astype(np.int8), 1, 1).objective_ == 3 - (-56)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
def test_entries_not_stored_are_zeros(kind):
    rng = np.random.default_rng(3)
    X = np.where(rng.random((10, 9)) < 0.4, rng.integers(-9, 10, (10, 9)), 0).astype(float)
    model, plain = fit(kind(X), 3, 3), fit(X, 3, 3)
    assert model.objective_ == plain.objective_
    np.testing.assert_array_equal(model.row_labels_, plain.row_labels_)
    np.testing.assert_array_equal(model.column_labels_, plain.column_labels_)
    np.testing.assert_array_equal(model.block_minima_, plain.block_minima_)


def test_explicit_zeros_and_repeated_entries_change_nothing():
    # The second row stores a zero; the first stores 5 as 2 + 3.
    data, rows, columns = [2.0, 3.0, 0.0, 4.0], [0, 0, 1, 1], [0, 0, 0, 1]
    X = sparse.coo_array((data, (rows, columns)), shape=(3, 3)).tocsr(copy=False)
    dense = np.array([[5.0, 0, 0], [0, 4, 0], [0, 0, 0]])
    for k, p in ((1, 1), (2, 1), (2, 2), (3, 3)):
        assert fit(X, k, p).objective_ == fit(dense, k, p).objective_
    assert fit(X, 1, 1).objective_ == 5.0


def test_positive_entries_that_are_all_stored_do_not_meet_a_zero():
    X = sparse.csr_array(np.array([[5.0, 6.0], [7.0, 8.0]]))
    assert fit(X, 1, 1).objective_ == 3.0


def test_negative_zero_is_zero():
    X = np.array([[0.0, -0.0, 1.0], [-0.0, 0.0, 1.0]])
    model = fit(X, 1, 2)
    assert model.objective_ == 0
    assert model.column_labels_.tolist() == [0, 0, 1]


def test_frames_give_names_to_labels():
    X = tenths((6, 4))
    frame = pd.DataFrame(X, index=list("uvwxyz"), columns=list("abcd"))
    model = fit(frame)
    assert model.feature_names_in_.tolist() == list("abcd")
    assert model.n_features_in_ == 4
    assert model.get_row_labels().index.tolist() == list("uvwxyz")
    assert model.get_column_labels().index.tolist() == list("abcd")
    np.testing.assert_array_equal(model.row_labels_, fit(X).row_labels_)
    np.testing.assert_array_equal(model.predict(frame), fit(X).predict(X))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[["b", "a", "c", "d"]])


def test_memory_order_and_read_only_arrays_do_not_matter():
    X = tenths()
    frozen = X.copy()
    frozen.flags.writeable = False
    plain = fit(X, 3, 3)
    for other in (np.asfortranarray(X), frozen, X[::-1][::-1], np.repeat(X, 2, axis=1)[:, ::2]):
        model = fit(other, 3, 3)
        np.testing.assert_array_equal(model.row_labels_, plain.row_labels_)
        np.testing.assert_array_equal(model.column_labels_, plain.column_labels_)
        np.testing.assert_array_equal(model.predict(other), plain.predict(X))
    np.testing.assert_array_equal(frozen, X)


def test_no_column_count_means_as_many_as_rows_at_most_all_columns():
    X = tenths((9, 4))
    assert fit(X, 3, None).block_minima_.shape == (3, 3)
    assert fit(X, 6, None).block_minima_.shape == (6, 4)


def test_blocks_are_biclusters_in_row_major_order():
    X = tenths()
    model = fit(X, 3, 2)
    for g in range(3):
        for h in range(2):
            b = 2 * g + h
            np.testing.assert_array_equal(model.rows_[b], model.row_labels_ == g)
            np.testing.assert_array_equal(model.columns_[b], model.column_labels_ == h)
            block = model.get_submatrix(b, X)
            assert model.block_minima_[g, h] == block.min()
            assert model.block_maxima_[g, h] == block.max()


def test_fitted_models_survive_pickle_and_clones_are_unfitted():
    X = tenths()
    model = fit(X, 3, 2)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(X), model.transform(X))
    assert not hasattr(clone(model), "row_labels_")


# -- errors -----------------------------------------------------------------------------------


def assert_refused(error, message, X=None, **parameters):
    X = tenths() if X is None else X
    model = MaxNormCoclustering().set_params(**parameters)
    with pytest.raises(error, match=message):
        model.fit(X)
    assert not hasattr(model, "row_labels_")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.array, sparse.csr_array])
def test_entries_that_are_not_finite_are_named(value, kind):
    X = tenths()
    X[4, 6] = value
    assert_refused(ValueError, r"MaxNormCoclustering.*row 4, column 6", kind(X))
    model = fit(tenths())
    for method in (model.predict, model.transform, model.score, model.predict_columns):
        with pytest.raises(ValueError, match="row 4, column 6"):
            method(kind(X))


def test_complex_numbers_and_strings_are_refused():
    assert_refused(ValueError, "Complex data not supported", tenths() * 1j)
    assert_refused(ValueError, "could not convert string to float", np.array([["a", "b"]] * 3))


@pytest.mark.parametrize(
    "X", [np.zeros((0, 3)), np.zeros((3, 0)), np.zeros(4), np.zeros((2, 2, 2))]
)
def test_other_shapes_are_refused(X):
    assert_refused(ValueError, "minimum of 1 is required|2D array|dim 3", X)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_row_clusters": 10}, "n_row_clusters=10 is more than the number of rows.*=9"),
        ({"n_column_clusters": 9}, "n_column_clusters=9 is more than the number of columns.*=8"),
        ({"n_row_clusters": 0}, "n_row_clusters=0 must be at least 1"),
        ({"n_column_clusters": -2}, "n_column_clusters=-2 must be at least 1"),
        ({"method": "best"}, "method='best' is not one of .*'branch_and_bound'"),
        ({"method": None}, "method=None is not one of"),
        ({"method": ["auto"]}, r"method=\['auto'\] is not one of"),
        ({"time_limit": -1.0}, "time_limit=-1.0 must be at least 0"),
        ({"time_limit": np.nan}, "time_limit=nan must be at least 0"),
        ({"max_nodes": 0}, "max_nodes=0 must be at least 1"),
        ({"verbose": -1}, "verbose=-1 must be at least 0"),
        ({"random_state": "today"}, "'today' cannot be used to seed"),
    ],
)
def test_values_out_of_range_are_named(parameters, message):
    assert_refused(ValueError, message, **parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_row_clusters": 2.0}, "n_row_clusters must be an integer, got 2.0"),
        ({"n_row_clusters": True}, "n_row_clusters must be an integer, got True"),
        ({"n_column_clusters": "2"}, "n_column_clusters must be an integer, got '2'"),
        ({"time_limit": "60"}, "time_limit must be a number, got '60'"),
        ({"time_limit": True}, "time_limit must be a number, got True"),
        ({"max_nodes": 10.0}, "max_nodes must be an integer, got 10.0"),
        ({"contiguous": 1}, "contiguous must be True or False, got 1"),
        ({"contiguous": "rows"}, "contiguous must be True or False, got 'rows'"),
        ({"verbose": "loud"}, "verbose must be an integer, got 'loud'"),
    ],
)
def test_values_of_other_types_are_named(parameters, message):
    assert_refused(TypeError, message, **parameters)


def test_largest_range_of_floats_is_a_cost():
    largest = np.finfo(np.float64).max
    model = fit(np.array([[largest, 0.0], [3.0, 4.0]]), 1, 1)
    assert model.objective_ == largest
    assert model.is_optimal_


@pytest.mark.parametrize("method", ["auto", "heuristic"])
@pytest.mark.parametrize("n_clusters", [1, 2, 3])
def test_range_beyond_floats_is_refused(method, n_clusters):
    X = np.array([[1e308, -1e308, 5.0], [1e308, -1e308, 3.0], [-1e308, 1e308, 3.0]])
    parameters = {"n_row_clusters": n_clusters, "method": method}
    assert_refused(ValueError, r"(?i)(range|difference).*(float64|overflow|large)", X, **parameters)


def test_refused_fit_leaves_the_last_one():
    model = fit(tenths())
    before = dict(vars(model))
    with pytest.raises(ValueError, match="row 0, column 0"):
        model.fit(np.full((4, 4), np.nan))
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is value for name, value in before.items())
