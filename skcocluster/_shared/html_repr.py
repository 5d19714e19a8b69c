"""A small picture of the blocks below scikit-learn's diagram of a fitted estimator.

It is made of fitted attributes alone, as SVG written here: neither X nor matplotlib is needed.
"""

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

# Clusters on a side; of more, the largest. Keeps the text within a few kB.
MAX_CLUSTERS = 16
WIDTH, HEIGHT, LEFT, BOTTOM, LINE = 260.0, 170.0, 74.0, 32.0, 13.0
# Width of a character of the 11 pixel font.
CHARACTER = 6.4
SEQUENTIAL = ((239, 243, 255), (107, 174, 214), (8, 48, 107))
DIVERGING = ((33, 102, 172), (247, 247, 247), (178, 24, 43))
MISSING, PLAIN, EMPTY = "#9a9a9a", "#4a7fb5", "#e8ebf0"


class BlockPictureMixin:
    """Adds the picture where scikit-learn shows an estimator as HTML, and nowhere else.

    Whether that is, ``sklearn.set_config(display=...)`` decides. An estimator that is not fitted
    is shown as scikit-learn shows it.
    """

    def _repr_html_inner(self) -> str:
        return super()._repr_html_inner() + make_picture(self)  # type: ignore[misc]

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if "text/html" in bundle:
            bundle["text/html"] += make_picture(self)
        return bundle


@dataclass(frozen=True)
class Side:
    """Clusters of the rows, or of the columns, that have members.

    Parameters
    ----------
    labels, sizes : ndarray of shape (n_clusters,), dtype intp
        Labels and numbers of members.
    n_outside : int
        Number of those in no cluster.
    n_left_out : int
        Number of further clusters, that are too small to be drawn.
    """

    labels: np.ndarray
    sizes: np.ndarray
    n_outside: int
    n_left_out: int


def read_side(est: Any, axis: str) -> Side | None:
    """Clusters of one side of a fitted estimator; None where they are not in memory."""
    memberships = getattr(est, f"{axis}_memberships_", None)
    if memberships is None and axis == "row":
        memberships = getattr(est, "memberships_", None)
    labels = getattr(est, f"{axis}_labels_", None)
    sizes = getattr(est, f"{axis}_cluster_sizes_", None)
    n_outside = 0
    if isinstance(memberships, np.ndarray):
        sizes = memberships.sum(axis=0)
        n_outside = int(np.count_nonzero(~memberships.any(axis=1)))
    elif isinstance(labels, np.ndarray):
        sizes = np.bincount(labels[labels >= 0]) if sizes is None else sizes
        n_outside = labels.size - int(sizes.sum())
    if not isinstance(sizes, np.ndarray) or not sizes.any():
        return None
    found = np.flatnonzero(sizes)
    kept = np.sort(found[np.argsort(-sizes[found], kind="stable")[:MAX_CLUSTERS]])
    return Side(kept, sizes[kept].astype(np.intp), int(n_outside), found.size - kept.size)


def read_values(est: Any) -> tuple[np.ndarray | None, str]:
    """One value for each block, and what it is; None where co-clusters are a diagonal."""
    if isinstance(means := getattr(est, "block_means_", None), np.ndarray):
        return means, "mean of each block"
    if isinstance(lows := getattr(est, "block_minima_", None), np.ndarray):
        return (lows + est.block_maxima_) / 2, "middle of each block’s range"
    if isinstance(centres := getattr(est, "cluster_centers_", None), np.ndarray):
        return centres.mean(axis=1, keepdims=True), "mean of each cluster"
    return None, "co-clusters"


def make_picture(est: Any) -> str:
    """HTML of the picture; empty for an estimator that is not fitted, or not into memory."""
    rows, columns = read_side(est, "row"), read_side(est, "column")
    if rows is None or columns is None:
        return ""
    values, what = read_values(est)
    if values is not None:
        values = values[np.ix_(rows.labels, columns.labels)]
    caption = escape(_describe(est, rows, columns, values, what))
    sizes = (" ".join(map(str, side.sizes.tolist())) for side in (rows, columns))
    alternative = "{}; rows by cluster: {}; columns by cluster: {}".format(caption, *sizes)
    size = f"{LEFT + WIDTH:.0f} {HEIGHT + BOTTOM:.0f}"
    drawing = _draw_blocks(rows, columns, values) + _draw_labels(rows, columns)
    return (
        '<figure style="margin:.6em 0;max-width:24em;font:11px sans-serif">'
        f'<svg viewBox="0 0 {size}" role="img" aria-label="{alternative}" style="width:100%" '
        f'fill="currentColor">{drawing}</svg><figcaption>{caption}</figcaption></figure>'
    )


def _describe(est: Any, rows: Side, columns: Side, values: Any, what: str) -> str:
    parts = [f"{type(est).__name__}: {what}"]
    if values is not None and np.isfinite(values).any():
        low, high = (_format(f(values)) for f in (np.nanmin, np.nanmax))
        ends = ("blue", "red") if _spans_zero(values) else ("light", "dark")
        parts.append(f"from {low} ({ends[0]}) to {high} ({ends[1]})" if low != high else low)
    for axis, side in (("row", rows), ("column", columns)):
        if side.n_left_out:
            n_clusters = side.labels.size + side.n_left_out
            parts.append(f"the {side.labels.size} largest of {n_clusters:,} {axis} clusters")
        if side.n_outside:
            parts.append(f"{side.n_outside:,} {axis}s in no cluster")
    return ", ".join(parts)


def _format(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")


def _spans_zero(values: np.ndarray) -> bool:
    return bool(np.nanmin(values) < 0 < np.nanmax(values))


def _get_edges(side: Side, length: float) -> np.ndarray:
    """Ends of the clusters, each at least three pixels wide."""
    widths = np.maximum(side.sizes / side.sizes.sum() * length, 3.0)
    return np.append(0.0, np.cumsum(widths) / widths.sum() * length)


def _draw_blocks(rows: Side, columns: Side, values: np.ndarray | None) -> str:
    """Paths of one colour each, and values where they fit."""
    tops, lefts = _get_edges(rows, HEIGHT), _get_edges(columns, WIDTH) + LEFT
    paths: dict[str, list[str]] = {}
    texts = []
    colours = _choose_colours(rows, columns, values)
    for (g, h), colour in np.ndenumerate(colours):
        width, height = lefts[h + 1] - lefts[h], tops[g + 1] - tops[g]
        block = (
            f"M{lefts[h]:.0f} {tops[g]:.0f}H{lefts[h + 1]:.0f}V{tops[g + 1]:.0f}H{lefts[h]:.0f}z"
        )
        paths.setdefault(str(colour), []).append(block)
        if values is None or np.isnan(values[g, h]):
            continue
        text = _format(float(values[g, h]))
        if width > (len(text) + 1) * CHARACTER and height > LINE:
            fill = "#fff" if _is_dark(str(colour)) else "#111"
            x, y = (lefts[h] + lefts[h + 1]) / 2, (tops[g] + tops[g + 1]) / 2 + 4
            texts.append(f'<text x="{x:.0f}" y="{y:.0f}" fill="{fill}">{text}</text>')
    blocks = "".join(
        f'<path fill="{colour}" stroke="#fff" stroke-width=".7" d="{"".join(path)}"/>'
        for colour, path in paths.items()
    )
    return f'{blocks}<g text-anchor="middle">{"".join(texts)}</g>'


def _draw_labels(rows: Side, columns: Side) -> str:
    """Label and size of each cluster, where there is room."""
    edges = _get_edges(rows, HEIGHT), _get_edges(columns, WIDTH)
    texts = ['<g text-anchor="end">']
    for i, (label, size) in enumerate(zip(rows.labels, rows.sizes, strict=True)):
        if edges[0][i + 1] - edges[0][i] > LINE - 2:
            y = (edges[0][i] + edges[0][i + 1]) / 2 + 4
            texts.append(f'<text x="{LEFT - 6:.0f}" y="{y:.0f}">{label} ({size:,})</text>')
    texts.append('</g><g text-anchor="middle">')
    for i, (label, size) in enumerate(zip(columns.labels, columns.sizes, strict=True)):
        if edges[1][i + 1] - edges[1][i] > (len(f"{size:,}") + 2) * CHARACTER:
            x = LEFT + (edges[1][i] + edges[1][i + 1]) / 2
            texts.append(
                f'<text x="{x:.0f}" y="{HEIGHT + LINE:.0f}">{label}'
                f'<tspan x="{x:.0f}" dy="{LINE:.0f}">({size:,})</tspan></text>'
            )
    return "".join([*texts, "</g>"])


def _choose_colours(rows: Side, columns: Side, values: np.ndarray | None) -> np.ndarray:
    """Colour of each block, as text of a fixed set, so that paths can be joined."""
    if values is None:
        return np.where(rows.labels[:, None] == columns.labels, PLAIN, EMPTY)
    colours = np.full(values.shape, MISSING)
    finite = np.isfinite(values)
    if not finite.any():
        return colours
    low, high = float(values[finite].min()), float(values[finite].max())
    anchors = SEQUENTIAL
    if _spans_zero(values):
        anchors, high = DIVERGING, max(-low, high)
        low = -high
    share = (values[finite] - low) / (high - low) if high > low else np.full(finite.sum(), 0.5)
    steps = np.round(share * 15) / 15
    channels = [np.interp(steps, (0, 0.5, 1), channel) for channel in zip(*anchors, strict=True)]
    colours[finite] = [
        "#{:02x}{:02x}{:02x}".format(*map(round, rgb)) for rgb in zip(*channels, strict=True)
    ]
    return colours


def _is_dark(colour: str) -> bool:
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return float(np.dot(rgb, [0.299, 0.587, 0.114])) < 140
