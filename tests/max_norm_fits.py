"""Matrices that are hard and easy to prove, and what a search that ends early must publish."""

import numpy as np
import pytest
from reference_max_norm_estimator import cost_of
from sklearn.exceptions import ConvergenceWarning

from skcocluster import MaxNormCoclustering

# No search proves this one in less than hours.
HARD = np.round(10 * np.random.default_rng(0).normal(size=(60, 60)))
# Proven in hundredths of a second, though not by bounds alone.
EASY = np.random.default_rng(0).integers(-20, 20, (14, 13))


def make(n_clusters=7, **parameters):
    options = {"time_limit": None, "random_state": 0, **parameters}
    return MaxNormCoclustering(n_clusters, n_clusters, **options)


def fit_unproven(X, **parameters):
    """Fit with a warning that says so, as every search that ends early."""
    with pytest.warns(ConvergenceWarning, match="ended before the optimum was proven"):
        return make(**parameters).fit(X)


def assert_sound(model, X):
    assert cost_of(X, model.row_labels_, model.column_labels_) == model.objective_
    assert model.objective_trace_[-1] == model.objective_
    assert 0 <= model.lower_bound_ <= model.objective_
    for labels, n_clusters in (
        (model.row_labels_, model.n_row_clusters),
        (model.column_labels_, model.n_column_clusters),
    ):
        assert sorted(set(labels.tolist())) == list(range(n_clusters))


def assert_unproven(model, X):
    assert_sound(model, X)
    assert model.is_optimal_ is False
    assert model.converged_ is False
    assert model.lower_bound_ < model.objective_


def same_fit(a, b):
    return (
        a.objective_ == b.objective_
        and a.lower_bound_ == b.lower_bound_
        and a.method_ == b.method_
        and a.row_labels_.tolist() == b.row_labels_.tolist()
        and a.column_labels_.tolist() == b.column_labels_.tolist()
        and a.objective_trace_.tolist() == b.objective_trace_.tolist()
    )
