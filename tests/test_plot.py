"""Displays show what they say: every pixel, block and label, from every container, at any size."""

import subprocess
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from reference import block_means, mean_of
from scipy import sparse
from sklearn.exceptions import NotFittedError

from skcocluster import BBAC
from skcocluster.plot import CoclusterDisplay, ConvergenceDisplay, top_terms
from skcocluster.plot import _raster as raster

ROW_LABELS = np.array([1, 0, 1, 2, 0, 2])
COLUMN_LABELS = np.array([0, 1, 1, 0, 1])


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture
def X():
    return np.random.default_rng(3).integers(0, 50, (6, 5)).astype(float)


def fit(X, n_row_clusters=2, n_column_clusters=2, **options):
    return BBAC(n_row_clusters, n_column_clusters, random_state=0, **options).fit(X)


def as_pandas(X):
    return pytest.importorskip("pandas").DataFrame(X)


def as_polars(X):
    return pytest.importorskip("polars").DataFrame(X)


def as_xarray(X):
    return pytest.importorskip("xarray").DataArray(X, dims=("place", "year"))


def as_dask(X):
    return pytest.importorskip("dask.array").from_array(X, chunks=(4, 3))


def as_memmap(X, tmp_path):
    np.save(tmp_path / "X.npy", X)
    return np.load(tmp_path / "X.npy", mmap_mode="r")


CONTAINERS = {
    "ndarray": np.asarray,
    "fortran": np.asfortranarray,
    "list": np.ndarray.tolist,
    "csr_array": sparse.csr_array,
    "csc_matrix": sparse.csc_matrix,
    "coo_array": sparse.coo_array,
    "float32": lambda X: X.astype(np.float32),
    "int16": lambda X: X.astype(np.int16),
    "pandas": as_pandas,
    "polars": as_polars,
    "xarray": as_xarray,
    "dask": as_dask,
}


# --- what is shown -----------------------------------------------------------------------------


@pytest.mark.parametrize("container", CONTAINERS)
def test_pixels_are_the_entries_put_together_by_cluster(X, container):
    display = CoclusterDisplay.from_labels(CONTAINERS[container](X), ROW_LABELS, COLUMN_LABELS)
    assert_array_equal(display.pixels, X[np.ix_(display.row_order, display.column_order)])
    assert_array_equal(display.im_.get_array(), display.pixels)
    for labels, order, clusters in (
        (ROW_LABELS, display.row_order, display.row_clusters),
        (COLUMN_LABELS, display.column_order, display.column_clusters),
    ):
        assert_array_equal(labels[order], np.repeat(clusters, np.bincount(labels)[clusters]))


def test_a_read_only_memmap_is_drawn(X, tmp_path):
    display = CoclusterDisplay.from_labels(as_memmap(X, tmp_path), ROW_LABELS, COLUMN_LABELS)
    assert_array_equal(display.pixels, X[np.ix_(display.row_order, display.column_order)])


def test_rows_of_one_cluster_keep_their_order(X):
    display = CoclusterDisplay.from_labels(X, ROW_LABELS, COLUMN_LABELS, order="label")
    assert_array_equal(display.row_order, [1, 4, 0, 2, 3, 5])
    assert_array_equal(display.column_order, [0, 3, 1, 2, 4])


def test_block_means_are_those_of_plain_loops(X):
    X[0, 0] = X[3, 3] = np.nan
    X[5, [0, 3]] = X[3, 0] = np.nan
    display = CoclusterDisplay.from_labels(X, ROW_LABELS, COLUMN_LABELS, order="label")
    expected = block_means(X, ROW_LABELS, COLUMN_LABELS, 3, 2)
    assert np.isnan(expected).sum() == 1
    assert_allclose(display.block_means, expected, rtol=1e-14)


@given(
    X=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.integers(-8, 8).map(float) | st.just(np.nan) | st.just(0.0),
    ),
    n_groups=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 99),
)
def test_means_of_groups_are_those_of_plain_loops_dense_and_sparse(X, n_groups, seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, n_groups[0], X.shape[0])
    columns = rng.integers(0, n_groups[1], X.shape[1])
    expected = [
        [mean_of(list(X[np.ix_(rows == g, columns == h)].ravel())) for h in range(n_groups[1])]
        for g in range(n_groups[0])
    ]
    assert_allclose(raster.group_means(X, rows, columns, n_groups), expected, rtol=1e-14)
    as_csr = sparse.csr_array(X)
    assert_allclose(raster.group_means(as_csr, rows, columns, n_groups), expected, rtol=1e-14)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_tiles_of_rows_change_nothing(monkeypatch, container):
    X = container(np.random.default_rng(0).poisson(0.7, (50, 8)))
    rows, columns = np.arange(50) % 3, np.arange(8) % 2
    expected = raster.group_sums(X, rows, columns, (3, 2))
    monkeypatch.setattr(raster, "ENTRIES_PER_TILE", 20)
    assert_array_equal(raster.group_sums(X, rows, columns, (3, 2)), expected)


@pytest.mark.parametrize("container", [np.asarray, sparse.csr_array])
def test_pixels_of_a_large_matrix_are_means(container):
    X = np.random.default_rng(0).poisson(1.0, (37, 23)).astype(float)
    display = CoclusterDisplay.from_labels(
        container(X), np.zeros(37, int), np.zeros(23, int), max_pixels=10
    )
    pixel_of_row, pixel_of_column = np.arange(37) * 10 // 37, np.arange(23) * 10 // 23
    expected = [
        [X[np.ix_(pixel_of_row == a, pixel_of_column == b)].mean() for b in range(10)]
        for a in range(10)
    ]
    assert_allclose(display.pixels, expected, rtol=1e-14)
    assert "each pixel is the mean of up to 4 × 3" in display.ax_.get_xlabel()


def test_a_sparse_matrix_is_never_made_dense(monkeypatch):
    X = sparse.random_array((4000, 3000), density=1e-3, rng=np.random.default_rng(0), format="csr")

    def refuse(*_, **__):
        raise AssertionError("made dense")

    for cls in (sparse.csr_array, sparse.csc_array, sparse.coo_array):
        for method in ("toarray", "todense"):
            monkeypatch.setattr(cls, method, refuse)
    labels = np.arange(4000) % 7, np.arange(3000) % 5
    display = CoclusterDisplay.from_labels(X, *labels, max_pixels=100)
    assert display.pixels.shape == (100, 100)
    assert_allclose(display.pixels.mean(), X.sum() / (4000 * 3000), rtol=1e-12)


def test_what_is_in_no_cluster_has_its_own_band_at_the_end():
    X = np.array([[9.0, 1, 2], [np.nan] * 3, [1, 1, 5], [8, 1, 1]])
    for order in ("mean", "diagonal", "label"):
        display = CoclusterDisplay.from_labels(X, [0, -1, 1, 0], [-1, 0, 1], order=order)
        assert display.row_clusters[-1] == -1
        assert display.row_order[-1] == 1
        assert display.column_clusters[-1] == -1
        assert display.column_order[-1] == 0
        assert display.ax_.get_yticklabels()[-1].get_text() == "none  (1)"


def test_missing_entries_have_a_colour_that_no_value_has():
    X = np.array([[1.0, np.nan], [3.0, 4.0]])
    for values in (X, X - 2.5):
        display = CoclusterDisplay.from_labels(values, [0, 1], [0, 1])
        image = display.im_.to_rgba(display.im_.get_array())
        missing = image[np.isnan(display.pixels)][0]
        assert np.ptp(missing[:3]) == 0
        colors = display.im_.cmap(np.linspace(0, 1, 256))
        assert np.abs(colors - missing).max(axis=1).min() > 0.05
        assert display.ax_.get_legend() is not None
    complete = CoclusterDisplay.from_labels(np.eye(2), [0, 1], [0, 1])
    assert complete.ax_.get_legend() is None


# --- order of clusters -------------------------------------------------------------------------


def test_clusters_stand_by_falling_mean():
    X = np.array([[1.0, 2], [9, 8], [4, 5]])
    display = CoclusterDisplay.from_labels(X, [0, 1, 2], [0, 0])
    assert_array_equal(display.row_clusters, [1, 2, 0])
    assert_array_equal(np.diff(display.block_means[:, 0]) < 0, True)


def test_diagonal_order_puts_each_column_cluster_by_its_row_cluster():
    rng = np.random.default_rng(0)
    permutation = rng.permutation(6)
    rows, columns = np.arange(120) % 6, np.arange(60) % 6
    X = rng.poisson(np.where(permutation[rows][:, None] == columns, 6.0, 0.3))
    display = CoclusterDisplay.from_labels(X, rows, columns, order="diagonal")
    assert_array_equal(permutation[display.row_clusters], display.column_clusters)


# --- drawing -----------------------------------------------------------------------------------


def test_it_draws_on_the_axes_that_it_is_given(X):
    figure, axes = plt.subplots(1, 2)
    display = CoclusterDisplay.from_labels(X, ROW_LABELS, COLUMN_LABELS, ax=axes[1], colorbar=False)
    assert display.ax_ is axes[1]
    assert display.figure_ is figure
    assert display.colorbar_ is None
    assert len(figure.axes) == 2
    assert not axes[0].images


def test_plot_draws_again_without_the_matrix(X):
    display = CoclusterDisplay.from_labels(X, ROW_LABELS, COLUMN_LABELS)
    first = display.ax_
    assert display.plot(values="means") is display
    assert display.ax_ is not first
    assert_array_equal(display.im_.get_array().reshape(3, 2), display.block_means)


def test_estimator_and_its_labels_give_the_same_picture(X):
    est = fit(X)
    by_estimator = CoclusterDisplay.from_estimator(est, X)
    by_labels = CoclusterDisplay.from_labels(X, est.row_labels_, est.column_labels_)
    assert_array_equal(by_estimator.pixels, by_labels.pixels)


def count_overlaps(display):
    display.figure_.canvas.draw()
    renderer = display.figure_.canvas.get_renderer()
    overlaps = 0
    for labels in (display.ax_.get_xticklabels(), display.ax_.get_yticklabels()):
        boxes = [label.get_window_extent(renderer) for label in labels]
        assert boxes
        overlaps += sum(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    return overlaps


@pytest.mark.parametrize("values", ["entries", "means"])
@pytest.mark.parametrize("n_clusters", [1, 2, 12, 40])
def test_cluster_labels_never_run_into_each_other(n_clusters, values):
    rng = np.random.default_rng(n_clusters)
    shares = rng.dirichlet(np.ones(n_clusters))
    rows, columns = rng.choice(n_clusters, 900, p=shares), rng.choice(n_clusters, 700, p=shares)
    display = CoclusterDisplay.from_labels(rng.random((900, 700)), rows, columns, values=values)
    assert count_overlaps(display) == 0


def test_blocks_of_one_size_leave_room_for_every_label():
    labels = np.repeat([0, 1, 2], [1, 1, 500])
    display = CoclusterDisplay.from_labels(
        np.ones((502, 502)), labels, labels, values="means", equal_blocks=True
    )
    assert len(display.ax_.get_yticklabels()) == 3
    assert count_overlaps(display) == 0
    assert len(display.ax_.texts) == 9


def test_block_values_are_written_where_they_fit(X):
    display = CoclusterDisplay.from_labels(X, ROW_LABELS, COLUMN_LABELS, values="means")
    texts = [text.get_text() for text in display.ax_.texts]
    assert texts == [f"{mean:.3g}" for mean in display.block_means.ravel()]
    assert not display.plot(values="means", annotate=False).ax_.texts


def test_values_on_both_sides_of_zero_get_a_symmetric_diverging_scale():
    display = CoclusterDisplay.from_labels([[-1.0, 3.0], [0.5, 2.0]], [0, 1], [0, 1])
    assert (display.im_.norm.vmin, display.im_.norm.vmax) == (-3.0, 3.0)
    assert display.im_.cmap.name == "RdBu_r"


def test_one_outlier_does_not_take_all_the_contrast():
    X = np.random.default_rng(0).uniform(1, 2, (50, 50))
    X[0, 0] = 1e6
    display = CoclusterDisplay.from_labels(X, [0] * 50, [0] * 50)
    assert display.im_.norm.vmax < 3
    assert display.colorbar_.extend in ("max", "both")
    assert display.plot(robust=False).im_.norm.vmax == 1e6
    few = CoclusterDisplay.from_labels(X[:5, :5], [0] * 5, [0] * 5)
    assert few.im_.norm.vmax == 1e6


def test_counts_that_are_mostly_zero_are_drawn_on_a_light_map():
    X = sparse.random_array((80, 80), density=0.03, rng=np.random.default_rng(0))
    display = CoclusterDisplay.from_labels(X, [0] * 80, [0] * 80)
    assert display.im_.cmap.name == "Blues"
    assert display.plot(cmap="magma").im_.cmap.name == "magma"


def test_log_scale_spans_the_positive_values():
    X = np.array([[0.0, 0.01], [10.0, 1000.0]])
    norm = CoclusterDisplay.from_labels(X, [0, 1], [0, 1], norm="log").im_.norm
    assert (norm.vmin, norm.vmax) == (0.01, 1000.0)
    with pytest.raises(ValueError, match="above zero"):
        CoclusterDisplay.from_labels(np.zeros((2, 2)), [0, 1], [0, 1], norm="log")


def test_a_norm_of_ones_own_is_kept(X):
    display = CoclusterDisplay.from_labels(X, ROW_LABELS, COLUMN_LABELS)
    again = CoclusterDisplay.from_labels(X, [0] * 6, [0] * 5, norm=display.im_.norm)
    assert again.im_.norm is display.im_.norm
    symlog = display.plot(norm="symlog").im_.norm
    assert (symlog.vmin, symlog.vmax) == (X.min(), X.max())


@pytest.mark.parametrize(
    "X",
    [
        np.full((3, 2), np.nan),
        np.zeros((3, 2)),
        np.full((3, 2), 7.0),
        np.full((3, 2), -7.0),
        np.ones((3, 2), dtype=bool),
        np.array([[np.inf, 1], [2, 3], [4, 5]]),
        sparse.csr_array((3, 2)),
    ],
    ids=["missing", "zeros", "sevens", "negative", "bool", "infinite", "empty sparse"],
)
@pytest.mark.parametrize("values", ["entries", "means"])
def test_degenerate_matrices_are_drawn(X, values):
    display = CoclusterDisplay.from_labels(X, [0, 1, 1], [0, 1], values=values)
    display.figure_.canvas.draw()


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1)])
def test_one_row_or_one_column_is_drawn(shape):
    labels = [np.zeros(n, int) for n in shape]
    CoclusterDisplay.from_labels(np.arange(9.0)[: shape[0] * shape[1]].reshape(shape), *labels)


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"row_labels": [0, 1]}, "row_labels"),
        ({"column_labels": [0.5] * 5}, "integers"),
        ({"row_labels": [-2] * 6}, "-2"),
        ({"X": np.ones(5)}, "two dimensions"),
        ({"X": np.ones((6, 5), dtype=complex)}, "real"),
        ({"X": np.full((6, 5), "a")}, "real"),
        ({"order": "size"}, "order"),
        ({"values": "sums"}, "values"),
        ({"norm": "cubic"}, "norm"),
        ({"max_pixels": 0}, "max_pixels"),
        ({"equal_blocks": True}, "means"),
    ],
)
def test_bad_input_gets_a_clear_error(X, options, message):
    arguments = {"X": X, "row_labels": ROW_LABELS, "column_labels": COLUMN_LABELS, **options}
    with pytest.raises(ValueError, match=message):
        CoclusterDisplay.from_labels(**arguments)


def test_unfitted_estimators_are_refused(X):
    with pytest.raises(NotFittedError):
        CoclusterDisplay.from_estimator(BBAC(), X)
    with pytest.raises(NotFittedError):
        ConvergenceDisplay.from_estimator(BBAC())
    with pytest.raises(NotFittedError):
        top_terms(BBAC(), X)


def test_without_matplotlib_the_extra_is_named(X, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"skcocluster\[plot\]"):
        CoclusterDisplay.from_labels(X, ROW_LABELS, COLUMN_LABELS)


def test_importing_the_applications_loads_no_optional_library():
    # scikit-learn itself imports pandas where it is installed: that is not ours.
    code = (
        "import sys, sklearn.base\n"
        "before = set(sys.modules)\n"
        "import skcocluster.plot, skcocluster.io, skcocluster.cli, skcocluster._report\n"
        "names = {'matplotlib', 'pandas', 'xarray', 'polars', 'dask', 'zarr', 'netCDF4'}\n"
        "print(sorted(names & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- convergence -------------------------------------------------------------------------------


def test_convergence_shows_the_trace_by_iteration(X):
    est = fit(X)
    display = ConvergenceDisplay.from_estimator(est)
    assert_array_equal(display.line_.get_ydata(), est.objective_trace_)
    assert_array_equal(display.line_.get_xdata(), np.arange(1, est.n_iter_ + 1))
    assert display.line_.get_label() == "BBAC"
    assert "converged" in display.ax_.texts[0].get_text()


@pytest.mark.parametrize("n_iter", [1, 2, 300])
def test_convergence_ticks_are_whole_iterations(n_iter):
    display = ConvergenceDisplay(np.linspace(2, 1, n_iter)).plot()
    display.figure_.canvas.draw()
    ticks = display.ax_.get_xticks()
    assert_array_equal(ticks, np.round(ticks))


def test_two_convergences_share_axes():
    first = ConvergenceDisplay([3.0, 2.0], estimator_name="a").plot()
    second = ConvergenceDisplay([3.0, 1.0], estimator_name="b").plot(ax=first.ax_, color="red")
    assert second.ax_ is first.ax_
    assert second.line_.get_color() == "red"


@pytest.mark.parametrize("trace", [[], [[1.0, 2.0]]])
def test_an_empty_trace_is_refused(trace):
    with pytest.raises(ValueError, match="objective_trace"):
        ConvergenceDisplay(trace).plot()


# --- terms -------------------------------------------------------------------------------------


TERMS = np.array(["goal", "match", "vote", "party", "the", "rare"])
COUNTS = np.array(
    [[5, 4, 0, 0, 9, 0], [4, 6, 1, 0, 9, 1], [0, 0, 7, 5, 9, 0], [1, 0, 5, 6, 9, 0]], dtype=float
)


@pytest.fixture
def documents():
    labels = (np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1, 1, 0]))
    return fit(COUNTS, init=labels, refine=None)


def test_terms_that_set_documents_apart_come_first_and_common_ones_not_at_all(documents):
    assert top_terms(documents, COUNTS, TERMS, 3) == [["match", "goal", "rare"], ["party", "vote"]]
    assert top_terms(documents, COUNTS, TERMS, n_terms=1) == [["match"], ["party"]]


@pytest.mark.parametrize("container", [sparse.csr_array, sparse.csc_matrix, as_pandas, as_dask])
def test_terms_do_not_depend_on_the_container(documents, container):
    expected = top_terms(documents, COUNTS, TERMS)
    assert top_terms(documents, container(COUNTS), TERMS) == expected


def test_scores_are_the_excess_of_the_log_likelihood_ratio():
    from skcocluster.plot._terms import score_columns

    labels = np.array([0, 0, 1, -1])
    observed = np.array([COUNTS[:2].sum(0), COUNTS[2], COUNTS[3]])
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = observed * np.log(observed / expected) - observed + expected
    scores[observed <= expected] = -np.inf
    assert_allclose(score_columns(COUNTS, labels, 2), scores[:2], rtol=1e-12)


def test_matrices_with_negative_or_missing_entries_are_scored_by_means():
    from skcocluster.plot._terms import score_columns

    X = np.array([[1.0, -2, 0], [3, np.nan, 0], [-1, 4, 0], [-3, 2, 0]])
    scores = score_columns(X, np.array([0, 0, 1, 1]), 2)
    first = np.sqrt(2) * 2 / np.std(X[:, 0])
    second = np.sqrt(2) * (3 - 4 / 3) / np.nanstd(X[:, 1])
    assert_allclose(scores, [[first, -np.inf, -np.inf], [-np.inf, second, -np.inf]], rtol=1e-12)


def test_names_of_terms_come_from_the_estimator_or_are_numbered(documents):
    pandas = pytest.importorskip("pandas")
    named = fit(pandas.DataFrame(COUNTS, columns=TERMS), n_row_clusters=1, n_column_clusters=1)
    named.row_labels_ = documents.row_labels_
    assert top_terms(named, COUNTS, n_terms=1) == [["match"], ["party"]]
    assert top_terms(documents, COUNTS, n_terms=1) == [["x1"], ["x3"]]


def test_an_empty_cluster_has_no_terms(documents):
    documents.row_labels_ = np.array([0, 0, 2, 2], dtype=np.int32)
    assert top_terms(documents, COUNTS, TERMS, 1) == [["match"], [], ["party"]]


def test_a_matrix_of_zeros_has_no_terms(documents):
    assert top_terms(documents, np.zeros_like(COUNTS), TERMS) == [[], []]


def test_terms_that_do_not_fit_are_refused(documents):
    with pytest.raises(ValueError, match="feature_names"):
        top_terms(documents, COUNTS, TERMS[:3])
    with pytest.raises(ValueError, match="n_terms"):
        top_terms(documents, COUNTS, TERMS, 0)
    with pytest.raises(ValueError, match="row_labels_"):
        top_terms(documents, COUNTS[:2], TERMS)
