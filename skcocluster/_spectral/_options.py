"""Checks of the parameters of the spectral methods."""

from typing import Any

from .._shared.options import check_at_least, check_choice, check_jobs, check_weight
from .._shared.singular_vectors import SVD_SOLVERS


def check_common(estimator: Any) -> None:
    """Check what all spectral methods have."""
    check_choice("svd_solver", estimator.svd_solver, SVD_SOLVERS)
    if not _is_auto(estimator.n_init):
        check_at_least("n_init", estimator.n_init, 1)
    check_jobs(estimator)


def check_diagonal(estimator: Any, embeddings: tuple[str, ...]) -> None:
    """Check what `SpectralCoclustering` and `SpecCo` have."""
    check_common(estimator)
    check_choice("embedding", estimator.embedding, embeddings)
    if estimator.n_components is not None:
        check_at_least("n_components", estimator.n_components, 1)
    if not _is_auto(estimator.regularization):
        check_weight("regularization", estimator.regularization)


def check_biclustering(estimator: Any, normalizations: tuple[str, ...]) -> None:
    """Check what `SpectralBiclustering` has."""
    check_common(estimator)
    check_choice("normalization", estimator.normalization, normalizations)
    check_at_least("n_components", estimator.n_components, 1)
    if estimator.n_best is None:
        return
    check_at_least("n_best", estimator.n_best, 1)
    if estimator.n_best > estimator.n_components:
        raise ValueError(
            f"n_best={estimator.n_best} must be at most n_components={estimator.n_components}."
        )


def number_of_runs(n_init: Any, auto: int) -> int:
    """Return the number of runs of k-means that `n_init` asks for."""
    return auto if _is_auto(n_init) else int(n_init)


def _is_auto(value: Any) -> bool:
    return isinstance(value, str) and value == "auto"
