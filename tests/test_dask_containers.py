"""Data cubes, zarr, netCDF and .npy files as dask arrays, and coordinates that come back."""

import dask
import dask.array as da
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcocluster import BBAC, Coclus, SpecCo, SpectralBiclustering
from skcocluster.cli import main
from skcocluster.io import load_results, read_matrix, stack_dimensions

xr = pytest.importorskip("xarray")
zarr = pytest.importorskip("zarr")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def synchronous():
    with dask.config.set({"scheduler": "synchronous"}):
        yield


def make_cube(chunks=None):
    """Counts over time and place, in two regions and two seasons."""
    rng = np.random.default_rng(0)
    warm = np.arange(12) % 6 < 3
    north = (np.arange(4) > 1)[:, None] & (np.arange(6) < 4)
    means = np.where(warm[:, None, None] == north, 9.0, 2.0)
    values = rng.poisson(means).astype(float)
    cube = xr.DataArray(
        values,
        dims=("time", "lat", "lon"),
        coords={
            "time": np.datetime64("2020-01-01") + np.arange(12) * np.timedelta64(30, "D"),
            "lat": [40.0, 50.0, 60.0, 70.0],
            "lon": np.arange(6) * 5.0,
            "height": (("lat", "lon"), rng.random((4, 6))),
        },
        name="events",
    )
    return cube if chunks is None else cube.chunk(chunks)


CHUNKS = [None, {"time": 5, "lat": 3}, {"time": 12, "lat": 2, "lon": 4}]


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
@pytest.mark.parametrize(
    "estimator", [BBAC(2, 2), Coclus(2), SpecCo(2), SpectralBiclustering(2, 2)], ids=str
)
def test_stacked_cube_is_fitted_and_its_labels_are_a_map(estimator, chunks):
    cube = make_cube(chunks)
    matrix = stack_dimensions(cube, rows=("lat", "lon"))
    assert matrix.dims == ("lat_lon", "time")
    assert isinstance(matrix.data, da.Array) == (chunks is not None)
    model = estimator.set_params(random_state=0).fit(matrix)
    plain = make_cube().transpose("lat", "lon", "time").values.reshape(24, 12)
    desired = type(estimator)(**estimator.get_params()).fit(plain)
    labels = model.get_row_labels().unstack()
    assert labels.dims == ("lat", "lon")
    assert_array_equal(labels, desired.row_labels_.reshape(4, 6))
    assert_array_equal(labels["height"], cube["height"])
    assert_array_equal(labels.sel(lat=60.0, lon=5.0), desired.row_labels_.reshape(4, 6)[2, 1])
    assert_array_equal(model.get_column_labels()["time"], cube["time"])
    assert_array_equal(model.get_column_labels(), desired.column_labels_)


def test_dimensions_are_stacked_in_the_order_in_which_they_are_named():
    cube = make_cube(CHUNKS[1])
    values = make_cube().values
    matrix = stack_dimensions(cube, rows="time")
    assert matrix.dims == ("time", "lat_lon")
    assert_array_equal(matrix, values.reshape(12, 24))
    matrix = stack_dimensions(cube, rows=["lon", "time"], columns="lat")
    assert matrix.dims == ("lon_time", "lat")
    assert_array_equal(matrix, values.transpose(2, 0, 1).reshape(72, 4))
    assert_array_equal(matrix.unstack().transpose("time", "lat", "lon"), values)
    flat = make_cube()[0].drop_vars(["lat", "lon", "height", "time"])
    assert_array_equal(stack_dimensions(flat, "lon", "lat"), values[0].T)


def test_stacking_reads_nothing():
    def fail(block):
        raise AssertionError("it was read")

    data = da.zeros((3, 4, 5), chunks=2).map_blocks(fail, dtype=float, meta=np.ones((0, 0, 0)))
    matrix = stack_dimensions(xr.DataArray(data, dims=("a", "b", "c")), rows=("b", "a"))
    assert matrix.shape == (12, 5)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ("lat", "lon"),
        (("lat", "lat"), None),
        ("depth", None),
        (("time", "lat", "lon"), None),
        (("time", "lat"), ("lat", "lon")),
        ((), None),
    ],
)
def test_dimensions_that_make_no_matrix_are_refused(rows, columns):
    with pytest.raises(ValueError, match="must name each of the dimensions"):
        stack_dimensions(make_cube(), rows, columns)


def test_only_data_arrays_are_stacked():
    for X in (np.zeros((2, 2)), make_cube().to_dataset()):
        with pytest.raises(TypeError, match="DataArray"):
            stack_dimensions(X, "lat")


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The same matrix in every file that can be read in chunks; chunks are of at most 4 rows."""
    monkeypatch.chdir(tmp_path)
    X = stack_dimensions(make_cube(), ("lat", "lon")).drop_vars(["lat_lon", "lat", "lon", "height"])
    X = X.assign_coords(lat_lon=np.arange(24) * 2).astype(np.float64)
    dataset = X.to_dataset(name="events")
    encoding = {"events": {"chunks": (2, 5)}}
    dataset.to_zarr("X.zarr", encoding=encoding, consolidated=False)
    dataset.to_netcdf("X.nc", encoding={"events": {"chunksizes": (2, 5)}})
    dataset.expand_dims("run").to_netcdf("contiguous.nc")
    np.save("X.npy", X.values)
    zarr.create_array("bare.zarr", data=X.values, chunks=(2, 5))
    with dask.config.set({"array.chunk-size": 4 * 12 * 8}):
        yield X


NAMES = ["X.zarr", "X.nc", "contiguous.nc", "X.npy", "bare.zarr"]


@pytest.mark.parametrize("name", NAMES)
def test_file_is_opened_in_chunks_of_whole_rows(name, files):
    X = read_matrix(name, chunked=True)
    array = X.data if hasattr(X, "dims") else X
    assert isinstance(array, da.Array)
    assert array.shape == (24, 12)
    assert len(array.chunks[1]) == 1
    assert 1 < len(array.chunks[0]) <= 12
    assert max(array.chunks[0]) <= 4
    assert_array_equal(X, files.values)
    assert_array_equal(read_matrix(name), files.values)


def test_nothing_but_the_chunks_that_are_needed_is_read(files):
    # What is changed before it is read is read as it is then.
    X = read_matrix("bare.zarr", chunked=True)
    desired = files.values[-2:]
    array = zarr.open("bare.zarr", mode="r+")
    array[:2] = -1.0
    assert_array_equal(X[-2:].compute(), desired)
    assert_array_equal(X[:2].compute(), np.full((2, 12), -1.0))


@pytest.mark.parametrize("name", ["X.zarr", "contiguous.nc"])
def test_command_line_fits_a_file_in_chunks(name, files):
    pytest.importorskip("matplotlib")
    common = ["fit", name, "--n-row-clusters", "2", "--n-column-clusters", "2", "--output"]
    assert main([*common, "memory"]) == 0
    assert main([*common, "chunks", "--engine", "dask"]) == 0
    memory, chunks = load_results("memory/results.json"), load_results("chunks/results.json")
    assert_array_equal(chunks.row_labels, memory.row_labels)
    assert_array_equal(chunks.column_labels, memory.column_labels)
    assert chunks.objective == pytest.approx(memory.objective)
    assert chunks.parameters["engine"] == "dask"
    assert_array_equal(chunks.row_names, np.arange(24) * 2)
    assert_array_equal(chunks.column_names, files["time"])


def test_command_line_transposes_chunks(files):
    pytest.importorskip("matplotlib")
    for output, engine in (("memory", "auto"), ("chunks", "dask")):
        argv = ["fit", "X.zarr", "--transpose", "--engine", engine, "--output", output]
        assert main([*argv, "--algorithm", "coclus", "--n-clusters", "2"]) == 0
    memory, chunks = load_results("memory/results.json"), load_results("chunks/results.json")
    assert_array_equal(chunks.row_labels, memory.row_labels)
    assert len(chunks.row_labels) == 12


def test_command_line_keeps_a_checkpoint_while_it_fits(files, monkeypatch):
    pytest.importorskip("matplotlib")
    from skcocluster._shared import checkpoint

    written = []
    write = checkpoint._write
    monkeypatch.setattr(
        checkpoint, "_write", lambda path, *args: written.append(path) or write(path, *args)
    )
    argv = ["fit", "X.zarr", "--checkpoint", "journal", "--output", "out", "--engine"]
    assert main([*argv, "auto"]) == 2
    assert not written
    assert main([*argv, "dask"]) == 0
    assert written[0].parent.name == "journal"
    assert not written[0].parent.exists()


def test_file_that_is_read_as_a_whole_is_refused_in_chunks(files, capsys):
    np.savetxt("X.csv", files.values, delimiter=",")
    with pytest.raises(
        ValueError, match=r"X\.csv can only be read as a whole.*\.npy, \.nc, \.zarr"
    ):
        read_matrix("X.csv", chunked=True)
    assert main(["fit", "X.csv", "--engine", "dask", "--output", "out"]) == 2
    assert "can only be read as a whole" in capsys.readouterr().err
