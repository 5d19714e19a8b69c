"""The benchmarks: each runs once at a tiny size, and asv takes no base class for one of them."""

import inspect
import itertools
import math
import pkgutil
import re
import sys
import warnings
from importlib import import_module

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from asv_bench import benchmarks

# What asv takes for the name of a benchmark.
BENCHMARK = re.compile(r"(time|timeraw|track|mem|peakmem)_\w+$")
# Rows that stay empty, by class and last parameter; those of peers where these are not installed.
NOT_APPLICABLE = {
    ("Kernel", "moved columns"),
    *((name, peer) for name in ("Iteration", "Fit") for peer in ("CGC, numpy", "CGC, numba")),
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
    measure = import_benchmark("_measure")
    monkeypatch.setattr(measure, "MAX_REPEATS", 0)
    monkeypatch.setattr(measure, "MIN_SECONDS", 0.0)


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
