"""The objective of NEO-CC and NEO-K-Means never rises: random matrices, counts, ties, storages."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import ConvergenceWarning

from skcocluster import NEOCC, NEOKMeans
from skcocluster._neocc._alternation import Alternation
from skcocluster._neocc._counts import Counts, round_half_away
from skcocluster._neocc._refill import refill
from skcocluster._neocc._starts import random_memberships
from skcocluster.metrics import neo_objective


@st.composite
def problems(draw):
    """A matrix, cluster counts, and shares that are feasible."""
    n, m = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    k, p = draw(st.integers(1, min(n, 4))), draw(st.integers(1, min(m, 4)))
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    kind = draw(st.sampled_from(["real", "ties", "zeros", "constant", "offset"]))
    X = {
        "real": rng.normal(size=(n, m)),
        "ties": rng.integers(0, 3, (n, m)).astype(float),
        "zeros": rng.integers(1, 9, (n, m)) * (rng.random((n, m)) < 0.2).astype(float),
        "constant": np.full((n, m), 3.0),
        "offset": 1000 + rng.normal(size=(n, m)),
    }[kind]
    shares = {}
    for side, points, clusters in (("row", n, k), ("column", m, p)):
        outliers = draw(st.integers(0, points - 1))
        extra = draw(st.integers(-outliers, points * (clusters - 1)))
        shares[f"{side}_overlap"], shares[f"{side}_outliers"] = extra / points, outliers / points
    return X, k, p, shares


def fit_quietly(estimator, X):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X)


def check_memberships(memberships, overlap, outliers):
    n = len(memberships)
    assert memberships.sum() == n + round_half_away(overlap * n)
    assert memberships.any(axis=1).sum() >= n - round_half_away(outliers * n)


@settings(max_examples=60)
@given(
    problem=problems(),
    objective=st.sampled_from(["M", "RCM"]),
    init=st.sampled_from(["auto", "random", "neo-kmeans", "k-means"]),
    engine=st.sampled_from(["numpy", "numba"]),
    sparse=st.booleans(),
    anneal=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_trace_of_neocc_never_rises(problem, objective, init, engine, sparse, anneal, seed):
    X, k, p, shares = problem
    given_X = sp.csr_array(X) if sparse else X
    model = NEOCC(k, p, objective=objective, init=init, anneal=anneal, **shares)
    model.set_params(random_state=seed, engine=engine, tol=0.0, max_iter=30)
    fit_quietly(model, given_X)
    assert (np.diff(model.objective_trace_) <= 0).all()
    assert np.isfinite(model.objective_trace_).all()
    check_memberships(model.row_memberships_, shares["row_overlap"], shares["row_outliers"])
    check_memberships(
        model.column_memberships_, shares["column_overlap"], shares["column_outliers"]
    )
    value = neo_objective(X, model.row_memberships_, model.column_memberships_, objective)
    scale = (X**2).sum() * k * p + 1e-300
    assert abs(model.objective_ - value) <= 1e-11 * scale
    assert np.isfinite(model.transform(given_X)).all()
    assert np.isfinite(model.score(given_X))


@settings(max_examples=40)
@given(
    problem=problems(),
    init=st.sampled_from(["auto", "random", "k-means"]),
    sparse=st.booleans(),
    anneal=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_trace_of_neo_k_means_never_rises(problem, init, sparse, anneal, seed):
    X, k, _, shares = problem
    given_X = sp.csr_array(X) if sparse else X
    overlap, outliers = shares["row_overlap"], shares["row_outliers"]
    model = NEOKMeans(k, overlap=overlap, outliers=outliers, init=init, anneal=anneal)
    fit_quietly(model.set_params(random_state=seed, tol=0.0, max_iter=30), given_X)
    assert (np.diff(model.objective_trace_) <= 0).all()
    check_memberships(model.memberships_, overlap, outliers)
    value = neo_objective(X, model.memberships_, np.eye(X.shape[1]))
    assert abs(model.inertia_ - value) <= 1e-11 * ((X**2).sum() * k + 1e-300)


def random_state_of(seed, objective):
    """A matrix in which clusters run empty, and a start."""
    from skcocluster._kernels.engines import get_engine
    from skcocluster._neocc._data import Data

    rng = np.random.RandomState(seed)
    X = np.repeat(rng.normal(size=(4, 8)), 4, axis=0) + 0.01 * rng.normal(size=(16, 8))
    counts = {"rows": Counts(16, 6, 18, 15), "columns": Counts(8, 4, 9, 7)}
    engine = get_engine("numpy")
    start = {side: random_memberships(counts[side], rng) for side in counts}
    return X, Alternation(Data(engine, X, 0.0), counts, objective, start)


@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_each_half_step_lowers_the_objective_before_anything_is_taken_back(objective):
    for seed in range(40):
        X, state = random_state_of(seed, objective)
        value = np.inf
        for _ in range(12):
            for side in ("rows", "columns"):
                state.step(side)
                now = neo_objective(
                    X, state.memberships["rows"], state.memberships["columns"], objective
                )
                assert now <= value + 1e-10 * (X**2).sum()
                value = now


def test_empty_clusters_get_the_point_that_gains_most():
    memberships = np.array([[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=bool)
    distances = np.array([[1.0, 9, 9], [5.0, 9, 9], [7.0, 9, 9], [9, 99.0, 9]])
    got = refill(memberships.copy(), distances, np.array([0.0, 0.0, 4.0, 0.0]))
    # Row 3 would gain most, but is alone already; row 1 gains 5, row 2 only 3.
    assert_array_equal(got[:, 2], [False, True, False, False])
    assert_array_equal(got.sum(axis=1), memberships.sum(axis=1))


def test_empty_clusters_stay_empty_where_nobody_gains():
    memberships = np.array([[1, 0], [1, 0]], dtype=bool)
    got = refill(memberships.copy(), np.zeros((2, 2)), np.zeros(2))
    assert_array_equal(got, memberships)


def test_refilled_clusters_lower_the_objective():
    # From a start in which two of the four planted clusters are empty.
    X = np.repeat(np.array([[0.0, 0], [9, 0], [0, 9], [9, 9]]), 5, axis=0)
    start = np.zeros((20, 4), bool)
    start[:10, 0] = start[10:, 1] = True
    model = NEOKMeans(4, init=start).fit(X)
    assert model.memberships_.any(axis=0).all()
    assert_allclose(model.inertia_, 0.0, atol=1e-12)
