"""From parameters to constraints: shares given or estimated, starts given or made."""

from typing import Any

import numpy as np

from .._shared.samples import is_large
from ._alternation import Memberships
from ._counts import Counts, make_counts
from ._data import Data, Side
from ._estimation import OVERLAP_ESTIMATES, Estimate
from ._oneway import kmeans
from ._sampled import take_sample
from ._starts import INITS, ONE_WAY_INITS, check_memberships


def find_shares(
    data: Data,
    side: Side,
    n_clusters: int,
    given: tuple[Any, Any],
    spread: float,
    rng: np.random.RandomState,
) -> tuple[float, float]:
    """Return overlap and outliers of one side, estimated where they are strings.

    Of a large matrix, a sample of the rows is looked at.
    """
    overlap, outliers = given
    if isinstance(overlap, str) or isinstance(outliers, str):
        if is_large(data.X):
            data = take_sample(data, n_clusters, rng)
        estimate = Estimate(kmeans(data, side, n_clusters, rng), spread)
        overlap = OVERLAP_ESTIMATES[overlap](estimate) if isinstance(overlap, str) else overlap
        outliers = estimate.outliers() if isinstance(outliers, str) else outliers
    return float(overlap), float(outliers)


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
        used = find_shares(data, side, k, given, float(estimator.overlap_spread), rng)
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


def given_rows(init: Any, counts: Counts) -> np.ndarray | None:
    """Return the memberships that `init` of NEOKMeans holds, None when it names a method."""
    if isinstance(init, str):
        return None
    if np.ndim(init) != 2:
        raise ValueError(f"init must be one of {ONE_WAY_INITS} or memberships.")
    return check_memberships("memberships", init, counts.n, counts.n_clusters)
