"""Coclus against known classes: accuracy, NMI and modularity of one default fit.

Run as ``python asv_bench/coclus_quality.py [FOLDER]``; FOLDER holds the matrices that
``tests/conftest.py`` describes and defaults to ``../shared/data`` beside the project. Rows are
shuffled anew for each seed. Prints median and least over the seeds beside the best of random
starts, and what a fit costs beside the dense algorithm from the same starting labels; CPU seconds
of one thread when BLAS and OpenMP are limited to one (``OMP_NUM_THREADS=1``).
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score

from skcocluster import Coclus
from skcocluster.metrics import clustering_accuracy

PROJECT = Path(__file__).resolve().parents[1]
DEFAULT_FOLDER = PROJECT.parent / "shared" / "data"
SEEDS = range(5)
N_RANDOM_STARTS = 20
# Name, and whether counts are weighted; cstr is stored weighted.
CASES = (
    ("classic3", False),
    ("classic3", True),
    ("cstr", False),
    ("tr11", True),
    ("webkb4", True),
    ("k1b", True),
    ("ng20_cai", True),
)
SCORES = ("accuracy", "NMI", "Q")


def load(folder: Path, name: str, weighted: bool, seed: int) -> tuple[sp.csr_array, np.ndarray]:
    """Return a matrix with shuffled rows, and the class of each row."""
    path = folder / f"{name}.npz"
    X, classes = sp.csr_array(sp.load_npz(path)).astype(np.float64), np.load(path)["y"]
    order = np.random.default_rng(seed).permutation(X.shape[0])
    X = X[order]
    return (sp.csr_array(TfidfTransformer().fit_transform(X)) if weighted else X), classes[order]


def fit(X: sp.csr_array, classes: np.ndarray, **options: Any) -> tuple[list[float], float]:
    """Return accuracy, NMI and modularity of a fit, and its CPU seconds."""
    start = time.process_time()
    model = Coclus(len(np.unique(classes)), **options).fit(X)
    seconds = time.process_time() - start
    labels = model.row_labels_
    nmi = normalized_mutual_info_score(classes, labels)
    return [clustering_accuracy(classes, labels), nmi, model.modularity_], seconds


def report(folder: Path, name: str, weighted: bool) -> None:
    """Print one line of the table."""
    rows, seconds = [], []
    for seed in SEEDS:
        scores, cost = fit(*load(folder, name, weighted, seed), random_state=seed)
        rows.append(scores)
        seconds.append(cost)
    X, classes = load(folder, name, weighted, 0)
    random = {"init": "random", "n_init": N_RANDOM_STARTS, "random_state": 0}
    peer, _ = fit(X, classes, **random)
    columns = (np.median(rows, axis=0), np.min(rows, axis=0), peer)
    text = "  ".join("{:.3f}/{:.3f}/{:.3f}".format(*column) for column in columns)
    label = f"{name}{' tfidf' if weighted else ''}"
    print(f"{label:16} {text}  {np.median(seconds):8.2f} s", flush=True)


def least_seconds(work: Callable[[], Any], n_calls: int) -> float:
    """Return the least CPU seconds of some calls: what a busy machine leaves undisturbed."""
    seconds = []
    for _ in range(n_calls):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def compare_with_dense(folder: Path) -> None:
    """Print the cost of the dense algorithm in fits of ours from the same starting labels."""
    sys.path.insert(0, str(PROJECT / "tests"))
    from reference_modularity import dense_coclus

    X, _ = load(folder, "classic3", False, 0)
    ratios = []
    for seed in SEEDS:
        labels = np.random.default_rng(seed).permutation(np.arange(X.shape[1]) % 3)
        model = Coclus(3, init=labels.astype(np.int32)).fit(X)
        ours = least_seconds(lambda m=model: m.fit(X), 30)  # type: ignore[misc]
        dense = least_seconds(lambda start=labels: dense_coclus(X, start, 3), 2)  # type: ignore[misc]
        ratios.append(dense / ours)
    text = ", ".join(f"{ratio:.0f}" for ratio in ratios)
    print(f"classic3, dense algorithm in fits from the same labels: {text}")


def main(folder: Path) -> None:
    """Print the table."""
    Coclus(2, random_state=0).fit(np.eye(20))
    heads = ("median", "least", f"best of {N_RANDOM_STARTS} random")
    print(f"{'/'.join(SCORES):16} {'  '.join(f'{head:17}' for head in heads)}  one fit")
    for name, weighted in CASES:
        if (folder / f"{name}.npz").exists():
            report(folder, name, weighted)
    if (folder / "classic3.npz").exists():
        compare_with_dense(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
