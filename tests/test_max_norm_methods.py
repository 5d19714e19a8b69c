"""The polynomial methods and contiguous blocks through the estimator, against brute force."""

import itertools

import numpy as np
import pytest
from reference_max_norm_estimator import (
    KINDS,
    cost_of,
    iter_contiguous,
    least_cost,
    make_instance,
)
from sklearn.exceptions import ConvergenceWarning

from skcocluster import MaxNormCoclustering
from skcocluster._maxnorm._contiguous import ContiguousSearch
from skcocluster.metrics import max_norm_cost

SEEDS = range(300, 310)
# Letters apart by different steps: the middle one is close to one of the others, or to none.
TERNARY = ([0.0, 1.0, 2.0], [-4.0, 0.0, 1.0], [0.0, 0.1, 0.30000000000000004], [5.0, 6.0, 600.0])


def fit(X, n_row_clusters, n_column_clusters, **parameters):
    options = {"time_limit": None, "random_state": 0, **parameters}
    return MaxNormCoclustering(n_row_clusters, n_column_clusters, **options).fit(X)


def assert_optimal(model, X, optimum, method):
    assert model.objective_ == optimum
    assert model.lower_bound_ == optimum
    assert model.is_optimal_ is True
    assert model.method_ == method
    assert cost_of(X, model.row_labels_, model.column_labels_) == optimum
    for labels, n_clusters in (
        (model.row_labels_, model.n_row_clusters),
        (model.column_labels_, model.n_column_clusters),
    ):
        assert list(dict.fromkeys(labels.tolist())) == list(range(n_clusters))


def random_shape(rng, least=2):
    return tuple(int(n) for n in rng.integers(least, 7, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_one_cluster_on_one_side_is_solved_by_sorting(kind):
    for seed in SEEDS:
        X, k, p = make_instance(kind, seed)
        for counts in ((1, p), (k, 1)):
            optimum = least_cost(X, *counts)
            assert_optimal(fit(X, *counts, method="greedy"), X, optimum, "greedy")
            assert fit(X, *counts).objective_ == optimum


def test_two_letters_are_solved_by_distinct_rows_and_columns():
    costs = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        shape = random_shape(rng)
        X = np.array([-0.3, 0.1])[rng.integers(0, 2, shape)]
        X = X[rng.integers(0, 3, shape[0]) % shape[0]]
        k, p = (int(rng.integers(1, n + 1)) for n in shape)
        optimum = least_cost(X, k, p)
        costs.add(optimum)
        assert_optimal(fit(X, k, p, method="distinct"), X, optimum, "distinct")
        assert fit(X, k, p).method_ == "distinct"
    assert costs == {0.0, 0.1 - -0.3}


@pytest.mark.parametrize("kind", KINDS)
def test_a_cluster_for_each_distinct_row_and_column_costs_nothing(kind):
    for seed in SEEDS:
        X, _, _ = make_instance(kind, seed)
        counts = (len(np.unique(X, axis=0)), len(np.unique(X, axis=1).T))
        assert_optimal(fit(X, *counts, method="distinct"), X, 0.0, "distinct")
        assert_optimal(fit(X, *X.shape, method="distinct"), X, 0.0, "distinct")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("constant", "duplicates")])
def test_two_by_two_is_solved_by_two_sat(kind):
    n_solved = 0
    for seed in range(400, 425):
        rng = np.random.default_rng(seed)
        X = KINDS[kind](rng, random_shape(rng))
        if len(np.unique(X, axis=0)) < 2 or len(np.unique(X, axis=1).T) < 2:
            continue
        n_solved += 1
        assert_optimal(fit(X, 2, 2, method="two_sat"), X, least_cost(X, 2, 2), "two_sat")
    assert n_solved > 10


@pytest.mark.parametrize("letters", TERNARY)
@pytest.mark.parametrize("n_column_clusters", [2, 3, 4, 5])
def test_three_letters_and_two_row_clusters_are_solved_by_two_sat(letters, n_column_clusters):
    for seed in range(12):
        rng = np.random.default_rng([seed, n_column_clusters])
        shape = (int(rng.integers(3, 7)), int(rng.integers(n_column_clusters + 1, 8)))
        X = np.array(letters)[rng.choice(3, shape, p=rng.dirichlet([1, 2, 1]))]
        X[:2, :3] = np.array(letters)[[[0, 1, 2], [2, 0, 1]]]
        if len(np.unique(X, axis=1).T) < n_column_clusters:
            continue
        counts = (2, n_column_clusters)
        optimum = least_cost(X, *counts)
        assert_optimal(fit(X, *counts, method="two_sat"), X, optimum, "two_sat")
        assert_optimal(fit(X.T, *counts[::-1], method="two_sat"), X.T, optimum, "two_sat")
        assert fit(X, *counts).objective_ == optimum


def test_three_column_clusters_can_cost_less_than_two_for_three_letters():
    # Bulteau et al. (2016), Theorem 6, says that they cannot: it holds for two column blocks only.
    X = np.array([[0, 1, 2, 1, 0], [2, 2, 2, 0, 0]])
    assert_optimal(fit(X, 2, 2, method="two_sat"), X, 2.0, "two_sat")
    assert_optimal(fit(X, 2, 3, method="two_sat"), X, 1.0, "two_sat")


def test_two_sat_takes_matrices_of_one_distinct_row():
    for X, counts in (
        (np.ones((3, 3)), (2, 2)),
        (np.array([[1.0, 5.0, 7.0]] * 3), (2, 2)),
        (np.array([[1.0, 5.0, 7.0]] * 3), (2, 3)),
        (np.array([[1.0, 5.0, 7.0]] * 3).T, (2, 2)),
    ):
        model = fit(X, *counts, method="two_sat")
        assert model.objective_ == least_cost(X, *counts)
        assert model.is_optimal_


@pytest.mark.parametrize(
    ("method", "counts", "n_letters"),
    [
        ("greedy", (2, 2), 2),
        ("greedy", (3, 2), 9),
        ("distinct", (2, 2), 3),
        ("two_sat", (2, 3), 4),
        ("two_sat", (3, 3), 3),
        ("two_sat", (3, 2), 9),
    ],
)
def test_methods_that_do_not_apply_say_what_they_need(method, counts, n_letters):
    X = np.arange(30).reshape(6, 5) % 7 % n_letters
    assert len(np.unique(X)) == min(n_letters, 7)
    model = MaxNormCoclustering(*counts, method=method)
    pattern = rf"method='{method}' needs .*{counts[0]} and {counts[1]} clusters.*method='auto'"
    with pytest.raises(ValueError, match=pattern):
        model.fit(X)
    assert not hasattr(model, "row_labels_")


@pytest.mark.parametrize(
    ("counts", "n_letters", "method"),
    [
        ((1, 3), 9, "greedy"),
        ((3, 1), 9, "greedy"),
        ((2, 2), 9, "two_sat"),
        ((2, 4), 3, "two_sat"),
        ((3, 4), 2, "distinct"),
        ((9, 8), 9, "distinct"),
    ],
)
def test_auto_takes_the_polynomial_method(counts, n_letters, method):
    X = np.random.default_rng(0).integers(0, n_letters, (9, 8))
    assert fit(X, *counts).method_ == method


@pytest.mark.parametrize("seed", range(8))
def test_polynomial_methods_agree_with_searches_on_larger_matrices(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(12, 40, 2))
    integers, rare = rng.integers(0, 30, shape), rng.choice(3, shape, p=[0.04, 0.9, 0.06])
    for X, counts, method in (
        (integers, (1, 4), "greedy"),
        (integers, (2, 2), "two_sat"),
        (rare, (2, 3), "two_sat"),
        (rare, (5, 2), "two_sat"),
    ):
        optimum = fit(X, *counts, method="branch_and_bound").objective_
        assert_optimal(fit(X, *counts, method=method), X, optimum, method)


# -- contiguous blocks ------------------------------------------------------------------------


def assert_consecutive(model):
    for labels in (model.row_labels_, model.column_labels_):
        steps = np.diff(labels)
        assert ((steps == 0) | (steps == 1)).all()
        assert labels[0] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_contiguous_blocks_reach_the_optimum_of_brute_force(kind):
    for seed in range(500, 515):
        X, k, p = make_instance(kind, seed, largest=8)
        optimum = least_cost(X, k, p, iter_contiguous)
        model = fit(X, k, p, contiguous=True)
        assert_optimal(model, X, optimum, model.method_)
        assert_consecutive(model)
        assert max_norm_cost(X, model.row_labels_, model.column_labels_) == optimum
        assert optimum >= fit(X, k, p).objective_


def test_contiguous_blocks_depend_on_the_order():
    X = np.array([[0.0, 9.0, 0.0, 9.0], [0.0, 9.0, 0.0, 9.0]])
    assert fit(X, 1, 2, contiguous=True).objective_ == 9
    assert fit(X[:, [0, 2, 1, 3]], 1, 2, contiguous=True).objective_ == 0
    assert fit(X, 1, 2).objective_ == 0


def test_contiguous_blocks_of_equal_rows_are_cut():
    X = np.ones((7, 5))
    model = fit(X, 4, 3, contiguous=True)
    assert_optimal(model, X, 0.0, model.method_)
    assert_consecutive(model)


def test_contiguous_blocks_that_are_not_needed_halve_the_longest():
    model = fit(np.ones((8, 6)), 4, 2, contiguous=True)
    assert model.row_labels_.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert model.column_labels_.tolist() == [0, 0, 0, 1, 1, 1]


def test_planted_contiguous_blocks_are_found():
    rng = np.random.default_rng(1)
    rows, columns = np.repeat(range(4), [9, 20, 5, 6]), np.repeat(range(3), [11, 4, 15])
    X = 10 * rng.permutation(12).reshape(4, 3)[rows][:, columns] + rng.integers(-2, 3, (40, 30))
    model = fit(X, 4, 3, contiguous=True)
    np.testing.assert_array_equal(model.row_labels_, rows)
    np.testing.assert_array_equal(model.column_labels_, columns)
    assert model.objective_ == 4
    assert model.is_optimal_


def test_contiguous_blocks_cut_short_keep_order_and_bounds():
    X = np.round(10 * np.random.default_rng(0).normal(size=(80, 80)))
    found = []
    for limits in ({"time_limit": 0.0}, {"max_nodes": 1000}, {"max_nodes": 1000}):
        with pytest.warns(ConvergenceWarning, match="ended before the optimum was proven"):
            model = fit(X, 9, 9, contiguous=True, **limits)
        assert_consecutive(model)
        assert model.row_labels_[-1] == model.column_labels_[-1] == 8
        assert model.lower_bound_ < model.objective_
        assert max_norm_cost(X, model.row_labels_, model.column_labels_) == model.objective_
        found.append((model.objective_, model.lower_bound_, model.row_labels_.tolist()))
    assert found[1] == found[2]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_contiguous_search_is_given_no_more_nodes_than_are_left(monkeypatch):
    given = []
    run = ContiguousSearch.run

    def record(self, *, max_nodes, seconds):
        given.append(max_nodes)
        return run(self, max_nodes=max_nodes, seconds=seconds)

    monkeypatch.setattr(ContiguousSearch, "run", record)
    X = np.round(10 * np.random.default_rng(0).normal(size=(40, 40)))
    fit(X, 6, 6, contiguous=True, max_nodes=700)
    assert given[0] == 700
    assert all(b < a for a, b in itertools.pairwise(given))


@pytest.mark.parametrize("method", ["sat", "branch_and_bound", "heuristic", "greedy", "two_sat"])
def test_contiguous_blocks_are_found_by_auto_alone(method):
    with pytest.raises(ValueError, match=f"contiguous=True needs method='auto', got '{method}'"):
        fit(np.eye(4), 2, 2, contiguous=True, method=method)


def test_more_contiguous_blocks_never_cost_more():
    X = np.random.default_rng(2).integers(0, 50, (12, 10))
    costs = [fit(X, k, 3, contiguous=True).objective_ for k in range(1, 13)]
    assert all(b <= a for a, b in itertools.pairwise(costs))
    assert costs[0] > costs[-1]
    turned = [fit(X.T, 3, k, contiguous=True).objective_ for k in range(1, 13)]
    assert turned == costs
