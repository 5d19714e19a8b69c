"""Terms that characterise clusters of rows."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.special import xlogy

from ..metrics._checks import check_labels
from ._raster import as_matrix, group_sums


def top_terms(
    est: Any, X: Any, feature_names: ArrayLike | None = None, n_terms: int = 10
) -> list[list[str]]:
    r"""Terms (columns) that set each cluster of rows apart, the most telling first.

    For X >= 0 without missing entries, such as counts of words in documents, term j scores in row
    cluster g what it adds to the log-likelihood ratio [1]_ of the table of row clusters by terms
    against independence,

    .. math:: O_{gj} \log(O_{gj} / E_{gj}) - O_{gj} + E_{gj}, \qquad
              E_{gj} = O_{g \cdot} O_{\cdot j} / O_{\cdot \cdot},

    with O the sums of X over the rows of each cluster. It is large for a term that is both
    frequent and far above its expectation; a common word gets little for its frequency, a word
    seen once little for its rarity. For other X the score is
    :math:`\sqrt{n_g} (\bar x_{gj} - \bar x_j) / s_j`: how far the term's mean in the cluster
    lies above its mean, in its standard deviations, by the number of observed entries. Terms at
    or below expectation are never listed.

    Parameters
    ----------
    est : estimator
        Fitted, with ``row_labels_``. Rows labelled -1 count in the margins only.
    X : array-like of shape (n_rows, n_columns)
        The matrix that it was fitted on: dense, sparse (never made dense), DataFrame, xarray
        DataArray or dask array.
    feature_names : array-like of shape (n_columns,), dtype str, default=None
        Names of the columns. None takes ``est.feature_names_in_``, else ``"x0"``, ``"x1"``, ...
    n_terms : int, default=10
        Number of terms to list for each cluster, at most.

    Returns
    -------
    terms : list of list of str
        Terms of row cluster g at position g; an empty list for an empty cluster.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        When the estimator is not fitted.
    ValueError
        When X, the names and the labels do not fit together, or `n_terms` is below 1.

    References
    ----------
    .. [1] T. Dunning, "Accurate methods for the statistics of surprise and coincidence",
       Computational Linguistics 19:61, 1993.

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster import BBAC
    >>> from skcocluster.plot import top_terms
    >>> X = np.array([[5, 4, 0, 0, 1], [4, 6, 1, 0, 1], [0, 0, 7, 5, 1], [1, 0, 5, 6, 1]])
    >>> est = BBAC(n_row_clusters=2, init=([0, 0, 1, 1], [0, 0, 1, 1, 1])).fit(X)
    >>> top_terms(est, X, ["goal", "match", "vote", "party", "the"], n_terms=2)
    [['match', 'goal'], ['party', 'vote']]
    """
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(est, "row_labels_")
    if n_terms < 1:
        raise ValueError(f"n_terms must be at least 1, got {n_terms}.")
    X = as_matrix(X)
    labels = check_labels(est.row_labels_, X.shape[0], "row_labels_")
    if feature_names is None:
        feature_names = getattr(est, "feature_names_in_", None)
    if feature_names is None:
        feature_names = [f"x{j}" for j in range(X.shape[1])]
    names = np.asarray(feature_names)
    if names.shape != (X.shape[1],):
        raise ValueError(
            f"feature_names must name the {X.shape[1]} columns of X, got shape {names.shape}."
        )
    n_clusters = max(labels.max(initial=-1) + 1, _count_clusters(est))
    scores = score_columns(X, labels, n_clusters)
    return pick_terms(scores, names, n_terms)


def _count_clusters(est: Any) -> int:
    """Number of row clusters of the fit, empty ones included, as far as the estimator tells."""
    if hasattr(est, "block_means_"):
        return len(est.block_means_)
    # One co-cluster, one line of `rows_`.
    return len(est.rows_) if hasattr(est, "n_clusters") and hasattr(est, "rows_") else 0


def pick_terms(scores: np.ndarray, names: np.ndarray, n_terms: int) -> list[list[str]]:
    """Names with the largest scores above zero in each row of scores."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :n_terms]
    return [
        [str(names[j]) for j in columns if score[j] > 0]
        for columns, score in zip(best, scores, strict=True)
    ]


def score_columns(X: Any, labels: np.ndarray, n_clusters: int) -> np.ndarray:
    """Score of each column in each row cluster, as :func:`top_terms` describes it."""
    n_columns = X.shape[1]
    groups = np.where(labels == -1, n_clusters, labels)
    shape = (n_clusters + 1, n_columns)
    columns = np.arange(n_columns)
    sums, counts = group_sums(X, groups, columns, shape)
    n_entries = np.bincount(groups, minlength=n_clusters + 1)[:, None]
    if is_nonnegative(X) and np.array_equal(counts, np.broadcast_to(n_entries, shape)):
        return _score_excess(sums)[:-1]
    squares = group_sums(X, np.zeros_like(groups), columns, (1, n_columns), power=2)[0][0]
    return _score_differences(sums, counts, squares)[:-1]


def is_nonnegative(X: Any) -> bool:
    """Whether no entry is below zero; missing ones do not count."""
    values = X.data if sparse.issparse(X) else X
    return not bool((values < 0).any())


def _score_excess(sums: np.ndarray) -> np.ndarray:
    expected = np.outer(sums.sum(axis=1), sums.sum(axis=0)) / max(sums.sum(), 1e-300)
    ratio = np.divide(sums, expected, out=np.ones_like(sums), where=expected > 0)
    return np.where(sums > expected, xlogy(sums, ratio) - sums + expected, -np.inf)


def _score_differences(sums: np.ndarray, counts: np.ndarray, squares: np.ndarray) -> np.ndarray:
    n_observed = np.maximum(counts.sum(axis=0), 1)
    mean = sums.sum(axis=0) / n_observed
    deviation = np.sqrt(np.maximum(squares / n_observed - mean**2, 0))
    difference = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0) - mean
    score = np.sqrt(counts) * difference
    known = (counts > 0) & (deviation > 0) & (difference > 0)
    return np.divide(score, deviation, out=np.full_like(sums, -np.inf), where=known)
