"""What stands around and between the blocks of a drawn matrix: borders, labels, notes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ._drawing import (
    CHARACTER_WIDTH,
    LINE_HEIGHT,
    choose_apart,
    get_contrast,
    get_size_points,
)

NOTE_SIZE = 8.0
FONT_SIZES = (9.0, 8.0, 7.0, 6.0)
# Width of the frame of a block, in points.
OUTLINE = 2.0


def draw_borders(
    ax: Any,
    clusters: tuple[np.ndarray, np.ndarray],
    edges: tuple[np.ndarray, np.ndarray],
    color: str,
) -> None:
    """Lines between clusters, thin where there are many, thick before what is in no cluster."""
    n = max(clusters[0].size, clusters[1].size)
    thin = 1.2 if n <= 12 else 0.8 if n <= 25 else 0.45
    widths = [np.where(labels[1:] == -1, 3.0, thin) for labels in clusters]
    style = {"colors": color, "alpha": 0.9 if n <= 12 else 0.5}
    ax.hlines(edges[0][1:-1], 0, edges[1][-1], linewidths=widths[0], **style)
    ax.vlines(edges[1][1:-1], 0, edges[0][-1], linewidths=widths[1], **style)


def _name(cluster: int) -> str:
    return "none" if cluster == -1 else str(cluster)


def _fit_labels(centres: np.ndarray, sizes: np.ndarray, point: float) -> tuple[float, np.ndarray]:
    """Font size and the clusters to label with it; `point` is one point in units of `centres`.

    The smallest font shows the most labels; a larger one is taken if it shows nearly as many.
    """
    kept = {font: choose_apart(centres, sizes, font * LINE_HEIGHT * point) for font in FONT_SIZES}
    enough = 0.8 * kept[FONT_SIZES[-1]].size
    return next((font, those) for font, those in kept.items() if those.size >= enough)


def label_rows(ax: Any, clusters: np.ndarray, sizes: np.ndarray, edges: np.ndarray) -> None:
    """Write label and size of row clusters at the left, where they do not run into each other."""
    centres = (edges[1:] + edges[:-1]) / 2
    font, kept = _fit_labels(centres, sizes, edges[-1] / get_size_points(ax)[1])
    texts = [f"{_name(clusters[i])}  ({sizes[i]:,})" for i in kept]
    ax.set_yticks(centres[kept], texts, fontsize=font)


def label_columns(ax: Any, clusters: np.ndarray, sizes: np.ndarray, edges: np.ndarray) -> None:
    """Write label and size of column clusters below, upright where there is no room to lie."""
    point = edges[-1] / get_size_points(ax)[0]
    centres = (edges[1:] + edges[:-1]) / 2
    n_characters = max(len(f"({size:,})") for size in sizes) + 1
    lying = n_characters * FONT_SIZES[0] * CHARACTER_WIDTH * point
    if choose_apart(centres, sizes, lying).size == sizes.size:
        texts = [f"{_name(c)}\n({size:,})" for c, size in zip(clusters, sizes, strict=True)]
        ax.set_xticks(centres, texts, fontsize=FONT_SIZES[0])
        return
    font, kept = _fit_labels(centres, sizes, point)
    texts = [f"{_name(clusters[i])}  ({sizes[i]:,})" for i in kept]
    ax.set_xticks(centres[kept], texts, fontsize=font, rotation=90)


def format_value(value: float, digits: int = 3) -> str:
    """Short text of a value, with a real minus sign."""
    return f"{value:.{digits}g}".replace("-", "\N{MINUS SIGN}")


def annotate_blocks(
    ax: Any,
    image: Any,
    values: np.ndarray,
    edges: tuple[np.ndarray, np.ndarray],
    always: bool,
    texts: Sequence[str] | None = None,
) -> None:
    """Write the value of each block, or a text, on it; unless `always`, only where it fits."""
    width, height = get_size_points(ax)
    row_edges, column_edges = edges
    for i, (g, h) in enumerate(np.ndindex(*values.shape)):
        if np.isnan(values[g, h]):
            continue
        text = format_value(float(values[g, h])) if texts is None else texts[i]
        block_width = (column_edges[h + 1] - column_edges[h]) * width / column_edges[-1]
        block_height = (row_edges[g + 1] - row_edges[g]) * height / row_edges[-1]
        fits = block_width > (len(text) + 1) * NOTE_SIZE * CHARACTER_WIDTH
        if always or (fits and block_height > NOTE_SIZE * LINE_HEIGHT):
            ax.text(
                (column_edges[h] + column_edges[h + 1]) / 2,
                (row_edges[g] + row_edges[g + 1]) / 2,
                text,
                ha="center",
                va="center",
                fontsize=NOTE_SIZE,
                color=get_contrast(image.to_rgba(values[g, h])),
            )


def outline_blocks(
    ax: Any,
    image: Any,
    values: np.ndarray,
    edges: tuple[np.ndarray, np.ndarray],
    chosen: np.ndarray,
) -> None:
    """Draw a frame just inside each chosen block."""
    from matplotlib.patches import Rectangle

    width, height = get_size_points(ax)
    inset = (OUTLINE * edges[1][-1] / width, OUTLINE * edges[0][-1] / height)
    for g, h in np.argwhere(chosen):
        left, top = edges[1][h] + inset[0], edges[0][g] + inset[1]
        size = (edges[1][h + 1] - left - inset[0], edges[0][g + 1] - top - inset[1])
        color = get_contrast(image.to_rgba(values[g, h]))
        ax.add_patch(Rectangle((left, top), *size, fill=False, edgecolor=color, linewidth=OUTLINE))


def draw_missing_key(ax: Any, color: Any, raise_by: float = 0.0) -> None:
    """Say which colour stands for missing entries, above the axes and what stands there."""
    from matplotlib.patches import Patch

    ax.legend(
        handles=[Patch(facecolor=color, label="no observed entry")],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0 + raise_by / get_size_points(ax)[1]),
        borderaxespad=0.2,
        frameon=False,
        fontsize=NOTE_SIZE,
        handlelength=1.0,
    )
