"""BBAC's starts and search: against brute force, planted blocks, restarts, and each other."""

import numpy as np
import pytest
import reference
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import make_checkerboard
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import consensus_score

from skcocluster import BBAC
from skcocluster.metrics import block_divergence

ENGINES = ("numpy", "numba")
INITS = ("auto", "random", "k-means++", "spectral")
REFINES = ("split_merge", None)


def planted_gamma(seed, n_rows=300, n_columns=240, k=6, p=5):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.arange(n_rows) % k)
    columns = rng.permutation(np.arange(n_columns) % p)
    means = rng.gamma(2.0, 2.0, (k, p)) + 0.5
    X = rng.gamma(4.0, means[rows][:, columns] / 4.0)
    return X, rows, columns


@pytest.fixture(scope="module")
def optima():
    """Brute-force optimum of tiny random matrices under every model."""
    found = []
    models = [(d, "C2") for d in reference.DIVERGENCES]
    models += [("squared_euclidean", "C5"), ("i_divergence", "C3")]
    for divergence, basis in models:
        for seed in range(3):
            X = reference.random_matrix(divergence, 5, 4, seed)
            best, *_ = reference.best_coclustering(X, 2, 2, divergence=divergence, basis=basis)
            found.append((X, divergence, basis, best))
    return found


@pytest.mark.parametrize("refine", REFINES)
@pytest.mark.parametrize("init", INITS)
def test_no_start_beats_brute_force(optima, init, refine):
    for X, divergence, basis, best in optima:
        model = BBAC(2, 2, divergence=divergence, basis=basis, init=init, refine=refine)
        model.set_params(random_state=0, n_init=3).fit(X)
        assert model.objective_ >= best * (1 - 1e-9) - 1e-9


def test_restarts_reach_the_optimum_of_tiny_matrices(optima):
    for X, divergence, basis, best in optima:
        if basis != "C2":
            continue
        model = BBAC(2, 2, divergence=divergence, n_init=100, random_state=0).fit(X)
        assert_allclose(model.objective_, best, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_one_default_start_reaches_the_optimum_of_tiny_planted_blocks(engine):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rows, columns = rng.permutation([0, 0, 0, 1, 1, 1]), rng.permutation([0, 0, 1, 1, 1])
        X = np.array([[20.0, 2.0], [7.0, 12.0]])[rows][:, columns] + rng.integers(-1, 2, (6, 5))
        best, *_ = reference.best_coclustering(X, 2, 2)
        model = BBAC(2, 2, engine=engine, random_state=seed).fit(X)
        assert_allclose(model.objective_, best, rtol=1e-9)
        assert reference.same_partition(model.row_labels_, rows)
        assert reference.same_partition(model.column_labels_, columns)


@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence", "itakura_saito"])
def test_one_default_start_reaches_planted_gamma_blocks(divergence):
    for seed in range(4):
        X, rows, columns = planted_gamma(seed)
        truth = block_divergence(X, rows, columns, divergence=divergence)
        model = BBAC(6, 5, divergence=divergence, random_state=seed).fit(X)
        assert model.objective_ <= truth * (1 + 1e-9)


def test_checkerboard_is_recovered_over_20_seeds():
    for seed in range(20):
        X, rows, columns = make_checkerboard(
            (300, 300), (4, 3), noise=10, shuffle=False, random_state=seed
        )
        rng = np.random.default_rng(seed)
        row_order, column_order = rng.permutation(300), rng.permutation(300)
        X = X[row_order][:, column_order]
        model = BBAC(4, 3, random_state=seed).fit(X)
        truth = rows[:, row_order], columns[:, column_order]
        assert consensus_score(model.biclusters_, truth) > 0.99, f"seed {seed}"


@pytest.mark.parametrize("init", INITS)
def test_search_is_never_worse_than_none(init):
    for seed in range(4):
        X = reference.random_matrix("squared_euclidean", 40, 30, seed)
        plain = BBAC(4, 4, init=init, refine=None, random_state=seed).fit(X)
        searched = BBAC(4, 4, init=init, refine="split_merge", random_state=seed).fit(X)
        assert searched.objective_ <= plain.objective_ * (1 + 1e-9)


def test_default_start_is_no_worse_than_ten_random_ones():
    for seed in range(4):
        X, *_ = planted_gamma(seed, k=8, p=8)
        options = {"divergence": "i_divergence", "random_state": seed}
        default = BBAC(8, 8, **options).fit(X)
        random = BBAC(8, 8, init="random", refine=None, n_init=10, **options).fit(X)
        assert default.objective_ <= random.objective_ * (1 + 1e-9)


def test_search_fills_empty_clusters_where_rows_differ():
    X = reference.random_matrix("squared_euclidean", 24, 18, 0)
    start = (np.zeros(24, int), np.zeros(18, int))
    model = BBAC(4, 3, init=start, random_state=0).fit(X)
    assert set(model.row_labels_) == set(range(4))
    assert set(model.column_labels_) == set(range(3))


@pytest.mark.parametrize("engine", ENGINES)
def test_given_start_at_a_fixed_point_is_returned_as_it_is(engine):
    X = reference.random_matrix("squared_euclidean", 14, 11, 0)
    first = BBAC(3, 2, engine=engine, refine=None, tol=0.0, random_state=0).fit(X)
    assert first.converged_
    again = BBAC(3, 2, engine=engine, refine=None, init=(first.row_labels_, first.column_labels_))
    again.fit(X)
    assert_array_equal(again.row_labels_, first.row_labels_)
    assert_array_equal(again.column_labels_, first.column_labels_)
    assert again.n_iter_ <= 2
    assert again.converged_


def test_too_few_iterations_warn_and_say_so():
    X = np.random.default_rng(0).standard_normal((60, 50))
    model = BBAC(5, 5, init="random", refine=None, max_iter=1, tol=0.0, random_state=0)
    with pytest.warns(ConvergenceWarning, match="max_iter"):
        model.fit(X)
    assert not model.converged_
    assert model.n_iter_ == 1


@pytest.mark.parametrize("column_steps", [1, 2, 5, "auto"])
def test_any_number_of_column_steps_ends_at_a_fixed_point(column_steps):
    X = reference.random_matrix("squared_euclidean", 30, 24, 1)
    model = BBAC(4, 3, column_steps=column_steps, tol=0.0, max_iter=300, random_state=0).fit(X)
    assert model.converged_
    assert_array_equal(model.predict(X), model.row_labels_)
    assert_array_equal(model.predict_columns(X), model.column_labels_)
    assert (np.diff(model.objective_trace_) <= 1e-9 * model.objective_trace_[0]).all()


def test_best_restart_is_the_lowest_objective_of_all_restarts():
    X = reference.random_matrix("squared_euclidean", 25, 20, 2)
    options = {"init": "random", "refine": None, "random_state": 7}
    values = [BBAC(4, 3, n_init=n, **options).fit(X).objective_ for n in range(1, 9)]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]


def test_restarts_differ_and_seeds_differ():
    X = reference.random_matrix("squared_euclidean", 25, 20, 2)
    options = {"init": "random", "refine": None}
    values = {BBAC(4, 3, random_state=s, **options).fit(X).objective_ for s in range(8)}
    assert len(values) > 3


def test_random_state_instance_and_generator_free_seed_are_taken():
    X = reference.random_matrix("squared_euclidean", 25, 20, 2)
    first, second = (
        BBAC(4, 3, random_state=np.random.RandomState(5)).fit(X) for _ in range(2)
    )  # fmt: skip
    assert_array_equal(first.row_labels_, second.row_labels_)
    BBAC(4, 3, random_state=None).fit(X)


@pytest.mark.parametrize("n_jobs", [2, -1])
@pytest.mark.parametrize("engine", ENGINES)
def test_parallel_restarts_equal_serial_ones(engine, n_jobs):
    X, *_ = planted_gamma(0, 50, 40)
    options = {"init": "random", "n_init": 4, "random_state": 0, "engine": engine}
    one = BBAC(4, 3, **options).fit(X)
    more = BBAC(4, 3, n_jobs=n_jobs, **options).fit(X)
    assert_array_equal(more.row_labels_, one.row_labels_)
    assert_array_equal(more.column_labels_, one.column_labels_)
    assert more.objective_ == one.objective_
    assert_array_equal(more.objective_trace_, one.objective_trace_)


def test_grid_search_and_pipeline_run_over_bbac():
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, *_ = planted_gamma(0, 90, 60, 3, 3)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), BBAC(random_state=0)),
        {"bbac__n_row_clusters": [1, 3]},
        cv=3,
    ).fit(X)
    assert search.best_params_ == {"bbac__n_row_clusters": 3}
    assert search.predict(X).shape == (90,)
