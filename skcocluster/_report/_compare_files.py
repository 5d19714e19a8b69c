"""What is written about a comparison: one page with a tab for each run, tables, results."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .._shared.atomic import fill_folder
from ..io import save_results
from ._compare import Done, Refused, find_best_pair, list_runs, measure_agreement
from ._figures import Figures, Scale, make_figures
from ._files import Run, write_labels, write_rows
from ._html import make_facts, make_section, make_square, make_table, make_tabs
from ._page import (
    fill_page,
    list_facts,
    make_after_image,
    make_before_image,
    make_run_sections,
)

AGREEMENTS = {
    "entries": "Both sides at once: the co-clusterings as partitions of the entries",
    "rows": "Rows alone",
    "columns": "Columns alone",
}
ABOUT_OBJECTIVES = (
    "Objectives of one measure and equal numbers of clusters can be compared, no others. "
    "Agreement: mean adjusted Rand index with the other runs, over the entries."
)
ABOUT_AGREEMENT = (
    "adjusted Rand index, 1 for the same, about 0 for chance; columns are the runs by number."
)


@dataclass(frozen=True)
class Comparison:
    """Fits of one matrix, and what the page shall say about them.

    Parameters
    ----------
    X : array-like of shape (n_rows, n_columns)
        The data.
    done : sequence of Done
        At least one.
    refused : sequence of Refused
        What could not be fitted.
    title, lead : str
        Heading and first sentence of the page.
    order, norm : str, default=None
        How to draw the matrix, see :class:`~skcocluster.plot.CoclusterDisplay`.
    """

    X: Any
    done: Sequence[Done]
    refused: Sequence[Refused]
    title: str
    lead: str
    order: str | None = None
    norm: str | None = None

    @cached_property
    def agreement(self) -> dict[str, np.ndarray]:
        """Agreement of each pair of results, as from `measure_agreement`."""
        return measure_agreement(self.done)

    def as_run(self, one: Done) -> Run:
        """One of the fits as a run, for what a page says of a single one."""
        drawing = (self.order, self.norm)
        return Run(one.est, self.X, one.results, one.plan.name, "", one.seconds, *drawing)


def write_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Write page, tables, and labels, results and picture of each run: all of them or none.

    Parameters
    ----------
    comparison : Comparison
        What to write about.
    folder : Path
        Made when it does not exist; files of the same names in it are replaced.

    Returns
    -------
    paths : list of Path
        The files written, page and tables first.
    """
    done, agreement = comparison.done, comparison.agreement
    figures = draw_all(comparison)
    page = make_comparison_page(comparison, figures)
    with fill_folder(folder) as temporary:
        for one, drawn in zip(done, figures, strict=True):
            write_one(temporary, one, drawn.after)
        write_table(temporary / "table.csv", list_runs(done, agreement["entries"]))
        write_agreement(temporary / "agreement.csv", done, agreement)
        (temporary / "report.html").write_text(page, encoding="utf-8", newline="\n")
        names = {file.name for file in temporary.iterdir()}
    first = ["report.html", "table.csv", "agreement.csv"]
    return [folder / name for name in [*first, *sorted(names - {*first})]]


def draw_all(comparison: Comparison) -> list[Figures]:
    """Figures of all fits, entries in the colours of the first."""
    figures: list[Figures] = []
    for one in comparison.done:
        scale = None
        if figures:
            image = figures[0].after_display.im_
            scale = Scale(image.norm, image.cmap)
        figures.append(
            make_figures(one.est, comparison.X, comparison.order, comparison.norm, scale)
        )
    return figures


def write_one(folder: Path, one: Done, picture: bytes) -> None:
    """Write what was found by one fit."""
    name, results = one.plan.name, one.results
    save_results(results, folder / f"{name}.json")
    (folder / f"{name}.png").write_bytes(picture)
    for axis in ("row", "column"):
        write_labels(folder / f"{name}-{axis}s.csv", axis, results)


def write_table(path: Path, columns: dict[str, list[Any]]) -> None:
    """Write columns with their names as CSV, numbers in full."""
    write_rows(path, [list(columns), *zip(*columns.values(), strict=True)])


def write_agreement(path: Path, done: Sequence[Done], agreement: dict[str, np.ndarray]) -> None:
    """Write one line for each pair of fits."""
    names = [one.plan.name for one in done]
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    values = ([float(square[pair]) for square in agreement.values()] for pair in pairs)
    lines = ([names[i], names[j], *v] for (i, j), v in zip(pairs, values, strict=True))
    write_rows(path, [["run", "other", *agreement], *lines])


# --- the page ------------------------------------------------------------------------------------


def make_comparison_page(comparison: Comparison, figures: Sequence[Figures]) -> str:
    """HTML text of the page."""
    done, agreement = comparison.done, comparison.agreement
    table = list_runs(done, agreement["entries"])
    table["seconds"] = [f"{seconds:.2f}" for seconds in table["seconds"]]
    table["agreement"] = [round(value, 3) for value in table["agreement"]]
    rows = zip(*table.values(), strict=True)
    first = comparison.as_run(done[0])
    before = make_before_image(first, figures[0])
    tabs = [
        (one.plan.name, _make_panel(comparison.as_run(one), drawn))
        for one, drawn in zip(done, figures, strict=True)
    ]
    sections = [
        make_section("The runs", make_table(list(table), rows, ABOUT_OBJECTIVES)),
        *_make_refused_section(comparison.refused),
        *_make_agreement_section(done, agreement),
        make_section("The matrix as given", before),
        make_tabs("One tab for each run: click, or move with the arrow keys", tabs),
    ]
    facts = _list_facts(comparison)
    return fill_page(comparison.title, comparison.lead, facts, sections, done[0].results)


def describe_best(comparison: Comparison) -> str | None:
    """Name the pair that agrees best, and how well; None for a single fit."""
    done, agreement = comparison.done, comparison.agreement["entries"]
    pair = find_best_pair(done, agreement)
    if pair is None:
        return None
    return f"{done[pair[0]].plan.name} and {done[pair[1]].plan.name}, {agreement[pair]:.3f}"


def _list_facts(comparison: Comparison) -> list[tuple[str, Any]]:
    results = comparison.done[0].results
    facts: list[tuple[str, Any]] = [
        ("Matrix", f"{results.row_labels.size:,} × {results.column_labels.size:,}"),
        ("Runs", len(comparison.done)),
        ("Not fitted", len(comparison.refused)),
        ("Time of all fits", f"{sum(one.seconds for one in comparison.done):.2f} s"),
    ]
    best = describe_best(comparison)
    return facts if best is None else [*facts, ("Agree best", best)]


def _make_refused_section(refused: Sequence[Refused]) -> list[str]:
    if not refused:
        return []
    rows = [(one.name, one.reason) for one in refused]
    caption = "What was asked for and could not be done with this matrix"
    return [make_section("Not fitted", make_table(["run", "reason"], rows, caption, stack=True))]


def _make_agreement_section(done: Sequence[Done], agreement: dict[str, np.ndarray]) -> list[str]:
    if len(done) < 2:
        return []
    names = [one.plan.name for one in done]
    squares = [
        make_square(names, values, f"{AGREEMENTS[what]}: {ABOUT_AGREEMENT}")
        for what, values in agreement.items()
    ]
    return [make_section("Do they find the same?", *squares)]


def _make_panel(run: Run, figures: Figures) -> str:
    """All about one run; the matrix as given stands above the tabs."""
    return "\n".join(
        [
            make_facts(list_facts(run)),
            make_section("The matrix, reordered", make_after_image(run, figures)),
            *make_run_sections(run, figures),
        ]
    )
