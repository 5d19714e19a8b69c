"""The answer of a decider to whether a co-clustering fits a cost."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Status = Literal["feasible", "infeasible", "unknown"]


@dataclass(frozen=True)
class Decision:
    """What a decider found out about one cost.

    Attributes
    ----------
    status : {"feasible", "infeasible", "unknown"}
        "unknown" when the budget ran out first.
    row_labels, column_labels : ndarray of shape (n_rows,), (n_columns,), dtype int32, or None
        The labels that prove "feasible"; clusters may be empty.
    """

    status: Status
    row_labels: np.ndarray | None = None
    column_labels: np.ndarray | None = None

    def turned(self) -> "Decision":
        """Return the decision about the transposed matrix."""
        return Decision(self.status, self.column_labels, self.row_labels)


UNKNOWN = Decision("unknown")
INFEASIBLE = Decision("infeasible")
