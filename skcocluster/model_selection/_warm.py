"""Starts from the labels of a neighbour: clusters split, clusters merged."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from .._bbac import BBAC
from .._coclus import Coclus
from ._candidates import Counts

Labels = tuple[np.ndarray, np.ndarray]
# From any start, enough for the signs of a vector that stands out.
POWER_STEPS = 20
# Scales on which the noise of a mean hardly depends on the mean: where clusters are split in two.
STABILISERS: dict[Any, Callable[[np.ndarray], np.ndarray]] = {
    "i_divergence": np.sqrt,
    "itakura_saito": lambda means: np.log(np.maximum(means, np.finfo(np.float64).tiny)),
    "logistic": lambda means: np.arcsin(np.sqrt(np.clip(means, 0.0, 1.0))),
}


def takes_labels(estimator: Any) -> bool:
    """Return whether an estimator can start from labels, as far as a search knows."""
    return isinstance(estimator, (BBAC, Coclus))


def find_starts(
    model: Any, X: Any, labels: Labels, known: Counts, wanted: Counts
) -> list[dict[str, Any]]:
    """Return parameters with which a model starts from the labels of a neighbour.

    Parameters
    ----------
    model : BBAC or Coclus
        With the wanted numbers of clusters.
    X : ndarray or csr_array of shape (n_rows, n_columns)
        The data.
    labels : tuple (row_labels, column_labels)
        Of a fit with other numbers of clusters.
    known, wanted : tuple (n_row_clusters, n_column_clusters)
        The numbers of clusters of the labels, and of the starts.

    Returns
    -------
    starts : list of dict
        Parameters to set, for one run each, without further search.
    """
    find = _coclus_starts if isinstance(model, Coclus) else _bbac_starts
    inits = find(model, X, labels, known, wanted)
    return [{"init": init, "n_init": 1, "refine": None} for init in inits]


# -- blocks -----------------------------------------------------------------------------------


def _bbac_starts(model: Any, X: Any, labels: Labels, known: Counts, wanted: Counts) -> list[Any]:
    # A row or column without any entry has the label -1, and may start anywhere.
    rows, columns = (np.maximum(side, 0) for side in labels)
    stabilise = STABILISERS.get(model.divergence) if isinstance(model.divergence, str) else None
    row_profiles = make_profiles(X, columns, stabilise)
    new_rows = change_number(row_profiles, rows, known[0], wanted[0])
    column_profiles = make_profiles(X.T, new_rows, stabilise)
    return [(new_rows, change_number(column_profiles, columns, known[1], wanted[1]))]


def make_profiles(
    X: Any, other_labels: np.ndarray, stabilise: Callable[[np.ndarray], np.ndarray] | None = None
) -> np.ndarray:
    """Return lines as points: their means over the clusters of the other side.

    Squared distances of points are what lines differ by as a whole: coordinates are weighted by
    the roots of the clusters' sizes. Where a line has no entry, its own mean stands in.
    """
    n_clusters = int(other_labels.max()) + 1
    sizes = np.bincount(other_labels, minlength=n_clusters).astype(np.float64)
    members = sp.csr_array(
        (np.ones(len(other_labels)), (np.arange(len(other_labels)), other_labels)),
        shape=(len(other_labels), n_clusters),
    )
    sums, missing = _sum_observed(X, members)
    counts = sizes - missing
    totals, n_entries = sums.sum(axis=1), counts.sum(axis=1)
    own = np.divide(totals, n_entries, out=np.zeros_like(totals), where=n_entries > 0)
    filler = np.repeat(own[:, None], n_clusters, axis=1)
    means = np.divide(sums, counts, out=filler, where=counts > 0)
    return (means if stabilise is None else stabilise(means)) * np.sqrt(sizes)


def _sum_observed(X: Any, members: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of lines over clusters, and the numbers of their missing entries."""
    if sp.issparse(X):
        missing = X.astype(np.float64)
        missing.data = np.isnan(missing.data).astype(np.float64)
        filled = X.astype(np.float64)
        filled.data = np.nan_to_num(filled.data)
        return (filled @ members).toarray(), (missing @ members).toarray()
    absent = np.isnan(X)
    # From the right, sparse products take dense arrays as they are.
    sums = (members.T @ np.where(absent, 0.0, X).T).T
    return sums, (members.T @ absent.T.astype(np.float64)).T


def change_number(profiles: np.ndarray, labels: np.ndarray, known: int, wanted: int) -> np.ndarray:
    """Return labels of another number of clusters, by splits or merges of least squares."""
    labels = labels.copy()
    for new in range(known, wanted):
        upper = max((_bisect(profiles, labels == g) for g in range(new)), key=lambda half: half[0])
        labels[upper[1]] = new
    for number in range(known, wanted, -1):
        labels = _merge_closest(profiles, labels, number)
    return labels.astype(np.int32)


def _bisect(profiles: np.ndarray, members: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the gain of cutting a cluster across its longest axis, and the upper half."""
    indices = np.flatnonzero(members)
    if len(indices) < 2:
        return -1.0, indices[:0]
    centred = profiles[indices] - profiles[indices].mean(axis=0)
    axis = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    upper = centred @ axis > 0
    n_upper = np.count_nonzero(upper)
    if n_upper in (0, len(indices)):
        return 0.0, indices[:0]
    shift = centred[upper].mean(axis=0)
    gain = float(n_upper * len(indices) / (len(indices) - n_upper) * (shift @ shift))
    return gain, indices[upper]


def _merge_closest(profiles: np.ndarray, labels: np.ndarray, number: int) -> np.ndarray:
    """Return labels after the merge that adds least squares; the last label is then free."""
    sizes = np.bincount(labels, minlength=number)
    members = np.arange(number)[:, None] == labels
    centres = (members @ profiles) / np.maximum(sizes, 1)[:, None]
    distances = np.square(centres[:, None] - centres).sum(axis=2)
    weights = sizes[:, None] * sizes / np.maximum(sizes[:, None] + sizes, 1)
    return _merge(labels, *_least_pair(distances * weights), number)


def _least_pair(costs: np.ndarray) -> tuple[int, int]:
    upper = np.triu_indices(len(costs), 1)
    best = int(np.argmin(costs[upper]))
    return int(upper[0][best]), int(upper[1][best])


def _merge(labels: np.ndarray, kept: int, gone: int, number: int) -> np.ndarray:
    labels = np.where(labels == gone, kept, labels)
    return np.where(labels == number - 1, gone, labels) if gone < number - 1 else labels


# -- co-clusters on the diagonal --------------------------------------------------------------


def _coclus_starts(model: Any, X: Any, labels: Labels, known: Counts, wanted: Counts) -> list[Any]:
    rows, columns = labels
    number, aim = known[0], wanted[0]
    if aim > number:
        # The neighbour's own labels too: co-clusters may stay empty, so no more clusters are worse.
        return [columns, _split_coclusters(X, rows, columns, number, aim)]
    for n in range(number, aim, -1):
        pair = _least_pair(-_merge_gains(X, rows, columns, n, model.resolution))
        rows, columns = (_merge(side, *pair, n) for side in (rows, columns))
    return [columns.astype(np.int32)]


def _merge_gains(
    X: Any, rows: np.ndarray, columns: np.ndarray, number: int, resolution: float
) -> np.ndarray:
    """Return N times what modularity gains, up to a common factor, by merges of all pairs."""
    members = (np.arange(number)[:, None] == columns).astype(np.float64)
    sums = (np.arange(number)[:, None] == rows).astype(np.float64) @ (X @ members.T)
    row_totals, column_totals = sums.sum(axis=1), sums.sum(axis=0)
    total = max(sums.sum(), np.finfo(np.float64).tiny)
    gains = sums - resolution * np.outer(row_totals, column_totals) / total
    return gains + gains.T


def _split_coclusters(
    X: Any, rows: np.ndarray, columns: np.ndarray, number: int, aim: int
) -> np.ndarray:
    """Return column labels after splits of the co-clusters that are least like one block."""
    columns = columns.copy()
    halves = [_halve(X, rows == k, columns == k) for k in range(number)]
    order = np.argsort([-gain for gain, _ in halves], kind="stable")
    for new, k in zip(range(number, aim), order, strict=False):
        columns[halves[k][1]] = new
    return columns.astype(np.int32)


def _halve(X: Any, rows: np.ndarray, columns: np.ndarray) -> tuple[float, np.ndarray]:
    """Return what two halves of a co-cluster gain over one, and the columns of the second.

    Halves are the signs of the leading singular vectors, of the part scaled by the roots of its
    margins and without the pair that these explain.
    """
    members = np.flatnonzero(columns)
    part = X[np.flatnonzero(rows)][:, members]
    row_totals, column_totals = (np.asarray(part.sum(axis=axis), float).ravel() for axis in (1, 0))
    total = row_totals.sum()
    if min(part.shape) < 2 or total <= 0:
        return -1.0, members[:0]
    row_roots, column_roots = np.sqrt(row_totals), np.sqrt(column_totals)
    row_scale, column_scale = (
        np.divide(1.0, roots, out=np.zeros_like(roots), where=roots > 0)
        for roots in (row_roots, column_roots)
    )
    right = np.random.RandomState(0).standard_normal(len(members))
    for _ in range(POWER_STEPS):
        left = row_scale * (part @ (column_scale * right))
        left -= row_roots * (column_roots @ right) / total
        right = column_scale * (part.T @ (row_scale * left))
        right -= column_roots * (row_roots @ left) / total
        right /= max(np.linalg.norm(right), np.finfo(np.float64).tiny)
    upper = right > 0
    inside = (part[np.flatnonzero(left > 0)] @ upper).sum()
    # Of two by two blocks, all else follows from one of them and the margins.
    above, beside = row_totals[left > 0].sum(), column_totals[upper].sum()
    return 2.0 * float(inside - above * beside / total), members[upper]
