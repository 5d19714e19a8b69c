"""Entries whose squares leave the range of floating point are refused; all others are taken."""

import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp

from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    MaxNormCoclustering,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)

SQUARING = [
    BBAC(2, 2),
    SpecCo(2),
    SpectralCoclustering(2),
    SpectralBiclustering(2, 2),
    NEOCC(2, 2),
    NEOKMeans(2),
]
WIDE = [BBAC(2, 2, divergence=name) for name in ("i_divergence", "itakura_saito")]


def matrix():
    return np.random.default_rng(0).integers(1, 9, (12, 9)).astype(np.float64)


@pytest.mark.parametrize("estimator", SQUARING, ids=str)
@pytest.mark.parametrize("contain", [np.array, sp.csr_array, np.asfortranarray])
def test_huge_entries_are_refused_by_name(estimator, contain):
    X = matrix()
    X[3, 4] = 1e101
    with pytest.raises(ValueError, match=r"X\[3, 4\] = 1e\+101 .* overflow.*: rescale X"):
        estimator.fit(contain(X))
    X[3, 4] = 1e99
    estimator.fit(contain(X))


@pytest.mark.parametrize("estimator", SQUARING, ids=str)
def test_matrices_whose_squares_vanish_are_refused(estimator):
    X = matrix()
    with pytest.raises(ValueError, match=r"largest entry is 8e-105 .* Rescale X"):
        estimator.fit(X * 1e-105)
    X[0, 0] = 1e-300
    estimator.fit(X)


@pytest.mark.compiled
@pytest.mark.parametrize("estimator", WIDE, ids=str)
def test_other_divergences_take_a_wider_range(estimator):
    X = matrix()
    for scale in (1e-300, 1e140):
        assert np.isfinite(estimator.fit(X * scale).objective_)
    with pytest.raises(ValueError, match="overflow"):
        estimator.fit(X * 1e155)


def test_coclus_takes_nearly_all_that_floating_point_has():
    X = matrix()
    for scale in (1e-300, 1e300):
        assert Coclus(2).fit(X * scale).objective_ > 0
    with pytest.raises(ValueError, match="overflow"):
        Coclus(2).fit(X * 1e304)
    with pytest.raises(ValueError, match="Rescale X"):
        Coclus(2).fit(X * 1e-307)


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e300])
def test_max_norm_takes_every_size(scale):
    fitted = MaxNormCoclustering(2, 2).fit(matrix() * scale)
    np.testing.assert_allclose(
        fitted.objective_ / scale, MaxNormCoclustering(2, 2).fit(matrix()).objective_
    )


@pytest.mark.parametrize("place", [(1, 2), (11, 8)])
def test_dask_arrays_are_refused_alike(place):
    X = matrix()
    X[place] = 1e101
    with pytest.raises(ValueError, match=rf"X\[{place[0]}, {place[1]}\] = 1e\+101"):
        BBAC(2, 2).fit(da.from_array(X, chunks=(5, 4)))
    with pytest.raises(ValueError, match="Rescale X"):
        BBAC(2, 2).fit(da.from_array(matrix() * 1e-105, chunks=(5, 4)))
    X[:, :] = matrix() * 1e-105
    X[place] = 1.0
    BBAC(2, 2).fit(da.from_array(X, chunks=(5, 4)))


def test_new_rows_may_be_small_but_not_huge():
    fitted = BBAC(2, 2, random_state=0).fit(matrix())
    assert fitted.predict(matrix() * 1e-200).shape == (12,)
    with pytest.raises(ValueError, match="overflow"):
        fitted.predict(matrix() * 1e150)


def test_float32_and_strided_matrices_are_looked_at_without_warnings():
    BBAC(2, 2).fit((matrix() * 1e30).astype(np.float32))
    X = np.repeat(matrix(), 2, axis=1)[:, ::-2]
    X[2, 3] = 1e150
    with pytest.raises(ValueError, match=r"X\[2, 3\]"):
        BBAC(2, 2).fit(X)
