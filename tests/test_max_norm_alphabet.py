"""The alphabet of a matrix against plain loops over all pairs of its entries."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skcocluster._maxnorm import _alphabet
from skcocluster._maxnorm._alphabet import Alphabet

# Sums of tenths and thirds are not representable: equal in decimals, different in floats.
ENTRIES = st.one_of(
    st.integers(-30, 30).map(lambda i: i * 0.1),
    st.integers(-30, 30).map(lambda i: i / 3),
    st.integers(-5, 5).map(float),
    st.integers(0, 20).map(lambda i: 1e9 + i * 0.1),
    st.floats(-1e300, 1e300),
)
LETTERS = st.lists(ENTRIES, min_size=1, max_size=12)


def differences_of(values):
    """All differences of a smaller and a larger or equal value, ascending, distinct."""
    return sorted({b - a for a in values for b in values if b >= a})


def draw_cost(data, values):
    """A difference, something right beside one, or anything."""
    difference = data.draw(st.sampled_from(differences_of(values)))
    beside = st.sampled_from([-np.inf, np.inf]).map(lambda to: float(np.nextafter(difference, to)))
    return max(0.0, data.draw(st.just(difference) | beside | st.floats(0, 1e301)))


@given(entries=LETTERS, n_rows=st.integers(1, 3))
def test_codes_are_the_matrix_in_terms_of_ascending_values(entries, n_rows):
    X = np.array([entries] * n_rows)
    alphabet = Alphabet(X)
    assert alphabet.values.tolist() == sorted(set(entries))
    assert alphabet.codes.dtype == np.int32
    assert alphabet.codes.flags.c_contiguous
    np.testing.assert_array_equal(alphabet.values[alphabet.codes], X)


def test_codes_of_other_orders_and_types_are_contiguous():
    X = np.array([[3, 1, 2], [1, 1, 7]])
    for other in (np.asfortranarray(X), X.astype(np.float32), X.astype(np.int8)):
        alphabet = Alphabet(other)
        assert alphabet.values.dtype == np.float64
        assert alphabet.codes.flags.c_contiguous
        np.testing.assert_array_equal(alphabet.codes, [[2, 0, 1], [0, 0, 3]])


@given(data=st.data(), entries=LETTERS)
def test_reach_is_the_largest_code_within_the_cost(data, entries):
    alphabet = Alphabet(np.array([entries]))
    values = alphabet.values.tolist()
    cost = draw_cost(data, values)
    reach = alphabet.reach(cost)
    assert reach.dtype == np.int32
    for a, low in enumerate(values):
        within = [b for b in range(a, len(values)) if values[b] - low <= cost]
        assert reach[a] == within[-1]
        assert within == list(range(a, reach[a] + 1)), "no gap: differences grow with the code"


@given(data=st.data(), entries=LETTERS)
def test_blocks_fit_a_cost_exactly_when_they_fit_its_reach(data, entries):
    alphabet = Alphabet(np.array([entries]))
    cost = draw_cost(data, alphabet.values.tolist())
    reach = alphabet.reach(cost)
    for low, high in itertools.combinations_with_replacement(range(len(reach)), 2):
        assert (alphabet.difference(low, high) <= cost) == (high <= reach[low])


@given(data=st.data(), entries=LETTERS)
def test_next_above_is_the_smallest_larger_difference(data, entries):
    alphabet = Alphabet(np.array([entries]))
    values = alphabet.values.tolist()
    cost = draw_cost(data, values)
    assert alphabet.next_above(cost) == min(
        (d for d in differences_of(values) if d > cost), default=np.inf
    )


@given(data=st.data(), entries=LETTERS)
def test_largest_below_is_the_largest_smaller_difference(data, entries):
    alphabet = Alphabet(np.array([entries]))
    values = alphabet.values.tolist()
    cost = draw_cost(data, values)
    smaller = [d for d in differences_of(values) if d < cost]
    assert alphabet.largest_below(cost) == max(smaller, default=-np.inf)


@given(entries=LETTERS)
def test_full_range_is_the_largest_difference(entries):
    assert Alphabet(np.array([entries])).full_range == differences_of(entries)[-1]


def draw_bounds(data, values):
    """Two differences, the first below the second."""
    differences = differences_of(values)
    high = data.draw(st.integers(1, len(differences) - 1))
    low = data.draw(st.integers(0, high - 1))
    return differences[low], differences[high]


def pairs_between(values, low, high):
    """Differences of all pairs of values in [low, high), ascending."""
    pairs = itertools.combinations_with_replacement(values, 2)
    return sorted(b - a for a, b in pairs if low <= b - a < high)


@given(data=st.data(), entries=st.lists(ENTRIES, min_size=2, max_size=12, unique=True))
def test_between_is_the_difference_at_the_share_of_those_there_are(data, entries):
    alphabet = Alphabet(np.array([entries]))
    low, high = draw_bounds(data, alphabet.values.tolist())
    share = data.draw(st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]))
    pairs = pairs_between(alphabet.values.tolist(), low, high)
    found = alphabet.between(low, high, np.random.RandomState(0), share)
    assert found == pairs[int(share * (len(pairs) - 1))]


@given(data=st.data(), entries=st.lists(ENTRIES, min_size=2, max_size=12, unique=True))
def test_between_is_in_the_middle_by_default(data, entries):
    alphabet = Alphabet(np.array([entries]))
    low, high = draw_bounds(data, alphabet.values.tolist())
    found = alphabet.between(low, high, np.random.RandomState(0))
    assert found == alphabet.between(low, high, np.random.RandomState(0), 0.5)
    assert low <= found < high


@pytest.fixture
def sampled(monkeypatch):
    """Sample differences instead of listing them, whatever their number."""
    monkeypatch.setattr(_alphabet, "_LISTED", 0)


def test_sampled_differences_are_some_of_those_in_between(sampled):
    rng = np.random.RandomState(0)
    for seed in range(50):
        X = np.random.default_rng(seed).integers(-99, 100, (1, 12)) * 0.1
        alphabet = Alphabet(X)
        differences = differences_of(alphabet.values.tolist())
        low, high = differences[seed % 5], differences[-1 - seed % 7]
        found = alphabet.between(low, high, rng)
        assert found in pairs_between(alphabet.values.tolist(), low, high)


def test_sampled_differences_split_near_the_share(sampled):
    alphabet = Alphabet(np.random.default_rng(0).normal(size=(1, 300)))
    pairs = np.array(pairs_between(alphabet.values.tolist(), 0.5, 2.0))
    rng = np.random.RandomState(0)
    for share in (0.1, 0.5, 0.9):
        found = alphabet.between(0.5, 2.0, rng, share)
        assert abs((pairs < found).mean() - share) < 0.1


def test_many_differences_are_sampled_and_few_are_listed():
    rng = np.random.RandomState(0)
    before = rng.get_state()[2]
    few = Alphabet(np.random.default_rng(0).normal(size=(1, 400)))
    few.between(0.0, few.full_range, rng)
    assert rng.get_state()[2] == before
    many = Alphabet(np.random.default_rng(0).normal(size=(1, 500)))
    many.between(0.0, many.full_range, rng)
    assert rng.get_state()[2] != before


def test_other_matrices_over_the_same_letters_share_the_values():
    alphabet = Alphabet(np.array([[1.0, 2.0], [4.0, 7.0]]))
    other = alphabet.with_codes(alphabet.codes[:1].T)
    assert other.values is alphabet.values
    np.testing.assert_array_equal(other.codes, [[0], [1]])
    assert other.codes.flags.c_contiguous
    assert alphabet.codes.shape == (2, 2)
