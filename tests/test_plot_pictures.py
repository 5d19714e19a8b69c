"""Clusters that overlap, ranges of blocks, stored entries as dots, before beside after."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skcocluster import BBAC, NEOCC, MaxNormCoclustering, NEOKMeans
from skcocluster.plot import BeforeAfterDisplay, CoclusterDisplay
from skcocluster.plot import _picture as picture
from skcocluster.plot import _raster as raster

ROWS = np.array([[1, 0], [1, 1], [0, 0], [0, 1], [1, 1]], dtype=bool)
COLUMNS = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 1], [0, 0, 0]], dtype=bool)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def X():
    return np.random.default_rng(3).integers(1, 50, (5, 4)).astype(float)


def as_dask(X):
    return pytest.importorskip("dask.array").from_array(X, chunks=(2, 3))


CONTAINERS = {
    "ndarray": np.asarray,
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "dask": as_dask,
}


# --- overlap -----------------------------------------------------------------------------------


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("entries_per_tile", [4, 1 << 20])
def test_what_is_in_several_clusters_stands_in_each(X, container, entries_per_tile, monkeypatch):
    monkeypatch.setattr(raster, "ENTRIES_PER_TILE", entries_per_tile)
    display = CoclusterDisplay.from_memberships(
        CONTAINERS[container](X), ROWS, COLUMNS, order="label"
    )
    assert_array_equal(display.row_order, [0, 1, 4, 1, 3, 4, 2])
    assert_array_equal(display.column_order, [0, 1, 0, 2, 3])
    assert_array_equal(display.row_clusters, [0, 1, -1])
    assert_array_equal(display.row_sizes, [3, 3, 1])
    assert_array_equal(display.column_sizes, [1, 1, 2, 1])
    assert_array_equal(display.pixels, X[np.ix_(display.row_order, display.column_order)])
    for g, h in np.ndindex(2, 3):
        block = X[np.ix_(ROWS[:, g], COLUMNS[:, h])]
        assert_allclose(display.block_means[g, h], block.mean(), rtol=1e-14)
    note = display.ax_.get_xlabel()
    assert "5 × 4 entries" in note
    assert "2 of 5 rows stand in each of their clusters: 7 drawn" in note
    assert "1 of 4 columns stand in each of their clusters: 5 drawn" in note


def test_the_closest_cluster_is_drawn_unless_all_are_asked_for():
    X = np.random.default_rng(0).normal(size=(30, 12)) + 4 * np.eye(3)[np.arange(30) % 3][:, :1]
    est = NEOCC(3, 2, row_overlap=0.3, row_outliers=0.1, random_state=0).fit(X)
    n_several = int((est.row_memberships_.sum(axis=1) > 1).sum())
    assert n_several > 0
    closest = CoclusterDisplay.from_estimator(est, X)
    assert closest.row_order.size == 30
    assert (
        f"{n_several} of 30 rows are in several clusters, drawn in one" in closest.ax_.get_xlabel()
    )
    repeated = CoclusterDisplay.from_estimator(est, X, overlap="repeat", order="label")
    n_none = int((~est.row_memberships_.any(axis=1)).sum())
    assert repeated.row_order.size == est.row_memberships_.sum() + n_none
    assert repeated.row_clusters[-1] == -1
    assert_allclose(repeated.block_means[:-1], est.block_means_, atol=1e-12)
    assert "in several clusters" not in repeated.ax_.get_xlabel()


def test_rows_of_overlapping_k_means_are_repeated_and_columns_are_one_cluster():
    X = np.random.default_rng(0).normal(size=(20, 4))
    est = NEOKMeans(2, overlap=0.3, random_state=0).fit(X)
    display = CoclusterDisplay.from_estimator(est, X, overlap="repeat")
    assert_array_equal(display.row_sizes, est.memberships_.sum(axis=0)[display.row_clusters])
    assert_array_equal(display.column_sizes, [4])


def test_partitions_are_the_same_either_way(X):
    est = BBAC(2, 2, random_state=0).fit(X)
    closest, repeated = (
        CoclusterDisplay.from_estimator(est, X, overlap=overlap)
        for overlap in ("closest", "repeat")
    )
    assert_array_equal(closest.pixels, repeated.pixels)
    assert closest.ax_.get_xlabel() == repeated.ax_.get_xlabel()


# --- ranges ------------------------------------------------------------------------------------


@given(
    X=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=8),
        elements=st.integers(-3, 3).map(float) | st.just(np.nan) | st.just(0.0),
    ),
    n_groups=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    seed=st.integers(0, 99),
)
def test_ranges_of_groups_are_those_of_plain_loops_dense_and_sparse(X, n_groups, seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, n_groups[0], X.shape[0])
    columns = rng.integers(0, n_groups[1], X.shape[1])
    expected = np.full((2, *n_groups), np.nan)
    for g, h in np.ndindex(*n_groups):
        seen = [x for x in X[np.ix_(rows == g, columns == h)].ravel() if x == x]
        if seen:
            expected[:, g, h] = min(seen), max(seen)
    for container in (np.asarray, sparse.csr_array):
        assert_array_equal(raster.group_ranges(container(X), rows, columns, n_groups), expected)


def test_ranges_show_lows_highs_and_the_cost(X):
    est = MaxNormCoclustering(2, 2).fit(X)
    display = CoclusterDisplay.from_estimator(est, X, values="ranges")
    ranges = est.block_maxima_ - est.block_minima_
    shown = display.im_.get_array().reshape(2, 2)
    rows, columns = display.row_clusters, display.column_clusters
    assert_array_equal(shown, ranges[np.ix_(rows, columns)])
    texts = {text.get_text() for text in display.ax_.texts}
    assert texts == {
        f"{low:.3g} to {high:.3g}"
        for low, high in zip(est.block_minima_.flat, est.block_maxima_.flat, strict=True)
    }
    assert f"the cost, {est.objective_:g}, is outlined" in display.ax_.get_xlabel()
    assert len(display.ax_.patches) == (ranges == est.objective_).sum()
    assert display.im_.norm.vmin == 0
    # The frame lies around the block whose range is the cost.
    g, h = np.unravel_index(shown.argmax(), shown.shape)
    frame = display.ax_.patches[0]
    middle = (frame.get_x() + frame.get_width() / 2, frame.get_y() + frame.get_height() / 2)
    starts = np.cumsum(display.column_sizes)[h] - display.column_sizes[h] / 2
    assert_allclose(middle[0], starts, rtol=1e-9)
    assert_allclose(middle[1], np.cumsum(display.row_sizes)[g] - display.row_sizes[g] / 2)


def test_ranges_of_any_labels_are_computed(X):
    display = CoclusterDisplay.from_labels(X, [0, 0, 1, -1, 1], [0, 0, 1, 1], values="ranges")
    block = X[np.ix_(display.row_order[-1:], display.column_order[:2])]
    assert display.block_minima[-1, 0] == block.min()
    assert display.block_maxima[-1, 0] == block.max()
    assert_array_equal(display.im_.get_array().ravel() >= 0, True)


def test_what_was_not_computed_is_asked_for(X):
    display = CoclusterDisplay.from_labels(X, [0] * 5, [0] * 4)
    for values in ("ranges", "dots"):
        with pytest.raises(ValueError, match=f'values="{values}"'):
            display.plot(values=values)
    CoclusterDisplay.from_labels(X, [0] * 5, [0] * 4, values="ranges").plot(values="entries")


# --- dots --------------------------------------------------------------------------------------


@pytest.mark.parametrize("container", CONTAINERS)
def test_dots_are_the_stored_entries_where_they_are_drawn(container):
    X = np.zeros((5, 4))
    X[[0, 3, 4, 2], [1, 3, 0, 1]] = 3, -7, 1, 2
    labels = [1, 0, 1, 0, 0], [0, 1, 1, 0]
    display = CoclusterDisplay.from_labels(CONTAINERS[container](X), *labels, values="dots")
    reordered = X[np.ix_(display.row_order, display.column_order)]
    assert_array_equal(np.sort(np.abs(display.dots[2])), [1, 2, 3, 7])
    for row, column, value in zip(*display.dots, strict=True):
        assert reordered[row, column] == value
    offsets = display.im_.get_offsets()
    assert_array_equal(offsets[:, 0], display.dots[1] + 0.5)
    assert_array_equal(offsets[:, 1], display.dots[0] + 0.5)
    assert display.im_.get_rasterized()
    assert "4 dots, 20 %" in display.ax_.get_xlabel()


def test_dots_of_repeated_rows_are_repeated(X):
    stored = sparse.csr_array(np.diag([1.0, 2, 3, 4]))
    display = CoclusterDisplay.from_memberships(
        stored, ROWS[:4], COLUMNS, order="label", values="dots"
    )
    reordered = stored.toarray()[np.ix_(display.row_order, display.column_order)]
    found = np.zeros_like(reordered)
    found[display.dots[0], display.dots[1]] = display.dots[2]
    assert_array_equal(found, reordered)
    assert display.dots[2].size == np.count_nonzero(reordered) > 4


def test_dots_shrink_where_there_is_no_room_and_the_note_says_when_they_overlap():
    few = CoclusterDisplay.from_labels(np.eye(5), [0] * 5, [0] * 5, values="dots")
    eye = sparse.eye_array(4000, format="csr")
    many = CoclusterDisplay.from_labels(eye, [0] * 4000, [0] * 4000, values="dots")
    assert few.im_.get_sizes()[0] > 20 * many.im_.get_sizes()[0]
    assert "times the shorter side" in many.ax_.get_xlabel()
    assert "times the shorter side" not in few.ax_.get_xlabel()


def test_too_many_dots_are_refused_and_pixels_named(monkeypatch, X):
    monkeypatch.setattr(picture, "MAX_DOTS", 19)
    for container in (np.asarray, sparse.csr_array):
        with pytest.raises(ValueError, match=r'up to 19 entries.*values="entries"'):
            CoclusterDisplay.from_labels(container(X), [0] * 5, [0] * 4, values="dots")
    monkeypatch.setattr(picture, "MAX_DOTS", 20)
    CoclusterDisplay.from_labels(X, [0] * 5, [0] * 4, values="dots")


def test_equal_values_need_no_colour_bar_and_missing_ones_a_key():
    ones = CoclusterDisplay.from_labels(np.eye(3), [0] * 3, [0] * 3, values="dots")
    assert ones.colorbar_ is None
    holes = np.array([[1.0, np.nan], [0.0, 2.0]])
    display = CoclusterDisplay.from_labels(holes, [0, 0], [0, 0], values="dots")
    display.figure_.canvas.draw()
    assert display.dots[2].size == 3
    assert display.ax_.get_legend() is not None
    assert display.colorbar_ is not None


@pytest.mark.parametrize(
    "X", [np.zeros((3, 2)), np.full((3, 2), np.nan), sparse.csr_array((3, 2)), [[-1, 2]] * 3]
)
@pytest.mark.parametrize("values", ["dots", "ranges"])
def test_degenerate_matrices_are_drawn(X, values):
    display = CoclusterDisplay.from_labels(X, [0, 1, 1], [0, 1], values=values)
    display.figure_.canvas.draw()


# --- before and after --------------------------------------------------------------------------


def test_before_and_after_have_the_same_colours_and_one_bar(X):
    est = BBAC(2, 2, random_state=0).fit(X)
    display = BeforeAfterDisplay.from_estimator(est, X)
    assert_array_equal(display.before.pixels, X)
    after = display.after
    assert_array_equal(after.pixels, X[np.ix_(after.row_order, after.column_order)])
    assert display.before.im_.norm is after.im_.norm
    assert display.before.im_.cmap == after.im_.cmap
    assert len(display.figure_.axes) == 3
    assert display.colorbar_ is not None
    assert after.colorbar_ is None
    assert not display.before.ax_.get_yticklabels()
    assert after.ax_.get_yticklabels()


def test_axes_of_two_figures_get_a_bar_each(X):
    axes = [plt.subplots()[1] for _ in range(2)]
    display = BeforeAfterDisplay.from_labels(X, [0, 1, 0, 1, 0], [0, 1, 0, 1], axes=axes)
    assert display.colorbar_ is None
    assert display.before.colorbar_ is not None
    assert display.after.colorbar_ is not None
    assert display.axes_.tolist() == axes


def test_options_go_to_both_but_the_frame_of_clusters(X):
    display = BeforeAfterDisplay.from_labels(
        sparse.csr_array(X),
        [0, 1, 0, 1, 0],
        [0, 1, 0, 1],
        values="dots",
        norm="log",
        row_annotations=list("abcab"),
    )
    assert type(display.before.im_.norm).__name__ == "LogNorm"
    for one in (display.before, display.after):
        assert len(one.row_strips_) == 1
        assert one.dots is not None
    codes = display.after.row_strips_[0].images[0].get_array().ravel()
    assert_array_equal(codes, np.array([0, 1, 2, 0, 1])[display.after.row_order])


def test_blocks_have_no_before(X):
    with pytest.raises(ValueError, match="'entries' or 'dots'"):
        BeforeAfterDisplay.from_labels(X, [0] * 5, [0] * 4, values="means")


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (ROWS[:3], r"row_memberships must have shape \(5, n_clusters\)"),
        ([0, 1, 0, 1, 1], "row_memberships must have shape"),
        (ROWS * 2, "booleans, or 0 and 1"),
        (np.full((5, 2), "a"), "booleans, or 0 and 1"),
    ],
)
def test_memberships_that_do_not_fit_are_refused(X, rows, message):
    with pytest.raises(ValueError, match=message):
        CoclusterDisplay.from_memberships(X, rows, COLUMNS)


def test_unknown_choices_are_refused(X):
    est = BBAC(2, 2, random_state=0).fit(X)
    with pytest.raises(ValueError, match="closest, repeat"):
        CoclusterDisplay.from_estimator(est, X, overlap="all")
    with pytest.raises(ValueError, match="entries, means, ranges, dots"):
        CoclusterDisplay.from_estimator(est, X, values="points")
    with pytest.raises(ValueError, match="row_labels_"):
        CoclusterDisplay.from_estimator(est, X[:3])
