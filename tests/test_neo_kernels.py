"""Kernels of NEO-CC: sums, products, distances, assignment, against loops and between engines."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from reference_neo import (
    all_memberships,
    assign_by_loops,
    distance_by_loops,
    distances_by_equations,
    objective_by_loops,
)

from skcocluster._kernels import assignment_compiled, products_dense
from skcocluster._kernels.assignment import ASSIGN
from skcocluster._kernels.engines import get_engine, numba_, numpy_
from skcocluster._neocc._alternation import Alternation
from skcocluster._neocc._counts import Counts, round_half_away
from skcocluster._neocc._data import Data, find_shift

STORAGES = {
    "dense": np.asarray,
    "float32": lambda X: X.astype(np.float32),
    "csr": sp.csr_array,
    "csr32": lambda X: sp.csr_array(X.astype(np.float32)),
    "csr64": lambda X: with_long_indices(sp.csr_array(X)),
}
ROWS, COLUMNS, K, P = 19, 13, 4, 3


def with_long_indices(X):
    return sp.csr_array((X.data, X.indices.astype(np.int64), X.indptr.astype(np.int64)), X.shape)


def draw(seed, rows=ROWS, columns=COLUMNS):
    """Whole numbers with zeros, and memberships with overlap, outliers and an empty cluster."""
    rng = np.random.default_rng(seed)
    X = (rng.integers(-9, 10, (rows, columns)) * (rng.random((rows, columns)) < 0.6)).astype(float)
    U, V = rng.random((rows, K)) < 0.4, rng.random((columns, P)) < 0.4
    if seed % 2:
        U[:, 1] = False
    return X, U, V


def make_data(X, engine="numpy", shift=0.0):
    engine = get_engine(engine)
    return Data(engine, engine.prepare(X), shift)


@pytest.fixture(params=[False, True], ids=["one tile", "tiles"])
def tiles(request, monkeypatch):
    """Cut X into tiles of a few rows, or not."""
    if request.param:
        monkeypatch.setattr(numpy_, "REFERENCE_TILE_ENTRIES", 40)
        monkeypatch.setattr(numba_, "rows_per_tile", lambda X, *rest: 8)
        monkeypatch.setattr(products_dense, "CHUNK_ENTRIES", 40)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.usefixtures("tiles")
def test_sums_of_both_engines_are_those_of_loops(storage, seed, engine):
    X, U, V = draw(seed)
    data = make_data(STORAGES[storage](X), engine)
    for side, Y, own, others in (("rows", X, U, V), ("columns", X.T, V, U)):
        sums, squares = data.sums(side, others)
        expected = [[sum(y[others[:, h]]) for h in range(others.shape[1])] for y in Y]
        assert_array_equal(sums, expected)
        counts = others.sum(axis=1).tolist()
        expected = [sum(c * v * v for c, v in zip(counts, y, strict=True)) for y in Y]
        assert_array_equal(squares, expected)
        blocks, sizes = data.blocks(np.ascontiguousarray(sums), own)
        assert_array_equal(blocks, own.T.astype(int) @ sums)
        assert_array_equal(sizes, own.sum(axis=0))


@pytest.mark.parametrize("n_clusters", [255, 256, 300])
def test_sums_of_more_clusters_than_a_byte_counts_are_those_of_loops(n_clusters, engine):
    rng = np.random.default_rng(n_clusters)
    X = rng.integers(-9, 10, (7, 40)).astype(float)
    V = np.zeros((40, n_clusters), bool)
    # None, one, two, many and all clusters, the last among them.
    V[5, -1] = V[6:9, 3] = V[6, -1] = V[7, 250:] = V[8] = True
    sums, squares = make_data(sp.csr_array(X), engine).sums("rows", V)
    assert_array_equal(sums, X @ V)
    assert_array_equal(squares, (X * X) @ V.sum(axis=1))
    turned, _ = make_data(sp.csr_array(X.T), engine).sums("columns", V)
    assert_array_equal(turned, X @ V)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.usefixtures("tiles")
def test_products_of_both_engines_are_those_of_loops(storage, engine):
    X = draw(2)[0]
    rng = np.random.default_rng(0)
    data = make_data(STORAGES[storage](X), engine)
    for side, Y in (("rows", X), ("columns", X.T)):
        factors = rng.integers(-5, 6, (Y.shape[1], 7)).astype(float)
        weights = rng.integers(0, 4, Y.shape[1]).astype(float)
        products, squares = data.products(side, factors, weights)
        for i, y in enumerate(Y):
            assert_array_equal(
                products[i], [sum(v * factors[j, c] for j, v in enumerate(y)) for c in range(7)]
            )
            assert squares[i] == sum(w * v * v for w, v in zip(weights, y, strict=True))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_dense_matrix_is_read_less_the_shift(dtype, engine):
    X, _, V = draw(4)
    sums, squares = make_data((X + 1000).astype(dtype), engine, 1000.0).sums("rows", V)
    expected, expected_squares = make_data(X, engine).sums("rows", V)
    assert_array_equal(sums, expected)
    assert_array_equal(squares, expected_squares)


def test_shift_is_dyadic_and_only_taken_where_it_helps():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 9, (30, 20)).astype(float)
    assert find_shift(X - X.mean()) == 0.0
    assert find_shift(sp.csr_array(X + 500)) == 0.0
    assert find_shift(np.full((4, 4), 7.0)) == 0.0
    shift = find_shift(X + 500)
    assert shift == int(shift)
    assert abs(shift - (X + 500).mean()) <= X.std()


@pytest.mark.parametrize("objective", ["M", "RCM"])
@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("seed", range(3))
def test_distances_are_those_of_the_definition(objective, storage, seed, engine):
    X, U, V = draw(2 * seed)
    counts = {
        "rows": Counts(ROWS, K, ROWS, ROWS),
        "columns": Counts(COLUMNS, P, COLUMNS, COLUMNS),
    }
    data = make_data(STORAGES[storage](X), engine)
    state = Alternation(data, counts, objective, {"rows": U, "columns": V})
    for side, Y, own, others in (("rows", X, U, V), ("columns", X.T, V, U)):
        model, product = state.model(side)
        distances = model.distances(data, product)
        expected = [
            [distance_by_loops(Y, own, others, objective, i, g) for g in range(own.shape[1])]
            for i in range(len(Y))
        ]
        assert_allclose(distances, expected, atol=1e-9)
        assert_allclose(distances_by_equations(Y, own, others, objective), expected, atol=1e-9)
    assert_allclose(state.measure()[0], objective_by_loops(X, U, V, objective), atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_engines_give_equal_distances_for_m_to_the_last_bit(seed):
    X, U, V = draw(seed)
    counts = {"rows": Counts(ROWS, K, 24, 17), "columns": Counts(COLUMNS, P, 15, 12)}
    found = []
    for engine in ("numpy", "numba"):
        for storage in STORAGES.values():
            data = make_data(storage(X), engine)
            state = Alternation(data, counts, "M", {"rows": U, "columns": V})
            model, product = state.model("rows")
            found.append(model.distances(data, product))
    for distances in found[1:]:
        assert_array_equal(distances, found[0])


# --- assignment -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_assignment_is_that_of_the_printed_loop(seed, engine):
    rng = np.random.default_rng(seed)
    n, k = rng.integers(1, 12), rng.integers(1, 5)
    # Few values: most distances are tied.
    distances = rng.integers(0, 4, (n, k)).astype(float) if seed % 2 else rng.random((n, k))
    n_covered = rng.integers(0, n + 1)
    n_assignments = rng.integers(max(n_covered, 1), n * k + 1)
    got = ASSIGN[engine](distances, int(n_assignments), int(n_covered))
    assert_array_equal(got.memberships, assign_by_loops(distances, n_assignments, n_covered))
    assert got.memberships.dtype == bool


def test_ties_go_to_the_lowest_cluster_then_the_lowest_point(engine):
    distances = np.ones((4, 3))
    got = ASSIGN[engine](distances, 6, 2).memberships
    # Two points covered by cluster 0, then the other two points' cluster 0, then cluster 1.
    assert_array_equal(got.astype(int), [[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]])
    # A later point with a lower nearest cluster goes before an earlier one.
    got = ASSIGN[engine](np.array([[5.0, 1.0], [1.0, 5.0]]), 1, 1).memberships
    assert_array_equal(got.astype(int), [[0, 0], [1, 0]])


@pytest.mark.parametrize("seed", range(12))
def test_assignment_costs_least_of_all(seed, engine):
    rng = np.random.default_rng(seed)
    n, k = 4, 3
    distances = rng.integers(0, 30, (n, k)).astype(float)
    n_covered = int(rng.integers(1, n + 1))
    n_assignments = int(rng.integers(n_covered, n * k))
    got = ASSIGN[engine](distances, n_assignments, n_covered).memberships
    least = min(distances[U].sum() for U in all_memberships(n, k, n_assignments, n_covered))
    assert distances[got].sum() == least


@pytest.mark.parametrize(
    "make",
    [
        lambda rng, shape: rng.random(shape),
        lambda rng, shape: np.exp(20 * rng.random(shape)),
        lambda rng, shape: np.where(rng.random(shape) < 0.001, 1e300, rng.random(shape)),
        lambda rng, shape: rng.integers(0, 3, shape).astype(float),
        lambda rng, shape: np.zeros(shape),
        lambda rng, shape: -rng.random(shape) * 5e-324,
    ],
    ids=["uniform", "skewed", "outliers", "ties", "zeros", "smallest numbers"],
)
@pytest.mark.parametrize("extra", [0, 1, 700, 5000, 14_000])
def test_large_assignments_of_both_engines_are_equal(make, extra, monkeypatch):
    monkeypatch.setattr(assignment_compiled, "MAX_BUFFER", 50)
    distances = make(np.random.default_rng(extra), (3000, 6))
    expected, *thresholds = ASSIGN["numpy"](distances, 2900 + extra, 2900)
    got, *got_thresholds = ASSIGN["numba"](distances, 2900 + extra, 2900)
    assert_array_equal(got, expected)
    assert got_thresholds == thresholds
    assert got.sum() == 2900 + extra


# --- counts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.5, 1), (-0.5, -1), (1.5, 2), (2.5, 3), (-2.5, -3), (0.49, 0), (0.29 * 50, 15), (7.0, 7)],
)
def test_halves_are_rounded_away_from_zero(value, rounded):
    assert round_half_away(value) == rounded


def test_ramp_starts_at_one_membership_each_and_ends_at_all():
    counts = Counts(10, 4, 25, 9)
    assert [counts.ramp(share).n_assignments for share in (0, 0.5, 1)] == [10, 18, 25]
    assert {counts.ramp(share).n_covered for share in (0, 0.5, 1)} == {9}
    few = Counts(10, 4, 8, 8)
    assert few.ramp(0.0) == few == few.ramp(1.0)
