"""Checks of parameters that many estimators have."""

from numbers import Integral, Real
from typing import Any

import numpy as np


def check_choice(name: str, value: Any, choices: tuple) -> None:
    """Raise ValueError when `value` is not among the choices."""
    if not (value is None or isinstance(value, str)) or value not in choices:
        raise ValueError(f"{name}={value!r} is not one of {choices}.")


def check_at_least(name: str, value: Any, least: float, kind: Any = Integral) -> None:
    """Raise TypeError for a wrong type and ValueError for a value below `least`."""
    if isinstance(value, bool) or not isinstance(value, kind):
        what = "an integer" if kind is Integral else "a number"
        raise TypeError(f"{name} must be {what}, got {value!r}.")
    if not value >= least:
        raise ValueError(f"{name}={value} must be at least {least}.")


def check_runs(estimator: Any) -> None:
    """Check `n_init`, `max_iter`, `n_jobs`, `tol` and `verbose`."""
    for name in ("n_init", "max_iter"):
        check_at_least(name, getattr(estimator, name), 1)
    check_at_least("tol", estimator.tol, 0.0, Real)
    check_jobs(estimator)


def check_jobs(estimator: Any) -> None:
    """Check `n_jobs` and `verbose`."""
    if estimator.n_jobs is not None:
        check_at_least("n_jobs", estimator.n_jobs, -np.inf)
    if not isinstance(estimator.verbose, bool):
        check_at_least("verbose", estimator.verbose, 0)


def check_weight(name: str, value: Any) -> None:
    """Raise TypeError for what is no number, ValueError when it is negative or not finite."""
    check_at_least(name, value, 0.0, Real)
    if not np.isfinite(value):
        raise ValueError(f"{name}={value} must be finite.")
