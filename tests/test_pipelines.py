"""Every estimator as a step of scikit-learn's pipelines, searches and data frames."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pipeline_estimators import ESTIMATORS, make_documents, make_matrix
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RandomizedSearchCV,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from skcocluster import MaxNormCoclustering, SpectralBiclustering

X, Y = make_matrix()
NEW = X[::-3] + 0.25
FRAME = pd.DataFrame(X, columns=[f"c{i}" for i in range(X.shape[1])]).set_axis(
    [f"r{i}" for i in range(X.shape[0])]
)

every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: type(e).__name__)


def for_words(estimator):
    """The estimator as it is meant for sparse counts."""
    estimator = clone(estimator)
    if isinstance(estimator, SpectralBiclustering):
        # The zeros of texts leave no bistochastic form, which is a warning.
        estimator.set_params(normalization="scale")
    return estimator


def count_grid(estimator):
    """The parameter of the number of (row) clusters, and two values of it."""
    name = next(n for n in ("n_row_clusters", "n_clusters") if n in estimator.get_params())
    # Two by two at most: then the maximum norm is a matter of milliseconds.
    return name, [1, 2] if isinstance(estimator, MaxNormCoclustering) else [2, 3]


# --- Pipeline -------------------------------------------------------------------------------------


@every_estimator
def test_last_step_of_a_pipeline_is_fitted_to_what_the_steps_before_give(estimator):
    pipeline = make_pipeline(MinMaxScaler(), clone(estimator))
    labels = pipeline.fit_predict(X)
    scaler = MinMaxScaler().fit(X)
    alone = clone(estimator).fit(scaler.transform(X))
    assert_array_equal(labels, alone.row_labels_)
    assert_array_equal(pipeline[-1].column_labels_, alone.column_labels_)
    new = scaler.transform(NEW)
    assert_array_equal(pipeline.predict(NEW), alone.predict(new))
    assert_array_equal(pipeline.transform(NEW), alone.transform(new))
    assert pipeline.score(NEW) == alone.score(new)


@every_estimator
def test_first_step_of_a_pipeline_makes_features_for_a_classifier(estimator):
    pipeline = make_pipeline(clone(estimator), StandardScaler(), LogisticRegression())
    assert pipeline.fit(X, Y).score(X, Y) > 0.4
    alone = clone(estimator).fit(X)
    scaler = StandardScaler().fit(alone.transform(X))
    classifier = LogisticRegression().fit(scaler.transform(alone.transform(X)), Y)
    expected = classifier.predict(scaler.transform(alone.transform(NEW)))
    assert_array_equal(pipeline.predict(NEW), expected)
    names = pipeline[:-1].get_feature_names_out()
    assert len(names) == pipeline[-1].n_features_in_


@every_estimator
def test_parameters_are_set_through_the_pipeline(estimator):
    pipeline = Pipeline([("scale", MinMaxScaler()), ("cluster", clone(estimator))])
    name, _ = count_grid(estimator)
    pipeline.set_params(**{f"cluster__{name}": 2})
    assert pipeline.get_params()[f"cluster__{name}"] == 2
    assert pipeline.fit(X)[-1].row_labels_.max() == 1


# joblib warns of a slow disk.
@pytest.mark.filterwarnings("ignore:Persisting input arguments took")
@every_estimator
def test_a_pipeline_that_caches_gives_the_same(estimator, tmp_path):
    steps = [("cluster", clone(estimator)), ("classify", LogisticRegression())]
    cached = Pipeline(steps, memory=str(tmp_path))
    expected = Pipeline(steps).fit(X, Y).predict(NEW)
    for _ in range(2):
        assert_array_equal(cached.fit(X, Y).predict(NEW), expected)


# --- ColumnTransformer and FeatureUnion -----------------------------------------------------------


@every_estimator
def test_column_transformer_co_clusters_the_columns_it_is_given(estimator):
    names = [f"c{i}" for i in range(0, 12, 2)]
    transformer = make_column_transformer(
        (clone(estimator), names), ("passthrough", ["c1", "c3"])
    ).fit(FRAME)
    alone = clone(estimator).fit(FRAME[names])
    new = FRAME.iloc[:5]
    width = len(alone.get_feature_names_out())
    result = transformer.transform(new)
    assert_array_equal(result[:, :width], alone.transform(new[names]))
    assert_array_equal(result[:, width:], new[["c1", "c3"]])
    step = type(estimator).__name__.lower()
    expected = [f"{step}__{name}" for name in alone.get_feature_names_out()]
    assert transformer.get_feature_names_out().tolist()[:width] == expected
    assert_array_equal(transformer.named_transformers_[step].feature_names_in_, names)


@every_estimator
def test_column_transformer_gives_a_frame_when_asked(estimator):
    transformer = ColumnTransformer(
        [("left", clone(estimator), list(FRAME.columns[:6])), ("right", "drop", ["c7"])],
        remainder="passthrough",
    ).set_output(transform="pandas")
    result = transformer.fit_transform(FRAME)
    assert isinstance(result, pd.DataFrame)
    assert result.index.equals(FRAME.index)
    assert result.columns.tolist() == transformer.get_feature_names_out().tolist()
    assert_array_equal(result["remainder__c6"], FRAME["c6"])


@every_estimator
def test_feature_union_puts_the_features_side_by_side(estimator):
    pca = PCA(2, random_state=0)
    union = FeatureUnion([("cluster", clone(estimator)), ("pca", pca)])
    result = union.fit(X).transform(NEW)
    alone = clone(estimator).fit(X).transform(NEW)
    assert_array_equal(result[:, : alone.shape[1]], alone)
    assert_allclose(result[:, alone.shape[1] :], clone(pca).fit(X).transform(NEW), atol=1e-12)
    assert len(union.get_feature_names_out()) == result.shape[1]


# --- frames ---------------------------------------------------------------------------------------


@every_estimator
def test_pandas_output_has_the_names_and_the_index(estimator):
    plain = clone(estimator).fit(X)
    framed = clone(estimator).set_output(transform="pandas").fit(FRAME)
    result = framed.transform(FRAME.iloc[3:9])
    assert isinstance(result, pd.DataFrame)
    assert result.index.tolist() == [f"r{i}" for i in range(3, 9)]
    assert result.columns.tolist() == framed.get_feature_names_out().tolist()
    assert result.columns[0] == f"{type(estimator).__name__.lower()}0"
    assert_array_equal(result, plain.transform(X[3:9]))
    assert_array_equal(framed.fit_transform(FRAME), plain.transform(X))
    assert_array_equal(framed.row_labels_, plain.row_labels_)


@every_estimator
def test_polars_output_has_the_names(estimator):
    frame = pl.DataFrame(X, schema=FRAME.columns.tolist())
    framed = clone(estimator).set_output(transform="polars").fit(frame)
    result = framed.transform(frame[3:9])
    assert isinstance(result, pl.DataFrame)
    assert result.columns == framed.get_feature_names_out().tolist()
    assert_array_equal(result.to_numpy(), clone(estimator).fit(X).transform(X[3:9]))


@every_estimator
def test_pandas_output_goes_through_a_pipeline(estimator):
    pipeline = make_pipeline(MinMaxScaler(), clone(estimator)).set_output(transform="pandas")
    result = pipeline.fit(FRAME).transform(FRAME)
    assert result.index.equals(FRAME.index)
    assert_array_equal(pipeline[-1].feature_names_in_, FRAME.columns)


# --- searches and cross-validation ----------------------------------------------------------------


@every_estimator
def test_grid_search_maximises_the_own_score_of_held_out_rows(estimator):
    name, counts = count_grid(estimator)
    folds = KFold(3, shuffle=True, random_state=0)
    search = GridSearchCV(clone(estimator), {name: counts}, cv=folds, error_score="raise").fit(X)
    for i, count in enumerate(counts):
        for j, (train, test) in enumerate(folds.split(X)):
            fold = clone(estimator).set_params(**{name: count}).fit(X[train])
            assert search.cv_results_[f"split{j}_test_score"][i] == fold.score(X[test])
    best = clone(estimator).set_params(**search.best_params_).fit(X)
    assert_array_equal(search.predict(NEW), best.predict(NEW))
    assert_array_equal(search.transform(NEW), best.transform(NEW))
    assert search.score(NEW) == best.score(NEW)


@every_estimator
def test_search_over_a_pipeline_chooses_by_the_classifier(estimator):
    classifier = make_pipeline(StandardScaler(), LogisticRegression())
    pipeline = Pipeline([("cluster", clone(estimator)), ("classify", classifier)])
    name, counts = count_grid(estimator)
    search = RandomizedSearchCV(
        pipeline, {f"cluster__{name}": counts}, n_iter=2, cv=3, random_state=0, error_score="raise"
    ).fit(X, Y)
    assert search.best_score_ == max(search.cv_results_["mean_test_score"])
    assert_array_equal(search.predict(NEW), search.best_estimator_.predict(NEW))


@every_estimator
def test_cross_val_score_is_the_score_of_each_fold(estimator):
    folds = KFold(3)
    scores = cross_val_score(clone(estimator), X, cv=folds, error_score="raise")
    fits = [(clone(estimator).fit(X[i]), i, j) for i, j in folds.split(X)]
    assert scores.tolist() == [fitted.score(X[j]) for fitted, _, j in fits]
    assert np.isfinite(scores).all()
    # Of the rows held out, not of those of the fit.
    assert all(fitted.score(X[i]) != fitted.score(X[j]) for fitted, i, j in fits)


@every_estimator
def test_cross_validate_returns_the_fitted_estimators(estimator):
    folds = KFold(2)
    results = cross_validate(
        clone(estimator), FRAME, cv=folds, return_estimator=True, error_score="raise"
    )
    for fitted, (train, _) in zip(results["estimator"], folds.split(X), strict=True):
        assert_array_equal(fitted.row_labels_, clone(estimator).fit(X[train]).row_labels_)


# --- sparse features of texts ---------------------------------------------------------------------


@every_estimator
def test_texts_go_through_tfidf_without_becoming_dense(estimator):
    texts, topics = make_documents()
    pipeline = make_pipeline(TfidfVectorizer(), for_words(estimator), LogisticRegression())
    assert pipeline.fit(texts, topics).score(texts, topics) > 0.4
    counts = pipeline[0].transform(texts)
    fitted = pipeline[1]
    assert fitted.n_features_in_ == counts.shape[1]
    assert_allclose(fitted.transform(counts), fitted.transform(counts.toarray()), atol=1e-9)
    assert_array_equal(fitted.predict(counts), fitted.predict(counts.toarray()))
    held_out = ["goal team a word that was never seen", "", "of nothing known"]
    assert pipeline.predict(held_out).shape == (3,)
    assert np.isfinite(pipeline[:-1].transform(held_out)).all()


@every_estimator
def test_texts_are_cross_validated_from_the_words_on(estimator):
    texts, topics = make_documents()
    pipeline = make_pipeline(TfidfVectorizer(), for_words(estimator), LogisticRegression())
    scores = cross_val_score(pipeline, texts, topics, cv=3, error_score="raise")
    assert scores.shape == (3,)
    assert np.isfinite(cross_val_score(pipeline[:-1], texts, cv=3, error_score="raise")).all()
