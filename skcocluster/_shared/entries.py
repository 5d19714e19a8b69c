"""Entries that an objective cannot take: found, described, raised."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from .chunks import iter_parts
from .domain import ValueDomain

# What is looked for, in this order: the first kind that is found anywhere is reported.
KINDS = ("infinite", "missing", "huge", "zero that is not stored", "outside")


@dataclass(frozen=True)
class BadEntry:
    """An entry that cannot be taken.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    row, column, value
        Where it is, and what.
    what : str
        What is wrong with it.
    note : str
        What else there is to say of where it is.
    prefix : str
        How the message begins.
    """

    kind: str
    row: int
    column: int
    value: float
    what: str
    note: str = ""
    prefix: str = "Bad values in"

    def error(self, name: str, first_row: int = 0) -> ValueError:
        """Return the error for an estimator called `name`; row 0 is row `first_row` of X."""
        row = self.row + first_row
        return ValueError(
            f"{self.prefix} {name}: X[{row}, {self.column}] = {self.value:g} (row {row}, column "
            f"{self.column}{self.note}) is {self.what}."
        )


@dataclass(frozen=True)
class Inspection:
    """What a look at a matrix, or at a part of it, has found.

    Attributes
    ----------
    bad : tuple of BadEntry
        The first of each kind.
    missing : bool
        Whether any entry is NaN.
    observed : bool
        Whether any entry is not.
    largest : float
        Largest magnitude of an entry where none is large enough for the domain, else infinity.
    """

    bad: tuple[BadEntry, ...]
    missing: bool
    observed: bool
    largest: float


def check_entries(X: Any, domain: ValueDomain, name: str, allow_missing: bool) -> Inspection:
    """Check that observed entries are finite and in the domain; return what else was found."""
    found = inspect(X, domain, allow_missing)
    for bad in found.bad:
        raise bad.error(name)
    return found


def check_size(largest: float, domain: ValueDomain, name: str) -> None:
    """Raise ValueError when all entries are so small that their squares vanish."""
    least = domain.magnitudes[0]
    if 0 < largest < least:
        raise ValueError(
            f"{name} got X whose largest entry is {largest:g} in magnitude: squares of entries "
            f"below {least:g} vanish. Rescale X."
        )


def inspect(X: Any, domain: ValueDomain, allow_missing: bool) -> Inspection:
    """Return all that there is to know of the entries of a matrix."""
    squares = _sum_squares(X)
    bad = tuple(_iter_bad(X, domain, allow_missing, squares))
    missing = not np.isfinite(squares) and _any_missing(X)
    observed = not missing or _any_observed(X)
    return Inspection(bad, missing, observed, _find_largest(X, domain, squares))


def _find_largest(X: Any, domain: ValueDomain, squares: float) -> float:
    enough = domain.magnitudes[0]
    if squares >= enough:
        return np.inf
    parts = (np.fmax.reduce(np.abs(part), axis=None, initial=0.0) for _, part in _iter_values(X))
    largest = max(map(float, parts), default=0.0)
    return largest if largest < enough else np.inf


def _any_observed(X: Any) -> bool:
    """Return whether any entry is not NaN."""
    if sp.issparse(X) and X.nnz < X.shape[0] * X.shape[1]:
        return True
    return any(not np.isnan(part).all() for _, part in _iter_values(X))


def _values(X: Any) -> np.ndarray:
    return X.data if sp.issparse(X) else X


def _sum_squares(X: Any) -> float:
    """Return the sum of squares: in one read, a finite one proves that all entries are finite.

    Squares of finite entries may add up to infinity: then entries are looked at one by one.
    """
    values = _values(X)
    with np.errstate(over="ignore", invalid="ignore"):
        if values.flags.forc:
            # A view, and what one read of memory costs.
            return float(np.vdot(values.ravel(order="K"), values.ravel(order="K")))
        axes = list(range(values.ndim))
        return float(np.einsum(values, axes, values, axes, []))


def _iter_values(X: Any) -> Iterator[tuple[int, np.ndarray]]:
    return iter_parts(_values(X))


def _any_missing(X: Any) -> bool:
    return any(np.isnan(part).any() for _, part in _iter_values(X))


def _iter_bad(
    X: Any, domain: ValueDomain, allow_missing: bool, squares: float
) -> Iterator[BadEntry]:
    """Yield the first bad entry of each kind."""
    template = BadEntry(KINDS[0], 0, 0, 0.0, "infinity")
    if not np.isfinite(squares):
        yield from _first(X, np.isinf, template)
        if not allow_missing:
            hint = f"NaN, {domain.missing_hint}"
            yield from _first(X, np.isnan, replace(template, kind=KINDS[1], what=hint))
    # A float64 of NumPy: in the type of a float32 part, the bound would overflow.
    most = np.float64(domain.magnitudes[1])
    if not squares <= most:
        what = f"so large that sums overflow, as beyond {most:g}: rescale X"
        huge = replace(template, kind=KINDS[2], what=what)
        yield from _first(X, lambda part: np.abs(part) > most, huge)
    low, high = domain.domain[:2]
    if low == -np.inf and high == np.inf:
        return
    where = f"outside of the domain {domain.describe_domain()} of {domain.name!r}"
    template = replace(template, what=where)
    if sp.issparse(X) and not domain.contains(np.zeros(1))[0]:
        yield from _unstored_zero(X, replace(template, kind=KINDS[3]))
    yield from _first_outside(X, domain, replace(template, kind=KINDS[4]))


def _first_outside(X: Any, domain: ValueDomain, template: BadEntry) -> Iterator[BadEntry]:
    values = _values(X)
    if values.size == 0:
        return
    smallest, largest = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    if domain.contains(np.array([smallest, largest])).all():
        return

    def outside(part: np.ndarray) -> np.ndarray:
        return ~domain.contains(part) & ~np.isnan(part)

    if domain.domain[0] >= 0 and smallest < 0:
        template = replace(template, prefix="Negative values in data passed to")
    yield from _first(X, outside, template)


def _unstored_zero(X: Any, template: BadEntry) -> Iterator[BadEntry]:
    """Yield the first zero that a sparse matrix does not store."""
    short = np.flatnonzero(np.diff(X.indptr) < X.shape[1])
    if len(short):
        row = int(short[0])
        stored = X.indices[X.indptr[row] : X.indptr[row + 1]]
        column = int(np.setdiff1d(np.arange(X.shape[1]), stored)[0])
        note = "; a zero that sparse X does not store"
        yield replace(template, row=row, column=column, note=note)


def _first(
    X: Any, is_bad: Callable[[np.ndarray], np.ndarray], template: BadEntry
) -> Iterator[BadEntry]:
    """Yield the first bad entry in row-major order, if there is one."""
    values = _values(X)
    for start, part in iter_parts(values):
        bad = np.argwhere(is_bad(part))
        if len(bad) == 0:
            continue
        at = bad[0] + np.eye(1, part.ndim, dtype=int)[0] * start
        if sp.issparse(X):
            row = int(np.searchsorted(X.indptr, at[0], side="right") - 1)
            column, value = int(X.indices[at[0]]), values[at[0]]
        else:
            row, column = int(at[0]), int(at[1])
            value = values[row, column]
        yield replace(template, row=row, column=column, value=float(value))
        return
