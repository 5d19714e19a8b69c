"""Estimates of the overlap by NEOKMeans, measured: both strategies beside the true overlap.

Run as ``python asv_bench/neo_overlap.py [FILE]``; FILE is yeast14.npz, with ``X`` of shape
(2417, 103) and ``Y`` of shape (2417, 14), and defaults to ``../shared/data`` beside the project.
Prints means over five seeds.
"""

import sys
import warnings
from pathlib import Path

import numpy as np

from skcocluster import NEOKMeans
from skcocluster.datasets import make_overlapping_blocks

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "yeast14.npz"
SEEDS = range(5)
SPREADS = (-1.0, 0.0, 1.0, 2.0, 3.0, 3.5)
NOISES, OVERLAPS = (2.0, 4.0, 6.0), (0.0, 0.25, 0.5, 1.0)


def estimate(X: np.ndarray, n_clusters: int, **options: object) -> float:
    """Return the mean estimate of the seeds."""
    models = [NEOKMeans(n_clusters, max_iter=1, random_state=seed, **options) for seed in SEEDS]
    return float(np.mean([model.fit(X).overlap_ for model in models]))


def report(name: str, X: np.ndarray, memberships: np.ndarray) -> None:
    """Print one line of the table."""
    n, k = memberships.shape
    values = [memberships.sum() / n - 1, estimate(X, k, overlap="auto")]
    for spread in SPREADS:
        values.append(estimate(X, k, overlap="auto-spread", overlap_spread=spread))
    print(f"{name:20}{''.join(f'{value:8.2f}' for value in values)}", flush=True)


def main(path: Path) -> None:
    """Print the table."""
    warnings.simplefilter("ignore")
    heads = ("truth", "auto", *(f"{spread:g}" for spread in SPREADS))
    print(f"{'':20}{''.join(f'{head:>8}' for head in heads)}")
    if path.exists():
        with np.load(path) as stored:
            report("yeast", stored["X"].astype(float), stored["Y"].astype(bool))
    for noise in NOISES:
        for overlap in OVERLAPS:
            X, U, _ = make_overlapping_blocks(
                (1500, 400),
                (8, 6),
                row_overlap=overlap,
                row_outliers=0.0,
                column_outliers=0.0,
                noise=noise,
                random_state=0,
            )
            report(f"planted, noise {noise:g}", X, U)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FILE)
