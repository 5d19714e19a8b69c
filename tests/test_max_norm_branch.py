"""Branch and bound and conflict graphs against all co-clusterings and plain loops."""

import itertools

import numpy as np
import pytest
from reference_max_norm_estimator import KINDS, cost_of, least_cost, make_instance

from skcocluster._maxnorm import _branch, _conflicts
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._branch import BranchAndBound
from skcocluster._maxnorm._conflicts import conflict_graph, find_clique, row_conflict_clique

PLENTY = 1_000_000


def make_decider(X, n_row_clusters, n_column_clusters, seed=0):
    rng = np.random.RandomState(seed)
    return BranchAndBound(Alphabet(X).codes, n_row_clusters, n_column_clusters, rng)


def decide(X, n_row_clusters, n_column_clusters, cost, max_nodes=PLENTY):
    decider = make_decider(X, n_row_clusters, n_column_clusters)
    decider.start(Alphabet(X).reach(cost))
    return decider.run(max_nodes)


def draw_gauss(n, seed):
    return np.round(10 * np.random.default_rng(seed).normal(size=(n, n)))


def check_labels(X, decision, n_row_clusters, n_column_clusters, cost):
    row_labels, column_labels = decision.row_labels, decision.column_labels
    assert row_labels.dtype == column_labels.dtype == np.int32
    assert row_labels.shape + column_labels.shape == np.shape(X)
    assert 0 <= row_labels.min() <= row_labels.max() < n_row_clusters
    assert 0 <= column_labels.min() <= column_labels.max() < n_column_clusters
    assert cost_of(X, row_labels, column_labels) <= cost


def check_all_costs(X, n_row_clusters, n_column_clusters):
    """One decider, all costs from the least on and back again, against the least cost."""
    X = np.asarray(X, dtype=np.float64)
    least = least_cost(X, n_row_clusters, n_column_clusters)
    alphabet = Alphabet(X)
    pairs = itertools.combinations(alphabet.values, 2)
    costs = sorted({0.0, *(high - low for low, high in pairs)})
    decider = make_decider(X, n_row_clusters, n_column_clusters)
    for cost in [*costs, *reversed(costs)]:
        decider.start(alphabet.reach(cost))
        decision = decider.run(PLENTY)
        assert decision.status == ("feasible" if cost >= least else "infeasible")
        if decision.status == "feasible":
            check_labels(X, decision, n_row_clusters, n_column_clusters, cost)


@pytest.mark.parametrize("kind", KINDS)
def test_decisions_are_those_of_all_coclusterings(kind):
    for seed in range(25):
        check_all_costs(*make_instance(kind, seed, largest=5))


def test_decisions_are_the_same_with_a_restart_at_each_failure(monkeypatch):
    monkeypatch.setattr(_branch, "_FIRST_RUN", 1)
    for seed in range(60):
        check_all_costs(*make_instance("integers", seed))


def test_decisions_are_the_same_when_conflicts_are_not_kept(monkeypatch):
    monkeypatch.setattr(_branch, "_CONFLICT_LIMIT", 2)
    for seed in range(60):
        check_all_costs(*make_instance("integers", seed))


@pytest.mark.parametrize("n_blocks", [2, 3, 4])
def test_larger_decisions_do_not_depend_on_seed_restarts_or_transposition(n_blocks, monkeypatch):
    X = draw_gauss(16, seed=n_blocks)
    alphabet = Alphabet(X)
    statuses = []
    for cost in np.arange(10.0, 50.0):
        found = {decide(X, n_blocks, n_blocks, cost).status}
        found.add(decide(X.T, n_blocks, n_blocks, cost).status)
        with monkeypatch.context() as patch:
            patch.setattr(_branch, "_FIRST_RUN", 1)
            decider = make_decider(X, n_blocks, n_blocks, seed=1)
            decider.start(alphabet.reach(cost))
            found.add(decider.run(PLENTY).status)
        assert len(found) == 1
        statuses += found
    assert statuses == sorted(statuses, reverse=True)
    assert set(statuses) == {"infeasible", "feasible"}


def test_conflicts_in_any_of_many_columns_count_when_they_are_not_kept(monkeypatch):
    X = draw_gauss(300, seed=0)[:12]
    statuses = set()
    for cost in np.arange(40.0, 60.0):
        expected = decide(X, 4, 4, cost)
        with monkeypatch.context() as patch:
            patch.setattr(_branch, "_CONFLICT_LIMIT", 2)
            found = decide(X, 4, 4, cost)
        assert found.status == expected.status
        if found.status == "feasible":
            check_labels(X, found, 4, 4, cost)
        statuses.add(found.status)
    assert statuses == {"infeasible", "feasible"}


@pytest.mark.parametrize("cost", [30.0, 36.0, 37.0, 40.0])
def test_outcome_does_not_depend_on_how_nodes_are_divided_into_calls(cost):
    X = draw_gauss(24, seed=0)
    results = []
    for max_nodes in (1, 7, PLENTY):
        decider = make_decider(X, 3, 3)
        for one in (20.0, cost):
            decider.start(Alphabet(X).reach(one))
            decision = decider.run(max_nodes)
            while decision.status == "unknown":
                before = decider.n_nodes
                decision = decider.run(max_nodes)
                assert decider.n_nodes - before <= max_nodes
        labels = [] if decision.row_labels is None else decision.row_labels.tolist()
        results.append((decision.status, decider.n_nodes, labels))
    assert results[0] == results[1] == results[2]


def test_budget_of_nodes_is_kept_and_the_search_goes_on_after_it():
    X = draw_gauss(40, seed=2)
    decider = make_decider(X, 5, 5)
    decider.start(Alphabet(X).reach(41.0))
    assert decider.run(100).status == "unknown"
    assert decider.n_nodes == 100
    while (decision := decider.run(1000)).status == "unknown":
        pass
    n_nodes = decider.n_nodes
    assert decider.run(100) is decision
    assert decider.n_nodes == n_nodes


def test_run_without_a_cost_names_what_to_call():
    with pytest.raises(RuntimeError, match="start"):
        make_decider(np.eye(3), 2, 2).run(10)


def test_more_than_64_blocks_are_told_apart():
    n = 70
    X = np.random.default_rng(0).integers(0, 5, (n, n))
    assert decide(X, n, n, 0.0).status == "feasible"
    assert decide(X, n - 1, n, 0.0).status == "infeasible"
    doubled = np.concatenate([X, X[::-1]])
    decision = decide(doubled, n, n, 0.0)
    check_labels(doubled, decision, n, n, 0.0)
    assert decision.row_labels[:n].tolist() == decision.row_labels[n:][::-1].tolist()


def test_more_blocks_than_rows_and_columns_are_allowed():
    X = np.arange(6.0).reshape(2, 3)
    check_labels(X, decide(X, 5, 7, 0.0), 2, 3, 0.0)


def test_large_planted_blocks_are_found_and_proven():
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, 6, 150), rng.integers(0, 5, 120)
    means = rng.permutation(30).reshape(6, 5) * 10.0
    X = means[rows][:, columns] + rng.integers(0, 4, (150, 120))
    check_labels(X, decide(X, 6, 5, 3.0), 6, 5, 3.0)
    assert decide(X, 6, 5, 2.0).status == "infeasible"
    assert decide(X, 5, 5, 9.0).status == "infeasible"


def test_entries_and_reach_are_not_changed():
    alphabet = Alphabet(draw_gauss(12, seed=0))
    codes, reach = alphabet.codes.copy(), alphabet.reach(25.0)
    alphabet.codes.flags.writeable = reach.flags.writeable = False
    before = reach.copy()
    decider = BranchAndBound(alphabet.codes, 2, 3, np.random.RandomState(0))
    decider.start(reach)
    assert decider.run(PLENTY).status != "unknown"
    np.testing.assert_array_equal(alphabet.codes, codes)
    np.testing.assert_array_equal(reach, before)


@pytest.mark.parametrize("n_columns", [3, 300])
def test_conflict_graph_is_that_of_plain_loops(n_columns):
    rng = np.random.default_rng(n_columns)
    X = rng.integers(0, 10, (12, n_columns)).clip(3, 6)
    # Conflicts far apart from each other, the last one in the last column.
    X[[0, 3, 7], [0, n_columns // 2, n_columns - 1]] = 9, 0, 9
    alphabet = Alphabet(X)
    adjacency = conflict_graph(alphabet.codes, alphabet.reach(4.0))
    expected = [[np.abs(a - b).max() > 4 for b in X] for a in X]
    assert 0 < np.sum(expected) < adjacency.size
    np.testing.assert_array_equal(adjacency, expected)


def test_clique_conflicts_pairwise_and_is_the_largest_one_on_small_graphs():
    rng = np.random.default_rng(0)
    for n in range(1, 9):
        adjacency = np.triu(rng.random((n, n)) < 0.6, 1)
        adjacency |= adjacency.T
        clique = find_clique(adjacency)
        assert adjacency[np.ix_(clique, clique)].sum() == len(clique) * (len(clique) - 1)
        largest = max(
            size
            for size in range(1, n + 1)
            for some in itertools.combinations(range(n), size)
            if adjacency[np.ix_(some, some)].sum() == size * (size - 1)
        )
        assert len(clique) == largest


def test_planted_clique_is_found():
    rng = np.random.default_rng(1)
    adjacency = np.triu(rng.random((200, 200)) < 0.3, 1)
    planted = np.sort(rng.choice(200, 15, replace=False))
    adjacency[np.ix_(planted, planted)] = np.triu(np.ones((15, 15), bool), 1)
    assert np.sort(find_clique(adjacency | adjacency.T)).tolist() == planted.tolist()


def test_clique_is_kept_when_the_steps_are_used_up(monkeypatch):
    monkeypatch.setattr(_conflicts, "_STEPS", 1)
    assert len(find_clique(~np.eye(9, dtype=bool))) == 9


@pytest.mark.parametrize("limit", [5, 100])
def test_clique_of_rows_conflicts_pairwise_within_the_limit_compared(limit):
    X = draw_gauss(40, seed=5)
    alphabet = Alphabet(X)
    clique = row_conflict_clique(alphabet.codes, alphabet.reach(30.0), limit)
    assert clique.tolist() == sorted(set(clique.tolist()))
    assert 2 <= len(clique) <= limit
    for a, b in itertools.combinations(X[clique], 2):
        assert np.abs(a - b).max() > 30


def test_rows_far_from_the_middle_on_either_side_are_compared():
    codes = np.array([[5, 5], [0, 0], [5, 4], [5, 5], [10, 10], [5, 6]], np.int32)
    # Each code reaches three more: rows 1 and 4 conflict with all others and each other.
    reach = np.minimum(np.arange(11) + 3, 10).astype(np.int32)
    assert row_conflict_clique(codes, reach, limit=2).tolist() == [1, 4]
