"""The vector code, and the loops that stand in for it, against NumPy."""

import numpy as np
import pytest
from numba import njit

from skcocluster._kernels import plain
from skcocluster._kernels.prefetch import prefetch
from skcocluster._kernels.simd import add_group, add_group_observed
from skcocluster._kernels.simd_lines import add_lines, write_lines

ROW, COLUMN, N_LABELS = 3, 5, 3
LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 2, 1, 2, 0, 0], dtype=np.int32)


@njit
def call_add_group(X, row, column, labels, n_labels, sums):
    add_group(X, row, column, labels, n_labels, sums)


@njit
def call_add_group_observed(X, row, column, labels, n_labels, sums):
    add_group_observed(X, row, column, labels, n_labels, sums)


@njit
def call_write_lines(X, row, column, lines, line):
    write_lines(X, row, column, lines, line)


@njit
def call_add_lines(lines, order, first, last, sums, label):
    add_lines(lines, order, first, last, sums, label)


@njit
def call_prefetch(values, position):
    prefetch(values, position)
    return values[position]


@pytest.fixture(params=[np.float64, np.float32], ids=["double", "single"])
def X(request):
    return np.random.default_rng(0).normal(size=(13, 12)).astype(request.param)


def pick(X):
    return X[ROW : ROW + plain.ROW_GROUP, COLUMN : COLUMN + plain.COLUMN_GROUP].astype(np.float64)


@pytest.mark.parametrize("add", [call_add_group, plain.add_group], ids=["vector", "loops"])
def test_eight_rows_and_four_columns_are_added_by_label(X, add):
    sums = np.ones((N_LABELS, plain.ROW_GROUP))
    add(X, ROW, COLUMN, LABELS, N_LABELS, sums)
    expected = np.ones_like(sums)
    np.add.at(expected, LABELS[COLUMN : COLUMN + plain.COLUMN_GROUP], pick(X).T)
    np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize(
    "add", [call_add_group_observed, plain.add_group_observed], ids=["vector", "loops"]
)
def test_missing_entries_are_neither_added_nor_counted(X, add):
    X[ROW + 2, COLUMN] = X[ROW + 7, COLUMN + 3] = np.nan
    sums = np.ones((2 * N_LABELS, plain.ROW_GROUP))
    add(X, ROW, COLUMN, LABELS, N_LABELS, sums)
    block, labels = pick(X), LABELS[COLUMN : COLUMN + plain.COLUMN_GROUP]
    expected = np.ones_like(sums)
    np.add.at(expected, labels, np.nan_to_num(block).T)
    np.add.at(expected, N_LABELS + labels, np.isfinite(block).T)
    np.testing.assert_array_equal(sums, expected)


@pytest.mark.parametrize("write", [call_write_lines, plain.write_lines], ids=["vector", "loops"])
def test_columns_become_lines(X, write):
    lines = np.zeros((7, plain.ROW_GROUP))
    write(X, ROW, COLUMN, lines, 2)
    expected = np.zeros_like(lines)
    expected[2:6] = pick(X).T
    np.testing.assert_array_equal(lines, expected)


@pytest.mark.parametrize("add", [call_add_lines, plain.add_lines], ids=["vector", "loops"])
@pytest.mark.parametrize(("first", "last"), [(1, 5), (2, 2)])
def test_lines_are_added_in_their_order(add, first, last):
    # Of such magnitudes that another order gives other bits.
    lines = (
        np.random.default_rng(1).normal(size=(6, plain.ROW_GROUP))
        * 10.0 ** np.arange(-8, 10, 3)[:, None]
    )
    order = np.array([5, 0, 3, 1, 4, 2], dtype=np.int32)
    sums = np.ones((2, plain.ROW_GROUP))
    add(lines, order, first, last, sums, 1)
    expected = np.ones_like(sums)
    for number in order[first:last]:
        expected[1] += lines[number]
    np.testing.assert_array_equal(sums, expected)


def test_a_hint_changes_nothing():
    values = np.arange(4.0)
    assert call_prefetch(values, 2) == 2.0
    plain.prefetch(values, 2)
    np.testing.assert_array_equal(values, np.arange(4.0))
