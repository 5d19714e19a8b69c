"""Compiled assignment: a threshold from counts in bins, then one pass that takes what is below.

Bins narrow until few distances are left around the wanted rank; only those are partitioned.
"""

import numpy as np

from .compilation import kernel

BINS = 4096
# So few values are partitioned rather than counted once more.
MAX_BUFFER = 8192
MAX_ROUNDS = 4


@kernel
def _find_nearest(distances, nearest, least):
    n, n_clusters = distances.shape
    for i in range(n):
        line = distances[i]
        best, label = line[0], 0
        for g in range(1, n_clusters):
            if line[g] < best:
                best, label = line[g], g
        nearest[i], least[i] = label, best


@kernel
def _find_range(distances, taken):
    """Return the least and the greatest distance that is not taken."""
    low, high = np.inf, -np.inf
    n, n_clusters = distances.shape
    for i in range(n):
        line, own = distances[i], taken[i]
        for g in range(n_clusters):
            if g != own:
                low = min(low, line[g])
                high = max(high, line[g])
    return low, high


@kernel
def _count(distances, taken, low, high, scale, counts):
    n, n_clusters = distances.shape
    for i in range(n):
        line, own = distances[i], taken[i]
        for g in range(n_clusters):
            value = line[g]
            if value >= low and value <= high and g != own:
                counts[np.int64((value - low) * scale)] += 1


@kernel
def _collect(distances, taken, low, high, scale, wanted, found):
    """Fill `found` with the distances in the wanted bin."""
    n, n_clusters = distances.shape
    filled = 0
    for i in range(n):
        line, own = distances[i], taken[i]
        for g in range(n_clusters):
            value = line[g]
            inside = value >= low and value <= high and g != own
            if inside and np.int64((value - low) * scale) == wanted:
                found[filled] = value
                filled += 1


@kernel
def _take(distances, taken, bound, memberships):
    """Add all that is nearer than the bound; return their number."""
    n, n_clusters = distances.shape
    n_taken = 0
    for i in range(n):
        line, own, out = distances[i], taken[i], memberships[i]
        for g in range(n_clusters):
            near = line[g] < bound
            out[g] = near or g == own
            n_taken += near and g != own
    return n_taken


@kernel
def _take_ties(distances, taken, bound, wanted, memberships):
    n, n_clusters = distances.shape
    for g in range(n_clusters):
        for i in range(n):
            if wanted == 0:
                return
            if distances[i, g] == bound and taken[i] != g:
                memberships[i, g] = True
                wanted -= 1


def _select(distances: np.ndarray, taken: np.ndarray, rank: int) -> float:
    """Return the distance of so many lesser ones, `taken` left out."""
    low, high = _find_range(distances, taken)
    for _ in range(MAX_ROUNDS):
        with np.errstate(over="ignore", divide="ignore"):
            scale = np.float64(BINS - 1) / (high - low) if high > low else 0.0
        scale = float(scale) if np.isfinite(scale) else 0.0
        counts = np.zeros(BINS, np.int64)
        _count(distances, taken, low, high, scale, counts)
        upto = np.cumsum(counts)
        wanted = int(np.searchsorted(upto, rank, side="right"))
        found = np.empty(counts[wanted])
        _collect(distances, taken, low, high, scale, wanted, found)
        rank -= int(upto[wanted] - counts[wanted])
        if len(found) <= MAX_BUFFER:
            break
        low, high = float(found.min()), float(found.max())
        if low == high:
            return low
    return float(np.partition(found, rank)[rank])


def cover(nearest: np.ndarray, least: np.ndarray, n_covered: int) -> tuple[np.ndarray, float]:
    """Return the nearest cluster of the covered points and -1 for others, and the threshold."""
    if n_covered == len(least):
        return nearest, float(least.max())
    if n_covered == 0:
        return np.full_like(nearest, -1), -np.inf
    bound = np.partition(least, n_covered - 1)[n_covered - 1]
    taken = np.where(least < bound, nearest, -1).astype(np.int32)
    ties = np.flatnonzero(least == bound)
    ties = ties[np.argsort(nearest[ties], kind="stable")]
    ties = ties[: n_covered - np.count_nonzero(least < bound)]
    taken[ties] = nearest[ties]
    return taken, float(bound)


def assign_compiled(
    distances: np.ndarray, n_assignments: int, n_covered: int
) -> tuple[np.ndarray, float, float]:
    """Return memberships and thresholds; as the reference."""
    n, n_clusters = distances.shape
    nearest, least = np.empty(n, np.int32), np.empty(n)
    _find_nearest(distances, nearest, least)
    taken, cover_threshold = cover(nearest, least, n_covered)
    memberships = np.empty((n, n_clusters), bool)
    n_extra = n_assignments - n_covered
    bound = _select(distances, taken, n_extra - 1) if n_extra > 0 else -np.inf
    n_taken = _take(distances, taken, bound, memberships)
    if n_extra > n_taken:
        _take_ties(distances, taken, bound, n_extra - n_taken, memberships)
    return memberships, cover_threshold, bound
