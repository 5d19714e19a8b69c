"""The values that an objective is defined for."""

import numpy as np

Domain = tuple[float, float, bool, bool]


class ValueDomain:
    """An interval and the name of what is defined on it, for checks and their messages.

    Attributes
    ----------
    name : str
        What is defined on the domain: a divergence or an objective.
    domain : tuple of (low, high, low_included, high_included)
        The values that an entry of X may take.
    missing_hint : str
        What an error about a missing entry advises.
    magnitudes : tuple of (low, high)
        No entry may be beyond `high`, and some entry must be beyond `low` unless all are zero: sums
        of squares, or of weights, would overflow or vanish.
    """

    name = "custom"
    domain: Domain = (-np.inf, np.inf, False, False)
    magnitudes = (1e-100, 1e100)
    missing_hint = "and missing entries are not supported: impute them, or use BBAC"

    def contains(self, x: np.ndarray) -> np.ndarray:
        """Return which values lie in the domain."""
        low, high, low_included, high_included = self.domain
        above = x >= low if low_included else x > low
        below = x <= high if high_included else x < high
        return above & below

    def describe_domain(self) -> str:
        """Return the domain in interval notation."""
        low, high, low_included, high_included = self.domain
        return f"{'[' if low_included else '('}{low:g}, {high:g}{']' if high_included else ')'}"


class RealValues(ValueDomain):
    """All finite numbers."""

    name = "real values"


class ComparedValues(RealValues):
    """Finite numbers of any size: they are compared and subtracted, never squared."""

    magnitudes = (0.0, np.inf)


class NonNegative(ValueDomain):
    """Weights: finite numbers from zero on, such as counts or tf-idf."""

    name = "non-negative weights"
    domain: Domain = (0.0, np.inf, True, False)


class ScaledWeights(NonNegative):
    """Weights that are scaled before anything else is done: as far as floating point is exact."""

    magnitudes = (1e-305, 1e303)
