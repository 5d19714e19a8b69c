"""Runs of k-means in the spectral methods: how many, from where, and lines without a direction."""

import numpy as np
import pytest
import scipy.sparse as sp

from skcocluster import SpecCo, SpectralCoclustering
from skcocluster._shared.spectral_embedding import NO_DIRECTION, unit_rows
from skcocluster._spectral import _points
from skcocluster._spectral._projection import fit_projection

METHODS = [SpecCo, SpectralCoclustering]


def make_counts(seed=0):
    """Three blocks on the diagonal, and noise."""
    rng = np.random.default_rng(seed)
    rows, columns = np.arange(60) % 3, np.arange(45) % 3
    return rng.poisson(np.where(rows[:, None] == columns, 4.0, 0.5)).astype(float)


@pytest.mark.parametrize("n_init", [1, 2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_each_run_is_one_kmeans_and_the_first_starts_from_pivots(method, n_init, monkeypatch):
    starts = []
    find_centres = _points.Cloud.find_centres

    def record(self, rng, pivots, *others):
        starts.append(pivots is not None)
        return find_centres(self, rng, pivots, *others)

    monkeypatch.setattr(_points.Cloud, "find_centres", record)
    method(3, n_init=n_init, random_state=0).fit(make_counts())
    assert starts == [True] + [False] * (n_init - 1)


@pytest.mark.parametrize("method", METHODS)
def test_of_more_runs_the_best_is_kept(method):
    # Nothing to find: runs differ.
    X = np.random.default_rng(1).poisson(1.0, (40, 30)).astype(float)
    fits = [method(5, n_init=n_init, random_state=0).fit(X) for n_init in (1, 2, 8)]
    signs = -1.0 if method is SpectralCoclustering else 1.0
    values = [signs * est.objective_ for est in fits]
    assert values == sorted(values)
    assert values[0] < values[-1]


@pytest.mark.parametrize("deflate", [True, False])
def test_a_projection_says_whether_margins_were_taken_off(deflate):
    X = sp.csr_array(make_counts())
    projection = fit_projection(
        X,
        n_vectors=2,
        tau=None,
        deflate=deflate,
        unit=True,
        svd_solver="auto",
        rng=np.random.RandomState(0),
    )
    assert projection.deflated is deflate


def test_a_line_like_all_lines_together_has_no_direction():
    X = make_counts()
    projection = fit_projection(
        sp.csr_array(X),
        n_vectors=2,
        tau=None,
        deflate=True,
        unit=True,
        svd_solver="auto",
        rng=np.random.RandomState(0),
    )
    axis = projection.rows
    # What lies across the axes but for a share, in units of what a typical vector would give.
    lines = np.random.default_rng(0).random((4, X.shape[1]))
    across = lines - lines @ axis.weights @ np.linalg.pinv(axis.weights)
    typical = across @ axis.scale / np.sqrt(len(axis.scale))
    along = np.linalg.pinv(axis.weights)[0]
    for share, length in ((0.5, 0.0), (2.0, 1.0)):
        shifted = across + share * NO_DIRECTION * typical[:, None] * along
        points = axis.points(shifted, shifted.sum(axis=1))
        np.testing.assert_allclose(np.linalg.norm(points, axis=1), length, atol=1e-9)


def test_unit_rows_leave_short_points_at_zero():
    points = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    expected = [[0.6, 0.8], [0.0, 0.0], [0.0, 0.0]]
    np.testing.assert_allclose(unit_rows(points, np.array([1.0, 0.6, 0.0])), expected)
