"""The record of what a co-clusterer found, and how it is taken from an estimator."""

import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class CoclusterResults:
    """What a fitted co-clusterer found, and how.

    Parameters
    ----------
    algorithm : str
        Name of the estimator's class.
    parameters : dict
        Every parameter of the estimator. Arrays and tuples are restored; of an object, such as a
        divergence of one's own or a random generator, there is an ``ObjectDescription`` with its
        dotted ``name`` and its ``text``, not the object.
    row_labels : ndarray of shape (n_rows,), dtype int32
        Cluster of each row, -1 = in no cluster.
    column_labels : ndarray of shape (n_columns,), dtype int32
        Cluster of each column.
    objective : float
        Complete objective of the labels.
    objective_trace : ndarray of shape (n_iter,), dtype float64
        Objective after each iteration of the best run.
    n_iter : int
        Number of iterations of the best run.
    converged : bool
        Whether it ended by its tolerance.
    explained_divergence_ratio : float, default=None
        Share of the divergence that the co-clusters explain, where the algorithm has it.
    block_means : ndarray of shape (n_row_clusters, n_column_clusters), dtype float64, default=None
        Mean of each block, where the algorithm has them.
    row_memberships : ndarray of shape (n_rows, n_row_clusters), dtype bool, default=None
        Which rows are in which clusters, where clusters may overlap.
    column_memberships : ndarray of shape (n_columns, n_column_clusters), dtype bool, default=None
        The same for columns; None also where only rows are clustered.
    row_names, column_names : ndarray of shape (n_rows,) or (n_columns,), default=None
        Names of rows and of columns, when they are known.
    versions : dict of str
        Version of Python and of each package that computed the results.
    created : str
        Time of the results in UTC, ISO 8601.
    metadata : dict
        What else the user chose to keep.

    See Also
    --------
    save_results : Write them to a file.
    load_results : Read them from a file.

    Examples
    --------
    >>> import numpy as np
    >>> from skcocluster.io import CoclusterResults
    >>> results = CoclusterResults(
    ...     algorithm="BBAC",
    ...     parameters={"n_row_clusters": 2, "random_state": 7},
    ...     row_labels=np.array([0, 1], dtype=np.int32),
    ...     column_labels=np.array([0, 0], dtype=np.int32),
    ...     objective=0.5,
    ...     objective_trace=np.array([0.5]),
    ...     n_iter=1,
    ...     converged=True,
    ... )
    >>> results.seed
    7
    """

    algorithm: str
    parameters: dict[str, Any]
    row_labels: np.ndarray
    column_labels: np.ndarray
    objective: float
    objective_trace: np.ndarray
    n_iter: int
    converged: bool
    explained_divergence_ratio: float | None = None
    block_means: np.ndarray | None = None
    row_memberships: np.ndarray | None = None
    column_memberships: np.ndarray | None = None
    row_names: np.ndarray | None = None
    column_names: np.ndarray | None = None
    versions: dict[str, str] = field(default_factory=dict)
    created: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def seed(self) -> Any:
        """The estimator's ``random_state``."""
        return self.parameters.get("random_state")


def get_versions() -> dict[str, str]:
    """Versions of Python, of this package and of those that it computes with."""
    from .. import __version__

    versions = {"python": platform.python_version(), "skcocluster": __version__}
    for name in ("scikit-learn", "numpy", "scipy", "numba"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def as_names(values: Any) -> np.ndarray | None:
    """Names of rows or columns as an array that a file can hold; what it cannot becomes text."""
    if values is None:
        return None
    names = np.asarray(values)
    if names.dtype.kind != "O":
        return names
    kept = np.empty(names.size, dtype=object)
    for i, name in enumerate(names):
        kept[i] = name if isinstance(name, str | int | float | tuple) else str(name)
    return kept


def find_names(labels: Any) -> np.ndarray | None:
    """Index of labels that are a pandas Series or an xarray DataArray, else None."""
    if hasattr(labels, "dims"):
        dimension = labels.dims[0]
        return as_names(labels[dimension].values) if dimension in labels.coords else None
    return as_names(labels.index.to_numpy()) if hasattr(labels, "iloc") else None


def as_array(values: Any) -> np.ndarray | None:
    """Array of what an estimator has; None of what it has not."""
    return None if values is None else np.asarray(values)


def collect_results(
    est: Any,
    row_names: Any = None,
    column_names: Any = None,
    metadata: dict[str, Any] | None = None,
) -> CoclusterResults:
    """Take the results out of a fitted estimator; see :func:`save_results`."""
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(est, ["row_labels_", "column_labels_", "objective_"])
    if row_names is None:
        row_names = find_names(est.get_row_labels())
    if column_names is None:
        column_names = find_names(est.get_column_labels())
    if column_names is None:
        column_names = getattr(est, "feature_names_in_", None)
    ratio = getattr(est, "explained_divergence_ratio_", None)
    # What clusters rows alone calls their memberships by no side.
    rows = getattr(est, "row_memberships_", getattr(est, "memberships_", None))
    return CoclusterResults(
        algorithm=type(est).__name__,
        parameters=est.get_params(deep=False),
        row_labels=np.asarray(est.row_labels_),
        column_labels=np.asarray(est.column_labels_),
        objective=float(est.objective_),
        objective_trace=np.asarray(est.objective_trace_, dtype=np.float64),
        n_iter=int(est.n_iter_),
        converged=bool(est.converged_),
        explained_divergence_ratio=None if ratio is None else float(ratio),
        block_means=as_array(getattr(est, "block_means_", None)),
        row_memberships=as_array(rows),
        column_memberships=as_array(getattr(est, "column_memberships_", None)),
        row_names=check_names(row_names, est.row_labels_, "row"),
        column_names=check_names(column_names, est.column_labels_, "column"),
        versions=get_versions(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        metadata=dict(metadata or {}),
    )


def check_names(names: Any, labels: np.ndarray, axis: str) -> np.ndarray | None:
    """Names as an array of the labels' shape, or a ValueError."""
    names = as_names(names)
    if names is not None and names.shape != np.shape(labels):
        raise ValueError(
            f"{axis}_names must name the {len(labels)} {axis}s, got shape {names.shape}."
        )
    return names
