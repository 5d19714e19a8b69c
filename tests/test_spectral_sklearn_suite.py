"""scikit-learn's own tests of biclustering, run with our spectral classes in place of theirs."""

import importlib.util
import inspect
import itertools
from pathlib import Path

import pytest
import sklearn.cluster

from skcocluster import SpectralBiclustering, SpectralCoclustering

SUITE = Path(sklearn.cluster.__file__).parent / "tests" / "test_bicluster.py"

# Tests of functions and methods that begin with an underscore: there is no such thing here.
LEFT_OUT = {
    "test_scale_normalize": "_scale_normalize",
    "test_bistochastic_normalize": "_bistochastic_normalize",
    "test_log_normalize": "_log_normalize",
    "test_fit_best_piecewise": "_fit_best_piecewise",
    "test_project_and_cluster": "_project_and_cluster",
}

# The same refusals in our words, and of ours for a parameter that has become two.
WORDING = {
    "n_clusters should be <= n_samples=5": (ValueError, r"n_row_clusters.*\b6\b.*\b5\b"),
    "Incorrect parameter n_clusters": (
        (ValueError, TypeError),
        r"n_row_clusters.*\(3, 3, 3\)|n_column_clusters.*\b6\b.*\b5\b",
    ),
    "n_best=4 must be <= n_components=3": (ValueError, r"n_best.*4.*n_components.*3"),
}


class Coclustering(SpectralCoclustering):
    """Parameters by scikit-learn's names; those without a counterpart are ignored."""

    def __init__(
        self,
        n_clusters=3,
        *,
        svd_method="randomized",
        n_svd_vecs=None,
        mini_batch=False,
        init="k-means++",
        n_init=10,
        random_state=None,
    ):
        super().__init__(n_clusters, n_init=n_init, random_state=random_state)
        self.svd_method = svd_method
        self.n_svd_vecs = n_svd_vecs
        self.mini_batch = mini_batch
        self.init = init

    def fit(self, X, y=None):
        self.embedding = "dhillon"
        self.svd_solver = self.svd_method
        return super().fit(X, y)


class Biclustering(SpectralBiclustering):
    """The same; one count, or a pair of them, becomes two parameters."""

    def __init__(
        self,
        n_clusters=3,
        *,
        method="bistochastic",
        n_components=6,
        n_best=3,
        svd_method="randomized",
        n_svd_vecs=None,
        mini_batch=False,
        init="k-means++",
        n_init=10,
        random_state=None,
    ):
        super().__init__(
            n_components=n_components, n_best=n_best, n_init=n_init, random_state=random_state
        )
        self.n_clusters = n_clusters
        self.method = method
        self.svd_method = svd_method
        self.n_svd_vecs = n_svd_vecs
        self.mini_batch = mini_batch
        self.init = init

    def fit(self, X, y=None):
        n_clusters = self.n_clusters
        pair = isinstance(n_clusters, tuple) and len(n_clusters) == 2
        self.n_row_clusters, self.n_column_clusters = n_clusters if pair else (n_clusters, None)
        self.normalization = self.method
        self.svd_solver = self.svd_method
        return super().fit(X, y)


def load_suite():
    """The module of tests, executed while scikit-learn's two names mean ours; None without it."""
    if not SUITE.exists():
        return None
    spec = importlib.util.spec_from_file_location("upstream_test_bicluster", SUITE)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sklearn.cluster, "SpectralCoclustering", Coclustering)
        patch.setattr(sklearn.cluster, "SpectralBiclustering", Biclustering)
        spec.loader.exec_module(module)
    return module


MODULE = load_suite()
needs_suite = pytest.mark.skipif(
    MODULE is None, reason="the installed scikit-learn ships no test_bicluster.py"
)


def upstream_tests():
    members = vars(MODULE).items() if MODULE else ()
    return {n: f for n, f in members if n.startswith("test_") and inspect.isfunction(f)}


def expand(function):
    """Keyword arguments of every case that the marks of one test ask for."""
    axes = []
    for mark in getattr(function, "pytestmark", []):
        assert mark.name == "parametrize", f"{function.__name__} is marked {mark.name}"
        names, values = mark.args[:2]
        names = [name.strip() for name in names.split(",")]
        rows = [(value,) if len(names) == 1 else value for value in values]
        axes.append([dict(zip(names, row, strict=True)) for row in rows])
    return [{k: v for part in parts for k, v in part.items()} for parts in itertools.product(*axes)]


def in_our_words(arguments):
    if "err_msg" not in arguments:
        return arguments
    error, pattern = WORDING[arguments["err_msg"]]
    name = "type_err" if "type_err" in arguments else "err_type"
    return arguments | {name: error, "err_msg": pattern}


def cases():
    for name, function in upstream_tests().items():
        if name in LEFT_OUT:
            continue
        expanded = expand(function)
        seeded = "global_random_seed" in inspect.signature(function).parameters
        for seed, (number, arguments) in itertools.product(
            (0, 42) if seeded else (None,), enumerate(expanded)
        ):
            extra = {} if seed is None else {"global_random_seed": seed}
            yield pytest.param(
                function,
                in_our_words(arguments) | extra,
                id=f"{name}-{number}" + ("" if seed is None else f"-seed{seed}"),
            )


@needs_suite
@pytest.mark.parametrize(("function", "arguments"), list(cases()))
def test_scikit_learns_test_passes(function, arguments):
    function(**arguments)


@needs_suite
def test_only_tests_of_private_helpers_are_left_out():
    tests = upstream_tests()
    for name, helper in LEFT_OUT.items():
        assert helper in tests[name].__code__.co_names, f"{name} no longer tests {helper}"
    assert len(set(tests) - set(LEFT_OUT)) >= 5
    used = {name for f in tests.values() for name in f.__code__.co_names}
    assert {"SpectralCoclustering", "SpectralBiclustering"} <= used


@needs_suite
def test_the_suite_runs_our_classes_and_scikit_learn_keeps_its_own():
    assert MODULE.SpectralCoclustering is Coclustering
    assert MODULE.SpectralBiclustering is Biclustering
    assert sklearn.cluster.SpectralCoclustering.__module__.startswith("sklearn.")
    assert issubclass(Coclustering, SpectralCoclustering)
    fitted = Coclustering(2, svd_method="arpack").fit([[1, 0], [0, 1], [1, 0]])
    assert fitted.svd_solver == "arpack"
    assert fitted.embedding == "dhillon"
