"""The four ways to fill the axes of a display: entries, means, ranges, dots."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ._drawing import get_contrast, get_size_points, make_colormap, make_norm
from ._frame import annotate_blocks, format_value, outline_blocks
from ._picture import count_lines

if TYPE_CHECKING:
    from ._cocluster import CoclusterDisplay

# Smallest and largest diameter of a dot, in points.
DOT_SIZES = (1.4, 7.0)
# The light end of a map cannot be seen on white.
FIRST_DOT_COLOUR = 0.45
ONE_COLOUR = "#1f4e79"

Edges = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Style:
    """What `plot` was asked for, of the parameters that concern values."""

    norm: Any
    robust: bool
    cmap: Any
    annotate: bool | None


@dataclass(frozen=True)
class Drawn:
    """What was drawn: the mappable, the values that its scale is about, and a note.

    `ground` is the colour behind what does not fill the axes, and of no use elsewhere.
    """

    image: Any
    shown: np.ndarray
    note: str
    has_scale: bool = True
    ground: str | None = None


def draw_entries(display: "CoclusterDisplay", ax: Any, edges: Edges, style: Style) -> Drawn:
    """Draw the pixels."""
    pixels = display.pixels
    norm = make_norm(style.norm, pixels, style.robust)
    width, height = get_size_points(ax)
    scale = ax.figure.dpi / 72
    fits = pixels.shape[0] <= height * scale and pixels.shape[1] <= width * scale
    image = ax.imshow(
        np.ma.masked_invalid(pixels),
        norm=norm,
        cmap=make_colormap(style.cmap, norm, pixels),
        aspect="auto",
        # Smoothing would wash single missing entries out, dropping pixels would be a sample.
        interpolation="nearest" if fits else "auto",
        extent=(0, display.column_order.size, display.row_order.size, 0),
    )
    return Drawn(image, pixels, _describe_pixels(display))


def draw_means(display: "CoclusterDisplay", ax: Any, edges: Edges, style: Style) -> Drawn:
    """Draw the mean of each block."""
    means = display.block_means
    image = _draw_blocks(ax, edges, means, make_norm(style.norm, means, False), style.cmap)
    if style.annotate is not False:
        annotate_blocks(ax, image, means, edges, style.annotate is True)
    return Drawn(image, means, "mean of each block")


def draw_ranges(display: "CoclusterDisplay", ax: Any, edges: Edges, style: Style) -> Drawn:
    """Draw the difference of the largest and smallest entry of each block, the largest outlined."""
    lows, highs = display.block_minima, display.block_maxima
    if lows is None or highs is None:
        raise ValueError(
            "the display holds no ranges of blocks: make it with "
            'CoclusterDisplay.from_estimator(..., values="ranges"), or from_labels.'
        )
    ranges = highs - lows
    # A range is a distance from zero: the scale starts there.
    norm = make_norm(style.norm, np.append(ranges.ravel(), 0.0), False)
    image = _draw_blocks(ax, edges, ranges, norm, style.cmap)
    if style.annotate is not False:
        texts = [
            f"{format_value(low)} to {format_value(high)}"
            for low, high in zip(lows.flat, highs.flat, strict=True)
        ]
        annotate_blocks(ax, image, ranges, edges, style.annotate is True, texts)
    if not np.isfinite(ranges).any():
        return Drawn(image, ranges, "largest minus smallest entry of each block")
    cost = np.nanmax(ranges)
    outline_blocks(ax, image, ranges, edges, ranges == cost)
    note = "largest minus smallest entry of each block"
    return Drawn(image, ranges, f"{note}; the cost, {format_value(cost, 6)}, is outlined")


def draw_dots(display: "CoclusterDisplay", ax: Any, edges: Edges, style: Style) -> Drawn:
    """Draw each stored entry as a point."""
    if display.dots is None:
        raise ValueError(
            "the display holds no stored entries: make it with "
            'CoclusterDisplay.from_estimator(..., values="dots"), or from_labels.'
        )
    row, column, value = display.dots
    finite = value[np.isfinite(value)]
    is_one = np.unique(finite).size == 1 and style.cmap is None and style.norm is None
    norm = make_norm(style.norm, value, style.robust)
    shape = (display.row_order.size, display.column_order.size)
    width, height = get_size_points(ax)
    room = min(width / max(shape[1], 1), height / max(shape[0], 1))
    diameter = float(np.clip(0.8 * room, *DOT_SIZES))
    image = ax.scatter(
        column + 0.5,
        row + 0.5,
        s=diameter**2,
        c=value,
        plotnonfinite=True,
        norm=norm,
        cmap=make_colormap(_choose_dot_colours(norm, is_one, style.cmap), norm, value),
        linewidths=0,
        rasterized=True,
        clip_on=False,
    )
    share = 100 * value.size / max(1, shape[0] * shape[1])
    note = f"{_describe_size(display)}; {value.size:,} dots, {share:.3g} % of what is drawn"
    if diameter > room:
        note += f",\neach drawn {diameter / room:.1f} times the shorter side of an entry"
    return Drawn(image, value, note, finite.size > 0 and not is_one, "white")


def get_border_color(drawn: Drawn) -> str:
    """Black or white, whichever can be seen on most of what is drawn."""
    from matplotlib.colors import to_rgba

    if drawn.ground is not None:
        return get_contrast(to_rgba(drawn.ground))
    middle = float(np.nanmedian(drawn.shown)) if np.isfinite(drawn.shown).any() else 0.0
    return get_contrast(drawn.image.to_rgba(middle))


def check_values(values: str) -> None:
    """Raise a ValueError for what is none of the pictures."""
    if values not in DRAWINGS:
        raise ValueError(f"values must be one of {', '.join(DRAWINGS)}, got {values!r}.")


def _choose_dot_colours(norm: Any, is_one: bool, cmap: Any) -> Any:
    """Colours that can all be told from a white ground."""
    import matplotlib as mpl
    from matplotlib.colors import ListedColormap

    if cmap is not None:
        return cmap
    if is_one:
        return ListedColormap([ONE_COLOUR])
    if norm.vmin < 0 < norm.vmax:
        # Grey midway, where the map of the pixels is white.
        return "coolwarm"
    return ListedColormap(mpl.colormaps["viridis_r"](np.linspace(FIRST_DOT_COLOUR, 1, 256)))


def _draw_blocks(ax: Any, edges: Edges, values: np.ndarray, norm: Any, cmap: Any) -> Any:
    cmap = make_colormap(cmap, norm, values)
    return ax.pcolormesh(edges[1], edges[0], np.ma.masked_invalid(values), norm=norm, cmap=cmap)


def _describe_pixels(display: "CoclusterDisplay") -> str:
    """Size of what is drawn, and what a pixel is when it is not one entry."""
    shape = (display.row_order.size, display.column_order.size)
    text = _describe_size(display)
    if display.pixels.shape == shape:
        return text
    rows, columns = (-(-n // m) for n, m in zip(shape, display.pixels.shape, strict=True))
    return f"{text}; each pixel is the mean of up to {rows:,} × {columns:,}"


def _describe_size(display: "CoclusterDisplay") -> str:
    n_rows, n_columns = count_lines(display.row_order), count_lines(display.column_order)
    return f"{n_rows:,} × {n_columns:,} entries"


def describe_overlap(display: "CoclusterDisplay") -> list[str]:
    """Lines about rows and columns that are drawn several times, or could have been."""
    texts = []
    for axis, n_hidden in zip(("row", "column"), display.n_hidden, strict=True):
        order = getattr(display, f"{axis}_order")
        counts = np.bincount(order)
        n_several = np.count_nonzero(counts > 1)
        if n_several:
            texts.append(
                f"{n_several:,} of {counts.size:,} {axis}s stand in each of their clusters: "
                f"{order.size:,} drawn"
            )
        elif n_hidden:
            texts.append(
                f"{n_hidden:,} of {counts.size:,} {axis}s are in several clusters, drawn in one"
            )
    return texts


DRAWINGS: dict[str, Callable[["CoclusterDisplay", Any, Edges, Style], Drawn]] = {
    "entries": draw_entries,
    "means": draw_means,
    "ranges": draw_ranges,
    "dots": draw_dots,
}
BLOCKWISE = ("means", "ranges")
