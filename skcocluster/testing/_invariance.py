"""Checks of what must not matter: seeds twice, threads, storage, order, an earlier fit."""

from __future__ import annotations

import copy
import itertools
import pickle
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import clone

from skcocluster.testing._case import (
    Case,
    assert_same_fit,
    assert_same_labels,
    fit_quietly,
    fitted_state,
    is_same_partition,
    to_dense,
)
from skcocluster.testing._registry import register

READERS = ("predict", "predict_columns", "transform", "score")


def call_readers(fitted: Any, X: Any) -> None:
    """Call all that reads X after a fit."""
    for name in READERS:
        if hasattr(fitted, name):
            getattr(fitted, name)(X)


@register()
def check_same_seed_gives_same_fit(case: Case) -> None:
    """Check that two fits with one seed are identical in every attribute."""
    X = case.matrix()
    assert_same_fit(case.fit(X), case.fit(X), "same seed twice")


@register()
def check_refit_forgets(case: Case) -> None:
    """Check that a fit on other data, of another shape, leaves nothing of the first."""
    first, second = case.matrix(24, 18, seed=0), case.matrix(15, 21, seed=1)
    fresh = case.fit(second)
    again = fit_quietly(case.fit(first), second)
    assert_same_fit(again, fresh, "refit")


@register("pandas")
def check_refit_forgets_feature_names(case: Case) -> None:
    """Check that a fit on an array after one on a DataFrame has no feature names."""
    import pandas as pd

    X = case.matrix()
    fitted = case.fit(pd.DataFrame(X, columns=[f"c{j}" for j in range(X.shape[1])]))
    assert list(fitted.feature_names_in_) == [f"c{j}" for j in range(X.shape[1])]
    fit_quietly(fitted, X)
    assert not hasattr(fitted, "feature_names_in_"), "feature_names_in_ outlives a refit"


@register("n_init=", "starts by objective")
def check_more_starts_are_never_worse(case: Case) -> None:
    """Check that with the same seed, more restarts include the fewer ones."""
    X = case.to_domain(np.random.default_rng(5).integers(1, 61, (18, 12)))
    for seed in range(2):
        values = [case.fit(X, n_init=n, random_state=seed).objective_ for n in (1, 2, 4)]
        for fewer, more in itertools.pairwise(values):
            assert not case.is_worse(more, fewer), f"objectives {values} for n_init 1, 2, 4"


@register("n_init=", "n_jobs=")
def check_n_jobs_changes_nothing(case: Case) -> None:
    """Check that restarts in parallel give what restarts one by one give."""
    X = case.to_domain(np.random.default_rng(6).integers(1, 61, (20, 14)))
    one = case.fit(X, n_init=3, n_jobs=1)
    two = case.fit(X, n_init=3, n_jobs=2)
    assert_same_fit(two, one, "n_jobs=2 and n_jobs=1")


@register()
def check_order_of_rows_and_columns_does_not_matter(case: Case) -> None:
    """Check that permuting X permutes the partitions and keeps the objective."""
    X = case.matrix(30, 24)
    rng = np.random.default_rng(2)
    rows, columns = rng.permutation(30), rng.permutation(24)
    plain = case.fit(X, n_init=5)
    permuted = case.fit(X[rows][:, columns], n_init=5)
    np.testing.assert_allclose(permuted.objective_, plain.objective_, rtol=1e-9, atol=1e-9)
    assert is_same_partition(permuted.row_labels_, plain.row_labels_[rows]), (
        "permuted rows are clustered differently"
    )
    assert is_same_partition(permuted.column_labels_, plain.column_labels_[columns]), (
        "permuted columns are clustered differently"
    )


@register()
def check_memory_order_does_not_matter(case: Case) -> None:
    """Check that C order, F order, a strided view and lists give the same labels."""
    X = case.matrix()
    plain = case.fit(X)
    wide = np.repeat(np.repeat(X, 2, axis=0), 3, axis=1)
    for name, same in (
        ("F order", np.asfortranarray(X)),
        ("a strided view", wide[::2, ::3]),
        ("big-endian floats", X.astype(">f8")),
        ("lists", X.tolist()),
    ):
        assert_same_labels(case.fit(same), plain, name)


@register("sparse")
def check_sparse_equals_dense(case: Case) -> None:
    """Check that CSR and CSC in all their forms give the labels of the dense matrix."""
    X = case.matrix()
    if case.domain.has_zero and case.domain.low == 0:
        X[X < 20 / 64 if case.domain.is_unit else X < 20] = 0
    plain = case.fit(X)
    unsorted = sparse.csr_array(X[:, ::-1])[:, ::-1]
    long = sparse.csr_array(X)
    long.indices, long.indptr = long.indices.astype(np.int64), long.indptr.astype(np.int64)
    for name, same in (
        ("csr_array", sparse.csr_array(X)),
        ("csc_array", sparse.csc_array(X)),
        ("csr_matrix", sparse.csr_matrix(X)),
        ("csc_matrix", sparse.csc_matrix(X)),
        ("csr_array with unsorted indices", unsorted),
        ("csr_array with 64-bit indices", long),
    ):
        fitted = case.fit(same)
        assert_same_labels(fitted, plain, name)
        np.testing.assert_allclose(fitted.objective_, plain.objective_, rtol=1e-9, err_msg=name)


@register("whole numbers")
def check_integers_equal_floats(case: Case) -> None:
    """Check that integers of any width give the labels of the same floats."""
    X = case.matrix()
    plain = case.fit(X)
    kinds = [np.int64, np.int32, np.int16, np.int8]
    for dtype in kinds + ([np.uint8] if X.min() >= 0 else []):
        fitted = case.fit(X.astype(dtype))
        assert_same_labels(fitted, plain, np.dtype(dtype).name)
        np.testing.assert_allclose(fitted.objective_, plain.objective_, rtol=1e-9)


@register()
def check_float32_is_close_to_float64(case: Case) -> None:
    """Check that float32 gives the same labels on exact numbers, sums being float64."""
    X = case.matrix()
    plain, single = case.fit(X), case.fit(X.astype(np.float32))
    assert_same_labels(single, plain, "float32")
    np.testing.assert_allclose(single.objective_, plain.objective_, rtol=1e-6)


@register()
def check_input_is_not_changed(case: Case) -> None:
    """Check that fit and all that reads X leave it as it was."""
    X = case.matrix()
    kinds = [X, np.asfortranarray(X), X.astype(np.float32)]
    if case.takes_sparse:
        kinds += [sparse.csr_array(X), sparse.csc_array(X)]
    for kind in kinds:
        given = copy.deepcopy(kind)
        call_readers(case.fit(given), given)
        np.testing.assert_array_equal(to_dense(given), X, err_msg="X was changed")
        assert given.dtype == kind.dtype, "the dtype of X was changed"


@register()
def check_read_only_input(case: Case) -> None:
    """Check that read-only arrays and memmaps, in both orders, are as good as any."""
    X = case.matrix()
    plain = case.fit(X)
    frozen = X.copy()
    frozen.flags.writeable = False
    with tempfile.TemporaryDirectory() as folder:
        given: list[Any] = [frozen]
        for name, array in (("c.npy", X), ("f.npy", np.asfortranarray(X))):
            np.save(Path(folder) / name, array)
            given.append(np.load(Path(folder) / name, mmap_mode="r"))
        for one in given:
            fitted = case.fit(one)
            assert_same_labels(fitted, plain, f"read-only {type(one).__name__}")
            call_readers(fitted, one)
        # The mapping must be gone before its folder is, or Windows keeps the file.
        del given, one, fitted


@register("sparse")
def check_read_only_sparse_input(case: Case) -> None:
    """Check sparse matrices over read-only buffers, as joblib hands them to workers."""
    X = sparse.csr_array(case.matrix())
    plain = case.fit(X)
    for part in (X.data, X.indices, X.indptr):
        part.flags.writeable = False
    assert_same_labels(case.fit(X), plain, "read-only CSR")


@register()
def check_pickle_keeps_the_fit(case: Case) -> None:
    """Check that a fit survives pickle and deepcopy, with what it says of X."""
    X = case.matrix()
    fitted = case.fit(X)
    for name, copied in (
        ("pickle", pickle.loads(pickle.dumps(fitted))),
        ("deepcopy", copy.deepcopy(fitted)),
    ):
        assert_same_fit(copied, fitted, name)
        np.testing.assert_array_equal(copied.rows_, fitted.rows_)
        if hasattr(fitted, "predict"):
            np.testing.assert_array_equal(copied.predict(X), fitted.predict(X))


@register()
def check_clone_is_unfitted(case: Case) -> None:
    """Check that a clone has no results, and that fit changes no parameter."""
    estimator = case.make()
    before = {k: copy.deepcopy(v) for k, v in estimator.get_params(deep=False).items()}
    copied = clone(fit_quietly(estimator, case.matrix()))
    assert not fitted_state(copied), f"the clone holds {sorted(fitted_state(copied))}"
    for name, value in estimator.get_params(deep=False).items():
        if isinstance(value, str | int | float | bool | type(None)):
            assert value == before[name], f"fit changed parameter {name}"


@register("engine=")
def check_engines_give_the_same_labels(case: Case) -> None:
    """Check that the numpy and the numba engine, where both serve, give equal labels."""
    X = case.matrix()
    fits = {}
    for engine in ("numpy", "numba"):
        try:
            fits[engine] = case.fit(X, engine=engine)
        except ValueError as error:
            if "engine" not in str(error):
                raise
    assert fits, "no engine serves"
    if len(fits) == 2:
        assert_same_labels(fits["numba"], fits["numpy"], "engines numba and numpy")
        np.testing.assert_allclose(
            fits["numba"].objective_, fits["numpy"].objective_, rtol=1e-9, atol=1e-9
        )


@register("verbose=")
def check_verbose_changes_nothing(case: Case) -> None:
    """Check that watching a fit does not change it."""
    import contextlib
    import io

    X = case.matrix()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        watched = case.fit(X, verbose=2)
    assert_same_fit(watched, case.fit(X), "verbose=2")
