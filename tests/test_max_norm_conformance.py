"""MaxNormCoclustering under scikit-learn's own checks and the common ones, without exception."""

import pytest
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcocluster import MaxNormCoclustering
from skcocluster.testing import check_coclusterer, coclusterer_checks

ESTIMATORS = [
    MaxNormCoclustering(),
    MaxNormCoclustering(method="branch_and_bound"),
    MaxNormCoclustering(method="sat"),
    MaxNormCoclustering(method="heuristic"),
    MaxNormCoclustering(max_nodes=100),
]

CASES = [
    pytest.param(check, id=f"{estimator!r}-{name.removeprefix('check_')}")
    for estimator in ESTIMATORS
    for name, check in coclusterer_checks(estimator)
]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_finds_no_fault(estimator, check):
    check(estimator)


@pytest.mark.parametrize("check", CASES)
def test_common_checks_find_no_fault(check):
    check()


def test_default_estimator_passes_as_a_user_calls_it():
    check_coclusterer(MaxNormCoclustering())


def test_checks_include_objective_errors_and_interrupts():
    names = {name for name, _ in coclusterer_checks(MaxNormCoclustering())}
    assert {
        "check_objective_is_recomputable",
        "check_missing_entries_are_named",
        "check_interrupted_fit_publishes_nothing",
        "check_sparse_equals_dense",
        "check_more_clusters_than_columns_are_refused",
    } <= names


class Cheaper(MaxNormCoclustering):
    """Claims half of what its labels cost."""

    def fit(self, X, y=None):
        super().fit(X)
        self.objective_ /= 2
        self.objective_trace_ = self.objective_trace_ / 2
        return self


def test_common_checks_find_a_cost_that_is_not_that_of_the_labels():
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        dict(coclusterer_checks(Cheaper()))["check_objective_is_recomputable"]()


def test_tags_take_any_sign_and_sparse_but_not_missing():
    tags = get_tags(MaxNormCoclustering()).input_tags
    assert not tags.positive_only
    assert tags.sparse
    assert not tags.allow_nan
