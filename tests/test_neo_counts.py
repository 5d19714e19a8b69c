"""NEO-CC's shares as whole numbers: those of samples, and those on the way to the full overlap."""

import pytest

from skcocluster._neocc._counts import Counts


@pytest.mark.parametrize(
    ("n", "n_assignments", "n_covered"),
    [
        (100, 130, 90),
        (50, 65, 45),
        (10, 13, 9),
        (5, 7, 5),  # 6.5 memberships, 4.5 points
        (1, 1, 1),
    ],
)
def test_a_sample_has_the_same_shares(n, n_assignments, n_covered):
    assert Counts(100, 3, 130, 90).scaled(n) == Counts(n, 3, n_assignments, n_covered)


def test_a_sample_covers_a_point_at_least_with_a_membership_for_each():
    assert Counts(100, 3, 10, 10).scaled(4) == Counts(4, 3, 1, 1)
    # 1.5 points and 1.2 memberships: rounding must not leave a point without one.
    assert Counts(10, 3, 4, 5).scaled(3) == Counts(3, 3, 2, 2)


def test_a_sample_has_no_more_memberships_than_points_times_clusters():
    assert Counts(10, 2, 20, 10).scaled(3) == Counts(3, 2, 6, 3)


@pytest.mark.parametrize(
    ("share", "n_assignments"), [(0.0, 100), (0.5, 115), (1.0, 130), (0.25, 108)]
)
def test_overlap_grows_from_one_membership_for_each_point(share, n_assignments):
    assert Counts(100, 3, 130, 90).ramp(share) == Counts(100, 3, n_assignments, 90)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_without_overlap_there_is_nothing_to_grow(share):
    counts = Counts(100, 3, 90, 90)
    assert counts.ramp(share) == counts
