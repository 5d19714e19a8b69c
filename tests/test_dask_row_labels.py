"""Row labels that stay where the chunks are: those of memory, and none of them at the client."""

import re
from dataclasses import fields, is_dataclass

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
import xarray as xr
from dask_arrays import Reads, cuts, to_dask, to_rows
from distributed import Client, LocalCluster
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from skcocluster import BBAC
from skcocluster._bbac import _rows
from skcocluster._kernels.engines import dask_, get_engine, together
from skcocluster._kernels.engines.held import hold
from skcocluster._kernels.ruled_rows import NamedRows, label_rows
from skcocluster._shared import samples
from skcocluster._shared.alternation import Alternation
from skcocluster._shared.block_model import BlockModel
from skcocluster._shared.divergences import get_divergence
from skcocluster._shared.lean_sums import LeanBlockSums
from skcocluster._shared.ruled_sums import RuledBlockSums

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

N_ROWS, HEIGHTS = 97, (13, 0, 1, 40, 43)
HELD = {"row_labels": "dask"}


@pytest.fixture(autouse=True)
def _small_samples(monkeypatch):
    # Module-wide, also for the examples of hypothesis.
    monkeypatch.setattr(samples, "SAMPLE_ENTRIES", 300)


@pytest.fixture(autouse=True, scope="module")
def synchronous():
    with dask.config.set(scheduler="synchronous"):
        yield


def matrix(seed=0, kind="dense"):
    rng = np.random.default_rng(seed)
    X = rng.integers(1, 9, (N_ROWS, 11)).astype(np.float32 if kind == "float32" else float)
    if kind == "missing":
        X[rng.random(X.shape) < 0.3] = np.nan
        X[5] = np.nan
    return X


def assert_same_fit(held, desired):
    """Compare a fit whose rows are held with one in memory."""
    for name in ("row_labels_", "labels_", "column_labels_", "row_cluster_sizes_", "n_iter_"):
        assert_array_equal(getattr(held, name), getattr(desired, name), err_msg=name)
    for name in ("objective_", "objective_trace_", "block_means_", "row_means_", "column_means_"):
        assert_allclose(getattr(held, name), getattr(desired, name), err_msg=name)


@pytest.mark.parametrize("n_init", [1, 3])
@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("dense", {}),
        ("float32", {"column_steps": 1}),
        ("missing", {}),
        ("sparse", {}),
        ("sparse", {"basis": "C5", "divergence": "i_divergence"}),
        ("dense", {"basis": "C3"}),
        ("dense", {"basis": "C4", "divergence": "i_divergence"}),
        ("dense", {"divergence": "itakura_saito"}),
    ],
)
def test_held_labels_are_those_of_memory(kind, parameters, n_init):
    for seed in range(3):
        X = matrix(seed, kind)
        model = BBAC(4, 3, n_init=n_init, tol=0.0, random_state=seed, **parameters)
        whole = sp.csr_array(X) if kind == "sparse" else X
        desired = clone(model).set_params(init="subsample").fit(whole)
        held = model.set_params(**HELD).fit(to_dask(X, HEIGHTS, sparse=kind == "sparse"))
        assert_same_fit(held, desired)


@given(heights=cuts(N_ROWS), unknown=st.booleans(), seed=st.integers(0, 20))
def test_held_labels_do_not_depend_on_chunks(heights, unknown, seed):
    X = matrix(seed)
    model = BBAC(5, 4, init="subsample", random_state=seed)
    desired = clone(model).fit(X)
    held = model.set_params(**HELD).fit(to_dask(X, heights, (5, 6), unknown=unknown))
    assert_same_fit(held, desired)
    assert held.row_labels_.chunks == (tuple(height for height in heights if height),)


def test_start_on_a_sample_is_that_of_large_arrays(monkeypatch):
    X = to_dask(matrix(), HEIGHTS)
    for init in ("auto", "spectral", "k-means++"):
        held = BBAC(4, 3, init=init, random_state=0, **HELD).fit(X)
        with monkeypatch.context() as patch:
            patch.setattr(samples, "ALL_ENTRIES", 100)
            assert_same_fit(held, BBAC(4, 3, init=init, random_state=0).fit(X))


def find_arrays(thing):
    """All arrays in parameters and results, however deep."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from find_arrays(value)
    elif isinstance(thing, (list, tuple)):
        for value in thing:
            yield from find_arrays(value)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from find_arrays(getattr(thing, field.name))


@pytest.mark.parametrize("row_labels", ["dask", "numpy"])
def test_nothing_of_the_length_of_the_rows_is_asked_or_answered(row_labels, monkeypatch):
    lengths = []
    answer = dask_.answer

    def watched(requests):
        results = answer(requests)
        asked = [getattr(request, "params", request) for request in requests]
        # X itself is a request's, not a parameter.
        asked = [request for request in asked if isinstance(request, dict)]
        lengths.extend(array.size for array in find_arrays([asked, results]))
        return results

    monkeypatch.setattr(dask_, "answer", watched)
    X = np.tile(matrix(), (50, 1))
    model = BBAC(4, 3, init="subsample", n_init=2, random_state=0, row_labels=row_labels)
    model.fit(da.from_array(X, chunks=(1000, -1)))
    assert (max(lengths) < 1000) == (row_labels == "dask")


def states(X, terms, missing=False, divergence="squared_euclidean"):
    """A state with ruled rows, and the same with an array of labels."""
    engine, rows = get_engine("dask"), to_rows(X, (13, 1, 40, 43))
    counts = {"rows": len(terms[0]), "columns": terms[1].shape[1] // (1 + missing)}
    columns = (np.arange(X.shape[1]) % counts["columns"]).astype(np.int32)
    nowhere = {"rows": np.full(len(X), -1, np.int32), "columns": columns}
    model = BlockModel(get_divergence(divergence), "C2")
    return [
        Alternation(sums, model)
        for sums in (
            RuledBlockSums(engine, rows, counts, columns, missing, terms),
            LeanBlockSums(engine, rows, counts, nowhere, missing, True, terms),
        )
    ]


def label_and_zero(block, named, **rule):
    return label_rows(block, named, **rule)[0], 0.0


def labels_of(sums):
    """The row labels that a rule makes."""
    rule = sums.rule.params()
    named = rule.pop("named")
    own = [{"named": named[sums.X.rows(chunk)]} for chunk in range(len(sums.X.heights))]
    (labels,), _ = hold(sums.X, label_and_zero, rule, own, (np.int32,))
    return labels.compute()


@pytest.mark.parametrize("missing", [False, True])
def test_empty_clusters_are_refilled_by_the_same_rows(missing):
    X = matrix(1, "missing" if missing else "dense")
    slope = np.zeros((5, 3 * (1 + missing)))
    slope[2, :2] = 1.0, -1.0
    offset = np.array([0.0, 1e9, 0.0, 1e9, 1e9])
    ruled, lean = states(X, (offset, slope), missing)
    assert_array_equal(ruled.sums.sizes("rows") == 0, [False, True, False, True, True])
    for state in (ruled, lean):
        assert state.refill("rows")
        assert (state.sums.sizes("rows") > 0).all()
    assert len(ruled.sums.rule.named.rows) == 3
    assert_array_equal(labels_of(ruled.sums), lean.sums.labels["rows"])
    changed = True
    while changed:
        assert_array_equal(ruled.sums.sizes("rows"), lean.sums.sizes("rows"))
        assert_allclose(ruled.sums.blocks()[0], lean.sums.blocks()[0])
        changed = lean.iterate()
        assert ruled.iterate() == changed
        assert_array_equal(labels_of(ruled.sums), lean.sums.labels["rows"])


def column_totals(sums, labels):
    return sums.sum(axis=1)


def test_rows_alone_in_their_cluster_are_not_moved_out():
    X = matrix(1)
    X[60] = 1000.0
    state, _ = states(X, (np.zeros(3), np.zeros((3, 2))))
    assert state.sums.find_largest("rows", column_totals) == (11_000.0, 60)
    state.sums.move_one("rows", 60, 2)
    value, row = state.sums.find_largest("rows", column_totals)
    totals = np.where(np.arange(N_ROWS) == 60, 0.0, X.sum(axis=1))
    assert (value, row) == (totals.max(), totals.argmax())


def test_state_goes_back_to_a_snapshot():
    X = matrix(2)
    terms = np.zeros(3), np.random.default_rng(0).standard_normal((3, 2))
    state, _ = states(X, terms)
    before, labels, sizes = state.sums.snapshot(), labels_of(state.sums), state.sums.sizes("rows")
    state.sums.move_one("rows", 50, (labels[50] + 1) % 3)
    state.iterate()
    state.sums.restore(before)
    assert_array_equal(labels_of(state.sums), labels)
    assert_array_equal(state.sums.sizes("rows"), sizes)


def test_named_rows_follow_the_parts_of_a_matrix():
    named = NamedRows.none().named(7, 1).named(2, 0).named(7, 2)
    assert_array_equal(named.rows, [2, 7])
    assert_array_equal(named.labels, [0, 2])
    part = named[slice(3, 9)][slice(1, 6)]
    assert_array_equal(part.rows, [3])
    assert_array_equal(part.labels, [2])
    assert part.first == 4
    assert not len(named[slice(3, 7)].rows)


def test_labels_are_held_and_computed_without_another_read():
    reads = Reads(matrix(), (30, 67))
    held = BBAC(4, 3, random_state=0, **HELD).fit(reads.array)
    before = reads.counts.copy()
    held.row_labels_.compute(), held.row_means_.sum().compute(), held.get_shape(0)
    assert reads.since(before).max() == 0


def test_restarts_share_passes(monkeypatch):
    counts = []
    share = together.relabel_together
    monkeypatch.setattr(
        together, "relabel_together", lambda X, calls: counts.append(len(calls)) or share(X, calls)
    )
    BBAC(4, 3, n_init=3, random_state=0, **HELD).fit(to_dask(matrix(), HEIGHTS))
    assert max(counts) == 3


def test_methods_are_lazy_or_right():
    X = matrix()
    array = to_dask(X, HEIGHTS)
    held = BBAC(4, 3, random_state=0, **HELD).fit(array)
    plain = BBAC(4, 3, init="subsample", random_state=0).fit(X)
    for lazy, desired in (
        (held.rows_, plain.rows_),
        (held.get_indices(5)[0], plain.get_indices(5)[0]),
        (held.reconstruct(), plain.reconstruct()),
        (held.fit_predict(array), plain.row_labels_),
        (held.get_row_labels(), plain.row_labels_),
        (held.get_submatrix(5, array), plain.get_submatrix(5, X)),
    ):
        assert isinstance(lazy, da.Array)
        assert_allclose(lazy.compute(), desired)
    assert held.get_shape(5) == plain.get_shape(5)
    assert_array_equal(held.get_submatrix(5, X), plain.get_submatrix(5, X))
    assert_array_equal(held.columns_, plain.columns_)
    assert_array_equal(held.predict(X), plain.predict(X))
    assert_allclose(float(held.score(array)), plain.score(X))


def test_labels_of_a_data_array_keep_its_coordinates():
    X = xr.DataArray(
        to_dask(matrix(), HEIGHTS), dims=("place", "time"), coords={"place": np.arange(N_ROWS) * 10}
    )
    labels = BBAC(4, 3, random_state=0, **HELD).fit(X).get_row_labels()
    assert isinstance(labels.data, da.Array)
    assert_array_equal(labels.place, np.arange(N_ROWS) * 10)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"init": "random"}, "init='random' needs one: use init='auto', 'subsample'"),
        (
            {"init": (np.zeros(N_ROWS, int), np.zeros(11, int))},
            "init=(row_labels, column_labels) needs one",
        ),
        ({"update": "simultaneous"}, "update='simultaneous' needs one: use update='alternating'"),
        ({"refine": "split_merge"}, "refine='split_merge' needs one: use refine='auto'"),
        ({"row_labels": "lazy"}, "row_labels"),
    ],
)
def test_what_needs_all_labels_is_a_clear_error(parameters, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        BBAC(4, 3, **{**HELD, **parameters}).fit(to_dask(matrix(), HEIGHTS))


def test_data_in_memory_are_a_clear_error():
    with pytest.raises(ValueError, match=r"X is in memory: use row_labels='numpy'"):
        BBAC(4, 3, **HELD).fit(matrix())


def test_new_columns_are_a_clear_error():
    held = BBAC(4, 3, random_state=0, **HELD).fit(to_dask(matrix(), HEIGHTS))
    with pytest.raises(ValueError, match="needs the row labels in memory"):
        held.predict_columns(matrix())


def test_chunk_that_cannot_be_read_at_the_end_is_named(monkeypatch):
    broken = []

    def read(block):
        if broken and len(block) == 67:
            raise OSError("no such tape")
        return block

    hold = _rows._hold
    monkeypatch.setattr(_rows, "_hold", lambda *args: broken.append(True) or hold(*args))
    X = da.from_array(matrix(), chunks=((30, 67), -1)).map_blocks(
        read, dtype=float, meta=np.empty((0, 0))
    )
    with pytest.raises(RuntimeError, match=r"Chunk 1 \(rows 30 to 96\) of X cannot be read"):
        BBAC(4, 3, random_state=0, **HELD).fit(X)


def test_cluster_of_processes_holds_the_labels():
    X = np.random.default_rng(0).integers(0, 6, (60, 12)).astype(float)
    options = {"processes": True, "dashboard_address": ":0", "memory_limit": 0}
    desired = BBAC(3, 2, init="subsample", n_init=2, random_state=0).fit(X)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster,
        Client(cluster) as client,
        dask.config.set(scheduler=client),
    ):
        array = da.from_array(X, chunks=(13, -1))
        held = BBAC(3, 2, n_init=2, random_state=0, **HELD).fit(array)
        keys = {str(key) for key in held.row_labels_.__dask_keys__()}
        on_workers = {str(key) for keys in client.has_what().values() for key in keys}
        assert keys <= on_workers
        assert_array_equal(held.row_labels_.compute(), desired.row_labels_)
        assert_allclose(held.objective_, desired.objective_)
