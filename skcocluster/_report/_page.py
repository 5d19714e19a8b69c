"""The page about a run: one HTML file that needs nothing else."""

from collections import Counter
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from .._cli_registry import ALGORITHMS
from ..plot._drawing import get_contrast
from ..plot._raster import as_matrix
from ..plot._terms import pick_terms, score_columns
from ._figures import Figures
from ._html import format_number, make_facts, make_image, make_section, make_table
from ._overlap import make_overlap_sections

if TYPE_CHECKING:
    from ._files import Run

N_WORDS = 10
N_CLASSES = 3
N_MEMBERS = 4
CLOSEST = " What is in several clusters stands with the closest, what is in none at the end."
# A larger table of block means is a picture only.
MAX_TABLE = (25, 15)


def make_page(run: "Run", figures: Figures) -> str:
    """HTML text of the page about one run."""
    sections = [_make_matrix_section(run, figures), *make_run_sections(run, figures)]
    facts = [*list_facts(run), *run.facts]
    return fill_page(run.title, run.lead, facts, sections, run.results)


def fill_page(
    title: str, lead: str, facts: Sequence[tuple[str, Any]], sections: Sequence[str], results: Any
) -> str:
    """HTML text of a page from its parts; `results` tell the version and the time."""
    template = Template(files(__package__).joinpath("page.html").read_text("utf-8"))
    return template.substitute(
        title=escape(title),
        lead=escape(lead),
        facts=make_facts(facts),
        sections="\n".join(sections),
        version=escape(results.versions.get("skcocluster", "")),
        created=escape(results.created),
    )


def make_run_sections(run: "Run", figures: Figures) -> list[str]:
    """Sections about a run, below the matrix."""
    scores = _score_columns(run)
    return [
        *(make_section(heading, *parts) for heading, parts in run.sections),
        *_make_ranges_section(figures),
        _make_means_section(figures),
        *_make_convergence_section(run, figures),
        _make_row_section(run, figures, scores),
        _make_column_section(run, figures, scores),
        *_make_repeated_section(figures),
        *make_overlap_sections(run.results),
        _make_provenance_section(run),
    ]


def _make_ranges_section(figures: Figures) -> list[str]:
    if figures.ranges is None:
        return []
    image = make_image(
        figures.ranges,
        "Largest minus smallest entry of each block, with both written on it",
        "The range of each block, all drawn in one size; the largest, the cost, has a frame.",
    )
    return [make_section("Block ranges", image)]


def _make_repeated_section(figures: Figures) -> list[str]:
    if figures.repeated is None:
        return []
    image = make_image(
        figures.repeated,
        "The matrix with each row and column once in each of its clusters",
        "What is in several clusters stands in each of them, so that each block is complete.",
    )
    return [make_section("Clusters with all their members", image)]


def list_facts(run: "Run") -> list[tuple[str, Any]]:
    """What the head of a page tells of a run."""
    results = run.results
    counts = [count_clusters(results, axis) for axis in ("row", "column")]
    # One number for both sides: row cluster i and column cluster i are one co-cluster.
    is_diagonal = "n_clusters" in results.parameters and results.row_memberships is None
    known = ALGORITHMS.get(results.algorithm)
    measure = known.measure if known else "objective"
    facts = [
        ("Matrix", f"{results.row_labels.size:,} × {results.column_labels.size:,}"),
        ("Co-clusters", str(max(counts)) if is_diagonal else f"{counts[0]} × {counts[1]}"),
        ("Algorithm", results.algorithm),
        (measure.capitalize(), format_number(results.objective)),
    ]
    if results.explained_divergence_ratio is not None:
        facts.append(("Divergence explained", f"{results.explained_divergence_ratio:.1%}"))
    state = "converged" if results.converged else "not converged"
    facts.append(("Iterations", f"{results.n_iter} ({state})"))
    if run.seconds is not None:
        facts.append(("Time to fit", f"{run.seconds:.2f} s"))
    return facts


def count_clusters(results: Any, axis: str) -> int:
    """Number of clusters with members."""
    memberships = getattr(results, f"{axis}_memberships")
    if memberships is not None:
        return int(np.count_nonzero(memberships.any(axis=0)))
    labels = getattr(results, f"{axis}_labels")
    return np.unique(labels[labels >= 0]).size


def make_before_image(run: "Run", figures: Figures) -> str:
    """Figure of the matrix as given."""
    assert figures.before is not None
    shape = f"{run.results.row_labels.size:,} rows and {run.results.column_labels.size:,} columns"
    return make_image(
        figures.before,
        f"Matrix of {shape} in the order given",
        "Before: rows and columns as given.",
    )


def make_after_image(run: "Run", figures: Figures) -> str:
    """Figure of the matrix as put together."""
    display = figures.after_display
    return make_image(
        figures.after,
        f"The same matrix, rows and columns put together in {display.row_clusters.size} row "
        f"clusters and {display.column_clusters.size} column clusters",
        "After: the same entries and colours, rows and columns put together by co-cluster."
        + (CLOSEST if run.results.row_memberships is not None else ""),
    )


def _make_matrix_section(run: "Run", figures: Figures) -> str:
    pair = make_before_image(run, figures) + make_after_image(run, figures)
    return make_section("The matrix, before and after", f'<div class="pair">{pair}</div>')


def _list_clusters(axis: str, clusters: np.ndarray, sizes: np.ndarray) -> dict[str, list[Any]]:
    """Columns of a table that every table of clusters has."""
    return {
        "cluster": ["none" if cluster == -1 else str(cluster) for cluster in clusters],
        f"{axis}s": [int(size) for size in sizes],
        "share": [f"{size / sizes.sum():.1%}" for size in sizes],
    }


def _make_table_section(heading: str, table: dict[str, list[Any]], caption: str) -> str:
    rows = zip(*table.values(), strict=True)
    return make_section(heading, make_table(list(table), rows, caption, stack=True))


def _make_row_section(run: "Run", figures: Figures, scores: np.ndarray | None) -> str:
    display, results = figures.after_display, run.results
    table = _list_clusters("row", display.row_clusters, display.row_sizes)
    members = [np.flatnonzero(results.row_labels == cluster) for cluster in display.row_clusters]
    if run.row_classes is not None:
        classes = np.asarray(run.row_classes)
        table["mostly"] = [_count_classes(classes[rows]) for rows in members]
    if scores is not None and results.column_names is not None:
        terms = pick_terms(scores, results.column_names, N_WORDS)
        table["what sets it apart"] = [terms[c] if c >= 0 else [] for c in display.row_clusters]
    if results.row_names is not None:
        table["members, such as"] = [list(results.row_names[rows[:N_MEMBERS]]) for rows in members]
    return _make_table_section(
        "Row clusters", table, "Row clusters from the top of the picture down"
    )


def _make_column_section(run: "Run", figures: Figures, scores: np.ndarray | None) -> str:
    display, results = figures.after_display, run.results
    table = _list_clusters("column", display.column_clusters, display.column_sizes)
    if scores is not None and results.column_names is not None:
        best_first = np.argsort(-scores.max(axis=0), kind="stable")
        labels, names = results.column_labels[best_first], results.column_names[best_first]
        table["most telling members"] = [
            list(names[labels == cluster][:N_WORDS]) for cluster in display.column_clusters
        ]
    return _make_table_section(
        "Column clusters", table, "Column clusters from the left of the picture on"
    )


def _score_columns(run: "Run") -> np.ndarray | None:
    """Score of each column in each row cluster, where columns have names to tell."""
    if run.results.column_names is None:
        return None
    labels = run.results.row_labels.astype(np.intp)
    return score_columns(as_matrix(run.X), labels, int(labels.max(initial=0)) + 1)


def _count_classes(classes: np.ndarray) -> list[str]:
    common = Counter(classes.tolist()).most_common(N_CLASSES)
    return [f"{name} {count / classes.size:.0%}" for name, count in common]


def _make_means_section(figures: Figures) -> str:
    display = figures.means_display
    shape = display.block_means.shape
    image = make_image(
        figures.means,
        f"Block means of {shape[0]} row clusters by {shape[1]} column clusters",
        "Mean of the observed entries of each block; all drawn in one size.",
    )
    if shape[0] > MAX_TABLE[0] or shape[1] > MAX_TABLE[1]:
        return make_section("Block means", image)
    return make_section(
        "Block means",
        image,
        f"<details open><summary>As numbers</summary>{_make_heat(display)}</details>",
    )


def _make_heat(display: Any) -> str:
    """Table of block means on their colours."""
    from matplotlib.colors import to_hex

    def name(cluster: int) -> str:
        return "none" if cluster == -1 else str(cluster)

    def cell(mean: float) -> str:
        if np.isnan(mean):
            return "<td>–</td>"
        color = display.im_.to_rgba(mean)
        style = f"background:{to_hex(color)};color:{get_contrast(color)}"
        return f'<td class="number" style="{style}">{format_number(mean)}</td>'

    head = "".join(f'<th scope="col">{name(c)}</th>' for c in display.column_clusters)
    rows = "".join(
        f'<tr><th scope="row">{name(cluster)}</th>{"".join(map(cell, means))}</tr>'
        for cluster, means in zip(display.row_clusters, display.block_means, strict=True)
    )
    return (
        '<div class="scroll"><table class="heat"><caption>Row clusters down, column clusters '
        f"across</caption><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _make_convergence_section(run: "Run", figures: Figures) -> list[str]:
    if figures.convergence is None:
        return []
    trace = run.results.objective_trace
    image = make_image(
        figures.convergence,
        f"Objective over {trace.size} iterations, from {trace[0]:.6g} to {trace[-1]:.6g}",
        "Objective after each iteration of the best run.",
    )
    return [make_section("Convergence", image)]


def _make_provenance_section(run: "Run") -> str:
    results = run.results
    parameters = [(name, _describe(value)) for name, value in results.parameters.items()]
    left = make_table(["parameter", "value"], parameters, f"Parameters of {results.algorithm}")
    right = make_table(["package", "version"], results.versions.items(), "Versions")
    if results.metadata:
        source = [(name, _describe(value)) for name, value in results.metadata.items()]
        right += make_table(["source", "value"], source, "Where the data came from")
    return make_section(
        "How this was computed", f'<div class="pair"><div>{left}</div><div>{right}</div></div>'
    )


def _describe(value: Any) -> str:
    """Text of a parameter; arrays by their shape only."""
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_describe, value))})"
    return str(value)
