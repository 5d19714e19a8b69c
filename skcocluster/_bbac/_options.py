"""Checks of BBAC's parameters."""

from typing import Any

from .._shared.alternation import AUTO_COLUMN_STEPS
from .._shared.block_model import BASES, BlockModel
from .._shared.divergences import get_divergence
from .._shared.options import check_at_least, check_choice, check_runs
from .._shared.samples import ALL_ENTRIES, is_chunked, is_large
from .._shared.validation import check_two_counts
from ._solver import Problem
from ._starts import INITS

UPDATES = ("alternating", "simultaneous")
REFINEMENTS = ("auto", "split_merge", None)
ROW_LABELS = ("numpy", "dask")


def check_model(estimator: Any) -> BlockModel:
    """Return the divergence and basis of an estimator, checked against each other."""
    divergence = get_divergence(estimator.divergence)
    check_choice("basis", estimator.basis, BASES)
    if estimator.basis != "C2" and not divergence.has_margin_bases:
        raise ValueError(
            f"basis={estimator.basis!r} has a closed form only for squared_euclidean and "
            f"i_divergence; use basis='C2' with {divergence.name!r}."
        )
    return BlockModel(divergence, estimator.basis)


def check_options(estimator: Any) -> None:
    """Check the parameters that do not depend on X."""
    check_choice("update", estimator.update, UPDATES)
    check_choice("refine", estimator.refine, REFINEMENTS)
    if estimator.refine == "split_merge" and estimator.update == "simultaneous":
        raise ValueError(
            "refine='split_merge' searches by alternating steps; with update='simultaneous' use "
            "refine=None or 'auto'."
        )
    check_choice("row_labels", estimator.row_labels, ROW_LABELS)
    if estimator.row_labels == "dask":
        _check_ruled(estimator)
    if estimator.column_steps != "auto":
        check_at_least("column_steps", estimator.column_steps, 1)
    check_runs(estimator)
    if isinstance(estimator.init, str):
        check_choice("init", estimator.init, INITS)


def _check_ruled(estimator: Any) -> None:
    """Refuse what needs the labels of all rows at one place."""
    reasons = {
        "init": not isinstance(estimator.init, str) or estimator.init == "random",
        "update": estimator.update == "simultaneous",
        "refine": estimator.refine == "split_merge",
    }
    advice = {
        "init": "init='auto', 'subsample', 'spectral' or 'k-means++', which start from a sample",
        "update": "update='alternating'",
        "refine": "refine='auto', which searches on the sample that the start is found on",
    }
    for name, refused in reasons.items():
        if refused:
            value = getattr(estimator, name)
            given = repr(value) if isinstance(value, str) else "(row_labels, column_labels)"
            raise ValueError(
                f"row_labels='dask' keeps no array of row labels, and {name}={given} needs one: "
                f"use {advice[name]}, or row_labels='numpy'."
            )


def make_problem(estimator: Any, model: BlockModel, X: Any, missing: bool) -> Problem:
    """Return the problem that the parameters of an estimator describe."""
    steps = estimator.column_steps
    rows, columns = check_two_counts(estimator, X.shape)
    alternating = estimator.update == "alternating"
    rule_rows = estimator.row_labels == "dask"
    if rule_rows and not is_chunked(X):
        raise ValueError(
            "row_labels='dask' is for dask arrays, and X is in memory: use row_labels='numpy', or "
            "pass dask.array.from_array(X, chunks=(n, -1))."
        )
    return Problem(
        model=model,
        n_clusters={"rows": rows, "columns": columns},
        missing=missing,
        update=estimator.update,
        refine=alternating and _searches(estimator, X),
        refine_sample=alternating and estimator.refine is not None,
        column_steps=AUTO_COLUMN_STEPS if steps == "auto" else int(steps),
        max_iter=int(estimator.max_iter),
        tol=float(estimator.tol),
        rule_rows=rule_rows,
    )


def _searches(estimator: Any, X: Any) -> bool:
    """Return whether to search on X itself, not only on the sample that a start is found on."""
    if estimator.refine == "auto":
        sampled = isinstance(estimator.init, str) and estimator.init == "subsample"
        sampled = sampled or estimator.row_labels == "dask"
        return not sampled and not is_large(X)
    if estimator.refine is not None and is_chunked(X) and is_large(X):
        raise ValueError(
            "refine='split_merge' reads X for each trial and keeps sums of all rows in memory; "
            f"for a dask array of more than {ALL_ENTRIES} entries use refine='auto', which "
            "searches on the sample that the start is found on."
        )
    return estimator.refine is not None
