"""Is a cost possible, and how few clusters does it take: against brute force; errors of all."""

import numpy as np
import pytest
from reference_max_norm_estimator import KINDS, cost_of, least_cost, make_instance
from scipy import sparse

from skcocluster.max_norm import MinBlocks, cost_curve, is_feasible, min_blocks

# No search decides costs in the middle of the bounds of this one in less than minutes.
HARD = np.round(10 * np.random.default_rng(0).normal(size=(60, 60)))
OPEN_COST = 42.0
SEEDS = range(200, 208)


def tenths(shape=(6, 6), seed=0):
    return np.random.default_rng(seed).integers(-30, 31, shape) * 0.1


# -- is a cost possible -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_feasible_from_the_optimum_on(kind):
    for seed in SEEDS:
        X, k, p = make_instance(kind, seed)
        optimum = least_cost(X, k, p)
        differences = np.unique(np.abs(np.subtract.outer(X.astype(float), X.astype(float))))
        asked = {0.0, optimum, float(np.nextafter(optimum, np.inf)), float(differences.max())}
        asked |= {max(0.0, float(np.nextafter(optimum, -np.inf)))}
        asked |= set(np.random.default_rng(seed).choice(differences, 4).tolist())
        for cost in asked:
            answer = is_feasible(X, k, p, cost)
            assert answer is (optimum <= cost), f"seed {seed}, cost {cost!r}, {k} x {p}\n{X!r}"


def test_any_cost_is_possible_with_infinity():
    assert is_feasible(tenths(), 1, 1, np.inf)


def test_feasibility_of_sparse_and_lists():
    X = [[0, 3, 0], [3, 0, 3], [0, 3, 0]]
    assert is_feasible(X, 2, 2, 0)
    assert is_feasible(sparse.csr_array(X), 2, 2, 0)
    assert not is_feasible(sparse.csc_array(X), 1, 3, 2.5)


@pytest.mark.parametrize("limit", [0, 0.2])
def test_a_time_limit_before_the_answer_is_an_error(limit):
    with pytest.raises(TimeoutError, match=rf"time_limit={limit} s came before.*cost=42"):
        is_feasible(HARD, 7, 7, OPEN_COST, time_limit=limit)


def test_what_bounds_answer_needs_no_time():
    assert is_feasible(HARD, 7, 7, 80, time_limit=0)
    assert not is_feasible(HARD, 7, 7, 5, time_limit=0)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((7, 2, 1.0), ValueError, "n_row_clusters=7 is more than the number of rows=6"),
        ((2, 7, 1.0), ValueError, "n_column_clusters=7 is more than the number of columns=6"),
        ((0, 2, 1.0), ValueError, "n_row_clusters=0 must be at least 1"),
        ((2.0, 2, 1.0), TypeError, "n_row_clusters must be an integer, got 2.0"),
        ((2, 2, -1.0), ValueError, "cost=-1.0 must be at least 0"),
        ((2, 2, np.nan), ValueError, "cost=nan must be at least 0"),
        ((2, 2, "1"), TypeError, "cost must be a number, got '1'"),
        ((2, 2, None), TypeError, "cost must be a number, got None"),
    ],
)
def test_questions_out_of_range_are_named(arguments, error, message):
    with pytest.raises(error, match=message):
        is_feasible(tenths(), *arguments)


def ask_feasible(X=None, **options):
    return is_feasible(tenths() if X is None else X, 2, 2, 1.0, **options)


def ask_min_blocks(X=None, **options):
    return min_blocks(tenths() if X is None else X, 6.0, n_row_clusters=2, **options)


def ask_curve(X=None, **options):
    return cost_curve(tenths() if X is None else X, [1, 2], **options)


ASKS = pytest.mark.parametrize("ask", [ask_feasible, ask_min_blocks, ask_curve])


@ASKS
@pytest.mark.parametrize(
    ("limit", "error"),
    [(-1, ValueError), (np.nan, ValueError), ("1", TypeError), (True, TypeError)],
)
def test_time_limits_out_of_range_are_named(ask, limit, error):
    with pytest.raises(error, match="time_limit"):
        ask(time_limit=limit)


@ASKS
def test_seeds_of_other_types_are_refused(ask):
    with pytest.raises(ValueError, match="cannot be used to seed"):
        ask(random_state="today")


@ASKS
@pytest.mark.parametrize("value", [np.nan, np.inf, 1j])
def test_entries_without_order_are_refused(ask, value):
    X = tenths().astype(complex if value == 1j else float)
    X[1, 2] = value
    with pytest.raises(ValueError, match=r"NaN|infinity|Complex"):
        ask(X)


@ASKS
def test_range_beyond_floats_is_refused(ask):
    X = np.array([[1e308, -1e308, 5.0], [1e308, -1e308, 3.0], [-1e308, 1e308, 3.0]])
    with pytest.raises(ValueError, match=r"(?i)(range|difference).*(float64|overflow|large)"):
        ask(X)


# -- how few clusters -------------------------------------------------------------------------


def fewest(X, cost, given, n_given):
    """Fewest clusters of the other side by brute force; None when no number will do."""
    for n in range(1, X.shape[1 - given] + 1):
        counts = (n_given, n) if given == 0 else (n, n_given)
        if least_cost(X, *counts) <= cost:
            return n
    return None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [0, 1])
def test_fewest_clusters_are_those_of_brute_force(kind, given):
    name = ("n_row_clusters", "n_column_clusters")[given]
    for seed in SEEDS:
        X, *counts = make_instance(kind, seed, largest=5)
        cost = least_cost(X, *counts)
        n_given = counts[given]
        expected = fewest(X, cost, given, n_given)
        result = min_blocks(X, cost, **{name: n_given})
        assert isinstance(result, MinBlocks)
        assert result.n_clusters == result.lower_bound == expected, f"seed {seed}"
        assert cost_of(X, result.row_labels, result.column_labels) <= cost
        labels = (result.row_labels, result.column_labels)
        assert sorted(set(labels[given].tolist())) == list(range(n_given))
        assert sorted(set(labels[1 - given].tolist())) == list(range(expected))
        assert [len(one) for one in labels] == list(X.shape)


def test_fewest_clusters_grow_as_the_cost_shrinks():
    X = tenths((9, 8))
    costs = [6.0, 5.0, 4.0, 3.7]
    counts = [min_blocks(X, cost, n_row_clusters=5).n_clusters for cost in costs]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


@pytest.mark.parametrize(("given", "name"), [(0, "n_row_clusters"), (1, "n_column_clusters")])
def test_a_cost_that_no_number_allows_is_an_error_with_a_bound(given, name):
    X = tenths()
    with pytest.raises(ValueError, match=rf"cost=0.1 is not possible with {name}=2") as caught:
        min_blocks(X, 0.1, **{name: 2})
    bound = float(str(caught.value).rpartition(" ")[2].rstrip("."))
    counts = (2, 6) if given == 0 else (6, 2)
    assert 0.1 < bound <= least_cost(X, *counts) + 1e-9


def test_exactly_one_number_is_given():
    for options in ({}, {"n_row_clusters": 2, "n_column_clusters": 2}):
        with pytest.raises(ValueError, match="Give n_row_clusters or n_column_clusters, not both"):
            min_blocks(tenths(), 1.0, **options)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_row_clusters": 7}, ValueError, "n_row_clusters=7 is more than the number of rows=6"),
        ({"n_column_clusters": 7}, ValueError, "n_column_clusters=7 is more than .* columns=6"),
        ({"n_row_clusters": 0}, ValueError, "n_row_clusters=0 must be at least 1"),
        ({"n_column_clusters": 1.5}, TypeError, "n_column_clusters must be an integer, got 1.5"),
    ],
)
def test_numbers_out_of_range_are_named(options, error, message):
    with pytest.raises(error, match=message):
        min_blocks(tenths(), 1.0, **options)


def test_fewest_clusters_within_a_time_limit_have_bounds():
    result = min_blocks(HARD, 60.0, n_row_clusters=7, time_limit=0.3)
    assert 1 <= result.lower_bound <= result.n_clusters <= 60
    assert cost_of(HARD, result.row_labels, result.column_labels) <= 60
    assert len(set(result.column_labels.tolist())) == result.n_clusters


def test_a_time_limit_before_any_coclustering_is_no_answer():
    with pytest.raises(TimeoutError, match="time"):
        min_blocks(HARD, 40.0, n_row_clusters=5, time_limit=0)
