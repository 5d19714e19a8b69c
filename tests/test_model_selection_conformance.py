"""CoclusterSearch under scikit-learn's own checks of estimators."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcocluster import BBAC, Coclus
from skcocluster.model_selection import CoclusterSearch

# check_clustering standardises its data whatever the tags say, so half of its values are negative.
NOT_TAG_AWARE = {
    "check_clustering": "takes negative data although the tag positive_only is set",
}


@parametrize_with_checks(
    [
        CoclusterSearch(BBAC(refine=None), {"n_row_clusters": [1, 3]}, random_state=0),
        CoclusterSearch(
            BBAC(refine=None),
            {"n_row_clusters": [1, 3]},
            criterion="held_out",
            n_splits=2,
            random_state=0,
        ),
    ]
)
def test_search_of_blocks_conforms_without_exception(estimator, check):
    check(estimator)


@parametrize_with_checks(
    [CoclusterSearch(Coclus(refine=None), {"n_clusters": [1, 3]}, random_state=0)],
    expected_failed_checks=lambda _: NOT_TAG_AWARE,
)
def test_search_of_weights_conforms_but_for_one_check(estimator, check):
    check(estimator)


def test_tags_of_input_are_those_of_the_estimator():
    for estimator in (BBAC(), BBAC(basis="C5"), Coclus()):
        search = CoclusterSearch(estimator, {})
        assert get_tags(search).input_tags == get_tags(estimator).input_tags


def test_parameters_of_the_estimator_are_nested():
    search = CoclusterSearch(BBAC(), {"n_row_clusters": [2, 3]})
    assert search.get_params()["estimator__basis"] == "C2"
    search.set_params(estimator__divergence="i_divergence", n_splits=3)
    copy = clone(search)
    assert copy.estimator.divergence == "i_divergence"
    assert copy.estimator is not search.estimator
    assert copy.n_splits == 3


def test_methods_are_those_of_the_estimator():
    assert hasattr(CoclusterSearch(BBAC(), {}), "reconstruct")
    assert not hasattr(CoclusterSearch(Coclus(), {}), "reconstruct")


@pytest.mark.parametrize("name", ["row_labels_", "rows_", "n_features_in_", "feature_names_in_"])
def test_attributes_are_missing_before_fit(name):
    assert not hasattr(CoclusterSearch(BBAC(), {}), name)


def test_transform_has_the_names_of_the_estimator_in_pandas():
    pd = pytest.importorskip("pandas")
    X = pd.DataFrame(np.arange(12.0).reshape(4, 3), columns=list("abc"))
    search = CoclusterSearch(BBAC(), {"n_row_clusters": [2]}, criterion="explained_divergence")
    search.set_params(selection="best").set_output(transform="pandas")
    transformed = search.fit_transform(X)
    assert list(transformed.columns) == ["bbac0", "bbac1"]
    assert list(search.feature_names_in_) == ["a", "b", "c"]
    assert search.get_row_labels().index.equals(X.index)
    assert search.get_column_labels().index.equals(X.columns)
