"""What NEO-CC contains: NEO-K-Means, block-average co-clustering, both residues of MSSR."""

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.cluster import KMeans

from skcocluster import BBAC, NEOCC, NEOKMeans
from skcocluster.datasets import make_block_matrix, make_overlapping_blocks
from skcocluster.metrics import block_divergence, neo_objective

STORAGES = [np.asarray, sp.csr_array]


def as_memberships(labels, n_clusters):
    return np.asarray(labels)[:, None] == np.arange(n_clusters)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize(("overlap", "outliers"), [(0.0, 0.0), (0.3, 0.1), (-0.1, 0.2)])
def test_every_column_on_its_own_makes_m_neo_k_means(overlap, outliers, storage, engine):
    X, U, _ = make_overlapping_blocks((60, 12), (4, 3), random_state=1)
    rng = np.random.default_rng(0)
    start = U[rng.permutation(60)]
    start[~start.any(axis=1), 0] = True
    both = {"tol": 0.0, "engine": engine}
    one = NEOKMeans(4, overlap=overlap, outliers=outliers, init=start, **both).fit(storage(X))
    two = NEOCC(
        4, 12, row_overlap=overlap, row_outliers=outliers, init=(start, np.eye(12)), **both
    ).fit(storage(X))
    assert_array_equal(two.column_memberships_, np.eye(12))
    assert_array_equal(two.row_memberships_, one.memberships_)
    assert_array_equal(two.row_labels_, one.row_labels_)
    assert_allclose(two.objective_, one.inertia_, rtol=1e-12)
    assert_allclose(two.block_means_, one.cluster_centers_, atol=1e-12)
    assert_allclose(one.inertia_, neo_objective(X, one.memberships_, np.eye(12)), rtol=1e-12)
    assert_allclose(np.sqrt(two.transform(X)), one.transform(X), atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("storage", STORAGES)
def test_without_overlap_and_outliers_m_is_block_average_coclustering(seed, storage, engine):
    X = make_block_matrix((70, 40), (4, 3), noise=2.0, random_state=seed)[0]
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, 4, 70), rng.integers(0, 3, 40)
    blocks = BBAC(
        4, 3, init=(rows, columns), refine=None, column_steps=1, tol=0.0, engine=engine
    ).fit(storage(X))
    model = NEOCC(
        4,
        3,
        init=(as_memberships(rows, 4), as_memberships(columns, 3)),
        tol=0.0,
        engine=engine,
    ).fit(storage(X))
    assert_array_equal(model.row_labels_, blocks.row_labels_)
    assert_array_equal(model.column_labels_, blocks.column_labels_)
    assert_allclose(model.objective_, blocks.objective_, rtol=1e-10)
    assert_allclose(model.block_means_, blocks.block_means_, atol=1e-10)
    assert_allclose(
        model.objective_, block_divergence(X, model.row_labels_, model.column_labels_), rtol=1e-10
    )


@pytest.mark.parametrize("seed", range(3))
def test_without_overlap_and_outliers_rcm_is_the_second_residue(seed, engine):
    X = make_block_matrix((40, 30), (3, 3), noise=2.0, random_state=seed)[0]
    X += np.random.default_rng(seed).normal(size=(40, 1)) * 5
    model = NEOCC(3, 3, objective="RCM", random_state=seed, engine=engine).fit(X)
    # Equation (2.2) of Cho et al.: h_ij = a_ij - a_iJ - a_Ij + a_IJ over the blocks I x J.
    total = 0.0
    for g in range(3):
        for h in range(3):
            block = X[np.ix_(model.row_labels_ == g, model.column_labels_ == h)]
            row_means, column_means = block.mean(axis=1)[:, None], block.mean(axis=0)
            total += ((block - row_means - column_means + block.mean()) ** 2).sum()
    assert_allclose(model.objective_, total, rtol=1e-10)


def test_without_overlap_and_outliers_neo_k_means_is_k_means(engine):
    X = make_block_matrix((80, 6), (4, 3), noise=2.0, random_state=0)[0]
    labels = np.random.default_rng(0).integers(0, 4, 80)
    centres = np.array([X[labels == g].mean(axis=0) for g in range(4)])
    expected = KMeans(4, init=centres, n_init=1, tol=0.0, algorithm="lloyd").fit(X)
    model = NEOKMeans(4, init=as_memberships(labels, 4), tol=0.0, engine=engine).fit(X)
    assert_array_equal(model.row_labels_, expected.labels_)
    assert_allclose(model.inertia_, expected.inertia_, rtol=1e-10)
    assert_allclose(model.cluster_centers_, expected.cluster_centers_, atol=1e-10)
    assert_allclose(model.transform(X), expected.transform(X), atol=1e-6)
    assert_array_equal(model.predict(X), expected.predict(X))


@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_fixed_point_is_one_of_the_transposed_matrix(objective):
    X = make_overlapping_blocks((50, 40), (3, 3), random_state=3)[0]
    shares = {"row_overlap": 0.2, "row_outliers": 0.1, "column_overlap": 0.1}
    turned = {"column_overlap": 0.2, "column_outliers": 0.1, "row_overlap": 0.1}
    both = {"objective": objective, "tol": 0.0}
    plain = NEOCC(3, 3, **shares, **both, random_state=0).fit(X)
    start = plain.column_memberships_, plain.row_memberships_
    other = NEOCC(3, 3, **turned, **both, init=start).fit(X.T)
    assert_allclose(other.objective_, plain.objective_, rtol=1e-9)
    assert_array_equal(other.row_memberships_, plain.column_memberships_)
    assert_array_equal(other.column_memberships_, plain.row_memberships_)


@pytest.mark.parametrize("objective", ["M", "RCM"])
def test_an_offset_changes_nothing(objective, engine):
    X = make_overlapping_blocks((50, 40), (3, 3), random_state=3)[0].round(3)
    options = {"objective": objective, "row_overlap": 0.2, "row_outliers": 0.1, "engine": engine}
    plain = NEOCC(3, 3, random_state=0, **options).fit(X)
    offset = NEOCC(3, 3, random_state=0, **options).fit(X + 1e6)
    assert_array_equal(offset.row_memberships_, plain.row_memberships_)
    assert_allclose(offset.objective_, plain.objective_, rtol=1e-6)
    assert_allclose(offset.block_means_, plain.block_means_ + 1e6, rtol=1e-12)
    assert_array_equal(offset.predict(X + 1e6), plain.predict(X))
