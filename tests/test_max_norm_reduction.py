"""Rows and columns that follow others are left out: against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from skcocluster._maxnorm._reduction import reduce_windows

N_WINDOWS = 4


@st.composite
def spans(draw):
    """First and last windows of the entries of a small matrix; many lie in all windows."""
    shape = draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    pairs = [(a, b) for a in range(N_WINDOWS) for b in range(a, N_WINDOWS)] + [(0, 3)] * 6
    cells = st.lists(
        st.sampled_from(pairs), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
    )
    both = np.array(draw(cells), np.int32).reshape(*shape, 2)
    return both[..., 0], both[..., 1]


def is_weaker(first, last, i, r):
    """Whether each entry of row i lies in all windows that hold the entry of row r."""
    return all(first[i, j] <= first[r, j] and last[i, j] >= last[r, j] for j in range(len(first.T)))


@given(spans())
def test_each_follows_one_that_is_left_and_stronger_on_what_is_left(windows):
    found = reduce_windows(*windows, N_WINDOWS)
    first, last = (part[np.ix_(range(len(part)), found.columns)] for part in windows)
    for i, r in enumerate(found.row_leaders):
        assert r in found.rows
        assert is_weaker(first, last, i, r)
    first, last = (part[found.rows].T for part in windows)
    for j, r in enumerate(found.column_leaders):
        assert r in found.columns
        assert is_weaker(first, last, j, r)


@given(spans())
def test_nothing_that_could_follow_is_left(windows):
    found = reduce_windows(*windows, N_WINDOWS)
    for first, last in (
        tuple(part[np.ix_(found.rows, found.columns)] for part in windows),
        tuple(part[np.ix_(found.rows, found.columns)].T for part in windows),
    ):
        for i, r in np.argwhere(~np.eye(len(first), dtype=bool)):
            assert not is_weaker(first, last, i, r)


@given(spans())
def test_those_that_are_left_follow_themselves(windows):
    found = reduce_windows(*windows, N_WINDOWS)
    for left, leaders in ((found.rows, found.row_leaders), (found.columns, found.column_leaders)):
        assert len(left) >= 1
        assert np.array_equal(leaders[left], left)
        assert np.array_equal(np.unique(leaders), left)


def test_labels_are_those_of_the_leaders():
    # Rows 0 and 2 bind both columns otherwise; row 1 follows row 0, row 3 follows row 2.
    first = np.array([[1, 0], [0, 0], [0, 2], [0, 1]], np.int32)
    last = np.array([[1, 0], [3, 0], [0, 2], [0, 3]], np.int32)
    found = reduce_windows(first, last, N_WINDOWS)
    assert found.rows.tolist() == [0, 2]
    assert found.row_leaders.tolist() == [0, 0, 2, 2]
    assert found.columns.tolist() == [0, 1]
    labels = found.expand(np.array([5, 7]), np.array([1, 0]))
    assert [part.tolist() for part in labels] == [[5, 5, 7, 7], [1, 0]]


def test_columns_are_looked_at_when_no_row_may_go():
    first = np.array([[0, 1], [2, 0]], np.int32)
    last = np.array([[0, 3], [2, 3]], np.int32)
    found = reduce_windows(first, last, N_WINDOWS)
    assert found.rows.tolist() == [0, 1]
    # Entry (0, 1) must lie from window 1 on, column 0 in window 0: neither follows the other.
    assert found.columns.tolist() == [0, 1]
    last[0, 1], first[0, 1] = 3, 0
    found = reduce_windows(first, last, N_WINDOWS)
    assert found.columns.tolist() == [0]
    assert found.column_leaders.tolist() == [0, 0]


def test_entries_in_all_windows_leave_one_row_and_one_column():
    found = reduce_windows(np.zeros((3, 2), np.int32), np.full((3, 2), 3, np.int32), N_WINDOWS)
    assert (len(found.rows), len(found.columns)) == (1, 1)
    assert found.row_leaders.tolist() == [found.rows[0]] * 3
    assert found.column_leaders.tolist() == [found.columns[0]] * 2
