"""NEO-CC tests on matrices that count as large though they are tiny."""

from contextlib import contextmanager

import numpy as np
import pytest
import scipy.sparse as sp

from skcocluster._shared import samples

TWO_WAY = (
    "row_memberships_",
    "column_memberships_",
    "row_labels_",
    "column_labels_",
    "labels_",
    "rows_",
    "columns_",
    "n_iter_",
    "converged_",
)
ONE_WAY = ("memberships_", "row_labels_", "column_labels_", "labels_", "n_iter_", "converged_")
CLOSE = {
    "objective_",
    "objective_trace_",
    "block_means_",
    "inertia_",
    "cluster_centers_",
    "row_overlap_",
    "row_outliers_",
    "column_overlap_",
    "column_outliers_",
    "overlap_",
    "outliers_",
}


@contextmanager
def large(sample_entries=400):
    """Every matrix counts as large, and a sample is a few rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(samples, "ALL_ENTRIES", 100)
        patch.setattr(samples, "SAMPLE_ENTRIES", sample_entries)
        yield


def counts(seed=0, shape=(60, 18)):
    """Overlapping blocks of whole numbers."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 9, (4, 3))
    X = levels[rng.integers(0, 4, shape[0])][:, rng.integers(0, 3, shape[1])]
    return (X + rng.integers(0, 5, shape)).astype(float)


def measurements(seed=0, shape=(60, 18)):
    """The same with noise: no ties."""
    return counts(seed, shape) + np.random.default_rng(seed + 1).standard_normal(shape)


def sparsified(X, seed=0):
    """X with half of its entries 0."""
    return np.where(np.random.default_rng(seed).random(X.shape) < 0.5, 0, X)


def in_memory(X, sparse):
    """X as it is passed in memory."""
    return sp.csr_array(X) if sparse else X


def assert_same_fit(actual, desired):
    """Memberships and labels agree to the last one, numbers up to rounding."""
    names = TWO_WAY if hasattr(desired, "row_memberships_") else ONE_WAY
    for name in names:
        a, d = getattr(actual, name), getattr(desired, name)
        np.testing.assert_array_equal(a, d, err_msg=name)
        if isinstance(d, np.ndarray):
            assert type(a) is np.ndarray
            assert a.dtype == d.dtype, name
    for name in CLOSE & set(vars(desired)):
        np.testing.assert_allclose(
            getattr(actual, name), getattr(desired, name), rtol=1e-9, atol=1e-9, err_msg=name
        )
    assert set(vars(actual)) == set(vars(desired))
