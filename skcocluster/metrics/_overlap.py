"""How far two clusterings agree whose clusters may overlap and leave points out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ._objectives import check_memberships

# Pairs of points are compared in pieces of about so many.
CHUNK_PAIRS = 1 << 21


def overlapping_f1_score(
    memberships_true: ArrayLike, memberships_pred: ArrayLike, *, symmetric: bool = False
) -> float:
    r"""Mean over the true classes of the best F1 score with any cluster.

    .. math::
        \frac{1}{|T|} \sum_{t \in T} \max_{c} F_1(t, c), \qquad
        F_1(t, c) = \frac{2 |t \cap c|}{|t| + |c|}

    Parameters
    ----------
    memberships_true : array-like of shape (n_samples, n_classes)
        Classes of each sample, True or 1 where it is in one.
    memberships_pred : array-like of shape (n_samples, n_clusters)
        Clusters of each sample.
    symmetric : bool, default=False
        Take the mean of the score and of that with the roles exchanged.

    Returns
    -------
    score : float
        Between 0 and 1. 1 if each class is a cluster; with `symmetric`, if also each cluster is a
        class. Symmetric only if `symmetric`. Empty classes and clusters are left out; 1 if there
        are only such on both sides.

    Raises
    ------
    ValueError
        If the memberships are not binary matrices with one row per sample.

    Notes
    -----
    The value does not depend on the order of classes and clusters. Not corrected for chance.
    Without `symmetric`, copies of a cluster and clusters that match no class cost nothing, and
    one cluster that holds everything scores high where classes are large: report that baseline,
    ``overlapping_f1_score(memberships_true, np.ones((n_samples, 1)))``, beside any value.

    References
    ----------
    .. [1] J. J. Whang, I. S. Dhillon, D. F. Gleich, "Non-exhaustive, overlapping k-means", SDM
       2015. :doi:`10.1137/1.9781611974010.105`
    .. [2] J. Yang, J. Leskovec, "Overlapping community detection at scale", WSDM 2013.
       :doi:`10.1145/2433396.2433471` (the symmetric mean)

    Examples
    --------
    >>> from skcocluster.metrics import overlapping_f1_score
    >>> truth = [[1, 0], [1, 1], [0, 1]]
    >>> overlapping_f1_score(truth, truth)
    1.0
    >>> overlapping_f1_score(truth, [[1], [1], [1]])
    0.8
    """
    true, pred = check_pair(memberships_true, memberships_pred)
    true, pred = true[:, true.any(axis=0)], pred[:, pred.any(axis=0)]
    if not true.size or not pred.size:
        return float(true.size == pred.size)
    sizes = true.sum(axis=0)[:, None] + pred.sum(axis=0)
    scores = 2 * (true.T @ pred) / sizes
    best = float(scores.max(axis=1).mean())
    return (best + float(scores.max(axis=0).mean())) / 2 if symmetric else best


def omega_index(memberships_true: ArrayLike, memberships_pred: ArrayLike) -> float:
    r"""Agreement on how many clusters each pair of samples shares, corrected for chance.

    .. math::
        \Omega = \frac{\omega_u - \omega_e}{1 - \omega_e}, \qquad
        \omega_u = \frac{1}{N} \sum_{l} |T_l \cap P_l|, \qquad
        \omega_e = \frac{1}{N^2} \sum_{l} |T_l| |P_l|

    where :math:`T_l` and :math:`P_l` are the pairs that share exactly l classes and l clusters,
    and N is the number of pairs. For partitions it is the adjusted Rand index.

    Parameters
    ----------
    memberships_true : array-like of shape (n_samples, n_classes)
        Classes of each sample, True or 1 where it is in one.
    memberships_pred : array-like of shape (n_samples, n_clusters)
        Clusters of each sample.

    Returns
    -------
    score : float
        At most 1; 1 if and only if all pairs agree. Near 0 for independent memberships, and 0 for
        one cluster that holds everything, unless the truth is the same. Symmetric.

    Raises
    ------
    ValueError
        If the memberships are not binary matrices with one row per sample.

    Notes
    -----
    The value does not depend on the order of classes and clusters, or on empty ones. Samples in no
    cluster are together with nobody. A cluster of one sample makes no pair and counts nothing.

    Takes time in the square of the number of samples, and memory for a part of the pairs.

    References
    ----------
    .. [1] L. M. Collins, C. W. Dent, "Omega: a general formulation of the Rand index of cluster
       recovery suitable for non-disjoint solutions", Multivariate Behavioral Research 23 (1988),
       231-242. :doi:`10.1207/s15327906mbr2302_6`

    Examples
    --------
    >>> from skcocluster.metrics import omega_index
    >>> truth = [[1, 0], [1, 1], [0, 1]]
    >>> omega_index(truth, truth)
    1.0
    >>> omega_index(truth, [[1], [1], [1]])
    0.0
    """
    true, pred = check_pair(memberships_true, memberships_pred)
    n = len(true)
    table = np.zeros((true.shape[1] + 1, pred.shape[1] + 1), dtype=np.int64)
    height = max(1, CHUNK_PAIRS // n)
    for start in range(0, n, height):
        stop = min(n, start + height)
        # Each pair once: the samples of the piece with themselves and all later ones.
        upper = np.arange(start, n) > np.arange(start, stop)[:, None]
        shared_true = (true[start:stop] @ true[start:].T).astype(np.int64)[upper]
        shared_pred = (pred[start:stop] @ pred[start:].T).astype(np.int64)[upper]
        codes = shared_true * table.shape[1] + shared_pred
        table += np.bincount(codes, minlength=table.size).reshape(table.shape)
    # Exact integers, as pairs of pairs are counted.
    n_pairs = n * (n - 1) // 2
    both = min(table.shape)
    agree = sum(int(table[level, level]) for level in range(both))
    true_counts, pred_counts = table.sum(axis=1).tolist(), table.sum(axis=0).tolist()
    expected = sum(t * p for t, p in zip(true_counts, pred_counts, strict=False))
    if agree == n_pairs:
        return 1.0
    return (agree * n_pairs - expected) / (n_pairs * n_pairs - expected)


def overlapping_nmi(
    memberships_true: ArrayLike, memberships_pred: ArrayLike, *, normalization: str = "max"
) -> float:
    r"""Normalised mutual information of two covers.

    A cluster is a binary variable over the samples. With :math:`H(X) = \sum_k H(X_k)` and
    :math:`H(X \mid Y) = \sum_k \min_l H^*(X_k \mid Y_l)`, where :math:`H^*` is :math:`H(X_k)`
    unless the two clusters are alike rather than complementary,

    .. math::
        I(X : Y) = \tfrac{1}{2} [H(X) - H(X \mid Y) + H(Y) - H(Y \mid X)], \qquad
        \text{NMI} = \frac{I(X : Y)}{\max(H(X), H(Y))}.

    Parameters
    ----------
    memberships_true : array-like of shape (n_samples, n_classes)
        Classes of each sample, True or 1 where it is in one.
    memberships_pred : array-like of shape (n_samples, n_clusters)
        Clusters of each sample.
    normalization : {"max", "lfk"}, default="max"
        "max" is the formula above. "lfk" is the older 1 less the mean of the relative conditional
        entropies :math:`H(X_k \mid Y) / H(X_k)`, which scores covers that have little in common
        too high.

    Returns
    -------
    score : float
        Between 0 and 1; 1 for equal covers. One cluster that holds everything has no entropy and
        scores 0, unless the truth has none either. Symmetric.

    Raises
    ------
    ValueError
        If the memberships are not binary matrices with one row per sample, or the normalisation is
        unknown.

    Notes
    -----
    The value does not depend on the order of classes and clusters. Normalised by "max" it ignores
    clusters that hold nothing or everything: they tell nothing of any sample. Not corrected for
    chance, but random clusters score close to 0: about 0.01 for 100 samples.

    References
    ----------
    .. [1] A. F. McDaid, D. Greene, N. Hurley, "Normalized mutual information to evaluate
       overlapping community finding algorithms", 2011. :doi:`10.48550/arXiv.1110.2515`
    .. [2] A. Lancichinetti, S. Fortunato, J. Kertész, "Detecting the overlapping and hierarchical
       community structure in complex networks", New Journal of Physics 11 (2009), 033015.
       :doi:`10.1088/1367-2630/11/3/033015`

    Examples
    --------
    >>> from skcocluster.metrics import overlapping_nmi
    >>> truth = [[1, 0], [1, 1], [0, 1]]
    >>> overlapping_nmi(truth, truth)
    1.0
    >>> overlapping_nmi(truth, [[1], [1], [1]])
    0.0
    """
    if normalization not in ("max", "lfk"):
        raise ValueError(f"normalization={normalization!r} is not one of ('max', 'lfk')")
    true, pred = check_pair(memberships_true, memberships_pred)
    own_true, given_pred = conditional_entropies(true, pred)
    own_pred, given_true = conditional_entropies(pred, true)
    if not own_true.any() and not own_pred.any():
        return float(own_true.size == own_pred.size or not (own_true.size and own_pred.size))
    if normalization == "lfk":
        shares = [
            np.divide(given, own, out=np.ones_like(own), where=own > 0).mean() if own.size else 1.0
            for own, given in ((own_true, given_pred), (own_pred, given_true))
        ]
        return float(1 - sum(shares) / 2)
    mutual = (own_true.sum() - given_pred.sum() + own_pred.sum() - given_true.sum()) / 2
    return float(max(mutual, 0.0) / max(own_true.sum(), own_pred.sum()))


def check_pair(first: ArrayLike, second: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Two membership matrices of the same samples, as float64 zeros and ones."""
    n = len(np.asarray(first)) if np.ndim(first) else 0
    if n == 0:
        raise ValueError("memberships_true is empty, or no matrix with one row per sample")
    return (
        check_memberships(first, n, "memberships_true"),
        check_memberships(second, n, "memberships_pred"),
    )


def entropy_term(counts: np.ndarray, n: int) -> np.ndarray:
    """-p log2 p for p = counts / n, and 0 for no counts."""
    shares = counts / n
    return -shares * np.log2(np.where(counts > 0, shares, 1.0))


def conditional_entropies(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entropy of each cluster of the first cover, alone and given the second cover."""
    n = len(first)
    own_sizes, other_sizes = first.sum(axis=0), second.sum(axis=0)
    own = entropy_term(own_sizes, n) + entropy_term(n - own_sizes, n)
    others = entropy_term(other_sizes, n) + entropy_term(n - other_sizes, n)
    both = first.T @ second
    only_first, only_second = own_sizes[:, None] - both, other_sizes - both
    neither = n - both - only_first - only_second
    same = entropy_term(both, n) + entropy_term(neither, n)
    different = entropy_term(only_first, n) + entropy_term(only_second, n)
    conditional = np.where(same >= different, same + different - others, own[:, None])
    return own, np.minimum(own, conditional.min(axis=1, initial=np.inf))
