"""Campello's soft index: how far two sets of biclusters put the same pairs of entries together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array

from ._biclusters import (
    Biclusters,
    Indicators,
    check_pair,
    count_common,
    count_entries,
    group_alike,
    iter_products,
)
from ._cover import count_covers

# How often which pair of numbers occurs.
Tally = Counter[tuple[int, int]]


def csi(a: Biclusters, b: Biclusters) -> float:
    r"""Campello's soft index of two sets of biclusters, as overlapping clusters of entries.

    .. math::
        \text{CSI} = \frac{A}{A + D}, \qquad
        A = \sum_{s < t} \min(J^a_{st}, J^b_{st}) + (n - 1) \sum_s \min(E^a_s, E^b_s), \qquad
        D = \sum_{s < t} |J^a_{st} - J^b_{st}| + (n - 1) \sum_s |E^a_s - E^b_s|

    over all n entries s and t of the matrix: :math:`J_{st}` is the number of biclusters of a set
    that hold both, :math:`E_s` the number that hold s beyond the first, which counts in each of the
    n - 1 pairs with s. An entry in no bicluster is a cluster of its own.

    Parameters
    ----------
    a : tuple (rows, columns)
        Indicators of shape (n_biclusters, n_rows) and (n_biclusters, n_columns), dtype bool: for
        instance ``est.biclusters_``.
    b : tuple (rows, columns)
        The other biclusters of the same rows and columns; there may be more or fewer.

    Returns
    -------
    score : float
        Between 0 and 1; 1 if and only if the sets put each pair of entries together equally often,
        and each entry in equally many biclusters beyond the first. 0 if no pair is together in
        both, and no entry in several biclusters of both. Symmetric. Not corrected for chance.

    Raises
    ------
    ValueError
        If the indicators' shapes do not fit each other or hold other values than 0 and 1.

    See Also
    --------
    coclustering_adjusted_rand_score : Pairs of entries too, corrected for chance, of partitions.
    omega_index : Pairs of samples of one side, corrected for chance.

    Notes
    -----
    Ignores the order of the biclusters, empty ones, and those of a single entry that no other
    bicluster of the set holds. Pairs of entries weigh a bicluster by the square of its size, and an
    overlap by the size of the matrix: where one set overlaps and the other does not, the index is
    closer to 0 the larger the part of the matrix that neither covers. For biclusters that do not
    overlap it is the Jaccard index of the pairs. Sets without any pair score 1.

    Where biclusters of each set do not overlap, the time is that of one matrix product. Where both
    sets are all blocks of row clusters and column clusters, which may overlap, it grows with the
    squares of the numbers of kinds of rows and of columns; otherwise with the square of the number
    of kinds of entries. Of one kind are those in the same biclusters of both sets.

    References
    ----------
    .. [1] D. Horta, R. J. G. B. Campello, "Similarity measures for comparing biclusterings",
       IEEE/ACM Transactions on Computational Biology and Bioinformatics 11 (2014), 942-954.
       :doi:`10.1109/TCBB.2014.2325016`
    .. [2] R. J. G. B. Campello, "Generalized external indexes for comparing data partitions with
       overlapping categories", Pattern Recognition Letters 31 (2010), 966-975.
       :doi:`10.1016/j.patrec.2010.01.002`

    Examples
    --------
    >>> from skcocluster.metrics import csi
    >>> whole = ([[1, 1, 1, 1]], [[1, 1, 0]])
    >>> halves = ([[1, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 0], [1, 1, 0]])
    >>> csi(halves, halves)
    1.0
    >>> csi(whole, halves)
    0.42857142857142855
    """
    first, second = check_pair(a, b)
    if not count_covers(first, second):
        return 1.0
    together, common = count_pairs(first, second)
    either = together - common
    return common / either if either else 1.0


def count_pairs(a: Indicators, b: Indicators) -> tuple[int, int]:
    """Sums over all pairs, of both sets and of the minima: how often pairs are together."""
    sizes = sum_pairs(count_entries(a)) + sum_pairs(count_entries(b))
    if is_disjoint(a) and is_disjoint(b):
        return sizes, sum_pairs(count_common(a, b))
    a_grid, b_grid = split_grid(a), split_grid(b)
    if a_grid is not None and b_grid is not None:
        common, extra, common_extra = count_pairs_of_grids(a_grid, b_grid)
    else:
        common, extra, common_extra = count_pairs_of_kinds(a, b)
    n_others = a[0].shape[1] * a[1].shape[1] - 1
    return sizes + n_others * extra, common + n_others * common_extra


def is_disjoint(biclusters: Indicators) -> bool:
    """Whether no entry is in two biclusters."""
    common = count_common(biclusters, biclusters)
    return np.count_nonzero(common) == np.count_nonzero(common.diagonal())


def sum_pairs(sizes: np.ndarray) -> int:
    """Pairs within sets of so many entries each, in exact integers: they may exceed 64 bits."""
    return sum(size * (size - 1) // 2 for size in map(int, sizes[sizes > 1]))


def split_grid(biclusters: Indicators) -> Indicators | None:
    """Sets of rows and sets of columns of which the biclusters are all pairs, if they are that."""
    rows, columns = biclusters
    kept = rows.any(axis=1) & columns.any(axis=1)
    row_sets, i = find_distinct(rows[kept])
    column_sets, j = find_distinct(columns[kept])
    n_blocks = len(row_sets) * len(column_sets)
    times = np.bincount(i * len(column_sets) + j, minlength=n_blocks)
    return (row_sets, column_sets) if (times == 1).all() else None


def find_distinct(sets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct sets, and which of them each is; np.unique is slow for long lines."""
    numbers: dict[bytes, int] = {}
    own = [numbers.setdefault(line.tobytes(), len(numbers)) for line in sets]
    _, first = np.unique(own, return_index=True)
    return sets[first], np.array(own, dtype=np.int64)


def count_pairs_of_grids(a: Indicators, b: Indicators) -> tuple[int, int, int]:
    """Minima of J, E of both sets, minima of E, where J and N are products of rows and columns."""
    sides = list(zip(a, b, strict=True))
    rows, columns = (tally_shared(*side) for side in sides)
    # Ordered pairs of entries, each entry with itself among them.
    both = sum_products(rows, columns, min)
    rows, columns = (tally_covers(*side) for side in sides)
    both = (both - sum_products(rows, columns, min)) // 2
    extra = sum_products(rows, columns, lambda s, t: max(s - 1, 0) + max(t - 1, 0))
    return both, extra, sum_products(rows, columns, lambda s, t: max(min(s, t) - 1, 0))


def sum_products(rows: Tally, columns: Tally, function: Callable[[int, int], int]) -> int:
    """Sum of a function of (row number times column number) of both sets, in exact integers."""
    return sum(
        n_rows * n_columns * function(a_row * a_column, b_row * b_column)
        for (a_row, b_row), n_rows in rows.items()
        for (a_column, b_column), n_columns in columns.items()
    )


def tally_covers(a: np.ndarray, b: np.ndarray) -> Tally:
    """In how many sets of a and of b the rows (or columns) are."""
    return Counter(zip(a.sum(axis=0).tolist(), b.sum(axis=0).tolist(), strict=True))


def tally_shared(a: np.ndarray, b: np.ndarray) -> Tally:
    """How many sets of a and of b ordered pairs of rows share, where they share some of both."""
    in_a, in_b, counts = group_alike(a, b)
    tally: Tally = Counter()
    for kinds, a_shared, b_shared in iter_products((in_a, in_a), (in_b, in_b)):
        # One number for both: the pattern of the product is where both are positive.
        codes = (a_shared * (len(b) + 1)) * (b_shared > 0) + b_shared * (a_shared > 0)
        times = np.repeat(counts[kinds], np.diff(codes.indptr)) * counts[codes.indices]
        values, inverse = np.unique(codes.data, return_inverse=True)
        sums = np.zeros(len(values), dtype=np.int64)
        np.add.at(sums, inverse, times)
        for value, total in zip(values.tolist(), sums.tolist(), strict=True):
            tally[divmod(value, len(b) + 1)] += total
    return tally


def count_pairs_of_kinds(a: Indicators, b: Indicators) -> tuple[int, int, int]:
    """Sums of the minima of J, of E of both sets, and of the minima of E, by kinds of entries."""
    in_a, in_b, counts = group_entries(a, b)
    a_covers, b_covers = in_a.sum(axis=1), in_b.sum(axis=1)
    both = 0
    for kinds, a_shared, b_shared in iter_products((in_a, in_a), (in_b, in_b)):
        shared = (a_shared.minimum(b_shared) @ counts).tolist()
        both += sum(own * other for own, other in zip(counts[kinds].tolist(), shared, strict=True))
    # Ordered pairs so far, each entry with itself among them.
    both = (both - int(counts @ np.minimum(a_covers, b_covers))) // 2
    a_extra, b_extra = np.maximum(a_covers - 1, 0), np.maximum(b_covers - 1, 0)
    extra, common_extra = a_extra + b_extra, np.minimum(a_extra, b_extra)
    return both, int(counts @ extra), int(counts @ common_extra)


def group_entries(a: Indicators, b: Indicators) -> tuple[csr_array, csr_array, np.ndarray]:
    """Group the entries that are in the same biclusters of a and of b, those in none left out.

    As `group_alike`, for entries: memberships of each kind, and how many entries are of a kind.
    """
    a_rows, b_rows, row_counts = group_alike(a[0], b[0])
    a_columns, b_columns, column_counts = group_alike(a[1], b[1])
    members = [
        *list_members(a_rows, a_columns),
        *list_members(b_rows, b_columns),
    ]
    places = np.unique(np.concatenate(members))
    codes = np.zeros(len(places), dtype=np.int64)
    n_codes = 1
    # Each bicluster splits every group of entries into those inside and those outside.
    for inside in members:
        at = np.searchsorted(places, inside)
        values, inverse = np.unique(codes[at], return_inverse=True)
        codes[at] = n_codes + inverse
        n_codes += len(values)
    _, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    rows, columns = np.divmod(places, len(column_counts))
    counts = np.zeros(len(first), dtype=np.int64)
    np.add.at(counts, codes, row_counts[rows] * column_counts[columns])
    rows, columns = rows[first], columns[first]
    return a_rows[rows] * a_columns[columns], b_rows[rows] * b_columns[columns], counts


def list_members(rows: csr_array, columns: csr_array) -> list[np.ndarray]:
    """Places of the entries of each bicluster in the grid of kinds of rows and of columns."""
    n_columns = columns.shape[0]
    rows, columns = rows.tocsc(), columns.tocsc()
    row_ends, column_ends = rows.indptr[1:-1], columns.indptr[1:-1]
    return [
        np.add.outer(own.astype(np.int64) * n_columns, other).ravel()
        for own, other in zip(
            np.split(rows.indices, row_ends), np.split(columns.indices, column_ends), strict=True
        )
    ]
