"""dask-ml around the estimators: new rows in parallel, and searches over parameters."""

import dask
import dask.array as da
import numpy as np
import pytest
from dask_ml.model_selection import GridSearchCV
from dask_ml.wrappers import ParallelPostFit

from skcocluster import BBAC, Coclus

# dask-ml's own calls of what is deprecated are not ours.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

ESTIMATORS = [BBAC(4, 3, refine=None, random_state=0), Coclus(4, random_state=0)]


@pytest.fixture(autouse=True)
def synchronous():
    with dask.config.set(scheduler="synchronous"):
        yield


def matrix():
    rng = np.random.default_rng(0)
    means = np.where(rng.integers(0, 4, 80)[:, None] == rng.integers(0, 4, 40), 2.3, 0.3)
    return rng.poisson(means).astype(float)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("in_memory", [True, False])
def test_new_rows_in_parallel_are_those_of_the_estimator(estimator, in_memory):
    X = matrix()
    array = da.from_array(X, chunks=(20, -1))
    wrapped = ParallelPostFit(estimator).fit(X if in_memory else array)
    fitted = estimator.fit(X)
    np.testing.assert_array_equal(wrapped.labels_, fitted.labels_)
    np.testing.assert_array_equal(wrapped.predict(array).compute(), fitted.predict(X))
    np.testing.assert_allclose(wrapped.transform(array).compute(), fitted.transform(X))
    np.testing.assert_allclose(float(wrapped.score(array, None)), fitted.score(X))


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_search_of_dask_ml_chooses_as_with_data_in_memory(estimator):
    X = matrix()
    count = next(name for name in ("n_row_clusters", "n_clusters") if hasattr(estimator, name))
    searches = [
        GridSearchCV(estimator, {count: [2, 4]}, cv=3).fit(data)
        for data in (X, da.from_array(X, chunks=(20, -1)))
    ]
    scores = [search.cv_results_["mean_test_score"] for search in searches]
    np.testing.assert_allclose(scores[0], scores[1])
    assert searches[0].best_params_ == searches[1].best_params_ == {count: 4}
