"""Check that a fit which is stopped half-way leaves nothing half-published."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from skcocluster.testing._case import Case, assert_same_fit, fit_quietly, fitted_state
from skcocluster.testing._registry import register

OWN_PACKAGE = __name__.rpartition(".")[0]
# Classes of scikit-learn and below are not under test.
FOREIGN = frozenset({"sklearn", "builtins", "abc", "typing"})
STOPS = (0.02, 0.3, 0.6, 0.9, 0.99, 1.0)


@dataclass
class CallCounter:
    """Counts the Python calls made inside some packages and interrupts at a given one."""

    packages: frozenset[str]
    stop_at: int | None = None
    n_calls: int = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Profile hook of the interpreter."""
        name = frame.f_globals.get("__name__") or ""
        counts = name.split(".")[0] in self.packages and not name.startswith(OWN_PACKAGE)
        # A generator is also resumed to be closed, where Python drops what is raised.
        starts = event == "call" and not frame.f_code.co_flags & inspect.CO_GENERATOR
        if starts and counts:
            self.n_calls += 1
            if self.n_calls == self.stop_at:
                raise KeyboardInterrupt


@contextmanager
def counting(counter: CallCounter) -> Iterator[None]:
    """Count calls in this thread; an interrupt is at the same call every time, unlike a timer."""
    before = sys.getprofile()
    sys.setprofile(counter)
    try:
        yield
    finally:
        sys.setprofile(before)


def fit_until(estimator: Any, X: Any, counter: CallCounter) -> bool:
    """Fit with the counter on; whether the fit was interrupted."""
    try:
        with counting(counter):
            fit_quietly(estimator, X)
    except KeyboardInterrupt:
        return True
    return False


@register()
def check_interrupted_fit_publishes_nothing(case: Case) -> None:
    """Check that KeyboardInterrupt at any call of a fit leaves the state from before."""
    classes = type(case.estimator).__mro__
    packages = frozenset(c.__module__.split(".")[0] for c in classes) - FOREIGN
    X, other = case.matrix(), case.matrix(15, 11, seed=1)
    fitted = case.fit(X)
    total = CallCounter(packages)
    assert not fit_until(case.make(), other, total)
    for share in STOPS:
        stop = max(1, round(share * total.n_calls))
        where = f"stopped at call {stop} of {total.n_calls}"
        fresh = case.make()
        if fit_until(fresh, other, CallCounter(packages, stop)):
            left = sorted(fitted_state(fresh))
            assert not left, f"{where}, fit leaves {left}"
        # An anytime method may answer with the best so far: the state then is a new one.
        before = fitted_state(fitted)
        if fit_until(fitted, other, CallCounter(packages, stop)):
            after = fitted_state(fitted)
            changed = [k for k in before | after if after.get(k) is not before.get(k)]
            assert not changed, f"{where}, fit changed {changed}"
        else:
            before = fitted_state(fit_quietly(fitted, X))
    assert_same_fit(fit_quietly(fitted, other), case.fit(other), "fit after an interrupt")
