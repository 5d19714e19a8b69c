"""Recovery and relevance: how well each bicluster of one set is met by the best of another."""

from __future__ import annotations

import numpy as np

from ._biclusters import (
    Biclusters,
    Indicators,
    check_pair,
    compute_jaccard,
    divide_jaccard,
    intersect,
)

SIDES = ("rows", "columns", "both", "entries")


def recovery_score(
    biclusters_true: Biclusters, biclusters_pred: Biclusters, *, by: str = "rows"
) -> float:
    r"""Mean over the true biclusters of the best match with any found one (Prelić et al.).

    .. math::
        S(T, P) = \frac{1}{|T|} \sum_{t \in T} \max_{p \in P}
        \frac{|t \cap p|}{|t \cup p|}

    where, as published, a bicluster is the set of its rows: the genes of expression data. Columns
    then do not count at all; `by` tells what else a bicluster may be.

    Parameters
    ----------
    biclusters_true : tuple (rows, columns)
        Indicators of shape (n_biclusters, n_rows) and (n_biclusters, n_columns), dtype bool: for
        instance ``est.biclusters_``.
    biclusters_pred : tuple (rows, columns)
        The biclusters that were found, of the same rows and columns; any number of them.
    by : {"rows", "columns", "both", "entries"}, default="rows"
        What is matched: the sets of rows (the gene match score), the sets of columns, both (the
        geometric mean of the two scores, the overall match score of the paper's supplement), or
        the sets of entries, rows times columns. Only "entries" asks rows and columns of *one*
        bicluster to fit.

    Returns
    -------
    score : float
        Between 0 and 1; 1 if and only if each true bicluster, by what is matched, is among those
        found. Not symmetric: exchanging the two sets gives :func:`relevance_score`. Not corrected
        for chance.

    Raises
    ------
    ValueError
        If the indicators' shapes do not fit each other or hold other values than 0 and 1, or `by`
        is unknown.

    See Also
    --------
    relevance_score : The same from the side of what was found.
    consensus_score : One value, each bicluster matched at most once.

    Notes
    -----
    The value does not depend on the order of the biclusters, on biclusters that are listed twice
    in `biclusters_pred`, or on superfluous ones there. Two empty sets are equal. Without
    biclusters the score is 1 if both sets have none, otherwise 0.

    References
    ----------
    .. [1] A. Prelić et al., "A systematic comparison and evaluation of biclustering methods for
       gene expression data", Bioinformatics 22 (2006), 1122-1129.
       :doi:`10.1093/bioinformatics/btl060`, section 2.3 (average module recovery)

    Examples
    --------
    >>> from skcocluster.metrics import recovery_score
    >>> truth = ([[1, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 0], [0, 0, 1]])
    >>> found = ([[1, 1, 0, 0]], [[1, 0, 0]])
    >>> recovery_score(truth, found)
    0.5
    >>> recovery_score(truth, found, by="entries")
    0.25
    """
    true, pred = check_pair(
        biclusters_true, biclusters_pred, ("biclusters_true", "biclusters_pred")
    )
    return average_best_match(true, pred, by)


def relevance_score(
    biclusters_true: Biclusters, biclusters_pred: Biclusters, *, by: str = "rows"
) -> float:
    r"""Mean over the biclusters found of the best match with any true one (Prelić et al.).

    .. math::
        S(P, T) = \frac{1}{|P|} \sum_{p \in P} \max_{t \in T}
        \frac{|p \cap t|}{|p \cup t|}

    where, as published, a bicluster is the set of its rows: the genes of expression data. Columns
    then do not count at all; `by` tells what else a bicluster may be.

    Parameters
    ----------
    biclusters_true : tuple (rows, columns)
        Indicators of shape (n_biclusters, n_rows) and (n_biclusters, n_columns), dtype bool: for
        instance ``est.biclusters_``.
    biclusters_pred : tuple (rows, columns)
        The biclusters that were found, of the same rows and columns; any number of them.
    by : {"rows", "columns", "both", "entries"}, default="rows"
        What is matched, as for :func:`recovery_score`.

    Returns
    -------
    score : float
        Between 0 and 1; 1 if and only if each bicluster found, by what is matched, is a true one.
        Not symmetric: exchanging the two sets gives :func:`recovery_score`. Not corrected for
        chance.

    Raises
    ------
    ValueError
        If the indicators' shapes do not fit each other or hold other values than 0 and 1, or `by`
        is unknown.

    See Also
    --------
    recovery_score : The same from the side of the truth.
    consensus_score : One value, each bicluster matched at most once.

    Notes
    -----
    The value does not depend on the order of the biclusters, or on true ones that nobody found.
    An empty bicluster among those found matches only an empty one and lowers the score. Without
    biclusters the score is 1 if both sets have none, otherwise 0.

    References
    ----------
    .. [1] A. Prelić et al., "A systematic comparison and evaluation of biclustering methods for
       gene expression data", Bioinformatics 22 (2006), 1122-1129.
       :doi:`10.1093/bioinformatics/btl060`, section 2.3 (average bicluster relevance)

    Examples
    --------
    >>> from skcocluster.metrics import relevance_score
    >>> truth = ([[1, 1, 0, 0], [0, 0, 1, 1]], [[1, 1, 0], [0, 0, 1]])
    >>> found = ([[1, 1, 0, 0]], [[1, 0, 0]])
    >>> relevance_score(truth, found)
    1.0
    >>> relevance_score(truth, found, by="entries")
    0.5
    """
    true, pred = check_pair(
        biclusters_true, biclusters_pred, ("biclusters_true", "biclusters_pred")
    )
    return average_best_match(pred, true, by)


def average_best_match(a: Indicators, b: Indicators, by: str) -> float:
    """Mean over a of the best Jaccard index with any of b, of the sets that `by` names."""
    if by not in SIDES:
        raise ValueError(f"by={by!r} is not one of {SIDES}")
    if not len(a[0]) or not len(b[0]):
        return float(len(a[0]) == len(b[0]))
    if by == "entries":
        return average_best(compute_jaccard(a, b))
    sides = {"rows": (0,), "columns": (1,), "both": (0, 1)}[by]
    scores = [average_best(compute_set_jaccard(a[side], b[side])) for side in sides]
    return float(np.prod(scores) ** (1 / len(scores)))


def compute_set_jaccard(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Jaccard index of all pairs of sets of rows, or of columns."""
    return divide_jaccard(intersect(a, b), a.sum(axis=1), b.sum(axis=1))


def average_best(similarities: np.ndarray) -> float:
    """Mean over the lines of their largest value."""
    return float(similarities.max(axis=1).mean())
