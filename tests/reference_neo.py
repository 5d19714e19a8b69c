"""NEO-CC by the book: equations (6)-(9) with whole matrices, and oracles of plain loops.

The matrix forms are what a careful reader of the paper would write in NumPy, with BLAS for the
products: benchmarks compare with them. The loops are the definitions, entry by entry.
"""

import itertools
import math

import numpy as np


def distances_by_equations(X, own, others, objective="M"):
    """Distances of rows to row clusters by equations (6) for M and (7) for RCM.

    Columns, equations (8) and (9), are the rows of ``X.T`` with the roles exchanged.
    """
    distances = np.zeros((X.shape[0], own.shape[1]))
    for h in range(others.shape[1]):
        members = np.flatnonzero(others[:, h])
        if len(members) == 0:
            continue
        # X D(v) restricted to the columns of v, and its projection on v / sqrt(|v|).
        block = X[:, members]
        unit = np.full((len(members), 1), 1 / math.sqrt(len(members)))
        projected = (block @ unit) @ unit.T
        points = block if objective == "M" else block - projected
        for g in range(own.shape[1]):
            inside = own[:, g].astype(bool)
            if not inside.any():
                centre = np.zeros(len(members))
            else:
                source = projected if objective == "M" else points
                centre = inside.astype(float) @ source / inside.sum()
            distances[:, g] += ((points - centre) ** 2).sum(axis=1)
    return distances


def mean_of(values):
    return math.fsum(values) / len(values) if values else 0.0


def distance_by_loops(X, own, others, objective, i, g):
    """What row i costs in row cluster g, the means being those of the memberships."""
    members = [q for q in range(X.shape[0]) if own[q][g]]
    total = 0.0
    for h in range(others.shape[1]):
        columns = [j for j in range(X.shape[1]) if others[j][h]]
        mu = mean_of([X[q][j] for q in members for j in columns])
        row_mean = mean_of([X[i][j] for j in columns])
        for j in columns:
            if objective == "M":
                total += (X[i][j] - mu) ** 2
            else:
                column_mean = mean_of([X[q][j] for q in members])
                total += (X[i][j] - row_mean - column_mean + mu) ** 2
    return total


def objective_by_loops(X, U, V, objective):
    """J of equation (1) for M and of equation (3) for RCM."""
    return math.fsum(
        distance_by_loops(X, U, V, objective, i, g)
        for i in range(U.shape[0])
        for g in range(U.shape[1])
        if U[i][g]
    )


def assign_by_loops(distances, n_assignments, n_covered):
    """Algorithm 1, lines 13-24, as printed; ties to the lowest cluster, then the lowest point."""
    n, k = distances.shape
    order = [(distances[i][g], g, i) for i in range(n) for g in range(k)]
    memberships = np.zeros((n, k), bool)
    covered = set()
    for w in range(n_assignments):
        free = [
            entry
            for entry in order
            if not memberships[entry[2], entry[1]] and (w >= n_covered or entry[2] not in covered)
        ]
        _, g, i = min(free)
        memberships[i, g] = True
        covered.add(i)
    return memberships


def all_memberships(n, k, n_assignments, n_covered):
    """Every membership matrix with so many memberships that covers so many points."""
    for chosen in itertools.combinations(range(n * k), n_assignments):
        if len({entry // k for entry in chosen}) >= n_covered:
            memberships = np.zeros(n * k, bool)
            memberships[list(chosen)] = True
            yield memberships.reshape(n, k)


def overlap_by_shares(distances):
    """Share of points that are close to a further cluster, by shares of their distances."""
    n, k = distances.shape
    further = 0
    for line in distances.tolist():
        close = [d for d in line if d / math.fsum(line) < 1 / (k + 1)]
        further += max(len(close) - 1, 0)
    return further / n


def overlap_by_spread(distances, memberships, spread):
    """Share of points that are within the spread of a cluster that they are no member of."""
    n, k = distances.shape
    further = 0
    for g in range(k):
        own = [distances[i][g] for i in range(n) if memberships[i][g]]
        if own:
            mean = math.fsum(own) / len(own)
            deviation = math.sqrt(math.fsum((d - mean) ** 2 for d in own) / len(own))
            for i in range(n):
                if not memberships[i][g] and distances[i][g] < mean + spread * deviation:
                    further += 1
    return further / n
