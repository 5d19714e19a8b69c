"""BBAC with missing entries: hidden values never matter, holes are filled, empty lines are -1."""

import hypothesis.strategies as st
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skcocluster import BBAC

ENGINES = ("numpy", "numba")
K, P = 3, 2


def planted(seed=0, n_rows=30, n_columns=20):
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.arange(n_rows) % K)
    columns = rng.permutation(np.arange(n_columns) % P)
    levels = np.array([[10, 60], [40, 20], [25, 45]])
    return levels[rows][:, columns] + rng.integers(-2, 3, (n_rows, n_columns)) + 0.0, rows, columns


def hide(X, share, seed=0):
    hidden = X.copy()
    hidden[np.random.default_rng(seed).random(X.shape) < share] = np.nan
    return hidden


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("share", [0.01, 0.2, 0.5])
def test_blocks_are_found_in_spite_of_missing_entries(engine, share):
    X, rows, columns = planted()
    model = BBAC(K, P, engine=engine, random_state=0).fit(hide(X, share))
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_no_nan_is_the_limit_of_few_missing_entries(engine, divergence):
    # A matrix without NaN must take the same way whether or not the masked code runs.
    X = reference.random_matrix(divergence, 14, 11, 0)
    start = (reference.balanced_labels(14, K, 0), reference.balanced_labels(11, P, 1))
    options = {"divergence": divergence, "init": start, "refine": None, "engine": engine}
    complete = BBAC(K, P, **options).fit(X)
    # An unobserved row added at the end: masked code, same observed entries.
    padded = np.vstack([X, np.full(11, np.nan)])
    options["init"] = (np.append(start[0], 0), start[1])
    masked = BBAC(K, P, **options).fit(padded)
    assert_array_equal(masked.row_labels_, np.append(complete.row_labels_, -1))
    assert_array_equal(masked.column_labels_, complete.column_labels_)
    assert_allclose(masked.objective_, complete.objective_, rtol=1e-9)
    assert_allclose(masked.block_means_, complete.block_means_, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_float32_with_missing_entries_equals_float64(engine):
    X = hide(planted()[0], 0.2)
    double = BBAC(K, P, engine=engine, random_state=0).fit(X)
    single = BBAC(K, P, engine=engine, random_state=0).fit(X.astype(np.float32))
    assert_array_equal(single.row_labels_, double.row_labels_)
    assert_array_equal(single.column_labels_, double.column_labels_)
    assert_allclose(single.objective_, double.objective_, rtol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix])
def test_nan_stored_in_a_sparse_matrix_is_missing_too(kind, engine):
    X = hide(planted()[0], 0.2)
    X[X < 20] = 0
    dense = BBAC(K, P, engine=engine, random_state=0).fit(X)
    stored = BBAC(K, P, engine=engine, random_state=0).fit(kind(X))
    assert_array_equal(stored.row_labels_, dense.row_labels_)
    assert_array_equal(stored.column_labels_, dense.column_labels_)
    assert_allclose(stored.objective_, dense.objective_, rtol=1e-9)


def test_nan_of_any_payload_and_sign_is_missing():
    X = hide(planted()[0], 0.1)
    strange = X.copy()
    holes = np.isnan(X)
    strange.view(np.int64)[holes] = -1  # a negative NaN with all payload bits set
    assert np.isnan(strange[holes]).all()
    plain, other = (BBAC(K, P, random_state=0).fit(Z) for Z in (X, strange))
    assert_array_equal(other.row_labels_, plain.row_labels_)
    assert other.objective_ == plain.objective_


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_and_columns_without_observed_entries_are_minus_one(engine):
    X, rows, _ = planted()
    X = hide(X, 0.1)
    X[[0, 7, 29]], X[:, [3, 19]] = np.nan, np.nan
    model = BBAC(K, P, engine=engine, random_state=0).fit(X)
    assert_array_equal(np.flatnonzero(model.row_labels_ == -1), [0, 7, 29])
    assert_array_equal(np.flatnonzero(model.column_labels_ == -1), [3, 19])
    seen = model.row_labels_ >= 0
    assert reference.same_partition(model.row_labels_[seen], rows[seen])
    assert model.row_cluster_sizes_.sum() == 27
    assert model.column_cluster_sizes_.sum() == 18
    assert not model.rows_[:, 7].any()
    assert_array_equal(model.predict(X), model.row_labels_)
    assert_array_equal(model.predict_columns(X), model.column_labels_)


def test_unobserved_lines_change_nothing_for_the_others():
    X, *_ = planted()
    wide = np.full((X.shape[0] + 2, X.shape[1] + 1), np.nan)
    wide[1:-1, 1:] = hide(X, 0.1)
    inner = BBAC(K, P, random_state=0).fit(wide[1:-1, 1:])
    outer = BBAC(K, P, random_state=0).fit(wide)
    assert reference.same_partition(outer.row_labels_[1:-1], inner.row_labels_)
    assert_allclose(outer.objective_, inner.objective_, rtol=1e-9)


def test_matrix_without_any_observed_entry_is_refused():
    with pytest.raises(ValueError, match=r"(?i)no observed|missing|NaN"):
        BBAC(2, 2).fit(np.full((5, 4), np.nan))


@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
@given(seed=st.integers(0, 10**6))
@settings(max_examples=15, deadline=None)
def test_value_behind_a_hole_cannot_matter(divergence, seed):
    # NaN carries no value, so the claim is on results: they follow from observed entries alone.
    X = reference.random_matrix(divergence, 9, 7, seed)
    X[np.random.default_rng(seed).random(X.shape) < 0.3] = np.nan
    model = BBAC(K, P, divergence=divergence, random_state=0).fit(X)
    oracle = reference.Model(X, model.row_labels_, model.column_labels_, K, P, divergence)
    seen = ~np.isnan(oracle.means)
    assert_allclose(model.block_means_[seen], oracle.means[seen], rtol=1e-12, atol=1e-12)
    assert_allclose(model.objective_, oracle.objective(), rtol=1e-9, atol=1e-9)


def test_masked_array_is_read_through_its_mask_or_refused():
    X, *_ = planted()
    mask = np.random.default_rng(0).random(X.shape) < 0.1
    expected = BBAC(K, P, random_state=0).fit(np.where(mask, np.nan, X))
    for behind in (0.0, 1e6):
        given_ = np.ma.masked_array(np.where(mask, behind, X), mask=mask)
        try:
            model = BBAC(K, P, random_state=0).fit(given_)
        except (TypeError, ValueError):
            continue
        assert_array_equal(model.row_labels_, expected.row_labels_)
        assert_allclose(model.objective_, expected.objective_, rtol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
def test_reconstruct_fills_holes_close_to_the_truth(engine):
    X, *_ = planted()
    holed = hide(X, 0.3)
    model = BBAC(K, P, engine=engine, random_state=0).fit(holed)
    holes = np.isnan(holed)
    assert np.abs(model.reconstruct()[holes] - X[holes]).max() < 5
    filled = model.reconstruct(holed)
    assert filled.shape == X.shape
    assert not np.isnan(filled).any()
    assert np.abs(filled[holes] - X[holes]).max() < 5


def test_reconstruct_of_new_rows_uses_their_predicted_clusters():
    X, *_ = planted()
    model = BBAC(K, P, random_state=0).fit(X)
    new = hide(X[:6], 0.3, seed=5)
    expected = model.block_means_[model.predict(new)][:, model.column_labels_]
    assert_allclose(model.reconstruct(new), expected, rtol=1e-12)


def test_transform_of_unobserved_block_is_finite():
    # A row may have no entry in a whole column cluster; its mean there needs a stand-in.
    X, *_ = planted()
    model = BBAC(K, P, random_state=0).fit(X)
    X[4, model.column_labels_ == 1] = np.nan
    assert np.isfinite(model.transform(X)).all()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", ["i_divergence", "itakura_saito"])
def test_objective_never_rises_with_most_entries_missing(engine, divergence):
    for seed in range(8):
        X = hide(reference.random_matrix(divergence, 25, 18, seed), 0.85, seed)
        model = BBAC(5, 4, divergence=divergence, engine=engine, random_state=seed).fit(X)
        trace = model.objective_trace_
        assert (np.diff(trace) <= 1e-9 * trace[0]).all()
        oracle = reference.Model(X, model.row_labels_, model.column_labels_, 5, 4, divergence)
        assert_allclose(model.objective_, oracle.objective(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_column_never_observed_in_fit_says_nothing_later(engine, divergence):
    # It is in no cluster, so values that new rows have there cannot be compared with anything.
    X = reference.random_matrix(divergence, 14, 9, 0)
    hidden = X.copy()
    hidden[:, 4] = np.nan
    model = BBAC(K, P, divergence=divergence, engine=engine, random_state=0).fit(hidden)
    assert model.column_labels_[4] == -1
    assert_array_equal(model.predict(X), model.predict(hidden))
    assert_allclose(model.score(X), model.score(hidden), rtol=1e-12)
    assert_allclose(model.transform(X), model.transform(hidden), rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence", "logistic"])
def test_nan_stored_in_a_sparse_matrix_counts_like_the_plain_loops(engine, divergence):
    for seed in range(3):
        X = reference.random_matrix(divergence, 14, 11, seed)
        rng = np.random.default_rng(seed)
        X[rng.random(X.shape) < 0.4] = 0
        X[rng.random(X.shape) < 0.3] = np.nan
        start = reference.balanced_labels(14, K, seed), reference.balanced_labels(11, P, seed)
        options = {"divergence": divergence, "init": start, "refine": None, "engine": engine}
        model = BBAC(K, P, **options).fit(sparse.csr_array(X))
        oracle = reference.Model(X, model.row_labels_, model.column_labels_, K, P, divergence)
        assert_allclose(model.block_means_, oracle.means, rtol=1e-12, atol=1e-12)
        assert_allclose(model.objective_, oracle.objective(), rtol=1e-9)
        assert_array_equal(BBAC(K, P, **options).fit(X).row_labels_, model.row_labels_)
