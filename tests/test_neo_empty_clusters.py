"""Empty clusters of NEO-CC: what they look like to points, and who refills them."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skcocluster._kernels.engines import get_engine
from skcocluster._neocc._alternation import Alternation
from skcocluster._neocc._counts import Counts
from skcocluster._neocc._data import Data
from skcocluster._neocc._refill import find_gains, move_members, refill
from skcocluster._neocc._side import Product, fill_empty


def test_an_empty_cluster_looks_like_all_others_together():
    means = np.array([[1.0, 2.0], [9.0, 9.0], [4.0, 8.0]])
    filled = fill_empty(means, np.array([1.0, 0.0, 2.0]))
    assert_allclose(filled, [[1, 2], [3, 6], [4, 8]])
    full = np.array([1.0, 3.0, 2.0])
    assert_array_equal(fill_empty(means, full), means)
    assert_array_equal(fill_empty(means, np.zeros(3)), 0.0)


@pytest.mark.parametrize("side", ["rows", "columns"])
def test_distances_under_m_do_not_depend_on_where_zero_lies(side):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 20, (8, 7)).astype(float)
    counts = {"rows": Counts(8, 3, 8, 8), "columns": Counts(7, 3, 7, 7)}
    start = {
        "rows": np.eye(3, dtype=bool)[np.arange(8) % 2],
        "columns": np.eye(3, dtype=bool)[np.arange(7) % 2],
    }
    distances = []
    for offset in (0.0, 100.0):
        data = Data(get_engine("numpy"), X + offset, 0.0)
        model, product = Alternation(data, counts, "M", start).model(side)
        distances.append(model.distances(data, product))
    assert_allclose(distances[1], distances[0], rtol=1e-9)
    # From the mean of all, not from zero: that would be further than any cluster.
    assert (distances[0][:, 2] <= 1.5 * distances[0][:, :2].max()).all()


def refilled(memberships, distances, alone):
    """Members of the largest gain go to the empty clusters, one after the other."""
    memberships, least = memberships.copy(), 1e-12 * distances[memberships].sum()
    for target in range(memberships.shape[1]):
        if memberships[:, target].any():
            continue
        best, gain = None, least
        for cluster in range(memberships.shape[1]):
            for point in range(len(memberships)):
                in_company = memberships[point, cluster] and memberships[:, cluster].sum() > 1
                if in_company and distances[point, cluster] - alone[point] > gain:
                    best, gain = (point, cluster), distances[point, cluster] - alone[point]
        if best is None:
            break
        memberships[best] = False
        memberships[best[0], target] = True
        # Who has moved stays where it is.
        distances = distances.copy()
        distances[best[0], target] = -np.inf
    return memberships


@pytest.mark.parametrize("seed", range(20))
def test_empty_clusters_take_the_members_that_gain_most(seed):
    rng = np.random.default_rng(seed)
    memberships = np.zeros((7, 5), bool)
    memberships[:, [1, 3, 4][: 2 + seed % 2]] = rng.random((7, 2 + seed % 2)) < 0.6
    distances = rng.integers(0, 9, (7, 5)).astype(float)
    alone = rng.integers(0, 7, 7).astype(float)
    expected = refilled(memberships, distances, alone)
    assert_array_equal(refill(memberships.copy(), distances, alone), expected)


def test_gains_are_sorted_ties_to_the_lowest_cluster_then_point():
    memberships = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0]], dtype=bool)
    distances = np.array([[5.0, 7.0, 0.0], [5.0, 0.0, 0.0], [0.0, -4.0, 0.0]])
    gains, clusters, points, total = find_gains(memberships, distances, np.array([2.0, 2.0, 0.0]))
    assert_array_equal(gains, [5, 3, 3, -4])
    assert_array_equal(clusters, [1, 0, 0, 1])
    assert_array_equal(points, [0, 0, 1, 2])
    assert total == 21.0


def test_a_gain_of_rounding_refills_nothing_and_one_beyond_it_does():
    memberships = np.array([[1, 0], [1, 0]], dtype=bool)
    where = np.zeros(2, int), np.arange(2)
    rounding = np.array([1e-12 * 1000, 0.0])
    kept = move_members(memberships.copy(), rounding, *where, 1000.0)
    assert_array_equal(kept, memberships)
    moved = move_members(memberships.copy(), 2 * rounding, *where, 1000.0)
    assert_array_equal(moved, [[0, 1], [1, 0]])


def test_products_add_up_part_by_part():
    ones = [np.ones((2, 2)), np.ones(2), np.ones((2, 3)), np.ones(3)]
    total = Product(*ones).plus(Product(*(2 * part for part in ones)))
    for part, one in zip(total, ones, strict=True):
        assert_array_equal(part, 3 * one)
    total = Product(*ones[:2]).plus(Product(*ones[:2]))
    assert_array_equal(total.squares, 2 * ones[1])
    assert total.cross is None
    assert total.energies is None
