"""The integrated completed likelihood of a co-clustering as a latent block model."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, xlogy

from .._shared.divergences import get_divergence
from ..metrics import block_divergence
from ..metrics._checks import check_labels, check_matrix, make_partition, sum_blocks
from ._likelihood import DISTRIBUTIONS, BlockDistribution, Entries, read_entries

# The priors of Keribin et al., section 4: Dirichlet(4) for proportions, uniform for means.
PROPORTION_PRIOR = 4.0
MEAN_PRIOR = 1.0


def integrated_completed_likelihood(
    X: ArrayLike,
    row_labels: ArrayLike,
    column_labels: ArrayLike,
    *,
    divergence: str = "squared_euclidean",
    exact: bool = False,
) -> float:
    r"""Integrated completed likelihood (ICL) of a co-clustering as a latent block model.

    The model of a divergence draws labels independently with proportions :math:`\pi` and
    :math:`\rho`, and entries independently given their block, of mean :math:`\mu_{gh}`:

    =================== =========================================== =============
    divergence          entries of a block                          shared
    =================== =========================================== =============
    squared Euclidean   Gaussian                                    variance
    I-divergence        Poisson (X must hold counts)
    Itakura-Saito       gamma                                       shape
    logistic            Bernoulli (X must hold 0 and 1)
    =================== =========================================== =============

    With k row and p column clusters in use, s shared parameters and N observed entries of n rows
    and m columns,

    .. math:: \text{ICL} = \log L_c - \frac{k - 1}{2} \log n - \frac{p - 1}{2} \log m
        - \frac{k p + s}{2} \log N,

    where :math:`\log L_c`, the greatest log-likelihood of entries and labels together, is
    :math:`\sum_g n_g \log (n_g / n) + \sum_h m_h \log (m_h / m)` plus that of the entries, which
    is a function of their divergence from the block means.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_rows, n_columns)
        The data. NaN is a missing entry; the zeros of a sparse matrix are data.
    row_labels : array-like of shape (n_rows,), dtype int
        Cluster of each row; -1 leaves the row out.
    column_labels : array-like of shape (n_columns,), dtype int
        Cluster of each column; -1 leaves the column out.
    divergence : str, default="squared_euclidean"
        "squared_euclidean", "i_divergence", "itakura_saito" or "logistic".
    exact : bool, default=False
        For the logistic divergence, integrate over all parameters instead of the asymptotic
        penalty: with Dirichlet priors of parameter 4 for the proportions and uniform ones for the
        means, a closed form. Others have none that is free of further choices.

    Returns
    -------
    icl : float
        In nats; larger is better. Comparable between labels of the same X and divergence.

    Raises
    ------
    ValueError
        If labels do not fit X, entries are not what the model generates, or `exact` is asked of
        another divergence.

    Notes
    -----
    The value does not depend on the numbering of the clusters, and empty clusters cost nothing.
    An exact fit would have an infinite Gaussian or gamma likelihood; it counts as a fit to twelve
    digits.

    References
    ----------
    .. [1] C. Keribin, V. Brault, G. Celeux, G. Govaert, "Estimation and selection for the latent
       block model on categorical data", Statistics and Computing 25 (2015), 1201-1216.
       :doi:`10.1007/s11222-014-9472-2`
    .. [2] C. Biernacki, G. Celeux, G. Govaert, "Assessing a mixture model for clustering with the
       integrated completed likelihood", IEEE Transactions on Pattern Analysis and Machine
       Intelligence 22 (2000), 719-725. :doi:`10.1109/34.865189`

    Examples
    --------
    >>> from skcocluster.datasets import make_block_matrix
    >>> from skcocluster.model_selection import integrated_completed_likelihood
    >>> X, row_labels, column_labels = make_block_matrix((60, 40), (3, 2), random_state=0)
    >>> truth = integrated_completed_likelihood(X, row_labels, column_labels)
    >>> one_block = integrated_completed_likelihood(X, [0] * 60, [0] * 40)
    >>> bool(truth > one_block)
    True
    """
    distribution = get_distribution(divergence)
    matrix = check_matrix(X, all_finite=False)
    rows = check_labels(row_labels, matrix.shape[0], "row_labels")
    columns = check_labels(column_labels, matrix.shape[1], "column_labels")
    if exact:
        return exact_icl(matrix, rows, columns, divergence)
    kept = matrix[rows >= 0][:, columns >= 0]
    entries = read_entries(kept, distribution)
    value = block_divergence(matrix, rows, columns, divergence=divergence)
    return asymptotic_icl(value, entries, rows, columns, distribution)


def get_distribution(divergence: Any) -> BlockDistribution:
    """Return the block distribution that matches a divergence."""
    name = get_divergence(divergence).name
    if not isinstance(divergence, str) or name not in DISTRIBUTIONS:
        raise ValueError(
            f"The integrated completed likelihood is known for the divergences "
            f"{tuple(DISTRIBUTIONS)}, not for {name!r}: use 'held_out', 'explained_divergence' or "
            "'stability'."
        )
    return DISTRIBUTIONS[name]


def asymptotic_icl(
    divergence: float,
    entries: Entries,
    row_labels: np.ndarray,
    column_labels: np.ndarray,
    distribution: BlockDistribution,
) -> float:
    """Return the ICL of labels, -1 left out, from the divergence of X from its block means."""
    value = distribution.log_likelihood(divergence, entries)
    n_parameters = distribution.n_shared
    sizes = [np.bincount(labels[labels >= 0]) for labels in (row_labels, column_labels)]
    sizes = [counts[counts > 0] for counts in sizes]
    for counts in sizes:
        n = counts.sum()
        value += xlogy(counts, counts / n).sum() - 0.5 * (len(counts) - 1) * np.log(n)
    n_parameters += len(sizes[0]) * len(sizes[1])
    return float(value - 0.5 * n_parameters * np.log(entries.n_observed))


def exact_icl(
    X: Any, row_labels: np.ndarray, column_labels: np.ndarray, divergence: Any = "logistic"
) -> float:
    """Return the exact ICL of Bernoulli blocks, by conjugate priors."""
    if divergence != "logistic":
        raise ValueError(
            "The exact integrated completed likelihood has a closed form for "
            f"divergence='logistic' only, got {divergence!r}: use exact=False, criterion='icl'."
        )
    X = check_matrix(X, all_finite=False)
    rows, columns = (make_partition(labels) for labels in (row_labels, column_labels))
    read_entries(X, DISTRIBUTIONS["logistic"])
    ones, counts = sum_blocks(X, rows, columns)
    a, b = PROPORTION_PRIOR, MEAN_PRIOR
    value = np.sum(gammaln(ones + b) + gammaln(counts - ones + b) - gammaln(counts + 2.0 * b))
    value += ones.size * (gammaln(2.0 * b) - 2.0 * gammaln(b))
    for sizes in (rows.sizes, columns.sizes):
        k = len(sizes)
        value += gammaln(a * k) - k * gammaln(a)
        value += gammaln(sizes + a).sum() - gammaln(sizes.sum() + a * k)
    return float(value)
