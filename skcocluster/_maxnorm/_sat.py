"""The decision by a SAT solver, in turns that hold their limits."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from ._conflicts import iter_conflicts
from ._decision import INFEASIBLE, UNKNOWN, Decision
from ._precolour import Contradiction, Precoloured
from ._reduction import Reduction, reduce_windows
from ._sat_encoding import Encoding
from ._windows import window_spans

# Seconds between two looks at the clock and at the keyboard.
_PAUSE = 0.2
# Questions that are kept open side by side, as long as their entries and clauses are so few.
_KEPT_QUESTIONS = 8
_KEPT_SIZE = 5_000_000
# Glucose decides twice as fast as MiniSat, but looks at its limits at restarts only: up to some
# thousand conflicts apart, which are seconds where a formula has more clauses than this.
_CLAUSES_OF_GLUCOSE = 1_000_000
# Formulas of more clauses, some gigabytes, are not written.
_MOST_CLAUSES = 20_000_000


class SatDecider:
    """Decide by a SAT solver whether blocks fit a reach.

    Rows and columns that may follow others are left out, the others precoloured from cliques of
    conflicting ones and only then encoded, see `Precoloured` and `Encoding`. The solver is Glucose,
    for large formulas MiniSat.

    Parameters
    ----------
    codes : ndarray of shape (n_rows, n_columns), dtype int32
        Entries as letters, see `Alphabet`.
    n_row_clusters, n_column_clusters : int
        Most row and column blocks.

    Raises
    ------
    ImportError
        Without python-sat.
    """

    def __init__(self, codes: np.ndarray, n_row_clusters: int, n_column_clusters: int) -> None:
        import_solver("glucose4").delete()
        self.codes = codes
        self.n_clusters = (n_row_clusters, n_column_clusters)
        self._questions: dict[bytes, _Question] = {}
        self._current: _Question | None = None

    def start(self, reach: np.ndarray) -> None:
        """Pose a problem; nothing is computed before `run`.

        A problem that was left undecided goes on where it was left, if the memory of the last few
        still has it.

        Parameters
        ----------
        reach : ndarray of shape (n_letters,), dtype int32
            Largest letter that may share a block with each letter.
        """
        key = reach.tobytes()
        question = self._questions.pop(key, None) or _Question(self.codes, reach, *self.n_clusters)
        self._questions[key] = self._current = question
        while len(self._questions) > 1 and (
            len(self._questions) > _KEPT_QUESTIONS
            or sum(kept.size for kept in self._questions.values()) > _KEPT_SIZE
        ):
            self._questions.pop(next(iter(self._questions))).close()

    def run(self, *, max_conflicts: int | None = None, seconds: float | None = None) -> Decision:
        """Continue until decided or until a limit.

        Parameters
        ----------
        max_conflicts : int, default=None
            About the most conflicts of this call, until the next restart; reproducible.
        seconds : float, default=None
            Most seconds of this call.

        Returns
        -------
        decision : Decision
            "unknown" at a limit: a further call goes on with all that was learnt. It stays
            "unknown" when the formula would have more than 20 million clauses.

        Raises
        ------
        ValueError
            Before any `start`.
        """
        if self._current is None:
            raise ValueError("There is no problem to decide: call start(reach) first.")
        return self._current.run(max_conflicts, seconds)


class _Question:
    """One reach, from the reduction to the answer, wherever it stopped."""

    def __init__(
        self, codes: np.ndarray, reach: np.ndarray, n_row_clusters: int, n_column_clusters: int
    ) -> None:
        self._codes, self._reach = codes, reach
        self._n_clusters = (n_row_clusters, n_column_clusters)
        self._solver: Any = None
        self._encoding: Encoding | None = None
        self._decision = UNKNOWN
        self._begin()

    def _begin(self) -> None:
        self._work = self._prepare()
        self.size = self._codes.size

    def close(self) -> None:
        """Free the memory of the solver and of what was encoded."""
        if self._solver is not None:
            self._solver.delete()
        self._solver = self._encoding = None
        self.size = 0

    def run(self, max_conflicts: int | None, seconds: float | None) -> Decision:
        deadline = None if seconds is None else time.monotonic() + seconds
        try:
            for _ in self._work:
                if deadline is not None and time.monotonic() >= deadline:
                    return UNKNOWN
        except BaseException:
            # Ctrl-C ends a generator for good.
            self.close()
            self._begin()
            raise
        if self._encoding is not None:
            self._solve(self._encoding, max_conflicts, deadline)
        return self._decision

    def _prepare(self) -> Iterator[None]:
        """Reduce and encode, with a pause wherever time may be looked at."""
        first, last, n_windows = window_spans(self._codes, self._reach)
        yield
        self._reduction: Reduction = reduce_windows(first, last, n_windows)
        yield
        left = np.ix_(self._reduction.rows, self._reduction.columns)
        first, last, codes = first[left], last[left], self._codes[left]
        conflicts = [np.zeros((n, n), np.bool_) for n in first.shape]
        yield from iter_conflicts(codes, self._reach, conflicts[0])
        yield from iter_conflicts(codes.T, self._reach, conflicts[1])
        try:
            problem = Precoloured(first, last, n_windows, conflicts, self._n_clusters)
        except Contradiction:
            self._decision = INFEASIBLE
            self.close()
            return
        yield
        encoding = Encoding(problem)
        expected = encoding.estimate_clauses()
        if expected > _MOST_CLAUSES:
            return
        is_small = expected <= _CLAUSES_OF_GLUCOSE
        self._solver = import_solver("glucose4" if is_small else "minisat22")
        for clauses in encoding.clauses():
            self._solver.append_formula(clauses)
            self.size += len(clauses)
            yield
        self._encoding = encoding

    def _solve(self, encoding: Encoding, max_conflicts: int | None, deadline: float | None) -> None:
        self._solver.conf_budget(-1 if max_conflicts is None else max_conflicts)
        answer = solve_in_thread(self._solver, deadline)
        if answer is False:
            self._decision = INFEASIBLE
        elif answer:
            problem = encoding.problem
            row_labels, column_labels = encoding.read(self._solver.get_model())
            labels = self._reduction.expand(
                row_labels[problem.row_of], column_labels[problem.column_of]
            )
            self._decision = Decision("feasible", *labels)
        if answer is not None:
            self.close()


def solve_in_thread(solver: Any, deadline: float | None) -> bool | None:
    """Solve where the main thread can still be interrupted, by Ctrl-C or by the clock.

    Parameters
    ----------
    solver : pysat.solvers.Solver
        One that can be interrupted.
    deadline : float or None
        In terms of ``time.monotonic()``.

    Returns
    -------
    answer : bool or None
        None when a limit came first.
    """
    answers: list[bool | None] = []
    done, given_up = threading.Event(), threading.Event()

    def work() -> None:
        try:
            if not given_up.is_set():
                answers.append(solver.solve_limited(expect_interrupt=True))
        finally:
            done.set()

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
        # In slices, so that Ctrl-C gets through on every platform; an event, as an interrupted
        # join takes the thread for dead.
        while not done.wait(_next_pause(deadline)):
            if deadline is not None and time.monotonic() >= deadline:
                break
    finally:
        given_up.set()
        if thread.ident is not None and not done.is_set():
            solver.interrupt()
            done.wait()
        solver.clear_interrupt()
    thread.join()
    if not answers:
        raise RuntimeError("The SAT solver failed; its own message stands above.")
    return answers[0]


def _next_pause(deadline: float | None) -> float:
    left = _PAUSE if deadline is None else deadline - time.monotonic()
    return max(0.0, min(_PAUSE, left))


def import_solver(name: str) -> Any:
    """Return a new solver of python-sat, of this name there.

    Raises
    ------
    ImportError
        Without python-sat; the message names the extra that brings it.
    """
    try:
        from pysat.solvers import Solver
    except ImportError as error:
        raise ImportError(
            'The SAT solver needs python-sat: pip install "skcocluster[exact]".'
        ) from error
    return Solver(name=name)
