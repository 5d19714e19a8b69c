"""Coclus on real documents, measured: beside random starts and the spectral methods.

Run as ``python asv_bench/diagonal_quality.py [FOLDER]``; FOLDER holds the matrices that
``tests/conftest.py`` describes and defaults to ``../shared/data`` beside the project. Rows come
in random order. Prints the first table of ``doc/user_guide/diagonal_quality.rst``: accuracy,
normalised mutual information and modularity, the means of three seeds, and CPU seconds of a fit;
then the cost of the paper's dense algorithm from the same starts, in fits of Coclus. Of one thread
when BLAS and OpenMP are limited to one (``OMP_NUM_THREADS=1``).
"""

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks._dense_coclus import dense_coclus
from sklearn.metrics import normalized_mutual_info_score
from spectral_quality import DEFAULT_FOLDER, load

from skcocluster import Coclus, SpecCo, SpectralCoclustering
from skcocluster.metrics import clustering_accuracy, modularity

# cstr is stored with the weights of its source.
CASES = (
    *((name, weights) for name in ("classic3", "tr11") for weights in ("raw", "tfidf")),
    ("cstr", "raw"),
    *((name, weights) for name in ("webkb4", "k1b", "ng20_cai") for weights in ("raw", "tfidf")),
)
SEEDS = range(3)
METHODS: dict[str, Callable[..., Any]] = {
    "Coclus": Coclus,
    "no search": lambda k, **kw: Coclus(k, refine=None, **kw),
    "100 random": lambda k, **kw: Coclus(k, init="random", refine=None, n_init=100, **kw),
    "SpecCo": SpecCo,
    "SpectralCocl.": SpectralCoclustering,
}


def measure(make: Callable[..., Any], X: Any, classes: np.ndarray) -> np.ndarray:
    """Return accuracy, information, modularity and CPU seconds, the means of the seeds."""
    results = []
    for seed in SEEDS:
        start = time.process_time()
        model = make(len(np.unique(classes)), random_state=seed).fit(X)
        seconds = time.process_time() - start
        labels = model.row_labels_, model.column_labels_
        accuracy = clustering_accuracy(classes, labels[0])
        information = normalized_mutual_info_score(classes, labels[0])
        results.append((accuracy, information, modularity(X, *labels), seconds))
    return np.mean(results, axis=0)


def dense_ratio(X: Any, n_clusters: int, seed: int, n_times: int = 5) -> float:
    """Return the CPU time of the dense algorithm over that of Coclus, from the same start."""
    start = np.random.default_rng(seed).integers(n_clusters, size=X.shape[1]).astype(np.int32)
    runs: tuple[Callable[[], Any], ...] = (
        lambda: dense_coclus(X, start, n_clusters),
        lambda: Coclus(n_clusters, init=start, refine=None).fit(X),
    )
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(n_times):
        for run, times in zip(runs, seconds, strict=True):
            begin = time.process_time()
            run()
            times.append(time.process_time() - begin)
    return min(seconds[0]) / min(seconds[1])


def main(folder: Path) -> None:
    """Print the table and the ratios."""
    for make in METHODS.values():
        make(2, random_state=0).fit(np.eye(20) + 1.0)
    print(f"{'data':10}{'weights':8}" + "".join(f"{name:>26}" for name in METHODS))
    for name, weights in CASES:
        if (folder / f"{name}.npz").exists():
            X, classes = load(folder, name, weights)
            values = (measure(make, X, classes) for make in METHODS.values())
            cells = "".join(f"{a:7.3f}{i:6.3f}{q:6.3f}{s:6.2f}s" for a, i, q, s in values)
            print(f"{name:10}{weights:8}{cells}", flush=True)
    if (folder / "classic3.npz").exists():
        X, _ = load(folder, "classic3", "raw")
        ratios = [dense_ratio(X, 3, seed) for seed in SEEDS]
        print("dense / Coclus on classic3: " + ", ".join(f"{ratio:.0f}" for ratio in ratios))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
