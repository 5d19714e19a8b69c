"""From parameters to constraints: shares given or estimated, starts given or made."""

from typing import Any

import numpy as np

from ._alternation import Memberships
from ._counts import AUTO, Counts, make_counts
from ._data import Data, Side
from ._estimation import estimate
from ._oneway import kmeans
from ._starts import INITS, check_memberships


def find_shares(
    data: Data, side: Side, n_clusters: int, given: tuple[Any, Any], rng: np.random.RandomState
) -> tuple[float, float]:
    """Return overlap and outliers of one side, estimated where they are "auto"."""
    if AUTO not in [share for share in given if isinstance(share, str)]:
        return float(given[0]), float(given[1])
    estimated = estimate(kmeans(data, side, n_clusters, rng))
    overlap, outliers = (
        e if isinstance(share, str) else float(share)
        for e, share in zip(estimated, given, strict=True)
    )
    return overlap, outliers


def find_counts(
    estimator: Any, data: Data, n_clusters: tuple[int, int], rng: np.random.RandomState
) -> tuple[dict[Side, Counts], dict[str, float]]:
    """Return the constraints of NEOCC by side, and the shares by attribute."""
    counts: dict[Side, Counts] = {}
    shares = {}
    sides: tuple[tuple[Side, str], ...] = (("rows", "row"), ("columns", "column"))
    for (side, word), k in zip(sides, n_clusters, strict=True):
        names = f"{word}_overlap", f"{word}_outliers"
        given = getattr(estimator, names[0]), getattr(estimator, names[1])
        used = find_shares(data, side, k, given, rng)
        counts[side] = make_counts(names, *used, data.size(side), k)
        shares.update({f"{name}_": value for name, value in zip(names, used, strict=True)})
    return counts, shares


def given_start(init: Any, counts: dict[Side, Counts]) -> Memberships | None:
    """Return the memberships that `init` holds, None when it is the name of a method."""
    if isinstance(init, str):
        return None
    if not isinstance(init, (tuple, list)) or len(init) != 2:
        raise ValueError(f"init must be one of {INITS} or (row_memberships, column_memberships).")
    names = "row_memberships", "column_memberships"
    return {
        side: check_memberships(name, memberships, count.n, count.n_clusters)
        for name, memberships, (side, count) in zip(names, init, counts.items(), strict=True)
    }
