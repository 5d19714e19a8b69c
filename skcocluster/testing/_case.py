"""What a check knows of the estimator under test: its domain, its objective, data that suit it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import get_tags

# Block levels with an interaction that no sum of row and column effects explains, so that bases
# that keep the margins find the blocks too.
LEVELS = np.array([[0, 5, 2], [3, 1, 4], [2, 4, 0]])
DIAGONAL_LEVELS = np.array([[5, 0, 0], [0, 5, 0], [0, 0, 5]])
# In 64ths these stay exact in float32 and inside (0, 1), as integers they are exact everywhere.
LOWEST, STEP, NOISE, UNIT = 6, 10, 2, 64


@dataclass(frozen=True)
class Domain:
    """Interval of the values that the estimator takes."""

    low: float = -np.inf
    high: float = np.inf
    low_included: bool = False
    high_included: bool = False

    @property
    def has_zero(self) -> bool:
        """Whether an entry may be 0."""
        return self.low < 0 or (self.low == 0 and self.low_included)

    @property
    def is_unit(self) -> bool:
        """Whether entries are bounded by 1, as probabilities are."""
        return self.high <= 1


@dataclass(frozen=True)
class Case:
    """One estimator under test.

    Parameters
    ----------
    estimator : estimator instance
        Cloned by every check, never fitted itself.
    domain : Domain
        Values that it takes.
    objective : callable or None
        ``objective(fitted, X)`` recomputes ``objective_`` from the labels; None where nobody can.
    maximised : bool
        Whether a larger ``objective_`` is better.
    """

    estimator: Any
    domain: Domain
    objective: Callable[[Any, Any], float] | None
    maximised: bool

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the estimator under test."""
        return dict(self.estimator.get_params(deep=False))

    @property
    def has_two_counts(self) -> bool:
        """Whether rows and columns have cluster counts of their own."""
        return "n_row_clusters" in self.parameters

    @property
    def takes_sparse(self) -> bool:
        """Whether the tags promise sparse input."""
        return bool(get_tags(self.estimator).input_tags.sparse)

    @property
    def takes_nan(self) -> bool:
        """Whether the tags promise that NaN is a missing entry."""
        return bool(get_tags(self.estimator).input_tags.allow_nan)

    @property
    def is_monotone(self) -> bool:
        """Whether the objective must never get worse (simultaneous updates may rise)."""
        return self.parameters.get("update") != "simultaneous"

    @property
    def compares_counts(self) -> bool:
        """Whether objectives of different numbers of clusters compare; cuts grow with them."""
        return bool(getattr(self.estimator, "objective_compares_counts", True))

    @property
    def keeps_best_objective(self) -> bool:
        """Whether the best of several starts is the one of best objective."""
        return bool(getattr(self.estimator, "starts_compare_objectives", True))

    @property
    def sees_levels(self) -> bool:
        """Whether blocks of one level are what it finds; residues leave levels out."""
        return bool(getattr(self.estimator, "objective_sees_levels", True))

    def make(self, n_row_clusters: int = 3, n_column_clusters: int = 2, **parameters: Any) -> Any:
        """Fresh estimator with these counts, a fixed seed and those of `parameters` it has."""
        known = self.parameters
        if self.has_two_counts:
            counts = {"n_row_clusters": n_row_clusters, "n_column_clusters": n_column_clusters}
        else:
            counts = {"n_clusters": n_row_clusters}
        wanted = {"random_state": 0, **counts, **parameters}
        estimator = clone(self.estimator)
        return estimator.set_params(**{k: v for k, v in wanted.items() if k in known})

    def fit(self, X: Any, **parameters: Any) -> Any:
        """Fit `make(**parameters)`; that a fit did not converge is no failure of a check."""
        return fit_quietly(self.make(**parameters), X)

    def planted(
        self, n_rows: int = 24, n_columns: int = 18, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Clear blocks in the domain, with the true labels of rows and columns.

        Blocks of one level, or of rows and columns that add up for what does not see levels.
        """
        rng = np.random.default_rng(seed)
        n_column_clusters = 2 if self.has_two_counts else 3
        rows = rng.permutation(np.arange(n_rows) % 3)
        columns = rng.permutation(np.arange(n_columns) % n_column_clusters)
        levels = LEVELS if self.has_two_counts else DIAGONAL_LEVELS
        noise = rng.integers(-NOISE, NOISE + 1, (n_rows, n_columns))
        blocks = STEP * levels[rows][:, columns]
        if not self.sees_levels:
            # Each row cluster has its own column effects, each column cluster its own row effects.
            blocks = rng.integers(0, 2 * STEP + 1, (3, n_columns))[rows]
            blocks += rng.integers(0, 2 * STEP + 1, (n_rows, n_column_clusters))[:, columns]
        return self.to_domain(LOWEST + blocks + noise), rows, columns

    def matrix(self, n_rows: int = 24, n_columns: int = 18, seed: int = 0) -> np.ndarray:
        """Clear blocks in the domain."""
        return self.planted(n_rows, n_columns, seed)[0]

    def to_domain(self, values: np.ndarray) -> np.ndarray:
        """Map whole numbers in [1, 63] into the domain, exactly, also in float32."""
        X = np.asarray(values, dtype=np.float64)
        if self.domain.is_unit:
            return X / UNIT
        return X - 30 if self.domain.low < 0 else X

    def is_worse(self, value: float, other: float, rtol: float = 1e-9) -> bool:
        """Whether objective `value` is worse than `other` by more than rounding."""
        slack = rtol * max(abs(value), abs(other), 1e-12)
        return other - value > slack if self.maximised else value - other > slack


def fit_quietly(estimator: Any, X: Any) -> Any:
    """Fit, with warnings that the iterations ended early left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(X)


def to_dense(X: Any) -> np.ndarray:
    """Array of any matrix."""
    return X.toarray() if sparse.issparse(X) else np.asarray(X)


def fitted_state(estimator: Any) -> dict[str, Any]:
    """Public fitted attributes held by the instance."""
    return {k: v for k, v in vars(estimator).items() if k.endswith("_") and k[0] != "_"}


def is_numeric(value: Any) -> bool:
    """Whether the value can be compared as numbers."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:
        return False


def assert_same_value(name: str, actual: Any, desired: Any, rtol: float, context: str) -> None:
    """Compare one fitted attribute, exactly unless `rtol` is given."""
    message = f"{context}: {name} differs"
    if not is_numeric(desired):
        return
    a, d = np.asarray(actual), np.asarray(desired)
    if a.dtype.kind == "f" or d.dtype.kind == "f":
        np.testing.assert_allclose(a, d, rtol=rtol, atol=rtol, err_msg=message)
    else:
        np.testing.assert_array_equal(a, d, err_msg=message)


def assert_same_fit(actual: Any, desired: Any, context: str, rtol: float = 0.0) -> None:
    """All public fitted attributes of two estimators agree."""
    a, d = fitted_state(actual), fitted_state(desired)
    assert a.keys() == d.keys(), f"{context}: fitted attributes differ: {a.keys() ^ d.keys()}"
    for name in d:
        assert_same_value(name, a[name], d[name], rtol, context)


def assert_same_labels(actual: Any, desired: Any, context: str) -> None:
    """Row and column labels of two fits are equal, label by label."""
    for name in ("row_labels_", "column_labels_"):
        np.testing.assert_array_equal(
            getattr(actual, name), getattr(desired, name), err_msg=f"{context}: {name} differ"
        )


def is_same_partition(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two label arrays differ by the names of the labels only."""
    pairs = set(zip(a.tolist(), b.tolist(), strict=True))
    return len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})


def assert_sound(fitted: Any, X: Any, context: str) -> None:
    """Labels of the right shape and type, and no NaN in anything that fit published."""
    n_rows, n_columns = X.shape
    for name, n in (("row_labels_", n_rows), ("column_labels_", n_columns)):
        labels = getattr(fitted, name)
        assert labels.shape == (n,), f"{context}: {name} has shape {labels.shape}, not ({n},)"
        assert labels.dtype == np.int32, f"{context}: {name} has dtype {labels.dtype}, not int32"
        assert labels.min() >= -1, f"{context}: {name} holds {labels.min()}"
    assert np.isfinite(fitted.objective_), f"{context}: objective_ is {fitted.objective_}"
    for name, value in fitted_state(fitted).items():
        if is_numeric(value):
            assert not np.isnan(np.asarray(value, dtype=float)).any(), f"{context}: NaN in {name}"
