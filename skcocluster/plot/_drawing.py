"""What the displays share: matplotlib on demand, colours, and labels that keep apart."""

from typing import Any

import numpy as np

# Of missing entries: neither may be taken for a value on a map that is light or dark midway.
MISSING_ON_LIGHT, MISSING_ON_DARK = "#8a8a8a", "#d6d6d6"
# Width and line height of a character, in units of the font size.
CHARACTER_WIDTH = 0.62
LINE_HEIGHT = 1.25


def get_axes(ax: Any, figsize: tuple[float, float], n_axes: int = 1) -> Any:
    """Give back the axes, or those of a new figure, side by side, when there are none."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            'matplotlib is needed to draw: pip install "skcocluster[plot]"'
        ) from error
    if ax is not None:
        return ax
    return plt.subplots(1, n_axes, figsize=figsize, layout="constrained")[1]


def get_limits(values: np.ndarray, robust: bool) -> tuple[float, float]:
    """Smallest and largest value to give a colour of its own.

    Robust limits leave out half a percent at each end of the values other than zero, so that
    one outlier does not take all the contrast; up to 200 such values, they leave out nothing.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    nonzero = finite[finite != 0]
    if robust and nonzero.size:
        bottom = float(np.quantile(nonzero, 0.005, method="lower"))
        top = float(np.quantile(nonzero, 0.995, method="higher"))
        low, high = max(low, min(bottom, 0.0 if low <= 0 else bottom)), min(high, max(top, 0.0))
    return low, high


def make_norm(norm: Any, values: np.ndarray, robust: bool) -> Any:
    """Colour scale for the values: a Normalize is kept, a name or None becomes one."""
    from matplotlib import colors

    if isinstance(norm, colors.Normalize):
        return norm
    low, high = get_limits(values, robust)
    if low == high:
        low, high = (low - 0.5, high + 0.5) if low <= 0 else (0.0, high)
    if norm == "log":
        positive = values[np.isfinite(values) & (values > 0)]
        if positive.size == 0:
            raise ValueError('norm="log" needs values above zero; there are none.')
        smallest = float(positive.min())
        return colors.LogNorm(smallest, max(high, smallest * 10), clip=True)
    if low < 0 < high:
        low, high = -max(-low, high), max(-low, high)
    if norm == "symlog":
        scale = max(abs(low), abs(high))
        return colors.SymLogNorm(scale * 1e-2, vmin=low, vmax=high)
    if norm not in (None, "linear"):
        raise ValueError(
            f"norm must be 'linear', 'log', 'symlog' or a matplotlib Normalize, got {norm!r}."
        )
    return colors.Normalize(low, high)


def make_colormap(cmap: Any, norm: Any, values: np.ndarray) -> Any:
    """Colour map with the colour of missing entries; None chooses a map that fits the values."""
    import matplotlib as mpl

    if cmap is None:
        cmap = choose_colormap(norm, values)
    cmap = mpl.colormaps.get_cmap(cmap)
    missing = MISSING_ON_LIGHT if is_light(cmap(0.5)) else MISSING_ON_DARK
    return cmap.with_extremes(bad=missing)


def choose_colormap(norm: Any, values: np.ndarray) -> str:
    """Diverging about zero; light where most values are at the low end, as in word counts."""
    if norm.vmin < 0 < norm.vmax:
        return "RdBu_r"
    finite = values[np.isfinite(values)]
    low = finite.size > 0 and float(np.mean(norm(finite) < 0.1)) > 0.5
    return "Blues" if low else "viridis"


def is_light(color: Any) -> bool:
    """Whether black reads better on the colour than white."""
    return bool(np.dot(color[:3], [0.299, 0.587, 0.114]) > 0.55)


def get_contrast(color: Any) -> str:
    """Black or white, whichever can be read on the colour."""
    return "#1a1a1a" if is_light(color) else "white"


def get_extend(norm: Any, values: np.ndarray) -> str:
    """Name the ends of the colour bar beyond which there are values."""
    finite = values[np.isfinite(values)]
    below = bool((finite < norm.vmin).any())
    above = bool((finite > norm.vmax).any())
    return {(False, False): "neither", (True, False): "min", (False, True): "max"}.get(
        (below, above), "both"
    )


def choose_apart(centres: np.ndarray, sizes: np.ndarray, room: float) -> np.ndarray:
    """Positions in `centres` that lie at least `room` from one another, large sizes first."""
    kept: list[int] = []
    for i in np.argsort(-sizes, kind="stable"):
        if all(abs(centres[i] - centres[j]) >= room for j in kept):
            kept.append(int(i))
    return np.array(sorted(kept), dtype=np.intp)


def get_size_points(ax: Any) -> tuple[float, float]:
    """Width and height of the axes in points, as they stand now."""
    figure = ax.get_figure(root=True)
    box = ax.get_window_extent()
    return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi
