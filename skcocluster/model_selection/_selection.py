"""How the values of a criterion choose a candidate."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._shared.caller import warn_caller
from ._candidates import Candidate

# Relative difference below which values are the same: fewer clusters then do as well.
TIE = 1e-9
# The last cluster gains at least so many times what the next one would: a bend to stop at. Splits
# of noise gain about as much as the next ones do.
SHARP = 2.0
# Clusters of which at least three quarters are found again are stable (Hennig, 2007).
STABLE = 0.75


def select_best(values: np.ndarray, candidates: Sequence[Candidate]) -> int:
    """Return the candidate of greatest mean value; of equals, the one of fewest blocks."""
    means = values.mean(axis=1)
    best = np.nanmax(means)
    return _fewest(np.flatnonzero(means >= best - TIE * abs(best)), candidates)


def select_one_standard_error(values: np.ndarray, candidates: Sequence[Candidate]) -> int:
    """Return the candidate of fewest blocks that is not clearly worse than the best.

    Its values may fall behind those of the best by one standard error of the differences, split
    by split, on the average.
    """
    means = values.mean(axis=1)
    behind = values[select_best(values, candidates)] - values
    error = behind.std(axis=1, ddof=1) / np.sqrt(values.shape[1])
    as_good = ~np.isnan(means) & (behind.mean(axis=1) <= error)
    return _fewest(np.flatnonzero(as_good), candidates)


def select_most_stable(values: np.ndarray, candidates: Sequence[Candidate]) -> int:
    """Return the candidate of most blocks that is stable beside the best.

    Of C. Hennig, Computational Statistics & Data Analysis 52 (2007), 258-271,
    doi:10.1016/j.csda.2006.11.025, is that three quarters are stable.
    """
    means = values.mean(axis=1)
    stable = np.flatnonzero(means >= STABLE * np.nanmax(means)).tolist()
    most = max(candidates[i].size for i in stable)
    ties = [i for i in stable if candidates[i].size == most]
    return int(max(ties, key=lambda i: (means[i], -i)))


def select_target(
    values: np.ndarray, candidates: Sequence[Candidate], target: float, name: str
) -> int:
    """Return the candidate of fewest blocks whose value reaches the target."""
    means = values.mean(axis=1)
    reached = np.flatnonzero(means >= target)
    if not len(reached):
        raise ValueError(
            f"No candidate reaches target={abs(target):g}: the best criterion={name!r} is "
            f"{abs(np.nanmax(means)):g}. Add candidates with more clusters."
        )
    return _fewest(reached, candidates)


def select_elbow(strengths: np.ndarray, candidates: Sequence[Candidate]) -> int:
    """Return the candidate of most blocks at which the curve bends; see `elbow_strengths`.

    The sharpest bend alone would often come too early: the split of the two most different groups
    gains more, beside the next split, than the last real one does.
    """
    if np.isnan(strengths).all():
        raise ValueError(
            "The elbow is where one more cluster gains much less than the last one did: for each "
            "number of clusters that varies, param_grid needs three values at least, in all "
            "combinations. The smallest and the largest are never chosen."
        )
    bends = np.flatnonzero(strengths >= SHARP)
    if not len(bends):
        warn_caller(
            "The curve bends nowhere: each further cluster gains about as much as the last one "
            "did. The best of this search means little.",
            UserWarning,
        )
        bends = np.flatnonzero(strengths == np.nanmax(strengths))
    most = max(candidates[i].size for i in bends.tolist())
    ties = [i for i in bends.tolist() if candidates[i].size == most]
    return int(max(ties, key=lambda i: (strengths[i], -i)))


def elbow_strengths(values: np.ndarray, candidates: Sequence[Candidate], flat: float) -> np.ndarray:
    """Return how much more the last cluster gained than the next one would.

    That is the ratio of the two gains, on the side where it is less; NaN at the borders of the
    grid. Values that fall as clusters are added count as those before. Compare W. J. Krzanowski,
    Y. T. Lai, Biometrics 44 (1988), 23-34, doi:10.2307/2531893.
    """
    means = values.mean(axis=1)
    strengths = np.full(len(means), np.nan)
    for group in {c.group for c in candidates}:
        members = [c for c in candidates if c.group == group and not np.isnan(means[c.index])]
        known = {c.counts: means[c.index] for c in members if c.counts is not None}
        if not known:
            continue
        curve = {
            counts: max(v for other, v in known.items() if _within(other, counts))
            for counts in known
        }
        floor = flat * (max(curve.values()) - min(curve.values()))
        for c in members:
            if c.counts is not None:
                strengths[c.index] = _strength(c.counts, curve, floor)
    return strengths


def _strength(counts: tuple[int, int], curve: dict[tuple[int, int], float], flat: float) -> float:
    ratios = []
    for line in _lines(counts, curve):
        place = line.index(counts)
        if not 0 < place < len(line) - 1:
            return np.nan
        gains = []
        for lower, upper in zip(line[place - 1 : place + 1], line[place : place + 2], strict=True):
            step = max(upper[0] - lower[0], upper[1] - lower[1])
            gains.append((curve[upper] - curve[lower]) / step)
        ratios.append((gains[0] + flat) / (gains[1] + flat) if flat > 0 else 1.0)
    return min(ratios, default=np.nan)


def _lines(
    counts: tuple[int, int], curve: dict[tuple[int, int], float]
) -> list[list[tuple[int, int]]]:
    """Return the runs of counts through one: along each side that varies, or along both."""
    varies = [len({c[side] for c in curve}) > 1 for side in (0, 1)]
    if all(varies) and len(curve) == len({c[0] for c in curve}):
        return [sorted(curve)]
    return [
        sorted(c for c in curve if c[1 - side] == counts[1 - side])
        for side in (0, 1)
        if varies[side]
    ]


def _within(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[0] and one[1] <= other[1]


def _fewest(indices: Any, candidates: Sequence[Candidate]) -> int:
    return int(min(indices, key=lambda i: (candidates[i].size, i)))


# Each of values of shape (n_candidates, n_splits); the elbow is chosen by strengths.
SELECTIONS: dict[str, Callable[[np.ndarray, Sequence[Candidate]], int]] = {
    "best": select_best,
    "one_standard_error": select_one_standard_error,
    "most_stable": select_most_stable,
}
