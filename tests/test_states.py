"""Whatever is done with an estimator, it is what its last successful fit has made of it."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from skcocluster import (
    BBAC,
    NEOCC,
    Coclus,
    MaxNormCoclustering,
    NEOKMeans,
    SpecCo,
    SpectralBiclustering,
    SpectralCoclustering,
)

ESTIMATORS = [
    BBAC(2, 2),
    BBAC(2, 2, divergence="i_divergence", basis="C5", refine=None),
    Coclus(2),
    SpecCo(2),
    SpectralCoclustering(2),
    SpectralBiclustering(2, 2, normalization="scale"),
    NEOCC(2, 2, row_overlap=0.1, n_init=2),
    NEOKMeans(2),
    MaxNormCoclustering(2, 2),
]
MATRICES = [np.random.default_rng(i).integers(1, 9, (8 + i, 6)).astype(float) for i in range(3)]
NEW_ROWS = np.random.default_rng(9).integers(1, 9, (4, 6)).astype(float)
SPOILT = [np.full((5, 6), np.inf), np.ones((1, 6)), np.ones(6), np.array([["a", "b"]])]


class Life(RuleBasedStateMachine):
    """Fits, failed fits, copies and uses of one estimator, beside one that is fitted once."""

    template = None

    @initialize()
    def start(self):
        self.estimator = clone(self.template).set_params(random_state=0)
        self.data = self.seed = None
        self.seed_set = 0

    @rule(number=st.integers(0, len(MATRICES) - 1))
    def fit(self, number):
        assert self.estimator.fit(MATRICES[number]) is self.estimator
        self.data, self.seed = number, self.seed_set

    @rule(number=st.integers(0, len(SPOILT) - 1))
    def fit_what_cannot_be_fitted(self, number):
        with pytest.raises((ValueError, TypeError)):
            self.estimator.fit(SPOILT[number])

    @rule(seed=st.integers(0, 2))
    def set_another_seed(self, seed):
        self.estimator.set_params(random_state=seed)
        self.seed_set = seed

    @rule()
    def pickle_and_go_on(self):
        self.estimator = pickle.loads(pickle.dumps(self.estimator))

    @rule()
    def copy_and_spoil_the_first(self):
        first, self.estimator = self.estimator, copy.deepcopy(self.estimator)
        first.fit(MATRICES[0] + 7)

    @rule()
    def clone_and_forget(self):
        self.estimator = clone(self.estimator)
        self.data = None

    @precondition(lambda self: self.data is None)
    @rule()
    def use_before_fit(self):
        with pytest.raises(NotFittedError):
            self.estimator.predict(NEW_ROWS)

    @precondition(lambda self: self.data is not None)
    @rule()
    def predict_what_cannot_be_predicted(self):
        with pytest.raises(ValueError, match="features"):
            self.estimator.predict(NEW_ROWS[:, :3])

    @invariant()
    def is_what_its_last_fit_made(self):
        if self.data is None:
            assert not hasattr(self.estimator, "row_labels_")
            return
        fresh = clone(self.template).set_params(random_state=self.seed).fit(MATRICES[self.data])
        for name in ("row_labels_", "column_labels_", "objective_", "n_features_in_"):
            np.testing.assert_array_equal(getattr(self.estimator, name), getattr(fresh, name))
        np.testing.assert_array_equal(self.estimator.predict(NEW_ROWS), fresh.predict(NEW_ROWS))
        np.testing.assert_array_equal(self.estimator.transform(NEW_ROWS), fresh.transform(NEW_ROWS))
        assert self.estimator.score(NEW_ROWS) == fresh.score(NEW_ROWS)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=str)
def test_estimators_are_what_their_last_fit_made_of_them(estimator):
    machine = type("Life", (Life,), {"template": estimator})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=12, stateful_step_count=12, deadline=None)
    )
