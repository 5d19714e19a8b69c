"""How two sets of biclusters cover the entries of a matrix: clustering error and RNIA."""

from __future__ import annotations

from scipy.optimize import linear_sum_assignment

from ._biclusters import (
    Biclusters,
    Indicators,
    check_pair,
    count_common,
    count_entries,
    count_shared_cover,
)


def clustering_error(a: Biclusters, b: Biclusters) -> float:
    r"""Share of the cover of two sets of biclusters that their best matching does not share.

    .. math::
        \text{CE} = \frac{|U| - D_{\max}}{|U|}, \qquad
        |U| = \sum_{ij} \max(N^a_{ij}, N^b_{ij}), \qquad
        D_{\max} = \max_{\pi} \sum_g |a_g \cap b_{\pi(g)}|

    where :math:`N_{ij}` counts the biclusters of a set that hold entry :math:`(i, j)`, so that
    entries count as often as biclusters overlap there, and :math:`\pi` matches each bicluster at
    most once. An error: 0 is best, and :math:`1 - \text{CE}` the similarity.

    Parameters
    ----------
    a : tuple (rows, columns)
        Indicators of shape (n_biclusters, n_rows) and (n_biclusters, n_columns), dtype bool: for
        instance ``est.biclusters_``.
    b : tuple (rows, columns)
        The other biclusters of the same rows and columns; there may be more or fewer.

    Returns
    -------
    error : float
        Between 0 and 1; 0 if and only if both sets hold the same biclusters, empty ones left out;
        1 if and only if no entry is in biclusters of both. Symmetric. Not corrected for chance.
        Never below :func:`rnia`.

    Raises
    ------
    ValueError
        If the indicators' shapes do not fit each other or hold other values than 0 and 1.

    See Also
    --------
    rnia : The same without a matching: only the cover counts.
    consensus_score : Each bicluster weighs the same, however large.

    Notes
    -----
    Ignores the order of the biclusters, empty ones, and entries that neither set covers. Large
    biclusters weigh more than small ones. A true bicluster that was found in two halves costs
    half of its entries. Two sets without any entry are equal, error 0.

    References
    ----------
    .. [1] A. Patrikainen, M. Meila, "Comparing subspace clusterings", IEEE Transactions on
       Knowledge and Data Engineering 18 (2006), 902-916. :doi:`10.1109/TKDE.2006.106`

    Examples
    --------
    >>> from skcocluster.metrics import clustering_error
    >>> whole = ([[1, 1, 1, 1]], [[1, 1, 0]])
    >>> halves = ([[1, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 0], [1, 1, 0]])
    >>> clustering_error(whole, halves)
    0.5
    >>> clustering_error(halves, halves)
    0.0
    """
    first, second = check_pair(a, b)
    size = count_covers(first, second)
    if not size:
        return 0.0
    common = count_common(first, second)
    matched = int(common[linear_sum_assignment(common, maximize=True)].sum())
    union = size - count_shared_cover(first, second)
    return (union - matched) / union


def rnia(a: Biclusters, b: Biclusters) -> float:
    r"""Relative non-intersecting area of two sets of biclusters.

    .. math::
        \text{RNIA} = \frac{|U| - |I|}{|U|}, \qquad
        |U| = \sum_{ij} \max(N^a_{ij}, N^b_{ij}), \qquad
        |I| = \sum_{ij} \min(N^a_{ij}, N^b_{ij})

    where :math:`N_{ij}` counts the biclusters of a set that hold entry :math:`(i, j)`, so that
    entries count as often as biclusters overlap there. A distance: 0 is best, and
    :math:`1 - \text{RNIA}` the similarity.

    Parameters
    ----------
    a : tuple (rows, columns)
        Indicators of shape (n_biclusters, n_rows) and (n_biclusters, n_columns), dtype bool: for
        instance ``est.biclusters_``.
    b : tuple (rows, columns)
        The other biclusters of the same rows and columns; there may be more or fewer.

    Returns
    -------
    distance : float
        Between 0 and 1; 0 if and only if both sets cover each entry equally often; 1 if and only
        if no entry is covered by both. Symmetric. Not corrected for chance. Never above
        :func:`clustering_error`.

    Raises
    ------
    ValueError
        If the indicators' shapes do not fit each other or hold other values than 0 and 1.

    See Also
    --------
    clustering_error : Counts only what matched biclusters share.

    Notes
    -----
    Ignores how the covered entries are divided into biclusters: two co-clusterings that give every
    row and every column a cluster cover all entries once, and have distance 0 whatever they are.
    It is for biclusters that leave entries out. Two sets without any entry have distance 0.

    References
    ----------
    .. [1] A. Patrikainen, M. Meila, "Comparing subspace clusterings", IEEE Transactions on
       Knowledge and Data Engineering 18 (2006), 902-916. :doi:`10.1109/TKDE.2006.106`

    Examples
    --------
    >>> from skcocluster.metrics import rnia
    >>> whole = ([[1, 1, 1, 1]], [[1, 1, 0]])
    >>> halves = ([[1, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 0], [1, 1, 0]])
    >>> rnia(whole, halves)
    0.0
    >>> rnia(whole, ([[1, 1, 1, 1]], [[0, 1, 1]]))
    0.6666666666666666
    """
    first, second = check_pair(a, b)
    size = count_covers(first, second)
    if not size:
        return 0.0
    shared = count_shared_cover(first, second)
    return (size - 2 * shared) / (size - shared)


def count_covers(a: Indicators, b: Indicators) -> int:
    """Entries of all biclusters of both sets, counted as often as they are covered."""
    return int(count_entries(a).sum() + count_entries(b).sum())
