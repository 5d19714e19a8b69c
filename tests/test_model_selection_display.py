"""CoclusterSearchDisplay: heat map or line, the best marked."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from skcocluster import BBAC, Coclus
from skcocluster.model_selection import CoclusterSearch
from skcocluster.plot import CoclusterSearchDisplay


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def make_search(grid, criterion=lambda fitted, X: -fitted.objective_, estimator=None, **options):
    X = np.random.default_rng(0).poisson(2.0, size=(12, 10))
    estimator = BBAC(refine=None) if estimator is None else estimator
    return CoclusterSearch(estimator, grid, criterion=criterion, random_state=0, **options).fit(X)


def test_grid_is_a_heat_map_of_values_with_the_best_framed():
    search = make_search({"n_row_clusters": [3, 1, 2], "n_column_clusters": [1, 4]})
    display = CoclusterSearchDisplay.from_estimator(search)
    results = search.cv_results_
    image = display.ax_.images[0].get_array()
    for k, p, value in zip(
        results["n_row_clusters"],
        results["n_column_clusters"],
        results["mean_test_score"],
        strict=True,
    ):
        assert image[[1, 2, 3].index(k), [1, 4].index(p)] == value
    frame = [patch for patch in display.ax_.patches if isinstance(patch, Rectangle)][-1]
    assert frame.get_xy() == (0.5, 1.5)
    assert search.best_params_ == {"n_row_clusters": 3, "n_column_clusters": 4}
    assert [t.get_text() for t in display.ax_.get_xticklabels()] == ["1", "4"]
    assert len(display.ax_.texts) == 6
    assert not CoclusterSearchDisplay.from_estimator(search).plot(annotate=False).ax_.texts


def test_pairs_that_are_missing_stay_blank():
    grid = [
        {"n_row_clusters": [1], "n_column_clusters": [1, 2]},
        {"n_row_clusters": [2], "n_column_clusters": [2]},
    ]
    image = CoclusterSearchDisplay.from_estimator(make_search(grid)).ax_.images[0].get_array()
    assert np.isnan(np.ma.filled(image, np.nan)).tolist() == [[False, False], [True, False]]


@pytest.mark.parametrize(
    ("grid", "estimator", "label"),
    [
        ({"n_row_clusters": [1, 2, 3], "n_column_clusters": [2]}, BBAC(), "number of row clusters"),
        ({"n_row_clusters": [2], "n_column_clusters": [1, 2]}, BBAC(), "number of column clusters"),
        ({"n_row_clusters": [1, 2, 3]}, BBAC(), "number of clusters a side"),
        ({"n_clusters": [2, 1]}, Coclus(), "number of co-clusters"),
    ],
)
def test_one_number_that_varies_is_a_line(grid, estimator, label):
    search = make_search(grid, estimator=estimator)
    ax = CoclusterSearchDisplay.from_estimator(search).ax_
    assert ax.get_xlabel() == label
    assert not ax.images
    line, ring = ax.lines[0], ax.lines[-1]
    numbers = search.cv_results_["n_row_clusters"]
    if label == "number of column clusters":
        numbers = search.cv_results_["n_column_clusters"]
    np.testing.assert_array_equal(line.get_xdata(), np.sort(numbers))
    values = search.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(line.get_ydata(), values[np.argsort(numbers)])
    assert ring.get_xdata()[0] == numbers[search.best_index_]


def test_splits_give_error_bars_of_one_standard_error():
    search = make_search({"n_row_clusters": [1, 2, 3]}, "held_out", n_splits=3)
    ax = CoclusterSearchDisplay.from_estimator(search).ax_
    (bars,) = ax.collections
    segments = np.array(bars.get_segments())
    splits = np.stack([search.cv_results_[f"split{i}_test_score"] for i in range(3)])
    expected = 2 * splits.std(axis=0, ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(segments[:, 1, 1] - segments[:, 0, 1], expected)
    assert ax.get_ylabel() == "minus the divergence of a hidden entry"


def test_other_parameters_are_lines_of_their_own():
    search = make_search({"n_row_clusters": [1, 2], "refine": [None, "split_merge"]})
    legend = CoclusterSearchDisplay.from_estimator(search).ax_.get_legend()
    assert [t.get_text() for t in legend.get_texts()] == ["refine=None", "refine=split_merge"]


def test_search_without_counts_or_fit_is_refused():
    with pytest.raises(ValueError, match="vary n_row_clusters, n_column_clusters or n_clusters"):
        CoclusterSearchDisplay.from_estimator(make_search({"n_init": [1, 2]}))
    with pytest.raises(NotFittedError):
        CoclusterSearchDisplay.from_estimator(CoclusterSearch(BBAC(), {}))
