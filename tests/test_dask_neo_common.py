"""The common checks of co-clustering for NEOCC and NEOKMeans on chunks, fetched and not."""

from contextlib import nullcontext

import dask
import pytest
from neo_large import large
from test_dask_common import OnChunks, computed, cut

from skcocluster import NEOCC, NEOKMeans
from skcocluster.testing import coclusterer_checks


class ChunkedNEOCC(OnChunks, NEOCC):
    """NEOCC on dask arrays."""


class ChunkedNEOKMeans(NEOKMeans):
    """NEOKMeans on dask arrays; it labels no columns."""

    def fit(self, X, y=None):
        return super().fit(cut(X), y)

    def predict(self, X):
        return computed(super().predict(cut(X)))

    def transform(self, X):
        return computed(super().transform(cut(X)))

    def score(self, X, y=None):
        return float(super().score(cut(X), y))


OVERLAPPING = {"row_overlap": 0.3, "row_outliers": 0.1, "column_overlap": 0.2}
ONE_CLUSTER_CHECKS = {
    OnChunks: ("check_one_cluster", "check_as_many_clusters_as_rows"),
    NEOKMeans: ("check_one_cluster", "check_as_many_clusters_as_rows", "check_one_column"),
}


def has_to_overlap(estimator):
    return getattr(estimator, "row_overlap", 0) or getattr(estimator, "overlap", 0)


ESTIMATORS = [
    ChunkedNEOCC(),
    ChunkedNEOCC(objective="RCM", n_init=2),
    ChunkedNEOCC(**OVERLAPPING),
    ChunkedNEOCC(**OVERLAPPING, objective="RCM"),
    ChunkedNEOKMeans(),
    ChunkedNEOKMeans(overlap=0.3, outliers=0.1, n_init=2),
]
# Of what is fetched, two will do: it is then in memory.
FETCHED = [ChunkedNEOCC(**OVERLAPPING), ChunkedNEOKMeans(overlap=0.3)]
CASES = [
    pytest.param(check, is_large, id=f"{number}-{name}{'-large' * is_large}")
    for is_large, estimators in ((True, ESTIMATORS), (False, FETCHED))
    for number, estimator in enumerate(estimators)
    for name, check in coclusterer_checks(estimator)
    # It asks for the engines of arrays in memory.
    if name != "check_engines_give_the_same_labels"
    # What has to overlap is refused where there is one cluster only.
    and not (has_to_overlap(estimator) and name in ONE_CLUSTER_CHECKS[type(estimator).__base__])
]


@pytest.mark.parametrize(("check", "is_large"), CASES)
def test_common_checks_hold_on_chunks(check, is_large):
    with dask.config.set(scheduler="synchronous"), large() if is_large else nullcontext():
        check()
