"""How values choose a candidate: the best, the elbow, one standard error, the most stable."""

import numpy as np
import pytest

from skcocluster import BBAC, Coclus
from skcocluster.model_selection._candidates import (
    Candidate,
    find_predecessors,
    find_successors,
    make_candidates,
    make_levels,
)
from skcocluster.model_selection._selection import (
    elbow_strengths,
    select_best,
    select_elbow,
    select_most_stable,
    select_one_standard_error,
    select_target,
)
from skcocluster.model_selection._warm import change_number, find_starts, make_profiles

# Of a curve's range: too little to count, and more than nothing.
TINY = 1e-9


def make_grid(rows, columns):
    return [
        Candidate(i, {}, (k, p), "")
        for i, (k, p) in enumerate((k, p) for k in rows for p in columns)
    ]


def make_line(numbers):
    return [Candidate(i, {}, (k, k), "") for i, k in enumerate(numbers)]


def one(values):
    return np.array(values, float)[:, None]


def test_best_is_the_greatest_and_of_equals_that_of_fewest_blocks():
    candidates = make_line([4, 3, 2])
    assert select_best(one([5, 7, 6]), candidates) == 1
    assert select_best(one([7, 7 + 1e-12, 6]), candidates) == 1
    assert select_best(one([np.nan, np.nan, 6]), candidates) == 2


def test_one_standard_error_goes_by_differences_on_the_same_splits():
    candidates = make_line([1, 2, 3])
    # Splits differ much, candidates in each of them little: 2 is clearly worse than 3, 1 more so.
    values = np.array([[1.0, 5.0, 9.0], [2.9, 6.9, 10.9], [3.0, 7.0, 11.01]])
    assert select_one_standard_error(values, candidates) == 2
    # Behind by 0.1, 0.3 and -0.1: 0.1 on the average, with a standard error of 0.115.
    values[1] = values[2] - [0.1, 0.3, -0.1]
    assert select_one_standard_error(values, candidates) == 1
    values[1] = values[2] - [0.1, 0.3, 0.0]
    assert select_one_standard_error(values, candidates) == 2


def test_most_stable_has_the_most_blocks_above_three_quarters_of_the_best():
    candidates = make_line([1, 2, 3, 4])
    assert select_most_stable(one([1, 0.9, 0.76, 0.74]), candidates) == 2
    assert select_most_stable(one([1, 0.5, 0.4, np.nan]), candidates) == 0


def test_target_takes_the_fewest_blocks_that_reach_it():
    candidates = make_line([4, 3, 2])
    assert select_target(one([0.9, 0.8, 0.5]), candidates, 0.7, "explained_divergence") == 1
    with pytest.raises(ValueError, match=r"reaches target=0.95: the best .* is 0.9"):
        select_target(one([0.9, 0.8, 0.5]), candidates, 0.95, "explained_divergence")


def test_strength_of_a_line_is_the_ratio_of_gains_for_each_cluster():
    # Gains for each cluster: 0.4, 0.1, 0.1 / 2.
    strengths = elbow_strengths(one([0, 0.4, 0.5, 0.6]), make_line([1, 2, 3, 5]), TINY)
    np.testing.assert_allclose(strengths, [np.nan, 4.0, 2.0, np.nan], rtol=1e-6)


def test_strength_on_a_grid_is_that_of_the_weaker_side():
    candidates = make_grid([1, 2, 3], [1, 2, 3])
    values = one([0, 0.1, 0.2, 0.5, 0.6, 0.65, 0.6, 0.7, 0.8])
    strengths = elbow_strengths(values, candidates, TINY)
    assert np.flatnonzero(~np.isnan(strengths)).tolist() == [4]
    # Rows gain 0.5 and then 0.1, columns 0.1 and then 0.05.
    np.testing.assert_allclose(strengths[4], 2.0, rtol=1e-6)


def test_gains_below_the_flat_share_make_no_elbow():
    candidates = make_line([1, 2, 3, 4, 5])
    values = one([0, 1, 1 + 1e-6, 1 + 1e-6, 1 + 1e-6])
    assert elbow_strengths(values, candidates, TINY)[2] > 100
    assert elbow_strengths(values, candidates, 0.01)[2] < 1.01


def test_values_that_fall_count_as_those_before():
    falling = elbow_strengths(one([0, 0.5, 0.4, 0.6]), make_line([1, 2, 3, 4]), 0.01)
    level = elbow_strengths(one([0, 0.5, 0.5, 0.6]), make_line([1, 2, 3, 4]), 0.01)
    np.testing.assert_array_equal(falling, level)


def test_elbow_is_the_last_bend_not_the_sharpest():
    candidates = make_line([1, 2, 3, 4, 5])
    assert select_elbow(np.array([np.nan, 9.0, 2.5, 1.2, np.nan]), candidates) == 2


def test_curve_without_a_bend_warns():
    candidates = make_line([1, 2, 3, 4])
    with pytest.warns(UserWarning, match="bends nowhere"):
        assert select_elbow(np.array([np.nan, 1.3, 1.6, np.nan]), candidates) == 2
    with pytest.raises(ValueError, match="three values at least"):
        select_elbow(np.full(4, np.nan), candidates)


# -- neighbours -------------------------------------------------------------------------------


def test_neighbours_are_next_in_the_grid_within_equal_other_parameters():
    grid = {"n_row_clusters": [2, 4, 3], "n_column_clusters": [2, 5], "n_init": [1, 2]}
    candidates = make_candidates(BBAC(), grid, 10)
    below = find_predecessors(candidates)
    for candidate, places in zip(candidates, below, strict=True):
        k, p = candidate.counts
        expected = {(k - 1, p)} if k > 2 else set()
        expected |= {(k, 2)} if p == 5 else set()
        assert {candidates[j].counts for j in places} == expected
        assert all(candidates[j].params["n_init"] == candidate.params["n_init"] for j in places)
    above = find_successors(below)
    assert all((i in above[j]) == (j in below[i]) for i in range(12) for j in range(12))
    done = set()
    for level in make_levels(below):
        assert all(done.issuperset(below[i]) for i in level)
        done |= set(level)
    assert done == set(range(12))


def test_counts_are_those_that_estimators_use():
    counts = [c.counts for c in make_candidates(BBAC(), {"n_row_clusters": [2, 7]}, 5)]
    assert counts == [(2, 2), (7, 5)]
    assert make_candidates(Coclus(), {"n_clusters": [4]}, 5)[0].counts == (4, 4)
    assert make_candidates(Coclus(), {"n_clusters": ["4x"]}, 5)[0].counts is None


# -- starts from neighbours -------------------------------------------------------------------


def test_profiles_are_means_over_observed_entries_weighted_by_sizes():
    X = np.array([[1.0, 3.0, 5.0], [np.nan, 2.0, 8.0], [4.0, np.nan, np.nan], [np.nan] * 3])
    profiles = make_profiles(X, np.array([0, 0, 1]))
    means = np.array([[2.0, 5.0], [2.0, 8.0], [4.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(profiles, means * np.sqrt([2.0, 1.0]))


def test_split_cuts_the_cluster_that_is_least_alike_and_merge_joins_the_closest():
    profiles = np.array([0.0, 0.1, 9.0, 9.2, 20.0, 26.0])[:, None]
    labels = np.array([0, 0, 1, 1, 2, 2])
    split = change_number(profiles, labels, 3, 4)
    assert split[:4].tolist() == [0, 0, 1, 1]
    assert set(split[4:]) == {2, 3}
    merged = change_number(profiles, labels, 3, 2)
    assert merged[0] == merged[2]
    assert merged[0] != merged[4]
    assert set(merged) == {0, 1}


def test_coclus_starts_split_the_joined_and_merge_the_cut():
    blocks = np.kron(np.eye(3), np.ones((4, 3))) * 5 + 0.1
    rows, columns = np.repeat([0, 1, 2], 4), np.repeat([0, 1, 2], 3)
    joined = np.minimum(rows, 1), np.minimum(columns, 1)
    same, split = find_starts(Coclus(3), blocks, joined, (2, 2), (3, 3))
    assert same["init"].tolist() == joined[1].tolist()
    assert len({*map(tuple, np.split(split["init"], 3))}) == 3
    cut = np.where(np.arange(12) == 3, 3, rows), np.where(np.arange(9) == 2, 3, columns)
    (merged,) = find_starts(Coclus(3), blocks, cut, (4, 4), (3, 3))
    assert len({*map(tuple, np.split(merged["init"], 3))}) == 3
