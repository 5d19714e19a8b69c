"""Display of the objective by iteration."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ._drawing import get_axes


class ConvergenceDisplay:
    """Objective after each iteration of the best run.

    Make one with :meth:`from_estimator`, which draws; :meth:`plot` draws again.

    Parameters
    ----------
    objective_trace : array-like of shape (n_iter,), dtype float64
        Objective after each iteration.
    estimator_name : str, default=None
        What the line is called.
    converged : bool, default=None
        Whether the run ended by its tolerance; told in the note when known.
    objective : float, default=None
        The objective that was kept, where the note stands; None is the last.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the line.
    figure_ : matplotlib Figure
        Figure that holds them.
    line_ : matplotlib Line2D
        The line.

    See Also
    --------
    CoclusterDisplay : The matrix, reordered by co-cluster.

    Examples
    --------
    >>> from skcocluster.plot import ConvergenceDisplay
    >>> display = ConvergenceDisplay([9.0, 4.0, 3.5], estimator_name="BBAC").plot()
    >>> display.ax_.get_xlabel()
    'iteration'
    """

    def __init__(
        self,
        objective_trace: ArrayLike,
        *,
        estimator_name: str | None = None,
        converged: bool | None = None,
        objective: float | None = None,
    ) -> None:
        self.objective_trace = objective_trace
        self.estimator_name = estimator_name
        self.converged = converged
        self.objective = objective

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None, **line_options: Any) -> Self:
        """Display of a fitted co-clusterer's ``objective_trace_``.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``objective_trace_``.
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **line_options : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : ConvergenceDisplay
            Drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            When the estimator is not fitted.
        ImportError
            When matplotlib is missing.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(estimator, "objective_trace_")
        display = cls(
            estimator.objective_trace_,
            estimator_name=type(estimator).__name__,
            converged=getattr(estimator, "converged_", None),
            objective=getattr(estimator, "objective_", None),
        )
        return display.plot(ax=ax, **line_options)

    def plot(self, ax: Any = None, **line_options: Any) -> Self:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **line_options : dict
            Passed to :meth:`matplotlib.axes.Axes.plot`.

        Returns
        -------
        display : ConvergenceDisplay
            Itself, with ``ax_``, ``figure_`` and ``line_``.

        Raises
        ------
        ValueError
            When the trace is empty or not one-dimensional.
        ImportError
            When matplotlib is missing.
        """
        trace = np.asarray(self.objective_trace, dtype=float)
        if trace.ndim != 1 or trace.size == 0:
            raise ValueError(f"objective_trace must hold one value or more, got {trace.shape}.")
        ax = get_axes(ax, figsize=(6.0, 3.6))
        options = {
            "marker": "o" if trace.size <= 40 else "",
            "markersize": 4,
            "linewidth": 1.6,
            "label": self.estimator_name,
            **line_options,
        }
        iterations = np.arange(1, trace.size + 1)
        (self.line_,) = ax.plot(iterations, trace, **options)
        self._draw_end(ax, trace)
        self.ax_, self.figure_ = ax, ax.figure
        return self

    def _draw_end(self, ax: Any, trace: np.ndarray) -> None:
        states = {True: "converged", False: "stopped before it converged", None: ""}
        state = states[None if self.converged is None else bool(self.converged)]
        # A scheme that may rise keeps the best state that it has seen, not the last.
        kept = trace[-1] if self.objective is None else self.objective
        at = trace.size - 1 - int(np.abs(trace - kept)[::-1].argmin())
        at_top = trace[at] == trace.max() and trace.size > 1
        ax.annotate(
            "\n".join(filter(None, [f"{trace[at]:.6g}", state])),
            (at + 1, trace[at]),
            xytext=(0, -10 if at_top else 10),
            textcoords="offset points",
            ha="right" if trace.size > 1 else "center",
            va="top" if at_top else "bottom",
            fontsize=9,
            color=self.line_.get_color(),
        )
        ax.set(xlabel="iteration", ylabel="objective")
        if trace.size == 1:
            ax.set_xlim(0, 2)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.ticklabel_format(axis="y", useOffset=False)
        ax.grid(axis="y", alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        ax.margins(y=0.15)
