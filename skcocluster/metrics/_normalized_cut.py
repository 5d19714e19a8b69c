"""The normalised cut of the bipartite graph of rows and columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, issparse

from skcocluster.metrics._checks import check_labels, check_matrix, make_partition, sum_blocks


def normalized_cut(
    X: ArrayLike | csr_array, row_labels: ArrayLike, column_labels: ArrayLike
) -> float:
    r"""Normalised cut of a block-diagonal co-clustering.

    Rows and columns are the vertices of a graph in which row i and column j are joined by an edge
    of weight :math:`x_{ij}`. Co-cluster k holds the rows and the columns of label k, and

    .. math::
        \mathrm{ncut} = \sum_k \frac{\mathrm{cut}(k)}{\mathrm{vol}(k)}, \qquad
        \mathrm{vol}(k) = \sum_{i \in k} r_i + \sum_{j \in k} c_j, \qquad
        \mathrm{cut}(k) = \mathrm{vol}(k) - 2 \sum_{i \in k, j \in k} x_{ij}

    with the row sums :math:`r_i` and the column sums :math:`c_j`: the share of the weight of each
    co-cluster that leaves it, summed. :class:`~skcocluster.SpectralCoclustering` minimises a
    relaxation of it.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        Non-negative data, such as a document-term matrix.
    row_labels : array-like of shape (n_rows,), dtype int
        Co-cluster of each row. A row of label -1 is in none; its edges are cut.
    column_labels : array-like of shape (n_columns,), dtype int
        Co-cluster of each column, likewise.

    Returns
    -------
    cut : float
        Between 0 and the number of co-clusters; smaller is better. A co-cluster without weight,
        such as an empty one, contributes 0, so values compare only for the same number of
        co-clusters: 0 when all rows and columns are in one.

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
    .. [1] I. S. Dhillon, "Co-clustering documents and words using bipartite spectral graph
       partitioning", KDD 2001. :doi:`10.1145/502512.502550`
    .. [2] J. Shi, J. Malik, "Normalized cuts and image segmentation", IEEE Transactions on
       Pattern Analysis and Machine Intelligence 22 (2000), 888-905. :doi:`10.1109/34.868688`

    Examples
    --------
    >>> from skcocluster.metrics import normalized_cut
    >>> X = [[3, 0, 0], [0, 2, 1], [1, 0, 2]]
    >>> normalized_cut(X, row_labels=[0, 1, 1], column_labels=[0, 1, 1])
    0.23376623376623373
    >>> normalized_cut(X, row_labels=[0, 0, 0], column_labels=[0, 0, 0])
    0.0
    """
    X = check_matrix(X, all_finite=True)
    # -1 is a block here: the edges that lead to it are cut.
    row_labels = check_labels(row_labels, X.shape[0], "row_labels")
    column_labels = check_labels(column_labels, X.shape[1], "column_labels")
    rows = make_partition(row_labels, keep_excluded=True)
    columns = make_partition(column_labels, keep_excluded=True)
    entries = X.data if issparse(X) else X
    if np.min(entries, initial=0) < 0:
        raise ValueError("X has negative entries: the normalised cut needs non-negative data")
    sums, _ = sum_blocks(X, rows, columns)
    total = sums.sum()
    if total > 0:
        sums = sums / total
    labels = np.union1d(rows.values, columns.values)
    labels = labels[labels >= 0]
    row_volumes = _by_label(labels, rows.values, sums.sum(axis=1))
    column_volumes = _by_label(labels, columns.values, sums.sum(axis=0))
    common, i, j = np.intersect1d(rows.values, columns.values, return_indices=True)
    inside = _by_label(labels, common, sums[i, j])
    volumes = row_volumes + column_volumes
    cuts = np.maximum(volumes - 2.0 * inside, 0.0)
    return float(np.divide(cuts, volumes, out=np.zeros_like(cuts), where=volumes > 0).sum())


def _by_label(labels: np.ndarray, own: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the values of the labels that have one, 0 for the others."""
    found = dict(zip(own.tolist(), values.tolist(), strict=True))
    return np.array([found.get(label, 0.0) for label in labels.tolist()])
