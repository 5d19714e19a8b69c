"""Results come back bit by bit from every format; matrices are read, or refused with a reason."""

import dataclasses
import json
import os
import pickle
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_array_equal
from scipy import sparse
from scipy.io import mmwrite
from sklearn.exceptions import NotFittedError

from skcocluster import BBAC
from skcocluster._shared.atomic import fill_folder, replace_on_success
from skcocluster.io import CoclusterResults, load_results, read_matrix, save_results
from skcocluster.io._values import ObjectDescription, decode, encode

FORMATS = ("json", "nc", "zarr")
X = np.array([[5.0, 5.1, 1.0], [5.2, 5.0, 1.1], [2.0, 2.2, 2.1], [2.0, 2.0, 2.3]])


@pytest.fixture(params=FORMATS)
def path(request, tmp_path):
    if request.param != "json":
        pytest.importorskip("xarray")
        pytest.importorskip({"nc": "netCDF4", "zarr": "zarr"}[request.param])
    return tmp_path / f"results.{request.param}"


def fit(X=X, **options):
    return BBAC(n_row_clusters=2, **{"random_state": 0, **options}).fit(X)


def make_results(**changes):
    results = CoclusterResults(
        algorithm="BBAC",
        parameters={"n_row_clusters": 2, "tol": 1e-7, "random_state": None},
        row_labels=np.array([0, -1, 1], dtype=np.int32),
        column_labels=np.array([1, 0], dtype=np.int32),
        objective=0.1 + 0.2,
        objective_trace=np.array([1 / 3, 0.1 + 0.2]),
        n_iter=2,
        converged=True,
        explained_divergence_ratio=2 / 3,
        block_means=np.array([[1e-300, -0.0], [np.nan, np.inf]]),
        versions={"python": "3"},
        created="2024-01-01T00:00:00+00:00",
    )
    return dataclasses.replace(results, **changes)


def assert_identical(a, b):
    """Equal in type and to the last bit, inside containers too."""
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        assert a.shape == b.shape
        if a.dtype == object:
            for x, y in zip(a.ravel(), b.ravel(), strict=True):
                assert_identical(x, y)
        else:
            assert a.tobytes() == b.tobytes()
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            assert_identical(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            assert_identical(x, y)
    else:
        assert a == b or (a != a and b != b)


def assert_same_results(a, b):
    for f in dataclasses.fields(CoclusterResults):
        assert_identical(getattr(a, f.name), getattr(b, f.name))


# --- results -----------------------------------------------------------------------------------


def test_results_of_an_estimator_come_back(path):
    est = fit()
    save_results(est, path, metadata={"source": "by hand"})
    results = load_results(path)
    assert results.algorithm == "BBAC"
    assert results.parameters == est.get_params(deep=False)
    assert results.seed == 0
    for name in ("row_labels", "column_labels", "objective_trace", "block_means"):
        assert_identical(getattr(results, name), getattr(est, f"{name}_"))
    assert results.objective == est.objective_
    assert results.explained_divergence_ratio == est.explained_divergence_ratio_
    assert (results.n_iter, results.converged) == (est.n_iter_, est.converged_)
    assert {"python", "skcocluster", "scikit-learn", "numpy", "scipy", "numba"} == set(
        results.versions
    )
    assert results.metadata == {"source": "by hand"}
    assert results.row_names is None


NAMES = {
    "none": None,
    "text": np.array(["ä", "", "z " * 50], dtype=object),
    "fixed text": np.array(["ä", "b", "ccc"]),
    "int16": np.array([1980, 1981, -3], dtype=np.int16),
    "float32": np.array([0.1, 0.2, 0.3], dtype=np.float32),
    "bool": np.array([True, False, True]),
    "days": np.array(["2001-01-01", "2001-01-02", "1969-07-20"], dtype="M8[D]"),
    "nanoseconds": np.array(["2001-01-01T00:00:00.000000001", "2001", "1969"], dtype="M8[ns]"),
    "durations": np.array([1, -2, 3], dtype="m8[ms]"),
    "mixed": np.array(["a", 1, 2.5], dtype=object),
}
NAMES["tuples"] = np.empty(3, dtype=object)
NAMES["tuples"][:] = [("a", 1), ("a", 2), ("b", 1)]


@pytest.mark.parametrize("names", NAMES)
def test_names_come_back_with_their_dtype(path, names):
    results = make_results(row_names=NAMES[names])
    save_results(results, path)
    assert_same_results(load_results(path), results)


def test_a_second_format_holds_the_same(path, tmp_path):
    save_results(make_results(), tmp_path / "first.json")
    first = load_results(tmp_path / "first.json")
    save_results(first, path)
    save_results(first, path)
    assert_same_results(load_results(path), first)


def test_names_are_those_of_the_input(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, index=list("äbcd"), columns=["x", "y", "z"])
    save_results(fit(frame), tmp_path / "r.json")
    results = load_results(tmp_path / "r.json")
    assert results.row_names.tolist() == list("äbcd")
    assert results.column_names.tolist() == ["x", "y", "z"]
    save_results(fit(frame), tmp_path / "r.json", row_names=[1, 2, 3, 4])
    assert load_results(tmp_path / "r.json").row_names.tolist() == [1, 2, 3, 4]


def test_coordinates_of_a_dataarray_are_names(tmp_path):
    xarray = pytest.importorskip("xarray")
    years = np.arange(1980, 1983)
    array = xarray.DataArray(X, dims=("place", "year"), coords={"year": years})
    save_results(fit(array), tmp_path / "r.json")
    results = load_results(tmp_path / "r.json")
    assert_array_equal(results.column_names, years)
    assert results.row_names is None


class Divergence:
    """Squared Euclidean, of one's own."""

    name = "own"
    domain = (-np.inf, np.inf, False, False)

    def generator(self, x):
        return x**2

    def slope(self, mu):
        return 2 * mu

    def offset(self, mu):
        return mu**2


def test_objects_among_the_parameters_are_described_and_not_stored(path):
    labels = (np.array([0, 0, 1, 1]), np.array([0, 0, 1]))
    generator = np.random.RandomState(3)
    est = fit(divergence=Divergence(), init=labels, random_state=generator)
    save_results(est, path)
    parameters = load_results(path).parameters
    assert_identical(parameters["init"], labels)
    assert isinstance(parameters["divergence"], ObjectDescription)
    assert parameters["divergence"].name.endswith(".Divergence")
    assert " at 0x" not in parameters["divergence"].text
    assert parameters["random_state"].name.endswith("RandomState")


def test_json_is_strict_and_readable(tmp_path):
    save_results(make_results(objective=np.nan), tmp_path / "r.json")
    text = (tmp_path / "r.json").read_bytes().decode("utf-8")

    def refuse(name):
        raise AssertionError(name)

    document = json.loads(text, parse_constant=refuse)
    assert document["format"] == "skcocluster-results"
    assert document["format_version"] == 1
    assert np.isnan(load_results(tmp_path / "r.json").objective)
    assert len(text.splitlines()) == len(document) + 2


def test_fields_that_this_version_does_not_know_are_passed_over(tmp_path):
    save_results(make_results(), tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_text("utf-8"))
    (tmp_path / "r.json").write_text(json.dumps({**document, "later": 1}), "utf-8")
    assert_same_results(load_results(tmp_path / "r.json"), make_results())


def test_an_unfitted_estimator_is_refused_and_nothing_written(path):
    with pytest.raises(NotFittedError):
        save_results(BBAC(), path)
    assert not path.exists()


@pytest.mark.parametrize("name", ["results.txt", "results", "results.json.bak", "results.pkl"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.json, \.nc or \.zarr"):
        save_results(fit(), tmp_path / name)
    with pytest.raises(ValueError, match=r"\.json, \.nc or \.zarr"):
        load_results(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_names_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(ValueError, match="row_names must name the 4 rows"):
        save_results(fit(), tmp_path / "r.json", row_names=["a"])
    with pytest.raises(ValueError, match="their own"):
        save_results(make_results(), tmp_path / "r.json", metadata={"a": 1})


def test_a_file_that_is_not_there_is_said_to_be_missing(path):
    with pytest.raises(FileNotFoundError, match="results"):
        load_results(path)
    with pytest.raises(FileNotFoundError, match="folder"):
        save_results(make_results(), path.parent / "no such folder" / path.name)


BAD_DOCUMENTS = {
    "empty": b"",
    "cut off": b'{"format": "skcocluster-results", "format_ver',
    "a list": b"[1, 2]",
    "no mark": b'{"format_version": 1}',
    "later version": b'{"format": "skcocluster-results", "format_version": 2}',
    "no version": b'{"format": "skcocluster-results"}',
    "no labels": b'{"format": "skcocluster-results", "format_version": 1, "algorithm": "BBAC"}',
    "bare nan": b'{"format": "skcocluster-results", "format_version": 1, "objective": NaN}',
    "odd type": b'{"format": "skcocluster-results", "format_version": 1, '
    b'"objective": {"$type": "code"}}',
    "not UTF-8": b'{"format": "\xff"}',
}


@pytest.mark.parametrize("document", BAD_DOCUMENTS)
def test_files_that_do_not_hold_results_are_refused(tmp_path, document):
    (tmp_path / "r.json").write_bytes(BAD_DOCUMENTS[document])
    with pytest.raises(ValueError, match=r"r\.json does not hold results of skcocluster"):
        load_results(tmp_path / "r.json")


def test_netcdf_and_zarr_of_something_else_are_refused(tmp_path):
    xarray = pytest.importorskip("xarray")
    dataset = xarray.Dataset({"a": ("x", [1.0, 2.0])})
    dataset.to_netcdf(tmp_path / "a.nc")
    dataset.to_zarr(tmp_path / "a.zarr", consolidated=False)
    (tmp_path / "b.nc").write_bytes(b"not netCDF")
    (tmp_path / "b.zarr").mkdir()
    for name in ("a.nc", "a.zarr", "b.nc", "b.zarr"):
        with pytest.raises(ValueError, match="does not hold results of skcocluster"):
            load_results(tmp_path / name)


def test_a_folder_that_is_no_zarr_store_is_left_alone(tmp_path):
    pytest.importorskip("zarr")
    folder = tmp_path / "holiday.zarr"
    folder.mkdir()
    (folder / "photo.jpg").write_bytes(b"...")
    with pytest.raises(FileExistsError, match="left alone"):
        save_results(make_results(), folder)
    assert [file.name for file in folder.iterdir()] == ["photo.jpg"]


def test_without_xarray_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    for name in ("r.nc", "r.zarr"):
        with pytest.raises(ImportError, match=r"skcocluster\[io\]"):
            save_results(make_results(), tmp_path / name)


# --- values ------------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
ARRAYS = hnp.arrays(
    st.sampled_from("?,i1,i4,u8,f2,f4,f8,U3,M8[us],m8[s]".split(",")).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)
VALUES = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers() | st.just("$type"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_values_survive_json(value):
    text = json.dumps(encode(value), allow_nan=False)
    found = decode(json.loads(text))
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        # A nan comes back as a nan; which of its bits were set is not a value.
        value = np.where(np.isnan(value), np.nan, value).astype(value.dtype)
    assert_identical_but_nan_bits(found, value)


def assert_identical_but_nan_bits(a, b):
    if isinstance(b, np.ndarray) and b.dtype.kind == "f":
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert_array_equal(a, b)
        assert_array_equal(np.signbit(a[~np.isnan(a)]), np.signbit(b[~np.isnan(b)]))
    elif isinstance(b, dict):
        assert list(a) == list(b)
        for key in b:
            assert_identical_but_nan_bits(a[key], b[key])
    elif isinstance(b, list | tuple):
        assert (type(a), len(a)) == (type(b), len(b))
        for x, y in zip(a, b, strict=True):
            assert_identical_but_nan_bits(x, y)
    else:
        assert_identical(a, b)


def test_numpy_scalars_become_python_ones_of_the_same_value():
    assert_identical(decode(encode(np.float32(0.1))), float(np.float32(0.1)))
    assert_identical(decode(encode(np.int64(3))), 3)
    assert_identical(decode(encode(np.bool_(True))), True)


# --- atomic files ------------------------------------------------------------------------------


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path, monkeypatch):
    save_results(make_results(), path)

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_results(make_results(objective=9.0), path)
    monkeypatch.undo()
    assert load_results(path).objective == make_results().objective
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_interrupt_while_writing_leaves_nothing(tmp_path):
    def write_and_stop(context, inside):
        with context as temporary:
            inside(temporary)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_stop(replace_on_success(tmp_path / "a"), lambda file: file.write_text("half"))
    with pytest.raises(KeyboardInterrupt):
        write_and_stop(
            fill_folder(tmp_path / "b"), lambda folder: (folder / "c").write_text("half")
        )
    assert not list(tmp_path.iterdir())


def test_a_folder_is_filled_and_other_files_are_left_alone(tmp_path):
    (tmp_path / "kept").write_text("old")
    (tmp_path / "replaced").write_text("old")
    with fill_folder(tmp_path) as folder:
        (folder / "replaced").write_text("new")
        assert (tmp_path / "replaced").read_text() == "old"
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "kept": "old",
        "replaced": "new",
    }


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_files_get_the_permissions_that_any_new_file_gets(tmp_path):
    (tmp_path / "plain").write_text("")
    save_results(make_results(), tmp_path / "r.json")
    assert (tmp_path / "r.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


# --- matrices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "?"])
def test_npy_keeps_its_dtype(tmp_path, dtype):
    np.save(tmp_path / "X.npy", X.astype(dtype))
    found = read_matrix(tmp_path / "X.npy")
    assert found.dtype == dtype
    assert_array_equal(found, X.astype(dtype))


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
def test_sparse_npz_is_read_as_csr(tmp_path, kind):
    sparse.save_npz(tmp_path / "X.npz", kind(X))
    found = read_matrix(tmp_path / "X.npz")
    assert isinstance(found, sparse.csr_array)
    assert_array_equal(found.toarray(), X)


def test_npz_gives_its_one_matrix_or_the_named_one(tmp_path):
    np.savez(tmp_path / "one.npz", X=X, y=np.arange(4), names=np.array(["a", "b"]))
    assert_array_equal(read_matrix(tmp_path / "one.npz"), X)
    np.savez(tmp_path / "two.npz", X=X, other=2 * X)
    assert_array_equal(read_matrix(tmp_path / "two.npz", variable="other"), 2 * X)
    with pytest.raises(ValueError, match=r"there is: X \(4, 3\), other \(4, 3\)"):
        read_matrix(tmp_path / "two.npz")
    with pytest.raises(ValueError, match="no matrix of numbers named 'y'"):
        read_matrix(tmp_path / "one.npz", variable="y")


def test_matrix_market_is_read_sparse_or_dense(tmp_path):
    mmwrite(tmp_path / "s.mtx", sparse.coo_array(X))
    mmwrite(tmp_path / "d.mtx", X)
    assert isinstance(read_matrix(tmp_path / "s.mtx"), sparse.csr_array)
    assert_array_equal(read_matrix(tmp_path / "s.mtx").toarray(), X)
    assert_array_equal(read_matrix(tmp_path / "d.mtx"), X)


class Trap:
    def __reduce__(self):
        return (os.mkdir, ("sprung",))


@pytest.mark.parametrize("name", ["trap.npy", "trap.npz", "pickle.npy"])
def test_pickled_objects_are_refused_and_never_run(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    array = np.array([[Trap(), 1]], dtype=object)
    if name == "trap.npy":
        np.save(name, array)
    elif name == "trap.npz":
        np.savez(name, X=array)
    else:
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="cannot read"):
        read_matrix(name)
    assert not (tmp_path / "sprung").exists()


def test_a_zarr_store_with_pickles_is_refused(tmp_path, monkeypatch):
    zarr = pytest.importorskip("zarr")
    numcodecs = pytest.importorskip("numcodecs")
    pytest.importorskip("xarray")
    monkeypatch.chdir(tmp_path)
    zarr.save_array("a.zarr", X, zarr_format=2, compressor=None, filters=None)
    chunk = tmp_path / "a.zarr" / "0.0"
    chunk.write_bytes(numcodecs.Pickle().encode(np.array([Trap()], dtype=object)))
    metadata = tmp_path / "a.zarr" / ".zarray"
    document = json.loads(metadata.read_text("utf-8"))
    metadata.write_text(json.dumps({**document, "filters": [{"id": "pickle", "protocol": 5}]}))
    with pytest.raises(ValueError, match="pickled objects"):
        read_matrix("a.zarr")
    with pytest.raises(ValueError, match="pickled objects"):
        load_results("a.zarr")
    assert not (tmp_path / "sprung").exists()


def write(folder, text, name="t.csv"):
    (folder / name).write_bytes(text.encode())
    return folder / name


TABLES = {
    "header and index": ("id,x,y\na,1,2\nb,3,4\n", ["a", "b"], ["x", "y"]),
    "header only": ("x,y\n1,2\n3,4\n", [0, 1], ["x", "y"]),
    "numbers only": ("1,2\n3,4\n", [0, 1], [0, 1]),
    "index only": ("a,1,2\nb,3,4\n", ["a", "b"], [0, 1]),
    "empty corner": (",x,y\n7,1,2\n9,3,4\n", [7, 9], ["x", "y"]),
    "years with an empty corner": (",1980,1981\n7,1,2\n9,3,4\n", [7, 9], ["1980", "1981"]),
    "no corner": ("x,y\na,1,2\nb,3,4\n", ["a", "b"], ["x", "y"]),
    "byte order mark": ("\ufeffid,x,y\na,1,2\nb,3,4\n", ["a", "b"], ["x", "y"]),
    "quoted": ('"i,d","x ""1""","y"\r\n"a",1,2\r\n"b",3,4\r\n', ["a", "b"], ['x "1"', "y"]),
    "blank first line": ("\nid,x,y\na,1,2\nb,3,4\n", ["a", "b"], ["x", "y"]),
}


@pytest.mark.parametrize("table", TABLES)
def test_header_and_index_of_a_table_are_found(tmp_path, table):
    pytest.importorskip("pandas")
    text, index, columns = TABLES[table]
    found = read_matrix(write(tmp_path, text))
    assert_array_equal(found.to_numpy(), [[1, 2], [3, 4]])
    assert found.index.tolist() == index
    assert found.columns.tolist() == columns


def test_years_beside_a_name_are_a_header_and_values_are_not(tmp_path):
    pytest.importorskip("pandas")
    found = read_matrix(write(tmp_path, "place,1980,1981,1982\na,7,2,9\nb,3,4,1\n"))
    assert found.columns.tolist() == ["1980", "1981", "1982"]
    for text in ("a,3,2,9\nb,3,4,1\n", "a,1,2,3\nb,4,5,6\n", "a,1.5,2.5,3.5\nb,4,1,6\n"):
        assert read_matrix(write(tmp_path, text)).shape == (2, 3)


def test_header_and_index_can_be_told(tmp_path):
    pytest.importorskip("pandas")
    path = write(tmp_path, "id,x,y\n7,1,2\n9,3,4\n")
    assert read_matrix(path).shape == (2, 3)
    for column in ("id", 0, True):
        assert read_matrix(path, index_column=column).index.tolist() == [7, 9]
    assert read_matrix(path, index_column="y").shape == (2, 2)
    assert read_matrix(write(tmp_path, ",x\n7,1\n"), index_column=False).shape == (1, 2)
    assert read_matrix(write(tmp_path, "1,2\n3,4\n"), header=True).columns.tolist() == ["1", "2"]
    with pytest.raises(ValueError, match="not numeric"):
        read_matrix(write(tmp_path, "x,y\n1,2\n"), header=False, index_column=False)


def test_cells_that_are_empty_are_missing(tmp_path):
    pytest.importorskip("pandas")
    found = read_matrix(write(tmp_path, "x,y,z\n1,,NA\n,2,nan\n"))
    assert_array_equal(found.to_numpy(), [[1, np.nan, np.nan], [np.nan, 2, np.nan]])


def test_delimiters(tmp_path):
    pytest.importorskip("pandas")
    assert read_matrix(write(tmp_path, "x\ty\n1\t2\n", "t.tsv")).shape == (1, 2)
    assert read_matrix(write(tmp_path, "x;y\n1;2\n"), delimiter=";").shape == (1, 2)
    with pytest.raises(ValueError, match="is the delimiter ','"):
        read_matrix(write(tmp_path, "x;y\n1;2\n"))


def test_compressed_tables_are_read(tmp_path):
    pandas = pytest.importorskip("pandas")
    pandas.DataFrame(X, columns=["x", "y", "z"]).to_csv(tmp_path / "t.csv.gz", index=False)
    assert_array_equal(read_matrix(tmp_path / "t.csv.gz").to_numpy(), X)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty"),
        ("x,y\n", "no rows below"),
        ("id,x,y\na,1,2\nb,three,4\n", r"column 'x' is not numeric: row 'b' holds 'three'"),
        ("x,y\n1,2\nthree,4\n5,6\n", r"column 'x' is not numeric: row 1 holds 'three'"),
        ("x,y\n1,2\n3,4,5\n", "line 3"),
        ("id,x,y\na,1,2\nb,1+2j,4\n", "not numeric"),
    ],
)
def test_tables_that_are_no_matrix_are_refused(tmp_path, text, message):
    pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=message):
        read_matrix(write(tmp_path, text))


def test_tables_in_another_encoding_are_refused(tmp_path):
    pytest.importorskip("pandas")
    (tmp_path / "t.csv").write_bytes("id,x\nä,1\n".encode("latin-1"))
    with pytest.raises(ValueError, match="utf-8"):
        read_matrix(tmp_path / "t.csv")


def test_parquet_keeps_index_and_columns(tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    frame = pandas.DataFrame(X, index=list("abcd"), columns=["x", "y", "z"])
    frame.to_parquet(tmp_path / "a.parquet")
    pandas.testing.assert_frame_equal(read_matrix(tmp_path / "a.parquet"), frame)
    frame.reset_index(names="id").to_parquet(tmp_path / "b.parquet")
    assert read_matrix(tmp_path / "b.parquet").index.tolist() == list("abcd")
    frame.reset_index(drop=True).to_parquet(tmp_path / "c.parquet")
    assert read_matrix(tmp_path / "c.parquet").shape == (4, 3)


def make_dataset(xarray):
    return xarray.Dataset(
        {
            "bloom": (("place", "year"), X),
            "station": (("place",), np.array(list("abcd"), dtype=object)),
            "when": (("place", "year"), np.full(X.shape, np.datetime64("2001-01-01", "ns"))),
        },
        coords={"year": [1980, 1981, 1982]},
    )


@pytest.mark.parametrize("ending", ["nc", "zarr"])
def test_the_one_matrix_of_a_dataset_is_read_with_its_coordinates(tmp_path, ending):
    xarray = pytest.importorskip("xarray")
    path = tmp_path / f"d.{ending}"

    def save(dataset):
        if ending == "nc":
            dataset.to_netcdf(path)
        else:
            dataset.to_zarr(path, mode="w", consolidated=False)

    dataset = make_dataset(xarray)
    save(dataset)
    found = read_matrix(path)
    assert found.dims == ("place", "year")
    assert found.year.values.tolist() == [1980, 1981, 1982]
    assert_array_equal(found.values, X)
    save(dataset.expand_dims(level=[1]).assign(frost=2 * dataset.bloom))
    with pytest.raises(ValueError, match="bloom"):
        read_matrix(path)
    assert_array_equal(read_matrix(path, variable="frost").values, 2 * X)
    assert_array_equal(read_matrix(path, variable="bloom").values, X)


def test_a_bare_zarr_array_is_read(tmp_path):
    zarr = pytest.importorskip("zarr")
    zarr.save_array(str(tmp_path / "a.zarr"), X)
    assert_array_equal(read_matrix(tmp_path / "a.zarr"), X)


BROKEN = ("npy", "npz", "mtx", "csv", "parquet", "nc", "zarr")


@pytest.mark.parametrize("ending", BROKEN)
def test_broken_files_get_one_error_that_names_them(tmp_path, ending):
    for library in ("pandas", "pyarrow", "xarray", "zarr"):
        pytest.importorskip(library)
    path = tmp_path / f"broken.{ending}"
    path.write_bytes(b"\x93NUMPY\x01\x00\x00garbage\xff\xfe")
    with pytest.raises(ValueError, match=rf"cannot read .*broken\.{ending}"):
        read_matrix(path)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(3), r"shape \(3,\)"),
        (np.ones((2, 2, 2)), r"shape \(2, 2, 2\)"),
        (np.ones((2, 2), dtype=complex), "complex128"),
        (np.full((2, 2), "a"), "<U1"),
        (np.ones((0, 3)), r"empty matrix, of shape \(0, 3\)"),
    ],
)
def test_arrays_that_are_no_matrix_of_numbers_are_refused(tmp_path, array, message):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match=message):
        read_matrix(tmp_path / "a.npy")


def test_unknown_endings_and_missing_files_are_refused(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"")
    with pytest.raises(ValueError, match=r"a\.xlsx: unknown ending; known are \.npy"):
        read_matrix(tmp_path / "a.xlsx")
    with pytest.raises(FileNotFoundError, match=r"there is no file .*b\.csv"):
        read_matrix(tmp_path / "b.csv")


def test_without_pandas_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"skcocluster\[io\]"):
        read_matrix(write(tmp_path, "1,2\n"))


@pytest.mark.parametrize("name", ["spring_indices", "awa"])
def test_real_sets_are_read(real_data, name):
    from conftest import REAL_DATA

    expected = real_data(name)["X"]
    assert_array_equal(read_matrix(REAL_DATA / f"{name}.npz", variable="X"), expected)
