"""The pictures of a report, as PNG."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..plot import CoclusterDisplay, ConvergenceDisplay

# Small in inches and fine in dots: text stays legible when a phone scales the picture down.
SIZE = (5.4, 4.4)
DPI = 170


@dataclass(frozen=True)
class Figures:
    """PNG files, and the displays that tables take their order and colours from.

    There is nothing to see of the convergence of a method that does not iterate.
    """

    before: bytes
    after: bytes
    means: bytes
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


def draw(draw_on: Callable[[Any], Any], size: tuple[float, float] = SIZE) -> tuple[bytes, Any]:
    """Let a function draw on new axes; give the PNG and what the function returned."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    display = draw_on(figure.subplots())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue(), display


def make_figures(est: Any, X: Any, order: str | None, norm: Any) -> Figures:
    """Draw the matrix before and after, the block means and the convergence."""
    after, after_display = draw(
        lambda ax: CoclusterDisplay.from_estimator(est, X, order=order, norm=norm, ax=ax)
    )
    one_cluster = [np.zeros(n, dtype=np.intp) for n in np.shape(X)]
    before, _ = draw(
        lambda ax: CoclusterDisplay.from_labels(
            X,
            *one_cluster,
            norm=after_display.im_.norm,
            cmap=after_display.im_.cmap,
            cluster_labels=False,
            ax=ax,
        )
    )
    blocks = get_parameters(after_display) | {"block_means": get_means(est, after_display)}
    means, means_display = draw(
        lambda ax: CoclusterDisplay(**blocks).plot(
            ax=ax, values="means", norm=norm, cmap=after_display.im_.cmap, equal_blocks=True
        )
    )
    convergence = None
    if "max_iter" in est.get_params():
        convergence, _ = draw(
            lambda ax: ConvergenceDisplay.from_estimator(est, ax=ax), size=(SIZE[0], 3.0)
        )
    return Figures(before, after, means, convergence, after_display, means_display)


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
