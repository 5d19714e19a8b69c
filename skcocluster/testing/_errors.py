"""Checks of bad input: a clear error before any work, and the last fit left alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from skcocluster.testing._case import Case, fitted_state
from skcocluster.testing._registry import register

BAD_PARAMETERS: dict[str, list[Any]] = {
    "n_row_clusters": [0, -1, 1.5, "3", None, np.nan],
    "n_column_clusters": [0, -1, 1.5, "3", np.nan],
    "n_clusters": [0, -1, 1.5, "3", None],
    "n_init": [0, -1, 1.5, "many"],
    "max_iter": [0, -1, 1.5, None],
    "tol": [-1.0, "small", None, np.nan],
    "engine": ["cuda", 3, None],
    "init": ["nearest", 7],
    "n_jobs": ["all", 1.5],
    "random_state": ["today", -1],
    "verbose": ["loud"],
    "divergence": ["cosine", 3, None],
    "basis": ["C1", 2, None],
    "update": ["both", None],
    "refine": ["merge", 1],
    "column_steps": [0, -1, 1.5, "many"],
}


def assert_raises(call: Callable[[], Any], pattern: str, context: str) -> None:
    """Assert that the call raises ValueError or TypeError with a message that matches."""
    message = None
    try:
        call()
    except (ValueError, TypeError) as error:
        message = str(error)
    assert message is not None, f"{context}: no ValueError"
    found = re.search(pattern, message, flags=re.IGNORECASE | re.DOTALL)
    assert found, f"{context}: the message {message!r} does not match {pattern!r}"


def assert_rejected(case: Case, X: Any, pattern: str, context: str) -> None:
    """Assert that fit refuses X and publishes no labels."""
    fresh = case.make()
    assert_raises(lambda: fresh.fit(X), pattern, context)
    assert "row_labels_" not in vars(fresh), f"{context}: a failed fit publishes labels"


def assert_entry_is_named(case: Case, value: float, context: str) -> None:
    """Assert that all that reads X refuses `value`, and names its first row and column."""
    X = case.matrix()
    fitted = case.fit(X)
    X[3, 5] = X[7, 1] = value
    pattern = r"\brow 3\b.*\bcolumn 5\b"
    assert_rejected(case, X, pattern, f"fit, {context}")
    for name in ("predict", "predict_columns", "transform", "score"):
        if hasattr(fitted, name):
            method = getattr(fitted, name)
            assert_raises(lambda m=method: m(X), pattern, f"{name}, {context}")  # type: ignore[misc]
    if case.takes_sparse:
        from scipy import sparse

        for kind in (sparse.csr_array, sparse.csc_array):
            assert_rejected(case, kind(X), pattern, f"fit, {context}, {kind.__name__}")


@register()
def check_infinite_entries_are_named(case: Case) -> None:
    """Check that an infinite entry is refused, with its first row and column."""
    assert_entry_is_named(case, np.inf, "infinite entry")
    assert_entry_is_named(case, -np.inf, "negative infinite entry")


@register("complete only")
def check_missing_entries_are_named(case: Case) -> None:
    """Check that NaN, where it has no meaning, is refused with its first row and column."""
    assert_entry_is_named(case, np.nan, "NaN")


@register("bounded domain")
def check_entries_outside_the_domain_are_named(case: Case) -> None:
    """Check that an entry outside the domain is refused with its first row and column."""
    assert_entry_is_named(case, -1.0, "negative entry")
    if np.isfinite(case.domain.high):
        assert_entry_is_named(case, case.domain.high + 0.5, "entry above the domain")
    if not case.domain.has_zero:
        assert_entry_is_named(case, 0.0, "zero entry")


@register()
def check_matrices_of_wrong_kind_are_refused(case: Case) -> None:
    """Check that complex, text, objects, no rows or columns, 1-D and 3-D are refused."""
    X = case.matrix()
    for context, pattern, bad in (
        ("complex", "complex", X + 1j),
        ("strings", "str|string|numeric|convert", np.array([["a", "b"], ["c", "d"]] * 6)),
        ("objects", "", np.array([[object()] * 4] * 6)),
        ("no rows", r"0 sample|empty|\b0\b", X[:0]),
        ("no columns", r"0 feature|empty|\b0\b", X[:, :0]),
        ("one dimension", "2D|2-D|dim", X[0]),
        ("three dimensions", "dim|2D|2-D", np.stack([X, X])),
        ("no matrix", "", None),
    ):
        assert_rejected(case, bad, pattern, context)


@register("sparse")
def check_infinite_sparse_entries_are_refused(case: Case) -> None:
    """Check that infinite entries of a sparse matrix are refused."""
    from scipy import sparse

    X = sparse.random_array((12, 9), density=0.3, rng=np.random.default_rng(0), format="coo")
    X.data[:] = np.inf
    assert_rejected(case, X.tocsr(), "inf", "sparse infinite entries")


@register("dense only")
def check_sparse_is_refused_where_not_promised(case: Case) -> None:
    """Check that an estimator whose tags do not promise sparse input says so."""
    from scipy import sparse

    assert_rejected(case, sparse.csr_array(case.matrix()), "sparse", "sparse input")


@register()
def check_more_clusters_than_rows_are_refused(case: Case) -> None:
    """Check that the message names the parameter, the count and the number of rows."""
    X = case.matrix(6, 6)
    name = "n_row_clusters" if case.has_two_counts else "n_clusters"
    estimator = case.make(n_row_clusters=7, n_column_clusters=2)
    assert_raises(lambda: estimator.fit(X), rf"{name}.*\b7\b.*\b6\b", "7 clusters of 6 rows")


@register("two counts")
def check_more_clusters_than_columns_are_refused(case: Case) -> None:
    """Check that the message names the parameter, the count and the number of columns."""
    X = case.matrix(6, 4)
    estimator = case.make(n_row_clusters=2, n_column_clusters=5)
    assert_raises(
        lambda: estimator.fit(X), r"n_column_clusters.*\b5\b.*\b4\b", "5 clusters of 4 columns"
    )


@register("two counts")
def check_default_column_count_copes_with_few_columns(case: Case) -> None:
    """Check that ``n_column_clusters=None`` means the row clusters, at most the columns.

    At most the columns less 1 where levels are not seen: a column on its own has no residue.
    """
    for n_columns, expected in ((2, 2 if case.sees_levels else 1), (12, 3)):
        X = case.matrix(12, n_columns)
        fitted = case.fit(X, n_row_clusters=3, n_column_clusters=None)
        assert fitted.columns_.shape[0] == 3 * expected, (
            f"{fitted.columns_.shape[0]} biclusters for {n_columns} columns"
        )


@register()
def check_bad_parameters_are_named(case: Case) -> None:
    """Check that a parameter of wrong type or value is refused by name."""
    X = case.matrix()
    for name, values in BAD_PARAMETERS.items():
        if name not in case.parameters:
            continue
        for value in values:
            estimator = case.make().set_params(**{name: value})
            pattern = name if name != "random_state" else "seed|random_state"
            assert_raises(lambda e=estimator: e.fit(X), pattern, f"{name}={value!r}")  # type: ignore[misc]


@register()
def check_methods_refuse_matrices_of_other_width(case: Case) -> None:
    """Check that rows of another width, and columns of another height, are refused."""
    X = case.matrix()
    fitted = case.fit(X)
    for name in ("predict", "transform", "score"):
        if hasattr(fitted, name):
            method = getattr(fitted, name)
            assert_raises(lambda m=method: m(X[:, :-1]), r"\b17\b.*\b18\b", name)  # type: ignore[misc]
    if hasattr(fitted, "predict_columns"):
        assert_raises(lambda: fitted.predict_columns(X[:-1]), r"\b23\b|\b24\b", "predict_columns")


@register()
def check_failed_fit_keeps_the_last_one(case: Case) -> None:
    """Check that a fit that is refused leaves every attribute as it was."""
    fitted = case.fit(case.matrix())
    before = fitted_state(fitted)
    bad = case.matrix(15, 11)
    bad[2, 2] = np.inf
    for X, parameters in ((bad, {}), (case.matrix(2, 2), {"n_row_clusters": 3, "n_clusters": 3})):
        fitted.set_params(**{k: v for k, v in parameters.items() if k in case.parameters})
        assert_raises(lambda X=X: fitted.fit(X), "", "bad input")  # type: ignore[misc]
        after = fitted_state(fitted)
        assert after.keys() == before.keys(), "a failed fit adds or removes attributes"
        changed = [name for name in before if after[name] is not before[name]]
        assert not changed, f"a failed fit changes {changed}"
