"""Several label sets in one read: the same bits as one by one, and one pass over the entries."""

import dask.array as da
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from skcocluster import BBAC
from skcocluster._kernels import blocks_together
from skcocluster._kernels.blocks import COLUMN_SUMS, RELABEL
from skcocluster._kernels.engines import together
from skcocluster._kernels.engines.chunked import run_primitive


def make_calls(n_sets, n_rows, n_columns, n_clusters, seed=0):
    """Relabelling sweeps from labels of which some are -1."""
    rng = np.random.default_rng(seed)
    n_row_clusters, n_column_clusters = n_clusters
    return [
        {
            "primitive": RELABEL,
            "row_labels": rng.integers(-1, n_row_clusters, n_rows).astype(np.int32),
            "column_labels": rng.integers(-1, n_column_clusters, n_columns).astype(np.int32),
            "offset": rng.standard_normal(n_row_clusters),
            "slope": rng.standard_normal((n_row_clusters, n_column_clusters)),
            "missing": False,
        }
        for _ in range(n_sets)
    ]


def run_all(X, calls):
    """Outputs of jobs that run on one chunk, and those of each of them alone."""
    functions = [(run_primitive, {})] * len(calls)
    alone = [run_primitive(X, **call) for call in calls]
    return together.run_jobs(X, functions, calls), alone


def assert_same_bits(results, alone):
    for found, desired in zip(results, alone, strict=True):
        for actual, expected in zip(found, desired, strict=True):
            assert actual.dtype == expected.dtype
            np.testing.assert_array_equal(actual, expected)


def refuse_to_run(*_, **__):
    pytest.fail("a sweep that is shared ran alone")


@pytest.fixture
def shared_sweeps(monkeypatch):
    """How many label sets each pass over a tile has served."""
    counts = []

    def counted(X, calls):
        counts.append(len(calls))
        return blocks_together.relabel_together(X, calls)

    monkeypatch.setattr(together, "relabel_together", counted)
    return counts


# Widths around a strip of columns, heights around a group of rows.
@given(
    n_sets=st.integers(2, 4),
    n_rows=st.sampled_from([1, 7, 8, 9, 24]),
    n_columns=st.sampled_from([1, 3, 4, 5, 511, 512, 513, 517, 1024]),
    n_clusters=st.tuples(st.integers(1, 6), st.integers(1, 6)),
    dtype=st.sampled_from([np.float64, np.float32]),
    seed=st.integers(0, 99),
)
def test_sweeps_together_have_the_bits_of_sweeps_alone(
    n_sets, n_rows, n_columns, n_clusters, dtype, seed
):
    X = np.random.default_rng(seed).standard_normal((n_rows, n_columns)).astype(dtype)
    assert_same_bits(*run_all(X, make_calls(n_sets, n_rows, n_columns, n_clusters, seed)))


def test_ties_go_to_the_lowest_label_in_every_set():
    calls = make_calls(3, 9, 5, (4, 2))
    for call in calls:
        call["offset"][:] = [1.0, 0.0, 0.0, 0.0]
        call["slope"][:] = 0.0
    results, _ = run_all(np.ones((9, 5)), calls)
    for labels, _ in results:
        np.testing.assert_array_equal(labels, 1)


def test_complete_dense_sweeps_of_equal_counts_share_a_pass(shared_sweeps):
    X = np.random.default_rng(0).standard_normal((9, 6))
    together.run_jobs(X, [(refuse_to_run, {})] * 3, make_calls(3, 9, 6, (2, 3)))
    assert shared_sweeps == [3]


@pytest.mark.parametrize("why", ["one set", "sparse", "missing", "other counts"])
def test_other_sweeps_run_alone(why, shared_sweeps):
    X = np.random.default_rng(0).integers(0, 3, (9, 6)).astype(float)
    calls = make_calls(1 if why == "one set" else 2, 9, 6, (2, 3))
    if why == "sparse":
        X = sp.csr_array(X)
    elif why == "missing":
        for call in calls:
            call["missing"], call["slope"] = True, np.hstack([call["slope"]] * 2)
    elif why == "other counts":
        calls[1] = make_calls(1, 9, 6, (3, 3))[0]
    assert_same_bits(*run_all(X, calls))
    assert shared_sweeps == []


def test_jobs_keep_their_places_among_sweeps(shared_sweeps):
    X = np.random.default_rng(0).standard_normal((9, 6))
    first, second = make_calls(2, 9, 6, (2, 3))
    sums = {
        "primitive": COLUMN_SUMS,
        "row_labels": first["row_labels"],
        "n_row_clusters": 2,
        "missing": False,
    }
    functions = [(run_primitive, {})] * 4
    results = together.run_jobs(X, functions, [first, None, sums, second])
    assert results[1] is None
    alone = [run_primitive(X, **call) for call in (first, sums, second)]
    assert_same_bits([results[0], results[2], results[3]], alone)
    assert shared_sweeps == [2]


def test_restarts_of_a_fit_share_passes_and_keep_their_labels(shared_sweeps):
    X = np.random.default_rng(0).integers(0, 9, (40, 12)).astype(float)
    model = BBAC(3, 2, init="random", refine=None, n_init=5, random_state=0)
    desired = model.fit(X).row_labels_
    model.fit(da.from_array(X, chunks=(13, -1)))
    np.testing.assert_array_equal(model.row_labels_, desired)
    assert max(shared_sweeps) == 5
