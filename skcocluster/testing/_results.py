"""Checks of what fit publishes: shapes, types, objective, biclusters, defined results always."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from skcocluster.testing._case import Case, assert_sound
from skcocluster.testing._registry import register


@register()
def check_labels_have_shape_and_type(case: Case) -> None:
    """Check that labels are int32, one per row and column, below the cluster counts."""
    X = case.matrix()
    fitted = case.fit(X)
    assert_sound(fitted, X, "planted blocks")
    n_clusters = (3, 2) if case.has_two_counts else (3, 3)
    for name, n in zip(("row_labels_", "column_labels_"), n_clusters, strict=True):
        largest = getattr(fitted, name).max()
        assert largest < n, f"{name} holds {largest} for {n} clusters"


@register()
def check_labels_is_a_real_attribute(case: Case) -> None:
    """Check that ``labels_`` is an attribute, since wrappers see no property: the row labels."""
    fitted = case.fit(case.matrix())
    assert "labels_" in vars(fitted), "labels_ is not an attribute of the instance"
    np.testing.assert_array_equal(fitted.labels_, fitted.row_labels_)
    assert fitted.labels_.dtype == np.int32, f"labels_ has dtype {fitted.labels_.dtype}"


@register()
def check_trace_and_counts_agree(case: Case) -> None:
    """Check the trace (one float64 objective per iteration), the count, ``converged_``."""
    X = case.matrix()
    fitted = case.fit(X)
    assert fitted.n_features_in_ == X.shape[1], "n_features_in_ is not the number of columns"
    assert isinstance(fitted.objective_, float), f"objective_ is a {type(fitted.objective_)}"
    if hasattr(fitted, "objective_trace_"):
        trace = fitted.objective_trace_
        assert isinstance(trace, np.ndarray), f"objective_trace_ is a {type(trace)}"
        assert trace.dtype == np.float64, f"objective_trace_ has dtype {trace.dtype}"
        assert trace.shape == (fitted.n_iter_,), (
            f"objective_trace_ has shape {trace.shape} for n_iter_ = {fitted.n_iter_}"
        )
        assert np.isfinite(trace).all(), "objective_trace_ is not finite"
    if hasattr(fitted, "converged_"):
        assert isinstance(fitted.converged_, bool), f"converged_ is a {type(fitted.converged_)}"


@register("monotone")
def check_objective_never_gets_worse(case: Case) -> None:
    """Check that ``objective_trace_`` moves one way only and ends at ``objective_``."""
    rng = np.random.default_rng(7)
    for seed in range(5):
        X = case.to_domain(rng.integers(1, 61, (17, 13)))
        fitted = case.fit(X, random_state=seed)
        trace = getattr(fitted, "objective_trace_", np.array([fitted.objective_]))
        for t in range(1, len(trace)):
            assert not case.is_worse(trace[t], trace[t - 1]), (
                f"objective goes from {trace[t - 1]!r} to {trace[t]!r} in iteration {t}"
            )
        if len(trace):
            np.testing.assert_allclose(trace[-1], fitted.objective_, rtol=1e-9, atol=1e-9)


@register("objective")
def check_objective_is_recomputable(case: Case) -> None:
    """Check that ``objective_`` is complete: X and the labels alone give the same value."""
    assert case.objective is not None
    rng = np.random.default_rng(3)
    noise = case.to_domain(rng.integers(1, 61, (15, 11)))
    for X in (case.matrix(), noise):
        fitted = case.fit(X)
        np.testing.assert_allclose(
            fitted.objective_, case.objective(fitted, X), rtol=1e-9, atol=1e-9
        )


@register("objective", "missing")
def check_objective_is_recomputable_with_missing_entries(case: Case) -> None:
    """Check the same with missing entries, which count nothing."""
    assert case.objective is not None
    X = case.matrix()
    X[np.random.default_rng(1).random(X.shape) < 0.2] = np.nan
    fitted = case.fit(X)
    np.testing.assert_allclose(fitted.objective_, case.objective(fitted, X), rtol=1e-9, atol=1e-9)


@register()
def check_biclusters_are_consistent(case: Case) -> None:
    """Check that ``biclusters_``, get_indices, get_shape and get_submatrix agree."""
    X = case.matrix()
    fitted = case.fit(X)
    rows, columns = fitted.biclusters_
    np.testing.assert_array_equal(rows, fitted.rows_)
    np.testing.assert_array_equal(columns, fitted.columns_)
    for name, value, n in (("rows_", rows, X.shape[0]), ("columns_", columns, X.shape[1])):
        assert value.dtype == bool, f"{name} has dtype {value.dtype}, not bool"
        assert value.shape == (len(rows), n), f"{name} has shape {value.shape}"
    for b in range(len(rows)):
        row_indices, column_indices = fitted.get_indices(b)
        np.testing.assert_array_equal(row_indices, np.flatnonzero(rows[b]))
        np.testing.assert_array_equal(column_indices, np.flatnonzero(columns[b]))
        assert tuple(fitted.get_shape(b)) == (len(row_indices), len(column_indices))
        expected = X[np.ix_(row_indices, column_indices)]
        np.testing.assert_array_equal(fitted.get_submatrix(b, X), expected)
        part = fitted.get_submatrix(b, sparse.csr_array(X))
        np.testing.assert_array_equal(part.toarray(), expected)


@register("two counts")
def check_biclusters_are_the_blocks(case: Case) -> None:
    """Check that block ``g * p + h`` is row cluster g by column cluster h, for all k * p."""
    fitted = case.fit(case.matrix())
    if getattr(fitted, "row_memberships_", None) is not None:
        return
    rows, columns = fitted.biclusters_
    assert len(rows) == 6, f"{len(rows)} biclusters for 3 x 2 clusters"
    for b in range(6):
        np.testing.assert_array_equal(rows[b], fitted.row_labels_ == b // 2)
        np.testing.assert_array_equal(columns[b], fitted.column_labels_ == b % 2)


@register("pandas")
def check_submatrix_of_frame_keeps_labels(case: Case) -> None:
    """Check that ``get_submatrix`` of a DataFrame is that part of the DataFrame."""
    import pandas as pd

    X = case.matrix()
    frame = pd.DataFrame(
        X, index=[f"r{i}" for i in range(24)], columns=[f"c{j}" for j in range(18)]
    )
    fitted = case.fit(frame)
    for b in range(len(fitted.rows_)):
        part = fitted.get_submatrix(b, frame)
        row_indices, column_indices = fitted.get_indices(b)
        assert isinstance(part, pd.DataFrame), f"get_submatrix gave a {type(part)}"
        assert list(part.index) == [f"r{i}" for i in row_indices], "row labels are lost"
        assert list(part.columns) == [f"c{j}" for j in column_indices], "column names are lost"
        np.testing.assert_array_equal(part.to_numpy(), X[np.ix_(row_indices, column_indices)])


@register("missing")
def check_missing_entries_are_taken(case: Case) -> None:
    """Check that NaN is a missing entry; a row or column without any other has label -1."""
    X = case.matrix()
    X[np.random.default_rng(0).random(X.shape) < 0.1] = np.nan
    fitted = case.fit(X)
    assert_sound(fitted, X, "10 % missing")
    X[4], X[:, 7] = np.nan, np.nan
    fitted = case.fit(X)
    assert_sound(fitted, X, "an empty row and an empty column")
    assert fitted.row_labels_[4] == -1, "the row without an observed entry has a cluster"
    assert fitted.column_labels_[7] == -1, "the column without an observed entry has a cluster"
    assert (np.delete(fitted.row_labels_, 4) >= 0).all(), "an observed row has no cluster"
    assert (np.delete(fitted.column_labels_, 7) >= 0).all(), "an observed column has no cluster"
