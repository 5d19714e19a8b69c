"""NEOCC and NEOKMeans on dask arrays: the fits of memory, however X is cut."""

import dask
import numpy as np
import pytest
from dask_arrays import cuts, to_dask, to_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from neo_large import assert_same_fit, counts, in_memory, large, measurements, sparsified

from skcocluster import NEOCC, NEOKMeans
from skcocluster._kernels.engines import get_engine
from skcocluster._neocc import _chunked, _row_step
from skcocluster._neocc._alternation import Alternation
from skcocluster._neocc._counts import Counts
from skcocluster._neocc._data import Data, find_shift, find_shift_of_chunks
from skcocluster._neocc._row_costs import OneWayRows, TwoWayRows, assign_rows
from skcocluster._neocc._row_step import RowAssigner
from skcocluster._neocc._side import SideModel
from skcocluster.metrics import neo_objective

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

GIVEN = "memberships"
OPTIONS = [
    {},
    {"row_overlap": 0.3},
    {"row_overlap": 0.3, "anneal": True},
    {"row_overlap": -0.1, "row_outliers": 0.1},
    {"row_overlap": 2.5, "column_overlap": 1.0},
    {"row_overlap": 0.4, "row_outliers": 0.1, "column_overlap": 0.2, "column_outliers": 0.1},
    {"row_overlap": "auto", "row_outliers": "auto", "column_overlap": "auto-spread"},
    {"init": "random", "tol": 0.0},
    {"init": "neo-kmeans", "row_overlap": 0.2},
    {"init": "k-means", "row_overlap": 0.2, "n_init": 3},
    {"init": GIVEN},
    {"init": GIVEN, "row_overlap": 0.5, "row_outliers": 0.1, "anneal": True},
]
ROW_OPTIONS = [
    {},
    {"overlap": 0.3},
    {"overlap": 0.3, "anneal": True, "n_init": 2},
    {"overlap": -0.1, "outliers": 0.1},
    {"overlap": 0.4, "outliers": 0.1, "init": "random"},
    {"overlap": "auto", "outliers": "auto"},
    {"init": GIVEN, "overlap": 0.5, "outliers": 0.1},
]
HEIGHTS = (7, 1, 0, 52)


@pytest.fixture(autouse=True)
def synchronous():
    """A scheduler that does the same thing in the same order every time."""
    with dask.config.set(scheduler="synchronous"):
        yield


def given_init(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.random((shape[0], 4)) < 0.4, rng.random((shape[1], 3)) < 0.4


def two_way(options, objective="M", seed=0):
    init = given_init((60, 18), seed) if options.get("init") == GIVEN else options.get("init")
    init = "auto" if init is None else init
    return NEOCC(4, 3, objective=objective, random_state=seed, **{**options, "init": init})


def one_way(options, seed=0):
    init = given_init((60, 18))[0] if options.get("init") == GIVEN else options.get("init", "auto")
    return NEOKMeans(4, random_state=seed, **{**options, "init": init})


@pytest.mark.parametrize("objective", ["M", "RCM"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("sparse", [False, True])
def test_neocc_of_a_large_array_is_that_of_memory(options, objective, sparse):
    X = counts() if objective == "M" else measurements()
    X = sparsified(X) if sparse else X
    with large():
        desired = two_way(options, objective).fit(in_memory(X, sparse))
        model = two_way(options, objective).fit(to_dask(X, HEIGHTS, (10, 8), sparse))
    assert_same_fit(model, desired)
    assert (np.diff(model.objective_trace_) <= 1e-9 * model.objective_trace_[0]).all()
    memberships = model.row_memberships_, model.column_memberships_
    value = neo_objective(X, *memberships, objective=objective)
    np.testing.assert_allclose(model.objective_, value, rtol=1e-9)


@pytest.mark.parametrize("options", ROW_OPTIONS, ids=str)
@pytest.mark.parametrize("sparse", [False, True])
def test_neokmeans_of_a_large_array_is_that_of_memory(options, sparse):
    X = sparsified(measurements()) if sparse else measurements()
    with large():
        desired = one_way(options).fit(in_memory(X, sparse))
        model = one_way(options).fit(to_dask(X, HEIGHTS, (10, 8), sparse))
    assert_same_fit(model, desired)
    inside = [X[members] for members in model.memberships_.T if members.any()]
    value = sum(((rows - rows.mean(axis=0)) ** 2).sum() for rows in inside)
    np.testing.assert_allclose(model.objective_, value, rtol=1e-9)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(
    "estimator",
    [
        NEOCC(4, 3, row_overlap=0.3, column_outliers=0.1, random_state=0),
        NEOCC(4, 3, objective="RCM", row_overlap="auto", n_init=2, random_state=0),
        NEOKMeans(4, overlap=0.3, outliers="auto", n_init=2, random_state=0),
    ],
    ids=str,
)
def test_array_that_is_not_large_has_the_very_fit_of_memory(estimator, sparse):
    X = measurements()
    desired = dict(vars(estimator.fit(in_memory(X, sparse))))
    estimator.fit(to_dask(X, HEIGHTS, None, sparse, unknown=True))
    for name in desired:
        if name.endswith("_"):
            np.testing.assert_array_equal(getattr(estimator, name), desired[name])


@settings(max_examples=40, deadline=None)
@given(
    st.data(),
    st.integers(0, 2**16),
    st.booleans(),
    st.sampled_from([np.float64, np.float32]),
    st.sampled_from(["M", "RCM", "rows"]),
)
def test_memberships_do_not_depend_on_chunks(data, seed, sparse, dtype, kind):
    heights, unknown = data.draw(cuts(60)), data.draw(st.booleans())
    # Much overlap makes equal clusters, between which rounding chooses, but for M of whole numbers.
    overlap = data.draw(st.sampled_from([0.0, 0.1, 0.5, 1.7] if kind == "M" else [0.0, 0.1, 0.3]))
    outliers = data.draw(st.sampled_from([0.0, 0.05, 0.3]))
    X = (counts(seed) if kind == "M" else measurements(seed)).astype(dtype)
    X = sparsified(X, seed).astype(dtype) if sparse else X
    if kind == "rows":
        estimators = [
            NEOKMeans(4, overlap=overlap, outliers=outliers, random_state=seed) for _ in range(2)
        ]
    else:
        options = {"row_overlap": overlap, "row_outliers": outliers, "random_state": seed}
        estimators = [NEOCC(4, 3, objective=kind, **options) for _ in range(2)]
    with large():
        desired = estimators[0].fit(in_memory(X, sparse))
        assert_same_fit(estimators[1].fit(to_dask(X, heights, None, sparse, unknown)), desired)


@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_chunks_of_one_row_and_threads_give_the_same_fit(objective):
    X = measurements()
    options = {"row_overlap": 0.4, "row_outliers": 0.1, "n_init": 3}
    with large():
        desired = two_way(options, objective).fit(X)
        with dask.config.set(scheduler="threads"):
            model = two_way(options, objective).fit(to_dask(X, (1,) * 60))
    assert_same_fit(model, desired)


def test_data_far_from_zero_are_shifted_alike():
    X = measurements() + 1e7
    with large():
        desired = two_way({"row_overlap": 0.2}).fit(X)
        model = two_way({"row_overlap": 0.2}).fit(to_dask(X, HEIGHTS))
    np.testing.assert_array_equal(model.row_memberships_, desired.row_memberships_)
    np.testing.assert_allclose(model.objective_, desired.objective_, rtol=1e-9)
    np.testing.assert_allclose(model.block_means_, desired.block_means_, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    cuts(60, empty=False),
    st.integers(0, 2**16),
    st.sampled_from([0.0, 1.0, -3e5, 1e9]),
    st.sampled_from([np.float64, np.float32]),
)
def test_shift_of_chunks_is_that_of_memory(heights, seed, offset, dtype):
    X = (measurements(seed) + offset).astype(dtype)
    chunks = to_rows(X, heights)
    assert find_shift_of_chunks(get_engine("dask"), chunks) == find_shift(X)


@settings(max_examples=60, deadline=None)
@given(
    st.data(),
    cuts(30, empty=False),
    st.integers(0, 2**16),
    st.integers(1, 4),
    st.integers(1, 3),
    st.booleans(),
)
def test_row_step_of_chunks_breaks_ties_as_in_memory(data, heights, seed, n_clusters, top, sparse):
    # Few different rows, of whole numbers: most distances are equal.
    rng = np.random.default_rng(seed)
    X = rng.integers(0, top + 1, (3, 4))[rng.integers(0, 3, 30)].astype(float)
    n_covered = data.draw(st.integers(1, 30))
    n_assignments = data.draw(st.integers(n_covered, 30 * n_clusters))
    limits = Counts(30, n_clusters, n_assignments, n_covered)
    columns = rng.random((4, 2)) < 0.6
    sizes = columns.sum(axis=0).astype(float)
    means = rng.integers(0, top + 1, (n_clusters, 2)).astype(float)
    model = TwoWayRows(SideModel("rows", columns, None, sizes, means))
    memory = Data(get_engine("numba"), in_memory(X, sparse), 0.0)
    chunks = Data(get_engine("dask"), to_rows(X, heights, sparse=sparse), 0.0)
    assigner = RowAssigner(chunks)
    # Again with the thresholds that it has learnt, and for other constraints.
    for counts_ in (limits, limits, Counts(30, n_clusters, 30, 30), limits):
        desired = assign_rows(memory, model, counts_)
        step = assigner.assign(model, counts_)
        np.testing.assert_array_equal(step.memberships, desired)
        sums, squares = memory.sums("columns", desired)
        np.testing.assert_array_equal(step.totals.sums, sums)
        np.testing.assert_array_equal(step.totals.squares, squares)


@pytest.mark.parametrize("spare", [0, 64])
def test_further_members_may_all_lie_in_one_chunk(spare, monkeypatch):
    # Rows at a centre need no second cluster; those between two centres are all in the last chunk.
    monkeypatch.setattr("skcocluster._neocc._chunk_work.SPARE_CANDIDATES", spare)
    X = np.repeat([[0.0], [10.0], [5.0]], [40, 40, 20], axis=0)
    X += np.random.default_rng(0).standard_normal(X.shape) / 100
    limits = Counts(100, 2, 120, 100)
    model = OneWayRows(np.array([[0.0, 10.0]]))
    desired = assign_rows(Data(get_engine("numba"), X, 0.0), model, limits)
    assert desired[80:].all()
    chunks = Data(get_engine("dask"), to_rows(X, (20,) * 5), 0.0)
    np.testing.assert_array_equal(RowAssigner(chunks).assign(model, limits).memberships, desired)


@pytest.mark.parametrize("edge_rows", [0, 1, 4, 100])
def test_sums_are_right_whichever_rows_chunks_send(edge_rows, monkeypatch):
    monkeypatch.setattr(_row_step, "EDGE_ROWS", edge_rows)
    with large():
        for objective in ("M", "RCM"):
            options = {"row_overlap": 0.4, "row_outliers": 0.1}
            desired = two_way(options, objective).fit(measurements())
            model = two_way(options, objective).fit(to_dask(measurements(), (15,) * 4))
            assert_same_fit(model, desired)


@pytest.mark.parametrize("objective", ["M", "RCM"])
@pytest.mark.parametrize("shares", [{}, {"row_overlap": -0.1, "row_outliers": 0.1}], ids=str)
def test_empty_clusters_are_refilled_as_in_memory(objective, shares, monkeypatch):
    X = measurements()
    init = np.zeros((60, 4), bool), np.zeros((18, 3), bool)
    init[0][:, 0], init[1][:, 0] = True, True
    options = {"init": init, "max_iter": 4, "objective": objective, **shares}
    refills = []
    refill = RowAssigner._refill
    monkeypatch.setattr(RowAssigner, "_refill", lambda *a: refills.append(1) or refill(*a))
    with large():
        desired = NEOCC(4, 3, **options).fit(X)
        model = NEOCC(4, 3, **options).fit(to_dask(X, (20, 20, 20)))
        assert_same_fit(model, desired)
    assert refills


@pytest.mark.parametrize("objective", ["M", "RCM"])
@pytest.mark.parametrize("max_iter", [1, 2, 100])
def test_what_new_rows_and_columns_are_compared_by_is_that_of_memory(objective, max_iter):
    options = {"row_overlap": 0.4, "row_outliers": 0.1, "column_overlap": 0.3}
    options |= {"column_outliers": 0.1, "init": GIVEN, "max_iter": max_iter}
    with large():
        # Other seeds make two clusters equal, and rounding chooses between them.
        for seed in range(3):
            desired = two_way(options, objective, seed).fit(measurements(seed))
            model = two_way(options, objective, seed).fit(to_dask(measurements(seed), HEIGHTS))
            assert_same_fit(model, desired)
            for side in ("rows", "columns"):
                a, d = model._sides[side], desired._sides[side]
                np.testing.assert_allclose(
                    [a.thresholds.cover, a.thresholds.extra],
                    [d.thresholds.cover, d.thresholds.extra],
                    rtol=1e-9,
                )
                np.testing.assert_allclose(a.model.means, d.model.means, atol=1e-9)
                np.testing.assert_array_equal(a.model.others, d.model.others)
                if objective == "RCM":
                    np.testing.assert_allclose(a.model.profiles, d.model.profiles, atol=1e-9)


def test_end_after_columns_alone_have_changed_knows_what_columns_are_compared_by():
    # Row clusters that any columns show, and columns that start anywhere.
    rng = np.random.default_rng(0)
    rows = np.arange(60) % 4
    X = 20 * rng.standard_normal((4, 18))[rows] + rng.standard_normal((60, 18))
    start = rows[:, None] == np.arange(4), np.arange(18)[:, None] % 3 == np.arange(3)
    options = {"objective": "RCM", "column_outliers": 0.2, "init": start, "max_iter": 1}
    with large():
        desired = NEOCC(4, 3, **options).fit(X)
        model = NEOCC(4, 3, **options).fit(to_dask(X, HEIGHTS))
    assert_same_fit(model, desired)
    np.testing.assert_array_equal(model.row_memberships_, start[0])
    assert (model.column_memberships_ != start[1]).any()
    a, d = (fitted._sides["columns"].thresholds for fitted in (model, desired))
    np.testing.assert_allclose([a.cover, a.extra], [d.cover, d.extra], rtol=1e-9)


def test_constant_array_has_the_fit_of_memory():
    X = np.full((60, 18), 7.0)
    for options in ({}, {"row_overlap": 0.5, "row_outliers": 0.1}):
        with large():
            desired = two_way(options).fit(X)
            assert_same_fit(two_way(options).fit(to_dask(X, (20,) * 3)), desired)


def test_large_matrix_in_memory_starts_from_a_sample(monkeypatch):
    seen = []
    start = Alternation.__init__

    def watched(self, data, *arguments):
        seen.append(data.X.shape)
        start(self, data, *arguments)

    monkeypatch.setattr(Alternation, "__init__", watched)
    with large():
        two_way({}).fit(counts())
    assert seen[-1] == (60, 18)
    assert set(seen[:-1]) == {(40, 18)}
    seen.clear()
    two_way({}).fit(counts())
    assert set(seen) == {(60, 18)}


def test_counts_of_a_sample_keep_the_shares():
    assert Counts(1000, 4, 1300, 900).scaled(100) == Counts(100, 4, 130, 90)
    # Nearly all points are outliers: one of the sample is not.
    assert Counts(10**5, 3, 10**5, 10).scaled(100) == Counts(100, 3, 100, 1)
    assert Counts(1000, 3, 3000, 1000).scaled(7) == Counts(7, 3, 21, 7)


def test_too_many_row_means_are_not_kept_and_new_columns_say_so(monkeypatch):
    monkeypatch.setattr(_chunked, "MAX_PROFILES", 100)
    X = measurements()
    with large():
        model = two_way({}, "RCM").fit(to_dask(X, (20,) * 3))
        with pytest.raises(ValueError, match="Fit a sample of the rows"):
            model.predict_columns(X)
        two_way({}, "M").fit(to_dask(X, (20,) * 3)).predict_columns(X)


def test_objective_of_blocks_without_noise_is_never_below_zero():
    lowest = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        # Far from round numbers: the energy and what is explained round apart.
        means = rng.normal(loc=7.0, scale=10.0, size=(3, 2))
        X = means[np.ix_(np.arange(45) % 3, np.arange(8) % 2)]
        with large(), dask.config.set(scheduler="synchronous"):
            model = NEOCC(3, 2, objective="M", random_state=0).fit(to_dask(X, (15, 30)))
        lowest.append(min(model.objective_trace_))
    assert min(lowest) == 0.0
