"""Starts of NEOCC and NEOKMeans, measured: the objective that each reaches in the same time.

Run as ``python asv_bench/neo_quality.py [FOLDER [NAME ...]]``; FOLDER holds the matrices that
``tests/conftest.py`` describes and defaults to ``../shared/data`` beside the project; with names,
only these are measured. Planted matrices are made here. For each case, every start gets as many
restarts as fit into the time of the slowest one; the table shows by how many per cent the mean
objective of the seeds 0, 1 and 2 lies above the best one found by any. CPU seconds of one thread
when BLAS and OpenMP are limited to one (``OMP_NUM_THREADS=1``).
"""

import sys
import time
import warnings
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from skcocluster import NEOCC, NEOKMeans
from skcocluster.datasets import make_overlapping_blocks

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
SEEDS = range(3)
# Start, and whether the overlap grows from none.
VARIANTS = (
    ("auto", False),
    ("auto", True),
    ("random", False),
    ("neo-kmeans", False),
    ("neo-kmeans", True),
    ("k-means", False),
)
# Name, row clusters, column clusters (None: NEO-K-Means), overlaps and outliers of the rows and of
# the columns.
CASES = (
    ("yeast14", 14, 2, "auto", 0.0, 0.2, 0.0),
    ("yeast14", 14, 5, 0.5, 0.05, 0.2, 0.05),
    ("yeast14", 14, None, "auto", 0.0, 0.0, 0.0),
    ("yeast_cheng_church", 10, 4, 0.2, 0.05, 0.0, 0.0),
    ("lymphoma_cheng_church", 10, 9, 0.2, 0.05, 0.1, 0.0),
    ("golub_1999_v1", 5, 10, 0.1, 0.0, 0.2, 0.05),
    ("awa", 6, 6, 0.3, 0.0, 0.3, 0.0),
    ("cstr", 4, 4, 0.1, 0.05, 0.1, 0.05),
    ("webkb4", 8, 8, 0.2, 0.05, 0.2, 0.05),
    ("planted", 8, 6, 0.25, 0.05, 0.25, 0.05),
    ("planted", 8, None, 0.25, 0.05, 0.0, 0.0),
)
MISSING = {"yeast_cheng_church": -1, "lymphoma_cheng_church": 999}


def load(folder: Path, name: str) -> np.ndarray | sp.csr_array | None:
    """Return a matrix by name, missing entries as column means; None where it is not there."""
    if name == "planted":
        return planted()
    path = folder / f"{name}.npz"
    if not path.exists():
        return None
    stored = np.load(path)
    if "indptr" in stored:
        return sp.csr_array(sp.load_npz(path)).astype(np.float64)
    X = stored["X"].astype(np.float64)
    if name in MISSING:
        X = np.where(MISSING[name] == X, np.nan, X)
        X = np.where(np.isnan(X), np.nanmean(X, axis=0), X)
    return X


def planted() -> np.ndarray:
    """Return 1500 x 400 with 8 x 6 overlapping blocks in noise."""
    return make_overlapping_blocks((1500, 400), (8, 6), noise=6.0, random_state=0)[0]


def make(case: tuple, objective: str, **options: object) -> NEOCC | NEOKMeans:
    """Return the estimator of a case."""
    _, k, p, row_overlap, row_outliers, column_overlap, column_outliers = case
    if p is None:
        return NEOKMeans(k, overlap=row_overlap, outliers=row_outliers, **options)
    return NEOCC(
        k,
        p,
        objective=objective,
        row_overlap=row_overlap,
        row_outliers=row_outliers,
        column_overlap=column_overlap,
        column_outliers=column_outliers,
        **options,
    )


def measure(X: np.ndarray, case: tuple, objective: str, **options: object) -> tuple:
    """Return the objectives of the seeds, and CPU seconds of one fit."""
    values = []
    start = time.process_time()
    for seed in SEEDS:
        values.append(make(case, objective, random_state=seed, **options).fit(X).objective_)
    return np.array(values), (time.process_time() - start) / len(SEEDS)


def fix_shares(X: np.ndarray, case: tuple) -> tuple:
    """Return the case with its estimated overlap as a number, the same for all starts."""
    if case[3] != "auto":
        return case
    model = NEOKMeans(case[1], overlap="auto", random_state=0).fit(X)
    return (*case[:3], model.overlap_, *case[4:])


def report(X: np.ndarray, case: tuple, objective: str) -> None:
    """Print one line of the table."""
    case = fix_shares(X, case)
    variants = [v for v in VARIANTS if case[2] is not None or v[0] != "neo-kmeans"]
    once = {v: measure(X, case, objective, init=v[0], anneal=v[1])[1] for v in variants}
    slowest = max(once.values())
    reached = {}
    for init, anneal in variants:
        n_init = max(1, round(slowest / once[init, anneal]))
        values, _ = measure(X, case, objective, init=init, anneal=anneal, n_init=n_init)
        reached[init, anneal] = values
    best = min(values.min() for values in reached.values())
    name = f"{case[0]} {case[1]} x {case[2] or '-'} {objective if case[2] else ''}"
    cells = [
        f"{100 * (reached[v].mean() / best - 1):7.3f} ({once[v]:5.2f})"
        if v in reached
        else " " * 15
        for v in VARIANTS
    ]
    print(f"{name:32} {' '.join(cells)}", flush=True)


def main(folder: Path, names: list[str]) -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    NEOCC(2, 2, random_state=0).fit(np.eye(20))
    NEOCC(2, 2, row_overlap=0.5, random_state=0).fit(sp.csr_array(np.eye(20)))
    heads = [f"{init}{' ramp' if ramp else ''}" for init, ramp in VARIANTS]
    print(f"{'% above the best (s of 1 run)':32} {' '.join(f'{head:>15}' for head in heads)}")
    for case in [case for case in CASES if case[0] in (names or case)]:
        X = load(folder, case[0])
        if X is not None:
            for objective in ("M", "RCM") if case[2] is not None else ("M",):
                report(X, case, objective)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER, sys.argv[2:])
