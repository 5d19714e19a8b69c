"""Checks of the parameters of NEOCC and NEOKMeans."""

from typing import Any

from .._shared.options import check_choice, check_runs
from ._counts import check_share
from ._starts import INITS

OBJECTIVES = ("M", "RCM")
SHARES = ("row_overlap", "row_outliers", "column_overlap", "column_outliers")


def check_common(estimator: Any, shares: tuple[str, ...], inits: tuple[str, ...]) -> None:
    """Check the parameters that both estimators have and that do not depend on X."""
    for name in shares:
        check_share(name, getattr(estimator, name))
    if not isinstance(estimator.anneal, bool):
        raise TypeError(f"anneal must be True or False, got {estimator.anneal!r}.")
    check_runs(estimator)
    if isinstance(estimator.init, str):
        check_choice("init", estimator.init, inits)


def check_options(estimator: Any) -> None:
    """Check the parameters of NEOCC that do not depend on X."""
    check_choice("objective", estimator.objective, OBJECTIVES)
    check_common(estimator, SHARES, INITS)
