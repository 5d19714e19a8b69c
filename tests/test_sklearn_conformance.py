"""scikit-learn's own checks of estimators, over engines and what changes the input they take."""

import pytest
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcocluster import BBAC, Coclus, SpecCo, SpectralBiclustering, SpectralCoclustering

# check_clustering standardises its data whatever the tags say, so half of its values are negative.
NOT_TAG_AWARE = {
    "check_clustering": "takes negative data although the tag positive_only is set",
}


def expected_failures(estimator):
    if get_tags(estimator).input_tags.positive_only:
        return NOT_TAG_AWARE
    return {}


@parametrize_with_checks(
    [
        BBAC(),
        BBAC(engine="numpy"),
        BBAC(basis="C5", refine=None),
    ]
)
def test_bbac_conforms_without_exception(estimator, check):
    check(estimator)


@parametrize_with_checks(
    [
        BBAC(divergence="i_divergence"),
        BBAC(divergence="i_divergence", engine="numpy", refine=None),
    ],
    expected_failed_checks=expected_failures,
)
def test_positive_divergences_conform_but_for_one_check(estimator, check):
    check(estimator)


@parametrize_with_checks(
    [
        Coclus(),
        Coclus(engine="numpy", init="random", refine=None),
        SpectralCoclustering(),
        SpectralCoclustering(embedding="dhillon"),
        SpecCo(),
        SpectralBiclustering(),
        SpectralBiclustering(normalization="scale", n_init=3),
    ],
    expected_failed_checks=expected_failures,
)
def test_methods_for_weights_conform_but_for_one_check(estimator, check):
    check(estimator)


@pytest.mark.parametrize("make", [Coclus, SpectralCoclustering, SpecCo, SpectralBiclustering])
def test_methods_for_weights_say_so_and_take_sparse_but_not_missing(make):
    tags = get_tags(make()).input_tags
    assert tags.positive_only
    assert tags.sparse
    assert not tags.allow_nan


@pytest.mark.parametrize(
    ("parameters", "positive_only"),
    [
        ({}, False),
        ({"divergence": "i_divergence"}, True),
        ({"divergence": "itakura_saito"}, True),
        ({"divergence": "logistic"}, True),
    ],
)
def test_tags_follow_the_divergence(parameters, positive_only):
    tags = get_tags(BBAC(**parameters)).input_tags
    assert tags.positive_only is positive_only
    assert tags.sparse
    assert tags.allow_nan


def test_tags_of_bases_with_margins_refuse_missing_entries():
    for basis in ("C3", "C4", "C5"):
        assert not get_tags(BBAC(basis=basis)).input_tags.allow_nan
