"""Display of least costs over numbers of clusters."""

from typing import Any, Self

import numpy as np

from ._drawing import get_axes


class CostCurveDisplay:
    """Least cost under the maximum norm over the numbers of clusters.

    Numbers that go in pairs make a line, with the gap to the lower bound shaded; a grid of row
    and column clusters makes a heat map, in which costs that are not proven have a question mark.

    Parameters
    ----------
    curve : CostCurve
        From :func:`skcocluster.max_norm.cost_curve`.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    skcocluster.max_norm.cost_curve : Computes the curve.

    Examples
    --------
    >>> from skcocluster.max_norm import cost_curve
    >>> from skcocluster.plot import CostCurveDisplay
    >>> curve = cost_curve([[1, 9, 2], [2, 8, 1], [7, 0, 8]], [1, 2, 3])
    >>> CostCurveDisplay(curve).plot().ax_.get_ylabel()
    'largest difference within a block'
    """

    def __init__(self, curve: Any) -> None:
        self.curve = curve

    @classmethod
    def from_data(
        cls,
        X: Any,
        n_row_clusters: Any,
        n_column_clusters: Any = None,
        *,
        ax: Any = None,
        **options: Any,
    ) -> Self:
        """Compute the curve of a matrix and draw it.

        Parameters
        ----------
        X, n_row_clusters, n_column_clusters : object
            As for :func:`skcocluster.max_norm.cost_curve`.
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **options : dict
            Passed to :func:`skcocluster.max_norm.cost_curve`.

        Returns
        -------
        display : CostCurveDisplay
            Drawn.
        """
        from ..max_norm import cost_curve

        return cls(cost_curve(X, n_row_clusters, n_column_clusters, **options)).plot(ax=ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.

        Returns
        -------
        display : CostCurveDisplay
            Itself, with ``ax_`` and ``figure_``.

        Raises
        ------
        ImportError
            When matplotlib is missing.
        """
        self.ax_ = get_axes(ax, (6.4, 4.2))
        self.figure_ = self.ax_.figure
        rows, columns = (
            np.unique(self.curve.n_row_clusters),
            np.unique(self.curve.n_column_clusters),
        )
        is_grid = len(rows) > 1 and len(columns) > 1
        if is_grid and len(self.curve.costs) == len(rows) * len(columns):
            self._draw_grid(rows, columns)
        else:
            self._draw_line(len(rows) > 1, len(columns) > 1)
        return self

    def _draw_line(self, rows_vary: bool, columns_vary: bool) -> None:
        curve = self.curve
        x = curve.n_row_clusters if rows_vary else curve.n_column_clusters
        what = "row" if rows_vary else "column"
        if rows_vary and columns_vary:
            what = "row and column"
        self.ax_.plot(x, curve.costs, color="C0", label="cost found")
        proven = curve.is_optimal
        self.ax_.plot(x[proven], curve.costs[proven], "o", color="C0", label="proven optimal")
        if not proven.all():
            self.ax_.fill_between(
                x, curve.lower_bounds, curve.costs, color="C0", alpha=0.25, label="not known"
            )
        self.ax_.set_xlabel(f"number of {what} clusters")
        self.ax_.set_ylabel("largest difference within a block")
        self.ax_.set_ylim(bottom=0)
        self.ax_.xaxis.get_major_locator().set_params(integer=True)
        self.ax_.legend()

    def _draw_grid(self, rows: np.ndarray, columns: np.ndarray) -> None:
        shape = (len(rows), len(columns))
        costs = self.curve.costs.reshape(shape)
        proven = self.curve.is_optimal.reshape(shape)
        image = self.ax_.imshow(costs, cmap="viridis", origin="lower", aspect="auto")
        for (i, j), cost in np.ndenumerate(costs):
            text = f"{cost:.3g}" if proven[i, j] else f"{cost:.3g}?"
            color = "white" if image.norm(cost) < 0.5 else "black"
            self.ax_.text(j, i, text, ha="center", va="center", color=color, fontsize=8)
        self.ax_.set_xticks(range(len(columns)), [str(p) for p in columns])
        self.ax_.set_yticks(range(len(rows)), [str(k) for k in rows])
        self.ax_.set_xlabel("number of column clusters")
        self.ax_.set_ylabel("number of row clusters")
        self.figure_.colorbar(image, ax=self.ax_, label="largest difference within a block")
