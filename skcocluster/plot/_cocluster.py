"""Display of a matrix with its rows and columns put together by co-cluster."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ._annotations import as_annotations
from ._drawing import get_axes
from ._drawn_values import BLOCKWISE, Style, check_values
from ._picture import (
    Fitted,
    check_max_pixels,
    check_memberships,
    compute_picture,
    count_lines,
    lines_of_memberships,
    read_fitted,
    read_labels,
)
from ._plotting import Picture
from ._raster import as_matrix
from ._strips import get_thickness


class CoclusterDisplay:
    """Matrix reordered by co-cluster, or its blocks.

    Make one with :meth:`from_estimator`, :meth:`from_labels` or :meth:`from_memberships`, which
    compute what is to be shown and draw it; :meth:`plot` draws again, with other options or on
    other axes, without X. The :ref:`user guide <pictures>` shows all pictures, and what each hides.

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
        Column of X at each place of the reordered matrix. Both are longer, and name a row or
        column several times, where it stands in each of its clusters.
    block_minima, block_maxima : ndarray, shape and dtype of `block_means`, default=None
        Smallest and largest observed entry of each block, for ``values="ranges"``.
    dots : tuple of 3 ndarray of shape (n_entries,), default=None
        Place of the row, place of the column and value of each stored entry, for
        ``values="dots"``.
    n_hidden : tuple of int, default=(0, 0)
        Number of rows, and of columns, that are in several clusters but drawn in one.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.
    figure_ : matplotlib Figure
        Figure that holds them.
    im_ : matplotlib AxesImage, QuadMesh or PathCollection
        The picture; its ``norm`` can be handed to another display.
    colorbar_ : matplotlib Colorbar or None
        Colour bar, where there is one.
    row_strips_, column_strips_ : list of matplotlib Axes
        Strips of colour of the annotations.

    See Also
    --------
    BeforeAfterDisplay : The matrix as given beside the reordered one.
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
        block_minima: np.ndarray | None = None,
        block_maxima: np.ndarray | None = None,
        dots: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
        n_hidden: tuple[int, int] = (0, 0),
    ) -> None:
        self.pixels = pixels
        self.block_means = block_means
        self.row_clusters = row_clusters
        self.column_clusters = column_clusters
        self.row_sizes = row_sizes
        self.column_sizes = column_sizes
        self.row_order = row_order
        self.column_order = column_order
        self.block_minima = block_minima
        self.block_maxima = block_maxima
        self.dots = dots
        self.n_hidden = n_hidden

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        order: str | None = None,
        overlap: str = "closest",
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
        overlap : {"closest", "repeat"}, default="closest"
            Where clusters overlap: draw a row of several clusters once, with the closest, or once
            in each of them, so that blocks show all their members; the same for columns. What is
            in none stands at the end. The note below the picture says how many this concerns.
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
        X = as_matrix(X)
        fitted = read_fitted(estimator, X.shape, order, overlap)
        display = cls._compute(X, fitted, max_pixels, plot_options)
        return display.plot(ax=ax, **plot_options)

    @classmethod
    def _compute(
        cls, X: Any, fitted: Fitted, max_pixels: int, plot_options: dict[str, Any]
    ) -> Self:
        """Make what is not drawn yet."""
        check_max_pixels(max_pixels)
        values = plot_options.get("values", "entries")
        check_values(values)
        return cls(**compute_picture(X, fitted, max_pixels, values))

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
        X = as_matrix(X)
        labels = read_labels(X.shape, row_labels, column_labels, order)
        display = cls._compute(X, labels, max_pixels, plot_options)
        return display.plot(ax=ax, **plot_options)

    @classmethod
    def from_memberships(
        cls,
        X: Any,
        row_memberships: ArrayLike,
        column_memberships: ArrayLike,
        *,
        order: str = "mean",
        max_pixels: int = 600,
        ax: Any = None,
        **plot_options: Any,
    ) -> Self:
        """Display of a matrix whose rows and columns stand in each of their clusters.

        Parameters
        ----------
        X : array-like of shape (n_rows, n_columns)
            As for :meth:`from_labels`.
        row_memberships : array-like of shape (n_rows, n_row_clusters), dtype bool
            Which rows are in which clusters; those in none are drawn at the end.
        column_memberships : array-like of shape (n_columns, n_column_clusters), dtype bool
            The same for columns.
        order, max_pixels, ax, **plot_options : object
            As for :meth:`from_labels`.

        Returns
        -------
        display : CoclusterDisplay
            Drawn; ``row_order`` and ``column_order`` name what is drawn several times as often.

        Raises
        ------
        ValueError
            As for :meth:`from_labels`, and for memberships of another shape than X, or that are
            neither booleans nor 0 and 1.
        ImportError
            When matplotlib is missing.

        Examples
        --------
        >>> from skcocluster.plot import CoclusterDisplay
        >>> X = [[9, 9, 0], [9, 9, 8], [0, 0, 8]]
        >>> rows, columns = [[1, 0], [1, 1], [0, 1]], [[1, 0], [1, 0], [0, 1]]
        >>> CoclusterDisplay.from_memberships(X, rows, columns, order="label").row_order
        array([0, 1, 1, 2])
        """
        X = as_matrix(X)
        rows = check_memberships(row_memberships, X.shape[0], "row_memberships")
        columns = check_memberships(column_memberships, X.shape[1], "column_memberships")
        lines = lines_of_memberships(rows), lines_of_memberships(columns)
        display = cls._compute(X, Fitted(lines, order), max_pixels, plot_options)
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
        row_annotations: Any = None,
        column_annotations: Any = None,
    ) -> Self:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        values : {"entries", "means", "ranges", "dots"}, default="entries"
            "entries": the entries, as pixels. "means": the mean of each block. "ranges": the
            largest minus the smallest entry of each block, with both written on it, and a frame
            around the largest, the cost under the maximum norm. "dots": the stored entries of a
            sparse matrix, or what is not zero of a dense one, as points, up to 200,000. The last
            two are computed from X: ask for them when the display is made.
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
            Write the value on each block of "means" or "ranges"; None where there is room.
        equal_blocks : bool, default=False
            Give all blocks of "means" or "ranges" the same size, so that small ones can be seen.
        row_annotations : DataFrame, dict, Series or array-like of shape (n_rows,), default=None
            What is known of the rows, in the order of X, whose index is not looked at: a strip of
            colour for each column of a table, right of the matrix. Text, booleans and pandas
            categories get a colour each, the ten most frequent ones at most; numbers and dates a
            scale. Write numbers that are names as text. Missing values are grey.
        column_annotations : DataFrame, dict, Series or array-like of shape (n_columns,)
            The same for columns, above the matrix.

        Returns
        -------
        display : CoclusterDisplay
            Itself, with ``ax_``, ``figure_``, ``im_`` and ``colorbar_``.

        Raises
        ------
        ValueError
            When an option is not among the choices, annotations are not as many as rows or columns,
            or the display was made without what `values` needs.
        ImportError
            When matplotlib is missing.
        """
        check_values(values)
        if equal_blocks and values not in BLOCKWISE:
            raise ValueError('equal_blocks=True needs values="means" or values="ranges".')
        annotations = (
            as_annotations(row_annotations, count_lines(self.row_order), "row"),
            as_annotations(column_annotations, count_lines(self.column_order), "column"),
        )
        if equal_blocks and any(annotations):
            raise ValueError("annotations need blocks of their own size: equal_blocks=False.")
        ax = get_axes(ax, figsize=(7.2, 5.6))
        picture = Picture(self, ax, equal_blocks, values, Style(norm, robust, cmap, annotate))
        self.ax_, self.figure_, self.im_ = ax, ax.figure, picture.drawn.image
        self.colorbar_ = picture.draw_colorbar(get_thickness(annotations[0])) if colorbar else None
        picture.draw_frame(borders, cluster_labels)
        self.row_strips_, self.column_strips_ = picture.draw_annotations(*annotations)
        return self
