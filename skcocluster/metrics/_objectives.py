"""The objectives of the other co-clustering methods, from the data and the labels alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, issparse

from skcocluster.metrics._checks import (
    Partition,
    check_labels,
    check_matrix,
    count_row_entries,
    iter_chunks,
    iter_dense,
    iter_stored,
    make_partition,
    sum_blocks,
)


def modularity(
    X: ArrayLike | csr_array,
    row_labels: ArrayLike,
    column_labels: ArrayLike,
    resolution: float = 1.0,
) -> float:
    r"""Bipartite modularity of a block-diagonal co-clustering.

    .. math::
        Q = \frac{1}{N} \sum_{i, j} \left( x_{ij} - \gamma \frac{r_i c_j}{N} \right)
        [\text{row } i \text{ and column } j \text{ have the same label}]

    with the row sums :math:`r_i`, the column sums :math:`c_j`, the total :math:`N` and the
    resolution :math:`\gamma`: the share of the weight inside the diagonal blocks, less the share
    expected from the margins. :class:`~skcocluster.Coclus` maximises it.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        Non-negative data, such as a document-term matrix.
    row_labels : array-like of shape (n_rows,), dtype int
        Cluster of each row. A row of label -1 is in no block; its weight stays in the margins.
    column_labels : array-like of shape (n_columns,), dtype int
        Cluster of each column, likewise.
    resolution : float, default=1.0
        Weight of the expected part: above 1 smaller blocks are better, below 1 larger ones.

    Returns
    -------
    modularity : float
        Below 1, and 0 when all rows and columns are in one block (at resolution 1). Larger is
        better. 0 for a matrix of zeros.

    Raises
    ------
    ValueError
        If X has NaN, infinite or negative entries, or labels do not fit X.
    TypeError
        If X is a dask array.

    Notes
    -----
    The value does not change when X is multiplied by a positive number, when the labels of both
    sides are renamed together, or when X is transposed and the sides exchanged.

    References
    ----------
    .. [1] M. Ailem, F. Role, M. Nadif, "Co-clustering Document-term Matrices by Direct Maximization
       of Graph Modularity", CIKM 2015. :doi:`10.1145/2806416.2806639`

    Examples
    --------
    >>> from skcocluster.metrics import modularity
    >>> X = [[1, 1, 0, 0], [0, 0, 1, 1]]
    >>> modularity(X, row_labels=[0, 1], column_labels=[0, 0, 1, 1])
    0.5
    """
    X = check_matrix(X, all_finite=True)
    # -1 is a block here: its weight belongs to the margins.
    row_labels = check_labels(row_labels, X.shape[0], "row_labels")
    column_labels = check_labels(column_labels, X.shape[1], "column_labels")
    rows = make_partition(row_labels, keep_excluded=True)
    columns = make_partition(column_labels, keep_excluded=True)
    entries = X.data if issparse(X) else X
    if np.min(entries, initial=0) < 0:
        raise ValueError("X has negative entries: modularity needs non-negative data")
    sums, _ = sum_blocks(X, rows, columns)
    total = sums.sum()
    if total == 0:
        return 0.0
    common, i, j = np.intersect1d(rows.values, columns.values, return_indices=True)
    i, j = i[common >= 0], j[common >= 0]
    expected = sums.sum(axis=1)[i] * (sums.sum(axis=0)[j] / total)
    return float(np.sum(sums[i, j] - resolution * expected) / total)


def max_norm_cost(
    X: ArrayLike | csr_array, row_labels: ArrayLike, column_labels: ArrayLike
) -> float:
    r"""Largest range of the entries of one block.

    .. math::
        \max_{g, h} \Bigl( \max_{(i, j) \in g \times h} x_{ij}
        - \min_{(i, j) \in g \times h} x_{ij} \Bigr)

    :class:`~skcocluster.MaxNormCoclustering` minimises it.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        The data; the zeros of a sparse matrix are data.
    row_labels : array-like of shape (n_rows,), dtype int
        Cluster of each row; -1 leaves the row out.
    column_labels : array-like of shape (n_columns,), dtype int
        Cluster of each column; -1 leaves the column out.

    Returns
    -------
    cost : float
        At least 0, in the unit of X; 0 if and only if every block is constant, or when no entry
        counts.

    Raises
    ------
    ValueError
        If X has NaN or infinite entries, or labels do not fit X.
    TypeError
        If X is a dask array.

    Notes
    -----
    The value does not depend on the numbering of the clusters, on adding a number to X, on the
    sign of X, or on exchanging rows and columns.

    References
    ----------
    .. [1] L. Bulteau, V. Froese, S. Hartung, R. Niedermeier, "Co-Clustering under the Maximum
       Norm", Algorithms 9 (2016), 17. :doi:`10.3390/a9010017`

    Examples
    --------
    >>> from skcocluster.metrics import max_norm_cost
    >>> max_norm_cost([[1, 2, 9], [1, 4, 8]], row_labels=[0, 0], column_labels=[0, 0, 1])
    3.0
    """
    X = check_matrix(X, all_finite=True)
    rows = make_partition(check_labels(row_labels, X.shape[0], "row_labels"))
    columns = make_partition(check_labels(column_labels, X.shape[1], "column_labels"))
    if not rows.n_clusters or not columns.n_clusters:
        return 0.0
    find = find_ranges_sparse if issparse(X) else find_ranges_dense
    minima, maxima = find(X, rows, columns)
    return float(np.max(maxima - minima))


def find_ranges_dense(
    X: np.ndarray, rows: Partition, columns: Partition
) -> tuple[np.ndarray, np.ndarray]:
    """Minima and maxima of all blocks, shape (k, p) each."""
    minima = np.full((rows.n_clusters, columns.n_clusters), np.inf)
    maxima = -minima
    for i, values in iter_dense(X, rows, columns):
        codes = rows.codes[i]
        np.minimum.at(minima, codes, np.minimum.reduceat(values, columns.starts, axis=1))
        np.maximum.at(maxima, codes, np.maximum.reduceat(values, columns.starts, axis=1))
    return minima, maxima


def find_ranges_sparse(
    X: csr_array, rows: Partition, columns: Partition
) -> tuple[np.ndarray, np.ndarray]:
    """Minima and maxima of all blocks, shape (k, p) each, absent zeros included."""
    minima = np.full((rows.n_clusters, columns.n_clusters), np.inf)
    maxima = -minima
    absent = np.outer(rows.sizes, columns.sizes)
    for i, j, values in iter_stored(X, rows, columns):
        blocks = rows.codes[i], columns.codes[j]
        np.minimum.at(minima, blocks, values)
        np.maximum.at(maxima, blocks, values)
        np.subtract.at(absent, blocks, 1)
    zeros = absent > 0
    minima[zeros] = np.minimum(minima[zeros], 0.0)
    maxima[zeros] = np.maximum(maxima[zeros], 0.0)
    return minima, maxima


def neo_objective(
    X: ArrayLike | csr_array,
    row_memberships: ArrayLike,
    column_memberships: ArrayLike,
    objective: str = "M",
) -> float:
    r"""Sum of squared residues of overlapping co-clusters.

    .. math::
        J = \sum_{g, h} \sum_{i \in g} \sum_{j \in h} r_{ij}^2, \qquad
        r_{ij} = \begin{cases} x_{ij} - \mu_{gh} & \text{(M)} \\
        x_{ij} - \mu_{ih} - \mu_{gj} + \mu_{gh} & \text{(RCM)} \end{cases}

    with :math:`\mu_{gh}` the mean of the block of row cluster g and column cluster h,
    :math:`\mu_{ih}` that of row i and :math:`\mu_{gj}` that of column j within the block. An entry
    counts once for every block that holds it: never if its row or column is an outlier.
    :class:`~skcocluster.NEOCC` minimises it.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        The data; the zeros of a sparse matrix are data.
    row_memberships : array-like of shape (n_rows, n_row_clusters), dtype bool or 0 and 1
        Which rows are in which row clusters. A row in none is an outlier.
    column_memberships : array-like of shape (n_columns, n_column_clusters), dtype bool or 0 and 1
        Which columns are in which column clusters.
    objective : {"M", "RCM"}, default="M"
        Residues from the block means, or from row, column and block means.

    Returns
    -------
    objective : float
        At least 0; empty clusters contribute 0.

    Raises
    ------
    ValueError
        If X has NaN or infinite entries, memberships do not fit X or are not binary, or the
        objective is unknown.
    TypeError
        If X is a dask array.

    Notes
    -----
    The value does not depend on the order of the clusters, on adding a number to X, or on
    exchanging rows and columns. M without overlap and outliers equals
    :func:`~skcocluster.metrics.block_divergence` under the squared Euclidean distance and basis C2.

    References
    ----------
    .. [1] J. J. Whang, I. S. Dhillon, "Non-Exhaustive, Overlapping Co-Clustering", CIKM 2017.
       :doi:`10.1145/3132847.3133078`
    .. [2] H. Cho, I. S. Dhillon, Y. Guan, S. Sra, "Minimum Sum-Squared Residue Co-clustering of
       Gene Expression Data", SDM 2004. :doi:`10.1137/1.9781611972740.11` (the two residues)

    Examples
    --------
    >>> from skcocluster.metrics import neo_objective
    >>> X = [[1, 1], [1, 3], [9, 9]]
    >>> neo_objective(X, row_memberships=[[1], [1], [0]], column_memberships=[[1], [1]])
    3.0
    >>> neo_objective(X, [[1], [1], [0]], [[1], [1]], objective="RCM")
    1.0
    """
    if objective not in ("M", "RCM"):
        raise ValueError(f"objective={objective!r} is not one of ('M', 'RCM')")
    X = check_matrix(X, all_finite=True)
    U = check_memberships(row_memberships, X.shape[0], "row_memberships")
    V = check_memberships(column_memberships, X.shape[1], "column_memberships")
    n_row_clusters, n_column_clusters = U.sum(axis=1), V.sum(axis=1)
    # Reciprocals of the sizes; a term of an empty cluster is 0.
    row_weights, column_weights = invert_sizes(U.sum(axis=0)), invert_sizes(V.sum(axis=0))
    # The residues do not change with an offset, but its square would cancel.
    shift = 0.0 if issparse(X) else X.mean(dtype=np.float64)
    entries = row_terms = 0.0
    row_cluster_sums = np.zeros((U.shape[1], X.shape[1]))
    for chunk in iter_chunks(count_row_entries(X)):
        Y = X[chunk].astype(np.float64) if issparse(X) else X[chunk] - shift
        f = n_row_clusters[chunk]
        entries += f @ ((Y * Y) @ n_column_clusters)
        row_terms += f @ ((Y @ V) ** 2 @ column_weights)
        row_cluster_sums += (Y.T @ U[chunk]).T
    block_terms = row_weights @ (row_cluster_sums @ V) ** 2 @ column_weights
    if objective == "M":
        return max(float(entries - block_terms), 0.0)
    column_terms = row_weights @ row_cluster_sums**2 @ n_column_clusters
    return max(float(entries - row_terms - column_terms + block_terms), 0.0)


def check_memberships(memberships: ArrayLike, n: int, name: str) -> np.ndarray:
    """Memberships as a float64 array of zeros and ones, of shape (n, n_clusters)."""
    memberships = np.asarray(memberships)
    if memberships.ndim != 2 or len(memberships) != n:
        raise ValueError(f"{name} has shape {memberships.shape}, expected ({n}, n_clusters)")
    if not np.all((memberships == 0) | (memberships == 1)):
        raise ValueError(f"{name} must hold only 0 and 1, or False and True")
    return memberships.astype(np.float64)


def invert_sizes(sizes: np.ndarray) -> np.ndarray:
    """1 / size, and 0 for an empty cluster."""
    return np.divide(1.0, sizes, out=np.zeros_like(sizes), where=sizes > 0)
