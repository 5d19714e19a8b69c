"""Block sums without row labels: for matrices whose labels are too many for the client."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._kernels.engines.protocol import Engine
from .._kernels.ruled_rows import LARGEST_BY_RULE, SUMS_BY_RULE, NamedRows
from .block_sums import Side
from .lean_sums import LeanBlockSums


@dataclass(frozen=True, eq=False)
class RowRule:
    """What the labels of rows follow from; stands where other sums have an array of labels.

    Attributes
    ----------
    column_labels : ndarray of shape (n_columns,), dtype int32
        The column labels of the read that labelled the rows.
    offset, slope : ndarray
        Its costs: a row is in the cluster of least cost.
    missing : bool
        Whether NaN marks missing entries.
    named : NamedRows
        Rows that have been moved since.
    """

    column_labels: np.ndarray
    offset: np.ndarray
    slope: np.ndarray
    missing: bool
    named: NamedRows

    def params(self) -> dict[str, Any]:
        """Return the parameters of `label_rows`."""
        return dict(vars(self))


@dataclass(frozen=True, eq=False)
class SummedRule:
    """A rule and the numbers of rows in the clusters that it makes."""

    rule: RowRule
    sizes: np.ndarray


class RuledBlockSums(LeanBlockSums):
    """`LeanBlockSums` whose row labels are a rule: no array of them is made, kept or sent.

    All sums are made afresh in each read, since what a row adds and takes off would need its old
    label. ``labels["rows"]`` is a `SummedRule`.

    Parameters
    ----------
    engine, X, n_clusters, missing
        As in `BlockSums`; X is in chunks.
    column_labels : ndarray of shape (n_columns,), dtype int32
        Column labels.
    terms : tuple (offset, slope)
        Costs from which the rows take their first labels.
    """

    def __init__(
        self,
        engine: Engine,
        X: Any,
        n_clusters: dict[Side, int],
        column_labels: np.ndarray,
        missing: bool,
        terms: tuple[np.ndarray, np.ndarray],
    ) -> None:
        nobody: dict[Side, np.ndarray] = {
            "rows": np.empty(0, np.int32),
            "columns": column_labels,
        }
        super().__init__(engine, X, n_clusters, nobody, missing, moves=False, terms=terms)

    @property
    def rule(self) -> RowRule:
        """The rule of the current labels of rows."""
        return self._ruled.rule

    @property
    def _ruled(self) -> SummedRule:
        return self.labels["rows"]  # type: ignore[return-value]

    def _sum_by(self, rule: RowRule) -> None:
        """Take a rule over, and sum X by it in one read."""
        sums, sizes = self.engine.run(SUMS_BY_RULE, self.X, **rule.params())
        self.labels["rows"] = SummedRule(rule, sizes)  # type: ignore[assignment]
        self._column_sums = self._untouched = sums

    def _sweep(self, offset: np.ndarray, slope: np.ndarray) -> bool:
        before, ruled = self._column_sums, self.labels["rows"]
        columns = self.labels["columns"]
        self._sum_by(RowRule(columns, offset, slope, self.missing, NamedRows.none()))
        # Equal labels give equal sums to the last bit; other labels of equal sums gain nothing.
        same = isinstance(ruled, SummedRule) and np.array_equal(ruled.sizes, self._ruled.sizes)
        return not (same and np.array_equal(before, self._column_sums))

    def sizes(self, side: Side) -> np.ndarray:
        """Return the number of rows or columns in each cluster, as float64."""
        return self._ruled.sizes if side == "rows" else super().sizes(side)

    def find_largest(
        self, side: Side, function: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> tuple[float, int]:
        """Return the largest of ``function(profiles, labels)``, and its row or column."""
        if side == "columns":
            return super().find_largest(side, function)
        values, rows = self.engine.run(
            LARGEST_BY_RULE,
            self.X,
            now=self.labels["columns"],
            sizes=self._ruled.sizes,
            function=function,
            **self.rule.params(),
        )
        largest = int(values.argmax())
        return float(values[largest]), int(rows[largest])

    def move_one(self, side: Side, index: int, label: int) -> bool:
        """Move one row or column to another cluster."""
        if side == "columns":
            return super().move_one(side, index, label)
        self._sum_by(replace(self.rule, named=self.rule.named.named(index, label)))
        return True

    def refresh(self) -> None:
        """Do nothing: sums are always made afresh."""
