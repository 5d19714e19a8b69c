"""Progress of restarts and iterations: scikit-learn's callbacks where it has them, or prints."""

from typing import Any

__all__ = ["CallbackSupportMixin", "FitProgress", "RunProgress", "with_callbacks"]

try:  # scikit-learn >= 1.9; experimental there, so nothing else may depend on it
    from sklearn.callback import CallbackSupportMixin, with_callbacks

    HAS_CALLBACKS = True
except ImportError:
    HAS_CALLBACKS = False

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Stands in where scikit-learn has no callbacks: `verbose` reports instead."""

    def with_callbacks(method: Any) -> Any:
        """Return the method as it is."""
        return method


class FitProgress:
    """Reports one fit.

    Parameters
    ----------
    estimator : estimator
        The estimator being fitted.
    n_runs : int
        Number of restarts.
    measure : str, default="explained divergence"
        What the reported values are called.
    """

    def __init__(self, estimator: Any, n_runs: int, measure: str = "explained divergence") -> None:
        self.estimator = estimator
        self.n_runs = n_runs
        self.measure = measure
        self.context = None
        if HAS_CALLBACKS:
            self.context = estimator._init_callback_context(
                max_subtasks=n_runs, sequential_subtasks=False
            )
            self.context.call_on_fit_task_begin(estimator=estimator)

    def run(self, index: int) -> "RunProgress":
        """Return the reporter of one restart."""
        return RunProgress(self, index)

    def end(self) -> None:
        """Report the end of the fit."""
        if self.context is not None:
            self.context.call_on_fit_task_end(estimator=self.estimator)


class RunProgress:
    """Reports the iterations of one restart; may be used from its own thread."""

    def __init__(self, fit: FitProgress, index: int) -> None:
        self.fit = fit
        self.index = index
        self.iteration = 0
        self.stopped = False
        self.context = None
        if fit.context is not None:
            self.context = fit.context.subcontext(
                task_name="restart", task_id=index, max_subtasks=None
            )
            self.context.call_on_fit_task_begin(estimator=fit.estimator)

    def _print(self, text: str) -> None:
        name = type(self.fit.estimator).__name__
        print(f"[{name}] restart {self.index + 1}/{self.fit.n_runs}{text}", flush=True)

    def step(self, value: float, note: str = "") -> bool:
        """Report the value after an iteration, and a note; return whether to stop."""
        self.iteration += 1
        if self.fit.estimator.verbose > 1:
            self._print(f", iteration {self.iteration}: {self.fit.measure} {value:.8g}{note}")
        if self.context is None:
            return False
        step = self.context.subcontext(task_name="iteration")
        step.call_on_fit_task_begin(estimator=self.fit.estimator)
        self.stopped |= bool(step.call_on_fit_task_end(estimator=self.fit.estimator))
        return self.stopped

    def end(self, value: float) -> None:
        """Report the end of the restart and its value."""
        if self.fit.estimator.verbose > 0:
            self._print(f": {self.fit.measure} {value:.8g} after {self.iteration} iterations")
        if self.context is not None:
            self.context.call_on_fit_task_end(estimator=self.fit.estimator)
