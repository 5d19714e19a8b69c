"""Coclus against plain loops and brute force, and what must hold for every matrix of weights."""

import itertools
import tracemalloc
import warnings
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
import reference
import reference_diagonal as diagonal
from hypothesis import assume, given, settings
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skcocluster import Coclus
from skcocluster.metrics import modularity

ENGINES = ("numpy", "numba")
EXAMPLES = settings(max_examples=40, deadline=None)
# Without search and tolerance, all that happens is the published algorithm, to its fixed point.
PLAIN = {"refine": None, "tol": 0.0, "max_iter": 500}


def fit_quietly(X, n_clusters, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return Coclus(n_clusters, **parameters).fit(X)


def assert_labels(model, rows, columns):
    assert_array_equal(model.row_labels_, rows)
    assert_array_equal(model.column_labels_, columns)


def whole_matrix(seed, shape=(9, 7), high=3):
    """Few distinct values, so that ties are common; a row and a column twice; some of zeros."""
    rng = np.random.default_rng(seed)
    X = rng.integers(0, high, shape).astype(float)
    X[-1], X[:, -1] = X[0], X[:, 0]
    if seed % 2:
        X[2], X[:, 3] = 0, 0
    return X


# --- the algorithm, label by label ----------------------------------------------------------------


@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array, sparse.csc_array])
@pytest.mark.parametrize("n_clusters", [2, 3, 5])
def test_fixed_point_is_that_of_the_plain_algorithm_label_by_label(engine, storage, n_clusters):
    n_ties = n_compared = 0
    for seed in range(8):
        X = whole_matrix(seed)
        start = reference.balanced_labels(7, n_clusters, seed)
        expected = diagonal.fit_coclus(X, start, n_clusters)
        if expected.trace[-1] == 0:
            continue
        model = Coclus(n_clusters, init=start, engine=engine, **PLAIN).fit(storage(X))
        assert_labels(model, *expected.labels)
        assert_allclose(model.objective_, float(expected.trace[-1]), rtol=1e-12)
        n_compared += 1
        costs = diagonal.gains(diagonal.exact(X), expected.labels[1], n_clusters)
        n_ties += sum(line.count(max(line)) > 1 for line in costs)
    assert n_compared >= 6
    assert n_ties > 0


@pytest.mark.parametrize("n_iterations", [1, 2, 3])
def test_every_iteration_is_rows_then_columns(engine, n_iterations):
    n_unfinished = 0
    for seed in range(30):
        X = np.random.default_rng(seed).integers(0, 6, (14, 11)).astype(float)
        start = reference.balanced_labels(11, 4, seed)
        expected = diagonal.fit_coclus(X, start, 4)
        if len(expected.trace) < n_iterations or expected.trace[-1] == 0:
            continue
        n_unfinished += len(expected.trace) > n_iterations + 1
        options = PLAIN | {"max_iter": n_iterations}
        model = fit_quietly(X, 4, init=start, engine=engine, **options)
        assert_labels(model, *expected.states[n_iterations - 1])
        assert model.n_iter_ == n_iterations
        trace = [float(q) for q in expected.trace[:n_iterations]]
        assert_allclose(model.objective_trace_, trace, rtol=1e-12)
    assert n_unfinished >= 3


@st.composite
def problems(draw, least=1):
    """A small matrix of whole numbers with many ties and zeros, a count and starting labels.

    Rows, columns, co-clusters and labels at the start are at least so many, 1 or 2.
    """
    shape = draw(st.tuples(st.integers(least, 9), st.integers(least, 9)))
    high = draw(st.sampled_from([1, 2, 9, 1000]))
    # Without a fill: with one, most matrices are a constant but for an entry or two.
    entries = {"elements": st.integers(0, high), "fill": st.nothing()}
    X = draw(hnp.arrays(np.int64, shape, **entries)).astype(float)
    n_clusters = draw(st.integers(least, shape[0]))
    start = draw(hnp.arrays(np.int32, shape[1], elements=st.integers(0, n_clusters - 1)))
    if least == 2:
        start[draw(st.permutations(range(shape[1])))[:2]] = 0, 1
    return X, n_clusters, start


@given(problems(2), st.sampled_from(ENGINES), st.sampled_from([1.0, 0.5, 1.75]), st.booleans())
@EXAMPLES
def test_any_start_leads_where_the_plain_algorithm_goes(problem, engine, resolution, stored):
    X, n_clusters, start = problem
    expected = diagonal.fit_coclus(X, start, n_clusters, Fraction(resolution))
    # From a start that leads nowhere, another one is tried.
    assume(expected.trace[-1] > 0 and len(set(expected.labels[1])) > 1)
    given_X = sparse.csr_array(X) if stored else X
    options = {"resolution": resolution, "init": start, "engine": engine, **PLAIN}
    model = Coclus(n_clusters, **options).fit(given_X)
    assert_labels(model, *expected.labels)
    assert_allclose(model.objective_, float(expected.trace[-1]), rtol=1e-12, atol=1e-12)


def test_ties_go_to_the_lowest_label(engine):
    # N = 5. Row 0 gains 5 * 1 - 2 * 2 = 1 in co-clusters 1 and 2, and less in 0.
    X = np.array([[0, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=float)
    model = Coclus(3, init=[0, 1, 2], engine=engine, **PLAIN).fit(X)
    assert_labels(model, [1, 0, 1, 2], [0, 1, 2])
    model = Coclus(3, init=[0, 2, 1], engine=engine, **PLAIN).fit(X)
    assert_labels(model, [1, 0, 2, 1], [0, 2, 1])
    # Column 0 gains 1 in co-clusters 0 and 2.
    model = Coclus(3, init=[0, 1, 1, 2], engine=engine, **PLAIN).fit(X.T)
    assert_labels(model, [1, 0, 2], [0, 1, 0, 2])


def test_labels_that_move_at_equal_modularity_move_to_the_fixed_point(engine):
    # From the second iteration on, Q stays what it is, and labels move three times more.
    X = np.zeros((8, 6))
    places = [(0, 5), (1, 4), (2, 2), (2, 3), (3, 1), (3, 2), (4, 0), (4, 1), (4, 5), (5, 0)]
    for i, j in [*places, (7, 2), (7, 4)]:
        X[i, j] = 1
    start = [4, 2, 0, 1, 2, 0]
    expected = diagonal.fit_coclus(X, start, 5)
    assert len(expected.trace) == 6
    assert len(set(expected.trace[1:])) == 1
    for kind in (np.asarray, sparse.csr_array):
        model = Coclus(5, init=start, engine=engine, **PLAIN).fit(kind(X))
        assert_labels(model, *expected.labels)
        assert_array_equal(model.predict(kind(X)), model.row_labels_)


@pytest.mark.parametrize("seed", [16, 394, 1752, 1967])
def test_ties_that_a_division_would_break_are_exact(engine, seed):
    # N acc_k = a_i C_k + d in two co-clusters with different acc_k: only this form has no rounding.
    rng = np.random.default_rng(seed)
    X = rng.integers(0, 4, (9, 7)).astype(float)
    start = rng.permutation(np.arange(7) % 3)
    sums, weights = X @ np.eye(3)[start], X.sum(axis=1)
    divided = sums - np.outer(weights, sums.sum(axis=0)) / X.sum()
    expected = diagonal.fit_coclus(X, start, 3)
    assert (divided.argmax(axis=1) != expected.states[0][0]).any()
    for kind in (np.asarray, sparse.csr_array):
        options = PLAIN | {"max_iter": 1}
        model = fit_quietly(kind(X), 3, init=start, engine=engine, **options)
        assert_labels(model, *expected.states[0])


@pytest.mark.parametrize("unit", [3.0, 7.0, 49.0, 1000003.0])
def test_ties_of_whole_numbers_are_exact_whatever_their_size(engine, unit):
    # a_i C_k / N is no floating-point number for these: only N acc_k - a_i C_k finds the tie.
    for seed in range(6):
        X = whole_matrix(seed)
        start = reference.balanced_labels(7, 3, seed)
        expected = diagonal.fit_coclus(X, start, 3)
        assert_labels(Coclus(3, init=start, engine=engine, **PLAIN).fit(X * unit), *expected.labels)


def test_large_resolution_equals_the_plain_algorithm(engine):
    X = whole_matrix(0, (12, 10), 5)
    start = reference.balanced_labels(10, 4, 0)
    results = []
    for resolution in (0.25, 1.0, 1.5, 3.0):
        expected = diagonal.fit_coclus(X, start, 4, Fraction(resolution))
        assert expected.trace[-1] != 0
        options = {"resolution": resolution, "init": start, "engine": engine, **PLAIN}
        model = Coclus(4, **options).fit(X)
        assert_labels(model, *expected.labels)
        assert_allclose(
            model.objective_,
            modularity(X, model.row_labels_, model.column_labels_, resolution),
            rtol=1e-12,
        )
        results.append(model.row_labels_.tolist())
    # The parameter does something.
    assert len({tuple(r) for r in results}) > 1


@pytest.mark.parametrize("resolution", [-1.0, np.nan, np.inf, "high", None])
def test_bad_resolution_is_refused_by_name(resolution):
    with pytest.raises((ValueError, TypeError), match="resolution"):
        Coclus(2, resolution=resolution).fit(np.eye(4))


# --- brute force ----------------------------------------------------------------------------------


@pytest.mark.parametrize("n_clusters", [2, 3])
def test_restarts_reach_the_best_partition_of_4_by_4_and_nothing_exceeds_it(engine, n_clusters):
    # A start at the columns of the best partition ends in it, and 60 starts hold all partitions.
    n_reached = 0
    for seed in range(6):
        X = np.random.default_rng(seed).integers(0, 4, (4, 4)).astype(float)
        best = diagonal.best_modularity(X, n_clusters)
        options = {"engine": engine, "random_state": seed}
        restarted = Coclus(n_clusters, init="random", refine=None, n_init=60, **options).fit(X)
        assert_allclose(restarted.objective_, best, rtol=1e-12)
        for init, refine in itertools.product(("spectral", "random"), (None, "split_merge")):
            model = Coclus(n_clusters, init=init, refine=refine, **options).fit(X)
            assert model.objective_ <= best * (1 + 1e-12)
            n_reached += refine is not None and model.objective_ >= best * (1 - 1e-12)
    assert n_reached >= 8


def test_no_single_row_or_column_can_move_to_a_better_place(engine):
    # Real-valued weights: the reference's exact sums would tell ties apart that rounding makes.
    X = np.random.default_rng(0).gamma(0.5, size=(25, 18))
    model = Coclus(4, engine=engine, tol=0.0, random_state=0).fit(X)
    own = model.objective_
    for side in (0, 1):
        labels = [model.row_labels_, model.column_labels_]
        for i, k in itertools.product(range(X.shape[side]), range(4)):
            moved = labels[side].copy()
            moved[i] = k
            pair = [moved if s == side else labels[s] for s in (0, 1)]
            assert modularity(X, *pair) <= own + 1e-12


# --- the objective --------------------------------------------------------------------------------

searches = st.sampled_from(
    [
        {"init": "random", "refine": None},
        {"init": "random", "refine": None, "n_init": 3},
        {"init": "spectral", "refine": None},
        {"init": "spectral", "refine": "split_merge"},
        {"init": "random", "refine": "split_merge"},
    ]
)


@given(problems(), searches, st.sampled_from(ENGINES), st.sampled_from([1.0, 0.5, 2.5]))
@EXAMPLES
def test_trace_never_falls_and_ends_at_the_modularity_of_the_labels(
    problem, search, engine, resolution
):
    X, n_clusters, _ = problem
    options = {"resolution": resolution, "engine": engine, "random_state": 0, **search}
    model = fit_quietly(X, n_clusters, **options)
    assert (np.diff(model.objective_trace_) >= -1e-12).all()
    whole = float(
        diagonal.modularity(X, model.row_labels_, model.column_labels_, Fraction(resolution))
    )
    assert_allclose(model.objective_, whole, rtol=1e-9, atol=1e-12)
    assert_allclose(model.objective_trace_[-1], model.objective_, rtol=1e-12, atol=1e-12)
    assert model.modularity_ == model.objective_
    for labels in (model.row_labels_, model.column_labels_):
        assert labels.min() >= 0
        assert labels.max() < n_clusters


@pytest.mark.parametrize("power", [-1000, -600, -160, -60, 60, 160, 600, 1000])
def test_scale_changes_nothing(engine, power):
    # N acc_k of such values is beyond the range of floating point unless X is scaled first.
    X = diagonal.planted_diagonal(20, 16, 3)[0]
    plain = Coclus(3, engine=engine, random_state=0).fit(X)
    for kind in (np.asarray, sparse.csr_array):
        scaled = Coclus(3, engine=engine, random_state=0).fit(kind(X * 2.0**power))
        assert_labels(scaled, plain.row_labels_, plain.column_labels_)
        assert_allclose(scaled.objective_, plain.objective_, rtol=1e-12)


def test_tolerance_ends_a_fit_early_and_the_limit_warns():
    X = np.random.default_rng(0).integers(0, 5, (60, 50)).astype(float)
    options = {"init": "random", "refine": None, "random_state": 0}
    exact = Coclus(5, tol=0.0, max_iter=500, **options).fit(X)
    assert exact.n_iter_ > 4
    assert exact.converged_
    loose = Coclus(5, tol=0.5, max_iter=500, **options).fit(X)
    assert loose.n_iter_ < exact.n_iter_
    with pytest.warns(ConvergenceWarning):
        cut = Coclus(5, tol=0.0, max_iter=2, **options).fit(X)
    assert not cut.converged_
    assert cut.n_iter_ == 2


# --- starts, restarts, search ---------------------------------------------------------------------


@pytest.mark.parametrize("storage", [np.asarray, sparse.csr_array])
def test_default_finds_planted_co_clusters(engine, storage):
    X, rows, columns = diagonal.planted_diagonal(60, 45, 4)
    model = Coclus(4, engine=engine, random_state=0).fit(storage(X))
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)
    # The same label on both sides is the same co-cluster.
    assert_allclose(model.objective_, modularity(X, rows, columns), rtol=1e-12)
    assert model.n_clusters_ == 4


def test_default_start_needs_one_run_where_random_starts_fail():
    X, rows, _ = diagonal.planted_diagonal(120, 100, 10, inside=3.0, outside=0.3)
    spectral = Coclus(10, random_state=0).fit(X)
    assert reference.same_partition(spectral.row_labels_, rows)
    plain = {"init": "random", "refine": None}
    single = [Coclus(10, random_state=s, **plain).fit(X).objective_ for s in range(5)]
    assert np.median(single) < 0.99 * spectral.objective_


@pytest.mark.parametrize("label", [0, 1, 2])
def test_degenerate_start_is_replaced(engine, label):
    X = diagonal.planted_diagonal(30, 24, 3)[0]
    assert diagonal.fit_coclus(X, np.full(24, label), 3).trace[-1] == 0
    options = {"engine": engine, "random_state": 0}
    model = Coclus(3, init=np.full(24, label, dtype=np.int32), **options).fit(X)
    assert model.objective_ > 0.1


def test_random_start_on_two_columns_never_ends_at_zero(engine):
    # Every other draw of two labels for two columns puts both columns together.
    X = np.array([[5.0, 0.0], [4.0, 1.0], [0.0, 3.0]])
    for seed in range(12):
        options = {"init": "random", "refine": None, "engine": engine, "random_state": seed}
        assert Coclus(2, **options).fit(X).objective_ > 0.3


def test_refine_is_never_worse_and_sometimes_better(engine):
    n_better = 0
    for seed in range(6):
        X = diagonal.planted_diagonal(50, 40, 6, seed, inside=3.0, outside=1.0)[0]
        options = {"init": "random", "engine": engine, "random_state": seed}
        plain = Coclus(6, refine=None, **options).fit(X)
        refined = Coclus(6, refine="split_merge", **options).fit(X)
        assert refined.objective_ >= plain.objective_ - 1e-12
        n_better += refined.objective_ > plain.objective_ + 1e-6
    assert n_better >= 3


@pytest.mark.parametrize("init", ["spectral", "random"])
def test_a_search_too_ends_at_a_fixed_point(engine, init):
    for seed in range(4):
        X = np.random.default_rng(seed).integers(0, 4, (24, 17)).astype(float)
        options = {"init": init, "refine": "split_merge", "engine": engine, "random_state": seed}
        model = Coclus(4, **options).fit(X)
        assert model.converged_
        assert_array_equal(model.predict(X), model.row_labels_)
        assert_array_equal(model.predict_columns(X), model.column_labels_)
        start = Coclus(4, init=model.column_labels_, engine=engine, **PLAIN).fit(X)
        assert_labels(start, model.row_labels_, model.column_labels_)


def test_more_starts_are_never_worse_and_sometimes_better():
    n_better = 0
    for seed in range(3):
        X = diagonal.planted_diagonal(40, 30, 6, seed, inside=3.0, outside=1.0)[0]
        for init in ("random", "spectral"):
            options = {"init": init, "refine": None, "random_state": seed}
            values = [Coclus(6, n_init=n, **options).fit(X).objective_ for n in (1, 3, 8)]
            assert values[0] <= values[1] + 1e-12
            assert values[1] <= values[2] + 1e-12
            n_better += values[2] > values[0] + 1e-6
    assert n_better >= 3


@pytest.mark.parametrize("refine", [None, "split_merge"])
@pytest.mark.parametrize("init", ["spectral", "random"])
def test_engines_and_jobs_change_nothing(init, refine):
    X = np.random.default_rng(3).integers(0, 4, (40, 30)).astype(float)
    options = {"init": init, "refine": refine, "n_init": 4, "random_state": 3}
    plain = Coclus(5, engine="numpy", **options).fit(X)
    for changed in ({"engine": "numba"}, {"engine": "numpy", "n_jobs": 2}, {"n_jobs": 2}):
        for kind in (np.asarray, sparse.csr_array):
            model = Coclus(5, **options, **changed).fit(kind(X))
            assert_labels(model, plain.row_labels_, plain.column_labels_)
            assert_allclose(model.objective_trace_, plain.objective_trace_, rtol=1e-12)


def test_seeds_decide_random_starts():
    X = np.random.default_rng(3).integers(0, 4, (40, 30)).astype(float)
    options = {"init": "random", "refine": None}
    fits = [Coclus(5, random_state=s, **options).fit(X) for s in (0, 0, 1, 2, 3)]
    assert_labels(fits[1], fits[0].row_labels_, fits[0].column_labels_)
    assert len({f.objective_ for f in fits}) > 1
    state = np.random.RandomState(0)
    again = Coclus(5, random_state=state, **options).fit(X)
    assert np.isfinite(again.objective_)


def test_names_of_starting_labels_only_rename_the_result(engine):
    X = np.random.default_rng(5).gamma(0.7, size=(20, 15))
    start = reference.balanced_labels(15, 3, 0)
    new_names = np.array([2, 0, 1])
    plain = Coclus(3, init=start, engine=engine, **PLAIN).fit(X)
    renamed = Coclus(3, init=new_names[start], engine=engine, **PLAIN).fit(X)
    assert_labels(renamed, new_names[plain.row_labels_], new_names[plain.column_labels_])


@pytest.mark.parametrize(
    "init",
    [[0, 1], [0, 1, 2, 3, 4, 5, 6], [0, 1, 3, 0], [0, -1, 1, 0], [0.5] * 4, [np.nan] * 4, "best"],
    ids=str,
)
def test_bad_start_is_refused_by_name(init):
    with pytest.raises((ValueError, TypeError), match="init"):
        Coclus(3, init=init).fit(np.arange(1.0, 25.0).reshape(6, 4))


def test_start_labels_are_not_changed_by_fit():
    X = diagonal.planted_diagonal(12, 9, 3)[0]
    start = np.arange(9) % 3
    model = Coclus(3, init=start).fit(X)
    assert model.init is start
    assert_array_equal(start, np.arange(9) % 3)


# --- fitted model ---------------------------------------------------------------------------------


def test_transposed_fit_exchanges_the_sides(engine):
    for seed in range(5):
        X = np.random.default_rng(seed).integers(0, 5, (13, 9)).astype(float)
        model = Coclus(3, init=reference.balanced_labels(9, 3, seed), engine=engine, **PLAIN).fit(X)
        assert model.objective_ > 0
        # At a fixed point each side is the other's answer.
        other = Coclus(3, init=model.row_labels_, engine=engine, **PLAIN).fit(X.T)
        assert_labels(other, model.column_labels_, model.row_labels_)
        assert_allclose(other.objective_, model.objective_, rtol=1e-12)


def test_n_clusters_counts_those_with_rows_and_columns(engine):
    X = np.kron(np.eye(2), np.ones((3, 2)))
    model = Coclus(4, init=[1, 1, 3, 3], engine=engine, **PLAIN).fit(X)
    assert_labels(model, [1, 1, 1, 3, 3, 3], [1, 1, 3, 3])
    assert model.n_clusters_ == 2
    assert isinstance(model.n_clusters_, int)
    assert model.objective_ == 0.5
    # All four keep their place as biclusters.
    assert model.rows_.shape == (4, 6)
    assert_array_equal(model.rows_.sum(axis=1), [0, 3, 0, 3])


def test_bicluster_holds_rows_and_columns_of_its_label():
    X = diagonal.planted_diagonal(24, 18, 3)[0]
    model = Coclus(3, random_state=0).fit(X)
    for k in range(3):
        rows, columns = model.get_indices(k)
        assert_array_equal(rows, np.flatnonzero(model.row_labels_ == k))
        assert_array_equal(columns, np.flatnonzero(model.column_labels_ == k))
        assert_array_equal(model.get_submatrix(k, X), X[np.ix_(rows, columns)])
    assert model.objective_is_maximised


def test_predict_is_the_row_step_and_repeats_the_labels(engine):
    X = np.random.default_rng(1).integers(0, 5, (16, 12)).astype(float)
    model = Coclus(4, engine=engine, tol=0.0, random_state=1).fit(X)
    assert_array_equal(model.predict(X), model.row_labels_)
    assert_array_equal(model.predict_columns(X), model.column_labels_)
    assert_array_equal(model.predict(sparse.csc_array(X)), model.row_labels_)
    # New rows are weighed against the totals of the fit, not against their own.
    new = np.random.default_rng(2).integers(0, 3, (40, 12)).astype(float)
    new[7] = 0
    total, weights = X.sum(), X.sum(axis=0)
    for row, label in zip(new, model.predict(new), strict=True):
        values = [
            total * row[model.column_labels_ == k].sum()
            - row.sum() * weights[model.column_labels_ == k].sum()
            for k in range(4)
        ]
        assert label == values.index(max(values))
    # The other side alike.
    new = np.random.default_rng(3).integers(0, 3, (16, 40)).astype(float)
    weights = X.sum(axis=1)
    for column, label in zip(new.T, model.predict_columns(new), strict=True):
        values = [
            total * column[model.row_labels_ == k].sum()
            - column.sum() * weights[model.row_labels_ == k].sum()
            for k in range(4)
        ]
        assert label == values.index(max(values))


def test_predict_uses_the_resolution():
    X = np.random.default_rng(1).integers(0, 5, (16, 12)).astype(float)
    model = Coclus(4, resolution=2.5, tol=0.0, random_state=1).fit(X)
    plain = Coclus(4, tol=0.0, random_state=1).fit(X)
    assert_array_equal(model.predict(X), model.row_labels_)
    assert not np.array_equal(model.row_labels_, plain.row_labels_)


def test_transform_is_the_gain_per_weight_and_score_the_modularity_of_rows(engine):
    X = np.random.default_rng(1).integers(0, 5, (16, 12)).astype(float)
    model = Coclus(4, resolution=1.25, engine=engine, tol=0.0, random_state=1).fit(X)
    new = np.random.default_rng(2).integers(0, 3, (25, 12)).astype(float)
    new[3] = 0
    expected = np.zeros((25, 4))
    for i, k in np.ndindex(25, 4):
        inside = model.column_labels_ == k
        if new[i].any():
            share = new[i, inside].sum() / new[i].sum()
            expected[i, k] = share - 1.25 * X[:, inside].sum() / X.sum()
    for kind in (np.asarray, sparse.csr_array):
        features = model.transform(kind(new))
        assert_allclose(features, expected, rtol=1e-12, atol=1e-12)
        # A mean of the rows' best gains, weighted by what the rows weigh.
        score = (expected.max(axis=1) * new.sum(axis=1)).sum() / new.sum()
        assert_allclose(model.score(kind(new)), score, rtol=1e-12)
    assert_allclose(model.score(X), model.objective_, rtol=1e-12)
    assert model.score(np.zeros((2, 12))) == 0


@pytest.mark.compiled
def test_no_temporary_has_the_shape_of_x(engine):
    # One bit for each entry would be 50 MB; X itself has 2.4 MB.
    n = 20000
    X = sparse.random_array((n, n), density=5e-4, format="csr", rng=np.random.default_rng(0))
    Coclus(3, engine=engine).fit(X[:50, :50])
    size = X.data.nbytes + X.indices.nbytes + X.indptr.nbytes
    options = {"engine": engine, "refine": None, "max_iter": 3, "tol": 0.1, "random_state": 0}
    for init, limit in (("random", 5 * size), ("spectral", 40_000_000)):
        model = Coclus(5, init=init, **options)
        tracemalloc.start()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(X)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < limit
