"""The common checks of co-clustering over every estimator and engine, and that they can fail."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, BiclusterMixin, ClusterMixin

from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)
from skcocluster.metrics import block_divergence, modularity, neo_objective, normalized_cut
from skcocluster.testing import check_coclusterer, coclusterer_checks

ENGINES = ("numpy", "numba")

OVERLAPPING = {"row_overlap": 0.2, "row_outliers": 0.1, "column_overlap": 0.1}
ESTIMATED = {"row_overlap": "auto", "row_outliers": "auto", "column_overlap": "auto"}

# The search takes most of a fit's time and is the same code for all: some go without.
ESTIMATORS = [
    *(BBAC(engine=engine) for engine in ENGINES),
    BBAC(divergence="i_divergence"),
    BBAC(divergence="i_divergence", engine="numpy", refine=None),
    BBAC(divergence="itakura_saito", refine=None),
    BBAC(divergence="itakura_saito", engine="numpy", refine=None),
    BBAC(divergence="logistic"),
    BBAC(divergence="logistic", engine="numpy", refine=None),
    BBAC(basis="C3", refine=None),
    BBAC(basis="C4", engine="numpy", refine=None),
    BBAC(basis="C5", refine=None),
    BBAC(divergence="i_divergence", basis="C5"),
    BBAC(divergence="i_divergence", basis="C3", engine="numpy", refine=None),
    BBAC(divergence="i_divergence", update="simultaneous"),
    BBAC(update="simultaneous", engine="numpy"),
    BBAC(init="random", n_init=10, refine=None, column_steps=1),
    BBAC(init="k-means++", n_init=10, refine=None),
    *(Coclus(engine=engine) for engine in ENGINES),
    *(Coclus(engine=engine, init="random", refine=None, n_init=10) for engine in ENGINES),
    Coclus(refine="split_merge"),
    Coclus(resolution=1.5, engine="numpy", refine="split_merge"),
    SpectralCoclustering(),
    SpectralCoclustering(embedding="dhillon"),
    SpectralCoclustering(svd_solver="arpack"),
    SpecCo(),
    SpectralBiclustering(),
    SpectralBiclustering(normalization="scale", engine="numpy", n_init=3),
    *(NEOCC(engine=engine) for engine in ENGINES),
    *(NEOCC(objective="RCM", engine=engine) for engine in ENGINES),
    *(NEOCC(init=init) for init in ("random", "neo-kmeans", "k-means")),
    *(NEOCC(objective="RCM", init=init) for init in ("random", "neo-kmeans", "k-means")),
    NEOCC(**OVERLAPPING),
    NEOCC(**OVERLAPPING, objective="RCM", init="k-means", anneal=True),
    NEOCC(**ESTIMATED, anneal=True),
    NEOCC(**ESTIMATED, objective="RCM", column_outliers="auto"),
    *(NEOKMeans(engine=engine) for engine in ENGINES),
    NEOKMeans(init="k-means", n_init=3),
    NEOKMeans(overlap=0.3, outliers=0.1, anneal=True),
    NEOKMeans(overlap=-0.1, outliers=0.2, init="random", engine="numpy"),
    NEOKMeans(overlap="auto", outliers="auto"),
]
# What has to overlap is refused where there is one cluster only.
ONE_CLUSTER_CHECKS = {
    NEOCC: ("check_one_cluster", "check_as_many_clusters_as_rows"),
    NEOKMeans: ("check_one_cluster", "check_as_many_clusters_as_rows", "check_one_column"),
}


def modularity_of(fitted, X):
    resolution = fitted.get_params().get("resolution", 1.0)
    return modularity(X, fitted.row_labels_, fitted.column_labels_, resolution)


def neo_objective_of(fitted, X):
    if isinstance(fitted, NEOKMeans):
        return neo_objective(X, fitted.memberships_, np.eye(X.shape[1]))
    memberships = fitted.row_memberships_, fitted.column_memberships_
    return neo_objective(X, *memberships, objective=fitted.objective)


def objective_of(estimator):
    """How the objective is recomputed; None where the checks find it themselves."""
    if isinstance(estimator, Coclus | SpecCo):
        return modularity_of
    if isinstance(estimator, NEOCC | NEOKMeans):
        return neo_objective_of
    functions = {SpectralCoclustering: normalized_cut, SpectralBiclustering: block_divergence}
    function = functions.get(type(estimator))
    if function is None:
        return None
    return lambda fitted, X: function(X, fitted.row_labels_, fitted.column_labels_)


def name_of(estimator):
    # The whole repr would change with scikit-learn's print settings.
    parameters = estimator.get_params()
    defaults = type(estimator)().get_params()
    changed = [f"{v}" for k, v in parameters.items() if v != defaults[k]]
    return "-".join([type(estimator).__name__, *changed])


def has_to_overlap(estimator):
    """Whether there must be more memberships than rows."""
    parameters = estimator.get_params()
    overlap = parameters.get("row_overlap", parameters.get("overlap"))
    return not isinstance(overlap, str | None) and overlap > 0


def is_meant(estimator, name):
    """Whether a check asks for what the method means to do."""
    if has_to_overlap(estimator):
        return name not in ONE_CLUSTER_CHECKS[type(estimator)]
    if isinstance(estimator, SpectralCoclustering):
        # Cuts of different numbers of co-clusters do not compare: one alone cuts nothing.
        if name == "check_as_many_clusters_as_rows":
            return False
        # The published algorithm keeps the least inertia of its points, whatever that cuts.
        if name == "check_more_starts_are_never_worse":
            return estimator.embedding != "dhillon"
    return True


CASES = [
    pytest.param(check, id=f"{name_of(estimator)}-{name.removeprefix('check_')}")
    for estimator in ESTIMATORS
    for name, check in coclusterer_checks(estimator, objective=objective_of(estimator))
    if is_meant(estimator, name)
]


@pytest.mark.parametrize("check", CASES)
def test_estimator_passes(check):
    check()


@pytest.mark.parametrize(
    "estimator", [BBAC(), NEOCC(), NEOCC(objective="RCM"), NEOKMeans()], ids=name_of
)
def test_default_estimator_passes_as_a_user_calls_it(estimator):
    check_coclusterer(estimator)


@pytest.mark.parametrize("estimator", [e for e in ESTIMATORS if has_to_overlap(e)], ids=name_of)
def test_one_cluster_is_refused_where_clusters_have_to_overlap(estimator):
    checks = dict(coclusterer_checks(estimator))
    for name in ONE_CLUSTER_CHECKS[type(estimator)]:
        with pytest.raises(ValueError, match=r"is infeasible: .* <= n \* n_clusters must hold"):
            checks[name]()


def test_names_of_checks_are_unique_and_say_check():
    names = [name for name, _ in coclusterer_checks(BBAC())]
    assert len(set(names)) == len(names)
    assert all(name.startswith("check_") for name in names)


def test_checks_leave_the_estimator_as_it_was():
    estimator = BBAC()
    before = estimator.get_params()
    for _, check in list(coclusterer_checks(estimator))[:5]:
        check()
    assert estimator.get_params() == before
    assert not [k for k in vars(estimator) if k.endswith("_")]


class NaNObjective(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        self.objective_ = float("nan")
        return self


class WrongObjective(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        self.objective_ *= 0.99
        self.objective_trace_ = self.objective_trace_ * 0.99
        return self


class RisingTrace(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        self.objective_trace_ = np.append(self.objective_trace_[0] - 1e3, self.objective_trace_)
        self.n_iter_ += 1
        return self


class LongLabels(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        self.labels_ = self.row_labels_ = self.row_labels_.astype(np.int64)
        return self


class Remembers(BBAC):
    def fit(self, X, y=None):
        first = getattr(self, "objective_", None)
        super().fit(X)
        if first is not None:
            self.objective_ = first
        return self


class ChangesInput(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        if isinstance(X, np.ndarray) and X.flags.writeable:
            X[0, 0] = X[1, 1]
        return self


class DependsOnOrder(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        self.labels_ = self.row_labels_ = np.sort(self.row_labels_)
        return self


class DependsOnJobs(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        self.n_iter_ += self.n_jobs == 2
        return self


class Unseeded(BBAC):
    def fit(self, X, y=None):
        super().fit(X)
        self.objective_ += np.random.default_rng().random()
        return self


class FailsOnFortran(BBAC):
    def fit(self, X, y=None):
        if isinstance(X, np.ndarray) and not X.flags.c_contiguous:
            X = X[::-1]
        return super().fit(np.ascontiguousarray(X) if isinstance(X, np.ndarray) else X)


class PublishesEarly(BBAC):
    def fit(self, X, y=None):
        self.n_features_in_ = np.shape(X)[1]
        return super().fit(X)


class AcceptsInfinity(BBAC):
    def fit(self, X, y=None):
        return super().fit(np.nan_to_num(X, posinf=1.0, neginf=-1.0) if is_array(X) else X)


class ShiftedBlocks(BBAC):
    def get_indices(self, i):
        rows, columns = super().get_indices(i)
        return rows[1:], columns


class PredictsOneLabel(BBAC):
    def predict(self, X):
        return np.zeros_like(super().predict(X))


def is_array(X):
    return isinstance(X, np.ndarray) and X.dtype.kind == "f"


@pytest.mark.parametrize(
    ("broken", "check"),
    [
        (NaNObjective, "check_labels_have_shape_and_type"),
        (WrongObjective, "check_objective_is_recomputable"),
        (RisingTrace, "check_objective_never_gets_worse"),
        (LongLabels, "check_labels_is_a_real_attribute"),
        (Remembers, "check_refit_forgets"),
        (ChangesInput, "check_input_is_not_changed"),
        (DependsOnOrder, "check_order_of_rows_and_columns_does_not_matter"),
        (DependsOnJobs, "check_n_jobs_changes_nothing"),
        (Unseeded, "check_same_seed_gives_same_fit"),
        (FailsOnFortran, "check_memory_order_does_not_matter"),
        (PublishesEarly, "check_interrupted_fit_publishes_nothing"),
        (AcceptsInfinity, "check_infinite_entries_are_named"),
        (ShiftedBlocks, "check_biclusters_are_consistent"),
        (PredictsOneLabel, "check_predict_repeats_converged_row_labels"),
    ],
)
def test_check_sees_the_error_it_is_for(broken, check):
    checks = dict(coclusterer_checks(broken()))
    with pytest.raises(AssertionError):
        checks[check]()


def test_error_of_the_whole_run_names_the_check():
    with pytest.raises(AssertionError, match=r"check_\w+: .*objective_ is nan"):
        check_coclusterer(NaNObjective())


class BestOfOneLabel(BiclusterMixin, ClusterMixin, BaseEstimator):
    """A stranger's estimator: one shared count, a maximised objective, nothing of ours."""

    objective_is_maximised = True

    def __init__(self, n_clusters=3):
        self.n_clusters = n_clusters

    def fit(self, X, y=None):
        from sklearn.utils.validation import check_array

        X = check_array(X)
        self.n_features_in_ = X.shape[1]
        self.row_labels_ = np.zeros(X.shape[0], dtype=np.int32)
        self.column_labels_ = np.zeros(X.shape[1], dtype=np.int32)
        self.labels_ = self.row_labels_
        self.rows_ = np.ones((1, X.shape[0]), dtype=bool)
        self.columns_ = np.ones((1, X.shape[1]), dtype=bool)
        self.objective_ = float(X.mean())
        return self


def test_checks_serve_estimators_of_others():
    names = [name for name, _ in coclusterer_checks(BestOfOneLabel())]
    assert "check_sparse_is_refused_where_not_promised" in names
    assert "check_sparse_equals_dense" not in names
    assert "check_predict_repeats_converged_row_labels" not in names
    refused = {
        # What this estimator does not promise: naming the entry, keeping the last fit, and
        # scikit-learn's own get_indices before fit.
        "check_unfitted_methods_say_so",
        "check_infinite_entries_are_named",
        "check_missing_entries_are_named",
        "check_more_clusters_than_rows_are_refused",
        "check_bad_parameters_are_named",
        "check_failed_fit_keeps_the_last_one",
        "check_interrupted_fit_publishes_nothing",
        "check_biclusters_are_consistent",
        "check_submatrix_of_frame_keeps_labels",
        "check_refit_forgets_feature_names",
    }
    check_coclusterer(
        BestOfOneLabel(),
        objective=lambda fitted, X: np.mean(X),
        skip=refused,
    )
    with pytest.raises(AssertionError, match="check_infinite_entries_are_named"):
        check_coclusterer(BestOfOneLabel(), skip=refused - {"check_infinite_entries_are_named"})


def test_checks_need_no_pytest():
    import subprocess
    import sys

    program = "import sys, skcocluster.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
