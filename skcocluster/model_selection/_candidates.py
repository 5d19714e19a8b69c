"""The candidates of a search: parameters, the numbers of clusters they mean, and neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from joblib import hash as hash_of
from sklearn.base import clone
from sklearn.model_selection import ParameterGrid

from .._neocc import NEOKMeans

COUNTS = ("n_row_clusters", "n_column_clusters", "n_clusters")
Counts = tuple[int, int]


@dataclass(frozen=True)
class Candidate:
    """One combination of parameters.

    Attributes
    ----------
    index : int
        Its place in the grid.
    params : dict
        The parameters.
    counts : tuple (n_row_clusters, n_column_clusters) or None
        The numbers of clusters; None where they are no integers, which `fit` will say.
    group : str
        Equal for candidates that differ by numbers of clusters only.
    """

    index: int
    params: dict[str, Any]
    counts: Counts | None
    group: str

    @property
    def size(self) -> tuple[int, int]:
        """Number of blocks, then of clusters: what "fewest" and "most" go by."""
        rows, columns = self.counts or (0, 0)
        return rows * columns, rows + columns


def make_candidates(estimator: Any, param_grid: Any, n_columns: int) -> list[Candidate]:
    """Return the candidates of a grid, in the order of scikit-learn's `ParameterGrid`.

    Raises
    ------
    TypeError, ValueError
        For what is no grid, and parameters that the estimator does not have.
    """
    candidates = []
    for index, params in enumerate(ParameterGrid(param_grid)):
        model = clone(estimator).set_params(**params)
        others = {name: value for name, value in params.items() if name not in COUNTS}
        counts = find_counts(model, n_columns)
        candidates.append(Candidate(index, params, counts, hash_of(others)))
    return candidates


def find_counts(model: Any, n_columns: int) -> Counts | None:
    """Return the numbers of row and column clusters that the parameters of a model ask for."""
    params = model.get_params(deep=False)
    if "n_clusters" in params:
        rows = params["n_clusters"]
        columns = 1 if isinstance(model, NEOKMeans) else rows
    else:
        rows = params.get("n_row_clusters")
        columns = params.get("n_column_clusters")
        if columns is None and rows is not None:
            columns = min(rows, n_columns)
    try:
        return int(rows), int(columns)
    except (TypeError, ValueError):
        return None


def varied_names(candidates: Sequence[Candidate]) -> list[str]:
    """Return the parameters that take more than one value over the candidates."""
    names = sorted({name for candidate in candidates for name in candidate.params})
    return [
        name
        for name in names
        if len({hash_of(candidate.params.get(name)) for candidate in candidates}) > 1
    ]


def find_predecessors(candidates: Sequence[Candidate]) -> list[list[int]]:
    """Return for each candidate those just below it: of no more clusters on either side.

    Candidates of one group alone are compared, and none lies between the two.
    """
    below = [
        [j for j, other in enumerate(candidates) if _is_below(other, candidate)]
        for candidate in candidates
    ]
    # What lies below one that lies below is not just below.
    return [[j for j in js if not any(j in below[between] for between in js)] for js in below]


def find_successors(predecessors: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return for each candidate those just above it."""
    return [
        [i for i, below in enumerate(predecessors) if j in below] for j in range(len(predecessors))
    ]


def make_levels(neighbours: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the candidates in runs: all neighbours of one lie in earlier runs."""
    depth: dict[int, int] = {}

    def find_depth(i: int) -> int:
        if i not in depth:
            depth[i] = 1 + max((find_depth(j) for j in neighbours[i]), default=-1)
        return depth[i]

    levels: list[list[int]] = []
    for i in range(len(neighbours)):
        while len(levels) <= find_depth(i):
            levels.append([])
        levels[find_depth(i)].append(i)
    return levels


def _is_below(one: Candidate, other: Candidate) -> bool:
    if one.counts is None or other.counts is None or one.group != other.group:
        return False
    less = one.counts[0] <= other.counts[0] and one.counts[1] <= other.counts[1]
    return less and one.counts != other.counts
