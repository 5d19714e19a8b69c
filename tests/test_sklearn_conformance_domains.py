"""scikit-learn's checks for divergences whose domain leaves out the data of these checks.

Itakura-Saito takes no zeros and the logistic loss nothing above 1, and no tag says so. Moved to an
interval that holds the checks' data they are still Bregman divergences, given as a user's object.
"""

import numpy as np
import pytest
from scipy.special import xlogy
from sklearn.utils.estimator_checks import parametrize_with_checks

from skcocluster import BBAC

REACH = 1000.0


class MovedItakuraSaito:
    """Itakura-Saito of x + REACH."""

    domain = (-REACH, np.inf, False, False)

    def generator(self, x):
        return -np.log(x + REACH)

    def slope(self, mean):
        return -1.0 / (mean + REACH)

    def offset(self, mean):
        return self.slope(mean) * mean - self.generator(mean)

    def __repr__(self):
        return "MovedItakuraSaito()"


class WideLogistic:
    """Logistic loss of (x + REACH) / (2 REACH)."""

    domain = (-REACH, REACH, True, True)

    def generator(self, x):
        p = (x + REACH) / (2 * REACH)
        return xlogy(p, p) + xlogy(1 - p, 1 - p)

    def slope(self, mean):
        p = (mean + REACH) / (2 * REACH)
        return (np.log(p) - np.log1p(-p)) / (2 * REACH)

    def offset(self, mean):
        return self.slope(mean) * mean - self.generator(mean)

    def __repr__(self):
        return "WideLogistic()"


@pytest.mark.parametrize("divergence", [MovedItakuraSaito(), WideLogistic()])
def test_moved_divergences_are_bregman_divergences(divergence):
    x, y = np.array([-3.0, 0.0, 7.0]), np.array([1.0, 2.0, 6.5])
    step = 1e-4
    numeric = (divergence.generator(y + step) - divergence.generator(y - step)) / (2 * step)
    np.testing.assert_allclose(divergence.slope(y), numeric, rtol=1e-5, atol=1e-12)
    d = divergence.generator(x) - divergence.generator(y) - divergence.slope(y) * (x - y)
    assert (d > 0).all()


@parametrize_with_checks(
    [
        BBAC(divergence=MovedItakuraSaito()),
        BBAC(divergence=WideLogistic(), engine="numpy", refine=None),
    ]
)
def test_own_divergences_conform_without_exception(estimator, check):
    check(estimator)
