"""What a search fits: all of X, X with entries hidden, or samples of its rows and columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.utils import check_array
from sklearn.utils.validation import _num_features

from .._kernels.engines.tiles import unmask
from .._shared.containers import dask_array

# Of a sparse matrix, hidden entries are stored ones: no more of them than this, or than it has.
LEAST_HIDDEN = 4096


@dataclass(frozen=True)
class Dataset:
    """One matrix to fit.

    Attributes
    ----------
    source : any container
        The matrix that it comes from.
    """

    source: Any

    def load(self) -> Any:
        """Return what estimators fit."""
        return self.source

    def matrix(self) -> Any:
        """Return what is fitted, as an ndarray or a CSR array."""
        return as_matrix(self.load())


@dataclass(frozen=True)
class Hidden(Dataset):
    """A matrix with some entries missing.

    Attributes
    ----------
    rows, columns : ndarray of shape (n_hidden,), dtype int64
        Where.
    """

    rows: np.ndarray
    columns: np.ndarray

    def load(self) -> Any:
        """Return a copy with NaN where entries are hidden."""
        X = self.source
        if not sp.issparse(X):
            X = X.copy()
            X[self.rows, self.columns] = np.nan
            return X
        nan = np.full(len(self.rows), np.nan, dtype=X.dtype)
        # A stored value and NaN add up to NaN.
        return X + sp.csr_array((nan, (self.rows, self.columns)), shape=X.shape)

    def values(self) -> np.ndarray:
        """Return the hidden entries."""
        X = self.source
        values = X[self.rows, self.columns]
        return np.asarray(values.toarray() if sp.issparse(values) else values, float).ravel()


@dataclass(frozen=True)
class Sample(Dataset):
    """Some rows and some columns of a matrix.

    Attributes
    ----------
    rows, columns : ndarray, dtype int64
        Which, ascending.
    """

    rows: np.ndarray
    columns: np.ndarray

    def load(self) -> Any:
        """Return the part."""
        return self.source[self.rows][:, self.columns]


def as_matrix(X: Any) -> Any:
    """Return X as an ndarray or a CSR array of floats, whatever container it is in."""
    X = check_array(
        unmask(X),
        accept_sparse=("csr", "csc"),
        dtype=(np.float64, np.float32),
        ensure_all_finite=False,
    )
    return sp.csr_array(X) if sp.issparse(X) else X


def count_columns(X: Any) -> int:
    """Return the number of columns of what may be a matrix; raise ValueError when it is none."""
    try:
        return int(_num_features(X))
    except TypeError:
        return int(as_matrix(X).shape[1])


def check_splittable(X: Any, criterion: str) -> None:
    """Raise ValueError when X has a single row or column."""
    if min(X.shape) < 2:
        raise ValueError(
            f"criterion={criterion!r} leaves out a part of X, and needs two rows and two columns "
            f"at least: got n_samples={X.shape[0]}, n_features={X.shape[1]}."
        )


def refuse_dask(X: Any, criterion: str, others: tuple[str, ...]) -> None:
    """Raise TypeError when X is a dask array."""
    if dask_array(X) is not None:
        alternatives = f" or choose by {', '.join(map(repr, others))}" if others else ""
        raise TypeError(
            f"criterion={criterion!r} needs X in memory, and X is a dask array: pass X.compute() "
            f"if it fits{alternatives}."
        )


def hide_entries(X: Any, share: float, n_splits: int, rng: np.random.RandomState) -> list[Dataset]:
    """Return matrices that each hide another share of the observed entries of X."""
    matrix = as_matrix(X)
    check_splittable(matrix, "held_out")
    size = matrix.shape[0] * matrix.shape[1]
    n_hidden = max(round(share * size), 1)
    if sp.issparse(matrix):
        n_hidden = min(n_hidden, max(matrix.nnz, LEAST_HIDDEN))
    if n_hidden * n_splits > size:
        raise ValueError(
            f"{n_splits} splits of {share:g} of {size} entries are more entries than there are: "
            "lower n_splits or test_size."
        )
    generator = np.random.default_rng(rng.randint(2**32, size=4, dtype=np.uint32))
    places = generator.choice(size, n_hidden * n_splits, replace=False)
    datasets: list[Dataset] = []
    for part in np.split(places, n_splits):
        rows, columns = np.divmod(np.sort(part), matrix.shape[1])
        values = Hidden(matrix, rows, columns).values()
        observed = ~np.isnan(values)
        datasets.append(Hidden(matrix, rows[observed], columns[observed]))
    return datasets


def draw_samples(X: Any, share: float, n_splits: int, rng: np.random.RandomState) -> list[Dataset]:
    """Return matrices that each leave a share of the rows and of the columns of X out."""
    matrix = as_matrix(X)
    check_splittable(matrix, "stability")

    def draw(n: int) -> np.ndarray:
        return np.sort(rng.permutation(n)[: max(round((1.0 - share) * n), 1)])

    return [Sample(matrix, *map(draw, matrix.shape)) for _ in range(n_splits)]
