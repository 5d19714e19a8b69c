"""BBAC against the plain loops: divergences, bases, one fit from given labels, what it answers."""

from contextlib import nullcontext

import numpy as np
import pytest
import reference
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from skcocluster import BBAC
from skcocluster._shared.divergences import get_divergence

ENGINES = ("numpy", "numba")
MODELS = [(d, "C2") for d in reference.DIVERGENCES] + [
    (d, b) for d in ("squared_euclidean", "i_divergence") for b in ("C3", "C4", "C5")
]
SHAPE, K, P = (11, 9), 3, 2


def textbook(divergence, basis="C2", engine="numpy", start=None, **parameters):
    """The alternation of the paper from given labels: no search, one column step per read."""
    return BBAC(
        K,
        P,
        divergence=divergence,
        basis=basis,
        init=start,
        refine=None,
        column_steps=1,
        tol=0.0,
        engine=engine,
        **parameters,
    )


def start_of(seed, shape=SHAPE):
    return (
        reference.balanced_labels(shape[0], K, seed),
        reference.balanced_labels(shape[1], P, seed + 1000),
    )


def clear_cases(divergence, basis, n_wanted=6, missing=False):
    """Matrices and starts on which no tie and no empty block decides anything."""
    found = 0
    for seed in range(200):
        X = reference.random_matrix(divergence, *SHAPE, seed)
        if missing:
            X[np.random.default_rng(seed).random(SHAPE) < 0.15] = np.nan
        start = start_of(seed)
        fit = reference.fit_alternating(X, *start, K, P, divergence=divergence, basis=basis)
        if not fit.ambiguous and fit.converged:
            found += 1
            yield X, start, fit
        if found == n_wanted:
            return
    raise AssertionError(f"only {found} clear cases for {divergence}, {basis}")


@pytest.mark.parametrize("name", reference.DIVERGENCES)
def test_divergence_equals_the_plain_formula(name):
    divergence = get_divergence(name)
    x = reference.random_matrix(name, 6, 5, 0)
    y = reference.random_matrix(name, 6, 5, 1)
    y[(y == 0) | (y == 1)] = 0.5
    expected = [[reference.divergence_of(name, *xy) for xy in zip(*rows, strict=True)]
                for rows in zip(x, y, strict=True)]  # fmt: skip
    assert_allclose(divergence.divergence(x, y), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", reference.DIVERGENCES)
def test_divergence_is_made_of_generator_slope_and_offset(name):
    divergence = get_divergence(name)
    x = reference.random_matrix(name, 6, 5, 2)
    mu = np.clip(reference.random_matrix(name, 6, 5, 3), 0.25, None)
    mu[mu == 1] = 0.75
    whole = divergence.generator(x) - divergence.slope(mu) * x + divergence.offset(mu)
    assert_allclose(divergence.divergence(x, mu), whole, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", reference.DIVERGENCES)
def test_divergence_of_equal_arguments_is_zero(name):
    divergence = get_divergence(name)
    x = reference.random_matrix(name, 6, 5, 4)
    assert_allclose(divergence.divergence(x, x), 0, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("divergence", "basis"), MODELS)
def test_alternating_equals_the_plain_loops(divergence, basis, engine):
    for X, start, expected in clear_cases(divergence, basis):
        model = textbook(divergence, basis, engine, start).fit(X)
        assert_array_equal(model.row_labels_, expected.row_labels)
        assert_array_equal(model.column_labels_, expected.column_labels)
        assert_allclose(model.objective_, expected.trace[-1], rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("divergence", "basis"), MODELS)
def test_trace_equals_the_plain_loops(divergence, basis, engine):
    for X, start, expected in clear_cases(divergence, basis, n_wanted=3):
        trace = textbook(divergence, basis, engine, start).fit(X).objective_trace_
        n = min(len(trace), len(expected.trace))
        assert abs(len(trace) - len(expected.trace)) <= 1
        assert_allclose(trace[:n], expected.trace[:n], rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_alternating_with_missing_entries_equals_the_plain_loops(divergence, engine):
    for X, start, expected in clear_cases(divergence, "C2", missing=True):
        model = textbook(divergence, "C2", engine, start).fit(X)
        assert_array_equal(model.row_labels_, expected.row_labels)
        assert_array_equal(model.column_labels_, expected.column_labels)
        assert_allclose(model.objective_, expected.trace[-1], rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("divergence", "basis"), MODELS)
def test_objective_means_and_reconstruction_equal_the_plain_loops(divergence, basis, engine):
    for seed in range(3):
        X = reference.random_matrix(divergence, *SHAPE, seed)
        model = BBAC(K, P, divergence=divergence, basis=basis, engine=engine, random_state=0)
        model.fit(X)
        oracle = reference.Model(
            X, model.row_labels_, model.column_labels_, K, P, divergence, basis
        )
        assert_allclose(model.objective_, oracle.objective(), rtol=1e-9)
        assert_allclose(model.block_means_, oracle.means, rtol=1e-12, atol=1e-12)
        assert_allclose(model.reconstruct(), oracle.approximation(), rtol=1e-9, atol=1e-9)
        assert_array_equal(model.row_cluster_sizes_, np.bincount(model.row_labels_, minlength=K))
        assert_array_equal(
            model.column_cluster_sizes_, np.bincount(model.column_labels_, minlength=P)
        )


@pytest.mark.parametrize(("divergence", "basis"), MODELS)
def test_predict_is_the_row_step_of_the_plain_loops(divergence, basis):
    compared = 0
    for X, start, _ in clear_cases(divergence, basis):
        model = textbook(divergence, basis, start=start).fit(X)
        oracle = reference.Model(
            X, model.row_labels_, model.column_labels_, K, P, divergence, basis
        )
        row_costs, column_costs = oracle.row_costs(), oracle.column_costs()
        if reference.smallest_gap(row_costs) > 1e-9:
            assert_array_equal(model.predict(X), reference.choose(row_costs))
            compared += 1
        if reference.smallest_gap(column_costs) > 1e-9:
            assert_array_equal(model.predict_columns(X), reference.choose(column_costs))
            compared += 1
    assert compared >= 6


@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_predict_of_new_rows_is_the_closest_cluster(divergence):
    X = reference.random_matrix(divergence, *SHAPE, 0)
    model = BBAC(K, P, divergence=divergence, random_state=0).fit(X)
    new = reference.random_matrix(divergence, 8, SHAPE[1], 50)
    labels = model.predict(new)
    for i, row in enumerate(new):
        costs = [
            sum(
                reference.divergence_of(divergence, float(x), float(mean))
                for x, mean in zip(row, model.block_means_[g, model.column_labels_], strict=True)
            )
            for g in range(K)
        ]
        assert costs[labels[i]] == pytest.approx(min(costs), rel=1e-9)


def test_transform_is_the_mean_over_column_clusters():
    X = reference.random_matrix("squared_euclidean", *SHAPE, 0)
    model = BBAC(K, P, random_state=0).fit(X)
    X[2, 3] = X[5, 1] = np.nan
    expected = [
        [np.nanmean(row[model.column_labels_ == h]) for h in range(P)] for row in X
    ]  # fmt: skip
    assert_allclose(model.transform(X), expected, rtol=1e-12)


@pytest.mark.parametrize(("divergence", "basis"), MODELS)
def test_score_of_training_data_is_minus_objective_per_entry(divergence, basis):
    X, start, _ = next(clear_cases(divergence, basis, n_wanted=1))
    model = textbook(divergence, basis, start=start).fit(X)
    assert model.converged_
    assert_allclose(model.score(X), -model.objective_ / X.size, rtol=1e-9)


def test_score_with_missing_entries_is_per_observed_entry():
    X, start, _ = next(clear_cases("squared_euclidean", "C2", n_wanted=1, missing=True))
    model = textbook("squared_euclidean", start=start).fit(X)
    assert model.converged_
    n_observed = np.count_nonzero(~np.isnan(X))
    assert_allclose(model.score(X), -model.objective_ / n_observed, rtol=1e-9)


@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_explained_ratio_is_what_the_grand_mean_leaves_over(divergence):
    X = reference.random_matrix(divergence, *SHAPE, 0)
    model = BBAC(K, P, divergence=divergence, random_state=0).fit(X)
    mean = X.mean()
    total = sum(reference.divergence_of(divergence, float(x), float(mean)) for x in X.ravel())
    expected = 1 - model.objective_ / total
    assert_allclose(model.explained_divergence_ratio_, expected, rtol=1e-9)


@pytest.mark.parametrize("basis", reference.BASES)
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence"])
def test_explained_ratio_lies_between_0_and_1(divergence, basis):
    for seed in range(3):
        X = reference.random_matrix(divergence, *SHAPE, seed)
        for k, p in ((1, 1), (3, 2), (11, 9)):
            model = BBAC(k, p, divergence=divergence, basis=basis, random_state=0).fit(X)
            assert 0 <= model.explained_divergence_ratio_ <= 1 + 1e-12


@pytest.mark.parametrize("basis", ["C3", "C4", "C5"])
@pytest.mark.parametrize("divergence", ["itakura_saito", "logistic"])
def test_bases_without_closed_form_are_refused_by_name(divergence, basis):
    X = reference.random_matrix(divergence, *SHAPE, 0)
    names_both = rf"(?s)(?=.*{basis})(?=.*{divergence})"
    with pytest.raises(ValueError, match=names_both):
        BBAC(K, P, divergence=divergence, basis=basis).fit(X)


@pytest.mark.parametrize("basis", ["C3", "C4", "C5"])
def test_bases_with_margins_refuse_missing_entries(basis):
    X = reference.random_matrix("squared_euclidean", *SHAPE, 0)
    X[3, 5] = np.nan
    with pytest.raises(ValueError, match=r"(?s)NaN|missing"):
        BBAC(K, P, basis=basis).fit(X)
    assert not BBAC(basis=basis).__sklearn_tags__().input_tags.allow_nan
    assert BBAC(basis="C2").__sklearn_tags__().input_tags.allow_nan


@pytest.mark.parametrize("engine", ENGINES)
def test_euclidean_bases_are_block_means_of_centred_data(engine):
    # C3 on X = C2 on X with row means taken off, and so on: same labels, same objective.
    X = reference.random_matrix("squared_euclidean", 12, 10, 3) + 0.0
    row_centred = X - X.mean(axis=1, keepdims=True)
    column_centred = X - X.mean(axis=0)
    both_centred = row_centred - X.mean(axis=0) + X.mean()
    start = (reference.balanced_labels(12, K, 0), reference.balanced_labels(10, P, 1))
    for basis, centred in (("C3", row_centred), ("C4", column_centred), ("C5", both_centred)):
        own = textbook("squared_euclidean", basis, engine, start).fit(X)
        plain = textbook("squared_euclidean", "C2", engine, start).fit(centred)
        assert_array_equal(own.row_labels_, plain.row_labels_)
        assert_array_equal(own.column_labels_, plain.column_labels_)
        assert_allclose(own.objective_, plain.objective_, rtol=1e-9)


def test_information_theoretic_basis_ignores_the_length_of_rows_and_columns():
    # Under C5 a row's label depends on its profile alone: scaled rows and columns of a clear
    # block structure are clustered as the blocks, under C2 they are not.
    rng = np.random.default_rng(0)
    rows, columns = np.arange(30) % 3, np.arange(24) % 3
    profile = np.array([[8.0, 1.0, 1.0], [1.0, 8.0, 1.0], [1.0, 1.0, 8.0]])[rows][:, columns]
    lengths = rng.integers(1, 40, 30)[:, None] * rng.integers(1, 5, 24)
    X = rng.poisson(profile * lengths).astype(float)
    model = BBAC(3, 3, divergence="i_divergence", basis="C5", random_state=0).fit(X)
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)


def test_reconstruction_keeps_the_margins_of_its_basis():
    for divergence in ("squared_euclidean", "i_divergence"):
        X = reference.random_matrix(divergence, *SHAPE, 1)
        for basis, keeps_rows, keeps_columns in (
            ("C3", True, False),
            ("C4", False, True),
            ("C5", True, True),
        ):
            model = BBAC(K, P, divergence=divergence, basis=basis, random_state=0).fit(X)
            Y = model.reconstruct()
            if keeps_rows:
                assert_allclose(Y.mean(axis=1), X.mean(axis=1), rtol=1e-9, atol=1e-9)
            if keeps_columns:
                assert_allclose(Y.mean(axis=0), X.mean(axis=0), rtol=1e-9, atol=1e-9)


class OwnIDivergence:
    """A user's object: the I-divergence written down once more."""

    name = "own"
    domain = (0.0, np.inf, True, False)

    def generator(self, x):
        return np.where(x > 0, x * np.log(np.where(x > 0, x, 1.0)), 0.0) - x

    def slope(self, mean):
        return np.log(mean)

    def offset(self, mean):
        return mean

    def divergence(self, x, y):
        return self.generator(x) - self.generator(y) - self.slope(y) * (x - y)


class Exponential:
    """phi(x) = exp(x): a generator that the package does not know."""

    name = "exponential"
    domain = (-np.inf, np.inf, False, False)

    def generator(self, x):
        return np.exp(x)

    def slope(self, mean):
        return np.exp(mean)

    def offset(self, mean):
        return np.exp(mean) * (mean - 1)

    def divergence(self, x, y):
        return np.exp(x) - np.exp(y) - np.exp(y) * (x - y)


@pytest.mark.parametrize("engine", ENGINES)
def test_own_divergence_object_equals_the_built_in(engine):
    for X, start, expected in clear_cases("i_divergence", "C2", n_wanted=4):
        model = textbook(OwnIDivergence(), engine=engine, start=start).fit(X)
        assert_array_equal(model.row_labels_, expected.row_labels)
        assert_array_equal(model.column_labels_, expected.column_labels)
        assert_allclose(model.objective_, expected.trace[-1], rtol=1e-9)


def test_own_divergence_object_refuses_values_outside_its_domain():
    X = reference.random_matrix("i_divergence", *SHAPE, 0)
    X[3, 5] = -1
    with pytest.raises(ValueError, match=r"(?s)row 3\b.*column 5\b"):
        BBAC(K, P, divergence=OwnIDivergence()).fit(X)


def test_own_generator_finds_blocks_and_never_rises():
    rng = np.random.default_rng(0)
    rows, columns = np.arange(20) % 3, np.arange(14) % 2
    levels = np.array([[0.0, 2.0], [1.0, -1.0], [-2.0, 0.5]])
    X = levels[rows][:, columns] + 0.1 * rng.standard_normal((20, 14))
    model = BBAC(3, 2, divergence=Exponential(), random_state=0).fit(X)
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)
    assert (np.diff(model.objective_trace_) <= 1e-9).all()
    Y = model.block_means_[model.row_labels_][:, model.column_labels_]
    assert_allclose(model.objective_, Exponential().divergence(X, Y).sum(), rtol=1e-9)


def test_divergence_object_that_lacks_a_part_is_refused_by_what_it_lacks():
    class Half:
        domain = (-np.inf, np.inf, False, False)

        def generator(self, x):
            return x

        def slope(self, mean):
            return mean

    with pytest.raises((TypeError, ValueError), match="offset"):
        BBAC(K, P, divergence=Half()).fit(np.eye(6))


@pytest.mark.parametrize("engine", ENGINES)
def test_simultaneous_equals_the_plain_loops(engine):
    compared = 0
    for seed in range(60):
        X = reference.random_matrix("i_divergence", 7, 6, seed) + 1
        start = start_of(seed, X.shape)
        expected = reference.fit_simultaneous(X, *start, K, P)
        if expected.ambiguous:
            continue
        model = textbook("i_divergence", "C2", engine, start, update="simultaneous")
        with pytest.warns(ConvergenceWarning) if has_risen(expected) else nullcontext():
            model.fit(X)
        best, rows, columns = expected.best
        assert_allclose(model.objective_, best, rtol=1e-9)
        assert_array_equal(model.row_labels_, rows)
        assert_array_equal(model.column_labels_, columns)
        compared += 1
    assert compared >= 50


def has_risen(fit):
    return bool((np.diff(fit.trace) > 1e-9).any())


@pytest.mark.parametrize("engine", ENGINES)
def test_simultaneous_is_symmetric_in_rows_and_columns(engine):
    compared = 0
    for seed in range(40):
        X = reference.random_matrix("i_divergence", 7, 6, seed) + 1
        start = start_of(seed, X.shape)
        expected = reference.fit_simultaneous(X, *start, K, P)
        if expected.ambiguous or not expected.converged or has_risen(expected):
            continue
        options = {"divergence": "i_divergence", "update": "simultaneous", "refine": None,
                   "tol": 0.0, "engine": engine}  # fmt: skip
        model = BBAC(K, P, init=start, **options).fit(X)
        swapped = BBAC(P, K, init=start[::-1], **options).fit(np.ascontiguousarray(X.T))
        assert_array_equal(swapped.row_labels_, model.column_labels_)
        assert_array_equal(swapped.column_labels_, model.row_labels_)
        assert_allclose(swapped.objective_, model.objective_, rtol=1e-12)
        compared += 1
    assert compared >= 30
