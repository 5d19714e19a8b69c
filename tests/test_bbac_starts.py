"""Which start each `init` of BBAC names, run by run, as its docstring says."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skcocluster import BBAC
from skcocluster._bbac import _starts
from skcocluster._bbac._options import make_problem
from skcocluster._bbac._solver import SampleStart
from skcocluster._bbac._starts import make_starts
from skcocluster._kernels.engines import get_engine
from skcocluster._shared.block_model import BlockModel
from skcocluster._shared.divergences import get_divergence
from skcocluster._shared.initialization import (
    kmeans_plusplus_labels,
    random_labels,
    spectral_labels,
)

MODEL = BlockModel(get_divergence("squared_euclidean"), "C2")
ENGINE = get_engine("numba")
COUNTS = {"rows": 3, "columns": 2}


def make_counts():
    """Counts without blocks: starts differ."""
    return np.random.default_rng(0).poisson(2.0, (50, 40)).astype(float)


def starts_of(init, X, n_clusters=(3, 2), **options):
    """What makes the starts of a fit."""
    est = BBAC(*n_clusters, divergence="squared_euclidean", basis="C2", init=init, **options)
    return make_starts(init, ENGINE, X, make_problem(est, MODEL, X, False))


def seeded():
    """The same random numbers each time."""
    return np.random.RandomState(7)


def assert_same(labels, expected):
    """Compare labels by side."""
    assert labels.keys() == expected.keys()
    for side, part in expected.items():
        assert_array_equal(labels[side], part)


@pytest.mark.parametrize("run", [0, 1])
def test_named_starts_are_the_same_in_all_runs(run):
    X = make_counts()
    assert_same(
        starts_of("random", X).make(run, seeded()), random_labels(X.shape, COUNTS, seeded())
    )
    assert_same(
        starts_of("spectral", X).make(run, seeded()), spectral_labels(X, COUNTS, MODEL, seeded())
    )
    assert_same(
        starts_of("k-means++", X).make(run, seeded()),
        kmeans_plusplus_labels(ENGINE, X, COUNTS, False, MODEL, seeded()),
    )


@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_auto_is_random_in_further_runs(update):
    X = make_counts()
    found = starts_of("auto", X, update=update).make(1, seeded())
    assert_same(found, random_labels(X.shape, COUNTS, seeded()))


def test_auto_is_spectral_in_the_first_run_of_the_simultaneous_update():
    X = make_counts()
    found = starts_of("auto", X, update="simultaneous").make(0, seeded())
    assert_same(found, spectral_labels(X, COUNTS, MODEL, seeded()))


@pytest.mark.parametrize(
    ("n_clusters", "n_spectral", "n_random", "n_iterations"),
    [((6, 8), 4, 2, 30), ((8, 6), 4, 2, 30), ((7, 7), 3, 1, 8)],
)
def test_auto_races_and_keeps_the_best_racer(
    n_clusters, n_spectral, n_random, n_iterations, monkeypatch
):
    X = make_counts()
    racers, runs = [], []
    alternation = _starts.Alternation

    class Recorded(alternation):
        def run(self, max_iter, tol, on_iteration):
            racers.append({side: part.copy() for side, part in self.sums.labels.items()})
            converged = super().run(max_iter, tol, on_iteration)
            runs.append((max_iter, self.explained(), dict(self.sums.labels)))
            return converged

    monkeypatch.setattr(_starts, "Alternation", Recorded)
    found = starts_of("auto", X, n_clusters).make(0, seeded())
    assert len(racers) == n_spectral + n_random
    # Random starts come last, and only they have clusters of equal sizes.
    for i, labels in enumerate(racers):
        sizes = np.bincount(labels["rows"], minlength=n_clusters[0])
        assert (np.ptp(sizes) <= 1) == (i >= n_spectral)
    assert {max_iter for max_iter, _, _ in runs} == {n_iterations}
    assert_same(found, max(runs, key=lambda run: run[1])[2])


def test_equal_racers_leave_the_first_one(monkeypatch):
    monkeypatch.setattr(_starts.Alternation, "explained", lambda self: 1.0)
    ends = []
    run = _starts.Alternation.run

    def record(self, *options):
        converged = run(self, *options)
        ends.append(dict(self.sums.labels))
        return converged

    monkeypatch.setattr(_starts.Alternation, "run", record)
    assert_same(starts_of("auto", make_counts()).make(0, seeded()), ends[0])


def test_given_labels_are_the_start():
    X = make_counts()
    labels = {"rows": np.arange(50, dtype=np.int32) % 3, "columns": np.zeros(40, np.int32)}
    problem = make_problem(BBAC(3, 2), MODEL, X, False)
    assert make_starts(labels, ENGINE, X, problem).make(0, seeded()) is labels


def test_subsample_sees_rows_of_a_sample_only(monkeypatch):
    X = make_counts()
    monkeypatch.setattr(_starts, "choose_rows", lambda X, n_clusters, rng: np.arange(30))
    seen = []
    start_labels = _starts.start_labels

    def record(init, run, engine, part, problem, rng):
        seen.append((init, part))
        return start_labels(init, run, engine, part, problem, rng)

    monkeypatch.setattr(_starts, "start_labels", record)
    found = starts_of("subsample", X).make(0, seeded())
    assert isinstance(found, SampleStart)
    assert found.column_labels.shape == (40,)
    assert [init for init, _ in seen] == ["auto"]
    assert_array_equal(seen[0][1], X[:30])


@pytest.mark.parametrize("init", ["spectral", "k-means++"])
def test_large_x_starts_on_a_sample_by_the_same_name(init, monkeypatch):
    monkeypatch.setattr(_starts, "is_large", lambda X: True)
    inits = []
    start_labels = _starts.start_labels

    def record(init, *others):
        inits.append(init)
        return start_labels(init, *others)

    monkeypatch.setattr(_starts, "start_labels", record)
    assert isinstance(starts_of(init, make_counts()).make(0, seeded()), SampleStart)
    assert inits == [init]
