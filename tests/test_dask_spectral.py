"""Spectral estimators on dask arrays: fetched where small, decomposed read by read where large."""

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
from dask_arrays import Reads, cuts, to_dask, to_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from skcocluster import SpecCo, SpectralBiclustering, SpectralCoclustering
from skcocluster._kernels.engines import get_engine
from skcocluster._kernels.engines.dask_ import DaskEngine
from skcocluster._shared import samples
from skcocluster._shared.linear_map import LinearMap, randomized_triplets
from skcocluster._shared.singular_vectors import deflated_vectors
from skcocluster._spectral._balance import BALANCED, balance

ESTIMATORS = [
    SpectralCoclustering(3, random_state=0),
    SpectralCoclustering(3, random_state=0, n_init=3),
    SpectralCoclustering(3, embedding="dhillon", random_state=0),
    SpecCo(3, random_state=0),
    SpecCo(3, embedding="labiod", random_state=0),
    SpectralBiclustering(3, 2, random_state=0),
    SpectralBiclustering(3, 2, normalization="scale", random_state=0),
    SpectralBiclustering(3, 2, normalization="log", random_state=0),
]
HEIGHTS = (70, 1, 0, 129)


@pytest.fixture(autouse=True)
def synchronous():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.fixture
def nothing_fits(monkeypatch):
    """Every dask array counts as too large for memory, and nobody fetches rows of it."""
    monkeypatch.setattr(samples, "ALL_ENTRIES", 100)
    monkeypatch.setattr(DaskEngine, "take", None)


def matrix_for(estimator, seed=0, shape=(200, 90)):
    """Counts in the blocks that an estimator looks for; above LAPACK's size."""
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, 3, shape[0]), rng.integers(0, 3, shape[1])
    if isinstance(estimator, SpectralBiclustering):
        levels = np.array([[2, 9, 9], [9, 4, 4], [5, 5, 5]])
        return rng.poisson(levels[rows][:, columns]) + 1.0
    return rng.poisson(np.where(rows[:, None] == columns, 4, 0.5)).astype(float)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_dask_array_that_fits_is_fetched_and_fitted_as_in_memory(estimator):
    X = matrix_for(estimator)
    desired = estimator.fit(X)
    rows, columns = desired.row_labels_, desired.embedding_columns_
    reads = Reads(X, HEIGHTS)
    estimator.fit(reads.array)
    np.testing.assert_array_equal(estimator.row_labels_, rows)
    np.testing.assert_array_equal(estimator.embedding_columns_, columns)
    np.testing.assert_array_equal(reads.counts, [2, 2, 1, 2])


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_large_dask_array_has_the_labels_of_one_in_memory(estimator, sparse, nothing_fits):
    for seed in range(1 + (not sparse)):
        X = matrix_for(estimator, seed)
        if sparse and getattr(estimator, "normalization", "") == "log":
            continue
        estimator.fit(sp.csr_array(X) if sparse else X)
        rows, columns, objective = (
            estimator.row_labels_,
            estimator.column_labels_,
            estimator.objective_,
        )
        estimator.fit(to_dask(X, HEIGHTS, (50, 40), sparse))
        np.testing.assert_array_equal(estimator.row_labels_, rows)
        np.testing.assert_array_equal(estimator.column_labels_, columns)
        np.testing.assert_allclose(estimator.objective_, objective, rtol=1e-9)


@settings(max_examples=10)
@given(st.data(), st.integers(0, 2**16), st.sampled_from(ESTIMATORS), st.booleans())
def test_labels_do_not_depend_on_chunks(data, seed, estimator, wide):
    X = matrix_for(estimator, seed, (90, 200) if wide else (200, 90)).astype(np.float32)
    heights = data.draw(cuts(len(X)))
    unknown = data.draw(st.booleans())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "ALL_ENTRIES", 100)
        estimator.fit(to_dask(X, (len(X),)))
        rows, columns = estimator.row_labels_, estimator.column_labels_
        estimator.fit(to_dask(X, heights, None, False, unknown))
    np.testing.assert_array_equal(estimator.row_labels_, rows)
    np.testing.assert_array_equal(estimator.column_labels_, columns)


def linear_map(X, heights, sparse=False):
    return LinearMap(get_engine("dask"), to_rows(X, heights, None, sparse))


@settings(max_examples=15)
@given(cuts(40, empty=False), st.booleans(), st.booleans())
def test_products_are_those_of_the_scaled_matrix(heights, sparse, log):
    rng = np.random.default_rng(0)
    X = rng.integers(1, 6, (40, 12)).astype(float)
    lines, dense = linear_map(X, heights, sparse and not log), X
    if log:
        dense = np.log(X)
        dense = dense - dense.mean(axis=1, keepdims=True)
        dense = dense - dense.mean(axis=0)
        lines = lines.log_interactions(0.0)
    A = rng.random(40)[:, None] * dense * rng.random(12)
    rng = np.random.default_rng(0)
    rng.integers(1, 6, (40, 12))
    scaled = lines.scaled(rng.random(40), rng.random(12))
    V, U = rng.random((12, 3)), rng.random((40, 2))
    np.testing.assert_allclose(scaled @ V, A @ V, atol=1e-12)
    np.testing.assert_allclose(scaled.T @ U, A.T @ U, atol=1e-12)
    np.testing.assert_allclose(scaled.gram_times(V), A.T @ (A @ V), atol=1e-12)
    np.testing.assert_array_equal(lines.sum(axis=0), X.sum(axis=0))
    np.testing.assert_array_equal(lines.T.sum(axis=0), X.sum(axis=1))


def test_logarithms_that_differ_by_rounding_do_not_interact():
    X = np.outer(np.arange(1, 31), np.arange(1, 11)).astype(float)
    lines = linear_map(X, (10, 20)).log_interactions(1e-13)
    np.testing.assert_array_equal(lines @ np.eye(10), np.zeros((30, 10)))


@pytest.mark.parametrize("rank", [1, 2, 12])
def test_triplets_are_those_of_lapack_up_to_the_rank(rank):
    rng = np.random.default_rng(1)
    U, V = (
        np.linalg.qr(rng.normal(size=(60, rank)))[0],
        np.linalg.qr(rng.normal(size=(25, rank)))[0],
    )
    X = U * 2.0 ** -np.arange(rank) @ V.T
    left, values, right = randomized_triplets(
        linear_map(X, (20, 40)), 4, 12, 20, np.random.RandomState(0)
    )
    expected = np.pad(2.0 ** -np.arange(min(rank, 4)), (0, max(0, 4 - rank)))
    np.testing.assert_allclose(values, expected, atol=1e-12)
    np.testing.assert_allclose(
        left * values @ right, U[:, :4] * 2.0 ** -np.arange(min(rank, 4)) @ V.T[:4], atol=1e-10
    )


def test_direction_inside_of_the_span_is_not_counted_twice():
    # What rounding leaves of it would be a random direction, different for every way to cut X.
    X = np.random.default_rng(0).poisson(1.0, (900, 100)).astype(float)
    total = X.sum()
    left, right = np.sqrt(X.sum(axis=1) / total), np.sqrt(X.sum(axis=0) / total)
    A = X / np.outer(left, right) / total
    found = [
        deflated_vectors(linear_map(A, h), left, right, 5, "auto", np.random.RandomState(0))
        for h in ((900,), (1, 899), (300, 300, 300))
    ]
    for other in found[1:]:
        np.testing.assert_allclose(other.right, found[0].right, atol=1e-10)


def test_balanced_matrix_has_even_sums_and_a_pass_is_one_read(monkeypatch):
    X = np.random.default_rng(0).integers(1, 9, (50, 20)).astype(float)
    n_runs = []
    run = DaskEngine.run
    monkeypatch.setattr(
        DaskEngine,
        "run",
        lambda *args, **params: n_runs.append(args[1].name) or run(*args, **params),
    )
    found, desired = balance(linear_map(X, (20, 30))), balance(X)
    np.testing.assert_allclose(found.scaling.rows, desired.scaling.rows, rtol=1e-9)
    np.testing.assert_allclose(found.scaling.columns, desired.scaling.columns, rtol=1e-9)
    sums = (found.scaling.rows[:, None] * X * found.scaling.columns).sum(axis=1)
    assert np.ptp(sums) < BALANCED * sums.mean()
    assert n_runs.count("row sums and column sums") == 1
    assert set(n_runs[1:]) == {"one pass of balancing"}
    assert len(n_runs) < 20


def test_fit_of_a_large_array_is_a_dozen_reads(nothing_fits):
    X = matrix_for(ESTIMATORS[0], shape=(900, 100))
    reads = Reads(X, (450, 450))
    SpectralCoclustering(3, random_state=0).fit(reads.array)
    # The look, the margins, 5 iterations, the last product, left vectors, points of rows, points
    # of columns, sums of blocks.
    np.testing.assert_array_equal(reads.counts, [12, 12])


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_new_rows_in_a_dask_array_are_lazy_and_those_in_memory(estimator):
    X = matrix_for(estimator)
    estimator.fit(X)
    reads = Reads(X, HEIGHTS)
    labels, points, score = (
        method(reads.array) for method in (estimator.predict, estimator.transform, estimator.score)
    )
    assert reads.counts.sum() == 0
    assert all(isinstance(lazy, da.Array) for lazy in (labels, points, score))
    assert (labels.shape, points.shape, score.shape) == (
        (200,),
        estimator.embedding_rows_.shape,
        (),
    )
    np.testing.assert_array_equal(labels.compute(), estimator.predict(X))
    np.testing.assert_allclose(points.compute(), estimator.transform(X), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(float(score), estimator.score(X), rtol=1e-9)
    assert labels.dtype == np.int32


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_new_columns_in_a_dask_array_have_the_labels_of_those_in_memory(estimator):
    X = matrix_for(estimator)
    estimator.fit(X)
    found = estimator.predict_columns(to_dask(X, HEIGHTS))
    assert isinstance(found, np.ndarray)
    np.testing.assert_array_equal(found, estimator.predict_columns(X))


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_matrices_without_structure_are_one_cluster(value, nothing_fits):
    array = to_dask(np.full((200, 90), value), HEIGHTS)
    for estimator in (SpectralCoclustering(3), SpecCo(3), SpectralBiclustering(3, 2)):
        estimator.fit(array)
        assert not estimator.row_labels_.any()
        assert not estimator.column_labels_.any()


def test_rows_and_columns_of_zeros_are_as_in_memory(nothing_fits):
    for estimator in ESTIMATORS[:5]:
        X = matrix_for(estimator)
        X[::9] = 0.0
        X[:, ::7] = 0.0
        rows = estimator.fit(X).row_labels_
        np.testing.assert_array_equal(estimator.fit(to_dask(X, HEIGHTS)).row_labels_, rows)


def test_arpack_is_refused_where_every_product_would_be_a_read(nothing_fits):
    X = matrix_for(SpecCo())
    with pytest.raises(ValueError, match=r"arpack.*randomized"):
        SpecCo(3, svd_solver="arpack").fit(to_dask(X, HEIGHTS))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_negative_entry_is_named_as_in_memory(estimator):
    X = matrix_for(estimator)
    X[150, 4] = -1.0
    with pytest.raises(ValueError, match=r"X\[150, 4\] = -1") as in_memory:
        estimator.fit(X)
    with pytest.raises(ValueError, match=r"X\[150, 4\] = -1") as in_chunks:
        estimator.fit(to_dask(X, HEIGHTS))
    assert str(in_chunks.value) == str(in_memory.value)


def test_logarithm_of_sparse_blocks_is_refused_without_a_read():
    X = da.zeros((200, 90), chunks=(100, 90)).map_blocks(
        lambda block: 1 / 0, dtype=float, meta=sp.csr_array((0, 0))
    )
    model = SpectralBiclustering(3, 2, normalization="log", random_state=0)
    with pytest.raises(ValueError, match="takes dense X"):
        model.fit(X)
    model.fit(matrix_for(model))
    with pytest.raises(ValueError, match="takes dense X"):
        model.predict(X)
