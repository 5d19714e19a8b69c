"""Groups of similar blocks: k-means on block statistics."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import minmax_scale
from sklearn.utils.validation import check_is_fitted

from ._shared.containers import dask_array

Statistic = Callable[[np.ndarray], float]

BLOCK_STATISTICS: dict[str, Statistic] = {
    "mean": np.mean,
    "std": np.std,
    "5%": lambda entries: np.percentile(entries, 5),
    "95%": lambda entries: np.percentile(entries, 95),
    "max": np.max,
    "min": np.min,
}
MAX_GROUPS = 10


@dataclass(frozen=True)
class BlockGroups:
    """Groups of blocks, as `refine_blocks` returns them.

    Attributes
    ----------
    labels : ndarray of shape (n_row_clusters, n_column_clusters), dtype int32
        Group of each block; -1 for a block without observed entries.
    n_groups : int
        Number of groups.
    statistics : ndarray of shape (n_row_clusters, n_column_clusters, n_statistics), float64
        The statistics before scaling; NaN for a block without observed entries.
    statistic_names : tuple of str
        Their names.
    group_means : ndarray of shape (n_groups, n_statistics), dtype float64
        Mean statistics of the blocks in each group.
    silhouette_scores : dict of int to float
        Mean silhouette for each number of groups that was tried.
    """

    labels: np.ndarray
    n_groups: int
    statistics: np.ndarray
    statistic_names: tuple[str, ...]
    group_means: np.ndarray
    silhouette_scores: dict[int, float]


def refine_blocks(
    est: Any,
    X: Any,
    k_range: Iterable[int] | None = None,
    *,
    statistics: Mapping[str, Statistic] | None = None,
    random_state: Any = None,
) -> BlockGroups:
    """Group the blocks of a co-clustering by the statistics of their entries.

    Blocks that are apart in the matrix may hold the same values: k-means of their statistics,
    each scaled to [0, 1], finds such groups, and the mean silhouette chooses their number.

    Parameters
    ----------
    est : estimator
        Fitted; it has ``row_labels_`` and ``column_labels_``.
    X : array-like, sparse matrix, DataFrame or DataArray of shape (n_rows, n_columns)
        The matrix of the fit. NaN are left out; zeros that a sparse matrix does not store count.
    k_range : iterable of int, default=None
        Numbers of groups to try; None tries 2 to 10, below the number of different blocks.
    statistics : dict of str to callable, default=None
        Each is given the entries of a block, as an array of shape (n_entries,), dtype float64,
        and returns a number. None takes mean, std, 5 %, 95 %, max and min.
    random_state : int, RandomState or None, default=None
        Seed of k-means.

    Returns
    -------
    groups : BlockGroups
        Group of each block, statistics and silhouettes.

    Raises
    ------
    TypeError
        When X is a dask array.
    ValueError
        When X does not have the shape of the fit, a statistic is not finite, or no number in
        `k_range` suits the number of different blocks.

    References
    ----------
    The k-means step of the CGC package, Nattino et al., JOSS 7(72):4032 (2022).
    https://doi.org/10.21105/joss.04032

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster import BBAC, refine_blocks
    >>> X = np.kron([[0.0, 5.0, 9.0], [5.0, 0.0, 9.1]], np.ones((3, 4)))
    >>> est = BBAC(n_row_clusters=2, n_column_clusters=3).fit(X)
    >>> refine_blocks(est, X, k_range=[3], random_state=0).n_groups
    3
    """
    check_is_fitted(est)
    chosen = BLOCK_STATISTICS if statistics is None else dict(statistics)
    table = _block_statistics(est, X, chosen)
    flat = table.reshape(-1, len(chosen))
    filled = ~np.isnan(flat).all(axis=1)
    points = minmax_scale(flat[filled])
    labels, scores = _best_kmeans(points, k_range, random_state)
    groups = np.full(len(flat), -1, np.int32)
    groups[filled] = labels
    n_groups = int(labels.max()) + 1
    return BlockGroups(
        labels=groups.reshape(table.shape[:2]),
        n_groups=n_groups,
        statistics=table,
        statistic_names=tuple(chosen),
        group_means=np.stack([flat[groups == g].mean(axis=0) for g in range(n_groups)]),
        silhouette_scores=scores,
    )


def _block_statistics(est: Any, X: Any, statistics: Mapping[str, Statistic]) -> np.ndarray:
    """Return the statistics of each block, NaN for blocks without observed entries."""
    if dask_array(X) is not None:
        raise TypeError(
            "refine_blocks needs all entries of a block at once, for percentiles, and X is a dask "
            "array: pass X.compute(), or a sample of its rows with an estimator fitted to it."
        )
    row_labels, column_labels = np.asarray(est.row_labels_), est.column_labels_
    X = X.tocsr() if hasattr(X, "tocsr") else np.asarray(X)
    if X.shape != (len(row_labels), len(column_labels)):
        raise ValueError(
            f"X has shape {X.shape}, but the co-clustering is of shape "
            f"{(len(row_labels), len(column_labels))}."
        )
    shape = est.block_means_.shape
    table = np.full((*shape, len(statistics)), np.nan)
    for g in range(shape[0]):
        rows = X[np.flatnonzero(row_labels == g)]
        for h in range(shape[1]):
            block = rows[:, np.flatnonzero(column_labels == h)]
            entries = np.ravel(block.toarray() if hasattr(block, "toarray") else block)
            entries = entries[~np.isnan(entries)].astype(np.float64)
            if len(entries):
                table[g, h] = _evaluate(statistics, entries, g, h)
    return table


def _evaluate(statistics: Mapping[str, Statistic], entries: np.ndarray, g: int, h: int) -> list:
    values = [float(function(entries)) for function in statistics.values()]
    for name, value in zip(statistics, values, strict=True):
        if not np.isfinite(value):
            raise ValueError(f"Statistic {name!r} of block ({g}, {h}) is {value}.")
    return values


def _best_kmeans(
    points: np.ndarray, k_range: Iterable[int] | None, random_state: Any
) -> tuple[np.ndarray, dict[int, float]]:
    """Return the labels of the number of groups with the best mean silhouette, and all scores."""
    n_different = len(np.unique(points, axis=0))
    # The silhouette needs at least two groups and fewer groups than points.
    most = min(n_different, len(points) - 1)
    wanted = range(2, min(MAX_GROUPS, most) + 1) if k_range is None else k_range
    counts = sorted({int(k) for k in wanted if 2 <= k <= most})
    if not counts:
        raise ValueError(
            f"No number of groups in k_range lies in 2..{most}: there are {len(points)} blocks "
            f"with {n_different} different statistics."
        )
    best = np.zeros(len(points), np.int32)
    scores: dict[int, float] = {}
    for k in counts:
        labels = KMeans(k, n_init=10, random_state=random_state).fit_predict(points)
        score = float(silhouette_score(points, labels))
        if score > max(scores.values(), default=-np.inf):
            best = labels.astype(np.int32)
        scores[k] = score
    return best, scores
