"""New rows and columns of a fitted MaxNormCoclustering against plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_max_norm_estimator import cost_of, ranges_of
from scipy import sparse
from sklearn.exceptions import NotFittedError

from skcocluster import MaxNormCoclustering

EIGHTHS = st.integers(-40, 40).map(lambda i: i / 8)
ENTRIES = EIGHTHS | st.integers(-9, 9).map(lambda i: i * 0.1)


def fit(X, n_row_clusters=3, n_column_clusters=2, **parameters):
    return MaxNormCoclustering(
        n_row_clusters, n_column_clusters, time_limit=None, random_state=0, **parameters
    ).fit(X)


def growth_of(ranges, n_clusters, other_labels, points):
    """How much each point widens each cluster; `ranges` by cluster and other cluster."""
    growth = []
    for point in np.asarray(points, dtype=np.float64).tolist():
        per_cluster = []
        for g in range(n_clusters):
            largest = 0.0
            for h in set(other_labels):
                entries = [x for x, label in zip(point, other_labels, strict=True) if label == h]
                low, high = ranges[g, h]
                wider = max(high, *entries) - min(low, *entries)
                largest = max(largest, wider - (high - low))
            per_cluster.append(largest)
        growth.append(per_cluster)
    return growth


def rows_growth(model, X, new):
    ranges = ranges_of(X, model.row_labels_, model.column_labels_)
    return growth_of(ranges, model.block_minima_.shape[0], model.column_labels_.tolist(), new)


def columns_growth(model, X, new):
    ranges = ranges_of(X, model.row_labels_, model.column_labels_)
    turned = {(h, g): pair for (g, h), pair in ranges.items()}
    return growth_of(
        turned, model.block_minima_.shape[1], model.row_labels_.tolist(), np.transpose(new)
    )


def lowest(values):
    """Index of the least value, the lowest of equals."""
    return min(range(len(values)), key=lambda i: (values[i], i))


@st.composite
def fits(draw):
    """A fitted model, its matrix, new rows and new columns."""
    shape = draw(st.integers(2, 6)), draw(st.integers(2, 6))
    X = draw(arrays(np.float64, shape, elements=ENTRIES))
    counts = draw(st.integers(1, shape[0])), draw(st.integers(1, shape[1]))
    rows = draw(arrays(np.float64, (draw(st.integers(1, 4)), shape[1]), elements=ENTRIES))
    columns = draw(arrays(np.float64, (shape[0], draw(st.integers(1, 4))), elements=ENTRIES))
    return fit(X, *counts), X, rows, columns


@settings(max_examples=60)
@given(case=fits())
def test_transform_is_the_growth_of_each_row_cluster(case):
    model, X, rows, _ = case
    growth = model.transform(rows)
    assert growth.dtype == np.float64
    np.testing.assert_array_equal(growth, rows_growth(model, X, rows))
    assert (growth >= 0).all()


@settings(max_examples=60)
@given(case=fits())
def test_rows_go_where_ranges_grow_least(case):
    model, X, rows, _ = case
    labels = model.predict(rows)
    assert labels.dtype == np.int32
    assert labels.tolist() == [lowest(growth) for growth in rows_growth(model, X, rows)]


@settings(max_examples=60)
@given(case=fits())
def test_columns_go_where_ranges_grow_least(case):
    model, X, _, columns = case
    labels = model.predict_columns(columns)
    assert labels.dtype == np.int32
    assert labels.tolist() == [lowest(growth) for growth in columns_growth(model, X, columns)]


@settings(max_examples=60)
@given(case=fits())
def test_score_is_minus_the_growth_of_the_cost_with_all_rows(case):
    model, X, rows, _ = case
    together = np.vstack([X, rows])
    labels = [*model.row_labels_.tolist(), *model.predict(rows).tolist()]
    expected = model.objective_ - cost_of(together, labels, model.column_labels_)
    score = model.score(rows)
    assert isinstance(score, float)
    assert score == expected
    assert score <= 0


def test_ties_go_to_the_lowest_label():
    # The new row is 2 away from the third cluster and from the second, 12 from the first.
    X = np.array([[0.0, 0.0], [10.0, 10.0], [14.0, 14.0]])
    model = fit(X, 3, 1)
    assert model.transform([[12.0, 12.0]]).tolist() == [[12.0, 2.0, 2.0]]
    assert model.predict([[12.0, 12.0]]).tolist() == [1]
    turned = fit(X.T, 1, 3)
    assert turned.predict_columns([[12.0], [12.0]]).tolist() == [1]


def test_growth_counts_and_not_the_range():
    # The wide cluster need not grow for a row that would double the narrow one.
    X = np.array([[0.0], [10.0], [20.0], [21.0]])
    model = fit(X, 2, 1)
    assert model.row_labels_.tolist() == [0, 0, 1, 1]
    assert model.transform([[5.0], [19.0], [22.0], [-3.0]]).tolist() == [
        [0.0, 15.0],
        [9.0, 1.0],
        [12.0, 1.0],
        [3.0, 23.0],
    ]


def test_largest_growth_of_a_row_counts_and_not_the_sum():
    X = np.array([[0.0, 0.0, 9.0], [5.0, 5.0, 14.0]])
    model = fit(X, 2, 3)
    assert model.transform([[2.0, 2.0, 11.0]]).tolist() == [[2.0, 3.0]]
    assert model.transform([[0.0, 0.0, 13.0]]).tolist() == [[4.0, 5.0]]


def test_rows_and_columns_of_fit_do_not_make_ranges_grow():
    X = np.random.default_rng(0).normal(size=(12, 9))
    model = fit(X, 4, 3)
    own = model.transform(X)[np.arange(12), model.row_labels_]
    assert own.tolist() == [0] * 12
    assert model.score(X) == 0
    assert model.transform(X).min(axis=1).tolist() == [0] * 12


def test_score_sees_rows_that_meet_in_one_cluster():
    # Each new row alone widens the first cluster by 2, both together by 4.
    X = np.array([[0.0], [2.0], [50.0], [52.0]])
    model = fit(X, 2, 1)
    assert model.score([[-2.0]]) == model.score([[4.0]]) == -2
    assert model.score([[-2.0], [4.0]]) == -4
    assert model.score([[49.0], [1.0]]) == -1


def test_growth_below_the_widest_block_costs_nothing():
    X = np.array([[0.0], [10.0], [50.0], [52.0]])
    model = fit(X, 2, 1)
    assert model.score([[55.0]]) == 0
    assert model.score([[64.0]]) == -4


def test_answers_on_single_precision_and_sparse_rows():
    rng = np.random.default_rng(5)
    X = np.where(rng.random((8, 7)) < 0.5, rng.integers(-9, 10, (8, 7)) * 0.1, 0.0)
    model = fit(X, 3, 3)
    for new in (X + 0.05, X[:3]):
        single = new.astype(np.float32)
        np.testing.assert_array_equal(
            model.transform(single), model.transform(single.astype(np.float64))
        )
        np.testing.assert_array_equal(model.transform(sparse.csr_array(new)), model.transform(new))
        assert model.score(sparse.csc_array(new)) == model.score(new)
    np.testing.assert_array_equal(
        model.predict_columns(sparse.csr_array(X[:, 2:4])), model.predict_columns(X[:, 2:4])
    )


def test_features_are_one_for_each_row_cluster():
    model = fit(np.random.default_rng(0).normal(size=(7, 5)), 3, 2)
    names = [f"maxnormcoclustering{g}" for g in range(3)]
    assert model.get_feature_names_out().tolist() == names


@pytest.mark.parametrize("method", ["predict", "predict_columns", "transform", "score"])
def test_answers_before_fit_are_refused(method):
    with pytest.raises(NotFittedError):
        getattr(MaxNormCoclustering(), method)([[1.0, 2.0]])


def test_matrices_of_other_shapes_are_refused():
    model = fit(np.random.default_rng(0).normal(size=(7, 5)), 3, 2)
    for method in (model.predict, model.transform, model.score):
        with pytest.raises(ValueError, match=r"X has 4 features, but MaxNormCoclustering .* 5"):
            method(np.ones((2, 4)))
    with pytest.raises(ValueError, match="X has 6 rows, but MaxNormCoclustering was fitted on 7"):
        model.predict_columns(np.ones((6, 2)))


def test_rows_too_far_for_floats_go_to_the_nearest_cluster():
    # From the first cluster the new row is farther than float64 can tell.
    model = fit(np.array([[-1e308, 0.0], [1.0, 2.0]]), 2, 1)
    assert model.predict([[1e308, 1e308]]).tolist() == [1]
    assert model.transform([[1e308, 1e308]]).tolist() == [[np.inf, 1e308]]
