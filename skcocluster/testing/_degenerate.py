"""Checks on input at the edge: one row, one cluster, nothing but ties. Defined, never NaN."""

from __future__ import annotations

import numpy as np

from skcocluster.testing._case import Case, assert_sound
from skcocluster.testing._registry import register


@register()
def check_one_cluster(case: Case) -> None:
    """Check that with one cluster a side, rows and columns are in it (or in none)."""
    X = case.matrix()
    fitted = case.fit(X, n_row_clusters=1, n_column_clusters=1)
    assert_sound(fitted, X, "one cluster")
    assert fitted.row_labels_.max() == 0, "no row is in the only cluster"
    assert fitted.column_labels_.max() == 0, "no column is in the only cluster"


@register()
def check_as_many_clusters_as_rows(case: Case) -> None:
    """Check that as many clusters as rows are allowed and no worse than one cluster.

    No worse where that can be said: a normalised cut of one cluster is 0.
    """
    X = case.matrix(6, 6)
    fitted = case.fit(X, n_row_clusters=6, n_column_clusters=6)
    assert_sound(fitted, X, "n_clusters == n_rows")
    if not case.compares_counts:
        return
    single = case.fit(X, n_row_clusters=1, n_column_clusters=1)
    assert not case.is_worse(fitted.objective_, single.objective_), (
        f"6 clusters reach {fitted.objective_}, one reaches {single.objective_}"
    )


@register()
def check_one_row(case: Case) -> None:
    """Check that a matrix of one row has a result."""
    X = case.matrix(3, 12)[:1]
    fitted = case.fit(X, n_row_clusters=1, n_column_clusters=2)
    assert_sound(fitted, X, "one row")


@register()
def check_one_column(case: Case) -> None:
    """Check that a matrix of one column has a result."""
    X = case.matrix(12, 3)[:, :1]
    n_row_clusters = 3 if case.has_two_counts else 1
    fitted = case.fit(X, n_row_clusters=n_row_clusters, n_column_clusters=1)
    assert_sound(fitted, X, "one column")


@register()
def check_one_entry(case: Case) -> None:
    """Check that a matrix of one entry has a result."""
    X = case.matrix()[:1, :1]
    assert_sound(case.fit(X, n_row_clusters=1, n_column_clusters=1), X, "one entry")


@register()
def check_constant_matrix(case: Case) -> None:
    """Check that a constant matrix, in which there is nothing to find, has a result."""
    X = np.full((9, 7), case.to_domain(np.array(20)))
    fitted = case.fit(X)
    assert_sound(fitted, X, "constant matrix")


@register("zeros")
def check_zero_matrix(case: Case) -> None:
    """Check that a matrix of zeros has a result."""
    X = np.zeros((9, 7))
    assert_sound(case.fit(X), X, "zero matrix")


@register("zeros")
def check_zero_rows_and_columns(case: Case) -> None:
    """Check that zero rows and columns have labels like any other, and no NaN."""
    X = case.matrix()
    X[[2, 9]], X[:, 5] = 0, 0
    fitted = case.fit(X)
    assert_sound(fitted, X, "zero rows and a zero column")
    assert fitted.row_labels_[2] == fitted.row_labels_[9], "equal rows have different labels"


@register("zeros", "sparse")
def check_zero_rows_of_sparse_matrix(case: Case) -> None:
    """Check the same for a sparse matrix, whose zero rows are not stored at all."""
    from scipy import sparse

    X = np.where(case.matrix() > 20, case.matrix(), 0)
    X[[2, 9]], X[:, 5] = 0, 0
    assert_sound(case.fit(sparse.csr_array(X)), X, "sparse, zero rows and a zero column")


@register()
def check_fewer_distinct_rows_than_clusters(case: Case) -> None:
    """Check that more clusters than distinct rows leave no result undefined."""
    X = np.repeat(case.matrix(2, 8), 5, axis=0)
    fitted = case.fit(X, n_row_clusters=4, n_column_clusters=2)
    assert_sound(fitted, X, "2 distinct rows, 4 clusters")


@register()
def check_fewer_distinct_columns_than_clusters(case: Case) -> None:
    """Check the same for columns."""
    X = np.repeat(case.matrix(8, 2), 5, axis=1)
    fitted = case.fit(X, n_row_clusters=3, n_column_clusters=4)
    assert_sound(fitted, X, "2 distinct columns, 4 clusters")
