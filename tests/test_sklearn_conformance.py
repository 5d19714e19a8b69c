"""scikit-learn's own checks of estimators, over engines and what changes the input they take."""

import pytest
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)

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


OVERLAPPING = {"row_overlap": 0.2, "row_outliers": 0.1, "column_overlap": 0.1}
ESTIMATED = {"row_overlap": "auto", "row_outliers": "auto", "column_overlap": "auto"}


@parametrize_with_checks(
    [
        *(NEOCC(objective=objective) for objective in ("M", "RCM")),
        *(NEOCC(objective=objective, engine="numpy") for objective in ("M", "RCM")),
        *(NEOCC(objective="RCM", init=init) for init in ("random", "neo-kmeans", "k-means")),
        NEOCC(init="random", n_init=3),
        NEOCC(init="neo-kmeans"),
        *(NEOCC(objective=objective, **OVERLAPPING) for objective in ("M", "RCM")),
        *(NEOCC(objective=objective, **OVERLAPPING, anneal=True) for objective in ("M", "RCM")),
        *(NEOCC(objective=objective, **ESTIMATED) for objective in ("M", "RCM")),
        NEOCC(**ESTIMATED, column_outliers="auto", anneal=True),
        NEOKMeans(),
        NEOKMeans(engine="numpy", init="random"),
        NEOKMeans(init="k-means", n_init=3),
        NEOKMeans(overlap=-0.1, outliers=0.2),
        NEOKMeans(overlap="auto", outliers="auto"),
        NEOKMeans(overlap="auto", outliers="auto", anneal=True),
    ]
)
def test_overlapping_methods_conform_without_exception(estimator, check):
    check(estimator)


SHARED = NEOKMeans(overlap=0.3, outliers=0.1, anneal=True)
# These set n_clusters=1, and one cluster cannot overlap.
ONE_CLUSTER_CHECKS = (
    "check_dont_overwrite_parameters",
    "check_methods_subset_invariance",
    "check_fit2d_1feature",
    "check_fit2d_predict1d",
)
CHECKS = [check for _, check in estimator_checks_generator(SHARED, legacy=True)]


@pytest.mark.parametrize("check", [c for c in CHECKS if c.func.__name__ not in ONE_CLUSTER_CHECKS])
def test_shared_rows_conform_with_two_clusters_at_least(check):
    check(SHARED)


@pytest.mark.parametrize("check", [c for c in CHECKS if c.func.__name__ in ONE_CLUSTER_CHECKS])
def test_shared_rows_are_refused_with_one_cluster(check):
    with pytest.raises((ValueError, AssertionError)) as refused:
        check(SHARED)
    errors = f"{refused.value} {refused.value.__context__}"
    assert "is infeasible: n + round(overlap * n) <= n * n_clusters must hold" in errors


@pytest.mark.parametrize("make", [NEOCC, NEOKMeans])
def test_overlapping_methods_take_any_sign_and_sparse_but_not_missing(make):
    tags = get_tags(make()).input_tags
    assert not tags.positive_only
    assert tags.sparse
    assert not tags.allow_nan


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
