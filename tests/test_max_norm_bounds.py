"""Upper bounds by linkage: how long sides alternate, and when pairs are worth their time."""

import numpy as np
import pytest

from skcocluster._maxnorm import _bounds
from skcocluster._maxnorm._alphabet import Alphabet
from skcocluster._maxnorm._bounds import Bounds, Side
from skcocluster._maxnorm._budget import Budget


@pytest.fixture
def alphabet():
    return Alphabet(np.random.default_rng(0).integers(0, 50, (12, 10)))


@pytest.fixture
def n_reads(monkeypatch):
    """A list that grows whenever one side is clustered given the other."""
    calls, cluster = [], Side.cluster_given

    def counted(*arguments):
        calls.append(0)
        return cluster(*arguments)

    monkeypatch.setattr(Side, "cluster_given", counted)
    return calls


def test_sides_alternate_once_when_the_budget_is_over(alphabet, n_reads):
    over = Bounds(alphabet).upper(3, 3, Budget(work=0))
    # Columns given rows, then rows from either start.
    assert len(n_reads) == 3
    n_reads.clear()
    whole = Bounds(alphabet).upper(3, 3, Budget())
    assert len(n_reads) > 3
    assert whole.cost <= over.cost
    assert Bounds(alphabet).upper(3, 3).cost == whole.cost


def test_pairs_are_linked_where_there_is_time_for_them_and_only_there(alphabet, monkeypatch):
    called = set()
    for name in ("complete_linkage", "farthest_first"):
        function = getattr(_bounds, name)

        def noted(*arguments, name=name, function=function):
            called.add(name)
            return function(*arguments)

        monkeypatch.setattr(_bounds, name, noted)
    Bounds(alphabet).upper(3, 3)
    assert called == {"complete_linkage"}
    called.clear()
    Bounds(alphabet, 0.0).upper(3, 3)
    assert called == {"farthest_first"}
