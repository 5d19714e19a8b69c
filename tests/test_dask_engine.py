"""The dask engine: every primitive as in memory for any chunks, one read for many, and errors."""

import pickle
import threading

import dask
import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
from dask_arrays import Reads, cuts, to_dask, to_rows
from hypothesis import given
from hypothesis import strategies as st

from skcocluster._kernels import blocks, modularity
from skcocluster._kernels.engines import dask_, get_engine
from skcocluster._kernels.engines.chunked import ChunkedRows, RowBox
from skcocluster._kernels.engines.dask_ import make_source
from skcocluster._kernels.residual import RESIDUAL
from skcocluster._shared.divergences import get_divergence
from skcocluster._shared.lean_sums import FROM_ROW_SUMS

NUMBA = get_engine("numba")
SCHEDULERS = ("synchronous", "threads")


@pytest.fixture(autouse=True, params=SCHEDULERS)
def scheduler(request):
    with dask.config.set(scheduler=request.param):
        yield request.param


def labels(rng, n, n_labels, least=-1):
    return rng.integers(least, n_labels, n).astype(np.int32)


def weigh(sums, row_labels):
    """What a test makes of the sums of rows: at module level, as it must travel."""
    return sums @ np.arange(1.0, sums.shape[1] + 1) + row_labels


def block_calls(rng, shape, missing):
    n_rows, n_columns = shape
    rows, new = labels(rng, n_rows, 3), labels(rng, n_rows, 3)
    columns = labels(rng, n_columns, 2)
    terms = {
        "offset": rng.integers(-9, 9, 3).astype(float),
        "slope": rng.integers(-3, 3, (3, 4 if missing else 2)).astype(float),
    }
    sweep = {"row_labels": rows, "column_labels": columns, "missing": missing, **terms}
    on_columns = {"column_labels": columns, "n_column_clusters": 2, "missing": missing}
    on_rows = {"n_row_clusters": 3, "missing": missing}
    return [
        (blocks.ROW_SUMS, on_columns),
        (blocks.COLUMN_SUMS, {"row_labels": rows, **on_rows}),
        (blocks.SWEEP, sweep),
        (blocks.RELABEL, sweep),
        (blocks.MOVED_ROWS, {"old_labels": rows, "new_labels": new, **on_rows}),
        (FROM_ROW_SUMS, {**on_columns, "row_labels": rows, "function": weigh}),
    ]


def modularity_calls(rng, X):
    n_rows, n_columns = X.shape
    old, new = labels(rng, n_rows, 3), labels(rng, n_rows, 3, 0)
    columns = labels(rng, n_columns, 3, 0)
    step = {
        "column_labels": columns,
        "weights": X.sum(axis=1),
        "cluster_weights": np.bincount(columns, X.sum(axis=0), 3),
        "total": float(X.sum()),
        "resolution": 1.0,
    }
    return [
        (modularity.MARGINS, {}),
        (modularity.ROW_STEP, step),
        (modularity.ROW_SWEEP, {**step, "old_labels": old}),
        (modularity.MOVED_ROWS, {"old_labels": old, "new_labels": new, "n_clusters": 3}),
    ]


@st.composite
def problems(draw):
    shape = draw(st.integers(1, 30)), draw(st.integers(1, 12))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    dtype = draw(st.sampled_from([np.float64, np.float32, np.int64]))
    X = rng.integers(0, 6, shape) * (rng.random(shape) < 0.7)
    heights = draw(cuts(shape[0], empty=False))
    widths = draw(cuts(shape[1], 2, empty=False))
    return X.astype(dtype), heights, widths, draw(st.booleans()), rng


def assert_equal_outputs(actual, desired):
    assert len(actual) == len(desired)
    for a, d in zip(actual, desired, strict=True):
        assert a.dtype == d.dtype
        np.testing.assert_array_equal(a, d)


@given(problems(), st.booleans())
def test_block_primitives_are_those_in_memory_for_any_chunks(problem, missing):
    X, heights, widths, sparse, rng = problem
    if missing:
        X = np.where(rng.random(X.shape) < 0.2, np.nan, X)
    rows = to_rows(X, heights, widths, sparse)
    whole = NUMBA.prepare(sp.csr_array(X) if sparse else X)
    calls = block_calls(rng, X.shape, missing)
    engine = get_engine("dask")
    together = engine.run_all(rows, calls)
    for (primitive, params), outputs in zip(calls, together, strict=True):
        desired = NUMBA.run(primitive, whole, **params)
        assert_equal_outputs(outputs, desired)
        assert_equal_outputs(engine.run(primitive, rows, **params), desired)


@given(problems())
def test_modularity_primitives_are_those_in_memory_for_any_chunks(problem):
    X, heights, widths, sparse, rng = problem
    rows = to_rows(X, heights, widths, sparse)
    whole = NUMBA.prepare(sp.csr_array(X) if sparse else X)
    calls = modularity_calls(rng, X.astype(float))
    outputs = get_engine("dask").run_all(rows, calls)
    for (primitive, params), actual in zip(calls, outputs, strict=True):
        assert_equal_outputs(actual, NUMBA.run(primitive, whole, **params))


@given(problems())
def test_relabelling_sweep_is_the_sweep_without_row_sums(problem):
    X, _, _, sparse, rng = problem
    whole = NUMBA.prepare(sp.csr_array(X) if sparse else X)
    for engine in (NUMBA, get_engine("numpy")):
        (_, params) = block_calls(rng, X.shape, False)[2]
        new, _, moved = engine.run(blocks.SWEEP, whole, **params)
        assert_equal_outputs(engine.run(blocks.RELABEL, whole, **params), (new, moved))


@given(problems(), st.sampled_from(["squared_euclidean", "i_divergence", "logistic"]))
def test_divergence_from_the_approximation_is_that_in_memory(problem, name):
    X, heights, widths, sparse, rng = problem
    X = X / 8
    params = {
        "row_labels": labels(rng, len(X), 3),
        "row_factors": np.zeros(len(X)) if name == "squared_euclidean" else np.ones(len(X)),
        "table": rng.random((3, X.shape[1])) * 0.9 + 0.05,
        "additive": name == "squared_euclidean",
        "divergence": get_divergence(name),
    }
    whole = NUMBA.prepare(sp.csr_array(X) if sparse else X)
    (desired,) = NUMBA.run(RESIDUAL, whole, **params)
    (actual,) = get_engine("dask").run(RESIDUAL, to_rows(X, heights, widths, sparse), **params)
    np.testing.assert_allclose(actual, desired, rtol=1e-12, atol=1e-12)


@given(problems(), st.data())
def test_rows_are_fetched_in_order(problem, data):
    X, heights, widths, sparse, _ = problem
    rows = to_rows(X, heights, widths, sparse)
    chosen = np.array(sorted(data.draw(st.sets(st.integers(0, len(X) - 1), min_size=1))))
    engine = get_engine("dask")
    for taken, desired in ((engine.take(rows, chosen), X[chosen]), (engine.take(rows), X)):
        assert sp.issparse(taken) == sparse
        np.testing.assert_array_equal(taken.toarray() if sparse else taken, desired)


def test_matrix_in_memory_runs_as_with_numba():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 5, (20, 6)).astype(float)
    engine = get_engine("dask")
    for primitive, params in block_calls(rng, X.shape, False):
        desired = NUMBA.run(primitive, X, **params)
        assert_equal_outputs(engine.run(primitive, X, **params), desired)


def test_primitive_without_use_for_any_chunk_is_neutral_and_reads_nothing():
    reads = Reads(np.ones((6, 3)), (2, 2, 2))
    rows = ChunkedRows(dask_.make_source(reads.array), (2, 2, 2), False)
    same = np.zeros(6, np.int32)
    moves = {"old_labels": same, "new_labels": same, "n_row_clusters": 2, "missing": False}
    (sums,) = get_engine("dask").run(blocks.MOVED_ROWS, rows, **moves)
    np.testing.assert_array_equal(sums, np.zeros((2, 3)))
    assert reads.counts.sum() == 0


def test_chunks_in_which_nothing_moves_are_not_read():
    with dask.config.set(scheduler="synchronous"):
        reads = Reads(np.arange(18.0).reshape(6, 3), (2, 2, 2))
        rows = ChunkedRows(dask_.make_source(reads.array), (2, 2, 2), False)
        old = np.zeros(6, np.int32)
        new = np.array([0, 0, 0, 1, 0, 0], np.int32)
        moves = {"old_labels": old, "new_labels": new, "n_row_clusters": 2, "missing": False}
        (sums,) = get_engine("dask").run(blocks.MOVED_ROWS, rows, **moves)
    np.testing.assert_array_equal(sums, [[-9, -10, -11], [9, 10, 11]])
    np.testing.assert_array_equal(reads.counts, [0, 1, 0])


def test_several_primitives_are_one_read_of_each_chunk():
    with dask.config.set(scheduler="synchronous"):
        X = np.random.default_rng(0).integers(0, 5, (9, 4)).astype(float)
        reads = Reads(X, (4, 1, 4))
        rows = ChunkedRows(dask_.make_source(reads.array), (4, 1, 4), False)
        get_engine("dask").run_all(rows, block_calls(np.random.default_rng(1), X.shape, False))
    np.testing.assert_array_equal(reads.counts, [1, 1, 1])


def sum_by(engine, rows, row_labels):
    params = {"n_row_clusters": 4, "missing": False}
    return engine.run(blocks.COLUMN_SUMS, rows, row_labels=row_labels, **params)[0]


@pytest.mark.parametrize("n_tasks", [1, 3, 40])
def test_tasks_together_get_what_they_would_get_alone(n_tasks):
    rng = np.random.default_rng(0)
    X = rng.integers(0, 5, (20, 6)).astype(float)
    rows = to_rows(X, (3, 1, 16))
    engine = get_engine("dask")
    start = labels(rng, 20, 4, 0)

    def task(number):
        total = np.zeros((4, 6))
        for step in range(number % 4):
            total += sum_by(engine, rows, ((start + number + step) % 4).astype(np.int32))
        return total

    alone = [task(number) for number in range(n_tasks)]
    together = engine.run_together([lambda k=k: task(k) for k in range(n_tasks)])
    for a, b in zip(together, alone, strict=True):
        np.testing.assert_array_equal(a, b)


def test_tasks_together_read_each_chunk_once_a_step():
    with dask.config.set(scheduler="synchronous"):
        reads = Reads(np.ones((6, 3)), (2, 4))
        rows = ChunkedRows(dask_.make_source(reads.array), (2, 4), False)
        engine = get_engine("dask")
        start = np.zeros(6, np.int32)

        def task():
            return [sum_by(engine, rows, start) for _ in range(5)]

        engine.run_together([task] * 8)
    np.testing.assert_array_equal(reads.counts, [5, 5])


def test_first_error_of_tasks_is_raised_and_the_others_are_given_up():
    rows = to_rows(np.ones((6, 3)), (2, 4))
    engine = get_engine("dask")
    finished = []

    def good():
        for _ in range(50):
            sum_by(engine, rows, np.zeros(6, np.int32))
        finished.append(True)

    def bad(text):
        sum_by(engine, rows, np.zeros(6, np.int32))
        raise ValueError(text)

    before = threading.active_count()
    with pytest.raises(ValueError, match="number 1"):
        engine.run_together([good, lambda: bad("number 1"), lambda: bad("number 2")])
    assert not finished
    assert threading.active_count() <= before + 4  # the pool of dask's threads may have grown
    sum_by(engine, rows, np.zeros(6, np.int32))


def fail_in(block, block_id=None):
    if block_id[0] == 2:
        raise OSError("the disk is gone")
    return block


def failing_rows():
    X = to_dask(np.ones((9, 3)), (2, 3, 4)).map_blocks(fail_in, dtype=float, meta=np.ones((0, 0)))
    return ChunkedRows(dask_.make_source(X), (2, 3, 4), False)


def test_error_names_the_chunk_that_cannot_be_read():
    with pytest.raises(RuntimeError, match=r"Chunk 2 \(rows 5 to 8\).*OSError: the disk is gone"):
        sum_by(get_engine("dask"), failing_rows(), np.zeros(9, np.int32))


def test_error_of_a_shared_read_ends_all_tasks():
    engine, rows = get_engine("dask"), failing_rows()
    with pytest.raises(RuntimeError, match="Chunk 2"):
        engine.run_together([lambda: sum_by(engine, rows, np.zeros(9, np.int32))] * 3)


def test_interrupt_ends_all_tasks():
    engine, rows = get_engine("dask"), to_rows(np.ones((6, 3)), (2, 4))
    ended = []

    def interrupt(requests):
        raise KeyboardInterrupt

    def task():
        try:
            sum_by(engine, rows, np.zeros(6, np.int32))
        finally:
            ended.append(True)

    engine.intercept(lambda answer: interrupt)
    with pytest.raises(KeyboardInterrupt):
        engine.run_together([task] * 3)
    assert len(ended) == 3


def test_chunk_that_changes_its_height_between_reads_is_an_error():
    X = to_dask(np.ones((9, 3)), (2, 3, 4))
    rows = ChunkedRows(dask_.make_source(X), (2, 3, 5), False)
    with pytest.raises(ValueError, match="chunk 2 of X has 4 rows now and had 5"):
        sum_by(get_engine("dask"), rows, np.zeros(10, np.int32))


@given(st.integers(1, 200), st.integers(-1, 70000), st.integers(0, 2**16))
def test_labels_arrive_as_they_were_sent(n, highest, seed):
    rng = np.random.default_rng(seed)
    sent = {"labels": rng.integers(-1, highest + 1, n).astype(np.int32), "weights": rng.random(n)}
    sent["rows"] = np.arange(n)
    box = pickle.loads(pickle.dumps(RowBox((3, n, [sent, None]))))
    assert box.content[:2] == (3, n)
    assert box.content[2][1] is None
    for name, values in sent.items():
        np.testing.assert_array_equal(box.content[2][0][name], values)
        assert box.content[2][0][name].dtype == values.dtype


def test_labels_of_few_clusters_take_a_byte_each():
    labels = np.zeros(10_000, np.int32)
    assert len(pickle.dumps(RowBox((0, 10_000, [{"labels": labels}])))) < 11_000


def test_stripes_of_columns_are_cut_into_bands_where_a_chunk_would_be_too_large(monkeypatch):
    X = np.arange(60.0).reshape(12, 5)
    stripes = to_dask(X, (12,), (2, 3))
    assert len(dask_.make_source(stripes).blocks[0]) == 2
    monkeypatch.setattr(dask_, "MAX_JOINED_BYTES", 100)
    with dask.config.set({"array.chunk-size": "160B"}):
        source = dask_.make_source(stripes)
    assert len(source.blocks) > 1
    assert all(len(line) == 1 for line in source.blocks)


def test_missing_dask_is_an_error_that_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "dask", None)
    monkeypatch.delitem(__import__("sys").modules, dask_.__name__)
    with pytest.raises(ImportError, match=r'pip install "skcocluster\[dask\]"'):
        get_engine("dask")


@pytest.mark.parametrize("sparse", [False, True])
def test_much_that_is_fetched_takes_several_reads(monkeypatch, sparse):
    X = np.arange(1.0, 241.0).reshape(40, 6)
    rows = to_rows(X, (7, 20, 13), sparse=sparse)
    chosen = [np.sort(np.random.default_rng(i).permutation(40)[:10]) for i in range(5)]
    n_jobs, compute = [], dask_.compute
    monkeypatch.setattr(
        dask_, "compute", lambda *args: n_jobs.append(len(args[2])) or compute(*args)
    )
    monkeypatch.setattr(dask_, "MAX_FETCHED_BYTES", 2 * 10 * 6 * (12 if sparse else 8))
    primitive, params = block_calls(np.random.default_rng(0), X.shape, False)[0]
    sums = dask_.Request(primitive, rows, params)
    first, *taken, last = dask_.answer([sums, *(dask_.Fetch(rows, own) for own in chosen), sums])
    assert n_jobs == [3, 2, 2]
    for own, found in zip(chosen, taken, strict=True):
        np.testing.assert_array_equal(found.toarray() if sparse else found, X[own])
    assert_equal_outputs(first, NUMBA.run(primitive, X, **params))
    assert_equal_outputs(last, first)


def count_own_blocks(X):
    """Number of blocks that the task of their chunk makes, after a read that must be right."""
    rows = ChunkedRows(make_source(X), X.chunks[0], False)
    labels = np.arange(X.shape[1], dtype=np.int32) % 2
    params = {"column_labels": labels, "n_column_clusters": 2, "missing": False}
    (sums,) = get_engine("dask").run(blocks.ROW_SUMS, rows, **params)
    np.testing.assert_array_equal(sums, NUMBA.run(blocks.ROW_SUMS, X.compute(), **params)[0])
    return len(rows.source.own_tasks)


def test_blocks_are_made_by_the_task_that_uses_them():
    X = da.from_array(np.arange(60.0).reshape(10, 6), chunks=(4, 3))
    assert count_own_blocks(X + 1) == 6


def test_blocks_with_other_uses_stay_tasks_of_their_own():
    X = da.from_array(np.arange(60.0).reshape(10, 6), chunks=(5, 6)) + 1
    # One chunk twice, and a chunk that is made of another.
    assert count_own_blocks(da.concatenate([X, X[:5], X])) < 5
    name = "made-of-the-first"
    graph = {(name, 0, 0): (np.ones, (2, 3)), (name, 1, 0): (np.negative, (name, 0, 0))}
    Y = da.Array(graph, name, ((2, 2), (3,)), dtype=float)
    assert count_own_blocks(Y) == 1
