"""The direct encoding of Bulteau et al. (2016), doi:10.3390/a9010017, Section 4.1, as they give it.

Row i may be in row block r: x_ir; column j in column block s: y_js; each in at least one. For each
pair of entries that conflict and each block, not all four of their rows and columns are in it:
k p (n m)² clauses. It is what `SatDecider` is compared with, nothing else uses it.
"""

import time
from collections.abc import Callable, Iterator

import numpy as np

from ._decision import INFEASIBLE, UNKNOWN, Decision
from ._sat import SatDecider, import_solver, solve_in_thread


def decide_directly(
    codes: np.ndarray,
    reach: np.ndarray,
    n_row_clusters: int,
    n_column_clusters: int,
    *,
    seconds: float | None = None,
) -> Decision:
    """Decide by Glucose and the direct encoding whether blocks fit a reach.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.
    n_row_clusters, n_column_clusters : int
        Most row and column blocks.
    seconds : float, default=None
        "unknown" afterwards; looked at between the rows that are encoded, and by the solver at its
        restarts.

    Returns
    -------
    decision : Decision
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    n_rows, n_columns = codes.shape
    rows = 1 + np.arange(n_rows * n_row_clusters).reshape(n_rows, n_row_clusters)
    columns = np.arange(n_columns * n_column_clusters).reshape(n_columns, n_column_clusters)
    columns += 1 + rows.size
    with import_solver("glucose4") as solver:
        solver.append_formula(rows.tolist() + columns.tolist())
        for clauses in _conflicts(codes, reach, rows, columns):
            solver.append_formula(clauses)
            if deadline is not None and time.monotonic() >= deadline:
                return UNKNOWN
        answer = solve_in_thread(solver, deadline)
        if not answer:
            return UNKNOWN if answer is None else INFEASIBLE
        model = np.asarray(solver.get_model())
    return Decision(
        "feasible",
        (model[rows - 1] > 0).argmax(axis=1).astype(np.int32),
        (model[columns - 1] > 0).argmax(axis=1).astype(np.int32),
    )


def compare_encodings(
    codes: np.ndarray,
    reach: np.ndarray,
    n_row_clusters: int,
    n_column_clusters: int,
    *,
    seconds: float | None = None,
    report: Callable[[str], object] = print,
) -> None:
    """Report the answers and the times of the direct encoding and of `SatDecider`.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters.
    reach : ndarray of shape (n_letters,), dtype int32
        Largest letter that may share a block with each letter.
    n_row_clusters, n_column_clusters : int
        Most row and column blocks.
    seconds : float, default=None
        Most seconds of each, encoding included.
    report : callable, default=print
        Receives one line for each.
    """
    for name in ("direct encoding", "order encoding"):
        start = time.process_time()
        if name == "direct encoding":
            found = decide_directly(
                codes, reach, n_row_clusters, n_column_clusters, seconds=seconds
            )
        else:
            decider = SatDecider(codes, n_row_clusters, n_column_clusters)
            decider.start(reach)
            found = decider.run(seconds=seconds)
        report(f"{name}: {found.status} in {time.process_time() - start:.2f} s")


def _conflicts(
    codes: np.ndarray, reach: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> Iterator[list[list[int]]]:
    for i in range(len(codes)):
        for j in range(codes.shape[1]):
            other_i, other_j = np.nonzero(codes > reach[codes[i, j]])
            for r in range(rows.shape[1]):
                for s in range(columns.shape[1]):
                    clauses = np.empty((len(other_i), 4), np.int64)
                    clauses[:, 0], clauses[:, 2] = -rows[i, r], -columns[j, s]
                    clauses[:, 1], clauses[:, 3] = -rows[other_i, r], -columns[other_j, s]
                    yield clauses.tolist()
