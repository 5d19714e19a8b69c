"""Oracles of plain loops: every value entry by entry from the definition, nothing from the package.

X holds NaN where an entry is missing. Labels of -1 stand for "in no cluster". ``basis`` names what
the approximation keeps besides the block means: C2 nothing, C3 the row means, C4 the column means,
C5 both.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

DIVERGENCES = ("squared_euclidean", "i_divergence", "itakura_saito", "logistic")
BASES = ("C2", "C3", "C4", "C5")
# A second-best cost closer than this makes the argmin a matter of rounding.
TIE_GAP = 1e-9


def xlogy(x: float, y: float) -> float:
    """x log y with 0 log 0 = 0."""
    if x == 0:
        return 0.0
    return x * math.log(y) if y > 0 else -math.inf


def divergence_of(name: str, x: float, y: float) -> float:
    """d_phi(x, y) of one entry x to its approximation y."""
    if name == "squared_euclidean":
        return (x - y) ** 2
    if name == "i_divergence":
        return xlogy(x, x) - xlogy(x, y) - x + y
    if name == "itakura_saito":
        return x / y - math.log(x / y) - 1
    if name == "logistic":
        return xlogy(x, x) - xlogy(x, y) + xlogy(1 - x, 1 - x) - xlogy(1 - x, 1 - y)
    raise ValueError(name)


def mean_of(values: list[float]) -> float:
    """Mean of the observed values, NaN when there is none."""
    observed = [v for v in values if not math.isnan(v)]
    return math.fsum(observed) / len(observed) if observed else math.nan


def block_means(X, row_labels, column_labels, n_row_clusters, n_column_clusters) -> np.ndarray:
    """Mean of the observed entries of every block, NaN for a block without any."""
    means = np.full((n_row_clusters, n_column_clusters), math.nan)
    for g in range(n_row_clusters):
        for h in range(n_column_clusters):
            means[g, h] = mean_of(
                [
                    float(X[i, j])
                    for i in range(X.shape[0])
                    for j in range(X.shape[1])
                    if row_labels[i] == g and column_labels[j] == h
                ]
            )
    return means


def cluster_means(X, row_labels, n_row_clusters) -> list[float]:
    """Mean of all entries of the rows of each cluster."""
    return [
        mean_of([float(v) for i in range(X.shape[0]) if row_labels[i] == g for v in X[i]])
        for g in range(n_row_clusters)
    ]


def combine(name: str, mu: float, ratios: list[tuple[float, float]]) -> float:
    """Block mean moved by the margins: mu + (u - U) for Euclid, mu u / U for I-divergence."""
    for own, cluster in ratios:
        if name == "squared_euclidean":
            mu = mu + (own - cluster)
        elif name == "i_divergence":
            mu = mu * own / cluster if cluster > 0 else 0.0
        else:
            raise ValueError(f"basis of {name} has no closed form")
    return mu


@dataclass
class Model:
    """Averages of one co-clustering, from which any row or column can be approximated."""

    X: np.ndarray
    row_labels: np.ndarray
    column_labels: np.ndarray
    n_row_clusters: int
    n_column_clusters: int
    divergence: str = "squared_euclidean"
    basis: str = "C2"
    means: np.ndarray = field(init=False)
    row_means: list[float] = field(init=False)
    column_means: list[float] = field(init=False)
    row_cluster_means: list[float] = field(init=False)
    column_cluster_means: list[float] = field(init=False)

    def __post_init__(self) -> None:
        k, p = self.n_row_clusters, self.n_column_clusters
        self.means = block_means(self.X, self.row_labels, self.column_labels, k, p)
        self.row_means = [mean_of([float(v) for v in row]) for row in self.X]
        self.column_means = [mean_of([float(v) for v in column]) for column in self.X.T]
        self.row_cluster_means = cluster_means(self.X, self.row_labels, k)
        self.column_cluster_means = cluster_means(self.X.T, self.column_labels, p)

    def entry(self, i: int, j: int, g: int, h: int) -> float:
        """Approximation of entry (i, j) if its row were in cluster g, its column in cluster h."""
        ratios = []
        if self.basis in ("C3", "C5"):
            ratios.append((self.row_means[i], self.row_cluster_means[g]))
        if self.basis in ("C4", "C5"):
            ratios.append((self.column_means[j], self.column_cluster_means[h]))
        return combine(self.divergence, float(self.means[g, h]), ratios)

    def cost(self, i: int, j: int, g: int, h: int) -> float:
        """Divergence of entry (i, j) to its approximation in block (g, h), 0 when not observed."""
        x = float(self.X[i, j])
        if math.isnan(x) or g < 0 or h < 0:
            return 0.0
        return divergence_of(self.divergence, x, self.entry(i, j, g, h))

    def objective(self) -> float:
        """Sum of the divergences of all observed entries: complete, no constant dropped."""
        n, m = self.X.shape
        return math.fsum(
            self.cost(i, j, self.row_labels[i], self.column_labels[j])
            for i in range(n)
            for j in range(m)
        )

    def approximation(self) -> np.ndarray:
        """Approximation of every entry, also of the missing ones."""
        n, m = self.X.shape
        out = np.full((n, m), math.nan)
        for i in range(n):
            for j in range(m):
                g, h = self.row_labels[i], self.column_labels[j]
                if g >= 0 and h >= 0:
                    out[i, j] = self.entry(i, j, g, h)
        return out

    def row_costs(self) -> np.ndarray:
        """Cost of every row in every row cluster, of shape (n_rows, n_row_clusters)."""
        n, m = self.X.shape
        costs = np.full((n, self.n_row_clusters), math.inf)
        for i in range(n):
            for g in range(self.n_row_clusters):
                if g in self.row_labels:
                    costs[i, g] = math.fsum(
                        self.cost(i, j, g, self.column_labels[j]) for j in range(m)
                    )
        return costs

    def column_costs(self) -> np.ndarray:
        """Cost of every column in every column cluster, of shape (n_columns, n_column_clusters)."""
        n, m = self.X.shape
        costs = np.full((m, self.n_column_clusters), math.inf)
        for j in range(m):
            for h in range(self.n_column_clusters):
                if h in self.column_labels:
                    costs[j, h] = math.fsum(
                        self.cost(i, j, self.row_labels[i], h) for i in range(n)
                    )
        return costs


def choose(costs: np.ndarray) -> np.ndarray:
    """Label of the lowest cost per line, ties to the lowest label."""
    labels = np.zeros(len(costs), dtype=np.int32)
    for i, line in enumerate(costs):
        for g, value in enumerate(line):
            if value < line[labels[i]]:
                labels[i] = g
    return labels


def smallest_gap(costs: np.ndarray) -> float:
    """Smallest relative distance from best to second-best cost, 0 where a line has none finite."""
    gaps = [math.inf]
    for line in costs:
        ordered = sorted(float(v) for v in line)
        if not math.isfinite(ordered[0]):
            return 0.0
        if len(ordered) > 1 and math.isfinite(ordered[1]):
            gaps.append((ordered[1] - ordered[0]) / max(abs(ordered[1]), 1e-300))
    return min(gaps)


@dataclass
class Fit:
    """Labels and objective after each iteration, and whether rounding could have decided one."""

    row_labels: np.ndarray
    column_labels: np.ndarray
    trace: list[float]
    states: list[tuple[np.ndarray, np.ndarray]]
    ambiguous: bool
    converged: bool

    @property
    def best(self) -> tuple[float, np.ndarray, np.ndarray]:
        """Lowest objective of the trace and its labels."""
        t = int(np.argmin(self.trace))
        return (self.trace[t], *self.states[t])


def is_ambiguous(model: Model, costs: np.ndarray) -> bool:
    """True when a tie, or a block without an entry, leaves the next labels to convention."""
    return smallest_gap(costs) < TIE_GAP or bool(np.isnan(model.means).any())


def fit_alternating(X, row_labels, column_labels, n_row_clusters, n_column_clusters, *,
                    divergence="squared_euclidean", basis="C2", max_iter=100) -> Fit:  # fmt: skip
    """Rows, re-average, columns, re-average, until no label changes."""
    rows, columns = np.array(row_labels), np.array(column_labels)
    trace: list[float] = []
    states: list[tuple[np.ndarray, np.ndarray]] = []
    ambiguous = converged = False

    def model(r: np.ndarray, c: np.ndarray) -> Model:
        return Model(X, r, c, n_row_clusters, n_column_clusters, divergence, basis)

    for _ in range(max_iter):
        before = model(rows, columns)
        row_costs = before.row_costs()
        new_rows = choose(row_costs)
        between = model(new_rows, columns)
        column_costs = between.column_costs()
        new_columns = choose(column_costs)
        ambiguous |= is_ambiguous(before, row_costs) or is_ambiguous(between, column_costs)
        converged = np.array_equal(rows, new_rows) and np.array_equal(columns, new_columns)
        rows, columns = new_rows, new_columns
        trace.append(model(rows, columns).objective())
        states.append((rows, columns))
        if converged:
            break
    return Fit(rows, columns, trace, states, ambiguous, converged)


def fit_simultaneous(X, row_labels, column_labels, n_row_clusters, n_column_clusters, *,
                     divergence="i_divergence", max_iter=100) -> Fit:  # fmt: skip
    """CGC's scheme: rows and columns both choose against the same averages and the same labels."""
    rows, columns = np.array(row_labels), np.array(column_labels)
    trace: list[float] = []
    states: list[tuple[np.ndarray, np.ndarray]] = []
    ambiguous = converged = False
    for _ in range(max_iter):
        now = Model(X, rows, columns, n_row_clusters, n_column_clusters, divergence)
        row_costs, column_costs = now.row_costs(), now.column_costs()
        ambiguous |= is_ambiguous(now, row_costs) or is_ambiguous(now, column_costs)
        new_rows, new_columns = choose(row_costs), choose(column_costs)
        converged = np.array_equal(rows, new_rows) and np.array_equal(columns, new_columns)
        rows, columns = new_rows, new_columns
        after = Model(X, rows, columns, n_row_clusters, n_column_clusters, divergence)
        trace.append(after.objective())
        states.append((rows, columns))
        if converged:
            break
    return Fit(rows, columns, trace, states, ambiguous, converged)


def partitions(n: int, k: int) -> Iterator[np.ndarray]:
    """Every way to label n things with at most k labels, each partition once."""
    for labels in itertools.product(range(k), repeat=n):
        if all(value <= max(labels[:i], default=-1) + 1 for i, value in enumerate(labels)):
            yield np.array(labels, dtype=np.int32)


def best_coclustering(X, n_row_clusters, n_column_clusters, *, divergence="squared_euclidean",
                      basis="C2") -> tuple[float, np.ndarray, np.ndarray]:  # fmt: skip
    """Brute force: lowest objective over all pairs of partitions, with one that reaches it."""
    best = (math.inf, np.zeros(X.shape[0]), np.zeros(X.shape[1]))
    columns = list(partitions(X.shape[1], n_column_clusters))
    for r in partitions(X.shape[0], n_row_clusters):
        for c in columns:
            model = Model(X, r, c, n_row_clusters, n_column_clusters, divergence, basis)
            value = model.objective()
            if value < best[0]:
                best = (value, r, c)
    return best


def same_partition(a, b) -> bool:
    """True when two label arrays differ by the names of the labels only."""
    pairs = set(zip(np.asarray(a).tolist(), np.asarray(b).tolist(), strict=True))
    return len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})


def random_matrix(divergence: str, n_rows: int, n_columns: int, seed: int) -> np.ndarray:
    """Integer-valued random matrix in the divergence's domain (64ths for the logistic loss)."""
    rng = np.random.default_rng(seed)
    shape = (n_rows, n_columns)
    if divergence == "squared_euclidean":
        return rng.integers(-40, 41, shape).astype(float)
    if divergence == "i_divergence":
        return rng.integers(0, 61, shape).astype(float)
    if divergence == "itakura_saito":
        return rng.integers(1, 61, shape).astype(float)
    return rng.integers(0, 65, shape) / 64.0


def balanced_labels(n: int, k: int, seed: int) -> np.ndarray:
    """Random labels in which every cluster occurs."""
    return np.random.default_rng(seed).permutation(np.arange(n) % k).astype(np.int32)
