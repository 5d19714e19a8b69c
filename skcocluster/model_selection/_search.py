"""The search over numbers of clusters."""

import time
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import (
    BaseEstimator,
    BiclusterMixin,
    ClusterMixin,
    MetaEstimatorMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils import check_random_state, get_tags

from .._shared.containers import dask_array
from .._shared.options import check_at_least, check_choice, check_jobs
from ._candidates import Candidate, make_candidates, varied_names
from ._criteria import Criterion, check_candidates, get_criterion
from ._datasets import Dataset, count_columns
from ._delegation import BestEstimatorMixin
from ._fitting import Fitter, Table, fit_all, report_failures
from ._results import make_results
from ._selection import SELECTIONS, elbow_strengths, select_elbow, select_target
from ._warm import takes_labels


class CoclusterSearch(
    BestEstimatorMixin,
    ClusterMixin,
    BiclusterMixin,
    TransformerMixin,
    MetaEstimatorMixin,
    BaseEstimator,
):
    r"""Search for the numbers of clusters, without cross-validation over rows.

    Fits an estimator with each combination of parameters, scores each by a criterion, and keeps the
    best. A criterion weighs fit against the number of clusters, or asks what would come out again:
    see the :ref:`user guide <number_of_clusters>` for what each assumes and where it fails.

    Parameters
    ----------
    estimator : estimator
        A co-clusterer of this package, or one with `row_labels_` and `column_labels_`.
    param_grid : dict or list of dict
        Values to try by name of a parameter, as for :class:`sklearn.model_selection.GridSearchCV`:
        `n_row_clusters` and `n_column_clusters`, or `n_clusters`, and any other.
    criterion : str or callable, default="auto"
        Larger values are better.

        - "icl": the integrated completed likelihood of the latent block model that matches the
          divergence of `BBAC` (also for `SpectralBiclustering`, as Gaussian);
          "exact_icl" in closed form, for the logistic divergence.
        - "explained_divergence": the share of the divergence that `BBAC` or `SpectralBiclustering`
          explains, and its elbow.
        - "held_out": minus the mean divergence of entries that `BBAC` does not see, as missing.
        - "modularity": of `Coclus`, `SpecCo` and `SpectralCoclustering`.
        - "max_norm_cost": minus the largest difference within a block, for `MaxNormCoclustering`,
          and its elbow.
        - "stability": how much of each cluster is found again in samples of rows and columns, for
          the cluster of which it is least; for all estimators.
        - a callable ``criterion(fitted, X)`` that returns a float.

        "auto" is the first of these that fits the estimator, "icl" for `BBAC`.
    selection : {"auto", "best", "elbow", "one_standard_error", "most_stable"}, default="auto"
        How values choose. "best" is the greatest; "elbow" takes the most blocks at which the last
        cluster, of rows and of columns, gained at least twice what the next one would;
        "one_standard_error" takes the fewest blocks whose values fall behind the best by no more
        than a standard error; "most_stable" the most blocks whose value is at least three quarters
        of the greatest. "auto" is "elbow" for "explained_divergence" and "max_norm_cost",
        "one_standard_error" for "held_out", "most_stable" for "stability", and otherwise "best".
        Among equals, the fewest blocks.
    target : float, default=None
        Instead of `selection`: take the fewest blocks whose value reaches it. For
        "max_norm_cost", the largest cost that is tolerated.
    n_splits : int, default=5
        Data sets of "held_out" and "stability".
    test_size : float, default=None
        Share of the entries that each split hides for "held_out" (None is 0.1; of a sparse matrix,
        at most as many as it stores), or of the rows and of the columns that each sample leaves out
        for "stability" (None is 0.2).
    warm_start : "auto" or bool, default="auto"
        Fit each candidate also from the labels of its neighbours in the grid, with clusters split
        or merged, and keep what has the better objective. A candidate of more clusters is then
        never worse than one of fewer. "auto" does so for `BBAC` and `Coclus` with X in memory.
    refit : bool, default=True
        Keep the best estimator, fitted to all of X.
    error_score : "raise" or float, default=nan
        Value of a candidate whose fit fails, with a warning. An error in all fits is raised.
    n_jobs : int, default=None
        Fits at the same time, in threads, or workers of the backend that
        ``joblib.parallel_config`` names.
    random_state : int, RandomState or None, default=None
        Seeds of samples and hidden entries, and of the fits, where the estimator has none of its
        own. Results do not depend on `n_jobs`.
    verbose : int, default=0
        1 prints a line at the end, 2 one for each fit too.

    Attributes
    ----------
    cv_results_ : dict of str to array
        One entry for each candidate, for ``pandas.DataFrame(search.cv_results_)``: `params`,
        ``param_*``, `n_row_clusters`, `n_column_clusters`, `mean_test_score` (the criterion),
        `rank_test_score`, `mean_fit_time` (seconds, warm starts included). Where there are splits,
        ``split*_test_score``, `std_test_score` and `std_fit_time`, otherwise `objective`. For
        "elbow", `elbow_strength`. With another selection than "best", the best candidate is not
        necessarily that of rank 1.
    best_index_ : int
        Which candidate is best.
    best_params_ : dict
        Its parameters.
    best_score_ : float
        Its criterion.
    best_estimator_ : estimator
        Fitted to all of X, with `best_params_`, unless `refit` is False. Its labels may come from
        those of a neighbour.
    criterion_ : str
        The criterion used; "custom" for a callable.
    criterion_label_ : str
        The same in words, for axes of pictures.
    selection_ : str
        The selection used; "target" where one was given.
    refit_time_ : float
        Seconds that the fit of the best estimator took; 0 if it was fitted already.
    row_labels_, column_labels_, labels_, rows_, columns_, biclusters_
        Those of `best_estimator_`.
    n_features_in_ : int
        Number of columns in fit.
    feature_names_in_ : ndarray of shape (n_columns,)
        Names of columns, when X has them.

    See Also
    --------
    skcocluster.plot.CoclusterSearchDisplay : The picture.
    integrated_completed_likelihood : The criterion "icl" of any labels.

    Examples
    --------
    >>> from skcocluster import BBAC
    >>> from skcocluster.datasets import make_block_matrix
    >>> from skcocluster.model_selection import CoclusterSearch
    >>> X, row_labels, column_labels = make_block_matrix((60, 40), (3, 2), random_state=0)
    >>> grid = {"n_row_clusters": [1, 2, 3, 4], "n_column_clusters": [1, 2, 3]}
    >>> search = CoclusterSearch(BBAC(), grid, criterion="icl", random_state=0).fit(X)
    >>> search.best_params_
    {'n_column_clusters': 2, 'n_row_clusters': 3}
    """

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        *,
        criterion: str | Callable[[Any, Any], float] = "auto",
        selection: str = "auto",
        target: float | None = None,
        n_splits: int = 5,
        test_size: float | None = None,
        warm_start: Any = "auto",
        refit: bool = True,
        error_score: Any = np.nan,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.param_grid = param_grid
        self.criterion = criterion
        self.selection = selection
        self.target = target
        self.n_splits = n_splits
        self.test_size = test_size
        self.warm_start = warm_start
        self.refit = refit
        self.error_score = error_score
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        """Return the tags: input is that of the estimator."""
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def fit(self, X: Any, y: Any = None) -> "CoclusterSearch":
        """Fit and score all candidates.

        Parameters
        ----------
        X : array-like, sparse matrix or dask array of shape (n_rows, n_columns)
            What the estimator takes. A dask array, for criteria of a single fit.
        y : None
            Ignored.

        Returns
        -------
        self : CoclusterSearch
            The fitted search.

        Raises
        ------
        TypeError, ValueError
            For invalid parameters, criteria that do not go with the estimator or the data, and
            what all fits raise; the search is then as it was before.
        """
        criterion = get_criterion(self.criterion, self.estimator)
        self._check_options(criterion)
        candidates = make_candidates(self.estimator, self.param_grid, count_columns(X))
        models = [clone(self.estimator).set_params(**c.params) for c in candidates]
        check_candidates(criterion, models, varied_names(candidates))
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(np.iinfo(np.int32).max))
        share = criterion.default_share if self.test_size is None else float(self.test_size)
        datasets = criterion.make_datasets(X, share, int(self.n_splits), rng)
        fitter = self._make_fitter(criterion, criterion.prepare(models, X), seed)
        warm = self._starts_warm(X)
        table = fit_all(fitter, datasets, candidates, warm, self.n_jobs)
        report_failures(table, candidates)
        values = self._values(criterion, table, datasets, candidates)
        published = self._choose(criterion, table, values, candidates)
        if self.refit:
            best = published["best_index_"]
            published |= self._refit(fitter, X, candidates[best], table[0][best].model)
        self._publish(published)
        return self

    def _check_options(self, criterion: Criterion) -> None:
        check_at_least("n_splits", self.n_splits, 2, Integral)
        check_jobs(self)
        check_choice("selection", self.selection, ("auto", "elbow", *SELECTIONS))
        if self.selection == "one_standard_error" and not criterion.resamples:
            raise ValueError(
                f"selection='one_standard_error' needs splits, and criterion={criterion.name!r} "
                "has none: use criterion='held_out' or 'stability'."
            )
        if self.target is not None:
            check_at_least("target", self.target, -np.inf, Real)
        if self.test_size is not None:
            check_at_least("test_size", self.test_size, 0.0, Real)
            if not 0.0 < self.test_size < 1.0:
                raise ValueError(f"test_size={self.test_size} must lie between 0 and 1.")
        if self.error_score != "raise" and not isinstance(self.error_score, Real):
            raise ValueError(f"error_score={self.error_score!r} must be 'raise' or a number.")
        if self.warm_start != "auto" and not isinstance(self.warm_start, (bool, np.bool_)):
            raise ValueError(f"warm_start={self.warm_start!r} must be 'auto', True or False.")

    def _starts_warm(self, X: Any) -> bool:
        chunked, takes = dask_array(X) is not None, takes_labels(self.estimator)
        if self.warm_start == "auto":
            return takes and not chunked
        if self.warm_start and not takes:
            raise ValueError(
                f"warm_start=True needs an estimator that starts from labels, BBAC or Coclus, and "
                f"{type(self.estimator).__name__} is neither: use warm_start='auto' or False."
            )
        if self.warm_start and chunked:
            raise ValueError(
                "warm_start=True needs X in memory, and X is a dask array: use 'auto' or False."
            )
        return bool(self.warm_start)

    def _make_fitter(self, criterion: Criterion, known: Any, seed: int) -> Fitter:
        keep = not criterion.resamples
        return Fitter(
            self.estimator, criterion, known, seed, keep, self.error_score, int(self.verbose)
        )

    def _values(
        self,
        criterion: Criterion,
        table: Table,
        datasets: Sequence[Dataset],
        candidates: Sequence[Candidate],
    ) -> np.ndarray:
        """Return the values of the criterion, of shape (n_candidates, n_splits)."""
        fits_of = list(zip(*table, strict=True))
        values = np.array(
            [
                criterion.combine(fits, datasets, candidate.counts)
                for candidate, fits in zip(candidates, fits_of, strict=True)
            ]
        )
        if self.error_score != "raise":
            failed = np.array([[fit.error is not None for fit in fits] for fits in table]).T
            values[failed] = self.error_score
        if np.isnan(values.mean(axis=1)).all():
            raise ValueError(
                f"criterion={criterion.name!r} has no value for any candidate: all are NaN."
            )
        return values

    def _choose(
        self,
        criterion: Criterion,
        table: Table,
        values: np.ndarray,
        candidates: Sequence[Candidate],
    ) -> dict[str, Any]:
        """Return the results and the best candidate."""
        selection = criterion.selection if self.selection == "auto" else self.selection
        results = make_results(table, values, candidates, criterion)
        if self.target is not None:
            selection = "target"
            sign = -1.0 if criterion.name == "max_norm_cost" else 1.0
            best = select_target(values, candidates, sign * float(self.target), criterion.name)
        elif selection == "elbow":
            strengths = elbow_strengths(values, candidates, criterion.flat)
            results["elbow_strength"] = strengths
            best = select_elbow(strengths, candidates)
        else:
            best = SELECTIONS[selection](values, candidates)
        return {
            "cv_results_": results,
            "best_index_": best,
            "best_params_": candidates[best].params,
            "best_score_": float(results["mean_test_score"][best]),
            "criterion_": criterion.name,
            "criterion_label_": criterion.label,
            "selection_": selection,
        }

    def _refit(self, fitter: Fitter, X: Any, candidate: Candidate, model: Any) -> dict[str, Any]:
        start = time.perf_counter()
        if model is not None:
            return {"best_estimator_": model, "refit_time_": 0.0}
        model = fitter.make_model(candidate).fit(X)
        return {"best_estimator_": model, "refit_time_": time.perf_counter() - start}

    def _publish(self, published: dict[str, Any]) -> None:
        """Set all fitted attributes at once; none of an earlier fit stays."""
        kept = {name: v for name, v in vars(self).items() if not name.endswith("_")}
        self.__dict__ = kept | published
        if self.verbose:
            print(
                f"[CoclusterSearch] {len(published['cv_results_']['params'])} candidates, "
                f"{self.criterion_}: best {self.best_params_}, {self.best_score_:.6g}"
            )
