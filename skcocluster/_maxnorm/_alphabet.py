"""The alphabet of a matrix: entries as integer codes, costs as what a code can reach.

All that matters about a cost is which entries may share a block. Differences are those of float64
subtraction of the entries as given; rounding never changes the order of differences with a common
end, so a block fits a cost exactly if its largest code is within the reach of its smallest.
"""

from copy import copy
from typing import Any

import numpy as np

from .._kernels.compilation import kernel

# So many differences are listed; of more, so many are sampled.
_LISTED = 100_000
_SAMPLED = 1001


class Alphabet:
    """Distinct entries of X in ascending order, and X in their terms.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_columns)
        Finite entries.

    Attributes
    ----------
    values : ndarray of shape (n_letters,), dtype float64
        Distinct entries, ascending.
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        ``values[codes]`` is X.
    """

    def __init__(self, X: Any) -> None:
        self.values, codes = np.unique(np.asarray(X, dtype=np.float64), return_inverse=True)
        self.codes = np.ascontiguousarray(codes.reshape(X.shape), dtype=np.int32)

    def with_codes(self, codes: np.ndarray) -> "Alphabet":
        """Return another matrix over the same letters."""
        other = copy(self)
        other.codes = np.ascontiguousarray(codes)
        return other

    def difference(self, low: Any, high: Any) -> Any:
        """Return the difference of two codes."""
        return self.values[high] - self.values[low]

    @property
    def full_range(self) -> float:
        """Difference of the largest and the smallest entry."""
        return float(self.values[-1] - self.values[0])

    def reach(self, cost: float) -> np.ndarray:
        """Return the largest code within `cost` of each code.

        Parameters
        ----------
        cost : float
            At least 0.

        Returns
        -------
        reach : ndarray of shape (n_letters,), dtype int32
            ``values[reach[a]] - values[a] <= cost``, and no larger code has this.
        """
        return _reach(self.values, cost)

    def next_above(self, cost: float) -> float:
        """Return the smallest difference above `cost`; infinity when there is none."""
        reach = self.reach(cost)
        inside = np.flatnonzero(reach < len(self.values) - 1)
        return float(self.difference(inside, reach[inside] + 1).min(initial=np.inf))

    def largest_below(self, cost: float) -> float:
        """Return the largest difference below `cost`; minus infinity when there is none."""
        if cost <= 0:
            return -np.inf
        reach = self.reach(np.nextafter(cost, -np.inf))
        return float((self.values[reach] - self.values).max())

    def between(
        self, low: float, high: float, rng: np.random.RandomState, share: float = 0.5
    ) -> float:
        """Return a difference from [low, high) that splits those there are in about this share.

        Parameters
        ----------
        low, high : float
            Two differences, low < high.
        rng : RandomState
            Samples the differences where they are too many to be listed.
        share : float, default=0.5
            Share of the differences in [low, high) that shall lie below the returned one.

        Returns
        -------
        difference : float
            From [low, high).
        """
        first, behind = self._first_at_least(low), self._first_at_least(high)
        ends = np.cumsum(behind - first)
        if ends[-1] <= _LISTED:
            picked = np.arange(ends[-1])
        else:
            picked = rng.randint(ends[-1], size=_SAMPLED)
        smaller = np.searchsorted(ends, picked, side="right")
        larger = behind[smaller] - ends[smaller] + picked
        found = self.difference(smaller, larger)
        rank = int(share * (len(found) - 1))
        return float(np.partition(found, rank)[rank])

    def _first_at_least(self, cost: float) -> np.ndarray:
        """Return for each code the smallest one at least `cost` above, n_letters when none is."""
        if cost <= 0:
            return np.arange(len(self.values))
        return self.reach(np.nextafter(cost, -np.inf)).astype(np.int64) + 1


@kernel
def _reach(values: np.ndarray, cost: float) -> np.ndarray:
    reach = np.empty(len(values), np.int32)
    end = 0
    for i in range(len(values)):
        # A larger start never reaches less far: one walk serves all.
        while end + 1 < len(values) and values[end + 1] - values[i] <= cost:
            end += 1
        reach[i] = end
    return reach
