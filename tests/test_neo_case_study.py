"""The case study of the paper (section 3.4, Figure 3): its matrix and its four configurations."""

import numpy as np
import pytest
from reference_neo import all_memberships

from skcocluster import NEOCC
from skcocluster.metrics import neo_objective

X = np.array(
    [
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.05, 0.05, 0.05, 0, 0, 0],
        [0.04, 0.04, 0.04, 0, 0.04, 0.04],
        [0.04, 0.04, 0, 0.04, 0.04, 0.04],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0, 0.05, 0.05, 0.05],
        [0, 0, 0.3, 0, 0, 0],
    ]
)


def members(labels, n_clusters):
    """Memberships from strings of clusters, one for each point."""
    return np.array([[str(g) in label for g in range(n_clusters)] for label in labels])


HALVES = members(["0", "0", "0", "1", "1", "1"], 2)
OVERLAP = members(["0", "0", "01", "01", "1", "1", ""], 2)
CONFIGURATIONS = {
    "a": (members(["0", "0", "0", "1", "1", "1", "0"], 2), HALVES, 0.071956),
    "b": (members(["0", "0", "1", "1", "2", "2", "0"], 3), HALVES, 0.067667),
    "c": (OVERLAP, HALVES, 0.013667),
    "d": (OVERLAP, members(["0", "0", "", "1", "1", "1"], 2), 0.010233),
}
SHARES = {
    "c": {"row_overlap": 1 / 7, "row_outliers": 1 / 7},
    "d": {
        "row_overlap": 1 / 7,
        "row_outliers": 1 / 7,
        "column_overlap": -1 / 6,
        "column_outliers": 1 / 6,
    },
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_objective_is_that_of_figure_3(name):
    U, V, value = CONFIGURATIONS[name]
    assert round(neo_objective(X, U, V), 6) == value


@pytest.mark.parametrize("name", ["c", "d"])
def test_no_memberships_with_the_same_counts_are_better(name):
    U, V, value = CONFIGURATIONS[name]
    rows = np.array(list(all_memberships(7, 2, U.sum(), U.any(axis=1).sum())), dtype=float)
    columns = np.array(list(all_memberships(6, 2, V.sum(), V.any(axis=1).sum())), dtype=float)
    row_sizes, column_sizes = rows.sum(axis=1), columns.sum(axis=1)
    least = np.inf
    for own, sizes in zip(rows, row_sizes, strict=True):
        energy = own.sum(axis=1) @ X**2 @ columns.sum(axis=2).T
        sums = (own.T @ X) @ columns
        weights = 1 / np.maximum(sizes[:, None] * column_sizes[:, None, :], 1)
        least = min(least, (energy - (sums**2 * weights).sum(axis=(1, 2))).min())
    assert round(least, 6) == value


@pytest.mark.parametrize("name", ["c", "d"])
def test_neocc_finds_the_configuration(name, engine):
    U, V, value = CONFIGURATIONS[name]
    model = NEOCC(2, 2, **SHARES[name], n_init=20, random_state=0, engine=engine).fit(X)
    assert round(model.objective_, 6) == value
    assert sorted(map(tuple, model.row_memberships_.T)) == sorted(map(tuple, U.T))
    assert sorted(map(tuple, model.column_memberships_.T)) == sorted(map(tuple, V.T))
    assert model.row_labels_[6] == -1
