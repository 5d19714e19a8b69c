"""Means on the borders of a divergence's domain, and blocks without weight: costs stay numbers."""

import numpy as np
import pytest
from bbac_states import SIDES, alternate
from numpy.testing import assert_allclose, assert_array_equal

from skcocluster import BBAC
from skcocluster._shared.block_model import BlockModel
from skcocluster._shared.divergences import TINY, get_divergence


def test_an_entry_in_a_block_of_zeros_costs_as_much_as_the_least_normal_number_allows():
    divergence = get_divergence("i_divergence")
    costs = divergence.divergence(np.array([0.0, 1.0, 3.0]), np.zeros(3))
    assert_allclose(costs, [0.0, -np.log(TINY) - 1, 3 * (np.log(3) - np.log(TINY)) - 3])


@pytest.mark.parametrize(
    ("x", "y"), [(0.0, 1.0), (1.0, 0.0), (0.5, 0.0), (0.5, 1.0), (1.0, 1e-300)]
)
def test_logistic_loss_off_a_sure_block_is_large_and_finite(x, y):
    assert 10 < get_divergence("logistic").divergence(np.array(x), np.array(y)) < 1000


@pytest.mark.parametrize("name", ["i_divergence", "logistic"])
def test_a_mean_on_the_border_costs_nothing_to_its_own_entries(name):
    divergence = get_divergence(name)
    borders = np.array([0.0, 1.0]) if name == "logistic" else np.zeros(1)
    assert_allclose(divergence.divergence(borders, borders), 0.0, atol=1e-15)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", ["i_divergence", "logistic"])
def test_rows_of_a_block_on_the_border_stay_there(name, side):
    X = np.kron(np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.ones((2, 3)))
    labels = np.arange(6) // 2, np.arange(6) // 3
    if side == "rows":
        state = alternate(X, *labels, (3, 2), name)
    else:
        state = alternate(np.ascontiguousarray(X.T), *labels[::-1], (2, 3), name)
    offset, slope = state.linear_terms(side)
    assert np.isfinite(offset).all()
    assert np.isfinite(slope).all()
    assert not state.step(side)


def test_sure_blocks_are_found_under_the_logistic_loss():
    rng = np.random.default_rng(0)
    rows, columns = rng.permutation(12) % 3, rng.permutation(10) % 2
    X = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])[rows][:, columns]
    model = BBAC(3, 2, divergence="logistic", random_state=0).fit(X)
    assert_allclose(model.objective_, 0.0, atol=1e-12)
    assert_array_equal(model.predict(X), model.row_labels_)


@pytest.mark.parametrize("basis", ["C2", "C3", "C4", "C5"])
def test_a_matrix_of_zeros_is_explained_by_its_mean(basis):
    model = BlockModel(get_divergence("i_divergence"), basis)
    assert model.explained(np.zeros((2, 3)), np.full((2, 3), 4.0)) == 0.0
    fitted = BBAC(2, 2, divergence="i_divergence", basis=basis, random_state=0).fit(
        np.zeros((5, 4))
    )
    assert fitted.objective_ == 0.0
