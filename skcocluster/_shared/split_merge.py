"""Split-merge search: leave a local optimum by splitting one cluster and merging two others.

All candidates are judged exactly from the sums at hand, without a read of X: the explained
divergence of a union of clusters is that of the sum of their profiles, and a cluster is split
by 2-means of its profiles under the divergence itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._kernels.blocks import COLUMN_SUMS
from .._kernels.splits import HALVES, SCATTER
from .alternation import Alternation
from .block_model import SideModel, safe_divide
from .block_sums import Side

# Trials in a row that may fail before the search ends.
MAX_FAILURES = 8
TRIAL_ITERATIONS = 5
TRIAL_TOL = 1e-4
SPLIT_ITERATIONS = 10
SPLIT_TOL = 1e-3
POWER_ITERATIONS = 10
PAIR_ENTRIES = 1 << 20
# A trial must gain this share of the explained divergence to count.
MIN_GAIN = 1e-9
SIDES: tuple[Side, Side] = ("rows", "columns")


@dataclass(frozen=True)
class Move:
    """Split cluster `split` of one side; its second half takes label `into`.

    The members of `into` go to cluster `keep` first (`keep` == -1: `into` is empty).
    """

    gain: float
    side: Side
    split: int
    into: int
    keep: int


def merge_losses(model: SideModel, sums: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return what merging each pair (first < second) of clusters costs, inf elsewhere."""
    n, width = sums.shape
    alone = model.explained(sums, weights)
    losses = np.full((n, n), np.inf)
    pairs = np.array(np.triu_indices(n, 1))
    # In chunks: with a thousand clusters the pairs would fill gigabytes.
    step = max(1, PAIR_ENTRIES // width)
    for start in range(0, pairs.shape[1], step):
        a, b = pairs[:, start : start + step]
        merged = model.explained(sums[a] + sums[b], weights[a] + weights[b])
        losses[a, b] = alone[a] + alone[b] - merged
    return losses


class Halves:
    """Two halves of each cluster of one side, improved by 2-means for all clusters at once."""

    def __init__(self, alternation: Alternation, side: Side) -> None:
        self.state = alternation.sums
        self.model, self.sums, self.weights = alternation.side_model(side)
        self.labels = self.state.labels[side]
        self.channels = self.state.profiles(side)
        self.points = safe_divide(*alternation.profiles(side), self.model.grand_mean)
        other: Side = "columns" if side == "rows" else "rows"
        self.other_sizes = None if self.state.missing else self.state.sizes(other)

    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Return what splitting each cluster gains, and 1 for members of second halves."""
        second = self._cut(self.points, *self._widest())
        values, weights = self._profiles(second)
        gains = self._gains(values, weights)
        for _ in range(SPLIT_ITERATIONS):
            new = self._cut(self.channels, *self._costs(values, weights))
            values, weights = self._profiles(new)
            new_gains = self._gains(values, weights)
            if not new_gains.sum() > gains.sum() * (1 + SPLIT_TOL):
                break
            second, gains = new, new_gains
        return gains, second

    def _cut(self, points: np.ndarray, offset: np.ndarray, slope: np.ndarray) -> np.ndarray:
        labels, slope = self.labels, np.ascontiguousarray(slope)
        return self.state.engine.run(HALVES, points, labels=labels, offset=offset, slope=slope)[0]

    def _widest(self) -> tuple[np.ndarray, np.ndarray]:
        """Cut each cluster through its mean, across the direction in which it is widest."""
        centres = safe_divide(self.sums, self.weights, self.model.grand_mean)
        centres = np.ascontiguousarray(centres)
        labels = self.labels
        (scatter,) = self.state.engine.run(SCATTER, self.points, labels=labels, centres=centres)
        # Power iteration: a cut needs no digits, and a call of LAPACK for each of many small
        # matrices keeps all threads of BLAS spinning.
        widest = np.einsum("gcc->gc", scatter).argmax(axis=1)
        direction = scatter[np.arange(len(scatter)), widest]
        for _ in range(POWER_ITERATIONS):
            direction = safe_divide(direction, np.abs(direction).max(axis=1, keepdims=True), 0.0)
            direction = np.einsum("gcd,gd->gc", scatter, direction)
        return np.einsum("gc,gc->g", centres, direction), direction

    def _profiles(self, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return sums and weights of both halves, each of shape (2, n_clusters, n_other)."""
        n = len(self.sums)
        flat = np.where(self.labels >= 0, second.astype(np.int32) * n + self.labels, -1)
        flat = flat.astype(np.int32)
        (sums,) = self.state.engine.run(
            COLUMN_SUMS, self.channels, row_labels=flat, n_row_clusters=2 * n, missing=False
        )
        sums = sums.reshape(2, n, -1)
        if self.other_sizes is None:
            half = sums.shape[2] // 2
            return sums[:, :, :half], sums[:, :, half:]
        counts = np.bincount(flat[flat >= 0], minlength=2 * n).reshape(2, n, 1)
        return sums, counts * self.other_sizes

    def _gains(self, values: np.ndarray, weights: np.ndarray) -> np.ndarray:
        halves = sum(self.model.explained(values[q], weights[q]) for q in (0, 1))
        return halves - self.model.explained(self.sums, self.weights)

    def _costs(self, values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return cost of the second half minus cost of the first, as (offset, slope)."""
        terms = [self.model.linear_terms(values[q], weights[q], self.other_sizes) for q in (0, 1)]
        with np.errstate(invalid="ignore"):  # inf - inf: an empty cluster has no members to send
            offset = terms[1][0] - terms[0][0]
        return offset, terms[1][1] - terms[0][1]


def candidate_moves(alternation: Alternation, side: Side) -> tuple[list[Move], np.ndarray]:
    """Return the most promising moves of one side, and the halves that they would use."""
    halves = Halves(alternation, side)
    gains, second = halves.split()
    empty = np.flatnonzero(alternation.sums.sizes(side) == 0)
    if len(empty):
        order = np.argsort(-gains, kind="stable")[:MAX_FAILURES]
        return [Move(float(gains[g]), side, int(g), int(empty[0]), -1) for g in order], second
    losses = merge_losses(halves.model, halves.sums, halves.weights)
    # Cheap merges times good splits; a cluster that is merged is not split.
    cheap = np.argsort(losses, axis=None, kind="stable")[: len(gains) + 4 * MAX_FAILURES]
    keep, into = np.unravel_index(cheap, losses.shape)
    good = np.argsort(-gains, kind="stable")[: MAX_FAILURES + 2]
    net = gains[good] - losses[keep, into][:, None]
    net[(keep[:, None] == good) | (into[:, None] == good)] = -np.inf
    moves = []
    for flat in np.argsort(-net, axis=None, kind="stable")[:MAX_FAILURES]:
        pair, split = divmod(int(flat), len(good))
        gain = float(net[pair, split])
        if np.isfinite(gain):
            moves.append(Move(gain, side, int(good[split]), int(into[pair]), int(keep[pair])))
    return moves, second


def apply_move(alternation: Alternation, move: Move, second: np.ndarray) -> None:
    """Carry out a move on the labels."""
    old = alternation.sums.labels[move.side]
    labels = old.copy()
    if move.keep >= 0:
        labels[old == move.into] = move.keep
    labels[(old == move.split) & (second == 1)] = move.into
    alternation.sums.set_labels(move.side, labels)


def try_move(alternation: Alternation, move: Move, second: np.ndarray, target: float) -> float:
    """Carry out a move, let labels settle for a few iterations, return what is explained.

    The trial ends early when the last gain, had again in every iteration left, misses the target.
    """
    apply_move(alternation, move, second)
    trace = alternation.trace
    alternation.trace = []
    last = alternation.explained()

    def hopeless(value: float) -> bool:
        nonlocal last
        gain, last = value - last, value
        return value + gain * (TRIAL_ITERATIONS - len(alternation.trace)) < target

    alternation.run(TRIAL_ITERATIONS, TRIAL_TOL, hopeless)
    alternation.trace = trace
    return alternation.explained()


def try_pair(alternation: Alternation, move: Move, second: np.ndarray, target: float) -> float:
    """Try a move; when it misses the target, add the best move of the other side.

    A new row cluster pays only if some column cluster fits it, and the other way round: no
    single move finds a block that lacks both.
    """
    now = try_move(alternation, move, second, target)
    if now > target:
        return now
    moves, second = candidate_moves(alternation, "columns" if move.side == "rows" else "rows")
    return try_move(alternation, moves[0], second, target) if moves else now


def split_merge(alternation: Alternation, on_iteration: Callable[[float], bool]) -> bool:
    """Improve a local optimum by split-merge moves, best candidate first.

    Parameters
    ----------
    alternation : Alternation
        At a local optimum; at one at least as good afterwards.
    on_iteration : callable
        Told the explained divergence after each move that is kept; stops the search by
        returning True.

    Returns
    -------
    finished : bool
        False when `on_iteration` has stopped the search.
    """
    best = alternation.explained()
    improved = True
    while improved:
        improved = False
        moves: list[tuple[Move, np.ndarray]] = []
        for side in SIDES:
            found, second = candidate_moves(alternation, side)
            moves += [(move, second) for move in found]
        moves.sort(key=lambda candidate: -candidate[0].gain)
        before = alternation.sums.snapshot()
        for move, second in moves[:MAX_FAILURES]:
            target = best + MIN_GAIN * abs(best)
            now = try_pair(alternation, move, second, target)
            if now > target:
                best, improved = now, True
                alternation.trace.append(now)
                if on_iteration(now):
                    return False
                break
            alternation.sums.restore(before)
    return True
