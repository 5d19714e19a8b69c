"""The integrated completed likelihood, against loops over entries and draws one after the other."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.special import digamma

from skcocluster.datasets import make_block_matrix
from skcocluster.model_selection import integrated_completed_likelihood
from skcocluster.model_selection._likelihood import fit_gamma_shape

DISTRIBUTIONS = {
    "squared_euclidean": "normal",
    "i_divergence": "poisson",
    "itakura_saito": "gamma",
    "logistic": "bernoulli",
}


def make_data(divergence, seed=0, shape=(14, 11), missing=0.0):
    return make_block_matrix(
        shape, (3, 2), distribution=DISTRIBUTIONS[divergence], missing=missing, random_state=seed
    )


def plain_icl(X, row_labels, column_labels, divergence):
    """The definition, with one density for each entry."""
    n_rows, n_columns = X.shape
    blocks = {}
    for i in range(n_rows):
        for j in range(n_columns):
            if not np.isnan(X[i, j]):
                blocks.setdefault((row_labels[i], column_labels[j]), []).append(X[i, j])
    n_entries = sum(map(len, blocks.values()))
    residues = [x - np.mean(values) for values in blocks.values() for x in values]

    def log_likelihood(shared=None):
        densities = {
            "squared_euclidean": lambda x, mean: stats.norm.logpdf(x, mean, shared),
            "i_divergence": lambda x, mean: stats.poisson.logpmf(x, mean),
            "itakura_saito": lambda x, mean: stats.gamma.logpdf(x, shared, scale=mean / shared),
            "logistic": lambda x, mean: stats.bernoulli.logpmf(int(x), mean),
        }
        density = densities[divergence]
        return sum(density(x, np.mean(values)) for values in blocks.values() for x in values)

    n_parameters = len(set(row_labels)) * len(set(column_labels))
    if divergence == "squared_euclidean":
        value = log_likelihood(np.sqrt(sum(r * r for r in residues) / n_entries))
        n_parameters += 1
    elif divergence == "itakura_saito":
        best = minimize_scalar(lambda t: -log_likelihood(np.exp(t)), bounds=(-3, 6))
        value = -best.fun
        n_parameters += 1
    else:
        value = log_likelihood()
    for labels in (row_labels, column_labels):
        for label in labels:
            value += np.log(list(labels).count(label) / len(labels))
        value -= (len(set(labels)) - 1) / 2 * np.log(len(labels))
    return value - n_parameters / 2 * np.log(n_entries)


@pytest.mark.parametrize("divergence", DISTRIBUTIONS)
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_value_is_that_of_a_density_for_each_entry(divergence, missing):
    X, row_labels, column_labels = make_data(divergence, missing=missing)
    value = integrated_completed_likelihood(X, row_labels, column_labels, divergence=divergence)
    expected = plain_icl(X, row_labels, column_labels, divergence)
    np.testing.assert_allclose(value, expected, rtol=1e-9)


@given(
    seed=st.integers(0, 1000),
    divergence=st.sampled_from(sorted(DISTRIBUTIONS)),
    n_clusters=st.tuples(st.integers(1, 4), st.integers(1, 4)),
)
def test_value_is_that_of_a_density_for_each_entry_for_any_labels(seed, divergence, n_clusters):
    X, _, _ = make_data(divergence, seed, (8, 6))
    rng = np.random.default_rng(seed)
    rows, columns = (rng.integers(0, k, n) for k, n in zip(n_clusters, X.shape, strict=True))
    value = integrated_completed_likelihood(X, rows, columns, divergence=divergence)
    np.testing.assert_allclose(value, plain_icl(X, rows, columns, divergence), rtol=1e-7)


def plain_exact_icl(X, row_labels, column_labels, a=4.0, b=1.0):
    """Probability of labels and entries, drawn one after the other from urns."""
    value = 0.0
    for labels in (row_labels, column_labels):
        k, seen = len(set(labels)), {}
        for i, label in enumerate(labels):
            value += np.log((seen.get(label, 0) + a) / (i + a * k))
            seen[label] = seen.get(label, 0) + 1
    urns = {}
    for i, g in enumerate(row_labels):
        for j, h in enumerate(column_labels):
            if not np.isnan(X[i, j]):
                urn = urns.setdefault((g, h), [b, b])
                value += np.log(urn[int(X[i, j])] / sum(urn))
                urn[int(X[i, j])] += 1
    return value


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_exact_value_is_the_probability_of_draws_one_after_the_other(missing):
    X, row_labels, column_labels = make_data("logistic", missing=missing)
    value = integrated_completed_likelihood(
        X, row_labels, column_labels, divergence="logistic", exact=True
    )
    np.testing.assert_allclose(value, plain_exact_icl(X, row_labels, column_labels), rtol=1e-12)


def test_asymptotic_penalty_approaches_the_exact_one():
    errors = []
    for size in (40, 400):
        X, *labels = make_block_matrix(
            (size, size), (3, 2), distribution="bernoulli", separation=2.0, random_state=0
        )
        exact, asymptotic = (
            integrated_completed_likelihood(X, *labels, divergence="logistic", exact=exact)
            for exact in (True, False)
        )
        errors.append(abs(exact - asymptotic) / abs(exact))
    assert errors[1] < 0.1 * errors[0]


@pytest.mark.parametrize("spread", [1e-12, 1e-7, 1e-3, 0.1, 1.0, 30.0])
def test_gamma_shape_is_the_stationary_point(spread):
    shape = fit_gamma_shape(spread)
    # Of large shapes the difference has no digits, and three terms of its series have them all.
    series = 1 / (2 * shape) + 1 / (12 * shape**2) - 1 / (120 * shape**4)
    value = series if shape > 100 else np.log(shape) - digamma(shape)
    np.testing.assert_allclose(value, spread, rtol=1e-6)


@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence", "logistic"])
def test_zeros_that_are_not_stored_are_entries(divergence):
    X, row_labels, column_labels = make_data(divergence)
    X[::2] = 0
    dense, sparse = (
        integrated_completed_likelihood(Y, row_labels, column_labels, divergence=divergence)
        for Y in (X, sp.csr_array(X))
    )
    np.testing.assert_allclose(sparse, dense, rtol=1e-12)


def test_rows_left_out_count_as_if_they_were_not_there():
    X, row_labels, column_labels = make_data("i_divergence")
    row_labels[:3], column_labels[4] = -1, -1
    value = integrated_completed_likelihood(X, row_labels, column_labels, divergence="i_divergence")
    part = np.delete(X[3:], 4, axis=1)
    expected = integrated_completed_likelihood(
        part, row_labels[3:], np.delete(column_labels, 4), divergence="i_divergence"
    )
    np.testing.assert_allclose(value, expected, rtol=1e-12)


@pytest.mark.parametrize("divergence", ["squared_euclidean", "itakura_saito"])
def test_exact_fit_is_finite_and_better_than_a_rough_one(divergence):
    X, row_labels, column_labels = make_block_matrix((12, 10), (3, 2), noise=0, random_state=0)
    X = np.exp(X)
    fine = integrated_completed_likelihood(X, row_labels, column_labels, divergence=divergence)
    rough = integrated_completed_likelihood(X, [0] * 12, [0] * 10, divergence=divergence)
    assert np.isfinite(fine)
    assert fine > rough
    zeros = integrated_completed_likelihood(np.zeros((3, 3)), [0] * 3, [0] * 3)
    assert np.isfinite(zeros)


def test_entries_that_the_model_does_not_generate_are_refused():
    X = np.array([[0.5, 1.0], [2.0, 3.5]])
    with pytest.raises(ValueError, match=r"Poisson blocks, whose entries are counts.*; 2 of X"):
        integrated_completed_likelihood(X, [0, 1], [0, 1], divergence="i_divergence")
    with pytest.raises(ValueError, match="Bernoulli blocks, whose entries are 0 or 1; 1 of X"):
        integrated_completed_likelihood(X[:1], [0], [0, 1], divergence="logistic")
    with pytest.raises(ValueError, match="closed form for divergence='logistic' only"):
        integrated_completed_likelihood(X, [0, 1], [0, 1], exact=True)
    with pytest.raises(ValueError, match="'nothing' is not one of"):
        integrated_completed_likelihood(X, [0, 1], [0, 1], divergence="nothing")
