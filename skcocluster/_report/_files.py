"""A finished run and the folder of files about it."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .._shared.atomic import fill_folder
from ..io import CoclusterResults, save_results
from ._figures import make_figures
from ._page import make_page


@dataclass(frozen=True)
class Run:
    """A fitted estimator with its data, and what the page shall say about them.

    Parameters
    ----------
    est : estimator
        Fitted on X.
    X : array-like of shape (n_rows, n_columns)
        The data.
    results : CoclusterResults
        Taken from the estimator, with the names of rows and columns where they are known.
    title, lead : str
        Heading and first sentence of the page.
    seconds : float, default=None
        Time of the fit.
    order, norm : str, default=None
        How to draw the matrix, see :class:`~skcocluster.plot.CoclusterDisplay`.
    row_classes : array-like of shape (n_rows,), default=None
        Known classes of the rows, told for each row cluster.
    facts : sequence of (name, value)
        Further facts for the head of the page.
    sections : sequence of (heading, list of HTML)
        Further sections.
    """

    est: Any
    X: Any
    results: CoclusterResults
    title: str
    lead: str
    seconds: float | None = None
    order: str | None = None
    norm: str | None = None
    row_classes: Any = None
    facts: Sequence[tuple[str, Any]] = ()
    sections: Sequence[tuple[str, list[str]]] = ()


def write_labels(path: Path, axis: str, results: CoclusterResults) -> None:
    """Write a CSV table of names (or positions from 0), labels and, if any, all clusters."""
    labels, names, memberships = (
        getattr(results, f"{axis}_{what}") for what in ("labels", "names", "memberships")
    )
    keys = range(labels.size) if names is None else names
    table = {axis: keys, "label": labels.tolist()}
    if memberships is not None:
        table["clusters"] = [" ".join(map(str, np.flatnonzero(line))) for line in memberships]
    write_rows(path, [list(table), *zip(*table.values(), strict=True)])


def write_rows(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    """Write a CSV file."""
    with open(path, "x", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def write_run(run: Run, folder: Path) -> list[Path]:
    """Write labels, results, picture and page into a folder: all of them or none.

    Parameters
    ----------
    run : Run
        What to write about.
    folder : Path
        Made when it does not exist; files of the same names in it are replaced.

    Returns
    -------
    paths : list of Path
        The files written.
    """
    results = run.results
    figures = make_figures(run.est, run.X, run.order, run.norm)
    page = make_page(run, figures)
    with fill_folder(folder) as temporary:
        for axis in ("row", "column"):
            write_labels(temporary / f"{axis}s.csv", axis, results)
        save_results(results, temporary / "results.json")
        (temporary / "cocluster.png").write_bytes(figures.after)
        (temporary / "report.html").write_text(page, encoding="utf-8", newline="\n")
        names = sorted(file.name for file in temporary.iterdir())
    return [folder / name for name in names]
