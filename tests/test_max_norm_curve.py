"""The cost curve against brute force, what its points share, and its picture."""

import contextlib
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from reference_max_norm_estimator import KINDS, least_cost, make_instance

from skcocluster import MaxNormCoclustering
from skcocluster._maxnorm import _curve
from skcocluster._maxnorm._proof import Proof
from skcocluster.max_norm import CostCurve, cost_curve
from skcocluster.plot import CostCurveDisplay

# No search proves this one in less than hours.
HARD = np.round(10 * np.random.default_rng(0).normal(size=(60, 60)))


def tenths(shape=(6, 6), seed=0):
    return np.random.default_rng(seed).integers(-30, 31, shape) * 0.1


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("kind", KINDS)
def test_curve_over_a_grid_is_that_of_brute_force(kind):
    for seed in range(200, 204):
        X, _, _ = make_instance(kind, seed, largest=5)
        rows, columns = range(1, X.shape[0] + 1), range(1, X.shape[1] + 1)
        curve = cost_curve(X, rows, columns, time_limit=None)
        points = list(itertools.product(rows, columns))
        assert list(zip(curve.n_row_clusters, curve.n_column_clusters, strict=True)) == points
        expected = [least_cost(X, k, p) for k, p in points]
        assert curve.costs.tolist() == expected
        assert curve.lower_bounds.tolist() == expected
        assert curve.is_optimal.all()


def test_curve_of_pairs_caps_the_columns():
    X = tenths((6, 3))
    curve = cost_curve(X, [5, 1, 2, 2])
    assert isinstance(curve, CostCurve)
    assert curve.n_row_clusters.tolist() == [1, 2, 5]
    assert curve.n_column_clusters.tolist() == [1, 2, 3]
    expected = [least_cost(X, k, p) for k, p in ((1, 1), (2, 2), (5, 3))]
    assert curve.costs.tolist() == expected
    assert curve.n_row_clusters.dtype == curve.n_column_clusters.dtype == np.int64
    assert curve.costs.dtype == curve.lower_bounds.dtype == np.float64
    assert curve.is_optimal.dtype == bool


def test_curve_agrees_with_the_estimator_on_larger_matrices():
    X = np.random.default_rng(3).integers(-20, 21, (16, 15))
    curve = cost_curve(X, [2, 3, 4], [2, 4], time_limit=None)
    for i, (k, p) in enumerate(itertools.product([2, 3, 4], [2, 4])):
        model = MaxNormCoclustering(k, p, time_limit=None).fit(X)
        assert curve.costs[i] == curve.lower_bounds[i] == model.objective_


@pytest.mark.parametrize("limit", [0, 0.05])
def test_curve_cut_short_is_monotone_and_its_bounds_are_valid(limit):
    counts = [2, 3, 5, 8, 12]
    curve = cost_curve(HARD, counts, counts, time_limit=limit)
    costs, bounds = curve.costs.reshape(5, 5), curve.lower_bounds.reshape(5, 5)
    assert (bounds <= costs).all()
    np.testing.assert_array_equal(curve.is_optimal, curve.lower_bounds == curve.costs)
    assert not curve.is_optimal.all()
    for values in (costs, bounds):
        assert (np.diff(values, axis=0) <= 0).all()
        assert (np.diff(values, axis=1) <= 0).all()


def test_points_share_bounds_and_coclusterings(monkeypatch):
    """Each point knows only its own bounds here, and every second one has found nothing."""
    calls = itertools.count()

    def only_bounds(proof, budget, rng, step):
        k = proof.n_clusters[0]
        proof.lower = (0.0, 9.0, 2.0, 5.0, 1.0)[k]
        if next(calls) % 2 == 0:
            found = proof.bounds.upper(*proof.n_clusters)
            proof.offer(found.row_labels, found.column_labels)

    monkeypatch.setitem(_curve.METHODS, "auto", only_bounds)
    X = np.random.default_rng(0).integers(0, 100, (12, 12))
    curve = cost_curve(X, [1, 2, 3, 4])
    assert curve.lower_bounds.tolist() == [9.0, 5.0, 5.0, 1.0]
    assert curve.costs[1] == curve.costs[0]
    assert curve.costs[2] < curve.costs[1]
    assert curve.costs[3] == curve.costs[2]


def test_on_a_grid_what_is_known_of_one_point_holds_for_all_beyond_it(monkeypatch):
    """Each point has a lower bound of its own, at random, and all have the same co-clustering."""
    rng = np.random.default_rng(0)
    points = list(itertools.product([1, 2, 3, 4], [1, 2, 3, 4]))
    own_lowers = dict(zip(points, 0.0 + rng.permutation(16), strict=True))
    offered = []

    def find(proof, budget, rng, step):
        proof.lower = own_lowers[proof.n_clusters]

    def offer(self, row_labels, column_labels):
        offered.append(self.n_clusters)

    monkeypatch.setitem(_curve.METHODS, "auto", find)
    monkeypatch.setattr(Proof, "offer", offer)
    X = np.random.default_rng(0).integers(0, 100, (12, 12))
    curve = cost_curve(X, [1, 2, 3, 4], [1, 2, 3, 4])
    for k, p, lower in zip(
        curve.n_row_clusters, curve.n_column_clusters, curve.lower_bounds, strict=True
    ):
        assert lower == max(own_lowers[a, b] for a, b in points if a >= k and b >= p)
        # Of every point with no more clusters on either side, itself apart.
        assert offered.count((k, p)) == k * p - 1


@pytest.mark.parametrize(
    ("rows", "columns", "error", "message"),
    [
        ([7], None, ValueError, "n_row_clusters=7 is more than the number of rows=6"),
        ([2], [7], ValueError, "n_column_clusters=7 is more than the number of columns=6"),
        ([0, 1], None, ValueError, "n_row_clusters=0 must be at least 1"),
        ([1.5], None, TypeError, "n_row_clusters must be an integer, got 1.5"),
        ([], None, ValueError, "at least one number of clusters"),
        ([2], [], ValueError, "at least one number of clusters"),
        (3, None, TypeError, "n_row_clusters"),
    ],
)
def test_curves_over_numbers_out_of_range_are_refused(rows, columns, error, message):
    with pytest.raises(error, match=message):
        cost_curve(tenths(), rows, columns)


def test_interrupt_does_not_go_on_with_the_next_point(monkeypatch):
    calls = []

    def interrupted(proof, budget, rng, step):
        calls.append(proof.n_clusters)
        raise KeyboardInterrupt

    monkeypatch.setitem(_curve.METHODS, "auto", interrupted)
    with contextlib.suppress(KeyboardInterrupt):
        cost_curve(tenths(), [1, 2, 3])
    assert calls == [(1, 1)]


# -- its picture ------------------------------------------------------------------------------


def make_curve(points, costs, bounds):
    rows, columns = np.array(points).T
    return CostCurve(rows, columns, np.array(costs, float), np.array(bounds, float))


def test_line_of_proven_costs_has_no_gap():
    curve = cost_curve(tenths(), [1, 2, 3, 4])
    display = CostCurveDisplay(curve).plot()
    line, proven = display.ax_.lines
    assert line.get_xdata().tolist() == proven.get_xdata().tolist() == [1, 2, 3, 4]
    assert line.get_ydata().tolist() == proven.get_ydata().tolist() == curve.costs.tolist()
    assert not display.ax_.collections
    assert display.ax_.get_xlabel() == "number of row and column clusters"
    assert display.ax_.get_ylabel() == "largest difference within a block"
    assert display.figure_ is display.ax_.figure
    assert display.ax_.get_ylim()[0] == 0


def test_line_shades_the_gap_of_costs_that_are_not_proven():
    curve = make_curve([(1, 1), (2, 2), (3, 3)], [9, 7, 5], [9, 4, 5])
    display = CostCurveDisplay(curve).plot()
    line, proven = display.ax_.lines
    assert line.get_ydata().tolist() == [9, 7, 5]
    assert proven.get_xdata().tolist() == [1, 3]
    (gap,) = display.ax_.collections
    corners = {tuple(point) for point in gap.get_paths()[0].vertices.tolist()}
    assert {(2.0, 4.0), (2.0, 7.0)} <= corners
    labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert labels == ["cost found", "proven optimal", "not known"]


@pytest.mark.parametrize(
    ("rows", "columns", "label", "x"),
    [
        ([1, 2, 3], [2], "number of row clusters", [1, 2, 3]),
        ([2], [1, 3, 4], "number of column clusters", [1, 3, 4]),
    ],
)
def test_line_over_one_side_names_it(rows, columns, label, x):
    display = CostCurveDisplay(cost_curve(tenths(), rows, columns)).plot()
    assert display.ax_.get_xlabel() == label
    assert display.ax_.lines[0].get_xdata().tolist() == x


def test_grid_shows_every_cost_and_marks_those_not_proven():
    points = list(itertools.product([2, 3], [2, 4, 5]))
    curve = make_curve(points, [9, 8, 7, 6.25, 5, 4], [9, 8, 6, 6.25, 5, 1])
    display = CostCurveDisplay(curve).plot()
    (image,) = display.ax_.images
    np.testing.assert_array_equal(image.get_array(), [[9, 8, 7], [6.25, 5, 4]])
    texts = {text.get_position(): text.get_text() for text in display.ax_.texts}
    assert texts == {
        (0, 0): "9",
        (1, 0): "8",
        (2, 0): "7?",
        (0, 1): "6.25",
        (1, 1): "5",
        (2, 1): "4?",
    }
    assert [tick.get_text() for tick in display.ax_.get_xticklabels()] == ["2", "4", "5"]
    assert [tick.get_text() for tick in display.ax_.get_yticklabels()] == ["2", "3"]
    assert display.ax_.get_xlabel() == "number of column clusters"
    assert display.ax_.get_ylabel() == "number of row clusters"
    assert len(display.figure_.axes) == 2, "a colour bar"


def test_pictures_of_a_constant_matrix_can_be_drawn():
    X = np.ones((4, 4))
    for columns in (None, [1, 2]):
        display = CostCurveDisplay(cost_curve(X, [1, 2, 3], columns)).plot()
        display.figure_.canvas.draw()


def test_picture_of_one_point_can_be_drawn():
    display = CostCurveDisplay(cost_curve(tenths(), [2])).plot()
    display.figure_.canvas.draw()
    assert display.ax_.lines[1].get_xdata().tolist() == [2]


def test_from_data_computes_and_draws_on_the_axes_given():
    _, ax = plt.subplots()
    display = CostCurveDisplay.from_data(tenths(), [1, 2], ax=ax, time_limit=None)
    assert display.ax_ is ax
    assert display.curve.costs.tolist() == cost_curve(tenths(), [1, 2]).costs.tolist()
    display = CostCurveDisplay.from_data(tenths(), [1, 2], [1, 2, 3])
    assert len(display.curve.costs) == 6
