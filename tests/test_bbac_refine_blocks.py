"""Groups of similar blocks: statistics by hand, the number by silhouette, hard cases."""

import numpy as np
import pytest
import reference
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.exceptions import NotFittedError

from skcocluster import BBAC, refine_blocks


def blocks_of_three_kinds(seed=0):
    """4 x 3 blocks whose means are near 1, 20 or 50."""
    rng = np.random.default_rng(seed)
    kinds = np.array([[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 0, 2]])
    means = np.array([1.0, 20.0, 50.0])[kinds] + rng.uniform(-0.5, 0.5, kinds.shape)
    rows, columns = np.repeat(np.arange(4), 6), np.repeat(np.arange(3), 5)
    X = means[rows][:, columns] + rng.uniform(-0.3, 0.3, (24, 15))
    model = BBAC(4, 3, init=(rows, columns), refine=None).fit(X)
    assert_array_equal(model.row_labels_, rows)
    return X, model, kinds


def statistics_by_hand(X, model):
    k, p = model.block_means_.shape
    table = np.full((k, p, 6), np.nan)
    for g in range(k):
        for h in range(p):
            block = X[np.ix_(model.row_labels_ == g, model.column_labels_ == h)]
            entries = block[~np.isnan(block)]
            if len(entries):
                low, high = np.percentile(entries, [5, 95])
                table[g, h] = [
                    entries.mean(), entries.std(), low, high, entries.max(), entries.min()
                ]  # fmt: skip
    return table


def test_kinds_of_blocks_are_found_and_counted_by_silhouette():
    X, model, kinds = blocks_of_three_kinds()
    groups = refine_blocks(model, X, random_state=0)
    assert groups.n_groups == 3
    assert reference.same_partition(groups.labels.ravel(), kinds.ravel())
    assert max(groups.silhouette_scores, key=groups.silhouette_scores.get) == 3


def test_statistics_equal_those_by_hand():
    X, model, _ = blocks_of_three_kinds()
    groups = refine_blocks(model, X, k_range=[2], random_state=0)
    assert_allclose(groups.statistics, statistics_by_hand(X, model), rtol=1e-12)
    assert groups.labels.shape == (4, 3)
    assert groups.labels.dtype == np.int32


def test_missing_entries_are_left_out_of_statistics():
    X, model, _ = blocks_of_three_kinds()
    X[np.random.default_rng(1).random(X.shape) < 0.3] = np.nan
    groups = refine_blocks(model, X, random_state=0)
    assert_allclose(groups.statistics, statistics_by_hand(X, model), rtol=1e-12)


def test_zeros_that_a_sparse_matrix_does_not_store_count():
    X, *_ = blocks_of_three_kinds()
    X[X < 15] = 0
    model = BBAC(4, 3, random_state=0).fit(X)
    dense = refine_blocks(model, X, random_state=0)
    for kind in (sparse.csr_array, sparse.csc_array, sparse.csr_matrix):
        stored = refine_blocks(model, kind(X), random_state=0)
        assert_allclose(stored.statistics, dense.statistics, rtol=1e-12)
        assert_array_equal(stored.labels, dense.labels)


def test_own_statistics_are_used_and_scaled_each():
    X, model, kinds = blocks_of_three_kinds()
    own = {"median": np.median, "huge": lambda entries: 1e9 * float(entries.mean())}
    groups = refine_blocks(model, X, k_range=[3], statistics=own, random_state=0)
    assert groups.statistic_names == ("median", "huge")
    assert groups.statistics.shape == (4, 3, 2)
    assert reference.same_partition(groups.labels.ravel(), kinds.ravel())


def test_scaling_keeps_a_small_statistic_as_heavy_as_a_large_one():
    # Blocks differ in spread alone, which next to a large common noise in the mean is tiny.
    X, model, kinds = blocks_of_three_kinds()
    marks = dict(zip(X[::6, ::5].ravel(), kinds.ravel(), strict=True))
    own = {
        "large": lambda entries: 1e6 + 1e-3 * float(entries[0]),
        "small": lambda entries: 1e-6 * float(marks[entries[0]]),
    }
    groups = refine_blocks(model, X, k_range=[3], statistics=own, random_state=0)
    assert reference.same_partition(groups.labels.ravel(), kinds.ravel())


def test_number_of_groups_stays_in_the_range_asked_for():
    X, model, _ = blocks_of_three_kinds()
    groups = refine_blocks(model, X, k_range=range(4, 7), random_state=0)
    assert 4 <= groups.n_groups <= 6
    assert set(groups.silhouette_scores) == {4, 5, 6}
    assert set(np.unique(groups.labels)) == set(range(groups.n_groups))


def test_group_means_are_means_of_their_blocks():
    X, model, _ = blocks_of_three_kinds()
    groups = refine_blocks(model, X, random_state=0)
    for g in range(groups.n_groups):
        own = groups.statistics[groups.labels == g].mean(axis=0)
        assert_allclose(groups.group_means[g], own, rtol=1e-12)


def test_blocks_without_entries_are_in_no_group():
    X, *_ = blocks_of_three_kinds()
    rows = np.repeat([0, 1, 3], 8)
    model = BBAC(4, 3, init=(rows, np.repeat(np.arange(3), 5)), refine=None, max_iter=1)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(np.where(np.arange(24)[:, None] < 20, X, np.nan))
    groups = refine_blocks(model, X, k_range=[2], random_state=0)
    sizes = np.outer(model.row_cluster_sizes_, model.column_cluster_sizes_)
    assert_array_equal(groups.labels == -1, sizes == 0)


def test_same_seed_gives_same_groups():
    X, model, _ = blocks_of_three_kinds()
    first, second = (refine_blocks(model, X, random_state=3) for _ in range(2))
    assert_array_equal(first.labels, second.labels)
    assert first.silhouette_scores == second.silhouette_scores


def test_frames_and_labelled_arrays_are_read_like_arrays():
    pd = pytest.importorskip("pandas")
    X, model, _ = blocks_of_three_kinds()
    plain = refine_blocks(model, X, random_state=0)
    framed = refine_blocks(model, pd.DataFrame(X), random_state=0)
    assert_array_equal(framed.labels, plain.labels)


@pytest.mark.parametrize("k_range", [[1], [0], [13], [-2], [], [99, 100]])
def test_range_without_a_possible_number_is_refused(k_range):
    X, model, _ = blocks_of_three_kinds()
    with pytest.raises(ValueError, match="k_range"):
        refine_blocks(model, X, k_range=k_range)


def test_matrix_of_other_shape_is_refused():
    X, model, _ = blocks_of_three_kinds()
    with pytest.raises(ValueError, match="shape"):
        refine_blocks(model, X[:, :-1])


def test_statistic_that_is_not_finite_is_refused_by_name():
    X, model, _ = blocks_of_three_kinds()
    with pytest.raises(ValueError, match="endless"):
        refine_blocks(model, X, statistics={"endless": lambda entries: np.inf})


def test_unfitted_estimator_is_refused():
    with pytest.raises(NotFittedError):
        refine_blocks(BBAC(), np.eye(4))


def test_blocks_all_alike_are_refused_instead_of_grouped():
    model = BBAC(2, 2, random_state=0).fit(np.ones((6, 6)))
    with pytest.raises(ValueError, match=r"k_range|different"):
        refine_blocks(model, np.ones((6, 6)), random_state=0)
