"""Display of a matrix with its rows and columns put together by co-cluster."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ..metrics._checks import check_labels
from ._drawing import (
    get_axes,
    get_contrast,
    get_extend,
    get_size_points,
    make_colormap,
    make_norm,
)
from ._frame import (
    annotate_blocks,
    draw_borders,
    draw_missing_key,
    label_columns,
    label_rows,
)
from ._order import arrange, cluster_groups
from ._raster import as_matrix, group_means, pixel_groups


class CoclusterDisplay:
    """Matrix reordered by co-cluster, or its block means.

    Make one with :meth:`from_estimator` or :meth:`from_labels`, which compute what is to be shown
    and draw it; :meth:`plot` draws again, with other options or on other axes, without X.

    The picture never holds more than ``max_pixels`` by ``max_pixels`` values. Of a larger matrix,
    each pixel is the mean of the entries that fall on it (implicit zeros of a sparse matrix
    included, missing entries left out); the picture says so below the axes. Sparse matrices are
    not made dense and dask arrays are read one tile of rows at a time.

    Parameters
    ----------
    pixels : ndarray of shape (n_pixel_rows, n_pixel_columns), dtype float64
        What is drawn, rows and columns in their new order. NaN where nothing was observed.
    block_means : ndarray of shape (n_row_clusters, n_column_clusters), dtype float64
        Mean of the observed entries of each block, clusters in drawing order.
    row_clusters, column_clusters : ndarray of shape (n_clusters,), dtype intp
        Labels of the non-empty clusters in drawing order; -1, in no cluster, is last.
    row_sizes, column_sizes : ndarray of shape (n_clusters,), dtype intp
        Number of rows, or columns, of each.
    row_order : ndarray of shape (n_rows,), dtype intp
        Row of X at each place of the reordered matrix.
    column_order : ndarray of shape (n_columns,), dtype intp
        Column of X at each place of the reordered matrix.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.
    figure_ : matplotlib Figure
        Figure that holds them.
    im_ : matplotlib AxesImage or QuadMesh
        The picture; its ``norm`` can be handed to another display.
    colorbar_ : matplotlib Colorbar or None
        Colour bar, where there is one.

    See Also
    --------
    ConvergenceDisplay : Objective by iteration.
    skcocluster.metrics : Scores of a co-clustering.

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster.plot import CoclusterDisplay
    >>> X = np.array([[9, 0, 8], [1, 7, 0], [8, 1, 9]])
    >>> display = CoclusterDisplay.from_labels(X, [0, 1, 0], [1, 0, 1])
    >>> display.block_means
    array([[8.5, 0.5],
           [0.5, 7. ]])
    """

    def __init__(
        self,
        pixels: np.ndarray,
        block_means: np.ndarray,
        *,
        row_clusters: np.ndarray,
        column_clusters: np.ndarray,
        row_sizes: np.ndarray,
        column_sizes: np.ndarray,
        row_order: np.ndarray,
        column_order: np.ndarray,
    ) -> None:
        self.pixels = pixels
        self.block_means = block_means
        self.row_clusters = row_clusters
        self.column_clusters = column_clusters
        self.row_sizes = row_sizes
        self.column_sizes = column_sizes
        self.row_order = row_order
        self.column_order = column_order

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        order: str | None = None,
        max_pixels: int = 600,
        ax: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Display of a fitted co-clusterer and the matrix that it was fitted on.

        Parameters
        ----------
        estimator : estimator
            Fitted, with ``row_labels_`` and ``column_labels_``.
        X : array-like of shape (n_rows, n_columns)
            Dense, sparse, DataFrame, xarray DataArray or dask array. NaN is missing.
        order : {"mean", "diagonal", "label"}, default=None
            Order of the clusters, see :meth:`from_labels`. None is "label" for an estimator with
            one number of co-clusters, `n_clusters`, whose row and column clusters match, so that
            co-clusters lie on the diagonal; "mean" for others.
        max_pixels : int, default=600
            Largest number of pixels on a side.
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **plot_options : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : CoclusterDisplay
            Drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            When the estimator is not fitted.
        ValueError
            When X does not have the shape of the labels.
        ImportError
            When matplotlib is missing.

        Examples
        --------
        >>> from skcocluster import BBAC
        >>> from skcocluster.plot import CoclusterDisplay
        >>> X = [[9, 0, 8], [1, 7, 0], [8, 1, 9]]
        >>> est = BBAC(n_row_clusters=2, random_state=0).fit(X)
        >>> display = CoclusterDisplay.from_estimator(est, X)
        >>> display.row_sizes
        array([2, 1])
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(estimator, ["row_labels_", "column_labels_"])
        if order is None:
            order = "label" if hasattr(estimator, "n_clusters") else "mean"
        return cls.from_labels(
            X,
            estimator.row_labels_,
            estimator.column_labels_,
            order=order,
            max_pixels=max_pixels,
            ax=ax,
            **plot_options,
        )

    @classmethod
    def from_labels(
        cls,
        X: Any,
        row_labels: ArrayLike,
        column_labels: ArrayLike,
        *,
        order: str = "mean",
        max_pixels: int = 600,
        ax: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Display of a matrix and any labels of its rows and columns.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_columns)
            Dense, sparse, DataFrame, xarray DataArray or dask array. NaN is missing.
        row_labels : array-like of shape (n_rows,), dtype int
            Cluster of each row; -1 for a row in no cluster, drawn in a band at the end.
        column_labels : array-like of shape (n_columns,), dtype int
            Cluster of each column; -1 as for rows.
        order : {"mean", "diagonal", "label"}, default="mean"
            Order of the clusters. "mean": by falling mean of their entries, so that what is high
            meets in the top left corner. "diagonal": rows as in "mean", each column cluster where
            the row cluster stands in which it exceeds its margins most; for documents by words,
            say. "label": as numbered. Rows and columns of one cluster keep their order in X.
        max_pixels : int, default=600
            Largest number of pixels on a side; a longer side is averaged down to it.
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **plot_options : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : CoclusterDisplay
            Drawn.

        Raises
        ------
        ValueError
            When X is not a matrix of real numbers, labels do not fit its shape or are below -1,
            or an option is not among the choices.
        ImportError
            When matplotlib is missing.
        """
        if max_pixels < 1:
            raise ValueError(f"max_pixels must be at least 1, got {max_pixels}.")
        X = as_matrix(X)
        row_labels = check_labels(row_labels, X.shape[0], "row_labels")
        column_labels = check_labels(column_labels, X.shape[1], "column_labels")
        row_clusters, row_groups = cluster_groups(row_labels)
        column_clusters, column_groups = cluster_groups(column_labels)
        row_sizes, column_sizes = np.bincount(row_groups), np.bincount(column_groups)
        shape = (row_clusters.size, column_clusters.size)
        means = group_means(X, row_groups, column_groups, shape)
        rows, columns = arrange(
            means, row_clusters, column_clusters, (row_sizes, column_sizes), order
        )
        row_order = np.argsort(np.argsort(rows)[row_groups], kind="stable")
        column_order = np.argsort(np.argsort(columns)[column_groups], kind="stable")
        row_pixels, n_pixel_rows = pixel_groups(row_order, max_pixels)
        column_pixels, n_pixel_columns = pixel_groups(column_order, max_pixels)
        display = cls(
            group_means(X, row_pixels, column_pixels, (n_pixel_rows, n_pixel_columns)),
            means[np.ix_(rows, columns)],
            row_clusters=row_clusters[rows],
            column_clusters=column_clusters[columns],
            row_sizes=row_sizes[rows],
            column_sizes=column_sizes[columns],
            row_order=row_order,
            column_order=column_order,
        )
        return display.plot(ax=ax, **plot_options)

    def plot(
        self,
        ax: Any = None,
        *,
        values: str = "entries",
        norm: Any = None,
        robust: bool = True,
        cmap: Any = None,
        colorbar: bool = True,
        borders: bool = True,
        cluster_labels: bool = True,
        annotate: bool | None = None,
        equal_blocks: bool = False,
    ) -> Self:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        values : {"entries", "means"}, default="entries"
            Draw the entries of the matrix, or the mean of each block.
        norm : {"linear", "log", "symlog"} or matplotlib Normalize, default=None
            Scale of the colours; None is "linear". Values that span zero get a scale symmetric
            about it. Under "log", what is not positive has the lowest colour.
        robust : bool, default=True
            Let the scale leave out half a percent of the values other than zero at each end; the
            colour bar then ends in arrows. Few values are all kept.
        cmap : str or matplotlib Colormap, default=None
            None is "viridis"; "RdBu_r" for a scale that spans zero; "Blues" when most values are
            at the low end of the scale, as in counts of words.
        colorbar : bool, default=True
            Add a colour bar.
        borders : bool, default=True
            Draw lines between clusters.
        cluster_labels : bool, default=True
            Write the label and size of each cluster at the margins; where clusters are too narrow,
            of the largest ones.
        annotate : bool, default=None
            Write the value on each block of ``values="means"``; None where there is room.
        equal_blocks : bool, default=False
            Give all blocks of ``values="means"`` the same size, so that small ones can be seen.

        Returns
        -------
        display : CoclusterDisplay
            Itself, with ``ax_``, ``figure_``, ``im_`` and ``colorbar_``.

        Raises
        ------
        ValueError
            When an option is not among the choices.
        ImportError
            When matplotlib is missing.
        """
        if values not in ("entries", "means"):
            raise ValueError(f"values must be 'entries' or 'means', got {values!r}.")
        if equal_blocks and values != "means":
            raise ValueError('equal_blocks=True needs values="means".')
        ax = get_axes(ax, figsize=(7.2, 5.6))
        shown = self.pixels if values == "entries" else self.block_means
        norm = make_norm(norm, shown, robust and values == "entries")
        cmap = make_colormap(cmap, norm, shown)
        self.ax_, self.figure_ = ax, ax.figure
        edges = self._get_edges(equal_blocks)
        if values == "entries":
            self.im_ = self._draw_entries(norm, cmap)
        else:
            means = np.ma.masked_invalid(self.block_means)
            self.im_ = ax.pcolormesh(edges[1], edges[0], means, norm=norm, cmap=cmap)
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = self.figure_.colorbar(
                self.im_, ax=ax, extend=get_extend(norm, shown), pad=0.02, aspect=30
            )
            self.colorbar_.outline.set_visible(False)
        note = self._describe() if values == "entries" else "mean of each block"
        self._draw_frame(edges, borders, cluster_labels, note)
        if values == "means" and annotate is not False:
            annotate_blocks(ax, self.im_, self.block_means, edges, always=annotate is True)
        if np.isnan(shown).any():
            draw_missing_key(ax, self.im_.cmap.get_bad())
        return self

    def _get_edges(self, equal_blocks: bool) -> tuple[np.ndarray, np.ndarray]:
        sizes = (self.row_sizes, self.column_sizes)
        if equal_blocks:
            return np.arange(sizes[0].size + 1.0), np.arange(sizes[1].size + 1.0)
        return np.append(0.0, np.cumsum(sizes[0])), np.append(0.0, np.cumsum(sizes[1]))

    def _draw_entries(self, norm: Any, cmap: Any) -> Any:
        width, height = get_size_points(self.ax_)
        scale = self.figure_.dpi / 72
        fits = self.pixels.shape[0] <= height * scale and self.pixels.shape[1] <= width * scale
        return self.ax_.imshow(
            np.ma.masked_invalid(self.pixels),
            norm=norm,
            cmap=cmap,
            aspect="auto",
            # Smoothing would wash single missing entries out, dropping pixels would be a sample.
            interpolation="nearest" if fits else "auto",
            extent=(0, self.column_order.size, self.row_order.size, 0),
        )

    def _draw_frame(
        self, edges: tuple[np.ndarray, np.ndarray], borders: bool, cluster_labels: bool, note: str
    ) -> None:
        ax, (rows, columns) = self.ax_, edges
        ax.set(xlim=(0, columns[-1]), ylim=(rows[-1], 0))
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
        if borders:
            middle = float(np.nanmedian(self.pixels)) if np.isfinite(self.pixels).any() else 0.0
            color = get_contrast(self.im_.to_rgba(middle))
            draw_borders(ax, (self.row_clusters, self.column_clusters), edges, color)
        if cluster_labels:
            label_rows(ax, self.row_clusters, self.row_sizes, rows)
            label_columns(ax, self.column_clusters, self.column_sizes, columns)
            ax.set_ylabel("row cluster (rows)")
            ax.set_xlabel(f"column cluster (columns)\n{note}")
        else:
            ax.set(xticks=[], yticks=[], xlabel=note)

    def _describe(self) -> str:
        """Size of the matrix, and what a pixel is when it is not one entry."""
        shape = (self.row_order.size, self.column_order.size)
        text = f"{shape[0]:,} × {shape[1]:,} entries"
        if self.pixels.shape == shape:
            return text
        rows, columns = (-(-n // m) for n, m in zip(shape, self.pixels.shape, strict=True))
        return f"{text}; each pixel is the mean of up to {rows:,} × {columns:,}"
