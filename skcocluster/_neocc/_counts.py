"""How many memberships and how many covered points: overlap and outliers in whole numbers."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

AUTO, AUTO_SPREAD = "auto", "auto-spread"
# How an overlap and a share of outliers can be estimated.
ESTIMATED_OVERLAP, ESTIMATED_OUTLIERS = (AUTO, AUTO_SPREAD), (AUTO,)
# Shares such as 0.29 have no exact binary form: what is a half up to this counts as one.
HALF_DECIMALS = 9


def round_half_away(value: float) -> int:
    """Return the nearest whole number; halves go away from zero."""
    value = round(float(value), HALF_DECIMALS)
    return int(np.sign(value) * np.floor(abs(value) + 0.5))


@dataclass(frozen=True)
class Counts:
    """The constraints of one side.

    Attributes
    ----------
    n, n_clusters : int
        Points and clusters.
    n_assignments : int
        Memberships in all.
    n_covered : int
        Points that must be in some cluster.
    """

    n: int
    n_clusters: int
    n_assignments: int
    n_covered: int

    def ramp(self, share: float) -> "Counts":
        """Return the counts with a share of the memberships that exceed one for each point."""
        base = min(self.n_assignments, max(self.n_covered, self.n))
        extra = round_half_away(share * (self.n_assignments - base))
        return Counts(self.n, self.n_clusters, base + extra, self.n_covered)

    def scaled(self, n: int) -> "Counts":
        """Return the counts of a sample of `n` points: the same shares, as nearly as possible."""
        n_covered = round_half_away(n * self.n_covered / self.n)
        n_assignments = round_half_away(n * self.n_assignments / self.n)
        n_covered = min(max(n_covered, 1), n)
        n_assignments = min(max(n_assignments, n_covered), n * self.n_clusters)
        return Counts(n, self.n_clusters, n_assignments, n_covered)


def check_share(name: str, value: Any, estimates: tuple[str, ...]) -> None:
    """Check an overlap or a share of outliers: a number, or how it is estimated."""
    if isinstance(value, str) and value in estimates:
        return
    if isinstance(value, (bool, str)) or not isinstance(value, Real):
        names = " or ".join(map(repr, estimates))
        raise TypeError(f"{name} must be a number or {names}, got {value!r}.")
    if not np.isfinite(float(value)):
        raise ValueError(f"{name}={value} must be finite.")


def make_counts(
    names: tuple[str, str], overlap: float, outliers: float, n: int, n_clusters: int
) -> Counts:
    """Return the counts of one side.

    Parameters
    ----------
    names : tuple of str
        How errors call the overlap and the outliers.
    overlap, outliers : float
        Shares of the `n` points.
    n, n_clusters : int
        Points and clusters.

    Returns
    -------
    counts : Counts
        Whole numbers, halves rounded away from zero.

    Raises
    ------
    ValueError
        When no assignment has these counts.
    """
    extra, out = round_half_away(overlap * n), round_half_away(outliers * n)
    given = f"{names[0]}={overlap:g}, {names[1]}={outliers:g}"
    if not 0 <= out < n:
        raise ValueError(
            f"{given}: the number of outliers, round({outliers:g} * {n}) = {out}, must satisfy "
            f"0 <= outliers < {n}."
        )
    if extra < -out:
        raise ValueError(
            f"{given} is infeasible: {names[0]} >= -{names[1]} must hold, but round({overlap:g} * "
            f"{n}) = {extra} < {-out}."
        )
    if n + extra > n * n_clusters:
        raise ValueError(
            f"{given} is infeasible: n + round({names[0]} * n) <= n * n_clusters must hold, but "
            f"{n} + {extra} > {n} * {n_clusters}."
        )
    return Counts(n, n_clusters, n + extra, n - out)
