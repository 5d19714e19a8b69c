"""The pictures of a report, as PNG."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..plot import BeforeAfterDisplay, CoclusterDisplay, ConvergenceDisplay

# Small in inches and fine in dots: text stays legible when a phone scales the picture down.
SIZE = (5.4, 4.4)
DPI = 170


@dataclass(frozen=True)
class Scale:
    """Colours of the entries, as another picture has them: a norm and a colour map."""

    norm: Any
    cmap: Any


@dataclass(frozen=True)
class Figures:
    """PNG files, and the displays that tables take their order and colours from.

    There is nothing to see of the convergence of a method that does not iterate; nothing stands
    several times where no clusters overlap; ranges are of methods that keep them small. Figures in
    the colours of others show the same matrix, which those have as it was before.
    """

    before: bytes | None
    after: bytes
    repeated: bytes | None
    means: bytes
    ranges: bytes | None
    convergence: bytes | None
    after_display: CoclusterDisplay
    means_display: CoclusterDisplay


def require_matplotlib() -> None:
    """Raise an ImportError that says how to get it, before any work is done."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'matplotlib is needed for pictures: pip install "skcocluster[plot]"'
        ) from error


def make_axes(size: tuple[float, float] = SIZE) -> Any:
    """Axes of a new figure that no window shows."""
    from matplotlib.figure import Figure

    return Figure(figsize=size, layout="constrained").subplots()


def save(ax: Any) -> bytes:
    """PNG file of the figure of the axes."""
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()


def make_figures(
    est: Any, X: Any, order: str | None, norm: Any, scale: Scale | None = None
) -> Figures:
    """Draw the matrix before and after, the block means and the convergence.

    Parameters
    ----------
    est : estimator
        Fitted on X.
    X : array-like of shape (n_rows, n_columns)
        The data.
    order : str or None
        As for :class:`~skcocluster.plot.CoclusterDisplay`.
    norm : str or None
        Scale of the colours.
    scale : Scale, default=None
        Colours of entries, where they shall be those of other figures.

    Returns
    -------
    figures : Figures
        Drawn.
    """
    before = None
    if scale is None:
        axes = make_axes(), make_axes()
        pair = BeforeAfterDisplay.from_estimator(est, X, order=order, axes=axes, norm=norm)
        before, after = save(axes[0]), pair.after
        scale = Scale(after.im_.norm, after.im_.cmap)
    else:
        after = _draw_after(est, X, order, scale)
    repeated = None
    if any(after.n_hidden):
        repeated = save(_draw_after(est, X, order, scale, overlap="repeat").ax_)
    # These means are over all members, so nothing is hidden.
    complete = {"block_means": get_means(est, after), "n_hidden": (0, 0)}
    means = CoclusterDisplay(**get_parameters(after) | complete)
    means.plot(make_axes(), values="means", norm=norm, cmap=after.im_.cmap, equal_blocks=True)
    ranges = None
    if after.block_minima is not None:
        blocks = CoclusterDisplay(**get_parameters(after))
        ranges = save(blocks.plot(make_axes(), values="ranges", equal_blocks=True).ax_)
    convergence = None
    if "max_iter" in est.get_params():
        display = ConvergenceDisplay.from_estimator(est, ax=make_axes((SIZE[0], 3.0)))
        convergence = save(display.ax_)
    pictures = (before, save(after.ax_), repeated, save(means.ax_), ranges, convergence)
    return Figures(*pictures, after, means)


def _draw_after(
    est: Any, X: Any, order: str | None, scale: Scale, **options: Any
) -> CoclusterDisplay:
    colours = {"norm": scale.norm, "cmap": scale.cmap}
    return CoclusterDisplay.from_estimator(
        est, X, order=order, ax=make_axes(), **colours, **options
    )


def get_means(est: Any, display: CoclusterDisplay) -> np.ndarray:
    """Means of the blocks; where they overlap, over all members, not only those drawn there."""
    means = display.block_means.copy()
    if hasattr(est, "row_memberships_"):
        clusters = display.row_clusters, display.column_clusters
        drawn = np.ix_(*(np.flatnonzero(labels >= 0) for labels in clusters))
        means[drawn] = est.block_means_[np.ix_(*(labels[labels >= 0] for labels in clusters))]
    return means


def get_parameters(display: CoclusterDisplay) -> dict[str, Any]:
    """Parameters of a display, without what drawing has added."""
    return {name: value for name, value in vars(display).items() if not name.endswith("_")}
