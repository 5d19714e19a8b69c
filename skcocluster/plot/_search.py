"""Display of a search over numbers of clusters."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from ._drawing import get_axes, get_contrast


class CoclusterSearchDisplay:
    """Criterion of a search over the numbers of clusters.

    Where row and column clusters vary on their own, a heat map with the best candidate framed;
    otherwise a line, with a standard error up and down where there are splits, and the best
    candidate ringed. Candidates that differ from the best by other parameters are lines of their
    own, or left out of a heat map.

    Make one with :meth:`from_estimator`, which draws; :meth:`plot` draws again.

    Parameters
    ----------
    cv_results : dict of str to array
        As a fitted :class:`skcocluster.model_selection.CoclusterSearch` has it.
    best_index : int
        The best candidate.
    criterion_label : str, default="criterion"
        What the values are.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes with the picture.
    figure_ : matplotlib Figure
        Figure that holds them.

    See Also
    --------
    skcocluster.model_selection.CoclusterSearch : The search.

    Examples
    --------
    >>> from skcocluster import Coclus
    >>> from skcocluster.model_selection import CoclusterSearch
    >>> from skcocluster.plot import CoclusterSearchDisplay
    >>> X = [[5, 4, 0, 0], [4, 6, 0, 0], [0, 0, 7, 5], [0, 0, 6, 8]]
    >>> search = CoclusterSearch(Coclus(), {"n_clusters": [1, 2, 3]}, random_state=0).fit(X)
    >>> CoclusterSearchDisplay.from_estimator(search).ax_.get_xlabel()
    'number of co-clusters'
    """

    def __init__(
        self,
        cv_results: Mapping[str, Any],
        best_index: int,
        *,
        criterion_label: str = "criterion",
    ) -> None:
        self.cv_results = cv_results
        self.best_index = best_index
        self.criterion_label = criterion_label

    @classmethod
    def from_estimator(cls, search: Any, *, ax: Any = None, **options: Any) -> Self:
        """Draw the results of a fitted search.

        Parameters
        ----------
        search : CoclusterSearch
            Fitted.
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        **options : dict
            Passed to :meth:`plot`.

        Returns
        -------
        display : CoclusterSearchDisplay
            Drawn.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            When the search is not fitted.
        ValueError
            When the numbers of clusters do not vary.
        ImportError
            When matplotlib is missing.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(search, "cv_results_")
        display = cls(
            search.cv_results_, search.best_index_, criterion_label=search.criterion_label_
        )
        return display.plot(ax=ax, **options)

    def plot(self, ax: Any = None, *, cmap: Any = "viridis", annotate: bool = True) -> Self:
        """Draw the display.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None makes a figure.
        cmap : str or matplotlib Colormap, default="viridis"
            Colours of a heat map.
        annotate : bool, default=True
            Whether the cells of a heat map show their values.

        Returns
        -------
        display : CoclusterSearchDisplay
            Itself, with ``ax_`` and ``figure_``.

        Raises
        ------
        ValueError
            When the numbers of clusters do not vary.
        ImportError
            When matplotlib is missing.
        """
        rows, columns = self._counts()
        rows_vary, columns_vary = (len(np.unique(side)) > 1 for side in (rows, columns))
        if not rows_vary and not columns_vary:
            raise ValueError(
                "The display is over numbers of clusters, and the search has only one of them: "
                "vary n_row_clusters, n_column_clusters or n_clusters."
            )
        own = self._groups() == self._groups()[self.best_index]
        n_pairs = len(np.unique(np.stack([rows, columns])[:, own], axis=1).T)
        is_grid = rows_vary and columns_vary and n_pairs > len(np.unique(rows[own]))
        self.ax_ = get_axes(ax, (6.4, 4.6) if is_grid else (6.4, 4.0))
        self.figure_ = self.ax_.figure
        if is_grid:
            self._draw_grid(np.flatnonzero(own), cmap, annotate)
        else:
            self._draw_lines(rows if rows_vary else columns)
            what = {(True, False): "row clusters", (False, True): "column clusters"}
            together = "co-clusters" if "param_n_clusters" in self.cv_results else "clusters a side"
            self.ax_.set_xlabel(f"number of {what.get((rows_vary, columns_vary), together)}")
        return self

    def _counts(self) -> tuple[np.ndarray, np.ndarray]:
        return self.cv_results["n_row_clusters"], self.cv_results["n_column_clusters"]

    def _groups(self) -> np.ndarray:
        """Return the other parameters of each candidate, as text."""
        counts = ("n_row_clusters", "n_column_clusters", "n_clusters")
        texts = [
            ", ".join(f"{name}={value}" for name, value in sorted(p.items()) if name not in counts)
            for p in self.cv_results["params"]
        ]
        return np.array(texts, dtype=object)

    def _draw_lines(self, numbers: np.ndarray) -> None:
        values = self.cv_results["mean_test_score"]
        errors = self._standard_errors()
        groups = self._groups()
        names = list(dict.fromkeys(groups.tolist()))
        for name in names:
            members = np.flatnonzero(groups == name)
            members = members[np.argsort(numbers[members], kind="stable")]
            self.ax_.errorbar(
                numbers[members],
                values[members],
                yerr=None if errors is None else errors[members],
                marker="o",
                markersize=4,
                linewidth=1.6,
                capsize=3,
                label=name,
            )
        best = self.best_index
        self.ax_.plot(
            numbers[best], values[best], "o", markersize=13, mfc="none", mec="black", mew=1.6
        )
        self.ax_.set_ylabel(self.criterion_label)
        self.ax_.xaxis.get_major_locator().set_params(integer=True)
        self.ax_.ticklabel_format(axis="y", useOffset=False)
        self.ax_.grid(axis="y", alpha=0.3)
        self.ax_.spines[["top", "right"]].set_visible(False)
        if len(names) > 1:
            self.ax_.legend(frameon=False)

    def _standard_errors(self) -> np.ndarray | None:
        if "std_test_score" not in self.cv_results:
            return None
        n_splits = sum(name.startswith("split") for name in self.cv_results)
        return np.asarray(self.cv_results["std_test_score"]) / np.sqrt(max(n_splits - 1, 1))

    def _draw_grid(self, members: np.ndarray, cmap: Any, annotate: bool) -> None:
        rows, columns = (side[members] for side in self._counts())
        values = self.cv_results["mean_test_score"][members]
        row_numbers, i = np.unique(rows, return_inverse=True)
        column_numbers, j = np.unique(columns, return_inverse=True)
        image_values = np.full((len(row_numbers), len(column_numbers)), np.nan)
        image_values[i, j] = values
        image = self.ax_.imshow(image_values, cmap=cmap, origin="lower", aspect="auto")
        if annotate:
            for place in zip(i, j, strict=True):
                if np.isfinite(image_values[place]):
                    color = get_contrast(image.cmap(image.norm(image_values[place])))
                    text = _format(image_values[place])
                    self.ax_.text(*place[::-1], text, ha="center", va="center", color=color)
        self._frame_best(members, i, j)
        self.ax_.set_xticks(range(len(column_numbers)), [str(p) for p in column_numbers])
        self.ax_.set_yticks(range(len(row_numbers)), [str(k) for k in row_numbers])
        self.ax_.set(xlabel="number of column clusters", ylabel="number of row clusters")
        self.figure_.colorbar(image, ax=self.ax_, label=self.criterion_label)

    def _frame_best(self, members: np.ndarray, i: np.ndarray, j: np.ndarray) -> None:
        from matplotlib.patches import Rectangle

        at = int(np.flatnonzero(members == self.best_index)[0])
        corner = (j[at] - 0.5, i[at] - 0.5)
        # White below black: a frame that shows on dark cells and on light ones.
        for color, width in (("white", 5.0), ("black", 2.2)):
            frame = Rectangle(corner, 1, 1, fill=False, edgecolor=color, linewidth=width)
            self.ax_.add_patch(frame)


def _format(value: float) -> str:
    """Return a value in few digits, large ones without an exponent."""
    return f"{value:.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.3g}"
