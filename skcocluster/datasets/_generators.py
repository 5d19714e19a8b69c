"""Generators of matrices with blocks, known truth and a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit, ndtri
from sklearn.utils import check_random_state

DISTRIBUTIONS = ("normal", "gamma", "poisson", "bernoulli")
# Entries of outlier rows and columns spread so many times as far as those of blocks.
OUTLIER_SPREAD = 3.0


def make_block_matrix(
    shape: tuple[int, int] = (300, 200),
    n_clusters: int | tuple[int, int] = (4, 3),
    *,
    distribution: str = "normal",
    separation: float = 1.0,
    noise: float | None = None,
    missing: float = 0.0,
    density: float = 1.0,
    sparse_output: bool = False,
    shuffle: bool = True,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray | csr_array, np.ndarray, np.ndarray]:
    r"""Generate a matrix whose row and column clusters cut it into blocks of one mean each.

    Block (g, h) has the parameter :math:`\theta_{gh} = s z_{gh}`, with `separation` :math:`s` and
    :math:`z` the quantiles of the standard normal distribution at :math:`(t + 1/2) / (k p)`,
    :math:`t = 0, \dots, k p - 1`, in random order: no two blocks have the same mean. The entries
    of the block are independent,

    ============ ============================= ============================================
    distribution mean                          noise
    ============ ============================= ============================================
    normal       :math:`\theta`                standard deviation
    gamma        :math:`\exp \theta`           standard deviation divided by the mean
    poisson      :math:`\exp \theta`           none of its own, the variance is the mean
    bernoulli    :math:`1 / (1 + e^{-\theta})` none of its own
    ============ ============================= ============================================

    Parameters
    ----------
    shape : tuple of int, default=(300, 200)
        Numbers of rows and columns.
    n_clusters : int or tuple of int, default=(4, 3)
        Numbers of row clusters and column clusters, or one number for both. Sizes within a side
        differ by at most one.
    distribution : {"normal", "gamma", "poisson", "bernoulli"}, default="normal"
        Distribution of the entries. Gamma entries are positive, Poisson entries are counts,
        Bernoulli entries are 0 and 1.
    separation : float, default=1.0
        Spread of the block parameters. 0 makes all blocks alike.
    noise : float, default=None
        See the table; None stands for 1.0, and is the only choice for Poisson and Bernoulli. 0
        makes every entry the mean of its block.
    missing : float, default=0.0
        Share of the entries that are replaced by NaN, at random. A row or column may end up without
        any observed entry.
    density : float, default=1.0
        Share of the entries that are kept, at random; the others are 0. Poisson and Bernoulli
        entries can be 0 on their own.
    sparse_output : bool, default=False
        If True, X is sparse. Together with a low `density`, a large matrix is made without its
        zeros. The values are the same as without.
    shuffle : bool, default=True
        If False, rows and columns are sorted by cluster.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the output reproducible.

    Returns
    -------
    X : ndarray or csr_array of shape (n_rows, n_columns), dtype float64
        The matrix.
    row_labels : ndarray of shape (n_rows,), dtype int32
        The true cluster of each row.
    column_labels : ndarray of shape (n_columns,), dtype int32
        The true cluster of each column.

    Raises
    ------
    ValueError
        If a parameter is out of its range, if there are more clusters than rows or columns, or if
        missing entries are asked for in a sparse matrix.

    See Also
    --------
    make_overlapping_blocks : Clusters that overlap, with outliers.
    sklearn.datasets.make_checkerboard : Blocks of uniformly drawn means, as indicators.

    Examples
    --------
    >>> from skcocluster.datasets import make_block_matrix
    >>> X, row_labels, column_labels = make_block_matrix(
    ...     (4, 3), (2, 3), noise=0, shuffle=False, random_state=0
    ... )
    >>> X.shape
    (4, 3)
    >>> row_labels
    array([0, 0, 1, 1], dtype=int32)
    >>> column_labels
    array([0, 1, 2], dtype=int32)
    >>> bool((X[0] == X[1]).all())
    True
    """
    shape, n_clusters = check_sizes(shape, n_clusters)
    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"distribution={distribution!r} is not one of {DISTRIBUTIONS}")
    if noise is not None and distribution in ("poisson", "bernoulli"):
        raise ValueError(f"noise={noise!r}: the {distribution} distribution has no noise to set")
    noise = 1.0 if noise is None else noise
    check_range("separation", separation, 0)
    check_range("noise", noise, 0)
    check_range("missing", missing, 0, 1)
    check_range("density", density, 0, 1)
    if missing and sparse_output:
        raise ValueError("missing entries need sparse_output=False")
    rng = make_generator(random_state)
    parameters = separation * draw_levels(n_clusters, rng)
    row_labels, column_labels = (
        draw_labels(n, k, shuffle, rng) for n, k in zip(shape, n_clusters, strict=True)
    )
    if density < 1:
        rows, columns = draw_positions(shape, density, rng)
        blocks = parameters[row_labels[rows], column_labels[columns]]
        values = draw_entries(blocks, distribution, noise, rng)
        X = csr_array((values, (rows, columns)), shape=shape)
        X.eliminate_zeros()
        X = X if sparse_output else X.toarray()
    else:
        blocks = parameters[np.ix_(row_labels, column_labels)]
        X = draw_entries(blocks, distribution, noise, rng)
        X = csr_array(X) if sparse_output else X
    if missing:
        X[draw_positions(shape, missing, rng)] = np.nan
    return X, row_labels, column_labels


def make_overlapping_blocks(
    shape: tuple[int, int] = (120, 80),
    n_clusters: int | tuple[int, int] = (4, 3),
    *,
    row_overlap: float = 0.1,
    column_overlap: float = 0.1,
    row_outliers: float = 0.05,
    column_outliers: float = 0.05,
    separation: float = 3.0,
    noise: float = 1.0,
    shuffle: bool = True,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Generate a matrix whose row and column clusters overlap and leave outliers out.

    The numbers are those of the NEO-CC algorithm [1]_: of n rows, :math:`n - [\beta n]` are in at
    least one cluster and there are :math:`n + [\alpha n]` memberships in all, with
    :math:`\alpha` = `row_overlap`, :math:`\beta` = `row_outliers` and [.] rounding halves up. A
    row's memberships beyond its first are drawn at random. Columns alike.

    An entry is the average of the means of all blocks that hold it, plus normal noise; the block
    means are those of :func:`make_block_matrix`. An entry of an outlier row or column is drawn from
    a normal distribution of mean 0 that has nothing to do with the blocks, three times as wide as
    the spread of means and noise together.

    Parameters
    ----------
    shape : tuple of int, default=(120, 80)
        Numbers of rows and columns.
    n_clusters : int or tuple of int, default=(4, 3)
        Numbers of row clusters and column clusters, or one number for both.
    row_overlap : float, default=0.1
        Memberships of rows beyond one for each row, as a share of the rows.
    column_overlap : float, default=0.1
        The same for columns.
    row_outliers : float, default=0.05
        Share of the rows that are in no cluster.
    column_outliers : float, default=0.05
        The same for columns.
    separation : float, default=3.0
        Spread of the block means.
    noise : float, default=1.0
        Standard deviation of the noise.
    shuffle : bool, default=True
        If False, rows and columns go cluster by cluster, further memberships aside, and the
        outliers come last.
    random_state : int, RandomState instance or None, default=None
        Seed; an int makes the output reproducible.

    Returns
    -------
    X : ndarray of shape (n_rows, n_columns), dtype float64
        The matrix.
    row_memberships : ndarray of shape (n_rows, n_row_clusters), dtype bool
        Which rows are in which row clusters; an outlier is in none.
    column_memberships : ndarray of shape (n_columns, n_column_clusters), dtype bool
        Which columns are in which column clusters.

    Raises
    ------
    ValueError
        If a parameter is out of its range, or if there are not enough rows or columns for the
        clusters, or not enough clusters for the overlap.

    See Also
    --------
    make_block_matrix : Clusters that partition the rows and columns.

    References
    ----------
    .. [1] J. J. Whang, I. S. Dhillon, "Non-Exhaustive, Overlapping Co-Clustering", CIKM 2017.
       :doi:`10.1145/3132847.3133078`

    Examples
    --------
    >>> from skcocluster.datasets import make_overlapping_blocks
    >>> X, row_memberships, column_memberships = make_overlapping_blocks(random_state=0)
    >>> int(row_memberships.sum())  # 120 rows + 10 %
    132
    >>> int((~row_memberships.any(axis=1)).sum())  # 5 % outliers
    6
    """
    shape, n_clusters = check_sizes(shape, n_clusters)
    check_range("separation", separation, 0)
    check_range("noise", noise, 0)
    rng = make_generator(random_state)
    means = separation * draw_levels(n_clusters, rng)
    row_memberships = draw_memberships(
        "row", shape[0], n_clusters[0], row_overlap, row_outliers, shuffle, rng
    )
    column_memberships = draw_memberships(
        "column", shape[1], n_clusters[1], column_overlap, column_outliers, shuffle, rng
    )
    X = average(average(means, row_memberships).T, column_memberships).T
    X += noise * rng.standard_normal(shape)
    outside = ~np.logical_and.outer(row_memberships.any(axis=1), column_memberships.any(axis=1))
    spread = OUTLIER_SPREAD * np.hypot(separation, noise)
    X[outside] = spread * rng.standard_normal(np.count_nonzero(outside))
    return X, row_memberships, column_memberships


def check_sizes(
    shape: tuple[int, int], n_clusters: int | Sequence[int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Both as pairs of int, with 1 <= clusters <= rows, and columns alike."""
    pair = tuple(n_clusters) if isinstance(n_clusters, Sequence) else (n_clusters, n_clusters)
    for name, values in (("shape", tuple(shape)), ("n_clusters", pair)):
        if len(values) != 2 or not all(isinstance(v, int | np.integer) for v in values):
            raise ValueError(f"{name} must be two integers, got {values!r}")
    for n, k, side in zip(shape, pair, ("rows", "columns"), strict=True):
        if not 1 <= k <= n:
            raise ValueError(f"{k} clusters of {n} {side}: at least 1 and at most {n} are possible")
    return (int(shape[0]), int(shape[1])), (int(pair[0]), int(pair[1]))


def check_range(name: str, value: float, low: float, high: float = np.inf) -> None:
    """Raise ValueError unless low <= value <= high, and finite."""
    if not (low <= value <= high and np.isfinite(value)):
        limit = f"at least {low}" if high == np.inf else f"between {low} and {high}"
        raise ValueError(f"{name}={value!r} must be finite and {limit}")


def make_generator(random_state: int | np.random.RandomState | None) -> np.random.Generator:
    """Return a Generator, which draws without replacement in little memory, from a seed."""
    seed = check_random_state(random_state).randint(2**32, size=4, dtype=np.uint32)
    return np.random.default_rng(seed)


def draw_levels(n_clusters: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Standard normal quantiles in random order, one for each block."""
    n_blocks = n_clusters[0] * n_clusters[1]
    return rng.permutation(ndtri((np.arange(n_blocks) + 0.5) / n_blocks)).reshape(n_clusters)


def draw_labels(n: int, k: int, shuffle: bool, rng: np.random.Generator) -> np.ndarray:
    """Labels of k clusters as equal in size as can be, shape (n,), dtype int32."""
    labels = (np.arange(n, dtype=np.int64) * k // n).astype(np.int32)
    return rng.permutation(labels) if shuffle else labels


def draw_entries(
    parameters: np.ndarray, distribution: str, noise: float, rng: np.random.Generator
) -> np.ndarray:
    """Entries of blocks of the given parameters, of the same shape."""
    if distribution == "normal":
        return parameters + noise * rng.standard_normal(parameters.shape)
    if distribution == "bernoulli":
        return (rng.random(parameters.shape) < expit(parameters)).astype(np.float64)
    means = np.exp(parameters)
    if distribution == "poisson":
        return rng.poisson(means).astype(np.float64)
    return means if noise == 0 else means * rng.gamma(noise**-2, noise**2, means.shape)


def draw_positions(
    shape: tuple[int, int], share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Row and column indices of a share of the entries, sorted."""
    size = shape[0] * shape[1]
    flat = rng.choice(size, round_half_up(share * size), replace=False, shuffle=False)
    rows, columns = np.divmod(np.sort(flat), shape[1])
    return rows, columns


def round_half_up(x: float) -> int:
    """Nearest integer of a non-negative number, halves upwards."""
    return int(np.floor(x + 0.5))


def draw_memberships(
    side: str,
    n: int,
    k: int,
    overlap: float,
    outliers: float,
    shuffle: bool,
    rng: np.random.Generator,
) -> np.ndarray:
    """Memberships of n rows (or columns) in k clusters, shape (n, k), dtype bool."""
    check_range(f"{side}_overlap", overlap, 0)
    check_range(f"{side}_outliers", outliers, 0, 1)
    covered = n - round_half_up(outliers * n)
    n_more = n + round_half_up(overlap * n) - covered
    if covered < k:
        raise ValueError(f"{side}_outliers={outliers} leaves {covered} of {n} for {k} clusters")
    if n_more > covered * (k - 1):
        raise ValueError(
            f"{side}_overlap={overlap} and {side}_outliers={outliers} ask for "
            f"{covered + n_more} memberships of {covered} in {k} clusters"
        )
    memberships = np.zeros((n, k), dtype=bool)
    memberships[np.arange(covered), draw_labels(covered, k, False, rng)] = True
    free_rows, free_clusters = np.nonzero(~memberships[:covered])
    more = rng.choice(len(free_rows), n_more, replace=False, shuffle=False)
    memberships[free_rows[more], free_clusters[more]] = True
    return rng.permutation(memberships) if shuffle else memberships


def average(values: np.ndarray, memberships: np.ndarray) -> np.ndarray:
    """Average of the clusters' values over the memberships of each row; 0 for an outlier."""
    counts = memberships.sum(axis=1, keepdims=True)
    return memberships @ values / np.maximum(counts, 1)
