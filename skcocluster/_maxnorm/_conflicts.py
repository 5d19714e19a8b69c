"""Rows that cannot share a block at a cost: the conflict graph and its cliques.

Two rows conflict if some column holds codes of them that are out of each other's reach, that is, if
their L-infinity distance is above the cost. Rows that conflict pairwise need a block each: more of
them than blocks prove a cost too low. For columns pass the transposed codes.
"""

from collections.abc import Iterator

import numpy as np

from .._kernels.compilation import inner, kernel

# Columns compared between two looks at the result: a conflict mostly shows early.
_STRIDE = 128
# Entries compared between two looks at the clock: some ten milliseconds.
_ENTRIES_PER_TURN = 20_000_000
# Steps that the search for a clique may take, about 50 ms.
_STEPS = 30_000_000


def row_conflict_clique(codes: np.ndarray, reach: np.ndarray, limit: int = 2000) -> np.ndarray:
    """Find rows that conflict pairwise, as many as a greedy search finds.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as codes.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest code within the cost of each code.
    limit : int, default=2000
        Of more rows only so many are compared, those farthest from the middle codes of their
        columns. Memory is limit² bytes.

    Returns
    -------
    clique : ndarray of shape (n_found,), dtype int64
        At least one row, ascending.
    """
    rows = _most_extreme(codes, limit)
    adjacency = conflict_graph(codes[rows], reach)
    return np.sort(rows[find_clique(adjacency)])


def conflict_graph(codes: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Compare all pairs of rows.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as codes.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest code within the cost of each code.

    Returns
    -------
    adjacency : ndarray of shape (n_rows, n_rows), dtype bool
        Whether two rows conflict; symmetric.
    """
    adjacency = np.zeros((len(codes), len(codes)), np.bool_)
    for _ in iter_conflicts(codes, reach, adjacency):
        pass
    return adjacency


def iter_conflicts(codes: np.ndarray, reach: np.ndarray, adjacency: np.ndarray) -> Iterator[None]:
    """Fill in a conflict graph, with a pause every few rows.

    Parameters
    ----------
    codes, reach
        As for `conflict_graph`.
    adjacency : ndarray of shape (n_rows, n_rows), dtype bool
        Set to True for each pair that conflicts, both ways; False at first.
    """
    codes = np.ascontiguousarray(codes)
    low_reach = np.searchsorted(reach, np.arange(len(reach))).astype(np.int32)
    n_rows, n_columns = codes.shape
    row = 0
    while row < n_rows:
        stop = row + 1
        while stop < n_rows and (stop - row) * stop * n_columns < _ENTRIES_PER_TURN:
            stop += 1
        _compare_rows(codes, reach, low_reach, row, stop, adjacency)
        yield
        row = stop


def find_clique(adjacency: np.ndarray) -> np.ndarray:
    """Find a large clique greedily, from the vertices of most neighbours on.

    Parameters
    ----------
    adjacency : ndarray of shape (n, n), dtype bool
        Symmetric, False on the diagonal.

    Returns
    -------
    clique : ndarray of shape (n_found,), dtype int64
        At least one vertex, in the order in which they were found.
    """
    degrees = adjacency.sum(axis=1)
    return _grow_cliques(adjacency, np.argsort(-degrees, kind="stable"), _STEPS)


def _most_extreme(codes: np.ndarray, limit: int) -> np.ndarray:
    if len(codes) <= limit:
        return np.arange(len(codes))
    distances = np.zeros(len(codes))
    middle = np.median(codes[:: max(1, len(codes) // limit)], axis=0)
    for first in range(0, len(codes), limit):
        part = slice(first, first + limit)
        distances[part] = np.abs(codes[part] - middle).sum(axis=1)
    return np.sort(np.argsort(-distances, kind="stable")[:limit])


@inner
def _leaves(codes: np.ndarray, lows: np.ndarray, highs: np.ndarray) -> bool:
    """Whether any code is outside its interval; all are looked at, several at a time."""
    n_outside = 0
    for column in range(len(codes)):
        n_outside |= (codes[column] < lows[column]) | (codes[column] > highs[column])
    return n_outside > 0


@kernel
def _compare_rows(
    codes: np.ndarray,
    reach: np.ndarray,
    low_reach: np.ndarray,
    start: int,
    stop: int,
    adjacency: np.ndarray,
) -> None:
    """Compare the rows from `start` to `stop` with all before them."""
    n_columns = codes.shape[1]
    lows, highs = np.empty(n_columns, np.int32), np.empty(n_columns, np.int32)
    for row in range(start, stop):
        for column in range(n_columns):
            lows[column] = low_reach[codes[row, column]]
            highs[column] = reach[codes[row, column]]
        for other in range(row):
            is_apart, first = False, 0
            while first < n_columns and not is_apart:
                part = slice(first, first + _STRIDE)
                is_apart = _leaves(codes[other, part], lows[part], highs[part])
                first += _STRIDE
            adjacency[row, other] = adjacency[other, row] = is_apart


@inner
def _pick(adjacency: np.ndarray, candidates: np.ndarray, n_candidates: int) -> int:
    """The candidate that leaves most candidates, the first of equals."""
    best, best_count = candidates[0], -1
    for i in range(n_candidates):
        neighbours = adjacency[candidates[i]]
        count = 0
        for j in range(n_candidates):
            count += neighbours[candidates[j]]
        if count > best_count:
            best, best_count = candidates[i], count
    return best


@kernel
def _grow_cliques(adjacency: np.ndarray, order: np.ndarray, n_steps: int) -> np.ndarray:
    """The largest of the cliques grown from each vertex in order, until the steps are used up."""
    n = len(order)
    candidates = np.empty(n, np.int64)
    clique = np.empty(n, np.int64)
    best = order[:1].copy()
    for seed in order:
        clique[0] = seed
        size, n_candidates = 1, 0
        for vertex in order:
            if adjacency[seed, vertex]:
                candidates[n_candidates] = vertex
                n_candidates += 1
        while n_candidates > 0 and size + n_candidates > len(best):
            picked = _pick(adjacency, candidates, n_candidates)
            n_steps -= n_candidates * n_candidates
            clique[size] = picked
            size += 1
            n_left = 0
            for i in range(n_candidates):
                if adjacency[picked, candidates[i]]:
                    candidates[n_left] = candidates[i]
                    n_left += 1
            n_candidates = n_left
        if size > len(best):
            best = clique[:size].copy()
        if n_steps <= 0:
            break
    return best
