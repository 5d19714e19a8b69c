"""What CoclusterSearch does, whatever the criterion finds."""

import joblib
import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.exceptions import FitFailedWarning, NotFittedError
from sklearn.model_selection import ParameterGrid

from skcocluster import BBAC, NEOCC, Coclus, MaxNormCoclustering, SpecCo, SpectralBiclustering
from skcocluster.datasets import make_block_matrix
from skcocluster.metrics import block_divergence, modularity
from skcocluster.model_selection import CoclusterSearch, integrated_completed_likelihood
from skcocluster.model_selection._criteria import least_similarity
from skcocluster.model_selection._datasets import draw_samples, hide_entries

GRID = {"n_row_clusters": [1, 2, 3, 4], "n_column_clusters": [1, 2, 3]}


@pytest.fixture(scope="module")
def X():
    return make_block_matrix((30, 24), (3, 2), random_state=0)[0]


@pytest.fixture(scope="module")
def counts():
    return make_block_matrix((30, 24), (3, 2), distribution="poisson", random_state=0)[0]


def make_search(criterion="icl", estimator=None, grid=None, **options):
    options = {"n_splits": 3, "random_state": 0, **options}
    estimator = BBAC(refine=None) if estimator is None else estimator
    return CoclusterSearch(
        estimator, GRID if grid is None else grid, criterion=criterion, **options
    )


# -- results ----------------------------------------------------------------------------------


def test_results_have_the_columns_of_scikit_learn(X):
    search = make_search("held_out").fit(X)
    n = len(ParameterGrid(GRID))
    results = search.cv_results_
    assert results["params"] == list(ParameterGrid(GRID))
    assert set(results) == {
        "params",
        "param_n_row_clusters",
        "param_n_column_clusters",
        "n_row_clusters",
        "n_column_clusters",
        "mean_test_score",
        "std_test_score",
        "rank_test_score",
        "mean_fit_time",
        "std_fit_time",
        *(f"split{i}_test_score" for i in range(3)),
    }
    assert all(len(column) == n for column in results.values())
    splits = np.stack([results[f"split{i}_test_score"] for i in range(3)])
    assert_allclose(results["mean_test_score"], splits.mean(axis=0))
    assert_allclose(results["std_test_score"], splits.std(axis=0))
    order = np.argsort(-results["mean_test_score"])
    assert_array_equal(results["rank_test_score"][order], np.arange(1, n + 1))
    assert search.best_params_ == results["params"][search.best_index_]
    assert search.best_score_ == results["mean_test_score"][search.best_index_]
    assert (results["mean_fit_time"] > 0).all()


def test_parameters_of_one_grid_only_are_masked(X):
    grid = [{"n_row_clusters": [2]}, {"n_row_clusters": [2], "n_init": [2]}]
    results = make_search(grid=grid).fit(X).cv_results_
    assert results["param_n_init"].mask.tolist() == [True, False]
    assert results["param_n_init"][1] == 2


def test_best_estimator_has_its_parameters_and_labels(X):
    search = make_search().fit(X)
    best = search.best_estimator_
    assert best.get_params() | search.best_params_ == best.get_params()
    assert best.init == "auto"
    assert best.n_init == 1
    assert_array_equal(search.row_labels_, best.row_labels_)
    assert_array_equal(search.labels_, best.row_labels_)
    assert_array_equal(search.predict(X), best.predict(X))
    assert_array_equal(search.predict_columns(X), best.predict_columns(X))
    assert_array_equal(search.reconstruct(), best.reconstruct())
    assert_array_equal(search.biclusters_[0], best.rows_)
    assert_array_equal(search.get_submatrix(0, X), best.get_submatrix(0, X))
    assert search.score(X) == best.score(X)
    assert_array_equal(make_search().fit_predict(X), best.row_labels_)


def test_without_refit_there_are_results_alone(X):
    search = make_search(refit=False).fit(X)
    assert not hasattr(search, "best_estimator_")
    assert not hasattr(search, "row_labels_")
    with pytest.raises(AttributeError, match="refit=False keeps none"):
        search.predict(X)
    with pytest.raises(NotFittedError):
        make_search().predict(X)


def test_resampled_best_is_fitted_to_all_of_x(X):
    for criterion in ("held_out", "stability"):
        search = make_search(criterion).fit(X)
        assert search.row_labels_.shape == (30,)
        assert search.refit_time_ > 0


@pytest.mark.parametrize("criterion", ["icl", "held_out", "stability"])
def test_number_and_kind_of_jobs_change_nothing(X, criterion):
    one = make_search(criterion).fit(X)
    two = make_search(criterion, n_jobs=2).fit(X)
    with joblib.parallel_config(backend="loky"):
        processes = make_search(criterion, n_jobs=2).fit(X)
    for other in (two, processes):
        for name in ("mean_test_score", "rank_test_score"):
            assert_array_equal(other.cv_results_[name], one.cv_results_[name])
        assert_array_equal(other.row_labels_, one.row_labels_)


def test_same_seed_gives_the_same_result_and_own_seeds_of_estimators_stay(X):
    first, second = (make_search("stability").fit(X) for _ in range(2))
    assert_array_equal(first.cv_results_["mean_test_score"], second.cv_results_["mean_test_score"])
    other = make_search("stability", random_state=1).fit(X)
    assert (other.cv_results_["mean_test_score"] != first.cv_results_["mean_test_score"]).any()
    assert make_search(estimator=BBAC(random_state=7)).fit(X).best_estimator_.random_state == 7


def test_search_does_not_change_x_and_forgets_earlier_fits(X):
    before = X.copy()
    search = make_search("held_out").fit(X)
    assert_array_equal(X, before)
    search.set_params(criterion="icl").fit(X[:, :20])
    assert "std_test_score" not in search.cv_results_
    assert search.column_labels_.shape == (20,)
    assert not hasattr(search.set_params(refit=False).fit(X), "best_estimator_")


def test_failing_fit_leaves_the_search_as_it_was(X):
    search = make_search().fit(X)
    results = search.cv_results_
    with pytest.raises(ValueError, match="infinit"):
        search.fit(np.full((30, 24), np.inf))
    assert search.cv_results_ is results


# -- values -----------------------------------------------------------------------------------


def test_icl_is_that_of_the_labels(X):
    search = make_search(grid={"n_row_clusters": [3], "n_column_clusters": [2]}).fit(X)
    value = integrated_completed_likelihood(X, search.row_labels_, search.column_labels_)
    assert_allclose(search.best_score_, value, rtol=1e-12)


def test_icl_of_spectral_biclusters_is_the_gaussian_one():
    X = make_block_matrix((30, 24), (3, 2), distribution="gamma", random_state=0)[0]
    search = make_search(estimator=SpectralBiclustering(), grid={"n_row_clusters": [2, 3]}).fit(X)
    value = integrated_completed_likelihood(X, search.row_labels_, search.column_labels_)
    assert_allclose(search.best_score_, value, rtol=1e-12)


def test_explained_divergence_is_the_share_of_one_block(X):
    estimators = (BBAC(refine=None), SpectralBiclustering())
    for estimator, matrix in zip(estimators, (X, np.exp(X)), strict=True):
        options = {"estimator": estimator, "grid": {"n_row_clusters": [3]}, "selection": "best"}
        search = make_search("explained_divergence", **options).fit(matrix)
        total = block_divergence(matrix, np.zeros(30, int), np.zeros(24, int))
        own = block_divergence(matrix, search.row_labels_, search.column_labels_)
        assert_allclose(search.best_score_, 1 - own / total, rtol=1e-9)


def test_modularity_is_that_of_the_labels(counts):
    from skcocluster import SpectralCoclustering

    for estimator in (Coclus(), SpecCo(), SpectralCoclustering()):
        search = make_search("modularity", estimator, {"n_clusters": [2]}).fit(counts)
        value = modularity(counts, search.row_labels_, search.column_labels_)
        assert_allclose(search.best_score_, value, rtol=1e-12)


def test_auto_takes_the_criterion_of_the_estimator():
    X = np.random.default_rng(0).poisson(2.0, size=(9, 8))
    expected = {
        BBAC(): "icl",
        Coclus(): "modularity",
        NEOCC(): "stability",
        MaxNormCoclustering(): "max_norm_cost",
    }
    for estimator, name in expected.items():
        count = "n_clusters" if isinstance(estimator, Coclus) else "n_row_clusters"
        search = make_search("auto", estimator, {count: [1, 2]}, selection="best", refit=False)
        assert search.fit(X).criterion_ == name


def test_target_of_a_cost_is_the_largest_that_is_tolerated():
    X = [[1, 9, 2, 8], [2, 8, 1, 9], [7, 0, 8, 1], [5, 5, 5, 5]]
    for target, n_blocks in ((9, 1), (1, 6), (0, 16)):
        grid = {"n_row_clusters": [1, 2, 3, 4], "n_column_clusters": [1, 2, 3, 4]}
        search = make_search("auto", MaxNormCoclustering(), grid, target=target).fit(X)
        assert search.selection_ == "target"
        assert search.best_estimator_.objective_ <= target
        assert len(search.rows_) == n_blocks
    with pytest.raises(ValueError, match="No candidate reaches target=1"):
        make_search("auto", MaxNormCoclustering(), {"n_row_clusters": [1]}, target=1).fit(X)


def test_callable_sees_the_fitted_estimator_and_x(X):
    def minus_blocks(fitted, data):
        assert data is X
        return -len(fitted.biclusters_[0])

    search = make_search(minus_blocks).fit(X)
    assert search.best_params_ == {"n_row_clusters": 1, "n_column_clusters": 1}
    assert search.criterion_ == "custom"
    assert search.criterion_label_ == "minus_blocks"


@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence"])
@pytest.mark.parametrize("container", [np.asarray, sp.csr_array])
def test_held_out_value_is_the_error_of_the_reconstruction(counts, divergence, container):
    data = container(counts)
    estimator = BBAC(3, 2, divergence=divergence, refine=None, random_state=0)
    search = make_search("held_out", estimator, {"n_init": [1]}, warm_start=False).fit(data)
    rng = np.random.RandomState(0)
    rng.randint(np.iinfo(np.int32).max)
    for i, hidden in enumerate(hide_entries(data, 0.1, 3, rng)):
        fitted = BBAC(3, 2, divergence=divergence, refine=None)
        fitted.set_params(random_state=0).fit(hidden.load())
        approximation, errors = fitted.reconstruct(), []
        for row, column in zip(hidden.rows, hidden.columns, strict=True):
            x, y = counts[row, column], approximation[row, column]
            if divergence == "squared_euclidean":
                errors.append((x - y) ** 2)
            else:
                errors.append((x * np.log(x / y) if x else 0.0) - x + y)
        value = search.cv_results_[f"split{i}_test_score"][0]
        assert_allclose(value, -np.mean(errors), rtol=1e-9)


@pytest.mark.parametrize("container", [np.array, sp.csr_array])
def test_hidden_entries_are_missing_observed_and_hidden_once(counts, container):
    full = counts.copy()
    if container is np.array:
        full[:5, :5] = np.nan
    data = container(full)
    splits = hide_entries(data, 0.15, 4, np.random.RandomState(0))
    times = np.zeros(full.shape, int)
    for split in splits:
        loaded = split.load()
        dense = loaded.toarray() if sp.issparse(loaded) else loaded
        expected = full.copy()
        expected[split.rows, split.columns] = np.nan
        assert_array_equal(dense, expected)
        assert_array_equal(split.values(), full[split.rows, split.columns])
        times[split.rows, split.columns] += 1
    assert times.max() == 1
    assert not times[np.isnan(full)].any()
    if container is np.array:
        assert times.sum() == pytest.approx(4 * 0.15 * full.size, abs=25)


def test_samples_leave_out_their_share(X):
    for sample in draw_samples(X, 0.2, 3, np.random.RandomState(0)):
        assert sample.load().shape == (24, 19)
        assert_array_equal(sample.load(), X[np.ix_(sample.rows, sample.columns)])


def plain_least_similarity(first, second, n_clusters):
    values = []
    for one, other in ((first, second), (second, first)):
        for g in range(n_clusters):
            members = {i for i, label in enumerate(one) if label == g}
            best = 0.0
            for h in range(n_clusters):
                others = {i for i, label in enumerate(other) if label == h}
                if members & others:
                    best = max(best, len(members & others) / len(members | others))
            values.append(best)
    return min(values)


@pytest.mark.parametrize("seed", range(20))
def test_similarity_of_the_least_stable_cluster_equals_loops_over_sets(seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(-1, 3, 20)
    second = np.where(rng.random(20) < 0.3, rng.integers(-1, 3, 20), first)
    value = least_similarity(first, second, 3)
    assert_allclose(value, plain_least_similarity(first, second, 3))
    assert_allclose(least_similarity(second, first, 3), value)


def test_empty_cluster_is_not_stable():
    labels = np.array([0, 0, 1, 1])
    assert least_similarity(labels, labels, 2) == 1.0
    assert least_similarity(labels, labels) == 1.0
    assert least_similarity(labels, labels, 3) == 0.0


def test_one_cluster_does_not_win_by_stability(X):
    search = make_search("stability", n_splits=4).fit(make_block_matrix((60, 40), (3, 2))[0])
    assert search.cv_results_["mean_test_score"][0] == 1.0
    assert search.best_params_["n_row_clusters"] > 1


# -- warm starts ------------------------------------------------------------------------------


def objectives(search):
    results = search.cv_results_
    names = ("n_row_clusters", "n_column_clusters", "objective")
    return {(k, p): value for k, p, value in zip(*map(results.get, names), strict=True)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("divergence", ["squared_euclidean", "i_divergence"])
def test_with_warm_starts_no_candidate_is_worse_than_a_smaller_one(divergence, seed):
    noise = np.random.default_rng(seed).gamma(2.0, size=(20, 15))
    noise[::7, ::3] = np.nan
    estimator = BBAC(init="random", refine=None, divergence=divergence)
    options = {"estimator": estimator, "selection": "best", "random_state": seed}
    warm, cold = (
        objectives(make_search("explained_divergence", warm_start=w, **options).fit(noise))
        for w in ("auto", False)
    )
    for counts, value in warm.items():
        assert value <= cold[counts] * (1 + 1e-9)
        for other, larger in warm.items():
            if other[0] >= counts[0] and other[1] >= counts[1]:
                assert larger <= value * (1 + 1e-9)
    assert sum(warm.values()) < sum(cold.values())


@pytest.mark.parametrize("seed", range(3))
def test_with_warm_starts_more_coclusters_are_never_worse(seed):
    noise = np.random.default_rng(seed).poisson(0.3, size=(30, 20))
    estimator = Coclus(init="random", refine=None)
    grid = {"n_clusters": [6, 2, 4, 3]}
    warm, cold = (
        make_search("modularity", estimator, grid, warm_start=w, random_state=seed).fit(noise)
        for w in (True, False)
    )
    values = warm.cv_results_["objective"]
    assert (np.diff(values[np.argsort(grid["n_clusters"])]) >= -1e-12).all()
    assert (values >= cold.cv_results_["objective"] - 1e-12).all()
    assert (values > cold.cv_results_["objective"]).any()


def test_warm_labels_of_the_best_estimator_give_its_objective(X):
    search = make_search(estimator=BBAC(init="random", refine=None)).fit(X)
    value = block_divergence(X, search.row_labels_, search.column_labels_)
    assert_allclose(search.best_estimator_.objective_, value)
    assert search.best_estimator_.init == "random"


# -- containers -------------------------------------------------------------------------------


def test_containers_give_the_same_search(counts):
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(counts, columns=[f"c{j}" for j in range(24)])
    estimator = BBAC(divergence="i_divergence", refine=None)
    for criterion in ("icl", "held_out", "stability"):
        dense, named, sparse = (
            make_search(criterion, estimator).fit(data)
            for data in (counts, frame, sp.csr_array(counts))
        )
        assert_array_equal(
            named.cv_results_["mean_test_score"], dense.cv_results_["mean_test_score"]
        )
        assert list(named.feature_names_in_) == list(frame.columns)
        assert sparse.best_params_ == dense.best_params_


def test_dask_arrays_are_searched_by_criteria_of_one_fit(counts):
    da = pytest.importorskip("dask.array")
    chunked = da.from_array(counts, chunks=(7, 24))
    estimator = BBAC(divergence="i_divergence", refine=None)
    memory = make_search("icl", estimator, warm_start=False).fit(counts)
    dask = make_search("icl", estimator).fit(chunked)
    assert dask.best_params_ == memory.best_params_
    assert_allclose(dask.best_score_, memory.best_score_, rtol=1e-9)
    for criterion in ("held_out", "stability"):
        with pytest.raises(TypeError, match=f"{criterion}' needs X in memory"):
            make_search(criterion, estimator).fit(chunked)
    with pytest.raises(ValueError, match="warm_start=True needs X in memory"):
        make_search("icl", estimator, warm_start=True).fit(chunked)


def test_search_ends_a_pipeline(counts):
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.pipeline import make_pipeline

    search = CoclusterSearch(Coclus(), {"n_clusters": [2, 3]}, random_state=0)
    pipeline = make_pipeline(TfidfTransformer(), search).fit(sp.csr_array(counts))
    assert pipeline[-1].row_labels_.shape == (30,)
    assert_array_equal(pipeline.predict(counts), pipeline[-1].row_labels_)
    assert pipeline.set_params(coclustersearch__estimator__resolution=2.0) is pipeline


# -- errors -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimator", "criterion", "message"),
    [
        (NEOCC(), "explained_divergence", r"numbers of clusters cannot be compared.*'stability'"),
        (NEOCC(), "icl", r"not defined for NEOCC.*\('stability',\) or a callable"),
        (Coclus(), "icl", r"not defined for Coclus\. Use one of \('modularity', 'stability'\)"),
        (BBAC(), "modularity", r"one of \('icl', 'exact_icl', 'explained_divergence', 'held_out'"),
        (MaxNormCoclustering(), "held_out", r"Use one of \('max_norm_cost', 'stability'\)"),
        (BBAC(), "nothing", "'nothing' is not one of"),
        (BBAC(basis="C5"), "icl", "is for basis='C2'.*'explained_divergence' or 'stability'"),
        (BBAC(basis="C5"), "held_out", "which only basis='C2' allows"),
        (BBAC(), "exact_icl", "for divergence='logistic', not for 'squared_euclidean': use 'icl'"),
    ],
)
def test_criteria_that_do_not_fit_are_refused_with_those_that_do(X, estimator, criterion, message):
    with pytest.raises(ValueError, match=message):
        make_search(criterion, estimator).fit(np.exp(X))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"criterion": 3}, TypeError, "criterion must be a name or callable"),
        ({"selection": "worst"}, ValueError, "selection='worst' is not one of"),
        ({"selection": "one_standard_error"}, ValueError, "needs splits"),
        ({"n_splits": 1}, ValueError, "n_splits=1 must be at least 2"),
        ({"test_size": 1.0}, ValueError, "test_size=1.0 must lie between 0 and 1"),
        ({"error_score": "none"}, ValueError, "must be 'raise' or a number"),
        ({"warm_start": "yes"}, ValueError, "must be 'auto', True or False"),
        ({"target": "low"}, TypeError, "target must be a number"),
        ({"n_jobs": "two"}, TypeError, "n_jobs must be an integer"),
        ({"grid": {"no_parameter": [1]}}, ValueError, "Invalid parameter 'no_parameter'"),
        ({"grid": {"n_row_clusters": 3}}, TypeError, "is not iterable|needs to be a list"),
        ({"grid": {"divergence": ["i_divergence", "logistic"]}}, ValueError, "varies divergence"),
        ({"criterion": "held_out", "test_size": 0.5}, ValueError, "more entries than there are"),
        (
            {"criterion": "explained_divergence", "grid": {"n_row_clusters": [2, 3]}},
            ValueError,
            "param_grid needs three values at least",
        ),
        ({"criterion": lambda fitted, data: np.nan}, ValueError, "has no value for any"),
    ],
)
def test_bad_options_are_refused(X, options, error, message):
    with pytest.raises(error, match=message):
        make_search(**options).fit(X)


def test_warm_start_needs_an_estimator_that_takes_labels(counts):
    with pytest.raises(ValueError, match="BBAC or Coclus, and SpecCo is neither"):
        make_search("modularity", SpecCo(), {"n_clusters": [2]}, warm_start=True).fit(counts)


def test_modularities_of_different_resolutions_are_not_compared(counts):
    grid = {"n_clusters": [2], "resolution": [0.5, 1.0]}
    with pytest.raises(ValueError, match="varies resolution"):
        make_search("modularity", Coclus(), grid).fit(counts)
    search = make_search("stability", Coclus(), grid | {"n_clusters": [2, 3]}).fit(counts)
    assert len(search.cv_results_["params"]) == 4


def test_failed_candidates_have_error_score_and_a_warning(X):
    grid = {"n_row_clusters": [2, 31, 3]}
    with pytest.warns(FitFailedWarning, match="1 of 3 fits failed.*more than the number of rows"):
        search = make_search(grid=grid).fit(X)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [False, True, False]
    assert search.cv_results_["rank_test_score"][1] == 3
    with pytest.warns(FitFailedWarning):
        search = make_search("stability", grid=grid, error_score=-9.0).fit(X)
    assert search.cv_results_["mean_test_score"][1] == -9.0
    with pytest.raises(ValueError, match="n_row_clusters=31 is more than"):
        make_search(grid=grid, error_score="raise").fit(X)
    with pytest.raises(ValueError, match="n_row_clusters=31 is more than"):
        make_search(grid={"n_row_clusters": [31, 32]}).fit(X)


def test_verbose_prints_each_fit_and_the_best(X, capsys):
    make_search(verbose=2, grid={"n_row_clusters": [1, 2]}).fit(X)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("[CoclusterSearch] {'n_row_clusters': 1}: objective")
    assert "2 candidates, icl: best" in lines[-1]
