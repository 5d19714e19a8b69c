"""Every estimator copied, stored, loaded, and fitted in the threads and processes of joblib."""

import copy
import pickle
from itertools import chain

import joblib
import pandas as pd
import pytest
import skops.io
from numpy.testing import assert_array_equal
from pipeline_estimators import ESTIMATORS, list_missing, make_documents, make_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skcocluster import BBAC, Coclus

X, Y = make_matrix()
NEW = X[::-3] + 0.25

every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)


def assert_same_fit(copied, fitted):
    """Two fitted estimators that differ in nothing that a user can ask for."""
    assert type(copied) is type(fitted)
    assert copied is not fitted
    assert vars(copied).keys() == vars(fitted).keys()
    assert str(copied.get_params()) == str(fitted.get_params())
    for name in ("row_labels_", "column_labels_", "labels_", "objective_trace_"):
        ours, theirs = getattr(copied, name), getattr(fitted, name)
        assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    for ours, theirs in zip(copied.biclusters_, fitted.biclusters_, strict=True):
        assert_array_equal(ours, theirs)
    assert copied.objective_ == fitted.objective_
    for method in ("predict", "transform", "score"):
        assert_array_equal(getattr(copied, method)(NEW), getattr(fitted, method)(NEW))
    if hasattr(fitted, "predict_columns"):
        assert_array_equal(copied.predict_columns(X[:, :5]), fitted.predict_columns(X[:, :5]))


def through_joblib(fitted, path):
    joblib.dump(fitted, path)
    return joblib.load(path)


def through_a_memory_map(fitted, path):
    # The arrays come back read-only, as they do in joblib's workers.
    joblib.dump(fitted, path)
    return joblib.load(path, mmap_mode="r")


def through_skops(fitted, path):
    skops.io.dump(fitted, path)
    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


WAYS = {
    "copy": lambda fitted, path: copy.copy(fitted),
    "deepcopy": lambda fitted, path: copy.deepcopy(fitted),
    "pickle": lambda fitted, path: pickle.loads(pickle.dumps(fitted)),
    "joblib": through_joblib,
    "memory map": through_a_memory_map,
    "skops": through_skops,
}


def test_all_public_estimators_are_in_the_list():
    assert list_missing() == []


@every_estimator
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_copy_is_the_same_fit(estimator, way, tmp_path):
    fitted = clone(estimator).fit(X)
    copied = way(fitted, tmp_path / "model")
    assert_same_fit(copied, fitted)
    assert_same_fit(copied.fit(X), fitted)


@every_estimator
@pytest.mark.parametrize("way", ["copy", "deepcopy", "pickle", "joblib", "memory map"])
def test_a_copy_of_a_fit_to_a_frame_knows_the_names(estimator, way, tmp_path):
    frame = pd.DataFrame(X, columns=[f"c{i}" for i in range(X.shape[1])])
    fitted = clone(estimator).set_output(transform="pandas").fit(frame)
    copied = WAYS[way](fitted, tmp_path / "model")
    assert_array_equal(copied.feature_names_in_, frame.columns)
    assert copied.get_row_labels().equals(fitted.get_row_labels())
    assert copied.get_column_labels().equals(fitted.get_column_labels())
    assert copied.transform(frame).equals(fitted.transform(frame))


@every_estimator
def test_a_deep_copy_shares_no_labels(estimator):
    fitted = clone(estimator).fit(X)
    before = fitted.row_labels_.copy()
    copy.deepcopy(fitted).row_labels_[:] = 7
    assert_array_equal(fitted.row_labels_, before)


@every_estimator
def test_a_clone_has_the_parameters_and_not_the_fit(estimator):
    fitted = clone(estimator).fit(X)
    cloned = clone(fitted)
    assert cloned.get_params() == estimator.get_params()
    assert not [name for name in vars(cloned) if name.endswith("_")]
    with pytest.raises(NotFittedError):
        cloned.predict(NEW)
    assert_same_fit(cloned.fit(X), fitted)


@every_estimator
def test_an_unfitted_estimator_is_stored_as_such(estimator, tmp_path):
    for way in WAYS.values():
        copied = way(clone(estimator), tmp_path / "model")
        assert copied.get_params() == estimator.get_params()
        with pytest.raises(NotFittedError):
            copied.predict(NEW)


@every_estimator
def test_a_whole_pipeline_is_stored(estimator, tmp_path):
    pipeline = make_pipeline(clone(estimator), LogisticRegression(max_iter=1000)).fit(X, Y)
    for way in ("pickle", "skops"):
        copied = WAYS[way](pipeline, tmp_path / "model")
        assert_array_equal(copied.predict_proba(NEW), pipeline.predict_proba(NEW))


# --- skops: which types have to be trusted --------------------------------------------------------


@every_estimator
def test_skops_asks_for_trust_in_types_of_this_package_alone(estimator):
    data = skops.io.dumps(clone(estimator).fit(X))
    untrusted = skops.io.get_untrusted_types(data=data)
    assert untrusted
    assert all(name.startswith("skcocluster.") for name in untrusted)
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException, match="skcocluster"):
        skops.io.loads(data)


# --- threads and processes ------------------------------------------------------------------------


def fit_all(data):
    return [clone(estimator).fit(data) for estimator in ESTIMATORS]


def fit_texts(estimator):
    texts, _ = make_documents()
    return make_pipeline(TfidfVectorizer(), clone(estimator)).fit(texts)[-1].row_labels_


def test_fits_in_threads_are_those_of_one_after_the_other():
    # Three threads at once on all of them: kernels must stand being called by several.
    fits = joblib.Parallel(n_jobs=3, backend="threading")(
        joblib.delayed(fit_all)(X) for _ in range(3)
    )
    for copied, expected in zip(chain.from_iterable(fits), fit_all(X) * 3, strict=True):
        assert_same_fit(copied, expected)


def test_fits_in_processes_to_mapped_data_are_those_of_one_after_the_other():
    # Above max_nbytes the processes get a read-only memory map of X.
    fits = joblib.Parallel(n_jobs=2, backend="loky", max_nbytes=100)(
        joblib.delayed(fit_all)(X) for _ in range(2)
    )
    for copied, expected in zip(chain.from_iterable(fits), fit_all(X) * 2, strict=True):
        assert_same_fit(copied, expected)


@pytest.mark.parametrize(
    ("estimator", "backend"),
    [
        (BBAC(3, 2, n_jobs=2), "threading"),
        (BBAC(3, 2, n_jobs=2), "loky"),
        (Coclus(3, n_jobs=2), "threading"),
    ],
    ids=["BBAC-threading", "BBAC-loky", "Coclus-threading"],
)
def test_jobs_of_a_fit_within_jobs_of_a_search_change_nothing(estimator, backend):
    estimator = clone(estimator).set_params(init="random", n_init=4, random_state=0)
    name = "n_row_clusters" if isinstance(estimator, BBAC) else "n_clusters"
    grid = {name: [2, 3]}
    alone = GridSearchCV(clone(estimator).set_params(n_jobs=1), grid, cv=2, error_score="raise")
    nested = GridSearchCV(estimator, grid, cv=2, n_jobs=2, error_score="raise")
    with joblib.parallel_config(backend=backend):
        nested.fit(X)
    expected = alone.fit(X).cv_results_["mean_test_score"]
    assert_array_equal(nested.cv_results_["mean_test_score"], expected)
    assert_array_equal(nested.best_estimator_.row_labels_, alone.best_estimator_.row_labels_)


def test_sparse_texts_are_fitted_the_same_in_threads():
    estimators = [e for e in ESTIMATORS if type(e).__name__ != "SpectralBiclustering"]
    with joblib.parallel_config(backend="threading"):
        labels = joblib.Parallel(n_jobs=3)(joblib.delayed(fit_texts)(e) for e in estimators)
    for estimator, found in zip(estimators, labels, strict=True):
        assert_array_equal(found, fit_texts(estimator))
