"""How a display is put on axes: values, colour bar, frame, annotations."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ._annotations import Annotation
from ._drawing import get_extend, get_size_points
from ._drawn_values import DRAWINGS, Drawn, Style, describe_overlap, get_border_color
from ._frame import draw_borders, draw_missing_key, label_columns, label_rows
from ._strips import KEY_LINE, draw_key, draw_strips, get_thickness

if TYPE_CHECKING:
    from ._cocluster import CoclusterDisplay

# Around what does not fill the axes.
FRAME_COLOUR = "#c8c8c8"


class Picture:
    """One drawing of a display.

    Parameters
    ----------
    display : CoclusterDisplay
        What to draw.
    ax : matplotlib Axes
        Where.
    equal_blocks : bool
        Whether blocks have one size, instead of their own.
    values : {"entries", "means", "ranges", "dots"}
        What fills the axes, as soon as it is made.
    style : Style
        How.
    """

    def __init__(
        self,
        display: "CoclusterDisplay",
        ax: Any,
        equal_blocks: bool,
        values: str,
        style: Style,
    ) -> None:
        self.display, self.ax = display, ax
        sizes = (display.row_sizes, display.column_sizes)
        self.edges = tuple(
            np.arange(n.size + 1.0) if equal_blocks else np.append(0.0, np.cumsum(n)) for n in sizes
        )
        edges = (self.edges[0], self.edges[1])
        self.drawn: Drawn = DRAWINGS[values](display, ax, edges, style)

    def draw_colorbar(self, room: float) -> Any:
        """Add the colour bar, `room` points away for what stands between; None without scale."""
        if not self.drawn.has_scale:
            return None
        figure, image = self.ax.figure, self.drawn.image
        # A layout engine sees the strips, matplotlib's default placement does not.
        is_laid_out = self.ax.get_figure(root=True).get_layout_engine() is not None
        pad = 0.02 + (0.0 if is_laid_out else room / get_size_points(self.ax)[0])
        extend = get_extend(image.norm, self.drawn.shown)
        colorbar = figure.colorbar(image, ax=self.ax, extend=extend, pad=pad, aspect=30)
        colorbar.outline.set_visible(False)
        return colorbar

    def draw_frame(self, borders: bool, cluster_labels: bool) -> None:
        """Draw lines between clusters, their labels, and the note."""
        ax, display, (rows, columns) = self.ax, self.display, self.edges
        note = "\n".join([self.drawn.note, *describe_overlap(display)])
        ax.set(xlim=(0, columns[-1]), ylim=(rows[-1], 0))
        ax.spines[:].set_visible(self.drawn.ground is not None)
        ax.spines[:].set(color=FRAME_COLOUR)
        ax.tick_params(length=0)
        if borders:
            clusters = (display.row_clusters, display.column_clusters)
            draw_borders(ax, clusters, (rows, columns), get_border_color(self.drawn))
        if cluster_labels:
            label_rows(ax, display.row_clusters, display.row_sizes, rows)
            label_columns(ax, display.column_clusters, display.column_sizes, columns)
            ax.set_ylabel("row cluster (rows)")
            ax.set_xlabel(f"column cluster (columns)\n{note}")
        else:
            ax.set(xticks=[], yticks=[], xlabel=note)

    def draw_annotations(
        self, rows: list[Annotation], columns: list[Annotation]
    ) -> tuple[list[Any], list[Any]]:
        """Draw the strips, and the keys above: of annotations, and of missing entries."""
        display, n_pixels = self.display, self.display.pixels.shape
        strips = (
            draw_strips(self.ax, "row", rows, display.row_order, n_pixels[0]),
            draw_strips(self.ax, "column", columns, display.column_order, n_pixels[1]),
        )
        raise_by = get_thickness(columns)
        if np.isnan(self.drawn.shown).any():
            draw_missing_key(self.ax, self.drawn.image.cmap.get_bad(), raise_by)
            raise_by += KEY_LINE
        if rows or columns:
            draw_key(self.ax, [*rows, *columns], raise_by)
        return strips
