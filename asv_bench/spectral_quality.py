"""Spectral methods on real documents, measured: ours by embedding, and scikit-learn's.

Run as ``python asv_bench/spectral_quality.py [FOLDER]``; FOLDER holds the matrices that
``tests/conftest.py`` describes and defaults to ``../shared/data`` beside the project. Rows come in
random order. Prints the normalised mutual information of rows with the known classes, the mean of
three seeds, and the CPU seconds of a fit: of one thread when BLAS and OpenMP are limited to one
(``OMP_NUM_THREADS=1``).
"""

import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn import cluster
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score

from skcocluster import SpecCo, SpectralCoclustering

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
SETS = ("classic3", "cstr", "tr11", "webkb4", "k1b", "ng20_cai")
WEIGHTS = ("raw", "tfidf", "binary")
SEEDS = range(3)
METHODS: dict[str, Callable[..., Any]] = {
    "scikit-learn": cluster.SpectralCoclustering,
    "dhillon": lambda k, **kw: SpectralCoclustering(k, embedding="dhillon", **kw),
    "regularized": SpectralCoclustering,
    "labiod": lambda k, **kw: SpecCo(k, embedding="labiod", **kw),
    "SpecCo": SpecCo,
}


def load(folder: Path, name: str, weights: str) -> tuple[sp.csr_array, np.ndarray]:
    """Return documents by terms, weighted, in random order, and their classes."""
    X = sp.csr_array(sp.load_npz(folder / f"{name}.npz")).astype(np.float64)
    classes = np.load(folder / f"{name}.npz")["y"]
    order = np.random.default_rng(0).permutation(len(classes))
    X, classes = X[order], classes[order]
    if weights == "tfidf":
        X = sp.csr_array(TfidfTransformer().fit_transform(X))
    elif weights == "binary":
        X.data[:] = 1.0
    # scikit-learn fails on rows and columns of zeros.
    used = X.sum(axis=1) > 0
    return X[used][:, X.sum(axis=0) > 0], classes[used]


def measure(make: Callable[..., Any], X: sp.csr_array, classes: np.ndarray) -> tuple[float, float]:
    """Return the mean information, and the median CPU seconds of a fit."""
    information, seconds = [], []
    for seed in SEEDS:
        start = time.process_time()
        model = make(len(np.unique(classes)), random_state=seed).fit(X)
        seconds.append(time.process_time() - start)
        information.append(normalized_mutual_info_score(classes, model.row_labels_))
    return float(np.mean(information)), float(np.median(seconds))


def main(folder: Path) -> None:
    """Print the table."""
    for make in METHODS.values():
        make(2, random_state=0).fit(np.eye(20) + 1.0)
    print(f"{'data':10}{'weights':8}" + "".join(f"{name:>18}" for name in METHODS))
    results = []
    for name in SETS:
        for weights in WEIGHTS if (folder / f"{name}.npz").exists() else ():
            X, classes = load(folder, name, weights)
            results.append([measure(make, X, classes) for make in METHODS.values()])
            cells = "".join(f"{value:9.3f} {seconds:7.3f}s" for value, seconds in results[-1])
            print(f"{name:10}{weights:8}{cells}", flush=True)
    values = np.array(results)[:, :, 0]
    for label, row in (("mean", values.mean(axis=0)), ("worst", values.min(axis=0))):
        print(f"{label:18}" + "".join(f"{value:9.3f}{'':9}" for value in row))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
