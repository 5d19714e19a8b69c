"""Row and column clusters of a checkerboard, and the pair of them that fits X best."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from .._kernels.blocks import COLUMN_SUMS, indicator
from .._kernels.engines import Engine
from .._kernels.primitive import Primitive
from .._shared.block_model import BlockModel, safe_divide
from .._shared.divergences import get_divergence
from .._shared.fitted_blocks import FittedBlocks
from .._shared.singular_vectors import SingularVectors
from .._shared.spectral_embedding import times
from ._points import Centres, Cloud

# k-means in one dimension, to see how near a vector is to a piecewise constant one.
PIECEWISE_STARTS = 5
TIE = 1e-9

Labels = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Sides:
    """Projections of both sides, and the centres that runs of k-means found.

    Attributes
    ----------
    rows, columns : ndarray of shape (n_rows, n_best), (n_columns, n_best), dtype float64
        Projections.
    axes : tuple of ndarray
        What rows, and what columns, are projected on.
    row_centres, column_centres : list of Centres
        Of the distinct partitions.
    """

    rows: np.ndarray
    columns: np.ndarray
    axes: tuple[np.ndarray, np.ndarray]
    row_centres: list[Centres]
    column_centres: list[Centres]

    def label(self, pair: tuple[Centres, Centres]) -> Labels:
        """Return the labels of both sides."""
        return pair[0].nearest(self.rows), pair[1].nearest(self.columns)


def find_sides(
    X: Any,
    vectors: SingularVectors,
    n_clusters: tuple[int, int],
    n_best: int,
    n_init: int,
    n_jobs: int | None,
    rng: np.random.RandomState,
) -> Sides:
    """Choose vectors, project X on them and run k-means on the projections."""
    n_row_clusters, n_column_clusters = n_clusters
    over_columns = best_piecewise(vectors.right, n_best, n_column_clusters, rng)
    over_rows = best_piecewise(vectors.left, n_best, n_row_clusters, rng)
    rows, columns = times(X, over_columns), times(X.T, over_rows)
    # Run by run, so that more runs include the fewer.
    seeds = rng.randint(np.iinfo(np.int32).max, size=(n_init, 2)).T
    return Sides(
        rows,
        columns,
        (over_columns, over_rows),
        distinct_centres(rows, n_row_clusters, seeds[0], n_jobs),
        distinct_centres(columns, n_column_clusters, seeds[1], n_jobs),
    )


def best_piecewise(
    vectors: np.ndarray, n_best: int, n_pieces: int, rng: np.random.RandomState
) -> np.ndarray:
    """Return the vectors, of length 1, nearest to constants on `n_pieces` clusters each.

    Ties go to the larger singular value. Zero vectors, which stand for rounding, come last.
    """
    distances = []
    for vector in vectors.T:
        points = vector[:, None]
        centres = Cloud(points, n_pieces).find_centres(rng, n_init=PIECEWISE_STARTS)
        distances.append(_squared_error(points, centres) if vector.any() else np.inf)
    ranks = np.round(np.nan_to_num(distances, posinf=2.0) / TIE)
    return vectors[:, np.argsort(ranks, kind="stable")[:n_best]]


def _squared_error(points: np.ndarray, centres: Centres) -> float:
    return float(np.square(points - centres.points[centres.nearest(points)]).sum())


def distinct_centres(
    points: np.ndarray, n_clusters: int, seeds: np.ndarray, n_jobs: int | None
) -> list[Centres]:
    """Return the centres of each partition that runs of k-means find, once."""
    # Zero lines have no direction, so no say in where the centres are.
    cloud = Cloud(points[points.any(axis=1)], n_clusters)
    tasks = (delayed(cloud.find_centres)(np.random.RandomState(s)) for s in seeds)
    found: dict[bytes, Centres] = {}
    for centres in Parallel(n_jobs=n_jobs, require="sharedmem")(tasks):
        ordered, _ = centres.numbered_by(centres.nearest(points))
        found.setdefault(ordered.nearest(points).tobytes(), ordered)
    return list(found.values())


def best_pair(
    engine: Engine, X: Any, sides: Sides, n_clusters: tuple[int, int]
) -> tuple[Centres, Centres]:
    """Return the pair of partitions whose block means explain most; of equals the first."""
    if len(sides.row_centres) == len(sides.column_centres) == 1:
        return sides.row_centres[0], sides.column_centres[0]
    best, pair = -np.inf, (sides.row_centres[0], sides.column_centres[0])
    labels_of_rows = [rows.nearest(sides.rows) for rows in sides.row_centres]
    all_sums = engine.run_all(X, [_column_sums(labels, n_clusters[0]) for labels in labels_of_rows])
    for rows, row_labels, (sums,) in zip(sides.row_centres, labels_of_rows, all_sums, strict=True):
        row_sizes = np.bincount(row_labels, minlength=n_clusters[0])
        for columns in sides.column_centres:
            column_labels = columns.nearest(sides.columns)
            blocks = sums @ indicator(column_labels, n_clusters[1])
            sizes = np.outer(row_sizes, np.bincount(column_labels, minlength=n_clusters[1]))
            value = float(safe_divide(np.square(blocks), sizes, 0.0).sum())
            if value > best + TIE * abs(best) or best == -np.inf:
                best, pair = value, (rows, columns)
    return pair


def _column_sums(row_labels: np.ndarray, n_labels: int) -> tuple[Primitive, dict[str, Any]]:
    options = {"row_labels": row_labels, "n_row_clusters": n_labels, "missing": False}
    return COLUMN_SUMS, options


def fitted_blocks(
    engine: Engine, X: Any, labels: Labels, n_clusters: tuple[int, int]
) -> FittedBlocks:
    """Return the block means of X under the squared Euclidean distance."""
    row_labels, column_labels = labels
    ((columns,),) = engine.run_all(X, [_column_sums(row_labels, n_clusters[0])])
    sums = columns @ indicator(column_labels, n_clusters[1])
    sizes = [np.bincount(side, minlength=n) for side, n in zip(labels, n_clusters, strict=True)]
    return FittedBlocks(
        BlockModel(get_divergence("squared_euclidean"), "C2"),
        sums,
        np.outer(*sizes).astype(np.float64),
        row_labels,
        column_labels,
        columns.sum(axis=0) / X.shape[0],
    )
