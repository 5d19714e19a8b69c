"""The numbers of the sources, computed here: what was published beside what this package gets.

Run as ``python asv_bench/reproduce.py [FOLDER] [N_SEEDS]``. FOLDER holds yeast14.npz, awa.npz,
classic3.npz and cstr.npz, as ``tests/conftest.py`` describes them, and defaults to
``../shared/data`` beside the project; what is missing is left out, by name. Results are means or
medians over N_SEEDS seeds (5 as in the papers' trials), of one fit with default options for each
seed unless the line says otherwise. ``doc/user_guide/reproducibility.rst`` shows what it prints.
"""

import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import neo_yeast
import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import normalized_mutual_info_score

from skcocluster import BBAC, NEOCC, Coclus, MaxNormCoclustering
from skcocluster.max_norm import is_feasible
from skcocluster.metrics import (
    clustering_accuracy,
    neo_objective,
    overlapping_f1_score,
)

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"


class Line(NamedTuple):
    """One number: what it is, as published, as computed here."""

    what: str
    published: str
    here: str


# --- NEO-CC: Whang, Dhillon, 2017 --------------------------------------------------------------

CASE_STUDY = np.array(
    [
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.04, 0.04, 0.04, 0, 0.04, 0.04],
        [0.04, 0.04, 0, 0.04, 0.04, 0.04],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0.3, 0, 0, 0],
    ]
)
# Figure 3: clusters of each row, clusters of each column, objective.
FIGURE_3 = {
    "(a)": ("0 0 0 1 1 1 0", "0 0 0 1 1 1", 0.071956),
    "(b)": ("0 0 1 1 2 2 0", "0 0 0 1 1 1", 0.067667),
    "(c)": ("0 0 01 01 1 1 -", "0 0 0 1 1 1", 0.013667),
    "(d)": ("0 0 01 01 1 1 -", "0 0 - 1 1 1", 0.010233),
}
# Table 3: means of five trials, F1 in per cent.
TABLE_3 = {
    "MSSR, first residue": 16.9,
    "MSSR, second residue": 18.5,
    "NEOKMeans, k-means": 36.0,
    "NEOCC M, neo-kmeans": 40.0,
    "NEOCC RCM, neo-kmeans": 36.7,
}


def members(text: str) -> np.ndarray:
    """Return memberships from the clusters of each point."""
    words = text.split()
    n_clusters = 1 + max(int(c) for word in words for c in word if c != "-")
    return np.array([[str(g) in word for g in range(n_clusters)] for word in words])


def neo_case_study(folder: Path, n_seeds: int) -> Iterator[Line]:
    """Figure 3: the objective of four configurations, and what the algorithm finds."""
    for name, (rows, columns, published) in FIGURE_3.items():
        here = neo_objective(CASE_STUDY, members(rows), members(columns))
        yield Line(f"J of configuration {name}", f"{published:.6f}", f"{here:.6f}")
    options: dict[str, Any] = {"row_overlap": 1 / 7, "row_outliers": 1 / 7, "n_init": 20}
    for name, outliers in (("(c)", 0.0), ("(d)", 1 / 6)):
        column_overlap = -outliers
        model = NEOCC(
            2, 2, column_overlap=column_overlap, column_outliers=outliers, random_state=0, **options
        ).fit(CASE_STUDY)
        published = f"{FIGURE_3[name][2]:.6f}"
        yield Line(f"least J under the constraints of {name}", published, f"{model.objective_:.6f}")


def neo_yeast_table(folder: Path, n_seeds: int) -> Iterator[Line]:
    """Table 3: F1 of gene functions."""
    with np.load(folder / "yeast14.npz") as stored:
        X, Y = stored["X"].astype(float), stored["Y"].astype(bool)
    rows: dict[str, float | None] = dict.fromkeys(("one cluster of everything",))
    for name, published in (rows | TABLE_3).items():
        method = neo_yeast.METHODS[name]
        scores = [overlapping_f1_score(Y, method(X, Y, seed)[0]) for seed in range(n_seeds)]
        here = f"{100 * np.mean(scores):.1f} ± {100 * np.std(scores):.1f}"
        yield Line(f"F1, {name}, %", "–" if published is None else f"{published:.1f}", here)


# --- Coclus: Ailem, Role, Nadif, 2015 ------------------------------------------------------------

# Accuracy, normalised mutual information, modularity: the best of 100 random starts of the authors'
# package, measured, as the paper has pictures of its results only.
COCLUS = {
    ("classic3", "counts"): (0.983, 0.918, 0.409),
    ("classic3", "tf-idf"): (0.988, 0.936, 0.426),
    ("cstr", "tf-idf"): (0.882, 0.733, 0.457),
}


def coclus_documents(folder: Path, n_seeds: int) -> Iterator[Line]:
    """Documents of known classes: accuracy, mutual information, modularity."""
    for (name, weights), published in COCLUS.items():
        X = sp.csr_array(sp.load_npz(folder / f"{name}.npz")).astype(float)
        classes = np.load(folder / f"{name}.npz")["y"]
        if (name, weights) == ("classic3", "tf-idf"):
            X = TfidfTransformer().fit_transform(X)
        order = np.random.default_rng(0).permutation(X.shape[0])
        X, classes = X[order], classes[order]
        scores = []
        for seed in range(n_seeds):
            model = Coclus(len(np.unique(classes)), random_state=seed).fit(X)
            accuracy = clustering_accuracy(classes, model.row_labels_)
            information = normalized_mutual_info_score(classes, model.row_labels_)
            scores.append((accuracy, information, model.modularity_))
        here = np.median(scores, axis=0)
        for what, there, value in zip(("accuracy", "NMI", "Q"), published, here, strict=True):
            yield Line(f"{name}, {weights}: {what}", f"{there:.3f}", f"{value:.3f}")


# --- Maximum norm: Bulteau, Froese, Hartung, Niedermeier, 2016 -----------------------------------

TERNARY = np.array([[0, 1, 2, 1, 0], [2, 2, 2, 0, 0]])


def max_norm_animals(folder: Path, n_seeds: int) -> Iterator[Line]:
    """Animals with attributes: the paper's solver gets to 11 x 11 clusters."""
    with np.load(folder / "awa.npz") as stored:
        X = stored["X"].astype(float)
    MaxNormCoclustering(2, 2).fit(X[:10])
    for k in (2, 5, 8, 11, 15, 40):
        start = time.process_time()
        model = MaxNormCoclustering(k, k, random_state=0).fit(X)
        seconds = time.process_time() - start
        proof = "proven optimal" if model.is_optimal_ else f"at least {model.lower_bound_:g}"
        published = "solved, no time given" if k <= 11 else "not solved"
        here = f"{model.objective_:.2f}, {proof}, {seconds:.2f} s"
        yield Line(f"least cost, {k} x {k} clusters", published, here)


def max_norm_theorem(folder: Path, n_seeds: int) -> Iterator[Line]:
    """Theorem 6 as printed: of three letters, cost 1 with (2, p) means cost 1 with (2, 2)."""
    for p, published in ((2, "equivalent"), (3, "equivalent")):
        here = "feasible" if is_feasible(TERNARY, 2, p, 1) else "infeasible"
        yield Line(f"cost 1 of the counterexample, 2 x {p}", published, here)


# --- Block averages: CGC -------------------------------------------------------------------------

CYCLE = np.array(
    [[6, 7, 9, 1, 2], [2, 3, 4, 6, 8], [8, 7, 6, 5, 5], [8, 1, 5, 9, 2], [2, 5, 2, 1, 6]], float
)
CYCLE_START = ([1, 0, 0, 1, 0], [1, 1, 0, 0, 1])


def bbac_cycle(folder: Path, n_seeds: int) -> Iterator[Line]:
    """The scheme of CGC from a start that makes it cycle, and the alternating one."""
    options: dict[str, Any] = {"divergence": "i_divergence", "init": CYCLE_START, "refine": None}
    model = BBAC(2, 2, update="simultaneous", **options).fit(CYCLE)
    cycle = ", ".join(f"{value:.2f}" for value in model.objective_trace_[-3:])
    yield Line("I-divergence by iteration, simultaneous updates", "18.25, 14.58, 18.25, ...", cycle)
    for update in ("simultaneous", "alternating"):
        model = BBAC(2, 2, update=update, **options).fit(CYCLE)
        state = "converged" if model.converged_ else "best of a cycle"
        here = f"{model.objective_:.2f}, {state}"
        yield Line(f"I-divergence returned, {update} updates", "–", here)


PARTS: dict[str, tuple[Callable[[Path, int], Iterator[Line]], tuple[str, ...]]] = {
    "NEO-CC, Figure 3": (neo_case_study, ()),
    "NEO-CC, Table 3 (yeast)": (neo_yeast_table, ("yeast14",)),
    "Coclus, documents": (coclus_documents, ("classic3", "cstr")),
    "Maximum norm, animals": (max_norm_animals, ("awa",)),
    "Maximum norm, Theorem 6": (max_norm_theorem, ()),
    "Block averages, CGC": (bbac_cycle, ()),
}


def main(folder: Path, n_seeds: int) -> None:
    """Print all parts side by side."""
    print(f"{'':52}{'published':>24}{'here':>40}")
    for name, (part, files) in PARTS.items():
        missing = [f"{file}.npz" for file in files if not (folder / f"{file}.npz").exists()]
        print(name + (f": left out, as {', '.join(missing)} is missing" if missing else ""))
        for line in () if missing else part(folder, n_seeds):
            print(f"  {line.what:50}{line.published:>24}{line.here:>40}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(
        Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_FOLDER,
        int(sys.argv[2]) if len(sys.argv) > 2 else 5,
    )
