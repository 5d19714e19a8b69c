"""The benchmarks: each runs once at a tiny size, and asv takes no base class for one of them."""

import inspect
import itertools
import math
import pkgutil
import re
import sys
import warnings
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from asv_bench import benchmarks
from skcocluster import BBAC, MaxNormCoclustering

# What asv takes for the name of a benchmark.
BENCHMARK = re.compile(r"(time|timeraw|track|mem|peakmem)_\w+$")
# Rows that stay empty, by class and last parameter; those of peers where these are not installed.
NOT_APPLICABLE = {
    ("Kernel", "moved columns"),
    *((name, peer) for name in ("Iteration", "Fit") for peer in ("CGC, numpy", "CGC, numba")),
    ("Dense", "CGC, numpy"),
    ("Sparse", "Louvain"),
    ("PeerIteration", "CGC, dask"),
    *((name, peer) for name in ("Graph", "Quality") for peer in ("Louvain", "Leiden")),
}


def import_benchmark(name):
    """A module of the benchmarks."""
    return import_module(f"{benchmarks.__name__}.{name}")


MODULES = [import_benchmark(module.name) for module in pkgutil.iter_modules(benchmarks.__path__)]


def short_name(module):
    """Name of a module without its package."""
    return module.__name__.rpartition(".")[2]


def find_methods(cls):
    """Names of the benchmarks of a class."""
    return [
        name for name, _ in inspect.getmembers(cls, inspect.isfunction) if BENCHMARK.match(name)
    ]


def find_classes():
    """What asv collects: each concrete class with benchmarks, by the module that shows it."""
    return [
        (module, cls)
        for module in MODULES
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if not inspect.isabstract(cls) and find_methods(cls)
    ]


def find_cases():
    """Each benchmark class at each of its tiny parameters."""
    return [
        pytest.param(
            cls, values, id="-".join([f"{short_name(module)}.{cls.__name__}", *map(str, values)])
        )
        for module, cls in find_classes()
        for values in itertools.product(*cls.tiny.get("params", cls.params))
    ]


@pytest.fixture
def _in_a_hurry(monkeypatch):
    # By a clock that ticks at each look: by a real one, work below its grain is called again.
    measure = import_benchmark("_measure")
    ticks = map(float, itertools.count())
    monkeypatch.setattr(measure, "time", SimpleNamespace(process_time=lambda: next(ticks)))
    monkeypatch.setattr(measure, "MAX_REPEATS", 0)


@pytest.fixture
def _no_peers(monkeypatch):
    # Installed or not, the tests are the same.
    monkeypatch.setitem(sys.modules, "cgc", None)


def make_tiny(cls):
    """A benchmark with what makes it small."""
    return type(cls.__name__, (cls,), cls.tiny)()


@pytest.mark.usefixtures("_in_a_hurry", "_no_peers")
@pytest.mark.parametrize(("cls", "values"), find_cases())
def test_benchmark_runs_once_at_a_tiny_size(cls, values):
    benchmark = make_tiny(cls)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if hasattr(benchmark, "setup"):
            try:
                benchmark.setup(*values)
            except NotImplementedError:  # asv's word for a row that does not apply
                assert (cls.__name__, values[-1]) in NOT_APPLICABLE
                return
        for name in find_methods(cls):
            result = getattr(benchmark, name)(*values)
            if name.startswith("track_"):
                assert math.isfinite(result)
                assert result > 0


@pytest.mark.usefixtures("_no_peers")
@pytest.mark.parametrize("package", ["CGC, numpy", "CGC, numba"])
def test_rows_of_a_peer_that_is_not_installed_stay_empty(package):
    iteration = make_tiny(import_benchmark("peers").Iteration)
    with pytest.raises(NotImplementedError, match="clustering-geodata-cubes is not installed"):
        iteration.setup((30, 21), package)


def test_every_module_has_benchmarks_and_shows_asv_only_its_own():
    classes = find_classes()
    assert all(cls.__module__ == module.__name__ for module, cls in classes)
    public = {module for module in MODULES if not short_name(module).startswith("_")}
    assert {module for module, _ in classes} == public


@pytest.mark.parametrize("cls", [cls for _, cls in find_classes()])
def test_parameters_are_named_and_tiny_replaces_what_exists(cls):
    assert len(cls.param_names) == len(cls.params)
    assert len(cls.tiny.get("params", cls.params)) == len(cls.params)
    assert all(hasattr(cls, name) for name in cls.tiny)


def test_cost_is_the_least_time_of_the_work_over_the_least_of_the_unit(monkeypatch):
    measure = import_benchmark("_measure")
    now = 0.0
    steps = {"work": itertools.cycle([9.0, 6.0, 8.0]), "unit": itertools.cycle([2.0, 5.0, 3.0])}

    def spend(kind):
        nonlocal now
        now += next(steps[kind])

    monkeypatch.setattr(measure.time, "process_time", lambda: now)
    assert measure.cost(lambda: spend("work"), lambda: spend("unit")) == 3.0


def test_calls_shorter_than_the_grain_of_the_clock_are_measured_many_at_a_time(monkeypatch):
    measure = import_benchmark("_measure")
    now = 0

    def spend(microseconds):
        nonlocal now
        now += microseconds

    # It shows milliseconds: a single call of either takes none.
    monkeypatch.setattr(measure.time, "process_time", lambda: now // 1000 / 1000)
    cost = measure.cost(lambda: spend(30), lambda: spend(10))
    assert cost == pytest.approx(3.0, rel=0.02)


@pytest.mark.usefixtures("_in_a_hurry")
def test_a_warm_up_stands_for_the_first_work():
    measure = import_benchmark("_measure")
    calls = []
    measure.cost(lambda: calls.append("work"), lambda: None, lambda: calls.append("warm-up"))
    assert calls == ["warm-up", "work"]


@pytest.mark.parametrize("measure", ["by_equations", "by_products"])
def test_plain_numpy_ends_with_the_labels_of_bbac(measure):
    data, equations = import_benchmark("_data"), import_benchmark("_bbac_equations")
    X, truth = data.planted((60, 40), 3)
    start = data.disturbed(truth, 0.5)
    found = equations.fit(X, start, 3, getattr(equations, measure), max_iter=100)
    model = BBAC(
        3,
        divergence="i_divergence",
        init=(start["rows"], start["columns"]),
        refine=None,
        column_steps=1,
    ).fit(X)
    assert np.any(start["rows"] != model.row_labels_)
    np.testing.assert_array_equal(found["rows"], model.row_labels_)
    np.testing.assert_array_equal(found["columns"], model.column_labels_)


@pytest.mark.parametrize("seed", range(5))
def test_bisection_by_the_direct_encoding_finds_the_optimum(seed):
    solve = import_benchmark("_direct_encoding").solve_directly
    X = np.random.default_rng(seed).integers(10, size=(7, 6)).astype(float)
    model = MaxNormCoclustering(2, 3, random_state=0).fit(X)
    assert model.is_optimal_
    assert solve(X, 2, 3) == model.objective_


def test_one_size_grows_and_the_others_stay():
    growth = import_benchmark("growth")
    for what, shape, stored in (
        ("rows", (120, 40), 1200),
        ("columns", (60, 80), 600),
        ("entries", (60, 40), 1200),
    ):
        benchmark = make_tiny(growth.CoclusSparse)
        benchmark.setup(what, 1)
        assert benchmark.X.shape == shape
        # Some are drawn twice.
        assert 0.5 * stored < benchmark.X.nnz <= stored
        assert benchmark.sizes(what)[1] == 2 * benchmark.sizes(what)[0]
    benchmark.setup("restarts", 1)
    assert benchmark.model.n_init == 2


@pytest.mark.parametrize(("name", "share"), [("Dense", 0.7), ("Sparse", 0.7)])
def test_large_matrices_take_the_share_of_the_memory_that_they_say(name, share):
    benchmark = make_tiny(getattr(import_benchmark("large"), name))
    benchmark.setup("1/4", benchmark.params[1][0])
    X = benchmark.X
    size = X.nbytes if name == "Dense" else X.data.nbytes + X.indices.nbytes
    assert share * benchmark.total / 4 < size <= benchmark.total / 4


def test_a_matrix_made_of_parts_is_a_valid_one_with_its_labels(monkeypatch):
    large = import_benchmark("large")
    monkeypatch.setattr(large, "ROWS_AT_ONCE", 7)
    X, labels = large.many_documents(20, 40, 2, 10)
    X.check_format(full_check=True)
    assert X.shape == (20, 40) == (len(labels["rows"]), len(labels["columns"]))
    inside = labels["rows"][:, None] == labels["columns"]
    dense = X.toarray() > 0
    assert np.mean(inside[dense]) > 0.6


@pytest.mark.parametrize("state", ["first", "later", "settled"])
def test_iterations_are_measured_from_the_state_that_they_name(state):
    iteration = make_tiny(import_benchmark("iterations").DenseLater)
    iteration.prepare((1000, 400), 3, "float64", state)
    old = iteration.start.labels["rows"]
    for _ in range(2):
        iteration.work()
        changed = np.mean(iteration.state.sums.labels["rows"] != old)
        low, high = {"first": (0.5, 1.0), "later": (0.001, 0.05), "settled": (0.0, 0.0)}[state]
        assert low <= changed <= high
