"""Primitives over profiles (rows of sums) that halve all clusters at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .compilation import kernel
from .primitive import Output, Primitive


def _scatter(points: np.ndarray, labels: np.ndarray, centres: np.ndarray) -> tuple[np.ndarray]:
    inside = labels >= 0
    centred = points[inside] - centres[labels[inside]]
    total = np.zeros((len(centres), points.shape[1], points.shape[1]))
    np.add.at(total, labels[inside], centred[:, :, None] * centred[:, None, :])
    return (total,)


@kernel
def _scatter_loop(points, labels, centres, total):
    n_points, n_dimensions = points.shape
    centred = np.empty(n_dimensions)
    for i in range(n_points):
        g = labels[i]
        if g < 0:
            continue
        for a in range(n_dimensions):
            centred[a] = points[i, a] - centres[g, a]
        for a in range(n_dimensions):
            out = total[g, a]
            for b in range(n_dimensions):
                out[b] += centred[a] * centred[b]


def _scatter_compiled(points: Any, params: Mapping[str, Any], outputs: Any) -> None:
    _scatter_loop(points, params["labels"], params["centres"], outputs[0])


def _halves(
    points: np.ndarray, labels: np.ndarray, offset: np.ndarray, slope: np.ndarray
) -> tuple[np.ndarray]:
    inside = np.maximum(labels, 0)
    cost = offset[inside].copy()
    for c in range(points.shape[1]):
        cost -= points[:, c] * slope[inside, c]
    return (((cost < 0) & (labels >= 0)).astype(np.int8),)


@kernel
def _halves_loop(points, labels, offset, slope, second):
    for i in range(points.shape[0]):
        g = labels[i]
        cost = 0.0
        if g >= 0:
            cost = offset[g]
            for c in range(points.shape[1]):
                cost -= points[i, c] * slope[g, c]
        second[i] = 1 if cost < 0 else 0


def _halves_compiled(points: Any, params: Mapping[str, Any], outputs: Any) -> None:
    _halves_loop(points, params["labels"], params["offset"], params["slope"], outputs[0])


# Scatter matrices of points about their cluster's centre: the leading eigenvector is the
# direction in which a cluster is widest.
SCATTER = Primitive(
    "scatter by cluster",
    (Output("sum", lambda n, m, params: (len(params["centres"]), m, m)),),
    _scatter,
    row_params=("labels",),
    dense=_scatter_compiled,
)
# A point of cluster g goes to its second half where ``offset[g] - point @ slope[g] < 0``.
HALVES = Primitive(
    "halves of clusters",
    (Output("concat", lambda n, m, params: (n,), np.int8),),
    _halves,
    row_params=("labels",),
    dense=_halves_compiled,
)
