"""Latent block models that match the divergences: their log-likelihoods and parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import digamma, gammaln, polygamma, xlogy

from .._shared.containers import dask_array

# Of a perfect fit the likelihood is infinite: it counts as one to twelve digits instead.
LEAST_SPREAD = 1e-24
ENTRIES_AT_ONCE = 2**20
# Beyond it, the difference of the large terms has no digits left, and the series has them all.
LARGE_SHAPE = 1e6


@dataclass(frozen=True)
class Entries:
    """What a model needs to know of all entries, whatever the labels.

    Attributes
    ----------
    n_observed : int
        Number of entries that are not missing.
    total : float
        Sum of the model's `term` over them.
    """

    n_observed: int
    total: float


@dataclass(frozen=True)
class BlockDistribution:
    """The distribution of the entries of a block, given their mean.

    Attributes
    ----------
    name : str
        Its name, for messages.
    needs : str
        What entries must be, or "" where the divergence's own domain says all.
    allows : callable
        Which of some entries are so.
    term : callable
        The part of the log-likelihood that depends on entries alone; 0 for a zero where sparse
        matrices are allowed.
    log_likelihood : callable
        Of all entries, from the divergence of X from its block means, and `Entries`.
    n_shared : int
        Number of parameters that all blocks share.
    """

    name: str
    needs: str
    allows: Callable[[np.ndarray], np.ndarray]
    term: Callable[[np.ndarray], np.ndarray]
    log_likelihood: Callable[[float, Entries], float]
    n_shared: int


def _gaussian(divergence: float, entries: Entries) -> float:
    n = entries.n_observed
    tiny = np.finfo(np.float64).tiny
    variance = max(divergence, LEAST_SPREAD * entries.total, tiny) / n
    return -0.5 * n * (np.log(2.0 * np.pi * variance) + 1.0)


def _saturated_less_divergence(divergence: float, entries: Entries) -> float:
    return entries.total - divergence


def _gamma(divergence: float, entries: Entries) -> float:
    n = entries.n_observed
    shape = fit_gamma_shape(max(divergence / n, LEAST_SPREAD))
    return n * _log_shape_factor(shape) - shape * divergence - entries.total


def fit_gamma_shape(spread: float) -> float:
    """Return the shape `a` of greatest likelihood: the solution of log a - digamma(a) = spread."""
    # A start that is right to 1.5 %, and exact in both limits (Minka, 2002).
    shape = (3.0 - spread + np.sqrt((spread - 3.0) ** 2 + 24.0 * spread)) / (12.0 * spread)
    if shape > LARGE_SHAPE:
        return float(shape)
    for _ in range(8):
        error = np.log(shape) - digamma(shape) - spread
        # Newton's step in 1 / shape stays positive.
        shape = 1.0 / (1.0 / shape + error / (shape**2 * (1.0 / shape - polygamma(1, shape))))
    return float(shape)


def _log_shape_factor(shape: float) -> float:
    """Return a log a - a - log gamma(a)."""
    if shape > LARGE_SHAPE:
        return float(0.5 * np.log(shape / (2.0 * np.pi)) - 1.0 / (12.0 * shape))
    return float(shape * np.log(shape) - shape - gammaln(shape))


def _all(values: np.ndarray) -> np.ndarray:
    return np.ones(values.shape, bool)


DISTRIBUTIONS = {
    "squared_euclidean": BlockDistribution(
        "Gaussian blocks of one variance", "", _all, np.square, _gaussian, 1
    ),
    "i_divergence": BlockDistribution(
        "Poisson blocks",
        "counts, whole numbers from zero on",
        lambda x: x == np.round(x),
        lambda x: xlogy(x, x) - x - gammaln(x + 1.0),
        _saturated_less_divergence,
        0,
    ),
    "itakura_saito": BlockDistribution("gamma blocks of one shape", "", _all, np.log, _gamma, 1),
    "logistic": BlockDistribution(
        "Bernoulli blocks",
        "0 or 1",
        lambda x: (x == 0) | (x == 1),
        np.zeros_like,
        _saturated_less_divergence,
        0,
    ),
}


def read_entries(X: Any, distribution: BlockDistribution) -> Entries:
    """Read X once: how many entries are observed, and the sum of their terms.

    Raises
    ------
    ValueError
        When an entry is not what the distribution needs.
    """
    parts = np.array(list(_read_parts(X, distribution)))
    n_missing, total, n_bad = parts.sum(axis=0)
    if n_bad:
        raise ValueError(
            f"The integrated completed likelihood here is that of {distribution.name}, whose "
            f"entries are {distribution.needs}; {int(n_bad)} of X are not. Choose by 'held_out', "
            "'explained_divergence' or 'stability' instead."
        )
    return Entries(int(X.shape[0] * X.shape[1] - n_missing), float(total))


def _read_parts(X: Any, distribution: BlockDistribution) -> Any:
    chunked = dask_array(X)
    if chunked is not None:
        import dask

        blocks = chunked.to_delayed().ravel()
        return dask.compute(*[dask.delayed(_read_block)(b, distribution) for b in blocks])
    if sp.issparse(X):
        return [_read_block(X, distribution)]
    step = max(1, ENTRIES_AT_ONCE // max(X.shape[1], 1))
    return (_read_block(X[i : i + step], distribution) for i in range(0, X.shape[0], step))


def _read_block(X: Any, distribution: BlockDistribution) -> tuple[float, float, float]:
    """Return the number of missing entries, the sum of terms and the number of bad entries."""
    values = np.asarray(X.data if hasattr(X, "tocsr") else X, dtype=np.float64)
    observed = values[~np.isnan(values)]
    n_bad = float(np.count_nonzero(~distribution.allows(observed)))
    return values.size - observed.size, float(distribution.term(observed).sum()), n_bad
