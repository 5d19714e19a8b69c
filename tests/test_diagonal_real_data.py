"""The diagonal methods on word counts of real documents with known classes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score

from skcocluster import Coclus, SpecCo, SpectralCoclustering
from skcocluster.metrics import clustering_accuracy, modularity

SEEDS = (0, 1, 2)


@pytest.fixture
def documents(real_data):
    """Counts and classes of a set, in random order: most are stored sorted by class."""

    def load(name):
        arrays = real_data(name)
        parts = arrays["data"].astype(float), arrays["indices"], arrays["indptr"]
        X, y = sparse.csr_array(parts, shape=tuple(arrays["shape"])), arrays["y"].astype(int)
        if name == "cstr":
            # Stored as count * log(476 / number of documents with the term).
            X.data = np.rint(X.data / np.log(476 / np.bincount(X.indices)[X.indices]))
        order = np.random.default_rng(0).permutation(len(y))
        return X[order], np.unique(y, return_inverse=True)[1][order]

    return load


def tfidf(X):
    return sparse.csr_array(TfidfTransformer().fit_transform(X))


def median_quality(X, y, make):
    """Medians over seeds of accuracy, mutual information and modularity."""
    rows = []
    for seed in SEEDS:
        model = make(y.max() + 1, random_state=seed).fit(X)
        rows.append(
            (
                clustering_accuracy(y, model.row_labels_),
                normalized_mutual_info_score(y, model.row_labels_),
                modularity(X, model.row_labels_, model.column_labels_),
            )
        )
    return np.median(rows, axis=0)


@pytest.mark.parametrize(
    ("name", "weights", "least"),
    [
        ("classic3", "counts", (0.975, 0.90, 0.407)),
        ("classic3", "tfidf", (0.98, 0.92, 0.424)),
        ("cstr", "tfidf", (0.87, 0.71, 0.455)),
        ("tr11", "tfidf", (0.68, 0.64, 0.335)),
    ],
)
def test_coclus_finds_the_classes(documents, name, weights, least):
    X, y = documents(name)
    X = tfidf(X) if weights == "tfidf" else X
    accuracy, information, quality = median_quality(X, y, Coclus)
    assert accuracy > least[0]
    assert information > least[1]
    assert quality > least[2]


def test_classic3_counts_are_exact(documents):
    X, y = documents("classic3")
    model = Coclus(3, random_state=0).fit(X)
    assert_allclose(
        model.objective_, modularity(X, model.row_labels_, model.column_labels_), rtol=1e-12
    )
    assert (np.diff(model.objective_trace_) >= 0).all()
    assert_array_equal(model.predict(X), model.row_labels_)
    # Whole numbers: the storage, the width and the engine do not matter.
    for given, engine in ((sparse.csc_matrix(X), "numba"), (X.astype(np.float32), "numpy")):
        other = Coclus(3, init=model.column_labels_, engine=engine).fit(given)
        assert_array_equal(other.row_labels_, model.row_labels_)
        assert_array_equal(other.column_labels_, model.column_labels_)
    assert clustering_accuracy(y, model.row_labels_) > 0.95


def test_spectral_start_beats_the_median_of_random_starts(documents):
    X, _ = documents("cstr")
    X = tfidf(X)
    single = Coclus(4, refine=None, random_state=0).fit(X).objective_
    options = {"init": "random", "refine": None}
    starts = [Coclus(4, random_state=s, **options).fit(X).objective_ for s in range(10)]
    assert single > 1.01 * np.median(starts)
    assert Coclus(4, refine="split_merge", random_state=0).fit(X).objective_ >= single


@pytest.mark.parametrize("make", [SpectralCoclustering, SpecCo])
def test_spectral_methods_find_the_classes_of_classic3(documents, make):
    X, y = documents("classic3")
    assert median_quality(X, y, make)[1] > 0.91
    assert median_quality(tfidf(X), y, make)[1] > 0.93


def test_regularized_embedding_is_not_lost_where_dhillons_is(documents):
    X, y = documents("tr11")
    plain = median_quality(X, y, lambda k, **kw: SpectralCoclustering(k, embedding="dhillon", **kw))
    regularized = median_quality(X, y, SpectralCoclustering)
    assert regularized[1] > plain[1] + 0.05
    assert regularized[1] > 0.5
