"""Oracles of the diagonal methods: loops and exact fractions, nothing from the package.

X is a dense array of non-negative numbers. Co-cluster k holds the rows and the columns of label k.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


def exact(X) -> list[list[Fraction]]:
    """Entries of X as fractions: sums, products and comparisons of these have no rounding."""
    return [[Fraction(float(v)) for v in row] for row in np.asarray(X)]


def transposed(A: list[list[Fraction]]) -> list[list[Fraction]]:
    """Columns of A as rows."""
    return [list(column) for column in zip(*A, strict=True)]


def gains(A, other_labels, n_clusters, resolution=1) -> list[list[Fraction]]:
    """N acc_k - gamma a_i C_k of each row i of A in each co-cluster k of the other side."""
    total = sum((sum(row) for row in A), Fraction(0))
    weights = [sum(column) for column in transposed(A)]
    values = []
    for row in A:
        line = []
        for k in range(n_clusters):
            inside = sum((v for v, c in zip(row, other_labels, strict=True) if c == k), Fraction(0))
            weight = sum(
                (w for w, c in zip(weights, other_labels, strict=True) if c == k), Fraction(0)
            )
            line.append(total * inside - Fraction(resolution) * sum(row) * weight)
        values.append(line)
    return values


def choose_largest(values) -> np.ndarray:
    """Label of the largest value per line, ties to the lowest label."""
    return np.array([line.index(max(line)) for line in values], dtype=np.int32)


def modularity(X, row_labels, column_labels, resolution=1) -> Fraction:
    """Q = (1/N) sum_ij (x_ij - gamma r_i c_j / N) [same co-cluster], 0 without any weight."""
    A = exact(X)
    total = sum((sum(row) for row in A), Fraction(0))
    if total == 0:
        return Fraction(0)
    rows, columns = [sum(row) for row in A], [sum(column) for column in transposed(A)]
    value = Fraction(0)
    for i, row in enumerate(A):
        for j, v in enumerate(row):
            if row_labels[i] == column_labels[j]:
                value += v - Fraction(resolution) * rows[i] * columns[j] / total
    return value / total


@dataclass
class Fit:
    """Labels and modularity after each iteration of the plain algorithm, to its fixed point."""

    trace: list[Fraction]
    states: list[tuple[np.ndarray, np.ndarray]]

    @property
    def labels(self) -> tuple[np.ndarray, np.ndarray]:
        """Row and column labels of the fixed point."""
        return self.states[-1]


def fit_coclus(X, column_labels, n_clusters, resolution=1) -> Fit:
    """All rows, then all columns, to the co-cluster of the largest gain, until no label moves.

    Ends: among equal Q, labels only ever move to lower ones.
    """
    A = exact(X)
    B = transposed(A)
    rows, columns = None, np.array(column_labels)
    fit = Fit([], [])
    while True:
        new_rows = choose_largest(gains(A, columns, n_clusters, resolution))
        new_columns = choose_largest(gains(B, new_rows, n_clusters, resolution))
        fit.trace.append(modularity(X, new_rows, new_columns, resolution))
        fit.states.append((new_rows, new_columns))
        if rows is not None and (new_rows == rows).all() and (new_columns == columns).all():
            return fit
        rows, columns = new_rows, new_columns


def best_modularity(X, n_clusters) -> float:
    """Brute force: largest Q over all labels of rows and columns, of whole numbers."""
    A = [[int(v) for v in row] for row in np.asarray(X)]
    n, m = len(A), len(A[0])
    total = sum(map(sum, A))
    if total == 0:
        return 0.0
    rows, columns = [sum(row) for row in A], [sum(column) for column in zip(*A, strict=True)]
    best = -math.inf
    for labels in itertools.product(range(n_clusters), repeat=n + m):
        value = 0
        for i in range(n):
            for j in range(m):
                if labels[i] == labels[n + j]:
                    value += total * A[i][j] - rows[i] * columns[j]
        best = max(best, value)
    return best / total**2


def normalized_cut(X, row_labels, column_labels) -> float:
    """Sum over co-clusters of the weight of edges that leave it by the degrees inside it."""
    A = [[float(v) for v in row] for row in np.asarray(X)]
    n, m = len(A), len(A[0])
    value = 0.0
    for k in sorted({*map(int, row_labels), *map(int, column_labels)} - {-1}):
        cut = volume = 0.0
        for i in range(n):
            for j in range(m):
                row_in, column_in = row_labels[i] == k, column_labels[j] == k
                cut += A[i][j] * (row_in != column_in)
                volume += A[i][j] * (int(row_in) + int(column_in))
        if volume > 0:
            value += cut / volume
    return value


def dhillon_embedding(X, n_clusters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Z of the article: rows, columns, and the singular values of the vectors used."""
    X = np.asarray(X, dtype=float)
    row_roots, column_roots = np.sqrt(X.sum(axis=1)), np.sqrt(X.sum(axis=0))
    U, s, Vt = np.linalg.svd(X / np.outer(row_roots, column_roots), full_matrices=False)
    last = 1 + math.ceil(math.log2(n_clusters))
    return U[:, 1:last] / row_roots[:, None], Vt[1:last].T / column_roots[:, None], s[1:last]


def modularity_embedding(X, n_components) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First vectors of X less its expectation, over the roots of the degrees, and their values."""
    X = np.asarray(X, dtype=float)
    row_degrees, column_degrees = X.sum(axis=1), X.sum(axis=0)
    roots = np.sqrt(np.outer(row_degrees, column_degrees))
    B = X - np.outer(row_degrees, column_degrees) / X.sum()
    U, s, Vt = np.linalg.svd(B / roots, full_matrices=False)
    rows = U[:, :n_components] / np.sqrt(row_degrees)[:, None]
    columns = Vt[:n_components].T / np.sqrt(column_degrees)[:, None]
    return rows, columns, s[:n_components]


def regularized_embedding(X, n_components) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First vectors, times values, of X over roots of degree + mean degree; points of length 1."""
    X = np.asarray(X, dtype=float)
    row_degrees, column_degrees = X.sum(axis=1), X.sum(axis=0)
    row_roots = np.sqrt(row_degrees + row_degrees.mean())
    column_roots = np.sqrt(column_degrees + column_degrees.mean())
    U, s, Vt = np.linalg.svd(X / np.outer(row_roots, column_roots), full_matrices=False)
    U, V, s = U[:, :n_components], Vt[:n_components].T, s[:n_components]
    return to_unit(U * s), to_unit(V * s), s


def to_unit(points: np.ndarray) -> np.ndarray:
    """Every row divided by its length; a row of zeros stays."""
    lengths = np.sqrt((points**2).sum(axis=1, keepdims=True))
    return np.where(lengths > 1e-12, points / np.where(lengths > 0, lengths, 1), 0.0)


def balance(X, n_passes=20000) -> np.ndarray:
    """Kluger's bistochastic normalisation: rows and columns divided in turn until sums are even."""
    B = np.array(X, dtype=float)
    for _ in range(n_passes):
        rows, columns = B.sum(axis=1), B.sum(axis=0)
        B = B / np.sqrt(np.outer(rows, columns))
        if np.ptp(B.sum(axis=1)) < 1e-13 and np.ptp(B.sum(axis=0)) < 1e-13:
            return B
    raise AssertionError("the matrix has no bistochastic form")


def log_interactions(X) -> np.ndarray:
    """Kluger's log-interactions: log X without its row means and its column means."""
    L = np.log(np.asarray(X, dtype=float))
    return L - L.mean(axis=1, keepdims=True) - L.mean(axis=0, keepdims=True) + L.mean()


def planted_diagonal(
    n_rows, n_columns, n_clusters, seed=0, *, inside=6.0, outside=1.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Poisson counts with heavy diagonal blocks, shuffled, with the true labels."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(np.arange(n_rows) % n_clusters).astype(np.int32)
    columns = rng.permutation(np.arange(n_columns) % n_clusters).astype(np.int32)
    rates = np.where(rows[:, None] == columns, inside, outside)
    return rng.poisson(rates).astype(float), rows, columns
