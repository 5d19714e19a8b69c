"""Two sets of biclusters of one matrix: checks, and how many entries they share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from ._checks import iter_chunks

Biclusters = tuple[ArrayLike, ArrayLike]
# Row and column indicators of shapes (n_biclusters, n_rows) and (n_biclusters, n_columns), bool.
Indicators = tuple[np.ndarray, np.ndarray]


def check_indicators(indicators: ArrayLike, name: str) -> np.ndarray:
    """Indicators as a bool array; indices or labels given instead are refused."""
    indicators = np.asarray(indicators)
    if indicators.dtype.kind not in "buif":
        raise ValueError(f"{name} must hold indicators, bool or 0 and 1, got {indicators.dtype}")
    if indicators.dtype != bool and not np.isin(indicators, (0, 1)).all():
        raise ValueError(f"{name} must hold indicators, bool or 0 and 1")
    return indicators.astype(bool)


def check_biclusters(biclusters: Biclusters, name: str) -> Indicators:
    """Row and column indicators as bool arrays, one line per bicluster."""
    rows, columns = (check_indicators(indicators, name) for indicators in biclusters)
    if rows.ndim != 2 or columns.ndim != 2 or len(rows) != len(columns):
        raise ValueError(
            f"{name} must be (rows, columns), indicators of shape (n_biclusters, n_rows) and "
            f"(n_biclusters, n_columns), got shapes {rows.shape} and {columns.shape}"
        )
    return rows, columns


def check_pair(
    a: Biclusters, b: Biclusters, names: tuple[str, str] = ("a", "b")
) -> tuple[Indicators, Indicators]:
    """Two sets of biclusters of the same rows and columns."""
    first, second = check_biclusters(a, names[0]), check_biclusters(b, names[1])
    shapes = [(rows.shape[1], columns.shape[1]) for rows, columns in (first, second)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"{names[0]} is over {shapes[0][0]} rows and {shapes[0][1]} columns, {names[1]} over "
            f"{shapes[1][0]} and {shapes[1][1]}"
        )
    return first, second


def intersect(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Sizes of the intersections of all pairs of sets, shape (len(a), len(b)), float64."""
    # Products of float64: exact below 2^53, and much faster than those of integers.
    return a.astype(np.float64) @ b.astype(np.float64).T


def count_entries(biclusters: Indicators) -> np.ndarray:
    """Number of entries of each bicluster, shape (n_biclusters,), int64."""
    rows, columns = biclusters
    return rows.sum(axis=1, dtype=np.int64) * columns.sum(axis=1, dtype=np.int64)


def count_common(a: Indicators, b: Indicators) -> np.ndarray:
    """Entries that each pair of biclusters shares, shape (len(a), len(b)), float64."""
    return intersect(a[0], b[0]) * intersect(a[1], b[1])


def divide_jaccard(common: np.ndarray, a_sizes: np.ndarray, b_sizes: np.ndarray) -> np.ndarray:
    """Jaccard index of all pairs of sets; 1 for two empty ones."""
    union = np.add.outer(a_sizes, b_sizes) - common
    return np.divide(common, union, out=np.ones_like(common), where=union > 0)


def compute_jaccard(a: Indicators, b: Indicators) -> np.ndarray:
    """Jaccard index of all pairs of biclusters, as sets of entries, shape (len(a), len(b))."""
    return divide_jaccard(count_common(a, b), count_entries(a), count_entries(b))


def group_alike(a: np.ndarray, b: np.ndarray) -> tuple[csr_array, csr_array, np.ndarray]:
    """Group the rows (or columns) that are in the same sets of a and of b.

    Rows in no set are left out. Returns the memberships of each kind of row in the sets of a and
    of b, shapes (n_kinds, len(a)) and (n_kinds, len(b)), int64, and how many rows are of a kind.
    """
    memberships = np.vstack([a, b]).T
    memberships = memberships[memberships.any(axis=1)]
    packed = np.packbits(memberships, axis=1)
    _, first, counts = np.unique(packed, axis=0, return_index=True, return_counts=True)
    kinds = memberships[first].astype(np.int64)
    return csr_array(kinds[:, : len(a)]), csr_array(kinds[:, len(a) :]), counts


def iter_products(
    a: tuple[csr_array, csr_array], b: tuple[csr_array, csr_array]
) -> Iterator[tuple[slice, csr_array, csr_array]]:
    """Yield (lines, a[0][lines] @ a[1].T, b[0][lines] @ b[1].T), a limited part at a time."""
    n_stored = sum(left @ right.sum(axis=0) for left, right in (a, b))
    for lines in iter_chunks(np.asarray(n_stored)):
        yield lines, a[0][lines] @ a[1].T, b[0][lines] @ b[1].T


def count_shared_cover(a: Indicators, b: Indicators) -> int:
    """Sum over all entries of how often both sets cover it, the lesser of the two numbers.

    Entries are not visited one by one: those of rows of one kind and columns of one kind are
    covered alike.
    """
    a_rows, b_rows, row_counts = group_alike(a[0], b[0])
    a_columns, b_columns, column_counts = group_alike(a[1], b[1])
    total = 0
    for kinds, in_a, in_b in iter_products((a_rows, a_columns), (b_rows, b_columns)):
        total += int(row_counts[kinds] @ (in_a.minimum(in_b) @ column_counts))
    return total
