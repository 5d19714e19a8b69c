"""BBAC as a property: over any matrix the objective never rises, is complete, and engines agree."""

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
import reference
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skcocluster import BBAC

ENGINES = ("numpy", "numba")
EXAMPLES = settings(max_examples=40, deadline=None)


@st.composite
def problems(draw, bases=reference.BASES, missing=True):
    """A small matrix with many ties and zeros, a divergence, a basis and cluster counts."""
    basis = draw(st.sampled_from(bases))
    names = reference.DIVERGENCES if basis == "C2" else reference.DIVERGENCES[:2]
    divergence = draw(st.sampled_from(names))
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    low, high = {
        "squared_euclidean": (-20, 20),
        "i_divergence": (0, 20),
        "itakura_saito": (1, 20),
        "logistic": (0, 16),
    }[divergence]
    X = draw(hnp.arrays(np.int64, shape, elements=st.integers(low, high))).astype(float)
    if divergence == "logistic":
        X /= 16
    if missing and basis == "C2" and draw(st.booleans()):
        X[draw(hnp.arrays(bool, shape))] = np.nan
    return X, {
        "n_row_clusters": draw(st.integers(1, shape[0])),
        "n_column_clusters": draw(st.integers(1, shape[1])),
        "divergence": divergence,
        "basis": basis,
        "random_state": draw(st.integers(0, 1000)),
    }


searches = st.sampled_from(
    [
        {},
        {"init": "random", "refine": None},
        {"init": "random", "refine": None, "column_steps": 1},
        {"init": "random", "refine": None, "column_steps": 3},
        {"init": "k-means++", "refine": None},
        {"init": "k-means++", "refine": "split_merge"},
        {"init": "spectral", "refine": None, "n_init": 2},
    ]
)


def has_observed_entry(X):
    return bool((~np.isnan(X)).any())


def assert_never_rises(trace):
    slack = 1e-9 * max(1.0, float(np.abs(trace).max(initial=0.0)))
    assert (np.diff(trace) <= slack).all(), f"objective rises: {trace}"


@pytest.mark.parametrize("engine", ENGINES)
@given(problem=problems(), search=searches)
@EXAMPLES
def test_objective_never_rises_and_is_complete(engine, problem, search):
    X, parameters = problem
    if not has_observed_entry(X):
        return
    model = BBAC(**parameters, **search, engine=engine, tol=0.0).fit(X)
    assert_never_rises(model.objective_trace_)
    assert_allclose(model.objective_trace_[-1], model.objective_, rtol=1e-9, atol=1e-9)
    oracle = reference.Model(
        X,
        model.row_labels_,
        model.column_labels_,
        parameters["n_row_clusters"],
        parameters["n_column_clusters"],
        parameters["divergence"],
        parameters["basis"],
    )
    scale = float(np.nansum(np.abs(X))) + 1.0
    assert_allclose(model.objective_, oracle.objective(), rtol=1e-9, atol=1e-11 * scale**2)


@pytest.mark.parametrize("engine", ENGINES)
@given(problem=problems(), search=searches)
@EXAMPLES
def test_no_result_is_nan_and_labels_are_in_range(engine, problem, search):
    X, parameters = problem
    if not has_observed_entry(X):
        return
    model = BBAC(**parameters, **search, engine=engine).fit(X)
    unobserved_rows = np.isnan(X).all(axis=1)
    unobserved_columns = np.isnan(X).all(axis=0)
    for labels, n, unobserved in (
        (model.row_labels_, parameters["n_row_clusters"], unobserved_rows),
        (model.column_labels_, parameters["n_column_clusters"], unobserved_columns),
    ):
        assert_array_equal(labels == -1, unobserved)
        assert labels.max() < n
    assert np.isfinite(model.objective_)
    assert np.isfinite(model.block_means_).all()
    assert np.isfinite(model.objective_trace_).all()
    assert -1e-12 <= model.explained_divergence_ratio_ <= 1 + 1e-12
    Y = model.reconstruct()
    assert np.isfinite(Y[~unobserved_rows][:, ~unobserved_columns]).all()


@given(problem=problems(), search=searches)
@EXAMPLES
def test_engines_agree_on_whole_numbers(problem, search):
    X, parameters = problem
    if not has_observed_entry(X):
        return
    fits = [BBAC(**parameters, **search, engine=engine).fit(X) for engine in ENGINES]
    assert_array_equal(fits[0].row_labels_, fits[1].row_labels_)
    assert_array_equal(fits[0].column_labels_, fits[1].column_labels_)
    assert_allclose(fits[0].objective_, fits[1].objective_, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@given(problem=problems(missing=False))
@EXAMPLES
def test_transposed_problem_has_a_sound_fit_too(engine, problem):
    X, parameters = problem
    swapped = parameters | {
        "n_row_clusters": parameters["n_column_clusters"],
        "n_column_clusters": parameters["n_row_clusters"],
        "basis": {"C3": "C4", "C4": "C3"}.get(parameters["basis"], parameters["basis"]),
    }
    model = BBAC(**parameters, engine=engine).fit(X)
    start = (model.column_labels_, model.row_labels_)
    again = BBAC(**swapped, init=start, refine=None, engine=engine).fit(X.T)
    assert again.objective_ <= model.objective_ * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_fit_from_its_own_result_does_not_get_worse(divergence, update):
    for seed in range(5):
        X = reference.random_matrix(divergence, 14, 11, seed)
        first = BBAC(3, 3, divergence=divergence, random_state=0).fit(X)
        again = BBAC(3, 3, divergence=divergence, update=update, refine=None,
                     init=(first.row_labels_, first.column_labels_))  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            again.fit(X)
        assert again.objective_ <= first.objective_ * (1 + 1e-9) + 1e-12


@pytest.mark.parametrize("column_steps", [1, "auto"])
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_one_more_iteration_never_raises_the_objective_itself(divergence, column_steps):
    # The trace is what the fit says; here each objective is of a fit of its own.
    for seed in range(3):
        X = reference.random_matrix(divergence, 30, 24, seed)
        start = (reference.balanced_labels(30, 4, seed), reference.balanced_labels(24, 3, seed))
        options = {"divergence": divergence, "init": start, "refine": None, "tol": 0.0}
        objectives, trace = [], []
        for max_iter in range(1, 9):
            model = BBAC(4, 3, max_iter=max_iter, column_steps=column_steps, **options)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(X)
            oracle = reference.Model(X, model.row_labels_, model.column_labels_, 4, 3, divergence)
            objectives.append(oracle.objective())
            trace = model.objective_trace_
        assert_never_rises(np.array(objectives))
        assert objectives[0] > objectives[-1]
        n = min(len(trace), len(objectives))
        assert_allclose(trace[:n], objectives[:n], rtol=1e-9)


@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
@pytest.mark.parametrize("missing", [False, True])
def test_tiles_and_threads_change_nothing(monkeypatch, divergence, missing):
    from skcocluster._kernels.engines import numba_, numpy_

    X = reference.random_matrix(divergence, 67, 31, 0)
    if missing:
        X[np.random.default_rng(0).random(X.shape) < 0.2] = np.nan
    options = {"divergence": divergence, "init": "random", "refine": None, "random_state": 0}
    kinds = [X, X.astype(np.float32)]
    kinds += [] if divergence == "itakura_saito" else [sparse.csr_array(X)]
    for engine in ENGINES:
        for kind in kinds:
            whole = BBAC(5, 4, engine=engine, **options).fit(kind)
            with monkeypatch.context() as patch:
                patch.setattr(numba_, "TILE_BYTES", 1 << 12)
                patch.setattr(numpy_, "REFERENCE_TILE_ENTRIES", 700)
                for n_jobs in (1, 2):
                    tiled = BBAC(5, 4, engine=engine, n_jobs=n_jobs, **options).fit(kind)
                    assert_array_equal(tiled.row_labels_, whole.row_labels_)
                    assert_array_equal(tiled.column_labels_, whole.column_labels_)
                    assert_allclose(tiled.objective_, whole.objective_, rtol=1e-9)
                    assert_array_equal(tiled.predict(kind), whole.predict(kind))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
def test_objective_of_long_fits_does_not_drift(divergence, engine):
    # Sums that only move with the labels collect rounding; the final value must be a fresh one.
    rng = np.random.default_rng(0)
    X = 0.1 + 0.8 * rng.random((120, 90))
    model = BBAC(9, 8, divergence=divergence, init="random", engine=engine, random_state=0).fit(X)
    Y = model.reconstruct()
    expected = sum(
        reference.divergence_of(divergence, x, y)
        for x, y in zip(X.ravel().tolist(), Y.ravel().tolist(), strict=True)
    )
    assert_allclose(model.objective_, expected, rtol=1e-12)
