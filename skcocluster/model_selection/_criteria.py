"""Criteria: what is fitted for each, its value, and how its values choose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._bbac import BBAC
from .._coclus import Coclus
from .._maxnorm import MaxNormCoclustering
from .._shared.containers import dask_array
from .._shared.divergences import get_divergence
from .._spectral import SpecCo, SpectralBiclustering, SpectralCoclustering
from ..metrics import block_divergence, modularity
from ._candidates import Counts
from ._datasets import Dataset, Hidden, as_matrix, draw_samples, hide_entries, refuse_dask
from ._icl import asymptotic_icl, exact_icl, get_distribution
from ._likelihood import Entries, read_entries


@dataclass(frozen=True)
class Fit:
    """What a search keeps of the best fit of one candidate to one data set.

    Attributes
    ----------
    row_labels, column_labels : ndarray, dtype int32
        Its labels.
    objective : float
        Its objective; NaN for estimators without one.
    value : float
        What `Criterion.evaluate` says.
    model : estimator or None
        The fitted estimator, for data sets that are all of X.
    seconds : float
        Time of all fits, in seconds.
    error : Exception or None
        Why there is none of the above.
    """

    row_labels: np.ndarray
    column_labels: np.ndarray
    objective: float
    value: float
    model: Any
    seconds: float
    error: Exception | None = None


class Criterion:
    """What a search goes by.

    Attributes
    ----------
    name : str
        Its name.
    label : str
        What axes of pictures say.
    selection : str
        How its values choose, unless told otherwise.
    n_splits : int
        Number of data sets; 0 when all of X is fitted, once.
    default_share : float
        Of entries, or of rows and columns, that a data set leaves out.
    not_comparable : tuple of str
        Parameters whose values it cannot compare.
    flat : float
        Share of the range of its values below which gains say nothing about an elbow.
    """

    name: str
    label: str
    selection = "best"
    resamples = False
    default_share = 0.0
    not_comparable: tuple[str, ...] = ()
    flat = 0.002

    def check(self, model: Any) -> None:
        """Raise ValueError when the parameters of a candidate do not go with the criterion."""

    def make_datasets(
        self, X: Any, share: float, n_splits: int, rng: np.random.RandomState
    ) -> list[Dataset]:
        """Return what to fit; the default is all of X."""
        return [Dataset(X)]

    def prepare(self, models: Sequence[Any], X: Any) -> Any:
        """Return what `evaluate` needs to know of X."""
        return None

    def evaluate(self, model: Any, dataset: Dataset, known: Any) -> float:
        """Return the value of a fitted model; larger is better."""
        return np.nan

    def combine(
        self, fits: Sequence[Fit], datasets: Sequence[Dataset], counts: Counts | None
    ) -> list[float]:
        """Return one value for each split from the fits of one candidate."""
        return [fit.value for fit in fits]


class Modularity(Criterion):
    """Bipartite modularity."""

    name, label = "modularity", "modularity"
    not_comparable = ("resolution",)

    def evaluate(self, model: Any, dataset: Dataset, known: Any) -> float:
        """Return the objective, or the modularity of the labels of another method."""
        if isinstance(model, (Coclus, SpecCo)):
            return float(model.objective_)
        refuse_dask(dataset.source, self.name, ())
        return modularity(dataset.matrix(), model.row_labels_, model.column_labels_)


class ICL(Criterion):
    """Integrated completed likelihood, asymptotic."""

    name, label = "icl", "integrated completed likelihood"
    not_comparable = ("divergence",)

    def check(self, model: Any) -> None:
        """Refuse bases with margins, and divergences without a model."""
        get_distribution(_divergence_of(model))
        if getattr(model, "basis", "C2") != "C2":
            raise ValueError(
                f"criterion={self.name!r} is for basis='C2': entries have the mean of their block. "
                f"For basis={model.basis!r} use 'explained_divergence' or 'stability'."
            )

    def prepare(self, models: Sequence[Any], X: Any) -> Entries:
        """Return the number of entries and their part of the likelihood."""
        return read_entries(_readable(X), get_distribution(_divergence_of(models[0])))

    def evaluate(self, model: Any, dataset: Dataset, known: Entries) -> float:
        """Return the ICL of the labels."""
        distribution = get_distribution(_divergence_of(model))
        # Those of rows may be a dask array; their sizes are counted here.
        labels = np.asarray(model.row_labels_), model.column_labels_
        return asymptotic_icl(float(model.objective_), known, *labels, distribution)


class ExactICL(ICL):
    """Integrated completed likelihood of Bernoulli blocks, in closed form."""

    name = "exact_icl"

    def check(self, model: Any) -> None:
        """Refuse all but the logistic divergence."""
        super().check(model)
        if _divergence_of(model) != "logistic":
            raise ValueError(
                f"criterion='exact_icl' is for divergence='logistic', not for "
                f"{_divergence_of(model)!r}: use 'icl'."
            )

    def prepare(self, models: Sequence[Any], X: Any) -> Any:
        """Check the entries."""
        refuse_dask(X, self.name, ("icl",))
        return super().prepare(models, X)

    def evaluate(self, model: Any, dataset: Dataset, known: Any) -> float:
        """Return the exact ICL of the labels."""
        labels = model.row_labels_, model.column_labels_
        return exact_icl(dataset.matrix(), *(side.astype(np.int64) for side in labels))


class ExplainedDivergence(Criterion):
    """Share of the divergence of one block that the co-clusters explain."""

    name, label = "explained_divergence", "explained divergence"
    selection = "elbow"
    not_comparable = ("divergence", "basis")

    def prepare(self, models: Sequence[Any], X: Any) -> float:
        """Return the divergence from one block, for estimators that do not say."""
        if isinstance(models[0], BBAC):
            return np.nan
        refuse_dask(X, self.name, ())
        matrix = as_matrix(X)
        return block_divergence(matrix, *(np.zeros(n, np.int64) for n in matrix.shape))

    def evaluate(self, model: Any, dataset: Dataset, known: float) -> float:
        """Return the share."""
        if isinstance(model, BBAC):
            return float(model.explained_divergence_ratio_)
        return 1.0 - float(model.objective_) / known if known > 0 else 1.0


class HeldOut(Criterion):
    """Divergence of hidden entries from the approximation."""

    name, label = "held_out", "minus the divergence of a hidden entry"
    selection = "one_standard_error"
    resamples = True
    default_share = 0.1
    not_comparable = ("divergence",)

    def check(self, model: Any) -> None:
        """Refuse bases that need complete data."""
        if model.basis != "C2":
            raise ValueError(
                "criterion='held_out' hides entries as missing, which only basis='C2' allows; for "
                f"basis={model.basis!r} use 'explained_divergence' or 'stability'."
            )

    def make_datasets(
        self, X: Any, share: float, n_splits: int, rng: np.random.RandomState
    ) -> list[Dataset]:
        """Return X with entries hidden."""
        refuse_dask(X, self.name, ("icl", "explained_divergence"))
        return hide_entries(X, share, n_splits, rng)

    def evaluate(self, model: Any, dataset: Dataset, known: Any) -> float:
        """Return minus the mean divergence of the hidden entries."""
        assert isinstance(dataset, Hidden)
        rows, columns = model.row_labels_[dataset.rows], model.column_labels_[dataset.columns]
        # Where all of a row or column is hidden, no co-clustering says anything about it.
        told = (rows >= 0) & (columns >= 0)
        approximation = model.block_means_[rows[told], columns[told]]
        divergence = get_divergence(model.divergence)
        errors = divergence.divergence(dataset.values()[told], approximation)
        return -float(errors.mean()) if errors.size else np.nan


class Stability(Criterion):
    """Agreement of the labels of samples."""

    name, label = "stability", "stability of the least stable cluster"
    selection = "most_stable"
    resamples = True
    default_share = 0.2

    def make_datasets(
        self, X: Any, share: float, n_splits: int, rng: np.random.RandomState
    ) -> list[Dataset]:
        """Return samples of rows and columns."""
        refuse_dask(X, self.name, ("modularity", "icl", "explained_divergence"))
        return draw_samples(X, share, n_splits, rng)

    def combine(
        self, fits: Sequence[Fit], datasets: Sequence[Dataset], counts: Counts | None
    ) -> list[float]:
        """Return for each sample its mean agreement with the others."""
        n = len(fits)
        agreement = np.full((n, n), np.nan)
        for i in range(n):
            for j in range(i):
                if fits[i].error is None and fits[j].error is None:
                    value = _agree(fits[i], datasets[i], fits[j], datasets[j], counts)
                    agreement[i, j] = agreement[j, i] = value
        known = np.count_nonzero(~np.isnan(agreement), axis=1)
        return [np.nansum(a) / m if m else np.nan for a, m in zip(agreement, known, strict=True)]


def _agree(one: Fit, its: Any, other: Fit, others: Any, counts: Counts | None) -> float:
    """Return the similarity of the cluster that is found again least, over common lines."""
    parts = (
        (one.row_labels, other.row_labels, its.rows, others.rows),
        (one.column_labels, other.column_labels, its.columns, others.columns),
    )
    values = []
    for side, (first, second, here, there) in enumerate(parts):
        _, i, j = np.intersect1d(here, there, assume_unique=True, return_indices=True)
        n_clusters = None if counts is None else counts[side]
        values.append(least_similarity(first[i], second[j], n_clusters))
    return min(values)


def least_similarity(first: np.ndarray, second: np.ndarray, n_clusters: int | None = None) -> float:
    """Return how well the cluster that is matched worst is matched, as a Jaccard index.

    Each cluster of either labels is matched with the most similar one of the other; an empty
    cluster, of `n_clusters`, is not matched at all.
    """
    common = (first >= 0) & (second >= 0)
    if not common.any():
        return 0.0
    n = 1 + max(int(first.max()), int(second.max()), (n_clusters or 0) - 1)
    together = np.zeros((n, n))
    np.add.at(together, (first[common], second[common]), 1.0)
    sizes = [np.bincount(labels[labels >= 0], minlength=n) for labels in (first, second)]
    union = sizes[0][:, None] + sizes[1] - together
    similarity = together / np.maximum(union, 1.0)
    used = [np.arange(n) < (n_clusters or 0) if n_clusters else size > 0 for size in sizes]
    best = similarity.max(axis=1)[used[0]], similarity.max(axis=0)[used[1]]
    return float(min(side.min() for side in best))


class MaxNormCost(Criterion):
    """Minus the largest difference within a block."""

    name, label = "max_norm_cost", "minus the largest difference within a block"
    selection = "elbow"
    # An extreme of few entries, not a sum of many: beyond the elbow it falls by fits and starts.
    flat = 0.02

    def evaluate(self, model: Any, dataset: Dataset, known: Any) -> float:
        """Return minus the cost."""
        return -float(model.objective_)


class Custom(Criterion):
    """A function of the user's own."""

    name, label = "custom", "criterion"

    def __init__(self, function: Callable[[Any, Any], float]) -> None:
        self.function = function
        self.label = getattr(function, "__name__", "criterion")

    def evaluate(self, model: Any, dataset: Dataset, known: Any) -> float:
        """Return what the function says."""
        return float(self.function(model, dataset.source))


CRITERIA: dict[str, Criterion] = {
    c.name: c
    for c in (
        Modularity(),
        ICL(),
        ExactICL(),
        ExplainedDivergence(),
        HeldOut(),
        Stability(),
        MaxNormCost(),
    )
}
# What goes with which estimator; the first is what "auto" takes.
FITTING: tuple[tuple[type, tuple[str, ...]], ...] = (
    (BBAC, ("icl", "exact_icl", "explained_divergence", "held_out", "stability")),
    (Coclus, ("modularity", "stability")),
    (SpecCo, ("modularity", "stability")),
    (SpectralCoclustering, ("modularity", "stability")),
    (SpectralBiclustering, ("icl", "explained_divergence", "stability")),
    (MaxNormCoclustering, ("max_norm_cost", "stability")),
)
FOR_ALL = ("stability",)


def get_criterion(criterion: Any, estimator: Any) -> Criterion:
    """Return a criterion by name, or a user's own.

    Raises
    ------
    TypeError
        When it is neither a name nor callable.
    ValueError
        When the name is unknown, or does not go with the estimator.
    """
    if callable(criterion):
        return Custom(criterion)
    if not isinstance(criterion, str):
        raise TypeError(f"criterion must be a name or callable, got {criterion!r}.")
    fitting = next((names for kind, names in FITTING if isinstance(estimator, kind)), FOR_ALL)
    if criterion == "auto":
        return CRITERIA[fitting[0]]
    if criterion not in CRITERIA:
        raise ValueError(f"criterion={criterion!r} is not one of {('auto', *CRITERIA)}.")
    if criterion not in fitting:
        reason = "" if fitting != FOR_ALL else _NOT_COMPARABLE
        raise ValueError(
            f"criterion={criterion!r} is not defined for {type(estimator).__name__}.{reason} "
            f"Use one of {fitting} or a callable criterion(fitted, X)."
        )
    return CRITERIA[criterion]


_NOT_COMPARABLE = " Values of its objective for different numbers of clusters cannot be compared."


def check_candidates(criterion: Criterion, models: Sequence[Any], varied: Sequence[str]) -> None:
    """Raise ValueError when candidates do not go with the criterion or with each other."""
    bad = [name for name in varied if name in criterion.not_comparable]
    if bad:
        raise ValueError(
            f"param_grid varies {', '.join(bad)}, and values of criterion={criterion.name!r} for "
            "different ones cannot be compared: search once for each, or use 'stability'."
        )
    for model in models:
        criterion.check(model)


def _divergence_of(model: Any) -> Any:
    return getattr(model, "divergence", "squared_euclidean")


def _readable(X: Any) -> Any:
    chunked = dask_array(X)
    return as_matrix(X) if chunked is None else chunked
