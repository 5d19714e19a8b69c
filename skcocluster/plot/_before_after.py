"""Display of a matrix as given beside the same matrix, reordered by co-cluster."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ._cocluster import CoclusterDisplay
from ._drawing import get_axes, get_extend
from ._picture import Fitted, read_fitted, read_labels
from ._raster import as_matrix

# Of the clusters: what is given has none.
CLUSTER_OPTIONS = {"borders": False, "cluster_labels": False}


class BeforeAfterDisplay:
    """Matrix as given, and with rows and columns put together by co-cluster, in the same colours.

    Make one with :meth:`from_estimator` or :meth:`from_labels`, which compute and draw it.

    Parameters
    ----------
    before, after : CoclusterDisplay
        Of one matrix, the first with all rows and all columns in one cluster.

    Attributes
    ----------
    figure_ : matplotlib Figure
        Figure of the second picture.
    axes_ : ndarray of shape (2,), dtype object
        The axes of both.
    colorbar_ : matplotlib Colorbar or None
        The colour bar that they share; None where there is none, or each has its own.

    See Also
    --------
    CoclusterDisplay : The reordered matrix alone; the two here are of this kind.

    Examples
    --------
    >>> from skcocluster.plot import BeforeAfterDisplay
    >>> X = [[9, 0, 8], [1, 7, 0], [8, 1, 9]]
    >>> display = BeforeAfterDisplay.from_labels(X, [0, 1, 0], [1, 0, 1])
    >>> display.before.im_.norm is display.after.im_.norm
    True
    >>> display.after.row_order
    array([0, 2, 1])
    """

    def __init__(self, before: CoclusterDisplay, after: CoclusterDisplay) -> None:
        self.before = before
        self.after = after

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        order: str | None = None,
        overlap: str = "closest",
        max_pixels: int = 600,
        axes: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Display of a fitted co-clusterer and the matrix that it was fitted on.

        Parameters
        ----------
        estimator, X, order, overlap, max_pixels : object
            As for :meth:`CoclusterDisplay.from_estimator`.
        axes : sequence of 2 matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **plot_options : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : BeforeAfterDisplay
            Drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            When the estimator is not fitted.
        ValueError
            As for :meth:`CoclusterDisplay.from_estimator`.
        ImportError
            When matplotlib is missing.
        """
        X = as_matrix(X)
        fitted = read_fitted(estimator, X.shape, order, overlap)
        return cls._from_fitted(X, fitted, max_pixels, axes, plot_options)

    @classmethod
    def from_labels(
        cls,
        X: Any,
        row_labels: ArrayLike,
        column_labels: ArrayLike,
        *,
        order: str = "mean",
        max_pixels: int = 600,
        axes: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Display of a matrix and any labels of its rows and columns.

        Parameters
        ----------
        X, row_labels, column_labels, order, max_pixels : object
            As for :meth:`CoclusterDisplay.from_labels`.
        axes : sequence of 2 matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **plot_options : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : BeforeAfterDisplay
            Drawn.

        Raises
        ------
        ValueError
            As for :meth:`CoclusterDisplay.from_labels`.
        ImportError
            When matplotlib is missing.
        """
        X = as_matrix(X)
        labels = read_labels(X.shape, row_labels, column_labels, order)
        return cls._from_fitted(X, labels, max_pixels, axes, plot_options)

    @classmethod
    def _from_fitted(
        cls, X: Any, fitted: Fitted, max_pixels: int, axes: Any, plot_options: dict[str, Any]
    ) -> Self:
        rows, columns = (np.zeros(n, dtype=np.intp) for n in X.shape)
        one = read_labels(X.shape, rows, columns, "label")
        display = cls(
            CoclusterDisplay._compute(X, one, max_pixels, plot_options),
            CoclusterDisplay._compute(X, fitted, max_pixels, plot_options),
        )
        return display.plot(axes, **plot_options)

    def plot(
        self, axes: Any = None, *, values: str = "entries", colorbar: bool = True, **options: Any
    ) -> Self:
        """Draw both.

        Parameters
        ----------
        axes : sequence of 2 matplotlib Axes, default=None
            Axes to draw on, of one figure or of two. None makes a figure.
        values : {"entries", "dots"}, default="entries"
            As for :meth:`CoclusterDisplay.plot`; blocks have no before.
        colorbar : bool, default=True
            Add a colour bar for both; one for each on axes of two figures.
        **options : dict
            Passed to :meth:`CoclusterDisplay.plot`, such as `norm`, `cmap` and annotations, which
            stand beside the rows and columns of both pictures.

        Returns
        -------
        display : BeforeAfterDisplay
            Itself, with ``figure_``, ``axes_`` and ``colorbar_``.

        Raises
        ------
        ValueError
            When `values` is another, or as for :meth:`CoclusterDisplay.plot`.
        ImportError
            When matplotlib is missing.
        """
        if values not in ("entries", "dots"):
            raise ValueError(f"values must be 'entries' or 'dots', got {values!r}.")
        left, right = get_axes(None, (12.0, 5.2), n_axes=2) if axes is None else axes
        is_shared = left.figure is right.figure
        each: dict[str, Any] = {"values": values, "colorbar": colorbar and not is_shared}
        self.after.plot(right, **each, **options)
        same = {"norm": self.after.im_.norm, "cmap": self.after.im_.cmap}
        self.before.plot(left, **each, **(options | same | CLUSTER_OPTIONS))
        self.figure_, self.axes_ = right.figure, np.array([left, right], dtype=object)
        self.colorbar_ = self._draw_colorbar() if colorbar and is_shared else None
        return self

    def _draw_colorbar(self) -> Any:
        norm = self.after.im_.norm
        shown = [
            np.ma.masked_invalid(np.ravel(display.im_.get_array())).compressed()
            for display in (self.before, self.after)
        ]
        colorbar = self.figure_.colorbar(
            self.after.im_,
            ax=self.axes_.tolist(),
            extend=get_extend(norm, np.concatenate(shown)),
            pad=0.02,
            aspect=30,
        )
        colorbar.outline.set_visible(False)
        return colorbar
