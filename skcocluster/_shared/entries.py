"""Entries that an objective cannot take: found, described, raised."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp

from .chunks import iter_parts
from .domain import ValueDomain

# What is looked for, in this order: the first kind that is found anywhere is reported.
KINDS = ("infinite", "missing", "zero that is not stored", "outside")


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
    """

    bad: tuple[BadEntry, ...]
    missing: bool
    observed: bool


def check_entries(X: Any, domain: ValueDomain, name: str, allow_missing: bool) -> bool:
    """Check that observed entries are finite and in the domain; return whether any is missing."""
    finite = _is_finite(X)
    for bad in _iter_bad(X, domain, allow_missing, finite):
        raise bad.error(name)
    return not finite and _any_missing(X)


def inspect(X: Any, domain: ValueDomain, allow_missing: bool) -> Inspection:
    """Return all that `check_entries` would look at."""
    finite = _is_finite(X)
    bad = tuple(_iter_bad(X, domain, allow_missing, finite))
    missing = not finite and _any_missing(X)
    return Inspection(bad, missing, not missing or any_observed(X))


def any_observed(X: Any) -> bool:
    """Return whether any entry is not NaN."""
    values = _values(X)
    if sp.issparse(X) and X.nnz < X.shape[0] * X.shape[1]:
        return True
    return any(not np.isnan(part).all() for _, part in iter_parts(values))


def _values(X: Any) -> np.ndarray:
    return X.data if sp.issparse(X) else X


def _is_finite(X: Any) -> bool:
    """Return whether the sum is finite, which proves at the price of one read that all entries are.

    Finite entries may add up to infinity: then they are looked at one by one.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(_values(X).sum(dtype=np.float64)))


def _any_missing(X: Any) -> bool:
    return any(np.isnan(part).any() for _, part in iter_parts(_values(X)))


def _iter_bad(X: Any, domain: ValueDomain, allow_missing: bool, finite: bool) -> Iterator[BadEntry]:
    """Yield the first bad entry of each kind."""
    template = BadEntry(KINDS[0], 0, 0, 0.0, "infinity")
    if not finite:
        yield from _first(X, np.isinf, template)
        if not allow_missing:
            hint = f"NaN, {domain.missing_hint}"
            yield from _first(X, np.isnan, replace(template, kind=KINDS[1], what=hint))
    low, high = domain.domain[:2]
    if low == -np.inf and high == np.inf:
        return
    where = f"outside of the domain {domain.describe_domain()} of {domain.name!r}"
    template = replace(template, what=where)
    if sp.issparse(X) and not domain.contains(np.zeros(1))[0]:
        yield from _unstored_zero(X, replace(template, kind=KINDS[2]))
    yield from _first_outside(X, domain, replace(template, kind=KINDS[3]))


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
