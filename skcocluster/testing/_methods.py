"""Checks of what a fitted estimator answers: predict, transform, score, names."""

from __future__ import annotations

import numpy as np
from sklearn.exceptions import NotFittedError

from skcocluster.testing._case import Case
from skcocluster.testing._registry import register

METHODS = (
    "predict",
    "predict_columns",
    "transform",
    "score",
    "get_indices",
    "get_row_labels",
    "get_column_labels",
    "reconstruct",
)


@register()
def check_unfitted_methods_say_so(case: Case) -> None:
    """Check that every method that needs a fit raises NotFittedError before it."""
    X = case.matrix()
    for name in METHODS:
        if not hasattr(case.estimator, name):
            continue
        takes_data = name in ("predict", "predict_columns", "transform", "score")
        arguments = (X,) if takes_data else ((0,) if name == "get_indices" else ())
        try:
            getattr(case.make(), name)(*arguments)
        except NotFittedError:
            continue
        raise AssertionError(f"{name} of an unfitted estimator raises no NotFittedError")


@register()
def check_fit_predict_is_fit_then_labels(case: Case) -> None:
    """Check that ``fit_predict`` returns ``row_labels_`` and ``fit`` the estimator."""
    X = case.matrix()
    estimator = case.make()
    assert estimator.fit(X) is estimator or not case.is_monotone, "fit does not return self"
    np.testing.assert_array_equal(case.make().fit_predict(X), estimator.row_labels_)


@register("predict()")
def check_predict_repeats_converged_row_labels(case: Case) -> None:
    """Check that at a fixed point the training rows keep their labels."""
    X = case.matrix()
    fitted = case.fit(X, tol=0.0, max_iter=300)
    labels = fitted.predict(X)
    assert labels.dtype == np.int32, f"predict gives {labels.dtype}"
    assert labels.shape == (len(X),), f"predict gives shape {labels.shape}"
    np.testing.assert_array_equal(fitted.predict(X[3:9]), labels[3:9])
    converged = getattr(fitted, "converged_", True)
    assert converged or not case.is_monotone, "clear blocks do not converge in 300 iterations"
    if converged:
        np.testing.assert_array_equal(labels, fitted.row_labels_)


@register("predict_columns()")
def check_predict_columns_repeats_converged_column_labels(case: Case) -> None:
    """Check that at a fixed point the training columns keep their labels."""
    X = case.matrix()
    fitted = case.fit(X, tol=0.0, max_iter=300)
    labels = fitted.predict_columns(X)
    assert labels.dtype == np.int32, f"predict_columns gives {labels.dtype}"
    assert labels.shape == (X.shape[1],), f"predict_columns gives shape {labels.shape}"
    np.testing.assert_array_equal(fitted.predict_columns(X[:, 3:9]), labels[3:9])
    if getattr(fitted, "converged_", True):
        np.testing.assert_array_equal(labels, fitted.column_labels_)


@register("predict()", "sparse")
def check_answers_of_sparse_equal_dense(case: Case) -> None:
    """Check that every answer about sparse X is the answer about the same dense X."""
    from scipy import sparse

    X = case.matrix()
    fitted = case.fit(X)
    for kind in (sparse.csr_array(X), sparse.csc_array(X), sparse.csr_matrix(X)):
        np.testing.assert_array_equal(fitted.predict(kind), fitted.predict(X))
        for name in ("predict_columns", "transform", "score"):
            if hasattr(fitted, name):
                np.testing.assert_allclose(
                    getattr(fitted, name)(kind),
                    getattr(fitted, name)(X),
                    rtol=1e-9,
                    err_msg=f"{name} of {type(kind).__name__}",
                )


@register("predict()", "missing")
def check_answers_with_missing_entries(case: Case) -> None:
    """Check that rows with missing entries are answered, those without any other by -1."""
    X = case.matrix()
    fitted = case.fit(X)
    X[np.random.default_rng(4).random(X.shape) < 0.1] = np.nan
    X[5], X[:, 3] = np.nan, np.nan
    labels = fitted.predict(X)
    assert labels[5] == -1, "a row without an observed entry is predicted into a cluster"
    assert (np.delete(labels, 5) >= 0).all(), "an observed row is predicted into no cluster"
    if hasattr(fitted, "predict_columns"):
        labels = fitted.predict_columns(X)
        assert labels[3] == -1, "a column without an observed entry is predicted into a cluster"
    if hasattr(fitted, "score"):
        assert np.isfinite(fitted.score(X)), "score with missing entries is not finite"
    if hasattr(fitted, "transform"):
        features = fitted.transform(np.delete(X, 5, axis=0))
        assert np.isfinite(features).all(), "transform of observed rows is not finite"


@register("transform()")
def check_transform_has_shape_and_names(case: Case) -> None:
    """Check that there is one feature per name, and each row is transformed on its own."""
    X = case.matrix()
    fitted = case.fit(X)
    features, names = fitted.transform(X), fitted.get_feature_names_out()
    assert features.shape == (len(X), len(names)), (
        f"transform gives {features.shape} for {len(names)} names"
    )
    assert len(set(names)) == len(names), f"feature names repeat: {list(names)}"
    assert np.isfinite(features).all(), "transform is not finite"
    np.testing.assert_allclose(fitted.transform(X[3:9]), features[3:9], rtol=1e-12)
    together = case.make()
    np.testing.assert_allclose(together.fit_transform(X), features, rtol=1e-12)


@register("transform()", "pandas")
def check_set_output_gives_frames(case: Case) -> None:
    """Check that ``set_output(transform="pandas")`` gives a DataFrame on the rows' index."""
    import pandas as pd

    X = case.matrix()
    frame = pd.DataFrame(
        X,
        index=[f"r{i}" for i in range(len(X))],
        columns=[f"c{j}" for j in range(X.shape[1])],
    )
    estimator = case.make().set_output(transform="pandas")
    features = estimator.fit(frame).transform(frame)
    assert isinstance(features, pd.DataFrame), f"transform gives a {type(features)}"
    assert list(features.index) == list(frame.index), "transform loses the index"
    assert list(features.columns) == list(estimator.get_feature_names_out())


@register("score()")
def check_score_is_larger_for_better_data(case: Case) -> None:
    """Check that score is finite, and larger on the blocks than on shuffled entries."""
    X = case.matrix()
    fitted = case.fit(X)
    own = fitted.score(X)
    assert np.ndim(own) == 0, "score is not a number"
    assert np.isfinite(own), f"score is {own}"
    assert fitted.score(X[:7]) is not None
    shuffled = np.random.default_rng(0).permutation(X.ravel()).reshape(X.shape)
    assert own > fitted.score(shuffled), "shuffled entries do not score lower than the blocks"


@register("get_row_labels()", "get_column_labels()", "pandas")
def check_labels_come_back_on_the_index(case: Case) -> None:
    """Check that labels of a DataFrame are Series on its index, arrays for an array."""
    import pandas as pd

    X = case.matrix()
    frame = pd.DataFrame(
        X,
        index=[f"r{i}" for i in range(len(X))],
        columns=[f"c{j}" for j in range(X.shape[1])],
    )
    fitted = case.fit(frame)
    for name, labels, index in (
        ("get_row_labels", fitted.row_labels_, frame.index),
        ("get_column_labels", fitted.column_labels_, frame.columns),
    ):
        series = getattr(fitted, name)()
        assert isinstance(series, pd.Series), f"{name} of a DataFrame gives a {type(series)}"
        assert list(series.index) == list(index), f"{name} loses the index"
        np.testing.assert_array_equal(series.to_numpy(), labels)
    plain = case.fit(X)
    assert isinstance(plain.get_row_labels(), np.ndarray), "labels of an array are no array"
    np.testing.assert_array_equal(plain.get_row_labels(), plain.row_labels_)
