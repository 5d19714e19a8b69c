"""Tractable cases of co-clustering under the maximum norm against all co-clusterings."""

import numpy as np
import pytest
from reference_max_norm_blocks import consecutive, cost_of, draw_matrix, least_cost

from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._contiguous import ContiguousSearch, decide_contiguous
from skcocluster._maxnorm._distinct import decide_distinct, solve_two_letters
from skcocluster._maxnorm._one_sided import (
    decide_one_sided,
    fewest_column_blocks,
    solve_one_sided,
)
from skcocluster._maxnorm._ternary import decide_ternary, solve_ternary
from skcocluster._maxnorm._two_by_two import decide_two_by_two, solve_two_by_two
from skcocluster._maxnorm._two_sat import solve_two_sat

# Tenths and squares: differences that are not all different, and rounded.
LETTERS = {
    "integers": range(7),
    "tenths": np.arange(7) / 10,
    "squares": [-1, 0, 1, 4, 9, 16],
    "three": [0, 1, 2],
    "uneven three": [-1.5, 0, 7],
    "two": [3, 5],
}


def check_solution(X, labels, n_row_clusters, n_column_clusters, expected):
    row_labels, column_labels = labels
    assert row_labels.dtype == column_labels.dtype == np.int32
    assert row_labels.shape + column_labels.shape == X.shape
    assert 0 <= row_labels.min() <= row_labels.max() < n_row_clusters
    assert 0 <= column_labels.min() <= column_labels.max() < n_column_clusters
    assert cost_of(X, row_labels, column_labels) == expected


def check_decisions(X, decide, n_row_clusters, n_column_clusters, expected):
    """Feasible at the least cost, infeasible at the largest difference below."""
    alphabet = Alphabet(X)
    found = decide(alphabet.codes, alphabet.reach(expected), n_row_clusters, n_column_clusters)
    assert found.status == "feasible"
    labels = found.row_labels, found.column_labels
    assert cost_of(X, *labels) <= expected
    if expected > 0:
        reach = alphabet.reach(alphabet.largest_below(expected))
        below = decide(alphabet.codes, reach, n_row_clusters, n_column_clusters)
        assert below.status == "infeasible"
        assert below.row_labels is None


def draw_counts(rng):
    return int(rng.integers(1, 5)), int(rng.integers(1, 5))


@pytest.mark.parametrize("letters", LETTERS.values(), ids=LETTERS)
def test_one_sided_is_the_least_cost(letters):
    rng = np.random.default_rng(0)
    for _ in range(200):
        X = draw_matrix(rng, letters)
        n_blocks = int(rng.integers(1, 5))
        counts = (1, n_blocks) if rng.random() < 0.5 else (n_blocks, 1)
        expected = least_cost(X, *counts)
        check_solution(X, solve_one_sided(Alphabet(X), *counts), *counts, expected)
        check_decisions(X, decide_one_sided, *counts, expected)


def test_fewest_blocks_are_the_fewest_that_the_cost_allows():
    rng = np.random.default_rng(1)
    n_impossible = 0
    for _ in range(300):
        X = draw_matrix(rng, range(9))
        alphabet, cost = Alphabet(X), float(rng.integers(9))
        counts = range(1, X.shape[1] + 1)
        expected = next((p for p in counts if least_cost(X, 1, p) <= cost), None)
        found = fewest_column_blocks(alphabet.codes, alphabet.reach(cost))
        if expected is None:
            n_impossible += 1
            assert found is None
        else:
            assert found.max() + 1 == expected
            assert cost_of(X, np.zeros(len(X)), found) <= cost
    assert 20 < n_impossible < 280


def test_two_letters_are_the_least_cost():
    rng = np.random.default_rng(2)
    for _ in range(500):
        X = draw_matrix(rng, LETTERS["two"], largest=5)
        counts = draw_counts(rng)
        expected = least_cost(X, *counts)
        check_solution(X, solve_two_letters(Alphabet(X), *counts), *counts, expected)
        if expected == 0:
            check_decisions(X, decide_distinct, *counts, expected)


def test_distinct_decides_cost_zero_and_letters_in_groups():
    rng = np.random.default_rng(3)
    # 0, 1 and 10, 11: at cost 1 letters are in two groups.
    for cost in (0, 1):
        statuses = set()
        for _ in range(300):
            X = draw_matrix(rng, [0, 1, 10, 11])
            counts, alphabet = draw_counts(rng), Alphabet(X)
            found = decide_distinct(alphabet.codes, alphabet.reach(cost), *counts)
            statuses.add(found.status)
            assert (found.status == "feasible") == (least_cost(X, *counts) <= cost)
            if found.status == "feasible":
                assert cost_of(X, found.row_labels, found.column_labels) <= cost
        assert statuses == {"feasible", "infeasible"}


@pytest.mark.parametrize("letters", LETTERS.values(), ids=LETTERS)
def test_two_by_two_is_the_least_cost(letters):
    rng = np.random.default_rng(4)
    for _ in range(200):
        X = draw_matrix(rng, letters, largest=5)
        expected = least_cost(X, 2, 2)
        check_solution(X, solve_two_by_two(Alphabet(X)), 2, 2, expected)
        check_decisions(X, decide_two_by_two, 2, 2, expected)


def test_two_by_two_recovers_planted_blocks():
    rng = np.random.default_rng(5)
    rows, columns = rng.integers(2, size=60), rng.integers(2, size=50)
    X = np.array([[0, 40], [80, 20]])[rows][:, columns] + rng.integers(-9, 10, size=(60, 50))
    row_labels, column_labels = solve_two_by_two(Alphabet(X))
    assert cost_of(X, row_labels, column_labels) == cost_of(X, rows, columns) == 18
    assert len(set(zip(rows, row_labels, strict=True))) == 2
    assert len(set(zip(columns, column_labels, strict=True))) == 2


@pytest.mark.parametrize("letters", ["three", "uneven three", "two"])
def test_ternary_is_the_least_cost(letters):
    rng = np.random.default_rng(6)
    for _ in range(400):
        X = draw_matrix(rng, LETTERS[letters], largest=5)
        n_blocks = int(rng.integers(1, 6))
        counts = (2, n_blocks) if rng.random() < 0.5 else (n_blocks, 2)
        expected = least_cost(X, *counts)
        check_solution(X, solve_ternary(Alphabet(X), *counts), *counts, expected)
        alphabet = Alphabet(X)
        if len(alphabet.values) == 3:
            cost = float(np.diff(alphabet.values).max())
            found = decide_ternary(alphabet.codes, alphabet.reach(cost), *counts)
            assert (found.status == "feasible") == (expected <= cost)


def test_a_third_column_block_can_help_two_row_blocks_of_three_letters():
    X = np.array([[0.0, 1, 2, 1, 0], [2, 2, 2, 0, 0]])
    costs = [cost_of(X, *solve_ternary(Alphabet(X), 2, p)) for p in (1, 2, 3, 4)]
    assert costs == [2, 2, 1, 1]


def test_ternary_takes_more_letters_that_have_two_windows():
    rng = np.random.default_rng(7)
    statuses = []
    for _ in range(300):
        X = draw_matrix(rng, [0, 1, 2, 3, 4], largest=5)
        alphabet, n_blocks = Alphabet(X), int(rng.integers(1, 5))
        if len(alphabet.values) == 5:
            found = decide_ternary(alphabet.codes, alphabet.reach(3.0), 2, n_blocks)
            statuses.append(found.status)
            assert (found.status == "feasible") == (least_cost(X, 2, n_blocks) <= 3)
    assert set(statuses) == {"feasible", "infeasible"}


def test_contiguous_blocks_are_the_best():
    rng = np.random.default_rng(8)
    for trial in range(300):
        X = draw_matrix(rng, range(12), largest=6)
        if trial % 2:
            X = X.cumsum(axis=0)
        counts = draw_counts(rng)
        expected = least_cost(X, *counts, labels=consecutive)
        search = ContiguousSearch(Alphabet(X), *counts)
        assert search.run()
        check_solution(X, (search.row_labels, search.column_labels), *counts, expected)
        assert search.cost == search.lower_bound == expected
        for labels in (search.row_labels, search.column_labels):
            assert (np.diff(labels) >= 0).all()
        check_decisions(X, decide_contiguous, *counts, expected)


def test_contiguous_search_that_is_cut_short_has_right_bounds_and_goes_on():
    rng = np.random.default_rng(9)
    n_runs = 0
    for _ in range(40):
        X = rng.integers(0, 30, size=(6, 7)).astype(float)
        expected = least_cost(X, 3, 3, labels=consecutive)
        search = ContiguousSearch(Alphabet(X), 3, 3)
        while not search.run(max_nodes=1):
            n_runs += 1
            assert search.lower_bound <= expected <= search.cost
            assert search.cost == cost_of(X, search.row_labels, search.column_labels)
        assert search.cost == expected
    assert n_runs > 40


def test_contiguous_search_without_time_returns_bounds():
    X = np.random.default_rng(10).normal(size=(40, 40))
    search = ContiguousSearch(Alphabet(X), 6, 6)
    assert not search.run(seconds=0)
    assert 0 < search.lower_bound < search.cost
    assert search.cost == cost_of(X, search.row_labels, search.column_labels)


def test_contiguous_recovers_planted_cuts():
    rng = np.random.default_rng(11)
    rows, columns = np.sort(rng.integers(4, size=50)), np.sort(rng.integers(5, size=40))
    X = rng.permutation(20).reshape(4, 5)[rows][:, columns] * 10.0
    X += rng.integers(0, 3, size=X.shape)
    search = ContiguousSearch(Alphabet(X), 4, 5)
    assert search.run()
    assert search.cost == 2
    np.testing.assert_array_equal(search.row_labels, rows)
    np.testing.assert_array_equal(search.column_labels, columns)


def test_two_sat_is_satisfied_exactly_when_an_assignment_exists():
    rng = np.random.default_rng(12)
    statuses = set()
    for _ in range(1000):
        n_variables = int(rng.integers(1, 6))
        first, second = rng.integers(2 * n_variables, size=(2, rng.integers(1, 16)))
        assignments = (np.arange(2**n_variables)[:, None] >> np.arange(n_variables)) & 1 == 1

        def holds(values, first=first, second=second):
            true = np.stack((values, ~values), axis=-1).reshape(-1)
            return bool((true[first] | true[second]).all())

        found = solve_two_sat(n_variables, first, second)
        possible = any(holds(values) for values in assignments)
        statuses.add(possible)
        assert (found is not None) == possible
        assert found is None or holds(found)
    assert statuses == {True, False}


@pytest.mark.parametrize("decide", [decide_one_sided, decide_two_by_two, decide_ternary])
def test_counts_of_another_case_are_refused(decide):
    alphabet = Alphabet(np.arange(3.0)[:, None])
    with pytest.raises(ValueError, match="n_row_clusters and n_column_clusters must be"):
        decide(alphabet.codes, alphabet.reach(0.0), 3, 3)


def test_letters_of_another_case_are_refused():
    alphabet = Alphabet(np.arange(4.0)[:, None])
    with pytest.raises(ValueError, match="at most 3 letters"):
        solve_ternary(alphabet, 2, 2)
    with pytest.raises(ValueError, match="at most 2 letters"):
        solve_two_letters(Alphabet(np.arange(3.0)[:, None]), 2, 2)
    with pytest.raises(ValueError, match="at most 2 maximal windows"):
        decide_ternary(alphabet.codes, alphabet.reach(1.0), 2, 2)
    with pytest.raises(ValueError, match="share a block"):
        decide_distinct(alphabet.codes, alphabet.reach(1.0), 2, 2)
