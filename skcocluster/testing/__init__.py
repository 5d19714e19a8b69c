"""Common checks for co-clustering estimators, those that scikit-learn has not.

Free of pytest: a check is a function that raises AssertionError with a message.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn.utils import get_tags

from skcocluster.testing import (  # noqa: F401  (the modules fill the list of checks)
    _degenerate,
    _errors,
    _interrupt,
    _invariance,
    _methods,
    _results,
)
from skcocluster.testing._case import Case, Domain
from skcocluster.testing._registry import CHECKS, Check

__all__ = ["check_coclusterer", "coclusterer_checks"]


def check_coclusterer(
    estimator: Any,
    *,
    domain: tuple[float, float, bool, bool] | None = None,
    objective: Callable[[Any, Any], float] | None = None,
    maximised: bool | None = None,
    skip: Collection[str] = (),
) -> None:
    """Run the common checks of co-clustering estimators on one estimator.

    They complete :func:`sklearn.utils.estimator_checks.check_estimator`: objective, both label
    arrays, biclusters, storage, seeds, degenerate matrices, errors, interruption. Which checks
    apply is read from the estimator's tags (``sparse``, ``allow_nan``, ``positive_only``),
    parameters and methods.

    Parameters
    ----------
    estimator : estimator instance
        Has `n_row_clusters` and `n_column_clusters`, or `n_clusters`. It is cloned, never fitted.
    domain : tuple (low, high, low_included, high_included), default=None
        Values that the estimator takes. By default read from its `divergence` parameter, else
        from the tag ``positive_only``.
    objective : callable, default=None
        ``objective(fitted, X)`` recomputes ``objective_`` from X and the labels. By default
        :func:`skcocluster.metrics.block_divergence` for estimators with a `divergence`,
        :func:`skcocluster.metrics.modularity` for those with a `resolution`, and the function of
        :mod:`skcocluster.metrics` that the class attribute ``objective_metric`` names.
    maximised : bool, default=None
        Whether a larger ``objective_`` is better. By default the class attribute
        ``objective_is_maximised``, False where there is none.
    skip : collection of str, default=()
        Names of checks to leave out.

    Raises
    ------
    AssertionError
        At the first check that fails; the message starts with its name.

    See Also
    --------
    coclusterer_checks : The same checks one by one, for test frameworks.

    Examples
    --------
    >>> from skcocluster import BBAC
    >>> from skcocluster.testing import check_coclusterer
    >>> check_coclusterer(BBAC(engine="numpy"))
    """
    for name, check in coclusterer_checks(
        estimator, domain=domain, objective=objective, maximised=maximised
    ):
        if name in skip:
            continue
        try:
            check()
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error


def coclusterer_checks(
    estimator: Any,
    *,
    domain: tuple[float, float, bool, bool] | None = None,
    objective: Callable[[Any, Any], float] | None = None,
    maximised: bool | None = None,
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the common checks that apply to an estimator.

    Parameters
    ----------
    estimator : estimator instance
        As for :func:`check_coclusterer`, like all other parameters.
    domain : tuple (low, high, low_included, high_included), default=None
        Values that the estimator takes.
    objective : callable, default=None
        Recomputes ``objective_`` as ``objective(fitted, X)``.
    maximised : bool, default=None
        Whether a larger ``objective_`` is better.

    Yields
    ------
    name : str
        Name of the check.
    check : callable
        Runs the check when called without arguments; raises AssertionError.

    Examples
    --------
    >>> from skcocluster import BBAC
    >>> from skcocluster.testing import coclusterer_checks
    >>> checks = dict(coclusterer_checks(BBAC()))
    >>> checks["check_refit_forgets"]()
    """
    case = Case(
        estimator,
        find_domain(estimator) if domain is None else Domain(*domain),
        find_objective(estimator) if objective is None else objective,
        bool(getattr(estimator, "objective_is_maximised", False))
        if maximised is None
        else maximised,
    )
    for check in CHECKS:
        if check.applies_to(case):
            yield check.name, partial(_run, check, case)


def _run(check: Check, case: Case) -> None:
    check.function(case)


def find_domain(estimator: Any) -> Domain:
    """Values that an estimator takes, from its divergence or its tags."""
    divergence = estimator.get_params(deep=False).get("divergence")
    if divergence is not None:
        from skcocluster._shared.divergences import get_divergence

        return Domain(*get_divergence(divergence).domain)
    if get_tags(estimator).input_tags.positive_only:
        return Domain(0.0, np.inf, True, False)
    return Domain()


def find_objective(estimator: Any) -> Callable[[Any, Any], float] | None:
    """Return what recomputes an objective, where a parameter or the class tells which it is."""
    parameters = estimator.get_params(deep=False)
    metrics: dict[str, tuple[str, ...]] = {
        "block_divergence": ("divergence", "basis"),
        "modularity": ("resolution",),
    }
    for name, names in metrics.items():
        if names[0] in parameters:
            return partial(_recompute, name, names)
    metric = getattr(estimator, "objective_metric", None)
    return None if metric is None else partial(_recompute, metric, ())


def _recompute(metric: str, names: tuple[str, ...], fitted: Any, X: Any) -> float:
    from skcocluster import metrics

    own = {k: v for k, v in fitted.get_params(deep=False).items() if k in names}
    return float(getattr(metrics, metric)(X, fitted.row_labels_, fitted.column_labels_, **own))
