"""Starts and search, measured: one default run against the best of ten random starts.

Run as ``python asv_bench/search_quality.py [FOLDER]``; FOLDER holds the matrices that
``tests/conftest.py`` describes and defaults to ``../shared/data`` beside the project. Planted
matrices are made here. Prints the table of ``doc/user_guide/bbac_quality.rst``; CPU seconds of one
thread when BLAS and OpenMP are limited to one (``OMP_NUM_THREADS=1``).
"""

import sys
import time
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from skcocluster import BBAC

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
SEEDS = range(3)
# Name, divergence, basis, row clusters, column clusters.
CASES = (
    ("spring_indices", "i_divergence", "C2", 25, 5),
    ("spring_indices", "i_divergence", "C2", 20, 10),
    ("yeast_cheng_church", "squared_euclidean", "C2", 20, 5),
    ("lymphoma_cheng_church", "squared_euclidean", "C2", 20, 10),
    ("golub_1999_v1", "i_divergence", "C2", 10, 20),
    ("yeast14", "squared_euclidean", "C2", 20, 10),
    ("awa", "squared_euclidean", "C2", 6, 6),
    ("cstr", "i_divergence", "C2", 4, 4),
    ("cstr", "i_divergence", "C2", 8, 8),
    ("cstr", "i_divergence", "C5", 4, 4),
    ("classic3", "i_divergence", "C5", 3, 3),
    ("classic3", "i_divergence", "C5", 10, 20),
    ("webkb4", "i_divergence", "C2", 20, 20),
    ("tr11", "i_divergence", "C5", 9, 20),
    ("k1b", "i_divergence", "C5", 10, 20),
)
MISSING = {"yeast_cheng_church": -1, "lymphoma_cheng_church": 999}


def load(folder: Path, name: str) -> np.ndarray | sp.csr_array:
    """Return a matrix by name, missing entries as NaN."""
    stored = np.load(folder / f"{name}.npz")
    if "indptr" in stored:
        return sp.csr_array(sp.load_npz(folder / f"{name}.npz")).astype(np.float64)
    X = stored["first_bloom" if name == "spring_indices" else "X"].astype(np.float64)
    return np.where(MISSING[name] == X, np.nan, X) if name in MISSING else X


def planted(seed: int) -> np.ndarray:
    """Return 5000 x 5000 gamma noise times 20 x 20 gamma-distributed block means."""
    rng = np.random.default_rng(seed)
    means = rng.gamma(2.0, 1.0, (20, 20))
    rows, columns = rng.integers(0, 20, 5000), rng.integers(0, 20, 5000)
    return rng.gamma(1.0, 1.0, (5000, 5000)) * means[rows][:, columns]


def measure(X: np.ndarray | sp.csr_array, seeds: range, **options: object) -> tuple:
    """Return shares explained in %, and CPU seconds of one fit."""
    shares, seconds = [], []
    for seed in seeds:
        start = time.process_time()
        model = BBAC(random_state=seed, **options).fit(X)
        seconds.append(time.process_time() - start)
        shares.append(100 * model.explained_divergence_ratio_)
    return shares, float(np.median(seconds))


def report(name: str, X: np.ndarray | sp.csr_array, seeds: range, **options: object) -> None:
    """Print one line of the table."""
    ours, our_time = measure(X, seeds, **options)
    random, random_time = measure(X, seeds, init="random", refine=None, n_init=10, **options)
    size = f"{options['n_row_clusters']} x {options['n_column_clusters']}"
    wins = sum(a >= b - 1e-9 * b for a, b in zip(ours, random, strict=True))
    print(
        f"{name:22} {options['divergence']:18} {options['basis']} {size:8} "
        f"{np.mean(ours):8.3f} {np.mean(random):8.3f} {wins} of {len(ours)} "
        f"{our_time / random_time:6.2f}",
        flush=True,
    )


def main(folder: Path) -> None:
    """Print the table."""
    BBAC(2, 2, random_state=0).fit(np.eye(20))
    print(f"{'data':22} {'divergence':18} basis size {'default':>8} {'random':>8} wins  time ratio")
    for name, divergence, basis, n_rows, n_columns in CASES:
        if (folder / f"{name}.npz").exists():
            options = {"divergence": divergence, "basis": basis}
            sizes = {"n_row_clusters": n_rows, "n_column_clusters": n_columns}
            report(name, load(folder, name), SEEDS, **options, **sizes)
    sizes = {"n_row_clusters": 20, "n_column_clusters": 20}
    report(
        "planted 5000 x 5000", planted(0), range(1), divergence="i_divergence", basis="C2", **sizes
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER)
