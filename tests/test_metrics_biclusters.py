"""Measures of two sets of biclusters against loops over entries and against other libraries."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import jaccard_score
from sklearn.metrics.cluster import pair_confusion_matrix

from skcocluster import NEOCC, Coclus
from skcocluster.datasets import make_overlapping_blocks
from skcocluster.metrics import (
    _checks,
    _soft_index,
    clustering_accuracy,
    clustering_error,
    consensus_score,
    csi,
    recovery_score,
    relevance_score,
    rnia,
)

seeds = st.integers(0, 10**6)
SIDES = ("rows", "columns", "both", "entries")


def draw(rng, n, n_rows=4, n_columns=3, share=None):
    """Random biclusters; some may be empty, some equal."""
    share = rng.choice([0.2, 0.5, 0.8]) if share is None else share
    return rng.random((n, n_rows)) < share, rng.random((n, n_columns)) < share


def draw_pair(seed, max_biclusters=4, **shape):
    rng = np.random.default_rng(seed)
    return tuple(draw(rng, rng.integers(0, max_biclusters + 1), **shape) for _ in range(2))


def entry_sets(biclusters):
    return [
        {(i, j) for i in np.flatnonzero(rows) for j in np.flatnonzero(columns)}
        for rows, columns in zip(*biclusters, strict=True)
    ]


def blocks(row_labels, column_labels):
    """The biclusters of a checkerboard, without regard to empty ones."""
    row_names, column_names = np.unique(row_labels), np.unique(column_labels)
    pairs = list(itertools.product(row_names, column_names))
    rows = np.array([np.equal(row_labels, g) for g, _ in pairs])
    return rows, np.array([np.equal(column_labels, h) for _, h in pairs])


def draw_blocks(rng, n_rows=4, n_columns=3):
    """All blocks of row and column clusters that overlap; some may be empty or equal."""
    n_row_clusters, n_column_clusters = rng.integers(0, 4, 2)
    share = rng.choice([0.3, 0.6])
    rows = rng.random((n_row_clusters, n_rows)) < share
    columns = rng.random((n_column_clusters, n_columns)) < share
    return (
        np.repeat(rows, n_column_clusters, axis=0),
        np.tile(columns, (n_row_clusters, 1)).reshape(-1, n_columns),
    )


def permute(rng, biclusters):
    order = rng.permutation(len(biclusters[0]))
    return biclusters[0][order], biclusters[1][order]


def nothing(n_rows=4, n_columns=3):
    return np.zeros((0, n_rows), bool), np.zeros((0, n_columns), bool)


# --- the definitions, entry by entry --------------------------------------------------------------


def naive_jaccard(s, t):
    return len(s & t) / len(s | t) if s | t else 1.0


def naive_best(a, b):
    if not a or not b:
        return float(len(a) == len(b))
    return sum(max(naive_jaccard(s, t) for t in b) for s in a) / len(a)


def naive_match(a, b, by):
    if by == "entries":
        return naive_best(entry_sets(a), entry_sets(b))
    sides = [
        [[set(np.flatnonzero(line)) for line in biclusters[side]] for biclusters in (a, b)]
        for side in (0, 1)
    ]
    rows, columns = (naive_best(*side) for side in sides)
    return {"rows": rows, "columns": columns, "both": math.sqrt(rows * columns)}[by]


def covers(biclusters):
    shape = biclusters[0].shape[1], biclusters[1].shape[1]
    sets = entry_sets(biclusters)
    return [sum(entry in s for s in sets) for entry in itertools.product(*map(range, shape))]


def naive_areas(a, b):
    pairs = list(zip(covers(a), covers(b), strict=True))
    return sum(map(max, pairs)), sum(map(min, pairs))


def naive_best_sum(a, b):
    """The most entries that one matching of biclusters can share, by trying all."""
    a, b = sorted((entry_sets(a), entry_sets(b)), key=len)
    return max(
        sum(len(s & t) for s, t in zip(a, chosen, strict=True))
        for chosen in itertools.permutations(b, len(a))
    )


def naive_csi(a, b):
    """Campello's index pair by pair, each entry that is in no bicluster a cluster of its own."""
    agree = differ = 0
    sides = []
    entries = list(itertools.product(range(a[0].shape[1]), range(a[1].shape[1])))
    for sets in (entry_sets(a), entry_sets(b)):
        found = set().union(*sets)
        sides.append([*sets, *({entry} for entry in entries if entry not in found)])
    for s, t in itertools.combinations(entries, 2):
        together = [sum(s in own and t in own for own in sets) for sets in sides]
        agree, differ = agree + min(together), differ + abs(together[0] - together[1])
        for entry in (s, t):
            extra = [sum(entry in own for own in sets) - 1 for sets in sides]
            agree, differ = agree + min(extra), differ + abs(extra[0] - extra[1])
    return agree / (agree + differ) if agree + differ else 1.0


@given(seed=seeds)
def test_recovery_and_relevance_are_the_mean_best_matches(seed):
    true, pred = draw_pair(seed)
    for by in SIDES:
        value = recovery_score(true, pred, by=by)
        assert isinstance(value, float)
        assert_allclose(value, naive_match(true, pred, by), rtol=1e-12)
        assert_allclose(relevance_score(true, pred, by=by), naive_match(pred, true, by), rtol=1e-12)
    assert recovery_score(true, pred) == recovery_score(true, pred, by="rows")
    assert relevance_score(true, pred) == relevance_score(true, pred, by="rows")


@given(seed=seeds)
def test_clustering_error_and_rnia_are_those_of_counted_entries(seed):
    a, b = draw_pair(seed)
    union, intersection = naive_areas(a, b)
    error, distance = clustering_error(a, b), rnia(a, b)
    assert isinstance(error, float)
    assert isinstance(distance, float)
    assert error == ((union - naive_best_sum(a, b)) / union if union else 0.0)
    assert distance == ((union - intersection) / union if union else 0.0)


@given(seed=seeds)
def test_csi_is_that_of_counted_pairs(seed):
    a, b = draw_pair(seed)
    value = csi(a, b)
    assert isinstance(value, float)
    assert_allclose(value, naive_csi(a, b), rtol=1e-14)


@given(seed=seeds)
def test_csi_of_blocks_that_overlap_is_that_of_counted_pairs(seed):
    rng = np.random.default_rng(seed)
    a, b = draw_blocks(rng), draw_blocks(rng)
    assert_allclose(csi(a, b), naive_csi(a, b), rtol=1e-14)
    assert csi(a, permute(rng, a)) == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_both_ways_to_count_pairs_of_blocks_agree(seed):
    rng = np.random.default_rng(seed)
    a, b = draw_blocks(rng, 30, 20), draw_blocks(rng, 30, 20)
    grids = _soft_index.split_grid(a), _soft_index.split_grid(b)
    if None not in grids and a[0].any() and b[0].any():
        assert _soft_index.count_pairs_of_grids(*grids) == _soft_index.count_pairs_of_kinds(a, b)


def test_only_all_pairs_of_row_and_column_sets_are_a_grid():
    rows, columns = [[1, 1, 0], [0, 1, 1]], [[1, 0], [1, 1]]
    grid = np.repeat(rows, 2, axis=0).astype(bool), np.tile(columns, (2, 1)).astype(bool)
    row_sets, column_sets = _soft_index.split_grid(grid)
    assert sorted(row_sets.tolist()) == sorted(np.array(rows, bool).tolist())
    assert sorted(column_sets.tolist()) == sorted(np.array(columns, bool).tolist())
    empty = np.zeros((2, 3), bool), np.ones((2, 2), bool)
    padded = tuple(np.vstack(parts) for parts in zip(grid, empty, strict=True))
    assert_array_equal(_soft_index.split_grid(padded)[0], row_sets)
    padded = tuple(np.vstack(parts) for parts in zip(grid, (~empty[0], ~empty[1]), strict=True))
    assert_array_equal(_soft_index.split_grid(padded)[1], column_sets)
    assert _soft_index.split_grid(tuple(part[:3] for part in grid)) is None
    assert _soft_index.split_grid(tuple(np.vstack([part, part]) for part in grid)) is None


def test_blocks_that_overlap_are_counted_without_their_entries(monkeypatch):
    monkeypatch.delattr(_soft_index, "count_pairs_of_kinds")
    rows, columns = [[1, 1, 0, 0], [0, 1, 1, 1]], [[1, 1, 0], [0, 1, 1]]
    a = np.repeat(rows, 2, axis=0), np.tile(columns, (2, 1))
    b = np.repeat(rows[::-1], 2, axis=0)[:, ::-1], np.tile(columns, (2, 1))
    assert_allclose(csi(a, b), naive_csi(a, b), rtol=1e-14)
    assert 0.0 < csi(a, b) < 1.0


@pytest.mark.parametrize("chunk", [1, 7, 1000])
@pytest.mark.parametrize(
    "draw_sets", [lambda rng: draw(rng, 4, 30, 20), lambda rng: draw_blocks(rng, 30, 20)]
)
@pytest.mark.parametrize("seed", range(4))
def test_measures_do_not_depend_on_the_size_of_the_pieces(seed, draw_sets, chunk, monkeypatch):
    rng = np.random.default_rng(seed + 20)
    a, b = draw_sets(rng), draw_sets(rng)
    whole = [measure(a, b) for measure in (clustering_error, rnia, csi)]
    monkeypatch.setattr(_checks, "CHUNK_ENTRIES", chunk)
    assert [measure(a, b) for measure in (clustering_error, rnia, csi)] == whole


@given(seed=seeds, times=st.integers(2, 5))
def test_repeated_rows_and_columns_count_as_often_as_they_are_there(seed, times):
    a, b = draw_pair(seed)
    wide = [(np.repeat(rows, times, axis=1), columns) for rows, columns in (a, b)]
    assert_allclose(clustering_error(*wide), clustering_error(a, b), rtol=1e-14)
    assert_allclose(rnia(*wide), rnia(a, b), rtol=1e-14)
    assert_allclose(csi(*wide), naive_csi(*wide), rtol=1e-14)


# --- other implementations, where the measures meet -----------------------------------------------


@given(seed=seeds, k=st.integers(1, 4), p=st.integers(1, 4))
def test_csi_of_checkerboards_is_the_jaccard_index_of_pairs(seed, k, p):
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, k, (2, 6)), rng.integers(0, p, (2, 5))
    entries = [np.add.outer(rows[i] * p, columns[i]).ravel() for i in range(2)]
    (_, only_second), (only_first, both) = pair_confusion_matrix(*entries)
    either = only_first + only_second + both
    a, b = (blocks(rows[i], columns[i]) for i in range(2))
    assert_allclose(csi(a, b), both / either if either else 1.0, rtol=1e-14)
    assert_allclose(clustering_error(a, b), 1 - clustering_accuracy(*entries), atol=1e-14)
    assert rnia(a, b) == 0.0


@given(seed=seeds)
def test_measures_of_one_bicluster_are_one_jaccard_index(seed):
    rng = np.random.default_rng(seed)
    a, b = (draw(rng, 1, n_rows=9, n_columns=7, share=0.6) for _ in range(2))
    a[0][0, 0] = a[1][0, 0] = True
    entries = [np.outer(rows[0], columns[0]).ravel() for rows, columns in (a, b)]
    expected = jaccard_score(*entries)
    for value in (
        recovery_score(a, b, by="entries"),
        relevance_score(a, b, by="entries"),
        consensus_score(a, b),
        1 - clustering_error(a, b),
        1 - rnia(a, b),
    ):
        assert_allclose(value, expected, atol=1e-14)


# --- worked examples ------------------------------------------------------------------------------


def test_worked_example_of_a_bicluster_in_two_halves_and_one_lost():
    # Entries: a whole of 4 x 2 = 8 in two halves of 4, and one of 2 x 2 = 4 that was not found.
    true = ([[1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]], [[1, 1, 0, 0], [0, 0, 1, 1]])
    pred = ([[1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0]], [[1, 1, 0, 0], [1, 1, 0, 0]])
    assert recovery_score(true, pred) == (1 / 2 + 0) / 2
    assert recovery_score(true, pred, by="columns") == (1 + 0) / 2
    assert recovery_score(true, pred, by="entries") == (1 / 2 + 0) / 2
    assert recovery_score(true, pred, by="both") == math.sqrt(1 / 4 * 1 / 2)
    assert relevance_score(true, pred) == 1 / 2
    assert relevance_score(true, pred, by="columns") == 1.0
    assert consensus_score(true, pred) == (1 / 2 + 0) / 2
    assert clustering_error(true, pred) == (12 - 4) / 12
    assert rnia(true, pred) == 4 / 12
    # Pairs: 28 in the whole, 6 in each half, 6 in the lost one.
    assert csi(true, pred) == (6 + 6) / (28 + 6)


def test_worked_example_of_biclusters_that_overlap():
    # Two of 2 x 2 that share one entry, and the 3 x 3 around them.
    a = ([[1, 1, 0], [0, 1, 1]], [[1, 1, 0], [0, 1, 1]])
    b = ([[1, 1, 1]], [[1, 1, 1]])
    # Counted once in b and twice in a, the shared entry is 2 of the union of 10.
    assert rnia(a, b) == (10 - 7) / 10
    assert clustering_error(a, b) == (10 - 4) / 10
    # Pairs: 6 in each, none in both biclusters, 36 in b; one extra membership, in 8 pairs.
    assert csi(a, b) == 12 / (36 + 8)
    # In a larger matrix, the entry with the extra membership has more others to be paired with.
    wider = [
        (np.pad(rows, ((0, 0), (0, 7))), np.pad(columns, ((0, 0), (0, 2))))
        for rows, columns in (a, b)
    ]
    assert csi(*wider) == 12 / (36 + 49)
    assert recovery_score(a, b, by="entries") == 4 / 9


def test_published_claim_that_rows_alone_ignore_the_columns():
    true = ([[1, 1, 0, 0]], [[1, 0, 0]])
    pred = ([[1, 1, 0, 0]], [[0, 1, 1]])
    assert recovery_score(true, pred) == relevance_score(true, pred) == 1.0
    assert recovery_score(true, pred, by="entries") == 0.0
    # Both asks for rows and for columns, but not of one bicluster.
    true = ([[1, 1, 0, 0], [0, 0, 1, 1]], [[1, 0], [0, 1]])
    pred = ([[1, 1, 0, 0], [0, 0, 1, 1]], [[0, 1], [1, 0]])
    assert recovery_score(true, pred, by="both") == 1.0
    assert recovery_score(true, pred, by="entries") == 0.0


# --- properties -----------------------------------------------------------------------------------

MATCHES = [
    lambda a, b, score=score, by=by: score(a, b, by=by)
    for score in (recovery_score, relevance_score)
    for by in SIDES
]
SYMMETRIC = [clustering_error, rnia, csi]
DISTANCES = [clustering_error, rnia]


@given(seed=seeds)
def test_values_are_within_their_range_and_blind_to_order(seed):
    a, b = draw_pair(seed, n_rows=6, n_columns=5)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(6), rng.permutation(5)
    moved = [permute(rng, (part[0][:, rows], part[1][:, columns])) for part in (a, b)]
    for measure in (*MATCHES, *SYMMETRIC):
        value = measure(a, b)
        assert 0.0 <= value <= 1.0
        assert_allclose(measure(*moved), value, rtol=1e-12)


@given(seed=seeds)
def test_measures_are_symmetric_and_error_is_not_below_rnia(seed):
    a, b = draw_pair(seed)
    for measure in SYMMETRIC:
        assert measure(b, a) == measure(a, b)
    assert clustering_error(a, b) >= rnia(a, b)
    for by in SIDES:
        assert recovery_score(a, b, by=by) == relevance_score(b, a, by=by)


@given(seed=seeds)
def test_measures_of_entries_are_the_same_for_the_transposed_matrix(seed):
    a, b = draw_pair(seed)
    turned = a[::-1], b[::-1]
    for measure in (*SYMMETRIC, MATCHES[SIDES.index("entries")]):
        assert_allclose(measure(*turned), measure(a, b), rtol=1e-14)


@given(seed=seeds)
def test_perfect_values_are_for_equal_sets_only(seed):
    # Two rows and two columns: equal sets are common, and so are almost equal ones.
    a, b = draw_pair(seed, max_biclusters=3, n_rows=2, n_columns=2)
    sets = [[frozenset(s) for s in entry_sets(part)] for part in (a, b)]
    without_empty = [sorted(sorted(s) for s in side if s) for side in sets]
    assert (clustering_error(a, b) == 0.0) == (without_empty[0] == without_empty[1])
    assert (rnia(a, b) == 0.0) == (covers(a) == covers(b))
    any_found = bool(sets[1]) or not sets[0]
    assert (recovery_score(a, b, by="entries") == 1.0) == (
        any_found and bool(sets[0]) == bool(sets[1]) and set(sets[0]) <= set(sets[1])
    )


@given(seed=seeds, n=st.integers(0, 5))
def test_a_set_and_its_permutation_agree_in_full(seed, n):
    rng = np.random.default_rng(seed)
    a = draw(rng, n, n_rows=7, n_columns=6)
    b = permute(rng, a)
    assert all(measure(a, b) == 1.0 for measure in (*MATCHES, csi))
    assert all(distance(a, b) == 0.0 for distance in DISTANCES)


def test_rnia_is_the_worst_value_for_covers_that_do_not_meet():
    a = ([[1, 1, 0, 0]], [[1, 1, 1]])
    b = ([[0, 0, 1, 1]], [[1, 1, 1]])
    assert rnia(a, b) == clustering_error(a, b) == 1.0
    assert csi(a, b) == 0.0
    assert recovery_score(a, b) == relevance_score(a, b) == 0.0


def test_superfluous_biclusters_cost_relevance_and_not_recovery():
    rng = np.random.default_rng(0)
    true, other = draw(rng, 3, share=0.5), draw(rng, 2, share=0.5)
    pred = tuple(np.vstack(parts) for parts in zip(true, other, strict=True))
    for by in SIDES:
        assert recovery_score(true, pred, by=by) == 1.0
        assert relevance_score(true, pred, by=by) < 1.0
        assert relevance_score(true, tuple(np.vstack([x, x]) for x in true), by=by) == 1.0


# --- nothing, and bad input -----------------------------------------------------------------------


def test_sets_without_biclusters_have_the_documented_values():
    some = ([[1, 1, 0, 0]], [[1, 1, 0]])
    for measure in (*MATCHES, csi):
        assert measure(nothing(), nothing()) == 1.0
        assert measure(nothing(), some) == measure(some, nothing()) == 0.0
    for distance in DISTANCES:
        assert distance(nothing(), nothing()) == 0.0
        assert distance(nothing(), some) == distance(some, nothing()) == 1.0


def test_empty_biclusters_are_ignored_where_entries_count():
    rng = np.random.default_rng(0)
    a, b = (draw(rng, 3, n_rows=6, n_columns=5, share=0.6) for _ in range(2))
    assert all(entry_sets(a))
    holes = np.zeros((2, 6), bool), np.ones((2, 5), bool)
    padded = tuple(np.vstack(parts) for parts in zip(b, holes, strict=True))
    for measure in SYMMETRIC:
        assert measure(a, padded) == measure(a, b)
        assert measure(holes, nothing(6, 5)) == measure(nothing(6, 5), nothing(6, 5))
    assert relevance_score(a, padded, by="entries") < relevance_score(a, b, by="entries")
    assert recovery_score(holes, holes, by="entries") == 1.0


def test_single_entries_make_no_pairs():
    a = ([[1, 0, 0, 0]], [[1, 0, 0]])
    b = ([[0, 0, 1, 0]], [[0, 1, 0]])
    assert csi(a, b) == csi(a, nothing()) == 1.0


def test_large_biclusters_are_counted_exactly():
    n_rows, n_columns = 100_003, 100_019
    rows, columns = np.ones((1, n_rows), bool), np.ones((1, n_columns), bool)
    fewer = rows.copy()
    fewer[0, 0] = False
    a, b = (rows, columns), (fewer, columns)
    total, part = n_rows * n_columns, (n_rows - 1) * n_columns
    assert clustering_error(a, b) == rnia(a, b) == (total - part) / total
    assert csi(a, b) == math.comb(part, 2) / math.comb(total, 2)
    # Twice the same: all pairs are together twice, and both entries have one membership more.
    twice = np.vstack([rows, rows]), np.vstack([columns, columns])
    assert csi(a, twice) == 1 / 4
    assert csi(twice, twice) == 1.0


@pytest.mark.parametrize(
    "measure", [recovery_score, relevance_score, clustering_error, rnia, csi, consensus_score]
)
def test_bad_biclusters_are_named(measure):
    good = np.ones((1, 3)), np.ones((1, 4))
    first = "biclusters_true" if measure in (recovery_score, relevance_score) else "a"
    with pytest.raises(ValueError, match=f"{first} must be"):
        measure((np.ones((2, 3)), np.ones((1, 4))), good)
    with pytest.raises(ValueError, match=f"{first} must be"):
        measure((np.ones(3), np.ones(4)), good)
    with pytest.raises(ValueError, match=r"over 3 rows and 4 columns, .* over 3 and 5"):
        measure(good, (np.ones((1, 3)), np.ones((1, 5))))
    with pytest.raises(ValueError, match="indicators, bool or 0 and 1"):
        measure(good, (np.array([[0, 1, 2]]), np.array([[0, 1, 2, 3]])))
    with pytest.raises(ValueError, match="indicators, bool or 0 and 1"):
        measure((np.array([["a", "b", "c"]]), np.ones((1, 4))), good)


@pytest.mark.parametrize("score", [recovery_score, relevance_score])
def test_unknown_sides_are_refused(score):
    good = np.ones((1, 3)), np.ones((1, 4))
    with pytest.raises(ValueError, match="by='cells' is not one of"):
        score(good, good, by="cells")


# --- fitted estimators ----------------------------------------------------------------------------


def test_biclusters_of_fitted_estimators_are_taken():
    X, rows, columns = make_overlapping_blocks((60, 40), n_clusters=(3, 2), random_state=0)
    model = NEOCC(3, 2, row_overlap=0.2, random_state=0).fit(X)
    true = np.repeat(rows.T, 2, axis=0), np.tile(columns.T, (3, 1))
    for measure in (*MATCHES, *SYMMETRIC):
        assert 0.0 <= measure(true, model.biclusters_) <= 1.0
    assert recovery_score(model.biclusters_, model.biclusters_) == 1.0
    other = Coclus(3, random_state=0).fit(np.abs(X))
    assert 0.0 < clustering_error(model.biclusters_, other.biclusters_) <= 1.0
