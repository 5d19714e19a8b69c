"""What dask arrays are refused for, by the same words as matrices in memory, and never gathered."""

import subprocess
import sys

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
import xarray as xr
from dask_arrays import Reads, to_dask

from skcocluster import BBAC, NEOCC, Coclus, MaxNormCoclustering, SpecCo, refine_blocks

X = np.random.default_rng(0).integers(1, 9, (20, 6)).astype(float)
HEIGHTS = (7, 1, 0, 12)


@pytest.fixture(autouse=True)
def synchronous():
    with dask.config.set(scheduler="synchronous"):
        yield


def message(estimator, matrix, method="fit"):
    def call():
        result = getattr(estimator, method)(matrix)
        return result if method == "fit" else result.compute()

    with pytest.raises(ValueError) as raised:
        call()
    return str(raised.value)


REFUSED = [
    (BBAC(2, 2), np.inf),
    (BBAC(2, 2), -np.inf),
    (BBAC(2, 2, divergence="i_divergence"), -1.0),
    (BBAC(2, 2, divergence="itakura_saito"), 0.0),
    (BBAC(2, 2, basis="C5"), np.nan),
    (Coclus(2), -3.0),
    (Coclus(2), np.nan),
]


@pytest.mark.parametrize(("estimator", "value"), REFUSED, ids=str)
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("unknown", [False, True])
def test_bad_entries_are_named_as_in_memory(estimator, value, sparse, unknown):
    bad = X.copy()
    bad[15, 4] = bad[9, 5] = bad[9, 2] = value
    array = to_dask(bad, HEIGHTS, None, sparse, unknown)
    desired = message(estimator, sp.csr_array(bad) if sparse else bad)
    assert "X[9, 2]" in desired
    assert message(estimator, array) == desired
    if not unknown:
        assert message(estimator.fit(X), array, "predict") == desired


def test_kinds_of_bad_entries_rank_as_in_memory():
    bad = X.copy()
    bad[0, 0], bad[19, 5] = -1, np.inf
    estimator = BBAC(2, 2, divergence="i_divergence")
    assert "infinity" in message(estimator, bad)
    assert message(estimator, to_dask(bad, HEIGHTS)) == message(estimator, bad)


def test_zero_that_a_sparse_block_does_not_store_is_named():
    bad = X.copy()
    bad[9, 2] = 0
    estimator = BBAC(2, 2, divergence="itakura_saito")
    desired = message(estimator, sp.csr_array(bad))
    assert message(estimator, to_dask(bad, HEIGHTS, sparse=True)) == desired
    assert "does not store" in desired


def test_sparse_blocks_without_zeros_are_fitted_where_zero_is_not_allowed():
    estimator = BBAC(2, 2, divergence="itakura_saito", random_state=0)
    desired = estimator.fit(X).row_labels_
    array = to_dask(X, HEIGHTS, sparse=True)
    np.testing.assert_array_equal(estimator.fit(array).row_labels_, desired)
    np.testing.assert_array_equal(estimator.predict(array).compute(), desired)


@pytest.mark.parametrize(
    "array",
    [
        da.ones((5, 0), chunks=2),
        da.ones((0, 5), chunks=2),
        da.ones(5, chunks=2),
        da.ones((5, 5, 5), chunks=2),
        da.ones((5, 5), chunks=2, dtype=complex),
    ],
    ids=str,
)
def test_wrong_shapes_and_types_are_refused_as_in_memory(array):
    for estimator in (BBAC(2, 2), Coclus(2)):
        desired = message(estimator, array.compute())
        assert message(estimator, array).splitlines()[0] == desired.splitlines()[0]


@pytest.mark.parametrize(
    "dtype", [np.float16, np.longdouble, np.bool_, np.int8, np.uint64, ">f4", ">i2"]
)
def test_all_numbers_are_taken_as_in_memory(dtype):
    matrix = X.astype(dtype)
    desired = BBAC(2, 2, random_state=0).fit(matrix)
    array = to_dask(matrix, HEIGHTS)
    model = BBAC(2, 2, random_state=0).fit(array)
    np.testing.assert_array_equal(model.row_labels_, desired.row_labels_)
    np.testing.assert_allclose(model.objective_, desired.objective_, rtol=1e-6)
    np.testing.assert_array_equal(model.predict(array).compute(), desired.row_labels_)


def test_fit_leaves_the_configuration_of_distributed_as_it_is():
    code = (
        "import dask.array as da, dask.config, sys\n"
        "from skcocluster import BBAC\n"
        "BBAC(2, 2).fit(da.ones((6, 4), chunks=(3, -1)))\n"
        "import distributed\n"
        "dask.config.get('distributed.comm.timeouts.connect')\n"
        "BBAC(2, 2).fit(da.ones((6, 4), chunks=(3, -1)))\n"
        "dask.config.get('distributed.comm.timeouts.connect')\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_other_refusals_say_what_to_do():
    words = da.from_array(np.array([["a", "b"]] * 4), chunks=2)
    assert "takes numbers" in message(BBAC(2, 2), words)
    unknown = da.Array(
        da.ones((4, 4), chunks=2).dask, "ones", ((2, 2), (np.nan,) * 2), meta=np.ones((0, 0))
    )
    assert "compute_chunk_sizes" in message(BBAC(2, 2), unknown)
    assert "all are NaN" in message(BBAC(2, 2), da.full((4, 4), np.nan, chunks=2))
    none_left = da.from_array(X, chunks=(5, -1))
    none_left = none_left[none_left[:, 0] > 100]
    assert "0 sample(s) (shape=(0, 6))" in message(BBAC(2, 2), none_left)
    mixed = to_dask(X, (10, 10)).map_blocks(
        lambda block, block_id: sp.csr_array(block) if block_id[0] else block, meta=np.ones((0, 0))
    )
    with pytest.raises(TypeError, match="dense and with sparse"):
        BBAC(2, 2).fit(mixed)


def test_more_clusters_than_rows_are_refused_after_unknown_rows_are_counted():
    array = to_dask(X, HEIGHTS, unknown=True)
    assert message(BBAC(21, 2), array) == message(BBAC(21, 2), X)


def test_columns_that_the_fit_has_not_seen_are_refused_without_a_read():
    model = BBAC(2, 2).fit(X)
    reads = Reads(X[:, :5], (10, 10))
    with pytest.raises(ValueError, match="5 features"):
        model.predict(reads.array)
    assert reads.counts.sum() == 0


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_engine_for_memory_refuses_a_dask_array(engine):
    for estimator in (BBAC(2, 2, engine=engine), Coclus(2, engine=engine)):
        reads = Reads(X, (10, 10))
        assert "compute()" in message(estimator, reads.array)
        assert reads.counts.sum() == 0


def test_dask_engine_refuses_a_matrix_in_memory_and_says_how_to_cut_it():
    for estimator in (BBAC(2, 2, engine="dask"), Coclus(2, engine="dask")):
        assert "dask.array.from_array" in message(estimator, X)
        assert "dask.array.from_array" in message(estimator, sp.csr_array(X))


def test_estimators_without_the_engine_say_so_and_do_not_read():
    for estimator in (NEOCC(2, 2), SpecCo(2), MaxNormCoclustering(2, 2)):
        if "dask" in estimator._engines:
            continue
        reads = Reads(X, (10, 10))
        with pytest.raises(TypeError, match="no engine for dask arrays"):
            estimator.fit(reads.array)
        assert reads.counts.sum() == 0


def test_collections_that_are_no_arrays_are_refused():
    frame = pytest.importorskip("dask.dataframe").from_pandas(
        pytest.importorskip("pandas").DataFrame(X), npartitions=2
    )
    with pytest.raises(TypeError, match="to_dask_array"):
        BBAC(2, 2).fit(frame)


def test_failed_fit_leaves_the_estimator_as_it_was():
    model = BBAC(2, 2, random_state=0).fit(X)
    before = dict(vars(model))

    def fail(block, block_id=None):
        if block_id[0] == 1:
            raise OSError("no such file")
        return block

    array = to_dask(X, (10, 10)).map_blocks(fail, dtype=float, meta=np.ones((0, 0)))
    with pytest.raises(RuntimeError, match=r"Chunk 1 .*no such file"):
        model.fit(array)
    assert vars(model).keys() == before.keys()
    assert all(vars(model)[name] is value for name, value in before.items())


def test_masked_blocks_hold_missing_entries():
    mask = np.random.default_rng(1).random(X.shape) < 0.2
    masked = da.ma.masked_array(da.from_array(X, chunks=(7, 6)), da.from_array(mask, (7, 6)))
    desired = BBAC(2, 2, random_state=0).fit(np.where(mask, np.nan, X))
    model = BBAC(2, 2, random_state=0).fit(masked)
    np.testing.assert_array_equal(model.row_labels_, desired.row_labels_)


def test_data_array_keeps_its_coordinates():
    array = xr.DataArray(
        to_dask(X, HEIGHTS),
        dims=("station", "year"),
        coords={"station": np.arange(20) * 10, "year": np.arange(2000, 2006)},
    )
    desired = BBAC(2, 2, random_state=0).fit(X)
    model = BBAC(2, 2, random_state=0).fit(array)
    labels = model.get_row_labels()
    assert labels.dims == ("station",)
    np.testing.assert_array_equal(labels["station"], np.arange(20) * 10)
    np.testing.assert_array_equal(labels, desired.row_labels_)
    assert model.get_column_labels().dims == ("year",)
    assert isinstance(model.predict(array), da.Array)
    np.testing.assert_array_equal(model.predict(array).compute(), desired.row_labels_)


def test_fit_in_memory_does_not_import_dask():
    code = (
        "import sys, numpy as np, skcocluster\n"
        "skcocluster.BBAC(2, 2).fit(np.eye(6)).predict(np.eye(6))\n"
        "skcocluster.Coclus(2).fit(np.eye(6))\n"
        "sys.exit('dask' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_groups_of_blocks_need_all_entries_at_once():
    X = np.kron([[0.0, 5.0, 9.0], [5.0, 0.0, 9.1]], np.ones((3, 4)))
    model = BBAC(2, 3, random_state=0).fit(to_dask(X, (4, 2)))
    with pytest.raises(TypeError, match=r"X is a dask array: pass X.compute\(\)"):
        refine_blocks(model, to_dask(X, (4, 2)), k_range=[3])
    assert refine_blocks(model, X, k_range=[3], random_state=0).n_groups == 3
