"""Checks of Coclus' parameters."""

from typing import Any

import numpy as np

from .._shared.options import check_choice, check_runs, check_weight
from .._shared.samples import ALL_ENTRIES, is_chunked, is_large
from .._shared.validation import check_count, check_labels
from ._solver import Problem
from ._starts import FEW_CLUSTERS, INITS

REFINEMENTS = ("auto", "split_merge", None)


def check_options(estimator: Any) -> None:
    """Check the parameters that do not depend on X."""
    check_weight("resolution", estimator.resolution)
    check_choice("refine", estimator.refine, REFINEMENTS)
    check_runs(estimator)
    if isinstance(estimator.init, str):
        check_choice("init", estimator.init, INITS)


def given_columns(init: Any, n_columns: int, n_clusters: int) -> np.ndarray | None:
    """Return the column labels that `init` holds, None when it is the name of a method."""
    if isinstance(init, str):
        return None
    if np.ndim(init) != 1:
        raise ValueError(f"init must be one of {INITS} or column labels, got {init!r}.")
    return check_labels(init, n_columns, n_clusters, "columns")


def make_problem(estimator: Any, X: Any) -> Problem:
    """Return the problem that the parameters of an estimator describe."""
    n_clusters = check_count("n_clusters", estimator.n_clusters, X.shape[0], "rows, n_samples")
    refine = estimator.refine
    if refine == "auto":
        searches = isinstance(estimator.init, str) and estimator.init == "spectral"
        refine = "split_merge" if searches and n_clusters <= FEW_CLUSTERS else None
    elif refine is not None and is_chunked(X) and is_large(X):
        raise ValueError(
            "refine='split_merge' reads X for each trial; for a dask array of more than "
            f"{ALL_ENTRIES} entries use refine='auto', which searches on the sample that the "
            "start is found on."
        )
    return Problem(
        n_clusters,
        refine is not None,
        estimator.refine == "auto" and refine is not None and is_large(X),
        int(estimator.max_iter),
        float(estimator.tol),
    )
