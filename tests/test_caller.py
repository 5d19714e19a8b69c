"""Warnings point at the user's own line, however many calls lie between."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from skcocluster import BBAC, NEOCC, Coclus, MaxNormCoclustering, NEOKMeans
from skcocluster._shared.caller import warn_caller
from skcocluster.model_selection import CoclusterSearch

X = np.random.default_rng(0).uniform(1, 2, (30, 20))
UNFINISHED = [
    BBAC(3, 3, max_iter=1, tol=0.0, init="random", random_state=0),
    BBAC(3, 3, max_iter=1, tol=0.0, init="random", n_init=4, n_jobs=2, random_state=0),
    Coclus(3, max_iter=1, random_state=0),
    NEOCC(3, 3, max_iter=1, random_state=0),
    NEOKMeans(3, max_iter=1, init="random", random_state=0),
    MaxNormCoclustering(4, 4, max_nodes=50, random_state=0),
]


@pytest.mark.parametrize("model", UNFINISHED, ids=str)
@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: make_pipeline(MinMaxScaler(), m)])
def test_warning_of_a_fit_points_at_the_line_that_fits(model, wrap):
    with pytest.warns(ConvergenceWarning) as caught:
        wrap(model).fit(X)
    assert {warning.filename for warning in caught} == {__file__}


def test_warning_of_a_search_points_at_the_line_that_fits():
    search = CoclusterSearch(
        BBAC(),
        {"n_row_clusters": [2, 3, 4], "n_column_clusters": [2]},
        criterion="explained_divergence",
    )
    with pytest.warns(UserWarning, match="bends nowhere") as caught:
        search.fit(X)
    assert [warning.filename for warning in caught] == [__file__]


def test_warning_of_a_thread_is_not_lost():
    with ThreadPoolExecutor() as pool, pytest.warns(UserWarning, match="from below"):
        pool.submit(warn_caller, "from below", UserWarning).result()
