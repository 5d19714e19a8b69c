"""What MaxNormCoclustering publishes: certificate, labels, blocks; what must not matter; errors."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_max_norm_estimator import KINDS, cost_of, make_instance, ranges_of
from sklearn.exceptions import ConvergenceWarning

from skcocluster import MaxNormCoclustering
from skcocluster.metrics import max_norm_cost

# Multiples of 1/8: sums and differences of a few of them are exact.
EIGHTHS = st.integers(-40, 40).map(lambda i: i / 8)
MATRICES = arrays(np.float64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=EIGHTHS)
METHODS = ("auto", "branch_and_bound", "sat", "heuristic")


def fit(X, n_row_clusters=2, n_column_clusters=2, **parameters):
    options = {"time_limit": None, "random_state": 0, **parameters}
    return MaxNormCoclustering(n_row_clusters, n_column_clusters, **options).fit(X)


def draw_counts(data, X):
    n_rows, n_columns = X.shape
    return data.draw(st.integers(1, n_rows)), data.draw(st.integers(1, n_columns))


def assert_sound(model, X, k, p):
    """The certificate and the labels, whatever search led to them."""
    assert cost_of(X, model.row_labels_, model.column_labels_) == model.objective_
    assert max_norm_cost(X, model.row_labels_, model.column_labels_) == model.objective_
    assert 0 <= model.lower_bound_ <= model.objective_
    assert model.is_optimal_ is (model.lower_bound_ == model.objective_)
    assert model.converged_ is model.is_optimal_
    for labels, n, n_clusters in zip(
        (model.row_labels_, model.column_labels_), X.shape, (k, p), strict=True
    ):
        assert labels.shape == (n,)
        assert labels.dtype == np.int32
        firsts = list(dict.fromkeys(labels.tolist()))
        assert firsts == list(range(n_clusters)), "numbered by first appearance, none empty"
    ranges = ranges_of(X, model.row_labels_, model.column_labels_)
    assert model.block_minima_.shape == model.block_maxima_.shape == (k, p)
    for (g, h), (lowest, highest) in ranges.items():
        assert model.block_minima_[g, h] == lowest
        assert model.block_maxima_[g, h] == highest
    assert model.objective_trace_[-1] == model.objective_
    assert (np.diff(model.objective_trace_) < 0).all()
    assert model.n_iter_ == len(model.objective_trace_)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_certificate_labels_and_blocks_agree(kind, method):
    for seed in range(50, 60):
        X, k, p = make_instance(kind, seed, largest=9)
        assert_sound(fit(X, k, p, method=method), X, k, p)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_certificate_holds_after_a_search_cut_short(method):
    n_open = 0
    for seed in range(12):
        X = np.random.default_rng(seed).integers(-20, 21, (14, 13))
        for limits in ({"time_limit": 0.0}, {"max_nodes": 1}, {"max_nodes": 50}):
            model = fit(X, 4, 5, method=method, **limits)
            assert_sound(model, X, 4, 5)
            n_open += not model.is_optimal_
    assert n_open > 5


@settings(max_examples=50)
@given(data=st.data(), X=MATRICES)
def test_transposing_exchanges_the_sides(data, X):
    k, p = draw_counts(data, X)
    model, other = fit(X, k, p), fit(X.T, p, k)
    assert other.objective_ == model.objective_
    assert max_norm_cost(X, other.column_labels_, other.row_labels_) == model.objective_


@settings(max_examples=50)
@given(data=st.data(), X=MATRICES, shift=st.integers(-1000, 1000))
def test_adding_a_number_leaves_the_cost(data, X, shift):
    k, p = draw_counts(data, X)
    assert fit(X + shift, k, p).objective_ == fit(X, k, p).objective_


@settings(max_examples=50)
@given(data=st.data(), X=MATRICES, factor=st.sampled_from([-1.0, 4.0, -0.125, 2.0**100]))
def test_scaling_scales_the_cost(data, X, factor):
    k, p = draw_counts(data, X)
    assert fit(factor * X, k, p).objective_ == abs(factor) * fit(X, k, p).objective_


@settings(max_examples=50)
@given(data=st.data(), X=MATRICES)
def test_order_of_rows_and_columns_leaves_the_cost(data, X):
    k, p = draw_counts(data, X)
    rows = data.draw(st.permutations(range(X.shape[0])))
    columns = data.draw(st.permutations(range(X.shape[1])))
    assert fit(X[rows][:, columns], k, p).objective_ == fit(X, k, p).objective_


@settings(max_examples=50)
@given(data=st.data(), X=MATRICES)
def test_more_clusters_never_cost_more(data, X):
    k, p = draw_counts(data, X)
    cost = fit(X, k, p).objective_
    if k < X.shape[0]:
        assert fit(X, k + 1, p).objective_ <= cost
    if p < X.shape[1]:
        assert fit(X, k, p + 1).objective_ <= cost


@settings(max_examples=50)
@given(data=st.data(), X=MATRICES)
def test_repeated_rows_and_columns_leave_the_cost(data, X):
    k, p = draw_counts(data, X)
    rows = [*range(X.shape[0]), *data.draw(st.lists(st.integers(0, X.shape[0] - 1)))]
    columns = [*range(X.shape[1]), *data.draw(st.lists(st.integers(0, X.shape[1] - 1)))]
    repeated = fit(X[rows][:, columns], k, p)
    assert repeated.objective_ == fit(X, k, p).objective_
    assert_sound(repeated, X[rows][:, columns], k, p)


@settings(max_examples=30)
@given(X=MATRICES)
def test_a_cluster_for_each_row_and_column_costs_nothing(X):
    model = fit(X, *X.shape)
    assert model.objective_ == 0
    assert_sound(model, X, *X.shape)


@settings(max_examples=30)
@given(X=MATRICES)
def test_one_block_costs_the_whole_range(X):
    model = fit(X, 1, 1)
    assert model.objective_ == X.max() - X.min()
    assert_sound(model, X, 1, 1)


@pytest.mark.parametrize("method", METHODS)
def test_more_clusters_than_distinct_rows_are_filled(method):
    X = np.repeat([[1.0, 5.0, 2.0], [4.0, 0.0, 7.0]], 4, axis=0)
    model = fit(X, 6, 3, method=method)
    assert model.objective_ == 0
    assert_sound(model, X, 6, 3)


def test_equal_rows_stay_together_where_clusters_suffice():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(5, 6))[rng.integers(0, 5, 20)]
    labels = fit(X, 3, 3).row_labels_
    for i in range(20):
        for other in range(20):
            assert (X[i] != X[other]).any() or labels[i] == labels[other]


# -- messages ---------------------------------------------------------------------------------


def test_verbose_tells_cost_and_lower_bound(capsys):
    X = KINDS["tenths"](np.random.default_rng(0), (14, 13))
    model = fit(X, 3, 3, verbose=2)
    text = capsys.readouterr().out
    steps = re.findall(r"iteration (\d+): cost ([\d.]+), lower bound ([\d.]+)", text)
    assert len(steps) >= 3
    assert [int(step[0]) for step in steps] == list(range(1, len(steps) + 1))
    costs = [float(step[1]) for step in steps]
    bounds = [float(step[2]) for step in steps]
    assert costs == sorted(costs, reverse=True)
    assert bounds == sorted(bounds)
    assert costs[-1] == pytest.approx(model.objective_)
    assert bounds[-1] == pytest.approx(model.lower_bound_)
    fit(X, 3, 3, verbose=1)
    assert len(capsys.readouterr().out.splitlines()) == 1
    fit(X, 3, 3)
    assert capsys.readouterr().out == ""


def test_proven_optima_do_not_warn(recwarn):
    assert fit(KINDS["tenths"](np.random.default_rng(0), (9, 8)), 3, 3).is_optimal_
    assert not [w for w in recwarn if issubclass(w.category, ConvergenceWarning)]


def test_heuristic_with_a_gap_does_not_warn(recwarn):
    X = np.random.default_rng(0).normal(size=(14, 13))
    assert not fit(X, 3, 3, method="heuristic").is_optimal_
    assert not [w for w in recwarn if issubclass(w.category, ConvergenceWarning)]
