"""The local search of MaxNormCoclustering: which costs it aims at, with how many moves."""

import numpy as np
import pytest
from reference_max_norm_estimator import cost_of

from skcocluster._maxnorm import _local_search
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._budget import Budget
from skcocluster._maxnorm._coclustering import Coclustering
from skcocluster._maxnorm._local_search import CALL_WORK, MOVES, SHARES, LocalSearch
from skcocluster._maxnorm._proof import Proof


class Kernel:
    """Stands for the moves: succeeds at what it is told, by one block less wide."""

    def __init__(self, outcomes):
        self.outcomes = iter(outcomes)
        self.aims, self.moves = [], []

    def __call__(self, X, XT, rows, columns, n_rows, n_columns, aim, n_moves, state):
        self.aims.append(aim)
        self.moves.append(n_moves)
        return next(self.outcomes, False)


def make_proof(monkeypatch, outcomes, lower=0.0):
    """A proof whose cost becomes the aim at each success, and the kernel."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 1000, (40, 30)).astype(float)
    proof = Proof.trivial(Alphabet(X), (4, 3))
    proof.lower = lower
    kernel = Kernel(outcomes)
    monkeypatch.setattr(_local_search, "lower_cost", kernel)

    def offer(rows, columns):
        proof.best = Coclustering(rows, columns, kernel.aims[-1])

    monkeypatch.setattr(proof, "offer", offer)
    return proof, kernel


def improve(proof, effort=8, budget=None):
    """Search with a seed of its own."""
    LocalSearch(proof, np.random.RandomState(0)).improve(proof, effort, budget or Budget())


def share_below(proof, start, aim):
    """Which share of the differences between the bounds lies below an aim."""
    differences = np.unique(np.abs(np.subtract.outer(*[proof.alphabet.values] * 2)))
    between = differences[(differences >= proof.lower) & (differences < start)]
    return np.searchsorted(between, aim) / (len(between) - 1)


def test_aims_come_closer_to_the_cost_at_each_failure(monkeypatch):
    proof, kernel = make_proof(monkeypatch, [])
    start = proof.best.cost
    improve(proof)
    shares = [share_below(proof, start, aim) for aim in kernel.aims]
    assert shares == sorted(shares)
    assert len(shares) == len(SHARES)
    # Differences are drawn by how often they occur, of which small ones have more.
    assert shares[0] < 0.8 < shares[-2] < 1.0
    assert kernel.aims[-1] == proof.alphabet.largest_below(start)


def test_success_goes_on_from_the_cost_reached_at_most_two_steps_from_the_end(monkeypatch):
    # Four failures would end it: the fourth aim, the next difference below, is a success.
    proof, kernel = make_proof(monkeypatch, [False, False, False, True])
    start = proof.best.cost
    improve(proof)
    assert kernel.aims[3] == proof.alphabet.largest_below(start)
    assert proof.best.cost == kernel.aims[3]
    # Then the third share of what is left, and the next difference again.
    assert len(kernel.aims) == 6
    assert kernel.aims[4] < kernel.aims[5] == proof.alphabet.largest_below(kernel.aims[3])


def test_success_keeps_the_step(monkeypatch):
    proof, kernel = make_proof(monkeypatch, [True, True])
    improve(proof)
    assert kernel.aims[0] > kernel.aims[1]
    # Two successes and four failures.
    assert len(kernel.aims) == 6
    assert kernel.aims[2:] == sorted(kernel.aims[2:])
    assert proof.best.cost == kernel.aims[1]


def test_an_aim_that_was_missed_is_not_tried_again(monkeypatch):
    # Between bounds that are neighbours there is one aim, whatever the share.
    proof, kernel = make_proof(monkeypatch, [])
    proof.lower = proof.alphabet.largest_below(proof.best.cost)
    improve(proof)
    assert kernel.aims == [proof.lower]


def test_search_ends_with_the_proof(monkeypatch):
    proof, kernel = make_proof(monkeypatch, [True])
    proof.lower = proof.alphabet.largest_below(proof.best.cost)
    improve(proof)
    assert kernel.aims == [proof.lower]
    assert proof.is_optimal
    improve(proof)
    assert len(kernel.aims) == 1


@pytest.mark.parametrize(("effort", "n_moves"), [(8, 8 * 70 // MOVES), (0, 1)])
def test_moves_grow_with_the_effort_and_the_sides(monkeypatch, effort, n_moves):
    proof, kernel = make_proof(monkeypatch, [])
    improve(proof, effort)
    assert kernel.moves == [n_moves] * len(SHARES)


def test_moves_of_one_call_are_bounded(monkeypatch):
    proof, kernel = make_proof(monkeypatch, [])
    improve(proof, effort=10**9)
    # A move costs its cluster's ranges on both sides, of 40 rows and 30 columns, and one column.
    assert kernel.moves[0] == CALL_WORK // (40 * 3 + 30 * 4 + 40 * 30 // 3)


def test_work_is_taken_off_the_budget(monkeypatch):
    proof, kernel = make_proof(monkeypatch, [])
    budget = Budget(work=200)
    improve(proof, effort=8, budget=budget)
    assert kernel.moves == [140, 60]
    assert budget.is_over()
    improve(proof, effort=8, budget=budget)
    assert len(kernel.moves) == 2


@pytest.mark.parametrize("seed", range(5))
def test_planted_blocks_are_found_from_one_block(seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(36) % 3, rng.permutation(24) % 3
    X = 10.0 * rng.permutation(9).reshape(3, 3)[np.ix_(rows, columns)] + rng.random((36, 24))
    proof = Proof.trivial(Alphabet(X), (3, 3))
    search = LocalSearch(proof, np.random.RandomState(seed))
    search.improve(proof, 500, Budget())
    best = proof.best
    assert best.cost == cost_of(X, best.row_labels, best.column_labels) < 20.0
