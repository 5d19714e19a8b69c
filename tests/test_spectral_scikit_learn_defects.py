"""Input on which scikit-learn's spectral estimators fail, each once with what they do there."""

import warnings

import hypothesis.strategies as st
import numpy as np
import pytest
import reference
import reference_diagonal as diagonal
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning

from skcocluster import SpecCo, SpectralBiclustering, SpectralCoclustering
from skcocluster.metrics import block_divergence

KINDS = [np.asarray, sparse.csr_array]
DIAGONAL = {
    "dhillon": lambda k, **kw: SpectralCoclustering(k, embedding="dhillon", **kw),
    "regularized": lambda k, **kw: SpectralCoclustering(k, **kw),
    "specco": lambda k, **kw: SpecCo(k, **kw),
    "labiod": lambda k, **kw: SpecCo(k, embedding="labiod", **kw),
}
NORMALIZATIONS = ("bistochastic", "scale", "log")


@pytest.fixture(params=DIAGONAL)
def make(request):
    return DIAGONAL[request.param]


def assert_sound(model, X):
    for labels, n in ((model.row_labels_, X.shape[0]), (model.column_labels_, X.shape[1])):
        assert labels.shape == (n,)
        assert labels.dtype == np.int32
        assert labels.min() >= 0
    assert np.isfinite(model.objective_)
    assert np.isfinite(model.embedding_rows_).all()
    assert np.isfinite(model.embedding_columns_).all()
    assert np.isfinite(model.singular_values_).all()


@st.composite
def problems(draw):
    """A small matrix of whole numbers with many ties and zeros, and counts of clusters."""
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    high = draw(st.sampled_from([1, 2, 50]))
    X = draw(hnp.arrays(np.int64, shape, elements=st.integers(0, high))).astype(float)
    return X, draw(st.integers(1, shape[0])), draw(st.integers(1, shape[1]))


@given(problems(), st.sampled_from(sorted(DIAGONAL)), st.booleans())
@settings(max_examples=80, deadline=None)
def test_any_small_graph_has_a_sound_result(problem, name, stored):
    X, n_clusters, _ = problem
    given_X = sparse.csr_array(X) if stored else X
    model = DIAGONAL[name](n_clusters, random_state=0).fit(given_X)
    assert_sound(model, X)
    assert model.row_labels_.max() < n_clusters
    assert model.column_labels_.max() < n_clusters
    labels = model.row_labels_, model.column_labels_
    if name in ("specco", "labiod"):
        expected = float(diagonal.modularity(X, *labels))
    else:
        expected = diagonal.normalized_cut(X, *labels)
    assert_allclose(model.objective_, expected, rtol=1e-9, atol=1e-12)
    assert_array_equal(model.predict(given_X), model.row_labels_)
    assert_array_equal(model.predict_columns(given_X), model.column_labels_)
    # Equal rows are equal vertices.
    for i, j in np.argwhere((X[:, None] == X[None]).all(axis=2)):
        assert model.row_labels_[i] == model.row_labels_[j]


@given(problems(), st.sampled_from(NORMALIZATIONS), st.booleans())
@settings(max_examples=40, deadline=None)
def test_any_small_matrix_has_a_sound_checkerboard(problem, normalization, stored):
    X, n_row_clusters, n_column_clusters = problem
    if normalization == "log":
        X, stored = X + 1, False
    given_X = sparse.csr_array(X) if stored else X
    options = {"normalization": normalization, "random_state": 0}
    model = SpectralBiclustering(n_row_clusters, n_column_clusters, **options)
    with warnings.catch_warnings():
        # Some patterns of zeros have no bistochastic form.
        warnings.filterwarnings("ignore", "The zeros of X leave", ConvergenceWarning)
        model.fit(given_X)
    assert_sound(model, X)
    assert model.row_labels_.max() < n_row_clusters
    assert model.column_labels_.max() < n_column_clusters
    expected = block_divergence(X, model.row_labels_, model.column_labels_)
    assert_allclose(model.objective_, expected, rtol=1e-9, atol=1e-9)
    assert_array_equal(model.predict(given_X), model.row_labels_)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["arpack", "randomized"])
def test_the_first_vector_is_the_one_dropped(kind, solver):
    # scikit-learn's issue 12863: svds returns values in ascending order, and with
    # svd_method="arpack" it drops the smallest and keeps the first, which is constant.
    X, rows, _ = diagonal.planted_diagonal(60, 50, 2, inside=3.0, outside=1.0)
    options = {"embedding": "dhillon", "svd_solver": solver, "random_state": 0}
    model = SpectralCoclustering(2, **options).fit(kind(X))
    assert reference.same_partition(model.row_labels_, rows)
    assert np.ptp(model.embedding_rows_) > 0.5 * abs(model.embedding_rows_).max()
    X, rows, columns = checkerboard()
    model = SpectralBiclustering(3, 2, svd_solver=solver, random_state=0).fit(kind(X))
    assert reference.same_partition(model.row_labels_, rows)
    assert reference.same_partition(model.column_labels_, columns)


def checkerboard(shape=(40, 30)):
    rng = np.random.default_rng(0)
    rows, columns = (
        rng.permutation(np.arange(shape[0]) % 3),
        rng.permutation(np.arange(shape[1]) % 2),
    )
    levels = np.array([[9.0, 2.0], [3.0, 8.0], [1.0, 1.0]])
    return levels[rows][:, columns] * rng.uniform(0.9, 1.1, shape), rows, columns


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_clusters", [2, 3, 4])
def test_zero_rows_and_columns_have_label_0_and_change_no_other(make, kind, n_clusters):
    # scikit-learn's issue 8809: ValueError, "array must not contain infs or NaNs".
    X, rows, columns = diagonal.planted_diagonal(40, 36, n_clusters)
    wide = np.zeros((43, 38))
    wide[3:, :36] = X
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = make(n_clusters, random_state=0).fit(kind(wide))
    assert_sound(model, wide)
    assert_array_equal(model.row_labels_[:3], 0)
    assert_array_equal(model.column_labels_[36:], 0)
    assert reference.same_partition(model.row_labels_[3:], rows)
    assert reference.same_partition(model.column_labels_[:36], columns)
    assert_array_equal(model.predict(kind(wide)), model.row_labels_)
    assert_array_equal(model.embedding_rows_[:3], 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("normalization", ["bistochastic", "scale"])
def test_zero_rows_and_columns_of_a_checkerboard(kind, normalization):
    # Likewise for scikit-learn's SpectralBiclustering.
    X, rows, columns = checkerboard()
    wide = np.zeros((42, 31))
    wide[2:, :30] = X
    options = {"normalization": normalization, "random_state": 0}
    model = SpectralBiclustering(3, 2, **options).fit(kind(wide))
    assert_sound(model, wide)
    assert reference.same_partition(model.row_labels_[2:], rows)
    assert reference.same_partition(model.column_labels_[:30], columns)
    assert model.row_labels_[0] == model.row_labels_[1]


@pytest.mark.parametrize("kind", KINDS)
def test_matrix_of_zeros_is_one_co_cluster(make, kind):
    X = np.zeros((6, 5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = make(3, random_state=0).fit(kind(X))
        biclusters = SpectralBiclustering(3, 2, random_state=0).fit(kind(X))
    for fitted in (model, biclusters):
        assert_sound(fitted, X)
        assert_array_equal(fitted.row_labels_, 0)
        assert_array_equal(fitted.column_labels_, 0)
        assert fitted.objective_ == 0


@pytest.mark.parametrize("kind", KINDS)
def test_bistochastic_form_of_sparse_x_is_that_of_dense_x(kind):
    # scikit-learn compares X with itself and stops after one pass when X is sparse: row sums of
    # its "bistochastic" matrix then differ by a factor of 2 here.
    rng = np.random.default_rng(0)
    X = rng.gamma(2.0, size=(30, 20)) * rng.uniform(0.01, 10, 30)[:, None]
    X = X * rng.uniform(0.01, 10, 20)
    U, values, Vt = np.linalg.svd(diagonal.balance(X))
    model = SpectralBiclustering(3, 3, random_state=0).fit(kind(X))
    # The first vector is constant and carries nothing.
    n = len(model.singular_values_)
    assert_allclose(model.singular_values_, values[1 : n + 1], rtol=1e-3)
    dense = SpectralBiclustering(3, 3, random_state=0).fit(X)
    assert_array_equal(model.row_labels_, dense.row_labels_)
    assert_array_equal(model.column_labels_, dense.column_labels_)
    assert U.shape == (30, 30)
    assert Vt.shape == (20, 20)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", [(4, 1), (1, 3)])
def test_pattern_without_bistochastic_form_is_told_of_and_has_a_result(kind, place):
    # Two parts of 3 x 1 and 1 x 2: the factors of one side grow apart without limit.
    X = np.zeros((7, 6))
    for i, j in ((0, 1), (1, 0), (1, 2), (6, 1), place):
        X[i, j] = 1
    with pytest.warns(ConvergenceWarning, match="bistochastic"):
        model = SpectralBiclustering(2, 2, random_state=0).fit(kind(X))
    assert_sound(model, X)
    assert not model.converged_
    assert SpectralBiclustering(2, 2, normalization="scale", random_state=0).fit(X).converged_


def test_storage_of_an_uneven_checkerboard_does_not_matter():
    # Needs the converged normalisation: rows and columns weigh up to 1000 times as others.
    X = checkerboard((80, 60))[0]
    rng = np.random.default_rng(1)
    X = X * 10 ** rng.uniform(-1.5, 1.5, 80)[:, None] * 10 ** rng.uniform(-1.5, 1.5, 60)
    dense = SpectralBiclustering(3, 2, random_state=0).fit(X)
    stored = SpectralBiclustering(3, 2, random_state=0).fit(sparse.csr_array(X))
    assert_array_equal(stored.row_labels_, dense.row_labels_)
    assert_array_equal(stored.column_labels_, dense.column_labels_)
    assert_allclose(stored.singular_values_, dense.singular_values_, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_one_cluster_holds_everything(make, kind):
    # scikit-learn: ValueError, "Found array with 0 feature(s)" (no vector is left for one cluster).
    X = diagonal.planted_diagonal(12, 9, 3)[0]
    model = make(1, random_state=0).fit(kind(X))
    assert_sound(model, X)
    assert_array_equal(model.row_labels_, 0)
    assert_array_equal(model.column_labels_, 0)
    assert_allclose(model.objective_, 0, atol=1e-12)
    assert_array_equal(model.predict(kind(X)), 0)
    for n_row_clusters, n_column_clusters in ((1, 1), (1, 3), (3, 1)):
        model = SpectralBiclustering(n_row_clusters, n_column_clusters, random_state=0)
        model.fit(kind(X))
        assert_sound(model, X)
        assert len(set(model.row_labels_)) == n_row_clusters
        assert len(set(model.column_labels_)) == n_column_clusters


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (1, 1)], ids=str)
def test_one_row_or_one_column(make, kind, shape):
    # scikit-learn: the SVD gives fewer vectors than it asks for, an error or an empty embedding.
    X = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    for n_clusters in range(1, min(shape[0], 3) + 1):
        model = make(n_clusters, random_state=0).fit(kind(X))
        assert_sound(model, X)
        assert_array_equal(model.predict(kind(X)), model.row_labels_)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (1, 1)], ids=str)
def test_one_row_or_one_column_of_a_checkerboard(kind, normalization, shape):
    if normalization == "log" and kind is not np.asarray:
        pytest.skip("log of a sparse matrix is refused")
    X = np.repeat([1.0, 9.0], 4)[: max(shape)].reshape(shape)
    k, p = min(2, shape[0]), min(2, shape[1])
    model = SpectralBiclustering(k, p, normalization=normalization, random_state=0).fit(kind(X))
    assert_sound(model, X)


@pytest.mark.parametrize("kind", KINDS)
def test_column_clusters_are_bounded_by_columns_not_by_rows(kind):
    # scikit-learn: ValueError, "n_column_clusters ... range: (1, n_samples)" for 6 of 6 rows and 30
    # columns, and it takes 5 column clusters of 3 columns without a word.
    rng = np.random.default_rng(0)
    columns = rng.permutation(np.arange(30) % 6)
    levels = rng.uniform(1, 20, (4, 6))
    X = levels[:, columns] * rng.uniform(0.98, 1.02, (4, 30))
    model = SpectralBiclustering(2, 6, random_state=0).fit(kind(X))
    assert model.columns_.shape == (12, 30)
    assert len(set(model.column_labels_)) == 6
    with pytest.raises(ValueError, match=r"n_column_clusters.*\b5\b.*\b3\b"):
        SpectralBiclustering(2, 5, random_state=0).fit(kind(np.ones((8, 3))))
    assert SpectralBiclustering(3, random_state=0).fit(kind(X[:, :2])).columns_.shape == (6, 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [1.0, 0.1, 7.0])
def test_constant_matrix_is_not_split(make, kind, value):
    # scikit-learn splits it by the rounding errors of the SVD.
    X = np.full((9, 8), value)
    with warnings.catch_warnings():
        # A warning that there is nothing to find is welcome.
        warnings.simplefilter("ignore")
        model = make(3, random_state=0).fit(kind(X))
        biclusters = SpectralBiclustering(3, 2, random_state=0).fit(kind(X))
    for fitted in (model, biclusters):
        assert_sound(fitted, X)
        assert len(set(fitted.row_labels_)) == 1
        assert len(set(fitted.column_labels_)) == 1


@pytest.mark.parametrize("kind", [*KINDS, sparse.csc_array])
@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_entry_that_is_no_weight_is_named(make, kind, value):
    # scikit-learn shifts negative dense input until its smallest entry is 0, without a word.
    X = diagonal.planted_diagonal(12, 9, 3)[0]
    fitted = make(3, random_state=0).fit(X)
    X[4, 2] = X[5, 1] = value
    for call in (make(3).fit, fitted.predict, fitted.transform, SpectralBiclustering(3, 3).fit):
        with pytest.raises(ValueError, match=r"row 4\b.*column 2\b"):
            call(kind(X))


def test_log_of_zero_is_refused_by_row_and_column():
    # scikit-learn adds to all of X until its smallest entry is 1, which changes the interactions.
    X = checkerboard()[0]
    model = SpectralBiclustering(3, 2, normalization="log", random_state=0)
    assert_sound(model.fit(X), X)
    with pytest.raises(ValueError, match=r"(?i)sparse"):
        model.fit(sparse.csr_array(X))
    X[4, 2] = X[5, 1] = 0
    with pytest.raises(ValueError, match=r"row 4\b.*column 2\b"):
        model.fit(X)


def test_log_interactions_are_decomposed_as_they_are():
    # Entries below 1 too: no shift, and no vector is trivial.
    X = checkerboard()[0] / 20
    values = np.linalg.svd(diagonal.log_interactions(X))[1]
    model = SpectralBiclustering(3, 2, normalization="log", random_state=0).fit(X)
    assert_allclose(model.singular_values_, values[: len(model.singular_values_)], rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_parts", [2, 3, 5])
def test_separate_parts_of_a_graph_are_found(make, kind, n_parts):
    # The leading singular value has as many vectors as the graph has parts: any basis of them will
    # do, and no fixed one of them is trivial.
    rng = np.random.default_rng(n_parts)
    sizes = [(int(a), int(b)) for a, b in rng.integers(4, 9, (n_parts, 2))]
    X = np.zeros((sum(a for a, _ in sizes), sum(b for _, b in sizes)))
    rows = np.repeat(np.arange(n_parts), [a for a, _ in sizes])
    columns = np.repeat(np.arange(n_parts), [b for _, b in sizes])
    X[rows[:, None] == columns] = rng.integers(1, 6, (rows[:, None] == columns).sum())
    order = rng.permutation(len(rows))
    model = make(n_parts, random_state=0).fit(kind(X[order]))
    assert_sound(model, X)
    assert reference.same_partition(
        np.concatenate([model.row_labels_, model.column_labels_]),
        np.concatenate([rows[order], columns]),
    )


def test_parts_of_equal_blocks_are_found(make):
    # All singular values of one part repeat in every other: the worst case of the above.
    X = np.kron(np.eye(4), np.ones((5, 5)))
    model = make(4, random_state=0).fit(X)
    assert reference.same_partition(model.row_labels_, np.arange(20) // 5)
    assert_array_equal(model.row_labels_, model.column_labels_)


def test_more_parts_than_clusters_put_no_part_into_two(make):
    X = np.kron(np.eye(5), np.ones((4, 3)))
    model = make(2, random_state=0).fit(X)
    assert_sound(model, X)
    assert len(set(zip(np.arange(20) // 4, model.row_labels_, strict=True))) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_as_many_clusters_as_rows(make, kind):
    X = np.eye(5) * 4 + 0.1
    model = make(5, random_state=0).fit(kind(X))
    assert_sound(model, X)
    assert_array_equal(np.sort(model.row_labels_), np.arange(5))
    with pytest.raises(ValueError, match=r"n_clusters.*\b6\b.*\b5\b"):
        make(6).fit(kind(X))


def test_more_clusters_than_columns(make):
    X = np.random.default_rng(0).integers(1, 9, (12, 2)).astype(float)
    model = make(4, random_state=0).fit(X)
    assert_sound(model, X)
    assert model.rows_.shape == (4, 12)
