"""Every primitive against plain loops, on every engine, storage, and tiling: exact on integers."""

import math

import numpy as np
import pytest
import reference
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse

from skcocluster._kernels import blocks, splits
from skcocluster._kernels.engines import get_engine, numba_, numpy_
from skcocluster._kernels.residual import RESIDUAL
from skcocluster._shared.divergences import get_divergence

K, P = 4, 3
STORAGES = {
    "float64": lambda X: np.ascontiguousarray(X),
    "float32": lambda X: X.astype(np.float32),
    "csr": sparse.csr_array,
    "csr32": lambda X: sparse.csr_array(X.astype(np.float32)),
}


@pytest.fixture(params=STORAGES)
def storage(request):
    return STORAGES[request.param]


@pytest.fixture(params=[False, True], ids=["whole", "tiled"])
def run(request, engine, monkeypatch):
    """Run a primitive on an engine, over one tile or over many."""
    if request.param:
        monkeypatch.setattr(numba_, "TILE_BYTES", 1 << 9)
        monkeypatch.setattr(numpy_, "REFERENCE_TILE_ENTRIES", 100)
    built = get_engine(engine, n_threads=2 if request.param else 1)
    return lambda primitive, X, **params: built.run(primitive, built.prepare(X), **params)


# Widths and heights around the groups of 8 rows and 4 columns that the compiled loops take.
@pytest.fixture(params=[(1, 1), (7, 3), (8, 4), (9, 5), (16, 20), (35, 23)], ids=str)
def shape(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["complete", "missing"])
def problem(request, shape):
    """Integer matrix with zeros, labels with -1 among them."""
    n, m = shape
    rng = np.random.default_rng(n * 100 + m)
    X = rng.integers(-9, 10, shape) * (rng.random(shape) < 0.7) + 0.0
    if request.param:
        X[rng.random(shape) < 0.3] = np.nan
    labels = rng.integers(-1, K, n).astype(np.int32), rng.integers(-1, P, m).astype(np.int32)
    return X, *labels, request.param


def sums_by_loops(X, column_labels, n_labels, missing):
    """XC entry by entry, with the counts of observed entries where some are missing."""
    sums = np.zeros((X.shape[0], 2 * n_labels))
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            if column_labels[j] >= 0 and not math.isnan(X[i, j]):
                sums[i, column_labels[j]] += X[i, j]
                sums[i, n_labels + column_labels[j]] += 1
    return sums if missing else sums[:, :n_labels]


def labels_by_loops(sums, offset, slope, missing):
    labels = np.zeros(len(sums), dtype=np.int32)
    for i, line in enumerate(sums):
        costs = [offset[g] - sum(line * slope[g]) for g in range(len(offset))]
        labels[i] = costs.index(min(costs))
        if missing and line[len(line) // 2 :].sum() == 0:
            labels[i] = -1
    return labels


def costs_of(n_channels):
    """Whole-numbered costs with two equal clusters, so that ties occur."""
    rng = np.random.default_rng(5)
    offset, slope = rng.integers(-5, 6, K) + 0.0, rng.integers(-3, 4, (K, n_channels)) + 0.0
    offset[2], slope[2] = offset[1], slope[1]
    return offset, slope


def test_row_sums(run, storage, problem):
    X, _, columns, missing = problem
    (sums,) = run(blocks.ROW_SUMS, storage(X), column_labels=columns, n_column_clusters=P,
                  missing=missing)  # fmt: skip
    assert_array_equal(sums, sums_by_loops(X, columns, P, missing))


def test_column_sums(run, storage, problem):
    X, rows, _, missing = problem
    (sums,) = run(blocks.COLUMN_SUMS, storage(X), row_labels=rows, n_row_clusters=K,
                  missing=missing)  # fmt: skip
    assert_array_equal(sums, sums_by_loops(X.T, rows, K, missing).T)


def test_labels_of_least_cost(run, problem):
    X, _, columns, missing = problem
    sums = sums_by_loops(X, columns, P, missing)
    offset, slope = costs_of(sums.shape[1])
    (labels,) = run(blocks.LABELS, sums, offset=offset, slope=slope, missing=missing)
    assert_array_equal(labels, labels_by_loops(sums, offset, slope, missing))
    assert not (labels == 2).any(), "a tie went to the higher label"


@pytest.mark.parametrize("fresh", [False, True])
def test_fused_sweep(run, storage, problem, fresh):
    X, rows, columns, missing = problem
    old = np.full_like(rows, -1) if fresh else rows
    expected = sums_by_loops(X, columns, P, missing)
    offset, slope = costs_of(expected.shape[1])
    labels, sums, moved = run(blocks.SWEEP, storage(X), row_labels=old, column_labels=columns,
                              offset=offset, slope=slope, missing=missing)  # fmt: skip
    new = labels_by_loops(expected, offset, slope, missing)
    assert_array_equal(sums, expected)
    assert_array_equal(labels, new)
    before, after = (sums_by_loops(X.T, r, K, missing).T for r in (old, new))
    assert_array_equal(moved, after - before)


def test_sums_of_moved_rows(run, storage, problem):
    X, old, _, missing = problem
    new = np.random.default_rng(3).permutation(old).astype(np.int32)
    (moved,) = run(blocks.MOVED_ROWS, storage(X), old_labels=old, new_labels=new,
                   n_row_clusters=K, missing=missing)  # fmt: skip
    before, after = (sums_by_loops(X.T, r, K, missing).T for r in (old, new))
    assert_array_equal(moved, after - before)


def test_sums_of_moved_columns(run, storage, problem):
    X, _, old, missing = problem
    new = np.random.default_rng(3).permutation(old).astype(np.int32)
    changed = np.flatnonzero(old != new)
    before, after = (sums_by_loops(X, c, P, missing) for c in (old, new))
    (sums,) = run(blocks.MOVED_COLUMNS, storage(X), row_sums=before, columns=changed,
                  old_labels=old[changed], new_labels=new[changed], n_column_clusters=P,
                  missing=missing)  # fmt: skip
    assert_array_equal(sums, after)


def test_scatter_of_clusters(run, problem):
    X, rows, *_ = problem
    points = np.nan_to_num(X)
    centres = np.random.default_rng(1).integers(-3, 4, (K, X.shape[1])) + 0.0
    (scatter,) = run(splits.SCATTER, points, labels=rows, centres=centres)
    expected = np.zeros((K, X.shape[1], X.shape[1]))
    for i, g in enumerate(rows):
        if g >= 0:
            expected[g] += np.outer(points[i] - centres[g], points[i] - centres[g])
    assert_array_equal(scatter, expected)


def test_halves_of_clusters(run, problem):
    X, rows, *_ = problem
    points = np.nan_to_num(X)
    rng = np.random.default_rng(2)
    offset, slope = rng.integers(-5, 6, K) + 0.0, rng.integers(-2, 3, (K, X.shape[1])) + 0.0
    (second,) = run(splits.HALVES, points, labels=rows, offset=offset, slope=slope)
    for i, g in enumerate(rows):
        in_second = g >= 0 and offset[g] - points[i] @ slope[g] < 0
        assert second[i] == in_second


def zeros_cost(divergence, fitted, inside):
    return sum(
        reference.divergence_of(divergence, 0.0, float(y))
        for row, is_in in zip(fitted, inside, strict=True)
        for y in row
        if is_in and not math.isnan(y)
    )


@pytest.mark.parametrize("divergence", reference.DIVERGENCES)
@pytest.mark.parametrize("is_sparse", [False, True], ids=["dense", "csr"])
def test_residual_of_block_approximation(run, shape, divergence, is_sparse):
    if is_sparse and divergence == "itakura_saito":
        return  # unstored zeros are outside of its domain
    n, m = shape
    rng = np.random.default_rng(n + m)
    X = reference.random_matrix(divergence, n, m, 0)
    X[rng.random(shape) < 0.2] = np.nan
    if divergence != "itakura_saito":
        X[rng.random(shape) < 0.2] = 0
    rows = rng.integers(-1, K, n).astype(np.int32)
    additive = divergence == "squared_euclidean"
    table = rng.uniform(0.2, 0.7, (K, m))
    table[:, rng.random(m) < 0.1] = np.nan
    factors = rng.uniform(0.5, 1.2, n)
    (total,) = run(
        RESIDUAL,
        sparse.csr_array(X) if is_sparse else X,
        row_labels=rows,
        row_factors=factors,
        table=table,
        additive=additive,
        divergence=get_divergence(divergence),
    )
    fitted = np.full(shape, np.nan)
    for i, g in enumerate(rows):
        if g >= 0:
            fitted[i] = table[g] + factors[i] if additive else table[g] * factors[i]
    expected = np.zeros(m)
    for i, j in np.ndindex(*shape):
        if not math.isnan(fitted[i, j]):
            y = float(fitted[i, j])
            if not math.isnan(X[i, j]):
                expected[j] += reference.divergence_of(divergence, float(X[i, j]), y)
            if is_sparse:
                expected[j] -= reference.divergence_of(divergence, 0.0, y)
    assert_allclose(total, expected, rtol=1e-9, atol=1e-9)


def i_divergence_of_row(engine, x, y):
    """Divergence of each entry of a row from its own approximation, by the residual primitive."""
    (total,) = get_engine(engine).run(
        RESIDUAL,
        x[None],
        row_labels=np.zeros(1, np.int32),
        row_factors=np.ones(1),
        table=y[None],
        additive=False,
        divergence=get_divergence("i_divergence"),
    )
    big, fitted = x.astype(np.longdouble), y.astype(np.longdouble)
    ratio = np.where(big > 0, big / fitted, 1)
    return total, (big * np.log(ratio) - big + fitted).astype(float)


@pytest.mark.parametrize("factor", [1e-3, 0.25, 0.7, 1.5, 3.0, 1e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_i_divergence_residual_is_exact_over_the_range_of_numbers(engine, dtype, factor):
    info = np.finfo(dtype)
    x = np.geomspace(float(info.tiny) * 1e10, float(info.max) / 1e10, 4001).astype(dtype)
    beside = [0, 0.5, 1 - info.eps / 2, 1, 1 + info.eps, 2 - info.eps, 2, 3, 2**0.5, 0.5**0.5]
    x = np.concatenate([x, np.array(beside, dtype=dtype)])
    y = np.where(x > 0, x.astype(float) * factor, 1.0)
    total, expected = i_divergence_of_row(engine, x, y)
    assert_allclose(total, expected, rtol=1e-11, atol=0)


def test_i_divergence_residual_does_not_cancel_next_to_the_mean(engine):
    x = np.geomspace(1e-3, 1e6, 2001)
    total, expected = i_divergence_of_row(engine, x, x * 1.0001)
    assert_allclose(total, expected, rtol=1e-5, atol=0)


def test_i_divergence_residual_of_subnormal_numbers_is_finite_and_small(engine):
    x = np.array([5e-324, 1e-310, 2e-308])
    total, _ = i_divergence_of_row(engine, x, np.full(3, 1.0))
    assert_allclose(total, 1.0, rtol=1e-12)
