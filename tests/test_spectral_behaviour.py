"""The spectral methods against a plain dense SVD, and the promises that all of them keep."""

import itertools
import tracemalloc

import numpy as np
import pytest
import reference
import reference_diagonal as diagonal
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn import cluster
from sklearn.metrics import normalized_mutual_info_score

from skcocluster import SpecCo, SpectralBiclustering, SpectralCoclustering
from skcocluster.metrics import block_divergence, modularity, normalized_cut

SOLVERS = ("auto", "arpack", "randomized")
STORAGES = {"dense": np.asarray, "csr": sparse.csr_array, "csc": sparse.csc_array}
ESTIMATORS = {
    "dhillon": lambda k, **kw: SpectralCoclustering(k, embedding="dhillon", **kw),
    "regularized": lambda k, **kw: SpectralCoclustering(k, **kw),
    "specco": lambda k, **kw: SpecCo(k, **kw),
    "labiod": lambda k, **kw: SpecCo(k, embedding="labiod", **kw),
    "bistochastic": lambda k, **kw: SpectralBiclustering(k, **kw),
    "scale": lambda k, **kw: SpectralBiclustering(k, normalization="scale", **kw),
}


@pytest.fixture(params=STORAGES)
def storage(request):
    return STORAGES[request.param]


@pytest.fixture(params=ESTIMATORS)
def make(request):
    return ESTIMATORS[request.param]


def planted(n_clusters, seed=0, shape=(60, 45)):
    return diagonal.planted_diagonal(*shape, n_clusters, seed)


def checkerboard(shape=(60, 40), seed=0, noise=0.5):
    """Positive blocks of 4 x 3 clusters, shuffled."""
    rng = np.random.default_rng(seed)
    rows, columns = (
        rng.permutation(np.arange(shape[0]) % 4),
        rng.permutation(np.arange(shape[1]) % 3),
    )
    levels = np.array([[9, 2, 5], [3, 8, 1], [6, 4, 9], [1, 9, 7]])
    return levels[rows][:, columns] + rng.uniform(-noise, noise, shape), rows, columns


def gram(*points):
    """Inner products of points: what two embeddings share whatever the signs of the vectors."""
    stacked = np.vstack(points)
    return stacked @ stacked.T


def assert_same_up_to_names(model, rows, columns):
    assert reference.same_partition(
        np.concatenate([model.row_labels_, model.column_labels_]), np.concatenate([rows, columns])
    )


# --- the article, to the letter -------------------------------------------------------------------


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n_clusters", [2, 3, 4, 5, 8, 9])
def test_dhillon_embedding_is_the_articles(storage, solver, n_clusters):
    # ceil(log2 k) pairs of vectors from the second on, each over the roots of the degrees.
    X = planted(n_clusters)[0]
    options = {"embedding": "dhillon", "svd_solver": solver, "random_state": 0}
    model = SpectralCoclustering(n_clusters, **options).fit(storage(X))
    rows, columns, values = diagonal.dhillon_embedding(X, n_clusters)
    n_vectors = {2: 1, 3: 2, 4: 2, 5: 3, 8: 3, 9: 4}[n_clusters]
    assert model.embedding_rows_.shape == (60, n_vectors)
    assert model.embedding_columns_.shape == (45, n_vectors)
    assert_allclose(model.singular_values_, values, rtol=1e-6)
    expected = gram(rows, columns)
    actual = gram(model.embedding_rows_, model.embedding_columns_)
    assert_allclose(actual, expected, atol=1e-5 * abs(expected).max())


@pytest.mark.parametrize("n_clusters", [2, 3, 4, 6])
def test_dhillon_labels_are_k_means_of_rows_and_columns_together(n_clusters):
    X = planted(n_clusters)[0]
    options = {"embedding": "dhillon", "random_state": 0}
    model = SpectralCoclustering(n_clusters, **options).fit(X)
    rows, columns, _ = diagonal.dhillon_embedding(X, n_clusters)
    means = cluster.KMeans(n_clusters, n_init=20, random_state=0).fit(np.vstack([rows, columns]))
    assert_same_up_to_names(model, means.labels_[:60], means.labels_[60:])


@pytest.mark.parametrize("n_clusters", [2, 3, 4, 6])
def test_dhillon_labels_are_those_of_scikit_learns_randomized_solver(n_clusters):
    for seed, kind in itertools.product(range(3), (np.asarray, sparse.csr_array)):
        X = kind(planted(n_clusters, seed)[0])
        theirs = cluster.SpectralCoclustering(n_clusters, random_state=0).fit(X)
        options = {"embedding": "dhillon", "random_state": 0}
        model = SpectralCoclustering(n_clusters, **options).fit(X)
        assert_same_up_to_names(model, theirs.row_labels_, theirs.column_labels_)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n_clusters", [2, 3, 5])
def test_regularized_embedding_adds_the_mean_degree(storage, solver, n_clusters):
    # As many vectors as co-clusters, the first among them; points at length 1.
    X = planted(n_clusters)[0]
    model = SpectralCoclustering(n_clusters, svd_solver=solver, random_state=0).fit(storage(X))
    rows, columns, values = diagonal.regularized_embedding(X, n_clusters)
    assert_allclose(model.singular_values_, values, rtol=1e-6)
    actual = gram(model.embedding_rows_, model.embedding_columns_)
    assert_allclose(actual, gram(rows, columns), atol=1e-5)
    assert_allclose((model.embedding_rows_**2).sum(axis=1), 1, rtol=1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("n_clusters", [2, 3, 5])
def test_labiods_embedding_is_that_of_the_modularity_matrix(storage, solver, n_clusters):
    # k - 1 vectors of R^-1/2 (X - r c' / N) C^-1/2, each over the roots of the degrees.
    X = planted(n_clusters)[0]
    options = {"embedding": "labiod", "svd_solver": solver, "random_state": 0}
    model = SpecCo(n_clusters, **options).fit(storage(X))
    rows, columns, values = diagonal.modularity_embedding(X, n_clusters - 1)
    assert_allclose(model.singular_values_, values, rtol=1e-6)
    expected = gram(rows, columns)
    actual = gram(model.embedding_rows_, model.embedding_columns_)
    assert_allclose(actual, expected, atol=1e-5 * abs(expected).max())


def test_regularized_is_the_default_and_saves_what_dhillon_loses():
    # A few rows of one weak entry each take a vector of Dhillon's each: all else is one cluster.
    rng = np.random.default_rng(0)
    X, rows, _ = diagonal.planted_diagonal(120, 90, 3, inside=1.0, outside=0.25)
    X = np.pad(X, ((0, 6), (0, 6)))
    X[120:, 90:] = np.eye(6)
    X[120, rng.integers(90)] = X[rng.integers(120), 90] = 1
    default = SpectralCoclustering(3, random_state=0).fit(X)
    dhillon = SpectralCoclustering(3, embedding="dhillon", random_state=0).fit(X)
    assert normalized_mutual_info_score(rows, default.row_labels_[:120]) > 0.8
    assert normalized_mutual_info_score(rows, dhillon.row_labels_[:120]) < 0.2


def test_regularization_and_n_components_are_used():
    X = planted(4)[0]
    plain = SpectralCoclustering(4, random_state=0).fit(X)
    heavy = SpectralCoclustering(4, regularization=1000.0, random_state=0).fit(X)
    assert (heavy.singular_values_ < plain.singular_values_ - 1e-3).all()
    wide = SpectralCoclustering(4, n_components=7, random_state=0).fit(X)
    assert wide.embedding_rows_.shape == (60, 7)
    assert_allclose(wide.singular_values_[:4], plain.singular_values_, rtol=1e-6)
    assert SpecCo(4, n_components=6, random_state=0).fit(X).embedding_rows_.shape[1] == 6


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("embedding", ["kluger", 3, None]),
        ("regularization", [-1.0, np.nan, "much"]),
        ("n_components", [0, -1, 1.5, "all"]),
        ("svd_solver", ["lapack", 3, None]),
        ("n_init", [0, -1, 1.5]),
    ],
)
def test_bad_parameters_are_refused_by_name(name, values):
    X = planted(3)[0]
    for value in values:
        with pytest.raises((ValueError, TypeError), match=name):
            SpectralCoclustering(3, **{name: value}).fit(X)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("normalization", ["dhillon", 3, None]),
        ("n_components", [0, -1, 1.5]),
        ("n_best", [0, -1, 1.5]),
    ],
)
def test_bad_parameters_of_biclustering_are_refused_by_name(name, values):
    X = checkerboard()[0]
    for value in values:
        with pytest.raises((ValueError, TypeError), match=name):
            SpectralBiclustering(3, 3, **{name: value}).fit(X)
    with pytest.raises(ValueError, match=r"n_best.*4.*n_components.*3"):
        SpectralBiclustering(3, 3, n_components=3, n_best=4).fit(X)


# --- objectives -----------------------------------------------------------------------------------


def test_normalized_cut_is_that_of_plain_loops():
    rng = np.random.default_rng(0)
    for shape in ((5, 4), (8, 9), (1, 6)):
        X = rng.integers(0, 5, shape).astype(float)
        for _ in range(8):
            # Labels of one side only, excluded lines, and labels that leave numbers out.
            rows, columns = rng.integers(0, 4, shape[0]) * 2, rng.integers(0, 3, shape[1]) * 2
            expected = diagonal.normalized_cut(X, rows, columns)
            for kind in STORAGES.values():
                assert_allclose(normalized_cut(kind(X), rows, columns), expected, rtol=1e-12)
            assert_allclose(normalized_cut(X.T, columns, rows), expected, rtol=1e-12)
            assert_allclose(normalized_cut(X * 3, rows, columns), expected, rtol=1e-12)


def test_normalized_cut_is_0_for_separate_parts_and_without_weight():
    X = np.kron(np.eye(3), np.ones((2, 3)))
    rows, columns = np.repeat(np.arange(3), 2), np.repeat(np.arange(3), 3)
    assert normalized_cut(X, rows, columns) == 0
    assert normalized_cut(X, np.zeros(6, int), np.zeros(9, int)) == 0
    # Rows and columns that never meet: every edge is cut, from both sides.
    assert normalized_cut(X, np.zeros(6, int), np.ones(9, int)) == 2
    assert normalized_cut(np.zeros((6, 9)), rows, columns) == 0
    with pytest.raises(ValueError, match="negative"):
        normalized_cut(-X, rows, columns)


def test_objectives_are_recomputable(storage):
    X = np.random.default_rng(2).integers(0, 5, (24, 18)).astype(float)
    for embedding in ("regularized", "dhillon"):
        model = SpectralCoclustering(3, embedding=embedding, random_state=0).fit(storage(X))
        expected = diagonal.normalized_cut(X, model.row_labels_, model.column_labels_)
        assert_allclose(model.objective_, expected, rtol=1e-12)
        assert not model.objective_is_maximised
    model = SpecCo(3, random_state=0).fit(storage(X))
    expected = float(diagonal.modularity(X, model.row_labels_, model.column_labels_))
    assert_allclose(model.objective_, expected, rtol=1e-12)
    assert model.objective_is_maximised
    X = checkerboard()[0]
    model = SpectralBiclustering(4, 3, random_state=0).fit(storage(X))
    oracle = reference.Model(X, model.row_labels_, model.column_labels_, 4, 3)
    assert_allclose(model.objective_, oracle.objective(), rtol=1e-9)
    whole = block_divergence(X, model.row_labels_, model.column_labels_)
    assert_allclose(model.objective_, whole, rtol=1e-9)


# --- what all spectral methods promise ------------------------------------------------------------


@pytest.mark.parametrize("n_clusters", [2, 3, 4])
def test_planted_co_clusters_are_found(make, storage, n_clusters):
    for seed in range(3):
        X, rows, columns = planted(n_clusters, seed)
        model = make(n_clusters, random_state=0).fit(storage(X))
        assert reference.same_partition(model.row_labels_, rows)
        assert reference.same_partition(model.column_labels_, columns)
        assert model.row_labels_.dtype == model.column_labels_.dtype == np.int32


@pytest.mark.parametrize("name", ["dhillon", "regularized", "specco", "labiod"])
def test_diagonal_methods_match_rows_and_columns_by_label(name):
    X, rows, columns = planted(4)
    model = ESTIMATORS[name](4, random_state=0).fit(X)
    assert_same_up_to_names(model, rows, columns)
    assert_allclose(
        modularity(X, model.row_labels_, model.column_labels_), modularity(X, rows, columns)
    )
    assert model.rows_.shape == (4, 60)
    assert model.columns_.shape == (4, 45)


@pytest.mark.parametrize("normalization", ["bistochastic", "scale", "log"])
@pytest.mark.parametrize("n_components", [6, 3])
def test_checkerboard_is_found(normalization, n_components):
    for seed in range(3):
        X, rows, columns = checkerboard(seed=seed)
        options = {"normalization": normalization, "n_components": n_components}
        model = SpectralBiclustering(4, 3, **options, random_state=0).fit(X)
        assert reference.same_partition(model.row_labels_, rows)
        assert reference.same_partition(model.column_labels_, columns)
        assert model.rows_.shape == (12, 60)


def test_predict_repeats_the_labels_and_transform_the_embedding(make, storage):
    X = planted(4)[0]
    model = make(4, random_state=0).fit(storage(X))
    assert_array_equal(model.predict(storage(X)), model.row_labels_)
    assert_array_equal(model.predict(X[5:9]), model.row_labels_[5:9])
    assert_array_equal(model.predict_columns(storage(X)), model.column_labels_)
    features = model.transform(storage(X))
    assert_allclose(features, model.embedding_rows_, atol=1e-6 * abs(features).max())
    assert len(model.get_feature_names_out()) == features.shape[1]


def test_score_is_the_objective_of_rows_with_their_predicted_labels():
    X, _, _ = planted(3, shape=(90, 45))
    for rows in (slice(0, 60), slice(60, 90)):
        model = SpectralCoclustering(3, random_state=0).fit(X[:60])
        cut = diagonal.normalized_cut(X[rows], model.predict(X[rows]), model.column_labels_)
        assert_allclose(model.score(X[rows]), -cut / 3, rtol=1e-12)
        model = SpecCo(3, random_state=0).fit(X[:60])
        labels = model.predict(X[rows]), model.column_labels_
        expected = float(diagonal.modularity(X[rows], *labels))
        assert_allclose(model.score(X[rows]), expected, rtol=1e-12)
    X = checkerboard()[0]
    model = SpectralBiclustering(4, 3, random_state=0).fit(X[:50])
    means = reference.block_means(X[:50], model.row_labels_, model.column_labels_, 4, 3)
    assert_allclose(model.block_means_, means, rtol=1e-9)
    for rows in (slice(0, 50), slice(50, 60)):
        blocks = means[model.predict(X[rows])][:, model.column_labels_]
        assert_allclose(model.score(X[rows]), -np.mean((X[rows] - blocks) ** 2), rtol=1e-9)


@pytest.mark.parametrize("name", ["regularized", "specco", "dhillon", "labiod"])
def test_new_rows_go_where_their_columns_are(name):
    X, rows, _ = planted(3, shape=(90, 45))
    model = ESTIMATORS[name](3, random_state=0).fit(X[:60])
    names = {int(t): model.row_labels_[rows[:60] == t][0] for t in range(3)}
    expected = [names[int(t)] for t in rows[60:]]
    assert_array_equal(model.predict(X[60:]), expected)
    # A longer document on the same matter is in the same co-cluster.
    assert_array_equal(model.predict(7 * X[60:]), expected)


def test_same_seed_gives_the_same_bits_and_storage_the_same_labels(make):
    X = np.random.default_rng(4).integers(0, 5, (50, 40)).astype(float)
    for solver in SOLVERS:
        plain = make(4, svd_solver=solver, random_state=3).fit(X)
        again = make(4, svd_solver=solver, random_state=3).fit(X)
        assert_array_equal(again.row_labels_, plain.row_labels_)
        assert_array_equal(again.embedding_rows_, plain.embedding_rows_)
        assert again.objective_ == plain.objective_
    X = planted(4)[0]
    plain = make(4, random_state=0).fit(X)
    unsorted = sparse.csc_matrix(X).tocsr()
    for given in (sparse.csr_array(X), sparse.csr_matrix(X), sparse.csc_array(X), unsorted,
                  np.asfortranarray(X), X.astype(np.int32), X.astype(np.float32)):  # fmt: skip
        model = make(4, random_state=0).fit(given)
        assert_array_equal(model.row_labels_, plain.row_labels_)
        assert_array_equal(model.column_labels_, plain.column_labels_)
        assert model.embedding_rows_.dtype == np.float64


def test_global_random_state_neither_matters_nor_moves(make):
    X = np.random.default_rng(4).integers(0, 5, (30, 20)).astype(float)
    states = []
    for seed in (1, 2):
        np.random.seed(seed)  # noqa: NPY002  (the claim is about this very state)
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        for solver in SOLVERS:
            states.append(make(3, svd_solver=solver, random_state=0).fit(X).row_labels_)
        assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    for first, second in itertools.pairwise(states[::3]):
        assert_array_equal(first, second)


def test_scale_of_x_does_not_matter(make):
    X = planted(3)[0]
    plain = make(3, random_state=0).fit(X)
    for factor in (2.0**-300, 2.0**-40, 2.0**40, 2.0**300):
        model = make(3, random_state=0).fit(X * factor)
        assert_array_equal(model.row_labels_, plain.row_labels_)
        assert_array_equal(model.column_labels_, plain.column_labels_)


@pytest.mark.parametrize("name", ["regularized", "specco", "bistochastic"])
def test_more_starts_keep_the_better_objective(name):
    X = np.random.default_rng(4).integers(0, 5, (50, 40)).astype(float)
    n_better = 0
    for seed in range(4):
        one, many = (ESTIMATORS[name](5, n_init=n, random_state=seed).fit(X) for n in (1, 20))
        sign = 1 if many.objective_is_maximised else -1
        assert sign * many.objective_ >= sign * one.objective_
        n_better += many.objective_ != one.objective_
    assert n_better >= 2


def test_more_starts_of_dhillon_keep_the_least_inertia():
    # The published algorithm ends in k-means: what it cuts plays no part in the choice of a run.
    def inertia(model):
        labels = np.concatenate([model.row_labels_, model.column_labels_])
        points = np.vstack([model.embedding_rows_, model.embedding_columns_])
        parts = [points[labels == k] for k in np.unique(labels)]
        return sum(((part - part.mean(axis=0)) ** 2).sum() for part in parts)

    X = np.random.default_rng(4).integers(0, 5, (50, 40)).astype(float)
    few, many = (
        [inertia(ESTIMATORS["dhillon"](5, n_init=n, random_state=s).fit(X)) for s in range(6)]
        for n in (1, 30)
    )
    assert max(many) <= min(few) * (1 + 1e-9)
    assert max(few) > min(few) * (1 + 1e-6)


def test_no_temporary_has_the_shape_of_x():
    n = 20000
    X = sparse.random_array((n, n), density=2e-4, format="csr", rng=np.random.default_rng(0))
    X.data[:] = 1.0
    for name in ("regularized", "specco"):
        ESTIMATORS[name](3, n_init=1).fit(X[:60, :60])
        tracemalloc.start()
        try:
            ESTIMATORS[name](3, n_init=1, random_state=0).fit(X)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        # One bit for each entry would be 50 MB.
        assert peak < 40_000_000
