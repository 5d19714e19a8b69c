"""The part of a page about clusters that overlap: who shares with whom, who is in none."""

from typing import Any

import numpy as np

from ._html import make_section, make_table


def describe_overlap(axis: str, memberships: np.ndarray) -> str:
    """Sentence about the memberships of rows or columns.

    Parameters
    ----------
    axis : {"row", "column"}
        What the memberships are of.
    memberships : ndarray of shape (n, n_clusters), dtype bool
        Clusters of each.

    Returns
    -------
    text : str
        Numbers of memberships, of those in several clusters and of those in none.
    """
    counts = memberships.sum(axis=1)
    several, none = np.count_nonzero(counts > 1), np.count_nonzero(counts == 0)
    return (
        f"{counts.sum():,} memberships of {counts.size:,} {axis}s: {several:,} in several "
        f"clusters, {none:,} in none"
    )


def make_overlap_sections(results: Any) -> list[str]:
    """Sections about the overlap of row clusters and of column clusters, where there is any."""
    sections = []
    for axis in ("row", "column"):
        memberships = getattr(results, f"{axis}_memberships")
        if memberships is not None:
            labels = getattr(results, f"{axis}_labels")
            table = _list_overlap(axis, labels, memberships)
            caption = f"{describe_overlap(axis, memberships)}."
            rows = zip(*table.values(), strict=True)
            body = make_table(list(table), rows, caption, stack=True)
            sections.append(make_section(f"{axis.capitalize()} clusters that overlap", body))
    return sections


def _list_overlap(axis: str, labels: np.ndarray, memberships: np.ndarray) -> dict[str, list[Any]]:
    """Columns of the table of clusters with all their members."""
    U = memberships.astype(np.float64)
    shared = (U.T @ U).astype(int)
    sizes = np.diag(shared)
    alone = memberships[memberships.sum(axis=1) == 1].sum(axis=0)
    clusters = np.arange(len(sizes))
    return {
        "cluster": [str(cluster) for cluster in clusters],
        "members": sizes.tolist(),
        f"share of {axis}s": [f"{size / labels.size:.1%}" for size in sizes],
        "closest to it": [int(np.count_nonzero(labels == cluster)) for cluster in clusters],
        "in no other": alone.tolist(),
        "shares most with": [_name_partner(line, own) for own, line in enumerate(shared)],
    }


def _name_partner(shared: np.ndarray, own: int) -> str:
    """The other cluster with most common members, and their number."""
    others = np.where(np.arange(shared.size) == own, 0, shared)
    return f"{others.argmax()} ({others.max():,})" if others.any() else "none"
