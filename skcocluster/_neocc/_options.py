"""Checks of the parameters of NEOCC and NEOKMeans."""

from numbers import Real
from typing import Any

import numpy as np

from .._shared.options import check_at_least, check_choice, check_runs
from .._shared.validation import check_two_counts
from ._counts import ESTIMATED_OUTLIERS, ESTIMATED_OVERLAP, check_share
from ._starts import INITS

OBJECTIVES = ("M", "RCM")
SHARES = ("row_overlap", "row_outliers", "column_overlap", "column_outliers")


def check_common(estimator: Any, shares: tuple[str, ...], inits: tuple[str, ...]) -> None:
    """Check the parameters that both estimators have and that do not depend on X."""
    for name in shares:
        estimates = ESTIMATED_OVERLAP if name.endswith("overlap") else ESTIMATED_OUTLIERS
        check_share(name, getattr(estimator, name), estimates)
    check_at_least("overlap_spread", estimator.overlap_spread, -np.inf, Real)
    if not np.isfinite(estimator.overlap_spread):
        raise ValueError(f"overlap_spread={estimator.overlap_spread} must be finite.")
    if not isinstance(estimator.anneal, bool):
        raise TypeError(f"anneal must be True or False, got {estimator.anneal!r}.")
    check_runs(estimator)
    if isinstance(estimator.init, str):
        check_choice("init", estimator.init, inits)


def check_options(estimator: Any) -> None:
    """Check the parameters of NEOCC that do not depend on X."""
    check_choice("objective", estimator.objective, OBJECTIVES)
    check_common(estimator, SHARES, INITS)


def count_clusters(estimator: Any, shape: tuple[int, int]) -> tuple[int, int]:
    """Return the numbers of row and of column clusters of NEOCC."""
    n_row_clusters, n_column_clusters = check_two_counts(estimator, shape)
    if estimator.objective == "RCM" and estimator.n_column_clusters is None:
        # With each column on its own, J_RCM is 0 for any rows: there is nothing to find.
        n_column_clusters = min(n_column_clusters, max(1, shape[1] - 1))
    return n_row_clusters, n_column_clusters
