"""Bregman divergences: generator, slope, offset and domain."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from scipy.special import xlogy

from .domain import Domain, ValueDomain

TINY, HUGE = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)


@runtime_checkable
class DivergenceLike(Protocol):
    r"""What a user's own divergence object must have.

    The Bregman divergence of a convex generator :math:`\phi` is
    :math:`d(x, y) = \phi(x) - \phi(y) - \phi'(y) (x - y)`. All functions take and return arrays.

    Attributes
    ----------
    domain : tuple of (low, high, low_included, high_included)
        The values that an entry of X may take.
    """

    domain: Domain

    def generator(self, x: np.ndarray) -> np.ndarray:
        r"""Return :math:`\phi(x)`."""
        ...

    def slope(self, mean: np.ndarray) -> np.ndarray:
        r"""Return :math:`\phi'(\mu)`."""
        ...

    def offset(self, mean: np.ndarray) -> np.ndarray:
        r"""Return :math:`\phi'(\mu) \mu - \phi(\mu)`."""
        ...


class Divergence(ValueDomain):
    """Base of the built-in divergences, and the adapter of a user's own object."""

    missing_hint = "and missing entries need basis='C2'"
    # Means and their logarithms have a wide range; searches multiply sums.
    magnitudes = (0.0, 1e150)
    has_margin_bases = False
    # Whether what a block costs is in proportion to its values: sums may then be changed by
    # adding and taking off, for the rounding of a small block costs nothing beside a large one.
    tolerates_drift = False

    def generator(self, x: Any) -> np.ndarray:
        r"""Return :math:`\phi(x)`."""
        raise NotImplementedError

    def slope(self, mean: Any) -> np.ndarray:
        r"""Return :math:`\phi'(\mu)`."""
        raise NotImplementedError

    def offset(self, mean: Any) -> np.ndarray:
        r"""Return :math:`\phi'(\mu) \mu - \phi(\mu)`."""
        raise NotImplementedError

    def divergence(self, x: Any, y: Any) -> np.ndarray:
        """Return d(x, y) entry by entry, both broadcast."""
        y = self.interior(y)
        return self.generator(x) - self.generator(y) - self.slope(y) * (x - y)

    def interior(self, mean: np.ndarray) -> np.ndarray:
        """Move means off the borders of the domain, where slopes are infinite.

        The objective changes by less than its rounding, and every cost becomes finite: a block
        of mean 0 under the I-divergence costs an entry x > 0 about 708 x, not infinity.
        """
        low, high = self.domain[:2]
        if low > -np.inf:
            mean = np.maximum(mean, low + TINY if low == 0 else np.nextafter(low, np.inf))
        return np.minimum(mean, np.nextafter(high, -np.inf)) if high < np.inf else mean

    def relative_slope(self, mean: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return slope(mean) - slope(reference), without cancellation where that is possible."""
        return self.slope(self.interior(mean)) - self.slope(self.interior(reference))

    def relative_offset(self, mean: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return offset(mean) - offset(reference)."""
        return self.offset(self.interior(mean)) - self.offset(self.interior(reference))

    def margin_offset(
        self, mean: np.ndarray, reference: np.ndarray, keeps_own: bool, other: Any
    ) -> np.ndarray:
        """Return the offset per unit of weight of a basis that keeps margins.

        `keeps_own` says that the margin of the relabelled side is kept; `other` holds the means
        of the clusters of the other side, or 0.0 where the basis does not keep those.
        """
        raise NotImplementedError


class SquaredEuclidean(Divergence):
    """Squared difference: phi(x) = x^2 on the reals."""

    name = "squared_euclidean"
    magnitudes = ValueDomain.magnitudes
    tolerates_drift = True
    has_margin_bases = True

    def generator(self, x: Any) -> np.ndarray:
        """Return x^2."""
        return np.square(x)

    def slope(self, mean: Any) -> np.ndarray:
        """Return 2 mu."""
        return 2.0 * np.asarray(mean)

    def offset(self, mean: Any) -> np.ndarray:
        """Return mu^2."""
        return np.square(mean)

    def divergence(self, x: Any, y: Any) -> np.ndarray:
        """Return (x - y)^2."""
        return np.square(x - y)

    def relative_slope(self, mean: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return 2 (mean - reference)."""
        return 2.0 * (mean - reference)

    def relative_offset(self, mean: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """Return mean^2 - reference^2, factored: data far from zero would cancel."""
        return (mean - reference) * (mean + reference)

    def margin_offset(
        self, mean: np.ndarray, reference: np.ndarray, keeps_own: bool, other: Any
    ) -> np.ndarray:
        """Return the block-mean offset of the centred data, plus what centring takes off."""
        centred = mean - reference
        return centred * centred + 2.0 * centred * other


class IDivergence(Divergence):
    """Generalised Kullback-Leibler divergence: phi(x) = x log x - x on x >= 0."""

    name = "i_divergence"
    tolerates_drift = True
    domain = (0.0, np.inf, True, False)
    has_margin_bases = True

    def generator(self, x: Any) -> np.ndarray:
        """Return x log x - x, with 0 log 0 = 0."""
        return xlogy(x, x) - x

    def slope(self, mean: Any) -> np.ndarray:
        """Return log mu."""
        return np.log(mean)

    def offset(self, mean: Any) -> np.ndarray:
        """Return mu."""
        return np.asarray(mean)

    def divergence(self, x: Any, y: Any) -> np.ndarray:
        """Return x log(x / y) - x + y, with d(0, 0) = 0."""
        # A ratio that leaves the range of floating point would cost infinity; an x of 0 costs y
        # whatever the ratio.
        with np.errstate(over="ignore"):
            ratio = np.clip(x / self.interior(y), TINY, HUGE)
        return xlogy(x, ratio) - x + y

    def margin_offset(
        self, mean: np.ndarray, reference: np.ndarray, keeps_own: bool, other: Any
    ) -> np.ndarray:
        """Return mu - reference, 0 where the own margin is kept: the approximation sums to it."""
        return np.zeros_like(mean) if keeps_own else mean - reference


class ItakuraSaito(Divergence):
    """Itakura-Saito distance: phi(x) = -log x on x > 0; it does not depend on scale."""

    name = "itakura_saito"
    domain = (0.0, np.inf, False, False)

    def generator(self, x: Any) -> np.ndarray:
        """Return -log x."""
        return -np.log(x)

    def slope(self, mean: Any) -> np.ndarray:
        """Return -1 / mu."""
        return -1.0 / np.asarray(mean)

    def offset(self, mean: Any) -> np.ndarray:
        """Return log mu - 1."""
        return np.log(mean) - 1.0

    def divergence(self, x: Any, y: Any) -> np.ndarray:
        """Return x / y - log(x / y) - 1."""
        # log(x / y) would be infinite where x / y underflows.
        y = self.interior(y)
        return x / y - (np.log(x) - np.log(y)) - 1.0


class LogisticLoss(Divergence):
    """Logistic loss: phi(x) = x log x + (1 - x) log(1 - x) on 0 <= x <= 1."""

    name = "logistic"
    domain = (0.0, 1.0, True, True)

    def generator(self, x: Any) -> np.ndarray:
        """Return x log x + (1 - x) log(1 - x)."""
        return xlogy(x, x) + xlogy(1.0 - x, 1.0 - x)

    def slope(self, mean: Any) -> np.ndarray:
        """Return the logit of mu."""
        return np.log(mean) - np.log1p(-np.asarray(mean))

    def offset(self, mean: Any) -> np.ndarray:
        """Return -log(1 - mu)."""
        return -np.log1p(-np.asarray(mean))

    def divergence(self, x: Any, y: Any) -> np.ndarray:
        """Return x log(x / y) + (1 - x) log((1 - x) / (1 - y))."""
        y = self.interior(y)
        return xlogy(x, x / y) + xlogy(1.0 - x, (1.0 - x) / (1.0 - y))


class _Adapter(Divergence):
    """A user's own object in the clothes of a built-in divergence."""

    def __init__(self, user: DivergenceLike) -> None:
        self.user = user
        self.name = str(getattr(user, "name", type(user).__name__))
        self.domain = user.domain

    def generator(self, x: Any) -> np.ndarray:
        return np.asarray(self.user.generator(x))

    def slope(self, mean: Any) -> np.ndarray:
        return np.asarray(self.user.slope(mean))

    def offset(self, mean: Any) -> np.ndarray:
        return np.asarray(self.user.offset(mean))


DIVERGENCES: dict[str, Divergence] = {
    d.name: d for d in (SquaredEuclidean(), IDivergence(), ItakuraSaito(), LogisticLoss())
}


def get_divergence(divergence: "str | DivergenceLike") -> Divergence:
    """Return the divergence of a name, or a user's own object made usable.

    Parameters
    ----------
    divergence : str or object
        A built-in name or an object as described by `DivergenceLike`.

    Returns
    -------
    divergence : Divergence
        The divergence.

    Raises
    ------
    ValueError
        When the name is unknown.
    TypeError
        When an object lacks a needed attribute.

    Examples
    --------
    >>> from skcocluster._shared.divergences import get_divergence
    >>> float(get_divergence("squared_euclidean").divergence(3.0, 1.0))
    4.0
    """
    if isinstance(divergence, Divergence):
        return divergence
    if isinstance(divergence, str):
        if divergence not in DIVERGENCES:
            raise ValueError(
                f"divergence={divergence!r} is not one of {tuple(DIVERGENCES)}; an object with "
                "generator, slope, offset and domain is accepted too."
            )
        return DIVERGENCES[divergence]
    needed = ("generator", "slope", "offset", "domain")
    missing = [a for a in needed if not hasattr(divergence, a)]
    if missing:
        raise TypeError(f"The divergence object lacks {', '.join(missing)}; it needs {needed}.")
    return _Adapter(divergence)
