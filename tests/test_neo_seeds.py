"""k-means of one side, from which NEO-CC starts: its seeds, and that labels settle."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcocluster._kernels.engines import get_engine
from skcocluster._neocc._data import Data
from skcocluster._neocc._oneway import kmeans, seeds


def make_data(X, side):
    engine = get_engine("numpy")
    X = X if side == "rows" else X.T
    return Data(engine, engine.prepare(np.ascontiguousarray(X)), 0.0)


@pytest.mark.parametrize("side", ["rows", "columns"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_seeds_are_one_of_each_kind_where_kinds_are_as_many_as_clusters(scale, side):
    kinds = np.arange(20) % 4
    data = make_data(scale * np.eye(4)[kinds], side)
    for seed in range(20):
        memberships = seeds(data, side, 4, np.random.RandomState(seed))
        assert_array_equal(memberships.sum(axis=0), 1)
        assert set(kinds[memberships.argmax(axis=0)]) == set(range(4))


def test_seeds_of_points_that_are_all_the_same_are_any():
    data = make_data(np.ones((20, 3)), "rows")
    memberships = seeds(data, "rows", 4, np.random.RandomState(0))
    assert_array_equal(memberships.sum(axis=0), 1)
    assert len(set(memberships.argmax(axis=0))) > 1


def test_far_points_are_drawn_more_often():
    data = make_data(np.array([[0.0], [0.0], [1.0], [3.0]]), "rows")
    drawn = []
    for seed in range(300):
        first, second = np.nonzero(seeds(data, "rows", 2, np.random.RandomState(seed)).T)[1]
        if first < 2:
            drawn.append(second)
    # By the square of the distance: 9 times in 10.
    assert set(drawn) == {2, 3}
    assert 0.8 < np.mean(np.array(drawn) == 3) < 0.98


@pytest.mark.parametrize("side", ["rows", "columns"])
def test_kmeans_ends_where_no_point_is_closer_to_another_centre(side):
    X = np.random.default_rng(0).normal(size=(60, 4))
    for seed in range(5):
        state = kmeans(make_data(X, side), side, 4, np.random.RandomState(seed))
        labels = state.memberships.argmax(axis=1)
        assert_array_equal(state.memberships.sum(axis=1), 1)
        centres = np.array([X[labels == k].mean(axis=0) for k in range(4)])
        distances = ((X[:, None] - centres) ** 2).sum(axis=2)
        assert (distances.argmin(axis=1) == labels).mean() > 0.95
