"""Proofs of max-norm co-clustering, measured: the tables of its page in the user guide.

Run as ``python asv_bench/max_norm_quality.py [FOLDER [TABLE ...]]``; FOLDER has the matrix of
animals and attributes that ``tests/conftest.py`` describes and defaults to ``../shared/data``
beside the project; with names of tables, only these are printed. CPU seconds of one process, BLAS
and OpenMP limited to one thread (``OMP_NUM_THREADS=1``), compilation not counted.
"""

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from skcocluster import MaxNormCoclustering
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._sat import SatDecider
from skcocluster._maxnorm._sat_reference import decide_directly
from skcocluster.max_norm import is_feasible

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
COUNTS = (*range(2, 16), 20, 25, 30, 40)
# The direct encoding of the paper: those counts, and so many seconds for each decision.
DIRECT_COUNTS = (2, 3, 5, 8, 11)
DIRECT_SECONDS = 300.0
METHODS = ("auto", "branch_and_bound", "sat")


def gauss(n: int) -> np.ndarray:
    """Return n x n integers, ten times a normal distribution."""
    return np.round(10 * np.random.default_rng(0).standard_normal((n, n)))


def ternary() -> np.ndarray:
    """Return 100 x 100 entries of 0, one in ten of them -1 or 1 instead."""
    rng = np.random.default_rng(0)
    return rng.choice([-1.0, 0.0, 1.0], p=[0.05, 0.9, 0.05], size=(100, 100))


def planted(shape: tuple[int, int], n_clusters: int) -> np.ndarray:
    """Return blocks with levels from 0 to 100 and noise of at most one up or down."""
    rng = np.random.default_rng(0)
    levels = rng.uniform(0, 100, (n_clusters, n_clusters))
    rows, columns = (rng.integers(n_clusters, size=n) for n in shape)
    return levels[rows][:, columns] + rng.uniform(-1, 1, shape)


def timed(work: Callable, *arguments: Any, **options: Any) -> tuple[Any, float]:
    """Return the result of a call and its CPU seconds."""
    start = time.process_time()
    result = work(*arguments, **options)
    return result, time.process_time() - start


def fit(X: np.ndarray, k: int, p: int, **options: Any) -> tuple[MaxNormCoclustering, float]:
    """Return a fitted model and its CPU seconds."""
    return timed(MaxNormCoclustering(k, p, random_state=0, **options).fit, X)


def line(name: str, k: int, p: int, X: np.ndarray, **options: Any) -> None:
    """Print cost, lower bound, what proved it and the time of one fit."""
    model, seconds = fit(X, k, p, **options)
    bounds = f"{model.objective_:9.6g} {model.lower_bound_:9.6g}"
    print(f"{name:28} {k:3d} x {p:<3d} {bounds}  {model.method_:16} {seconds:7.2f} s", flush=True)


def print_animals(folder: Path) -> None:
    """Print the optima for animals and attributes, with all methods."""
    X = np.load(folder / "awa.npz")["X"].astype(np.float64)
    print("animals x attributes: optimum, and CPU seconds to its proof")
    print(f"{'k = p':>6} {'optimum':>9} {' '.join(f'{m:>18}' for m in METHODS)}")
    for k in COUNTS:
        cells, models = [], []
        for method in METHODS:
            model, seconds = fit(X, k, k, method=method, time_limit=60)
            models.append(model)
            cells.append(f"{seconds:16.2f} {'s' if model.is_optimal_ else '?'}")
        optimum = min(model.objective_ for model in models)
        print(f"{k:6d} {optimum:9.2f} {' '.join(cells)}  {models[0].method_}", flush=True)


def print_encodings(folder: Path) -> None:
    """Print what the two decisions at the optimum take by either encoding."""
    X = np.load(folder / "awa.npz")["X"].astype(np.float64)
    alphabet = Alphabet(X)
    print("animals x attributes: finding the optimum and refuting the next lower cost by SAT")
    for k in DIRECT_COUNTS:
        optimum = fit(X, k, k)[0].objective_
        cells = []
        for cost in (optimum, alphabet.largest_below(optimum)):
            reach = alphabet.reach(cost)
            for decide in (_decide_directly, _decide_by_order):
                answer, seconds = timed(decide, alphabet.codes, reach, k)
                cells.append(f"{decide.__name__[8:]} {answer.status:10} {seconds:6.2f} s")
        print(f"{k:6d} {optimum:9.2f}  {'   '.join(cells)}", flush=True)


def _decide_directly(codes: np.ndarray, reach: np.ndarray, k: int) -> Any:
    return decide_directly(codes, reach, k, k, seconds=DIRECT_SECONDS)


def _decide_by_order(codes: np.ndarray, reach: np.ndarray, k: int) -> Any:
    decider = SatDecider(codes, k, k)
    decider.start(reach)
    return decider.run(seconds=DIRECT_SECONDS)


def print_others(folder: Path) -> None:
    """Print bounds and times for made matrices."""
    print("made matrices: cost, lower bound, what gave the bound, CPU seconds")
    line("integers, 60 x 60", 5, 5, gauss(60), time_limit=300)
    line("integers, 60 x 60", 6, 6, gauss(60), time_limit=300)
    line("planted, 1000 x 1000", 10, 10, planted((1000, 1000), 10), time_limit=120)
    line("normal, 1000 x 1000", 10, 10, gauss(1000), time_limit=30)
    line("planted, 10,000 x 1000", 10, 10, planted((10_000, 1000), 10), time_limit=120)
    X = ternary()
    for k in (11, 12):
        answer, seconds = timed(_decide, X, k)
        print(f"{'ternary, 100 x 100':28} {k:3d} x {k:<3d} cost 1: {answer} {seconds:7.2f} s")


def _decide(X: np.ndarray, k: int) -> str:
    try:
        return str(is_feasible(X, k, k, cost=1.0, time_limit=300, random_state=0))
    except TimeoutError:
        return "not decided"


TABLES = {"animals": print_animals, "encodings": print_encodings, "others": print_others}


def main(folder: Path, names: list[str]) -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    small = np.round(3 * np.random.default_rng(1).standard_normal((20, 20)))
    for method in METHODS:
        fit(small, 3, 4, method=method)
    for name in names or TABLES:
        TABLES[name](folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER, sys.argv[2:])
