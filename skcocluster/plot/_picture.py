"""What a display holds, computed from the matrix: order, pixels, means, ranges, stored entries."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..metrics._checks import check_labels
from ._order import arrange, cluster_groups
from ._raster import Sources, collect_entries, group_means, group_ranges, pixel_groups

OVERLAPS = ("closest", "repeat")
# More dots than this are neither drawn in a moment nor told apart.
MAX_DOTS = 200_000


@dataclass(frozen=True)
class Lines:
    """Rows, or columns, as they are drawn: one line each, or one for each of its clusters.

    Parameters
    ----------
    clusters : ndarray of shape (n_clusters,), dtype int
        Labels of the non-empty clusters, -1 last.
    groups : ndarray of shape (n_lines,), dtype intp
        Position in `clusters` of each line.
    source : ndarray of shape (n_lines,), dtype intp, default=None
        Row of X behind each line, sorted. None: each is drawn once.
    n_hidden : int, default=0
        Number of those that are in several clusters and drawn in one.
    """

    clusters: np.ndarray
    groups: np.ndarray
    source: np.ndarray | None = None
    n_hidden: int = 0

    @property
    def sizes(self) -> np.ndarray:
        """Number of lines of each cluster."""
        return np.bincount(self.groups, minlength=self.clusters.size)

    def order(self, ranks: np.ndarray) -> np.ndarray:
        """Lines in drawing order, for the places of the clusters."""
        return np.argsort(ranks[self.groups], kind="stable")


def lines_of_labels(labels: np.ndarray, memberships: np.ndarray | None = None) -> Lines:
    """Each line once, with its label; `memberships` only tell how many that hides."""
    n_hidden = 0 if memberships is None else np.count_nonzero(memberships.sum(axis=1) > 1)
    return Lines(*cluster_groups(labels), n_hidden=int(n_hidden))


def lines_of_memberships(memberships: np.ndarray) -> Lines:
    """A line for each membership, and one for each that is in no cluster."""
    in_none = ~memberships.any(axis=1, keepdims=True)
    source, labels = np.nonzero(np.hstack([memberships, in_none]))
    labels = np.where(labels == memberships.shape[1], -1, labels)
    return Lines(*cluster_groups(labels), source=source)


@dataclass(frozen=True)
class Fitted:
    """What is known of the picture before X is read.

    Parameters
    ----------
    lines : tuple of Lines
        Of rows and of columns.
    order : {"mean", "diagonal", "label"}
        Order of the clusters.
    ranges : tuple of 2 ndarray, default=None
        Smallest and largest entries of blocks by cluster, where they are known.
    """

    lines: tuple[Lines, Lines]
    order: str
    ranges: tuple[np.ndarray, np.ndarray] | None = None


def read_fitted(estimator: Any, shape: tuple[int, int], order: str | None, overlap: str) -> Fitted:
    """Rows and columns of a fitted estimator as they are to be drawn, checked against X."""
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(estimator, ["row_labels_", "column_labels_"])
    if overlap not in OVERLAPS:
        raise ValueError(f"overlap must be one of {', '.join(OVERLAPS)}, got {overlap!r}.")
    if order is None:
        order = "label" if hasattr(estimator, "n_clusters") else "mean"
    rows = _read_axis(estimator, "row", shape[0], overlap)
    columns = _read_axis(estimator, "column", shape[1], overlap)
    ranges = None
    # Its ranges do not cover what is in no cluster.
    if hasattr(estimator, "block_minima_") and -1 not in (rows.clusters[-1], columns.clusters[-1]):
        ranges = (estimator.block_minima_, estimator.block_maxima_)
    return Fitted((rows, columns), order, ranges)


def read_labels(
    shape: tuple[int, int], row_labels: ArrayLike, column_labels: ArrayLike, order: str
) -> Fitted:
    """Rows and columns by any labels, checked against X."""
    rows = lines_of_labels(check_labels(row_labels, shape[0], "row_labels"))
    columns = lines_of_labels(check_labels(column_labels, shape[1], "column_labels"))
    return Fitted((rows, columns), order)


def _read_axis(estimator: Any, axis: str, n: int, overlap: str) -> Lines:
    labels = check_labels(getattr(estimator, f"{axis}_labels_"), n, f"{axis}_labels_")
    memberships = getattr(estimator, f"{axis}_memberships_", None)
    if memberships is None and axis == "row":
        memberships = getattr(estimator, "memberships_", None)
    if memberships is None or overlap == "closest":
        return lines_of_labels(labels, memberships)
    return lines_of_memberships(np.asarray(memberships, dtype=bool))


def count_lines(order: np.ndarray) -> int:
    """Number of rows of X behind an order that has each at least once."""
    return int(order.max(initial=-1)) + 1


def check_memberships(memberships: ArrayLike, n: int, name: str) -> np.ndarray:
    """Memberships as a boolean array of n lines, or a ValueError."""
    array = np.asarray(memberships)
    if array.ndim != 2 or array.shape[0] != n:
        raise ValueError(f"{name} must have shape ({n}, n_clusters), got {array.shape}.")
    if array.dtype.kind not in "biuf" or not np.isin(array, (0, 1)).all():
        raise ValueError(f"{name} must be booleans, or 0 and 1.")
    return array.astype(bool)


def check_max_pixels(max_pixels: int) -> None:
    """Raise a ValueError where there would be no pixel."""
    if max_pixels < 1:
        raise ValueError(f"max_pixels must be at least 1, got {max_pixels}.")


def compute_picture(X: Any, fitted: Fitted, max_pixels: int, values: str) -> dict[str, Any]:
    """All parameters of a display.

    Parameters
    ----------
    X : ndarray, CSR array or dask array of shape (n_rows, n_columns)
        The matrix.
    fitted : Fitted
        Rows and columns as they are to be drawn.
    max_pixels : int
        Largest number of pixels on a side.
    values : str
        What will be drawn: "dots" and "ranges" need more of X than the others.

    Returns
    -------
    parameters : dict
        By name.
    """
    lines, ranges = fitted.lines, fitted.ranges
    groups = (lines[0].groups, lines[1].groups)
    shape = (lines[0].clusters.size, lines[1].clusters.size)
    sources: Sources = (lines[0].source, lines[1].source)
    means = group_means(X, *groups, shape, sources)
    sizes = (lines[0].sizes, lines[1].sizes)
    places = arrange(means, lines[0].clusters, lines[1].clusters, sizes, fitted.order)
    orders = tuple(a.order(np.argsort(b)) for a, b in zip(lines, places, strict=True))
    row_pixels, n_pixel_rows = pixel_groups(orders[0], max_pixels)
    column_pixels, n_pixel_columns = pixel_groups(orders[1], max_pixels)
    n_pixels = (n_pixel_rows, n_pixel_columns)
    parameters: dict[str, Any] = {
        "pixels": group_means(X, row_pixels, column_pixels, n_pixels, sources),
        "block_means": means[np.ix_(*places)],
        "n_hidden": (lines[0].n_hidden, lines[1].n_hidden),
    }
    if ranges is not None:
        ranges = _take_ranges(ranges, lines)
    elif values == "ranges":
        ranges = group_ranges(X, *groups, shape, sources)
    if ranges is not None:
        parameters["block_minima"], parameters["block_maxima"] = (
            r[np.ix_(*places)] for r in ranges
        )
    if values == "dots":
        parameters["dots"] = _place_dots(collect_entries(X, sources, MAX_DOTS), orders)
    for axis, side, place, o in zip(("row", "column"), lines, places, orders, strict=True):
        parameters[f"{axis}_clusters"] = side.clusters[place]
        parameters[f"{axis}_sizes"] = side.sizes[place]
        parameters[f"{axis}_order"] = o if side.source is None else side.source[o]
    return parameters


def _take_ranges(
    ranges: tuple[np.ndarray, np.ndarray], lines: tuple[Lines, Lines]
) -> tuple[np.ndarray, np.ndarray]:
    """Ranges of the clusters with members, in the order of these."""
    taken = np.ix_(lines[0].clusters, lines[1].clusters)
    return ranges[0][taken], ranges[1][taken]


def _place_dots(entries: tuple[np.ndarray, ...], orders: tuple[Any, ...]) -> tuple[Any, ...]:
    """Entries at the places where their lines are drawn, values of most weight last."""
    row, column, value = entries
    places = np.argsort(orders[0])[row], np.argsort(orders[1])[column]
    by_weight = np.argsort(np.abs(value), kind="stable")
    return tuple(array[by_weight] for array in (*places, value))
