"""NEOCC and NEOKMeans as estimators: conformance, new points, thresholds, errors."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from reference_neo import overlap_by_shares, overlap_by_spread

from skcocluster import NEOCC, NEOKMeans
from skcocluster._neocc._estimation import Estimate
from skcocluster.datasets import make_overlapping_blocks
from skcocluster.metrics import neo_objective

OVERLAPPING = {"row_overlap": 0.2, "row_outliers": 0.1, "column_overlap": 0.1}


@pytest.fixture
def planted():
    return make_overlapping_blocks((80, 60), (4, 3), row_overlap=0.2, random_state=0)


def fit(X, **options):
    return NEOCC(4, 3, **OVERLAPPING, random_state=0, tol=0.0, **options).fit(X)


@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_at_a_fixed_point_rows_of_fit_keep_their_clusters(planted, objective, engine):
    X = planted[0]
    model = fit(X, objective=objective, engine=engine)
    assert model.converged_
    assert_array_equal(model.predict_memberships(X), model.row_memberships_)
    assert_array_equal(model.predict(X), model.row_labels_)
    assert_array_equal(model.predict_columns(X), model.column_labels_)
    assert_array_equal(model.row_labels_ >= 0, model.row_memberships_.any(axis=1))
    costs = model.transform(X)[model.row_memberships_]
    assert_allclose(costs.sum(), model.objective_, rtol=1e-9)
    assert_allclose(model.score(X), -model.objective_ / model.row_memberships_.sum(), rtol=1e-9)
    assert (model.row_labels_ == -1).any()


def test_new_rows_far_from_everything_are_outliers(planted):
    X = planted[0]
    model = fit(X)
    far = np.full((2, X.shape[1]), 1e4)
    assert_array_equal(model.predict(far), [-1, -1])
    assert not model.predict_memberships(far).any()
    assert np.isfinite(model.score(far))
    everywhere = NEOCC(4, 3, random_state=0).fit(X)
    assert (everywhere.predict(far) >= 0).all()
    assert (everywhere.predict_memberships(far).sum(axis=1) == 1).all()


def test_planted_overlap_and_outliers_are_found(planted):
    X, U, V = planted
    shares = {"row_overlap": 0.2, "column_overlap": 0.1}
    outliers = {"row_outliers": 0.05, "column_outliers": 0.05}
    model = NEOCC(4, 3, **shares, **outliers, n_init=5, random_state=0).fit(X)
    assert model.objective_ <= neo_objective(X, U, V)
    assert_array_equal(model.row_labels_ == -1, ~U.any(axis=1))
    assert_array_equal(model.column_labels_ == -1, ~V.any(axis=1))


def test_biclusters_are_products_of_memberships(planted):
    X = planted[0]
    model = fit(X)
    assert model.rows_.shape == (12, 80)
    for b in range(12):
        assert_array_equal(model.rows_[b], model.row_memberships_[:, b // 3])
        assert_array_equal(model.columns_[b], model.column_memberships_[:, b % 3])
    block = X[np.ix_(model.rows_[4], model.columns_[4])]
    assert_allclose(model.block_means_[1, 1], block.mean(), atol=1e-9)
    assert model.get_submatrix(4, X).shape == block.shape


def test_labels_are_among_the_memberships(planted):
    model = fit(planted[0], max_iter=100)
    inside = np.flatnonzero(model.row_labels_ >= 0)
    assert model.row_memberships_[inside, model.row_labels_[inside]].all()


def test_estimated_shares_are_published(planted):
    X = planted[0]
    model = NEOCC(4, 3, row_overlap="auto", column_outliers="auto", random_state=0).fit(X)
    assert 0 < model.row_overlap_ <= 3
    assert model.row_outliers_ == model.column_overlap_ == 0.0
    assert 0 <= model.column_outliers_ < 1
    assert model.row_memberships_.sum() == 80 + round(80 * model.row_overlap_)
    one = NEOKMeans(4, overlap="auto", outliers="auto", random_state=0).fit(X)
    assert one.overlap_ == model.row_overlap_
    # A point far from all others, whatever its cluster.
    rng = np.random.default_rng(0)
    Y = np.vstack([rng.normal(size=(200, 2)), [[60.0, 0.0]]])
    far = NEOKMeans(1, overlap=-1 / 201, outliers="auto", random_state=0).fit(Y)
    assert far.outliers_ == 1 / 201
    assert far.row_labels_[200] == -1


class Finished:
    """What an estimate asks of a finished k-means."""

    def __init__(self, distances, memberships):
        self.distances = lambda: distances**2
        self.memberships = memberships


@pytest.mark.parametrize("seed", range(8))
def test_estimates_of_the_overlap_are_those_of_loops(seed):
    rng = np.random.default_rng(seed)
    distances = rng.integers(1, 30, (25, 4)).astype(float)
    memberships = distances.argmin(axis=1)[:, None] == np.arange(4)
    if seed % 2:
        # A cluster that is empty, and one of a single point: neither has a spread.
        memberships[:, 1:3] = False
        memberships[3] = [False, True, False, False]
    for spread in (-1.0, 0.0, 0.7, 3.5):
        estimate = Estimate(Finished(distances, memberships), spread)
        assert estimate.overlap_by_shares() == overlap_by_shares(distances)
        expected = overlap_by_spread(distances, memberships, spread)
        assert estimate.overlap_by_spread() == expected
    assert expected > 0


def test_rows_within_the_spread_of_another_cluster_count():
    # k-means parts these into centres 0 and 10. Distances of members have mean 1.2 and deviation
    # 0.75; rows of the other cluster are 8 to 12 away, two of them 8.
    X = np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0], [8.0], [9.0], [10.0], [11.0], [12.0]])
    for spread, further in ((9.0, 0), (9.2, 2), (10.5, 4), (20.0, 10)):
        model = NEOKMeans(2, overlap="auto-spread", overlap_spread=spread, random_state=0).fit(X)
        assert model.overlap_ == further / 10


@pytest.mark.parametrize("side", ["row", "column"])
def test_spread_decides_how_much_of_each_side_overlaps(planted, side):
    X = planted[0]
    options = {f"{side}_overlap": "auto-spread", "random_state": 0}
    few, many = (NEOCC(4, 3, overlap_spread=s, **options).fit(X) for s in (-1.0, 9.0))
    name = f"{side}_overlap_"
    assert 0 <= getattr(few, name) < getattr(many, name)
    n = getattr(many, f"{side}_memberships_").shape[0]
    assert getattr(many, f"{side}_memberships_").sum() == n + round(n * getattr(many, name))
    other = {"row": "column", "column": "row"}[side]
    assert getattr(many, f"{other}_overlap_") == 0.0
    assert X.shape[0 if side == "row" else 1] == n


def test_start_need_not_have_the_counts_asked_for(planted):
    X, U, V = planted
    model = NEOCC(4, 3, row_overlap=0.5, init=(U.astype(int).tolist(), V.astype(float))).fit(X)
    assert model.row_memberships_.sum() == 120
    assert model.column_memberships_.sum() == 60


def test_ramp_ends_at_the_overlap_asked_for(planted):
    model = NEOCC(4, 3, row_overlap=0.7, anneal=True, random_state=0).fit(planted[0])
    assert model.row_memberships_.sum() == 80 + 56
    assert (np.diff(model.objective_trace_) <= 0).all()


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({"row_overlap": -0.3, "row_outliers": 0.1}, r"row_overlap >= -row_outliers.*-6 < -2"),
        (
            {"row_overlap": 2.5},
            r"n \+ round\(row_overlap \* n\) <= n \* n_clusters.*20 \+ 50 > 20 \* 3",
        ),
        ({"column_overlap": 1.2}, r"<= n \* n_clusters.*12 \+ 14 > 12 \* 2"),
        ({"row_outliers": 1.0}, r"0 <= outliers < 20"),
        ({"row_outliers": -0.2}, r"0 <= outliers < 20"),
        ({"row_overlap": np.nan}, "row_overlap=nan must be finite"),
        ({"objective": "MSSR"}, "objective='MSSR'"),
        ({"init": (np.ones((20, 3)), np.ones((12, 3)))}, r"column_memberships.*\(12, 2\)"),
        ({"init": (np.full((20, 3), 2), np.ones((12, 2)))}, "only 0 and 1"),
        ({"init": (np.zeros((20, 3)), np.ones((12, 2)))}, "nothing into any cluster"),
    ],
)
def test_infeasible_parameters_are_refused_with_the_reason(options, pattern):
    X = np.arange(240.0).reshape(20, 12)
    with pytest.raises(ValueError, match=pattern):
        NEOCC(3, 2, **options).fit(X)


@pytest.mark.parametrize("name", ["row_overlap", "column_outliers"])
@pytest.mark.parametrize("value", ["some", None, True, 1j])
def test_shares_of_wrong_type_are_refused_by_name(name, value):
    with pytest.raises(TypeError, match=name):
        NEOCC(2, 2, **{name: value}).fit(np.eye(5))
    with pytest.raises(TypeError, match="anneal"):
        NEOCC(2, 2, anneal="yes").fit(np.eye(5))


@pytest.mark.parametrize("make", [NEOCC, NEOKMeans])
def test_estimates_are_refused_where_they_do_not_exist(make):
    outliers = "row_outliers" if make is NEOCC else "outliers"
    with pytest.raises(TypeError, match=f"{outliers} must be a number or 'auto', got"):
        make(2, **{outliers: "auto-spread"}).fit(np.eye(5))
    with pytest.raises(TypeError, match="overlap must be a number or 'auto' or 'auto-spread'"):
        make(2, **{outliers.replace("outliers", "overlap"): "spread"}).fit(np.eye(5))
    with pytest.raises(TypeError, match="overlap_spread"):
        make(2, overlap_spread="wide").fit(np.eye(5))
    for value in (np.nan, np.inf, -np.inf):
        with pytest.raises(ValueError, match="overlap_spread"):
            make(2, overlap_spread=value).fit(np.eye(5))


def test_neo_k_means_refuses_what_it_cannot_have():
    X = np.arange(40.0).reshape(20, 2)
    with pytest.raises(ValueError, match=r"overlap >= -outliers"):
        NEOKMeans(2, overlap=-0.5).fit(X)
    with pytest.raises(ValueError, match="init"):
        NEOKMeans(2, init=np.ones(20)).fit(X)
    with pytest.raises(ValueError, match="init"):
        NEOKMeans(2, init="neo-kmeans").fit(X)


@pytest.mark.parametrize("n_columns", [1, 2, 3, 9])
def test_rcm_leaves_no_column_on_its_own_where_the_count_is_not_given(n_columns):
    X = np.random.default_rng(0).normal(size=(30, n_columns))
    count = NEOCC(4, objective="RCM", random_state=0).fit(X).column_memberships_.shape[1]
    assert count == {1: 1, 2: 1, 3: 2, 9: 4}[n_columns]
    assert NEOCC(4, random_state=0).fit(X).column_memberships_.shape[1] == min(4, n_columns)
    # Asked for, each column on its own it is, and nothing is left to tell the rows apart.
    if n_columns <= 4:
        alone = NEOCC(4, n_columns, objective="RCM", init="k-means", random_state=0).fit(X)
        assert alone.objective_ < 1e-12


def test_squares_that_overflow_are_refused():
    X = np.random.default_rng(0).normal(size=(10, 6)) * 1e200
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for estimator in (NEOCC(2, 2), NEOKMeans(2)):
            with pytest.raises(ValueError, match="rescale X"):
                estimator.fit(X)


def test_sparse_matrix_stays_sparse(monkeypatch):
    X = sp.random_array((300, 200), density=0.02, rng=np.random.default_rng(0), format="csr")

    class Guarded(sp.csr_array):
        def toarray(self, *arguments, **options):
            # K-means++ takes single rows and columns for its centres.
            assert min(self.shape) == 1, "a sparse matrix was made dense"
            return super().toarray(*arguments, **options)

        todense = toarray

    monkeypatch.setattr(sp, "csr_array", Guarded)
    for objective in ("M", "RCM"):
        for engine in ("numpy", "numba"):
            options = {"objective": objective, "engine": engine, "random_state": 0}
            NEOCC(4, 3, **OVERLAPPING, **options).fit(Guarded(X)).predict(Guarded(X))
