"""BBAC over what X can come in: frames, labelled arrays, memmaps, sparse, and labels put back."""

import contextlib
import io

import numpy as np
import pytest
import reference
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skcocluster import BBAC

ENGINES = ("numpy", "numba")


@pytest.fixture
def X():
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(np.arange(18) % 3), rng.permutation(np.arange(12) % 2)
    levels = np.array([[10, 60], [40, 20], [25, 45]])
    return levels[rows][:, columns] + rng.integers(-2, 3, (18, 12)) + 0.0


@pytest.fixture
def plain(X):
    return BBAC(3, 2, random_state=0).fit(X)


def assert_same(model, plain):
    assert_array_equal(model.row_labels_, plain.row_labels_)
    assert_array_equal(model.column_labels_, plain.column_labels_)
    assert_allclose(model.objective_, plain.objective_, rtol=1e-9)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8", "Float64", "Int16"])
def test_pandas_frame_of_any_dtype_equals_its_array(X, plain, dtype):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=[f"c{j}" for j in range(12)]).astype(dtype)
    model = BBAC(3, 2, random_state=0).fit(frame)
    assert_same(model, plain)
    assert list(model.feature_names_in_) == list(frame.columns)
    assert_array_equal(model.predict(frame), plain.predict(X))


def test_pandas_missing_values_are_missing(X):
    pd = pytest.importorskip("pandas")
    hidden = X.copy()
    hidden[2, 3] = hidden[7, 1] = np.nan
    expected = BBAC(3, 2, random_state=0).fit(hidden)
    for dtype in ("float64", "Float64", "Int64"):
        frame = pd.DataFrame(hidden).astype(dtype)
        assert_same(BBAC(3, 2, random_state=0).fit(frame), expected)


def test_pandas_sparse_frame_equals_its_array(X, plain):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame.sparse.from_spmatrix(sparse.csr_array(X))
    assert_same(BBAC(3, 2, random_state=0).fit(frame), plain)


def test_labels_of_pandas_frame_are_series_on_its_index(X, plain):
    pd = pytest.importorskip("pandas")
    index = pd.MultiIndex.from_product([["a", "b"], range(9)], names=["site", "year"])
    columns = pd.date_range("2001-01-01", periods=12)
    model = BBAC(3, 2, random_state=0)
    model.fit(pd.DataFrame(X, index=index, columns=columns))
    rows, cols = model.get_row_labels(), model.get_column_labels()
    pd.testing.assert_index_equal(rows.index, index)
    pd.testing.assert_index_equal(cols.index, columns)
    assert_array_equal(rows.to_numpy(), model.row_labels_)
    assert_array_equal(cols.to_numpy(), model.column_labels_)


def test_labels_of_plain_array_are_plain_arrays(plain):
    assert type(plain.get_row_labels()) is np.ndarray
    assert type(plain.get_column_labels()) is np.ndarray


def test_duplicated_index_entries_are_kept(X):
    pd = pytest.importorskip("pandas")
    model = BBAC(3, 2, random_state=0).fit(pd.DataFrame(X, index=["x"] * 18))
    assert list(model.get_row_labels().index) == ["x"] * 18


def test_polars_frame_equals_its_array(X, plain):
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame(X, schema=[f"c{j}" for j in range(12)])
    model = BBAC(3, 2, random_state=0).fit(frame)
    assert_same(model, plain)
    assert list(model.feature_names_in_) == frame.columns
    part = model.get_submatrix(0, frame)
    assert isinstance(part, pl.DataFrame)
    assert part.columns == [frame.columns[j] for j in model.get_indices(0)[1]]
    assert_array_equal(part.to_numpy(), plain.get_submatrix(0, X))


def test_polars_null_is_missing(X):
    pl = pytest.importorskip("polars")
    hidden = X.copy()
    hidden[2, 3] = np.nan
    expected = BBAC(3, 2, random_state=0).fit(hidden)
    frame = pl.DataFrame(X, schema=[f"c{j}" for j in range(12)])
    column = frame["c3"].to_list()
    column[2] = None
    frame = frame.with_columns(pl.Series("c3", column))
    assert_same(BBAC(3, 2, random_state=0).fit(frame), expected)


def test_xarray_labels_come_back_on_its_coordinates(X, plain):
    xr = pytest.importorskip("xarray")
    array = xr.DataArray(
        X,
        dims=("space", "time"),
        coords={"space": [f"s{i}" for i in range(18)], "time": np.arange(2001, 2013)},
    )
    model = BBAC(3, 2, random_state=0).fit(array)
    assert_same(model, plain)
    rows, columns = model.get_row_labels(), model.get_column_labels()
    assert rows.dims == ("space",)
    assert columns.dims == ("time",)
    assert_array_equal(rows["space"], array["space"])
    assert_array_equal(columns["time"], array["time"])
    assert_array_equal(rows.values, plain.row_labels_)
    part = model.get_submatrix(1, array)
    assert isinstance(part, xr.DataArray)
    assert_array_equal(part.values, plain.get_submatrix(1, X))
    assert_array_equal(part["time"], array["time"][model.get_indices(1)[1]])


def test_xarray_without_coordinates_and_with_scalar_ones_is_taken(X, plain):
    xr = pytest.importorskip("xarray")
    bare = xr.DataArray(X, dims=("y", "x"))
    assert_same(BBAC(3, 2, random_state=0).fit(bare), plain)
    scalar = bare.assign_coords(level=850.0)
    model = BBAC(3, 2, random_state=0).fit(scalar)
    assert model.get_row_labels().dims == ("y",)


def test_refit_on_an_array_forgets_the_index(X, plain):
    pd = pytest.importorskip("pandas")
    model = BBAC(3, 2, random_state=0).fit(pd.DataFrame(X, index=list("abcdefghijklmnopqr")))
    model.fit(X)
    assert type(model.get_row_labels()) is np.ndarray


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", ["C", "F"])
def test_read_only_memmap_equals_the_array(tmp_path, X, plain, engine, order):
    np.save(tmp_path / "X.npy", np.asarray(X, order=order))
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    model = BBAC(3, 2, engine=engine, random_state=0).fit(mapped)
    assert_same(model, plain)
    assert_array_equal(model.predict(mapped), plain.predict(X))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.longdouble, bool])
def test_other_number_types_are_taken(X, engine, dtype):
    given = (X > 30) if dtype is bool else X
    expected = BBAC(3, 2, engine=engine, random_state=0).fit(given.astype(float))
    assert_same(BBAC(3, 2, engine=engine, random_state=0).fit(given.astype(dtype)), expected)


@pytest.mark.compiled
@pytest.mark.parametrize("engine", ENGINES)
def test_float32_sums_are_float64(engine):
    # 2^24 + 1 is where float32 sums of ones stop growing.
    X = np.ones((4200, 4096), dtype=np.float32)
    X[::2] = 3
    model = BBAC(2, 1, init=([0, 1] * 2100, [0] * 4096), refine=None, engine=engine).fit(X)
    assert_allclose(model.block_means_, [[3.0], [1.0]], rtol=1e-12)
    assert_allclose(model.objective_, 0, atol=1e-6)
    assert model.block_means_.dtype == np.float64


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence", "logistic"])
@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, sparse.coo_array])
def test_sparse_of_mostly_zeros_equals_dense(engine, divergence, kind):
    rng = np.random.default_rng(1)
    X = rng.integers(1, 9, (40, 30)) / 16.0 * (rng.random((40, 30)) < 0.15)
    start = (reference.balanced_labels(40, 4, 0), reference.balanced_labels(30, 3, 1))
    options = {"divergence": divergence, "init": start, "refine": None, "engine": engine}
    dense = BBAC(4, 3, **options).fit(X)
    stored = BBAC(4, 3, **options).fit(kind(X))
    assert_same(stored, dense)
    assert_allclose(stored.block_means_, dense.block_means_, rtol=1e-12)
    assert_allclose(stored.reconstruct(), dense.reconstruct(), rtol=1e-12)
    assert_allclose(stored.score(kind(X)), dense.score(X), rtol=1e-9)
    assert_allclose(stored.transform(kind(X)), dense.transform(X), rtol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_duplicated_sparse_entries_are_summed(X, plain, engine):
    rows, columns = np.indices(X.shape)
    twice = [np.tile(part.ravel(), 2) for part in (rows, columns)]
    half = np.tile(X.ravel() / 2, 2)
    coo = sparse.coo_array((half, twice), shape=X.shape)
    assert_same(BBAC(3, 2, engine=engine, random_state=0).fit(coo), plain)
    indptr = np.arange(0, 2 * X.size + 1, 2 * X.shape[1])
    indices = np.tile(np.repeat(np.arange(X.shape[1]), 2), X.shape[0])
    raw = sparse.csr_array((np.repeat(X.ravel() / 2, 2), indices, indptr), shape=X.shape)
    assert_same(BBAC(3, 2, engine=engine, random_state=0).fit(raw), plain)
    assert raw.nnz == 2 * X.size, "the caller's matrix was changed"


@pytest.mark.parametrize("engine", ENGINES)
def test_explicitly_stored_zeros_are_zeros(engine):
    X = sparse.random_array((20, 15), density=0.4, rng=np.random.default_rng(0), format="csr")
    X.data[::3] = 0
    options = {"divergence": "i_divergence", "engine": engine, "random_state": 0}
    assert_same(BBAC(3, 2, **options).fit(X), BBAC(3, 2, **options).fit(X.toarray()))


@pytest.mark.parametrize("verbose", [1, 2, True])
@pytest.mark.parametrize("engine", ENGINES)
def test_verbose_says_something_and_changes_nothing(X, plain, engine, verbose):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        model = BBAC(3, 2, engine=engine, random_state=0, n_init=2, verbose=verbose).fit(X)
    assert said.getvalue().strip()
    assert model.objective_ <= plain.objective_ * (1 + 1e-9)


def test_quiet_fit_says_nothing(X, capsys):
    BBAC(3, 2, random_state=0, n_init=2).fit(X)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


class Watcher:
    """A callback that counts the tasks of a fit."""

    def __init__(self):
        self.begun = self.ended = self.set_up = self.torn_down = 0

    def setup(self, estimator, context):
        self.set_up += 1

    def teardown(self, estimator, context):
        self.torn_down += 1

    def on_fit_task_begin(self, estimator, context, **what):
        self.begun += 1

    def on_fit_task_end(self, estimator, context, **what):
        self.ended += 1
        return False


@pytest.mark.parametrize("n_jobs", [None, 2])
def test_scikit_learn_callbacks_watch_every_restart(X, n_jobs):
    pytest.importorskip("sklearn.callback")
    options = {"random_state": 0, "n_init": 3, "n_jobs": n_jobs}
    watcher = Watcher()
    model = BBAC(3, 2, **options).set_callbacks(watcher).fit(X)
    assert watcher.set_up == watcher.torn_down == 1
    assert watcher.begun == watcher.ended
    assert watcher.begun >= 4, "the fit and each of three restarts are tasks"
    assert_same(model, BBAC(3, 2, **options).fit(X))


def test_callback_that_raises_leaves_nothing_published(X):
    pytest.importorskip("sklearn.callback")

    class Stopper(Watcher):
        def on_fit_task_end(self, estimator, context, **what):
            raise KeyboardInterrupt

    stopper = Stopper()
    model = BBAC(3, 2, random_state=0).set_callbacks(stopper)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X)
    assert not [name for name in vars(model) if name.endswith("_")]
    assert stopper.torn_down == 1
