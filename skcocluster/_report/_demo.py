"""The demo: docstrings of installed packages, co-clustered by their words."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from ..io._record import CoclusterResults, collect_results
from ..plot import top_terms
from ._files import Run, write_run
from ._html import make_table

N_WORDS = 8
LEAD = (
    "Each row is the docstring of a public function or class, each column a word that they use, "
    "each entry how often. Nothing else was given; the submodules are looked at afterwards."
)
SOURCE = {"source": "skcocluster.datasets.load_docstrings", "entries": "counts"}
MEASURES = ("accuracy", "NMI", "ARI")


def run(folder: Path, random_state: int, say: Callable[[str], None]) -> None:
    """Load, fit, tell and write; see ``skcocluster demo``."""
    start = time.perf_counter()
    X, documents, words, classes = load(random_state)
    n_classes = np.unique(classes).size
    say(f"{X.shape[0]:,} docstrings of {n_classes} submodules, {words.size:,} different words")
    est, seconds = fit(X, n_classes, random_state)
    results = collect_results(est, documents, words, SOURCE)
    for line in list_clusters(est, X, results, classes):
        say(line)
    table = compare(X, results.row_labels, classes, random_state)
    say(f"\n{'how well submodules are found':34}" + "".join(f"{name:>10}" for name in MEASURES))
    for name, *values in table:
        say(f"{name:34}" + "".join(f"{value:10.3f}" for value in values))
    page = make_run(est, X, results, seconds, classes, table)
    paths = write_run(page, folder)
    say(f"\nfit {seconds:.1f} s, all {time.perf_counter() - start:.1f} s")
    say(f"open {next(path for path in paths if path.suffix == '.html')}")


def load(random_state: int) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray]:
    """Counts of words in shuffled docstrings, names of documents and words, submodules."""
    from ..datasets import load_docstrings, vectorize_docstrings

    docstrings: Any = load_docstrings()
    X, words = vectorize_docstrings(docstrings.data)
    # They come sorted by module, and what comes sorted is easily put together.
    order = np.random.default_rng(random_state).permutation(X.shape[0])
    classes = np.asarray(docstrings.target_names, dtype=np.object_)[docstrings.target]
    documents = np.asarray(docstrings.document_names, dtype=np.object_)
    X = X[order].astype(np.float64)
    return X, documents[order], np.asarray(words, dtype=np.object_), classes[order]


def fit(X: Any, n_clusters: int, random_state: int) -> tuple[Any, float]:
    """Co-cluster, with its progress shown; the estimator and its seconds."""
    from .. import BBAC

    est = BBAC(
        n_row_clusters=n_clusters,
        n_column_clusters=n_clusters,
        divergence="i_divergence",
        basis="C5",
        random_state=random_state,
        verbose=2,
    )
    start = time.perf_counter()
    est.fit(X)
    return est, time.perf_counter() - start


def list_clusters(est: Any, X: Any, results: CoclusterResults, classes: np.ndarray) -> list[str]:
    """Words of each row cluster, and the submodule that most of its documents are from."""
    lines = ["", "cluster  docs  mostly                       words"]
    for cluster, terms in enumerate(top_terms(est, X, results.column_names, N_WORDS)):
        members = classes[results.row_labels == cluster]
        if members.size:
            names, counts = np.unique(members, return_counts=True)
            mostly = f"{names[counts.argmax()]} {counts.max() / members.size:.0%}"
            lines.append(f"{cluster:7d} {members.size:5d}  {mostly:28} {' '.join(terms)}")
    return lines


def compare(
    X: Any, labels: np.ndarray, classes: np.ndarray, random_state: int
) -> list[tuple[str, float, float, float]]:
    """Agreement with the submodules, of the co-clusters and of what they are measured against."""
    from ..metrics import clustering_accuracy

    def measure(name: str, labels: np.ndarray) -> tuple[str, float, float, float]:
        return (
            name,
            float(clustering_accuracy(truth, labels)),
            float(normalized_mutual_info_score(truth, labels)),
            float(adjusted_rand_score(truth, labels)),
        )

    truth = np.unique(classes, return_inverse=True)[1]
    return [
        measure("co-clusters", labels),
        measure("k-means of tf-idf", cluster_by_kmeans(X, np.unique(truth).size, random_state)),
        measure("all in one cluster", np.zeros_like(labels)),
    ]


def cluster_by_kmeans(X: Any, n_clusters: int, random_state: int) -> np.ndarray:
    """Labels of the usual one-sided method, with as many clusters."""
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfTransformer

    weighted = TfidfTransformer().fit_transform(X)
    return KMeans(n_clusters, n_init=5, random_state=random_state).fit_predict(weighted)


def make_run(
    est: Any,
    X: Any,
    results: CoclusterResults,
    seconds: float,
    classes: np.ndarray,
    table: list[tuple[str, float, float, float]],
) -> Run:
    """All that the page tells."""
    baseline = next(row for row in table if row[0] == "all in one cluster")
    caption = (
        "Agreement of clusters of documents with the submodules (1 is perfect). Accuracy is the "
        "share of documents in the right place under the best matching of clusters to submodules; "
        f"one cluster of everything scores {baseline[1]:.3f}, the share of the largest submodule."
    )
    return Run(
        est,
        X,
        results,
        title="Docstrings, co-clustered by their words",
        lead=LEAD,
        seconds=seconds,
        order="diagonal",
        norm="log",
        row_classes=classes,
        facts=[("Accuracy, submodules", f"{table[0][1]:.3f}")],
        sections=[("Are the submodules found?", [make_table(["", *MEASURES], table, caption)])],
    )
