"""All fits of a search: from the estimator's own starts, then from the labels of neighbours."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning

from .._shared.caller import warn_caller
from ._candidates import Candidate, find_predecessors, find_successors, make_levels
from ._criteria import Criterion, Fit
from ._datasets import Dataset, as_matrix
from ._warm import find_starts

TIE = 1e-12
Table = list[list[Fit]]


class Fitter:
    """Fits candidates to data sets.

    Parameters
    ----------
    estimator : estimator
        Of which candidates are clones.
    criterion : Criterion
        What evaluates fits.
    known : object
        As `Criterion.prepare` returns it.
    seed : int
        Of all fits whose estimator has none of its own.
    keep_models : bool
        Whether fits keep the model.
    error_score : "raise" or float
        Whether errors of fits are raised.
    verbose : int
        2 prints a line for each fit.
    """

    def __init__(
        self,
        estimator: Any,
        criterion: Criterion,
        known: Any,
        seed: int,
        keep_models: bool,
        error_score: Any,
        verbose: int,
    ) -> None:
        self.estimator = estimator
        self.criterion = criterion
        self.known = known
        self.seed = seed
        self.keep_models = keep_models
        self.error_score = error_score
        self.verbose = verbose

    def make_model(self, candidate: Candidate) -> Any:
        """Return the unfitted estimator of a candidate."""
        model = clone(self.estimator).set_params(**clone(candidate.params, safe=False))
        if "random_state" in (params := model.get_params()) and params["random_state"] is None:
            model.set_params(random_state=self.seed)
        return model

    def fit_cold(self, dataset: Dataset, candidate: Candidate) -> Fit:
        """Fit as the estimator's parameters say."""
        start = time.perf_counter()
        try:
            model = self.make_model(candidate)
            fit = self._evaluate(model.fit(dataset.load()), dataset)
        except Exception as error:
            if self.error_score == "raise":
                raise
            nothing = np.zeros(0, np.int32)
            fit = Fit(nothing, nothing, np.nan, np.nan, None, 0.0, error)
        fit = replace(fit, seconds=time.perf_counter() - start)
        if self.verbose > 1:
            end = f"failed: {fit.error}" if fit.error else f"objective {fit.objective:.6g}"
            print(f"[CoclusterSearch] {candidate.params}: {end} ({fit.seconds:.2f} s)")
        return fit

    def fit_warm(
        self,
        dataset: Dataset,
        candidate: Candidate,
        fit: Fit,
        neighbours: Sequence[tuple[Candidate, Fit]],
    ) -> Fit:
        """Return the best of a fit and of fits that start from the labels of neighbours."""
        neighbours = [(c, other) for c, other in neighbours if other.error is None]
        if fit.error is not None or not neighbours:
            return fit
        start = time.perf_counter()
        X = dataset.load()
        matrix = as_matrix(X)
        original = self.make_model(candidate)
        best, objective = None, fit.objective
        for neighbour, other in neighbours:
            assert neighbour.counts is not None
            assert candidate.counts is not None
            labels = other.row_labels, other.column_labels
            for params in find_starts(original, matrix, labels, neighbour.counts, candidate.counts):
                warm = clone(original).set_params(**params).fit(X)
                if self._is_better(warm.objective_, objective):
                    best, objective = warm, warm.objective_
        if best is not None:
            fit = replace(self._evaluate(best, dataset), seconds=fit.seconds)
        if fit.model is not None:
            # The labels are those of the warm start; the parameters stay the candidate's.
            fit.model.set_params(**{name: getattr(original, name) for name in WARM_PARAMETERS})
        return replace(fit, seconds=fit.seconds + time.perf_counter() - start)

    def _evaluate(self, model: Any, dataset: Dataset) -> Fit:
        return Fit(
            model.row_labels_,
            model.column_labels_,
            float(getattr(model, "objective_", np.nan)),
            self.criterion.evaluate(model, dataset, self.known),
            model if self.keep_models else None,
            0.0,
        )

    def _is_better(self, one: float, other: float) -> bool:
        gain = one - other
        if not getattr(self.estimator, "objective_is_maximised", False):
            gain = -gain
        return bool(gain > TIE * abs(other))


WARM_PARAMETERS = ("init", "n_init", "refine")


def fit_all(
    fitter: Fitter,
    datasets: Sequence[Dataset],
    candidates: Sequence[Candidate],
    warm_start: bool,
    n_jobs: int | None,
) -> Table:
    """Return the fits by data set and candidate; they do not depend on the number of jobs."""
    n = len(candidates)
    # One pool for all calls: processes keep their copies of X from one to the next.
    with Parallel(n_jobs=n_jobs, prefer="threads") as jobs:
        flat = jobs(delayed(fitter.fit_cold)(d, c) for d in datasets for c in candidates)
        table = [flat[i * n : (i + 1) * n] for i in range(len(datasets))]
        if warm_start:
            below = find_predecessors(candidates)
            # Merges first: after splits, no candidate is worse than one of fewer clusters.
            for neighbours in (find_successors(below), below):
                for level in make_levels(neighbours)[1:]:
                    _improve(jobs, fitter, datasets, candidates, table, level, neighbours)
    return table


def _improve(
    jobs: Any,
    fitter: Fitter,
    datasets: Sequence[Dataset],
    candidates: Sequence[Candidate],
    table: Table,
    level: Sequence[int],
    neighbours: Sequence[Sequence[int]],
) -> None:
    """Fit the candidates of one level once more, from the labels of their neighbours."""
    tasks = [(d, i) for d in range(len(datasets)) for i in level]
    better = jobs(
        delayed(fitter.fit_warm)(
            datasets[d],
            candidates[i],
            table[d][i],
            [(candidates[j], replace(table[d][j], model=None)) for j in neighbours[i]],
        )
        for d, i in tasks
    )
    for (d, i), fit in zip(tasks, better, strict=True):
        table[d][i] = fit


def report_failures(table: Table, candidates: Sequence[Candidate]) -> None:
    """Warn of fits that failed; raise when none succeeded.

    Raises
    ------
    Exception
        That of the first fit, when all failed.
    """
    failed = [(c, fit) for fits in table for c, fit in zip(candidates, fits, strict=True)]
    failed = [(c, fit) for c, fit in failed if fit.error is not None]
    n_fits = sum(map(len, table))
    if len(failed) == n_fits:
        assert failed[0][1].error is not None
        raise failed[0][1].error
    if failed:
        candidate, fit = failed[0]
        warn_caller(
            f"{len(failed)} of {n_fits} fits failed, and have error_score. The first, "
            f"{candidate.params}: {type(fit.error).__name__}: {fit.error}",
            FitFailedWarning,
        )
