"""What CGC, the peer, gets wrong: each case here is one that was seen there."""

import numpy as np
import pytest
import reference
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from skcocluster import BBAC
from skcocluster.metrics import block_divergence

ENGINES = ("numpy", "numba")
CYCLE = np.array(
    [[6, 7, 9, 1, 2], [2, 3, 4, 6, 8], [8, 7, 6, 5, 5], [8, 1, 5, 9, 2], [2, 5, 2, 1, 6]],
    dtype=float,
)
CYCLE_START = (np.array([1, 0, 0, 1, 0]), np.array([1, 1, 0, 0, 1]))


def planted(seed=0):
    rng = np.random.default_rng(seed)
    rows, columns = np.arange(30) % 3, np.arange(20) % 2
    levels = np.array([[2.0, 30.0], [12.0, 5.0], [50.0, 20.0]])
    return rng.gamma(20.0, levels[rows][:, columns] / 20.0), rows, columns


def simultaneous(engine="numba", **parameters):
    return BBAC(
        2, 2, divergence="i_divergence", update="simultaneous", refine=None, tol=0.0,
        engine=engine, **parameters,
    )  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_smallest_known_cycle_returns_its_best_state_and_warns(engine):
    model = simultaneous(engine, init=CYCLE_START)
    with pytest.warns(ConvergenceWarning):
        model.fit(CYCLE)
    assert model.objective_ == pytest.approx(14.581856, abs=1e-6)
    assert_array_equal(model.row_labels_, [1, 0, 1, 1, 0])
    assert_array_equal(model.column_labels_, [1, 1, 1, 0, 0])
    assert not model.converged_
    assert_allclose(
        model.objective_,
        block_divergence(CYCLE, model.row_labels_, model.column_labels_, divergence="i_divergence"),
        rtol=1e-12,
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_smallest_known_cycle_is_seen_in_the_trace(engine):
    model = simultaneous(engine, init=CYCLE_START)
    with pytest.warns(ConvergenceWarning):
        model.fit(CYCLE)
    expected = [17.914295, 19.164896, 18.249408, 14.581856, 18.249408]
    n = min(len(expected), len(model.objective_trace_))
    assert n >= 4
    assert_allclose(model.objective_trace_[:n], expected[:n], atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_alternating_does_not_cycle_where_simultaneous_does(engine):
    model = BBAC(2, 2, divergence="i_divergence", refine=None, init=CYCLE_START, engine=engine)
    model.fit(CYCLE)
    assert model.converged_
    assert model.objective_ < 14.581856


def test_simultaneous_states_equal_the_plain_loops_even_in_a_cycle():
    expected = reference.fit_simultaneous(CYCLE, *CYCLE_START, 2, 2, max_iter=12)
    assert not expected.converged
    for max_iter in range(1, 8):
        model = simultaneous(init=CYCLE_START, max_iter=max_iter)
        with pytest.warns(ConvergenceWarning):
            model.fit(CYCLE)
        n = len(model.objective_trace_)
        assert_allclose(model.objective_trace_, expected.trace[:n], rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_one_missing_cell_does_not_put_all_rows_in_one_cluster(engine, update):
    X, rows, columns = planted()
    X[4, 7] = np.nan
    model = BBAC(3, 2, divergence="i_divergence", update=update, engine=engine, n_init=5)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.set_params(random_state=0).fit(X)
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)
    assert np.isfinite(model.objective_)


@pytest.mark.parametrize("engine", ENGINES)
def test_zero_rows_and_columns_give_no_nan(engine):
    X, rows, _ = planted()
    X[[3, 11]], X[:, 5] = 0, 0
    model = BBAC(4, 3, divergence="i_divergence", engine=engine, random_state=0).fit(X)
    assert np.isfinite(model.objective_)
    assert np.isfinite(model.block_means_).all()
    assert model.row_labels_[3] == model.row_labels_[11]
    others = np.delete(np.arange(30), [3, 11])
    assert reference.same_partition(model.row_labels_[others], rows[others])


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_negative_data_are_refused_instead_of_converged(update):
    X, *_ = planted()
    X[6, 2] = X[9, 0] = -1e-3
    with pytest.raises(ValueError, match=r"(?s)row 6\b.*column 2\b"):
        BBAC(3, 2, divergence="i_divergence", update=update).fit(X)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1e6])
def test_small_numbers_do_not_converge_at_once(engine, scale):
    # An absolute threshold of 1e-5 ends the fit of data x 1e-9 after its first iteration.
    X = np.random.default_rng(0).gamma(2.0, 5.0, (60, 50))
    options = {"divergence": "i_divergence", "init": "random", "refine": None}
    options |= {"engine": engine, "random_state": 1}
    plain = BBAC(5, 4, **options).fit(X)
    scaled = BBAC(5, 4, **options).fit(X * scale)
    assert plain.n_iter_ > 3
    assert scaled.n_iter_ == plain.n_iter_
    assert_array_equal(scaled.row_labels_, plain.row_labels_)
    assert_array_equal(scaled.column_labels_, plain.column_labels_)


def test_objective_is_complete_so_that_the_best_of_runs_is_the_best():
    # Without the constant sum(x log x - x), and with stale averages, the reported error may pick
    # the wrong one of 10 runs.
    for seed in range(5):
        X = reference.random_matrix("i_divergence", 12, 10, seed)
        options = {"divergence": "i_divergence", "init": "random", "refine": None}
        best = BBAC(3, 3, n_init=10, random_state=seed, **options).fit(X)
        oracle = reference.Model(X, best.row_labels_, best.column_labels_, 3, 3, "i_divergence")
        assert best.objective_ >= 0
        assert_allclose(best.objective_, oracle.objective(), rtol=1e-9)
        alone = BBAC(3, 3, n_init=1, random_state=seed, **options).fit(X)
        assert best.objective_ <= alone.objective_ * (1 + 1e-12)


def test_fit_can_be_repeated_with_a_seed():
    X, *_ = planted()
    options = {"divergence": "i_divergence", "init": "random", "n_init": 3, "random_state": 11}
    first, second = BBAC(3, 2, **options).fit(X), BBAC(3, 2, **options).fit(X)
    assert_array_equal(first.row_labels_, second.row_labels_)
    assert first.objective_ == second.objective_


def test_simultaneous_never_returns_a_state_worse_than_one_it_saw():
    import warnings

    rose = 0
    for seed in range(20):
        X = np.random.default_rng(seed).gamma(1.0, 5.0, (12, 9))
        model = simultaneous(init="random", random_state=seed)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(X)
        trace = model.objective_trace_
        assert model.objective_ <= trace.min() * (1 + 1e-9)
        if (np.diff(trace) > 1e-9 * trace[0]).any():
            rose += 1
        if trace[-1] > model.objective_ * (1 + 1e-9):
            assert any(issubclass(w.category, ConvergenceWarning) for w in caught)
            assert not model.converged_
        assert_allclose(
            model.objective_,
            block_divergence(X, model.row_labels_, model.column_labels_, divergence="i_divergence"),
            rtol=1e-9,
        )
    assert rose > 0


def test_simultaneous_restarts_keep_the_best_state_of_all():
    import warnings

    X = planted(3)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        values = [
            simultaneous(init="random", random_state=0, n_init=n).fit(X).objective_
            for n in (1, 3, 6)
        ]
    assert values == sorted(values, reverse=True)
