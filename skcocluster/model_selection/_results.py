"""The table of results, as scikit-learn's searches have it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from ._candidates import Candidate
from ._criteria import Criterion
from ._fitting import Table


def make_results(
    table: Table, values: np.ndarray, candidates: Sequence[Candidate], criterion: Criterion
) -> dict[str, Any]:
    """Return `cv_results_`.

    Parameters
    ----------
    table : list of list of Fit
        By data set and candidate.
    values : ndarray of shape (n_candidates, n_splits), dtype float64
        Those of the criterion.
    candidates : sequence of Candidate
        The candidates.
    criterion : Criterion
        The criterion.

    Returns
    -------
    results : dict of str to array
        One entry for each candidate.
    """
    seconds = np.array([[fit.seconds for fit in fits] for fits in table]).T
    results: dict[str, Any] = {"mean_fit_time": seconds.mean(axis=1)}
    if criterion.resamples:
        results["std_fit_time"] = seconds.std(axis=1)
    names = sorted({name for candidate in candidates for name in candidate.params})
    for name in names:
        results[f"param_{name}"] = _param_column(name, candidates)
    results["params"] = [candidate.params for candidate in candidates]
    for side, name in enumerate(("n_row_clusters", "n_column_clusters")):
        counts = [c.counts[side] if c.counts is not None else -1 for c in candidates]
        results[name] = np.array(counts, dtype=np.int64)
    if criterion.resamples:
        for split in range(values.shape[1]):
            results[f"split{split}_test_score"] = values[:, split]
    else:
        results["objective"] = np.array([fit.objective for fit in table[0]])
    means = values.mean(axis=1)
    results["mean_test_score"] = means
    if criterion.resamples:
        results["std_test_score"] = values.std(axis=1)
    results["rank_test_score"] = _rank(means)
    return results


def _param_column(name: str, candidates: Sequence[Candidate]) -> Any:
    column: Any = np.ma.array([None] * len(candidates), mask=True, dtype=object)
    for i, candidate in enumerate(candidates):
        if name in candidate.params:
            column[i] = candidate.params[name]
    return column


def _rank(means: np.ndarray) -> np.ndarray:
    # Failures come last, all of one rank.
    filled = np.where(np.isnan(means), -np.inf, means)
    return rankdata(-filled, method="min").astype(np.int32)
