"""Gene functions of yeast, measured: how far clusters of NEO-CC agree with 14 overlapping classes.

Run as ``python asv_bench/neo_yeast.py [FILE] [N_SEEDS]``; FILE is yeast14.npz, with ``X`` of shape
(2417, 103) and ``Y`` of shape (2417, 14), and defaults to ``../shared/data`` beside the project.
Prints means over the seeds in per cent, and the standard deviation of F1.
"""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from skcocluster import NEOCC, NEOKMeans
from skcocluster.metrics import omega_index, overlapping_f1_score, overlapping_nmi

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "yeast14.npz"
N_CLUSTERS, N_COLUMN_CLUSTERS = 14, 2
OVERLAP = {"row_overlap": "auto", "column_overlap": 0.2}
SPREADS = (2.0, 2.5, 3.0)
# Two clusters are near copies when they share so much of what either holds.
COPY = 0.8

Method = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, float]]


def neocc(objective: str, **options: Any) -> Method:
    """Return a method: the row memberships of NEOCC, and the objective."""

    def run(X: np.ndarray, Y: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
        model = NEOCC(N_CLUSTERS, N_COLUMN_CLUSTERS, objective=objective, **options)
        model.set_params(random_state=seed).fit(X)
        return model.row_memberships_, model.objective_

    return run


def neo_kmeans(init: str, **options: Any) -> Method:
    """Return a method: the memberships of NEOKMeans, and the objective."""

    def run(X: np.ndarray, Y: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
        model = NEOKMeans(N_CLUSTERS, init=init, **{"overlap": "auto", **options})
        model.set_params(random_state=seed).fit(X)
        return model.memberships_, model.objective_

    return run


def everything(X: np.ndarray, Y: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """Return one cluster that holds everything."""
    return np.ones((len(X), 1), bool), np.nan


def copies_of_everything(X: np.ndarray, Y: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """Return as many clusters as there are classes, each of which holds everything."""
    return np.ones(Y.shape, bool), np.nan


def shuffled_classes(X: np.ndarray, Y: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """Return the classes themselves, of rows drawn at random: right sizes, nothing else."""
    return np.random.default_rng(seed).permutation(Y), np.nan


METHODS: dict[str, Method] = {
    "one cluster of everything": everything,
    "14 clusters of everything": copies_of_everything,
    "the classes, rows shuffled": shuffled_classes,
    "MSSR, first residue": neocc("M", init="k-means"),
    "MSSR, second residue": neocc("RCM", init="k-means"),
    "NEOKMeans, k-means": neo_kmeans("k-means"),
    "NEOKMeans, auto": neo_kmeans("auto"),
    **{
        f"NEOKMeans, k-means, spread {spread:g}": neo_kmeans(
            "k-means", overlap="auto-spread", overlap_spread=spread
        )
        for spread in SPREADS
    },
    "NEOCC M, neo-kmeans": neocc("M", init="neo-kmeans", **OVERLAP),
    "NEOCC M, auto": neocc("M", **OVERLAP),
    "NEOCC M, k-means, ramped": neocc("M", init="k-means", anneal=True, **OVERLAP),
    "NEOCC RCM, neo-kmeans": neocc("RCM", init="neo-kmeans", **OVERLAP),
    "NEOCC RCM, auto": neocc("RCM", **OVERLAP),
    "NEOCC M, overlap of truth": neocc("M", row_overlap=3.237, column_overlap=0.2),
}


def count_copies(memberships: np.ndarray) -> int:
    """Return the number of clusters that nearly repeat one of a lower number."""
    U = memberships[:, memberships.any(axis=0)].astype(float)
    both = U.T @ U
    sizes = np.diag(both)
    jaccard = both / (sizes[:, None] + sizes - both)
    return int((np.tril(jaccard, -1) >= COPY).any(axis=1).sum())


def main(path: Path, n_seeds: int) -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    with np.load(path) as stored:
        X, Y = stored["X"].astype(float), stored["Y"].astype(bool)
    print(f"memberships per row: {Y.sum() / len(Y):.3f}; near copies: {count_copies(Y)}")
    heads = ("per row", "F1", "sd", "sym. F1", "omega", "NMI", "copies", "largest", "objective")
    print(f"{'':32}{''.join(f'{head:>10}' for head in heads)}")
    for name, method in METHODS.items():
        lines = []
        for seed in range(n_seeds):
            U, objective = method(X, Y, seed)
            f1 = overlapping_f1_score(Y, U)
            symmetric = overlapping_f1_score(Y, U, symmetric=True)
            scores = f1, symmetric, omega_index(Y, U), overlapping_nmi(Y, U)
            sizes = U.sum(axis=0)
            per_row, largest = sizes.sum() / len(U), sizes.max() / len(U)
            lines.append([per_row, *scores, count_copies(U), largest, objective])
        per_row, f1, symmetric, omega, nmi, copies, largest, objective = np.mean(lines, axis=0)
        spread = 100 * np.std([line[1] for line in lines])
        values = (
            f"{per_row:10.2f}{100 * f1:10.1f}{spread:10.1f}{100 * symmetric:10.1f}"
            f"{100 * omega:10.1f}{100 * nmi:10.1f}{copies:10.1f}{100 * largest:10.1f}"
            f"{objective:10.1f}"
        )
        print(f"{name:32}{values}", flush=True)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FILE,
        int(sys.argv[2]) if len(sys.argv) > 2 else 5,
    )
