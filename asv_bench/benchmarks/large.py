"""X of a share of the machine's memory: a few iterations beside what a user would pick instead.

Takes minutes, and as much memory as it says: ``--bench '^(?!large)'`` leaves it out.
"""

import os
import warnings
from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp
import sklearn.cluster
from sklearn.exceptions import ConvergenceWarning

from skcocluster import BBAC, Coclus, SpectralCoclustering

from ._bbac_equations import by_products, iterate
from ._data import Labels, disturbed, documents, planted
from ._measure import InReads, cost, read_once
from .communities import make_community_detection
from .peers import DIVERGENCE, load_cgc

SHARES = ("1/64", "1/16", "1/4")
MAX_ITER = 3
ROWS_AT_ONCE = 100_000
SMALL = 2_000_000  # bytes of what compiles
CGC = ("CGC, numpy",)
SPECTRAL: dict[str, Any] = {
    "SpectralCoclustering": SpectralCoclustering,
    "scikit-learn": sklearn.cluster.SpectralCoclustering,
}


def many_documents(
    n_rows: int, n_columns: int, n_clusters: int, entries: int
) -> tuple[sp.csr_array, Labels]:
    """Return what `documents` does, made of parts: there is never more than one beside X."""
    n_most = n_rows * entries
    data, indices = np.empty(n_most), np.empty(n_most, np.int32)
    indptr, labels, end = np.zeros(n_rows + 1, np.int64), [], 0
    for start in range(0, n_rows, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, n_rows - start)
        part, truth = documents((rows, n_columns), n_clusters, entries, seed=start)
        data[end : end + part.nnz], indices[end : end + part.nnz] = part.data, part.indices
        indptr[start + 1 : start + rows + 1] = end + part.indptr[1:]
        end += part.nnz
        labels.append(truth["rows"])
    indptr = indptr.astype(np.int32) if end < 2**31 else indptr
    X = sp.csr_array((data[:end], indices[:end], indptr), shape=(n_rows, n_columns))
    return X, {"rows": np.concatenate(labels), "columns": truth["columns"]}


class Large(InReads):
    """What is fitted to a share of the memory."""

    param_names = ("share", "package")
    timeout = 1800
    total = 0  # bytes of memory; 0 for all that the machine has
    once: Callable[[Any, Labels], Any]

    def bytes_of(self, share: str) -> int:
        """Return a share such as "1/4" of the memory."""
        total = self.total or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return total // int(share.removeprefix("1/"))

    @abstractmethod
    def draw(self, size: int) -> tuple[Any, Labels]:
        """Return a matrix of about so many bytes, and labels of its rows and columns."""

    def prepare(self, share: str) -> None:
        """Set the matrix, the labels that it starts from, and a small one of the same kind."""
        self.X, truth = self.draw(self.bytes_of(share))
        self.start = disturbed(truth, 0.75)
        X, truth = self.draw(min(SMALL, self.X.data.nbytes))
        self.small = X, disturbed(truth, 0.75)

    def work(self) -> Any:
        return self.once(self.X, self.start)

    def track_cost(self, *params: Any) -> float:
        """Return the cost in reads of X; what compiles is the same for the small matrix."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            unit = partial(read_once, self.X)
            return cost(self.work, unit, warm_up=partial(self.once, *self.small))


class Dense(Large):
    """Three iterations of BBAC from one start: float64, 20 x 20 clusters, I-divergence.

    X has ten times as many rows as columns.
    """

    params = (SHARES, ("skcocluster", *CGC, "NumPy, products"))
    n_clusters = 20
    tiny = {"params": (("1/4",), params[1]), "n_clusters": 3, "total": 40_000}

    def setup(self, share: str, package: str) -> None:
        self.solver = load_cgc() if package in CGC else None
        self.prepare(share)
        ways = {"skcocluster": self._ours, "NumPy, products": self._plain}
        self.once = ways.get(package, self._cgc)

    def draw(self, size: int) -> tuple[np.ndarray, Labels]:
        n_columns = int((size / 80) ** 0.5)
        return planted((10 * n_columns, n_columns), self.n_clusters)

    def _ours(self, X: np.ndarray, start: Labels) -> BBAC:
        labels = start["rows"], start["columns"]
        options = {"divergence": DIVERGENCE, "init": labels, "refine": None, "column_steps": 1}
        return BBAC(self.n_clusters, max_iter=MAX_ITER, tol=0.0, **options).fit(X)

    def _plain(self, X: np.ndarray, start: Labels) -> Labels:
        for _ in range(MAX_ITER):
            start = iterate(X, start, self.n_clusters, by_products)
        return start

    def _cgc(self, X: np.ndarray, start: Labels) -> Any:
        rows, columns = (start[side].astype(np.int64) for side in ("rows", "columns"))
        # A negative threshold: all iterations, converged or not.
        counts = (self.n_clusters, self.n_clusters)
        return self.solver.coclustering(X, *counts, -1.0, MAX_ITER, False, rows, columns)


class Sparse(Large):
    """Ten co-clusters of sparse counts: three iterations of Coclus, whole fits of the others.

    A hundred counts a row, in 100,000 columns. What takes minutes is left out.
    """

    param_names = ("share", "estimator")
    params = (SHARES, ("Coclus", "SpectralCoclustering", "scikit-learn", "Louvain"))
    n_clusters, n_columns, entries_per_row = 10, 100_000, 100
    within_reach = {
        "SpectralCoclustering": ("1/64", "1/16"),
        "scikit-learn": ("1/64",),
        "Louvain": ("1/64",),
    }
    tiny = {
        "params": (("1/4",), params[1]),
        "n_clusters": 3,
        "n_columns": 40,
        "entries_per_row": 12,
        "total": 40_000,
        "within_reach": {},
    }

    def setup(self, share: str, package: str) -> None:
        if share not in self.within_reach.get(package, SHARES):
            raise NotImplementedError("takes minutes")
        options = {"n_clusters": self.n_clusters, "random_state": 0}
        self.peer: Any = None
        if package == "Louvain":
            self.peer = make_community_detection(package)
        elif package != "Coclus":
            self.peer = SPECTRAL[package](**options)
        self.prepare(share)
        ways = {"Coclus": self._ours, "Louvain": self._louvain}
        self.once = ways.get(package, self._spectral)

    def draw(self, size: int) -> tuple[sp.csr_array, Labels]:
        n_rows = size // (12 * self.entries_per_row)
        # So that the small one has no empty columns, which scikit-learn refuses.
        n_columns = min(self.n_columns, 4 * n_rows)
        return many_documents(n_rows, n_columns, self.n_clusters, self.entries_per_row)

    def _ours(self, X: sp.csr_array, start: Labels) -> Coclus:
        options = {"init": start["columns"], "refine": None, "max_iter": MAX_ITER}
        return Coclus(self.n_clusters, **options).fit(X)

    def _spectral(self, X: sp.csr_array, start: Labels) -> Any:
        return self.peer.fit(X)

    def _louvain(self, X: sp.csr_array, start: Labels) -> Any:
        return self.peer.fit(sp.csr_matrix(X), force_bipartite=True)
