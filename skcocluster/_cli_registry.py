"""The algorithms that the command line knows: their options and their objectives."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ._kernels.engines import ENGINES
from ._shared.containers import dask_array


def positive(text: str) -> int:
    """Whole number above zero."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def whole_or_auto(text: str) -> int | str:
    """Whole number above zero, or "auto"."""
    return text if text == "auto" else positive(text)


def number_or_auto(text: str) -> float | str:
    """Number, or "auto"."""
    return text if text == "auto" else float(text)


def overlap(text: str) -> float | str:
    """Number, or how to estimate it."""
    return text if text in ("auto", "auto-spread") else float(text)


def optional(text: str) -> str | None:
    """Text, or None for "none"."""
    return None if text == "none" else text


def seconds(text: str) -> float | None:
    """Number, or None for "none"."""
    return None if text == "none" else float(text)


# argparse calls a value by the name of the function that refused it.
positive.__name__ = "positive integer"
whole_or_auto.__name__ = "positive integer or 'auto'"
number_or_auto.__name__ = "number or 'auto'"
overlap.__name__ = "number, 'auto' or 'auto-spread'"
seconds.__name__ = "number or 'none'"


def _overlap(lines: str) -> dict[str, Any]:
    words = f"memberships beyond one for each, as a share of the {lines}"
    return {"type": overlap, "metavar": "A", "help": words}


def _outliers(lines: str) -> dict[str, Any]:
    words = f"share of the {lines} that may be in no cluster"
    return {"type": number_or_auto, "metavar": "B", "help": words}


# Parameters that the command line knows; which of them an algorithm takes, its entry says. Where
# the choices of two algorithms differ, all are listed, and the estimator refuses those of others.
OPTIONS: dict[str, dict[str, Any]] = {
    "n_clusters": {
        "type": positive,
        "metavar": "K",
        "help": "number of co-clusters, of those that match row and column clusters",
    },
    "n_row_clusters": {"type": positive, "metavar": "K", "help": "number of row clusters"},
    "n_column_clusters": {
        "type": positive,
        "metavar": "P",
        "help": "number of column clusters; as many as row clusters when left out",
    },
    "divergence": {
        "choices": ["squared_euclidean", "i_divergence", "itakura_saito", "logistic"],
        "help": "what is minimised; i_divergence for counts",
    },
    "basis": {
        "choices": ["C2", "C3", "C4", "C5"],
        "help": "C2 block means; C3 and row means; C4 and column means; C5 and both, for text",
    },
    "resolution": {"type": float, "metavar": "G", "help": "more makes for smaller co-clusters"},
    "embedding": {
        "choices": ["regularized", "dhillon", "labiod"],
        "help": "points that k-means sees; the last two as published",
    },
    "regularization": {"type": number_or_auto, "metavar": "T", "help": "added to the degrees"},
    "objective": {"choices": ["M", "RCM"], "help": "residues of block means, or of all means"},
    "overlap": _overlap("rows"),
    "row_overlap": _overlap("rows"),
    "column_overlap": _overlap("columns"),
    "outliers": _outliers("rows"),
    "row_outliers": _outliers("rows"),
    "column_outliers": _outliers("columns"),
    "overlap_spread": {
        "type": float,
        "metavar": "D",
        "help": "standard deviations for an overlap of auto-spread",
    },
    "anneal": {"action": "store_true", "help": "let the overlap grow from none"},
    "method": {
        "choices": [
            *("auto", "branch_and_bound", "sat", "two_sat", "greedy", "distinct", "heuristic")
        ],
        "help": "how the least cost is found and proven",
    },
    "contiguous": {"action": "store_true", "help": "clusters of consecutive rows and columns"},
    "time_limit": {
        "type": seconds,
        "metavar": "S",
        "help": "seconds after which the best so far is the result; none for no limit",
    },
    "max_nodes": {
        "type": positive,
        "metavar": "N",
        "help": "limit of the search that is the same on every machine",
    },
    "normalization": {
        "choices": ["bistochastic", "scale", "log"],
        "help": "of the matrix, before its singular vectors",
    },
    "n_components": {"type": positive, "metavar": "N", "help": "number of singular vectors"},
    "n_best": {"type": positive, "metavar": "N", "help": "number of vectors to keep"},
    "svd_solver": {"choices": ["auto", "arpack", "randomized"], "help": "of singular vectors"},
    "init": {
        "choices": ["auto", "random", "k-means++", "spectral", "neo-kmeans", "k-means"],
        "help": "start",
    },
    "update": {"choices": ["alternating", "simultaneous"], "help": "order of the two half-steps"},
    "refine": {
        "type": optional,
        "metavar": "{auto,split_merge,none}",
        "help": "search after the start",
    },
    "column_steps": {"type": whole_or_auto, "metavar": "N", "help": "column steps per read"},
    "n_init": {"type": whole_or_auto, "metavar": "N", "help": "number of runs; the best is kept"},
    "max_iter": {"type": positive, "metavar": "N", "help": "most iterations of a run"},
    "tol": {"type": float, "metavar": "T", "help": "relative change of the objective to stop at"},
    "engine": {
        "choices": ["auto", *ENGINES],
        "help": "what computes; dask reads a .npy, .nc or .zarr file in chunks, again and again",
    },
    "checkpoint": {
        "metavar": "DIR",
        "help": "with --engine dask: the same command goes on from here after an interruption",
    },
    "n_jobs": {"type": int, "metavar": "N", "help": "runs at the same time; -1 for all processors"},
    "random_state": {"type": int, "metavar": "SEED", "help": "seed"},
}

# So many columns have a column cluster each at a time.
MAX_COLUMNS = 256
_COMMON = ("n_init", "engine", "n_jobs", "random_state", "checkpoint")
_ITERATED = ("init", "refine", "max_iter", "tol")
_BLOCKS = ("n_row_clusters", "n_column_clusters")
_SPECTRAL = ("n_components", "svd_solver")


@dataclass(frozen=True)
class Algorithm:
    """What the command line has to know of an algorithm.

    Parameters
    ----------
    load : callable
        Imports and returns the estimator class.
    options : tuple of str
        Names in OPTIONS that the class takes as parameters.
    recompute : callable
        Objective of saved results on a matrix: ``recompute(X, results)``.
    measure : str
        What the objective is called.
    scale : callable, default=None
        Size of objectives on a matrix, ``scale(X, results)``: against a thousandth of it, what is
        left of a perfect fit is a rounding error. None is 1, for objectives without a unit.
    chunked : bool, default=False
        Whether both take a dask array too, and read it in chunks.
    """

    load: Callable[[], Any]
    options: tuple[str, ...]
    recompute: Callable[[Any, Any], float]
    measure: str = "objective"
    scale: Callable[[Any, Any], float] | None = None
    chunked: bool = False


def _loader(name: str) -> Callable[[], Any]:
    def load() -> Any:
        import skcocluster

        return getattr(skcocluster, name)

    return load


def _labels(results: Any) -> tuple[np.ndarray, np.ndarray]:
    return results.row_labels, results.column_labels


def _block_divergence(X: Any, results: Any) -> float:
    from .metrics import block_divergence

    # SpectralBiclustering has neither: its objective is that of the defaults.
    divergence = results.parameters.get("divergence", "squared_euclidean")
    basis = results.parameters.get("basis", "C2")
    if not isinstance(divergence, str):
        raise ValueError(f"the divergence {divergence.text} is not in the results, only its name")
    if dask_array(X) is not None:
        from . import _cli_chunked

        estimator = ALGORITHMS[results.algorithm].load()()
        return _cli_chunked.block_divergence(estimator, X, _labels(results), divergence, basis)
    return block_divergence(X, *_labels(results), divergence=divergence, basis=basis)


def _divergence_of_one_block(X: Any, results: Any) -> float:
    """Divergence of one cluster of all rows and one of all columns that are in any."""
    rows, columns = (np.minimum(labels, 0) for labels in _labels(results))
    return _block_divergence(X, replace(results, row_labels=rows, column_labels=columns))


def _sums_and_labels(X: Any, results: Any) -> tuple[Any, np.ndarray, np.ndarray]:
    """X and its labels; of a dask array, what is left of it when rows of one label are summed."""
    rows, columns = _labels(results)
    if dask_array(X) is None:
        return X, rows, columns
    from . import _cli_chunked

    estimator = ALGORITHMS[results.algorithm].load()()
    return (*_cli_chunked.sum_row_clusters(estimator, X, rows), columns)


def _modularity(X: Any, results: Any) -> float:
    from .metrics import modularity

    resolution = results.parameters.get("resolution", 1.0)
    return modularity(*_sums_and_labels(X, results), resolution)


def _normalized_cut(X: Any, results: Any) -> float:
    from .metrics import normalized_cut

    return normalized_cut(*_sums_and_labels(X, results))


def _neo_objective(X: Any, results: Any) -> float:
    from .metrics import neo_objective

    memberships = results.row_memberships, results.column_memberships
    return neo_objective(X, *memberships, results.parameters.get("objective", "M"))


def _inertia(X: Any, results: Any) -> float:
    """Objective M with each column on its own: the sum over columns, taken a few at a time."""
    from .metrics._checks import check_matrix

    X = check_matrix(X, all_finite=True)
    X = X.tocsc() if hasattr(X, "tocsc") else X
    total = 0.0
    for start in range(0, X.shape[1], MAX_COLUMNS):
        part = X[:, start : start + MAX_COLUMNS]
        total += _neo_objective(part, replace(results, column_memberships=np.eye(part.shape[1])))
    return total


def _neo_objective_of_one_block(X: Any, results: Any) -> float:
    """Objective M of one cluster of all rows and one of all columns that are in any."""
    one = {
        name: getattr(results, name).any(axis=1, keepdims=True)
        for name in ("row_memberships", "column_memberships")
    }
    return _neo_objective(X, replace(results, parameters={}, **one))


def _inertia_of_one_cluster(X: Any, results: Any) -> float:
    """Inertia of one cluster of all rows that are in any."""
    one = results.row_memberships.any(axis=1, keepdims=True)
    return _inertia(X, replace(results, row_memberships=one))


def _max_norm_cost(X: Any, results: Any) -> float:
    from .metrics import max_norm_cost

    return max_norm_cost(X, *_labels(results))


_DESCENT = ("init", "anneal", "overlap_spread", "max_iter", "tol")
_SHARES = ("row_overlap", "column_overlap", "row_outliers", "column_outliers")
_EMBEDDED = ("n_clusters", "embedding", "regularization", *_SPECTRAL, *_COMMON)

# By the name of the class, which is what results are saved under.
ALGORITHMS = {
    "BBAC": Algorithm(
        _loader("BBAC"),
        (
            *_BLOCKS,
            "divergence",
            "basis",
            "update",
            "column_steps",
            *_ITERATED,
            *_COMMON,
        ),
        _block_divergence,
        scale=_divergence_of_one_block,
        chunked=True,
    ),
    "Coclus": Algorithm(
        _loader("Coclus"),
        ("n_clusters", "resolution", *_ITERATED, *_COMMON),
        _modularity,
        "modularity",
        chunked=True,
    ),
    "SpecCo": Algorithm(_loader("SpecCo"), _EMBEDDED, _modularity, "modularity", chunked=True),
    "SpectralCoclustering": Algorithm(
        _loader("SpectralCoclustering"),
        _EMBEDDED,
        _normalized_cut,
        "normalised cut",
        chunked=True,
    ),
    "SpectralBiclustering": Algorithm(
        _loader("SpectralBiclustering"),
        (*_BLOCKS, "normalization", "n_best", *_SPECTRAL, *_COMMON),
        _block_divergence,
        "squared error",
        _divergence_of_one_block,
        chunked=True,
    ),
    "NEOCC": Algorithm(
        _loader("NEOCC"),
        (*_BLOCKS, "objective", *_SHARES, *_DESCENT, *_COMMON),
        _neo_objective,
        "squared residue",
        _neo_objective_of_one_block,
    ),
    "NEOKMeans": Algorithm(
        _loader("NEOKMeans"),
        ("n_clusters", "overlap", "outliers", *_DESCENT, *_COMMON),
        _inertia,
        "inertia",
        _inertia_of_one_cluster,
    ),
    "MaxNormCoclustering": Algorithm(
        _loader("MaxNormCoclustering"),
        (*_BLOCKS, "method", "contiguous", "time_limit", "max_nodes", "random_state"),
        _max_norm_cost,
        "largest difference",
    ),
}
# What is typed on a command line.
COMMAND_NAMES = {
    "bbac": "BBAC",
    "coclus": "Coclus",
    "specco": "SpecCo",
    "spectral-coclustering": "SpectralCoclustering",
    "spectral-biclustering": "SpectralBiclustering",
    "neocc": "NEOCC",
    "neo-kmeans": "NEOKMeans",
    "max-norm": "MaxNormCoclustering",
}


def algorithm_name(text: str) -> str:
    """Name of the class that is meant: its command name in any case, or its own."""
    name = COMMAND_NAMES.get(text.lower(), text)
    if name not in ALGORITHMS:
        known = ", ".join(COMMAND_NAMES)
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {known}")
    return name


def make_estimator(name: str, arguments: argparse.Namespace, **more: Any) -> Any:
    """Estimator with those parameters that were given; the others keep their defaults."""
    algorithm = ALGORITHMS[name]
    given = {key: value for key, value in vars(arguments).items() if key in OPTIONS}
    for key in given:
        if key not in algorithm.options:
            count = next((option for option in algorithm.options if "clusters" in option), None)
            hint = f" but {_flag(count)}" if count and "clusters" in key else ""
            raise ValueError(f"{name} does not take {_flag(key)}{hint}")
    return algorithm.load()(**given, **more)


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"
