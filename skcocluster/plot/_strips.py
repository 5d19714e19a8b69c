"""Strips of colour beside a matrix, for annotations of its rows and columns, and their key."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._annotations import MAX_LETTERS, MISSING_COLOUR, NUMERIC_MAP, Annotation, get_colours
from ._drawing import CHARACTER_WIDTH, get_size_points
from ._frame import NOTE_SIZE

# In points: a strip, what is left white before it, and a line of the key.
THICKNESS, GAP, KEY_LINE = 9.0, 3.0, 13.0
N_STEPS = 24


def get_thickness(annotations: list[Annotation]) -> float:
    """Room that strips take beside the axes, in points."""
    return len(annotations) * (THICKNESS + GAP)


def draw_strips(
    ax: Any, axis: str, annotations: list[Annotation], order: np.ndarray, n_pixels: int
) -> list[Any]:
    """Draw one strip for each annotation: of rows at the right, of columns above.

    Parameters
    ----------
    ax : matplotlib Axes
        Axes of the matrix.
    axis : {"row", "column"}
        What the annotations are of.
    annotations : list of Annotation
        What to draw.
    order : ndarray of shape (n_lines,), dtype intp
        Row, or column, of X at each place.
    n_pixels : int
        Number of pixels along the matrix.

    Returns
    -------
    strips : list of matplotlib Axes
        Inside the figure, outside the matrix.
    """
    from matplotlib.colors import ListedColormap

    width, height = get_size_points(ax)
    strips = []
    for i, annotation in enumerate(annotations):
        values = annotation.average(order, n_pixels)
        if annotation.categories is None:
            colours: Any = NUMERIC_MAP
            limits = _get_limits(annotation.values)
        else:
            colours = ListedColormap(get_colours(annotation.categories) or ["white"])
            limits = (-0.5, max(len(annotation.categories), 1) - 0.5)
        start = GAP + i * (THICKNESS + GAP)
        strip = ax.inset_axes(
            [1 + start / width, 0, THICKNESS / width, 1]
            if axis == "row"
            else [0, 1 + start / height, 1, THICKNESS / height]
        )
        lines = np.ma.masked_invalid(values)
        image = strip.imshow(
            lines[:, None] if axis == "row" else lines[None],
            aspect="auto",
            interpolation="nearest",
            vmin=limits[0],
            vmax=limits[1],
            cmap=colours,
        )
        image.set_cmap(image.cmap.with_extremes(bad=MISSING_COLOUR))
        _name_strip(strip, axis, annotation.name)
        strips.append(strip)
    return strips


def _get_limits(numbers: np.ndarray) -> tuple[float, float]:
    if np.isnan(numbers).all():
        return 0.0, 1.0
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _name_strip(strip: Any, axis: str, name: str) -> None:
    """Write the name where no label of the matrix is: above a row strip, left of a column strip."""
    strip.set(xticks=[], yticks=[])
    strip.spines[:].set_visible(False)
    if not name:
        return
    if axis == "row":
        strip.xaxis.set_ticks_position("top")
        strip.set_xticks([0], [_shorten(name)], fontsize=NOTE_SIZE, rotation=90)
    else:
        strip.set_yticks([0], [_shorten(name)], fontsize=NOTE_SIZE)
    strip.tick_params(length=0)


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_LETTERS else f"{text[: MAX_LETTERS - 1]}…"


# --- the key -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    """Text of a line of the key, and the colours before it."""

    text: str
    colours: tuple[Any, ...] = ()
    bold: bool = False

    @property
    def width(self) -> float:
        """Estimate in points."""
        boxes = NOTE_SIZE * max(1.0, len(self.colours) / 4) if self.colours else 0.0
        return boxes + (len(self.text) + 2) * NOTE_SIZE * CHARACTER_WIDTH


def draw_key(ax: Any, annotations: list[Annotation], raise_by: float) -> Any:
    """Say what the colours of the strips mean, above the axes and what stands there.

    Annotations of the same name and categories, of rows and of columns, share a line.
    """
    from matplotlib.offsetbox import AnchoredOffsetbox, VPacker

    width, height = get_size_points(ax)
    unique = {(a.name, a.categories, a.ends, a.has_missing): a for a in annotations}
    lines = [line for a in unique.values() for line in _wrap(_make_pieces(a), width)]
    box = AnchoredOffsetbox(
        loc="lower left",
        child=VPacker(children=[_pack(line) for line in lines], pad=0, sep=2),
        bbox_to_anchor=(0, 1 + (raise_by + GAP) / height),
        bbox_transform=ax.transAxes,
        borderpad=0,
        pad=0,
        frameon=False,
    )
    return ax.add_artist(box)


def _make_pieces(annotation: Annotation) -> list[_Piece]:
    import matplotlib as mpl

    pieces = [_Piece(_shorten(annotation.name), bold=True)] if annotation.name else []
    if annotation.categories is None:
        steps = mpl.colormaps[NUMERIC_MAP](np.linspace(0, 1, N_STEPS))
        if annotation.ends[0]:
            pieces.append(_Piece(" to ".join(annotation.ends), tuple(map(tuple, steps))))
    else:
        colours = get_colours(annotation.categories)
        for text, colour in zip(annotation.categories, colours, strict=True):
            pieces.append(_Piece(_shorten(text), (colour,)))
    if annotation.has_missing:
        pieces.append(_Piece("missing", (MISSING_COLOUR,)))
    return pieces


def _wrap(pieces: list[_Piece], width: float) -> list[list[_Piece]]:
    lines: list[list[_Piece]] = [[]]
    used = 0.0
    for piece in pieces:
        if lines[-1] and used + piece.width > width:
            lines.append([])
            used = 0.0
        lines[-1].append(piece)
        used += piece.width
    return lines


def _pack(line: list[_Piece]) -> Any:
    from matplotlib.offsetbox import DrawingArea, HPacker, TextArea
    from matplotlib.patches import Rectangle

    children = []
    for piece in line:
        if piece.colours:
            n = len(piece.colours)
            step = NOTE_SIZE * max(1.0, n / 4) / n
            area = DrawingArea(step * n, NOTE_SIZE)
            for i, colour in enumerate(piece.colours):
                area.add_artist(
                    Rectangle((i * step, 0), step, NOTE_SIZE, facecolor=colour, linewidth=0)
                )
            children.append(area)
        weight = "bold" if piece.bold else "normal"
        children.append(TextArea(piece.text, textprops={"size": NOTE_SIZE, "weight": weight}))
    return HPacker(children=children, align="center", pad=0, sep=4)
