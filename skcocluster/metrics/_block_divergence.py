"""The objective of Bregman block-average co-clustering, from the data and the labels alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array, issparse

from skcocluster._shared.divergences import Divergence, DivergenceLike, get_divergence
from skcocluster.metrics._checks import (
    Partition,
    check_labels,
    check_matrix,
    iter_dense,
    iter_stored,
    make_partition,
    sum_blocks,
)

# Basis: whether row means, column means are kept besides the block means.
BASES = {"C2": (False, False), "C3": (True, False), "C4": (False, True), "C5": (True, True)}


@dataclass(frozen=True)
class Approximation:
    """The matrix that stands for X, known by its block means and its margins.

    Entry (i, j) is ``means[g, h]`` of its block, plus (or times) ``row_effects[i]`` and
    ``column_effects[j]``: what the means of row i and of column j are above (or relative to) those
    of their clusters.
    """

    rows: Partition
    columns: Partition
    means: np.ndarray
    row_effects: np.ndarray | None
    column_effects: np.ndarray | None
    additive: bool

    def at(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Entries at row indices i and column indices j, broadcast."""
        combine = np.add if self.additive else np.multiply
        values = self.means[self.rows.codes[i], self.columns.codes[j]]
        if self.row_effects is not None:
            values = combine(values, self.row_effects[i])
        if self.column_effects is not None:
            values = combine(values, self.column_effects[j])
        return values

    def divergence_from_zeros(self) -> float:
        """Divergence of a matrix of zeros from this one, summed over all entries in blocks.

        Closed: within a cluster, additive effects sum to zero and multiplicative ones average one.
        """
        sizes = np.outer(self.rows.sizes, self.columns.sizes)
        if not self.additive:
            return float(np.sum(sizes * self.means))
        total = np.sum(sizes * self.means**2)
        if self.row_effects is not None:
            total += self.columns.sizes.sum() * np.sum(self.row_effects**2)
        if self.column_effects is not None:
            total += self.rows.sizes.sum() * np.sum(self.column_effects**2)
        return float(total)


def block_divergence(
    X: ArrayLike | csr_array,
    row_labels: ArrayLike,
    column_labels: ArrayLike,
    *,
    divergence: str | DivergenceLike = "squared_euclidean",
    basis: str = "C2",
) -> float:
    r"""Bregman divergence of a matrix from its block approximation.

    .. math::
        \sum_{i, j} d_\phi(x_{ij}, \hat x_{ij}), \qquad
        d_\phi(x, y) = \phi(x) - \phi(y) - \phi'(y) (x - y)

    over the observed entries whose row and column are in a cluster. With :math:`\mu_{gh}` the mean
    of the block of entry (i, j), :math:`u_i, v_j` the means of its row and column and
    :math:`U_g, V_h` those of its row and column cluster, the approximation :math:`\hat x_{ij}` is

    ===== ======================================= =================================================
    basis squared Euclidean                       I-divergence
    ===== ======================================= =================================================
    C2    :math:`\mu_{gh}`                        :math:`\mu_{gh}`
    C3    :math:`\mu_{gh} + u_i - U_g`            :math:`\mu_{gh} u_i / U_g`
    C4    :math:`\mu_{gh} + v_j - V_h`            :math:`\mu_{gh} v_j / V_h`
    C5    :math:`\mu_{gh} + u_i - U_g + v_j-V_h`  :math:`\mu_{gh} u_i / U_g \cdot v_j / V_h`
    ===== ======================================= =================================================

    This is the complete value that :class:`~skcocluster.BBAC` minimises, computed entry by entry
    and not by the solver's formulas.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        The data. NaN is a missing entry; the zeros of a sparse matrix are data. Sums are taken in
        float64 whatever the dtype of X, and X is read in runs of rows.
    row_labels : array-like of shape (n_rows,), dtype int
        Cluster of each row; -1 leaves the row out.
    column_labels : array-like of shape (n_columns,), dtype int
        Cluster of each column; -1 leaves the column out.
    divergence : str or object, default="squared_euclidean"
        ``"squared_euclidean"``, ``"i_divergence"``, ``"itakura_saito"``, ``"logistic"``, or an
        object with ``generator``, ``slope``, ``offset`` and ``domain``.
    basis : {"C2", "C3", "C4", "C5"}, default="C2"
        What the approximation keeps besides the block means. All but C2 need complete data and
        ``"squared_euclidean"`` or ``"i_divergence"``.

    Returns
    -------
    divergence : float
        At least 0; 0 if and only if the approximation is exact. In the unit of the divergence,
        not divided by the number of entries. 0 when no entry counts.

    Raises
    ------
    ValueError
        If labels do not fit X, if an entry is outside the domain of the divergence, if the basis
        is unknown or the divergence or missing entries do not allow it.
    TypeError
        If X is a dask array, or a divergence object lacks an attribute.

    Notes
    -----
    The value does not depend on the numbering of the clusters, and transposing X exchanges
    the roles of rows and columns (and of C3 and C4). A block all of whose entries equal its mean
    contributes 0, also at the border of the domain (0 log 0 = 0).

    References
    ----------
    .. [1] A. Banerjee, I. Dhillon, J. Ghosh, S. Merugu, D. Modha, "A Generalized Maximum Entropy
       Approach to Bregman Co-clustering and Matrix Approximation", Journal of Machine Learning
       Research 8 (2007), 1919-1986. https://www.jmlr.org/papers/v8/banerjee07a.html
    .. [2] I. Dhillon, S. Mallela, D. Modha, "Information-theoretic co-clustering", KDD 2003.
       :doi:`10.1145/956750.956764` (C5 under the I-divergence)

    Examples
    --------
    >>> from skcocluster.metrics import block_divergence
    >>> X = [[1.0, 1.0, 5.0], [1.0, 3.0, 5.0]]
    >>> block_divergence(X, row_labels=[0, 0], column_labels=[0, 0, 1])
    3.0
    >>> block_divergence(X, row_labels=[0, 1], column_labels=[0, 1, 2])
    0.0
    """
    bregman = get_divergence(divergence)
    X = check_matrix(X, all_finite=False)
    rows = make_partition(check_labels(row_labels, X.shape[0], "row_labels"))
    columns = make_partition(check_labels(column_labels, X.shape[1], "column_labels"))
    check_basis(basis, bregman)
    check_domain(X, rows, columns, bregman)
    approximation = approximate(X, rows, columns, bregman, basis)
    if issparse(X):
        total = sum_sparse(X, approximation, bregman, basis)
    else:
        total = sum_dense(X, approximation, bregman)
    return max(float(total), 0.0)


def check_basis(basis: str, bregman: Divergence) -> None:
    """Refuse an unknown basis, and one that the divergence has no closed form for."""
    if basis not in BASES:
        raise ValueError(f"basis={basis!r} is not one of {tuple(BASES)}")
    if basis != "C2" and not bregman.has_margin_bases:
        raise ValueError(
            f"basis={basis!r} needs divergence='squared_euclidean' or 'i_divergence', got "
            f"{bregman.name!r}; use basis='C2'"
        )


def check_domain(
    X: np.ndarray | csr_array, rows: Partition, columns: Partition, bregman: Divergence
) -> None:
    """Raise ValueError at the first entry that counts, is not missing and is not allowed."""
    if issparse(X):
        for i, j, values in iter_stored(X, rows, columns):
            bad = np.flatnonzero(find_outside(values, bregman))
            raise_outside(i[bad], j[bad], values[bad], bregman)
    else:
        for i, values in iter_dense(X, rows, columns):
            bad_rows, bad_columns = np.nonzero(find_outside(values, bregman))
            j = columns.order[bad_columns]
            raise_outside(i[bad_rows], j, values[bad_rows, bad_columns], bregman)


def find_outside(values: np.ndarray, bregman: Divergence) -> np.ndarray:
    """Which values are neither missing nor in the domain."""
    return ~(bregman.contains(values) | np.isnan(values))


def raise_outside(i: np.ndarray, j: np.ndarray, values: np.ndarray, bregman: Divergence) -> None:
    """Raise ValueError that names the first of some entries, if there is any."""
    if values.size:
        first = np.lexsort((j, i))[0]
        raise ValueError(
            f"X[{i[first]}, {j[first]}] = {values[first]:g} is outside the domain "
            f"{bregman.describe_domain()} of divergence {bregman.name!r}"
        )


def approximate(
    X: np.ndarray | csr_array,
    rows: Partition,
    columns: Partition,
    bregman: Divergence,
    basis: str,
) -> Approximation:
    """Block means, and the effects that the basis keeps."""
    sums, counts = sum_blocks(X, rows, columns)
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    additive = bregman.name == "squared_euclidean"
    if basis == "C2":
        return Approximation(rows, columns, means, None, None, additive)
    if counts.sum() < rows.sizes.sum() * columns.sizes.sum():
        raise ValueError(f"basis={basis!r} needs complete data, X has missing entries")
    row_sums, column_sums = sum_margins(X, rows, columns)
    keep_rows, keep_columns = BASES[basis]
    return Approximation(
        rows,
        columns,
        means,
        compute_effects(row_sums, rows, columns, additive) if keep_rows else None,
        compute_effects(column_sums, columns, rows, additive) if keep_columns else None,
        additive,
    )


def sum_margins(
    X: np.ndarray | csr_array, rows: Partition, columns: Partition
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of the rows and of the columns over the entries in blocks; 0 for what is in none."""
    row_sums = np.zeros(X.shape[0])
    column_sums = np.zeros(X.shape[1])
    if issparse(X):
        for i, j, values in iter_stored(X, rows, columns):
            row_sums += np.bincount(i, values, X.shape[0])
            column_sums += np.bincount(j, values, X.shape[1])
    else:
        for i, values in iter_dense(X, rows, columns):
            row_sums[i] = values.sum(axis=1)
            column_sums[columns.order] += values.sum(axis=0)
    return row_sums, column_sums


def compute_effects(
    sums: np.ndarray, own: Partition, other: Partition, additive: bool
) -> np.ndarray:
    """Means of rows (or columns) above, or relative to, those of their clusters; 0 outside."""
    effects = np.zeros(len(sums))
    codes = own.codes[own.order]
    # The cluster's mean of sums / the other side's size: that size cancels in the quotient.
    sums = sums[own.order]
    cluster_means = (np.bincount(codes, sums, own.n_clusters) / own.sizes)[codes]
    if additive:
        effects[own.order] = (sums - cluster_means) / max(other.sizes.sum(), 1)
    else:
        zeros = np.zeros(len(sums))  # a cluster of mean 0 has only zeros: any effect is right
        effects[own.order] = np.divide(sums, cluster_means, out=zeros, where=cluster_means > 0)
    return effects


def sum_divergence(bregman: Divergence, x: np.ndarray, y: np.ndarray) -> float:
    """Sum of d(x, y) over the observed entries of x; 0 where x = y, whatever the slope there."""
    with np.errstate(divide="ignore", invalid="ignore"):
        d = bregman.divergence(x, y)
    return float(np.sum(d, where=(x != y) & ~np.isnan(x)))


def sum_dense(X: np.ndarray, approximation: Approximation, bregman: Divergence) -> float:
    """Sum of the divergence over all entries of a dense X that count."""
    rows, columns = approximation.rows, approximation.columns
    return sum(
        sum_divergence(bregman, values, approximation.at(i[:, np.newaxis], columns.order))
        for i, values in iter_dense(X, rows, columns)
    )


def sum_sparse(
    X: csr_array, approximation: Approximation, bregman: Divergence, basis: str
) -> float:
    """Sum of the divergence over all entries of a sparse X that count, at the cost of the stored.

    Under C2 an absent zero costs what its block says. Under the other bases, the absent cost what
    a matrix of zeros would, less what zeros in the stored places would.
    """
    rows, columns, means = approximation.rows, approximation.columns, approximation.means
    total = stored_zeros = 0.0
    stored = np.zeros(means.size)
    for i, j, values in iter_stored(X, rows, columns):
        y = approximation.at(i, j)
        total += sum_divergence(bregman, values, y)
        stored += np.bincount(
            rows.codes[i] * means.shape[1] + columns.codes[j], minlength=means.size
        )
        if basis != "C2":
            stored_zeros += sum_divergence(bregman, np.zeros_like(y), y)
    absent = np.outer(rows.sizes, columns.sizes) - stored.reshape(means.shape)
    if not absent.any():
        return total
    if not bregman.contains(np.zeros(1))[0]:
        raise ValueError(
            f"X is sparse, so its zeros are data, and 0 is outside the domain "
            f"{bregman.describe_domain()} of divergence {bregman.name!r}"
        )
    if basis != "C2":
        return total + max(approximation.divergence_from_zeros() - stored_zeros, 0.0)
    blocks = absent > 0
    zeros = np.zeros(np.count_nonzero(blocks))
    return total + float(np.sum(absent[blocks] * bregman.divergence(zeros, means[blocks])))
