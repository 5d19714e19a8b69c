"""MaxNormCoclustering finds the optimum: brute force, and its methods against each other."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from reference_max_norm_estimator import KINDS, cost_of, least_cost, make_instance

from skcocluster import MaxNormCoclustering
from skcocluster._maxnorm import _methods
from skcocluster._maxnorm._local_search import LocalSearch

SEARCHES = ("auto", "branch_and_bound", "sat")
N_INSTANCES = 15


def fit(X, n_row_clusters, n_column_clusters, **parameters):
    """Search without limit, so that a result is a proof."""
    options = {"time_limit": None, "random_state": 0, **parameters}
    return MaxNormCoclustering(n_row_clusters, n_column_clusters, **options).fit(X)


@functools.cache
def solve_instance(kind, seed):
    """A small instance with its optimum by brute force."""
    X, k, p = make_instance(kind, seed)
    return X, k, p, least_cost(X, k, p)


def assert_optimal(model, X, optimum, context):
    assert model.objective_ == optimum, context
    assert model.lower_bound_ == optimum, context
    assert model.is_optimal_ is True, context
    assert cost_of(X, model.row_labels_, model.column_labels_) == optimum, context


@pytest.fixture
def no_bounds(monkeypatch):
    """Leave everything to the deciders: on small matrices the bounds alone mostly meet."""
    monkeypatch.setattr(_methods, "use_bounds", lambda *_: None)
    monkeypatch.setattr(LocalSearch, "improve", lambda *_: None)


@pytest.mark.parametrize("kind", KINDS)
def test_small_instances_reach_the_optimum_of_brute_force(kind):
    for seed in range(N_INSTANCES):
        X, k, p, optimum = solve_instance(kind, seed)
        for method in SEARCHES:
            context = f"seed {seed}, {method}, {k} x {p} clusters of\n{X!r}"
            assert_optimal(fit(X, k, p, method=method), X, optimum, context)


@pytest.mark.parametrize("kind", KINDS)
def test_search_without_bounds_reaches_the_optimum_of_brute_force(kind, no_bounds):
    for seed in range(100, 110):
        X, k, p, optimum = solve_instance(kind, seed)
        for method in ("branch_and_bound", "sat"):
            context = f"seed {seed}, {method}, {k} x {p} clusters of\n{X!r}"
            assert_optimal(fit(X, k, p, method=method), X, optimum, context)


def test_instances_are_of_many_shapes_and_counts():
    cases = [solve_instance(kind, seed) for kind in KINDS for seed in range(N_INSTANCES)]
    assert len(cases) >= 200
    counts = [(X.shape, k, p) for X, k, p, _ in cases]
    assert sum(k != p for _, k, p in counts) > 50
    assert sum(k == shape[0] for shape, k, _ in counts) > 20
    assert sum(p == shape[1] for shape, _, p in counts) > 20
    assert sum(1 < k < shape[0] and 1 < p < shape[1] for shape, k, p in counts) > 50
    assert sum(k > len(np.unique(X, axis=0)) for X, k, _, _ in cases) > 10
    assert sum(cost > 0 for *_, cost in cases) > 120


@settings(max_examples=60)
@given(data=st.data())
def test_any_finite_entries_reach_the_optimum_of_brute_force(data):
    n_rows, n_columns = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    entries = st.floats(-1e300, 1e300) | st.integers(-3, 3).map(lambda i: i * 0.1)
    X = data.draw(arrays(np.float64, (n_rows, n_columns), elements=entries))
    k, p = data.draw(st.integers(1, n_rows)), data.draw(st.integers(1, n_columns))
    method = data.draw(st.sampled_from(SEARCHES))
    assert_optimal(fit(X, k, p, method=method), X, least_cost(X, k, p), method)


@pytest.mark.parametrize("kind", KINDS)
def test_heuristic_bounds_the_optimum_from_both_sides(kind):
    for seed in range(N_INSTANCES):
        X, k, p, optimum = solve_instance(kind, seed)
        model = fit(X, k, p, method="heuristic")
        assert model.lower_bound_ <= optimum <= model.objective_, f"seed {seed}\n{X!r}"
        assert cost_of(X, model.row_labels_, model.column_labels_) == model.objective_


def rare_signs(rng, shape):
    return rng.choice([-1, 0, 1], shape, p=[0.1, 0.8, 0.1])


def coin_flips(rng, shape):
    return rng.binomial(10, 0.5, shape)


# Kinds on which bounds alone mostly do not meet, with the most clusters a side.
LARGE = (
    (KINDS["integers"], 4),
    (KINDS["floats"], 4),
    (KINDS["distances"], 5),
    (rare_signs, 6),
    (coin_flips, 5),
)


def make_large_instance(seed):
    """A matrix of 12 to 25 rows with numbers of clusters."""
    rng = np.random.default_rng([seed, 12])
    make, most = LARGE[seed % len(LARGE)]
    X = make(rng, tuple(int(n) for n in rng.integers(12, 26, 2)))
    least = most if make is rare_signs else 2
    return X, int(rng.integers(least, most + 1)), int(rng.integers(least, most + 1))


@pytest.mark.parametrize("seed", range(30))
def test_methods_agree_on_larger_instances(seed):
    X, k, p = make_large_instance(seed)
    models = [fit(X, k, p, method=method) for method in SEARCHES]
    for model in models:
        assert_optimal(model, X, models[0].objective_, f"{k} x {p} clusters")


def test_larger_instances_are_not_all_solved_by_bounds_alone():
    open_by_bounds = 0
    for seed in range(30):
        X, k, p = make_large_instance(seed)
        open_by_bounds += not fit(X, k, p, method="heuristic").is_optimal_
    assert open_by_bounds >= 12


@pytest.mark.parametrize("seed", range(30))
def test_methods_agree_on_larger_instances_without_bounds(seed, no_bounds):
    X, k, p = make_large_instance(30 + seed)
    models = [fit(X, k, p, method=method) for method in ("branch_and_bound", "sat")]
    for model in models:
        assert_optimal(model, X, models[0].objective_, f"{k} x {p} clusters")


@pytest.mark.parametrize("method", ["branch_and_bound", "sat"])
def test_the_seed_does_not_change_the_optimum(method):
    X, k, p = make_large_instance(0)
    costs = {fit(X, k, p, method=method, random_state=seed).objective_ for seed in range(4)}
    assert len(costs) == 1


def test_planted_blocks_are_recovered_and_proven():
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(np.arange(60) % 5), rng.permutation(np.arange(48) % 4)
    levels = 10 * rng.permutation(20).reshape(5, 4)
    X = levels[rows][:, columns] + rng.integers(-2, 3, (60, 48))
    model = fit(X, 5, 4)
    assert_optimal(model, X, 4.0, "planted")
    for found, planted in ((model.row_labels_, rows), (model.column_labels_, columns)):
        assert len(set(zip(found.tolist(), planted.tolist(), strict=True))) == planted.max() + 1


def test_differences_are_those_of_float_subtraction():
    # 0.3 - 0.2 < 0.1 - 0.0 = 0.1 in floats, though equal in decimals: no tolerance may join them.
    X = np.array([[0.0, 0.1], [0.2, 0.3]])
    assert 0.3 - 0.2 != 0.1
    model = fit(X, 2, 1)
    assert_optimal(model, X, max(0.1 - 0.0, 0.3 - 0.2), "rows apart")
    model = fit(X, 1, 2)
    assert_optimal(model, X, max(0.2 - 0.0, 0.3 - 0.1), "columns apart")


def test_method_names_what_gave_the_lower_bound():
    X, k, p = make_large_instance(0)
    assert not fit(X, k, p, method="heuristic").is_optimal_
    assert fit(X, k, p, method="branch_and_bound").method_ == "branch_and_bound"
    assert fit(X, k, p, method="sat").method_ == "sat"
    assert fit(X, k, p, method="auto").method_ in ("branch_and_bound", "sat")
    assert fit(X, k, p, method="heuristic").method_ == "bounds"
