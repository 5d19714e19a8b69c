"""BBAC's spectral start: singular vectors of X less its one-block approximation, then k-means."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal

from skcocluster import BBAC
from skcocluster._shared.block_model import BlockModel
from skcocluster._shared.divergences import get_divergence
from skcocluster._shared.initialization import _kmeans_labels, _Residual, spectral_starts

BASES = [
    (divergence, basis)
    for divergence in ("squared_euclidean", "i_divergence")
    for basis in ("C2", "C3", "C4", "C5")
]


def make_counts(seed=0, shape=(90, 60)):
    """Counts whose singular values fall slowly: no gap helps the iteration."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(0.5, size=(shape[0], 6)) @ rng.gamma(0.5, size=(6, shape[1]))
    return rng.poisson(2 * weights).astype(float)


def one_block_approximation(X, divergence, basis):
    """What a single block says of each entry, formed."""
    rows, columns = X.mean(axis=1, keepdims=True), X.mean(axis=0, keepdims=True)
    mean = X.mean()
    if basis == "C2":
        return np.full(X.shape, mean)
    if basis == "C3":
        return np.broadcast_to(rows, X.shape)
    if basis == "C4":
        return np.broadcast_to(columns, X.shape)
    return rows * columns / mean if divergence == "i_divergence" else rows + columns - mean


def scaled_residual(X, divergence, basis):
    """What the singular vectors are of."""
    residual = X - one_block_approximation(X, divergence, basis)
    if divergence == "i_divergence" and basis != "C2":
        residual = residual / np.sqrt(X.mean(axis=1, keepdims=True) * X.mean(axis=0))
    return residual


def captured(vectors):
    """Squares captured by each vector, which has its singular value as length."""
    return np.square(vectors).sum(axis=0)


@pytest.mark.parametrize("container", [np.asarray, sp.csr_array])
@pytest.mark.parametrize(("divergence", "basis"), BASES)
def test_vectors_capture_what_the_leading_singular_vectors_do(divergence, basis, container):
    X = make_counts() + 0.01 * (container is np.asarray)
    residual = _Residual(container(X), BlockModel(get_divergence(divergence), basis))
    left, right = residual.singular_vectors(4, np.random.RandomState(0))
    values = np.linalg.svd(scaled_residual(X, divergence, basis), compute_uv=False)[:4]
    assert_allclose(captured(left), values**2, rtol=0.01)
    assert_allclose(captured(right), values**2, rtol=0.01)
    # Both sides are of the same vectors.
    assert_allclose(residual.transposed_times(left / values), right, atol=0.05 * values[0])


@pytest.mark.parametrize(("divergence", "basis"), BASES)
def test_products_are_those_of_the_formed_residual(divergence, basis):
    X = make_counts(1) + 0.01
    residual = _Residual(X, BlockModel(get_divergence(divergence), basis))
    formed = scaled_residual(X, divergence, basis)
    rng = np.random.default_rng(0)
    right, left = rng.normal(size=(X.shape[1], 3)), rng.normal(size=(X.shape[0], 3))
    assert_allclose(residual.times(right), formed @ right, atol=1e-10 * np.abs(formed).sum())
    assert_allclose(residual.transposed_times(left), formed.T @ left, atol=1e-9)


@pytest.mark.parametrize("container", [np.asarray, sp.csr_array])
def test_missing_entries_count_as_the_mean_of_the_observed(container, monkeypatch):
    # Seven rows at a time.
    monkeypatch.setattr("skcocluster._shared.chunks.CHUNK_ENTRIES", 7 * 60)
    X = make_counts(2)
    X[np.random.default_rng(0).random(X.shape) < 0.1] = np.nan
    filled = np.where(np.isnan(X), np.nanmean(X), X)
    model = BlockModel(get_divergence("squared_euclidean"), "C5")
    residual, expected = _Residual(container(X), model), _Residual(filled, model)
    v = np.random.default_rng(1).normal(size=(X.shape[1], 2))
    u = np.random.default_rng(2).normal(size=(X.shape[0], 2))
    assert_allclose(residual.times(v), expected.times(v), atol=1e-9)
    assert_allclose(residual.transposed_times(u), expected.transposed_times(u), atol=1e-9)


@pytest.mark.parametrize("init", ["spectral", "auto"])
def test_labels_of_sparse_x_with_missing_entries_are_those_of_the_same_dense(init):
    X = np.random.default_rng(3).poisson(1.0, (60, 40)).astype(float)
    X[np.random.default_rng(4).random(X.shape) < 0.1] = np.nan
    est = BBAC(3, init=init, random_state=0, divergence="squared_euclidean")
    dense, sparse = (est.fit_predict(container(X)) for container in (np.asarray, sp.csr_array))
    assert_array_equal(dense, sparse)


def test_starts_take_turns_with_all_vectors_and_all_but_one(monkeypatch):
    widths = []

    def record(points, n_labels, rng):
        widths.append(points.shape[1])
        return _kmeans_labels(points, n_labels, rng)

    monkeypatch.setattr("skcocluster._shared.initialization._kmeans_labels", record)
    model = BlockModel(get_divergence("squared_euclidean"), "C2")
    starts = spectral_starts(
        make_counts(), {"rows": 4, "columns": 3}, model, np.random.RandomState(0)
    )
    for _ in range(3):
        labels = next(starts)
    assert widths == [3, 3, 2, 2, 3, 3]
    assert {side: part.max() for side, part in labels.items()} == {"rows": 3, "columns": 2}


@pytest.mark.parametrize(
    "divergence", ["squared_euclidean", pytest.param("i_divergence", id="unit-sphere")]
)
def test_planted_blocks_are_found_by_the_start_alone(divergence):
    rng = np.random.default_rng(5)
    rows, columns = rng.permutation(60) % 3, rng.permutation(45) % 3
    means = np.array([[1.0, 5.0, 9.0], [9.0, 1.0, 5.0], [5.0, 9.0, 1.0]])
    # Rows of all sizes: what keeps margins must not see these.
    scale = np.exp(rng.normal(size=(60, 1))) if divergence == "i_divergence" else 1.0
    X = scale * means[np.ix_(rows, columns)] + 0.1 * rng.random((60, 45))
    basis = "C5" if divergence == "i_divergence" else "C2"
    model = BlockModel(get_divergence(divergence), basis)
    labels = next(spectral_starts(X, {"rows": 3, "columns": 3}, model, np.random.RandomState(0)))
    assert len(set(zip(labels["rows"], rows, strict=True))) == 3
    assert len(set(zip(labels["columns"], columns, strict=True))) == 3


@pytest.mark.parametrize(
    ("points", "n_found"),
    [
        (np.repeat([[0.0, 1.0], [2.0, 0.0]], 5, axis=0), 2),
        (np.zeros((6, 2)), 1),
        # One unit in the last place apart: equal for all that a start can tell.
        (np.array([[1.0], [1.0 + 1e-15], [3.0], [3.0 - 1e-15]]), 2),
        (1e200 * np.arange(8.0)[:, None], 4),
        (1e-200 * np.arange(8.0)[:, None], 4),
    ],
)
def test_kmeans_makes_as_many_clusters_as_points_differ(points, n_found):
    labels = _kmeans_labels(points, 4, np.random.RandomState(0))
    assert labels.dtype == np.int32
    assert len(np.unique(labels)) == n_found
