"""Block sums, and distances to clusters, from sums over the clusters of the other side.

Both run over a matrix of sums, not over X. Distances are linear:
``distance[i, g] = base[i] + offset[g] - sums[i] @ slope[g]``. Terms are taken off one after the
other in every engine, so equal sums give equal distances to the last bit, and ties fall alike.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .compilation import inner, kernel
from .primitive import Output, Primitive


def _distances(
    sums: np.ndarray, base: np.ndarray, slope: np.ndarray, offset: np.ndarray
) -> tuple[np.ndarray]:
    values = base[:, None] + offset
    for channel in range(slope.shape[1]):
        values = values - sums[:, channel, None] * slope[:, channel]
    return (values,)


@kernel
def _fill_distances(sums, base, slope_t, offset, out):
    n_clusters = offset.shape[0]
    n_sums = sums.shape[1]
    first = n_sums - n_sums % 4
    for i in range(sums.shape[0]):
        line = out[i]
        row = sums[i]
        for g in range(n_clusters):
            line[g] = base[i] + offset[g]
        for c in range(0, first, 4):
            a0, a1, a2, a3 = row[c], row[c + 1], row[c + 2], row[c + 3]
            s0, s1, s2, s3 = slope_t[c], slope_t[c + 1], slope_t[c + 2], slope_t[c + 3]
            for g in range(n_clusters):
                line[g] = (((line[g] - a0 * s0[g]) - a1 * s1[g]) - a2 * s2[g]) - a3 * s3[g]
        for c in range(first, n_sums):
            value, slope = row[c], slope_t[c]
            for g in range(n_clusters):
                line[g] -= value * slope[g]


def _block_sums(sums: np.ndarray, memberships: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    blocks = memberships.T.astype(np.float64) @ sums
    return blocks, memberships.sum(axis=0, dtype=np.float64)


@inner
def _add_line(row, block):
    for c in range(row.shape[0]):
        block[c] += row[c]


@kernel
def _add_blocks(sums, memberships, blocks, sizes):
    """Add to blocks and sizes, which have one cluster more for what is in none."""
    n, n_clusters = memberships.shape
    for i in range(n):
        line, row = memberships[i], sums[i]
        # The first two clusters without a branch: where they lie cannot be foretold.
        first, second, count = n_clusters, n_clusters, 0
        for g in range(n_clusters):
            inside = line[g]
            second = g if inside and count == 1 else second
            first = g if inside and count == 0 else first
            count += inside
        sizes[first] += 1.0
        _add_line(row, blocks[first])
        if count > 1:
            for g in range(second, n_clusters):
                if line[g]:
                    sizes[g] += 1.0
                    _add_line(row, blocks[g])


def _block_sums_dense(sums: Any, params: Mapping[str, Any], outputs: Any) -> None:
    n_clusters = params["memberships"].shape[1]
    blocks, sizes = np.zeros((n_clusters + 1, sums.shape[1])), np.zeros(n_clusters + 1)
    _add_blocks(sums, params["memberships"], blocks, sizes)
    outputs[0][...] += blocks[:-1]
    outputs[1][...] += sizes[:-1]


def _distances_dense(sums: Any, params: Mapping[str, Any], outputs: Any) -> None:
    slope_t = np.ascontiguousarray(params["slope"].T)
    _fill_distances(sums, params["base"], slope_t, params["offset"], outputs[0])


def _n_clusters(params: Mapping[str, Any]) -> int:
    return params["memberships"].shape[1]


# Sums over the members of each cluster, which may overlap, and their numbers.
BLOCK_SUMS = Primitive(
    "sums of clusters that overlap",
    (
        Output("sum", lambda n, m, params: (_n_clusters(params), m)),
        Output("sum", lambda n, m, params: (_n_clusters(params),)),
    ),
    _block_sums,
    row_params=("memberships",),
    dense=_block_sums_dense,
)
DISTANCES = Primitive(
    "distances to clusters",
    (Output("concat", lambda n, m, params: (n, len(params["offset"]))),),
    _distances,
    row_params=("base",),
    dense=_distances_dense,
)
