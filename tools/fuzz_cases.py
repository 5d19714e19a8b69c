"""What the fuzz target feeds to estimators: matrices of all kinds, parameters good and bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp
import xarray as xr

import skcocluster

Generator = np.random.Generator


@dataclass(frozen=True)
class Choices:
    """What a parameter may be, the usual values more often, and what it must not be."""

    good: Sequence[Any]
    bad: Sequence[Any] = ()

    def pick(self, rng: Generator) -> Any:
        """One of the good values, seldom a bad one."""
        return pick(rng, self.bad if self.bad and rng.random() < WRONG else self.good)


WRONG = 0.04
# A parameter is left at its default so often.
KEPT = 0.6
COUNTS = Choices((1, 2, 2, 3, 3, 4, 7), (None, 0, 50, 2.5, "3", np.nan))
RUNS = {
    "n_init": Choices((1, 2), (0, 1.5)),
    "max_iter": Choices((300, 20, 1), (0, None)),
    "tol": Choices((1e-6, 0.0), (-1.0, "a", np.nan)),
}
SHARES = Choices((0.0, 0.0, 0.1, 0.5), (1.5, -0.1, 30.0, np.nan, "much"))
OVERLAPS = Choices((0.0, 0.1, 0.5, "auto", "auto-spread"), (30.0, -0.1, np.nan))
ENGINE = {"engine": Choices(("auto", "auto", "auto", "numba", "numpy"), ("dask", "cuda", None))}
SOLVER = {
    "svd_solver": Choices(("auto", "arpack", "randomized"), ("exact",)),
    "n_init": Choices(("auto", 1, 3), (0, "many")),
    **ENGINE,
}
SPECTRAL = {
    "n_clusters": COUNTS,
    "embedding": Choices(("regularized", "dhillon", "labiod"), ("pca",)),
    "regularization": Choices(("auto", 0.0, 1.0), (-1.0, np.inf)),
    "n_components": Choices((None, 1, 2, 5), (0,)),
    **SOLVER,
}
NEO = {
    "overlap_spread": Choices((2.0, 3.0, -1.0), (np.nan,)),
    "anneal": Choices((False, True)),
    **ENGINE,
    **RUNS,
}
BOTH = {"n_row_clusters": COUNTS, "n_column_clusters": Choices((None, *COUNTS.good), COUNTS.bad)}
DIVERGENCES = ("squared_euclidean", "i_divergence", "itakura_saito", "logistic")
PARAMETERS: Mapping[str, Mapping[str, Choices]] = {
    "BBAC": {
        **BOTH,
        "divergence": Choices(DIVERGENCES, ("cosine",)),
        "basis": Choices(("C2", "C2", "C3", "C4", "C5"), ("C6",)),
        "update": Choices(("alternating", "alternating", "simultaneous"), ("none",)),
        "init": Choices(
            ("auto", "auto", "random", "k-means++", "spectral", "subsample"), ("best",)
        ),
        "refine": Choices(("auto", "split_merge", None), (True,)),
        "column_steps": Choices(("auto", 1, 3), (0,)),
        **ENGINE,
        **RUNS,
    },
    "Coclus": {
        "n_clusters": COUNTS,
        "resolution": Choices((1.0, 0.5, 3.0, 0.0), (-1.0, np.inf)),
        "init": Choices(("spectral", "random"), ("k-means",)),
        "refine": Choices(("auto", "split_merge", None), (3,)),
        **ENGINE,
        **RUNS,
    },
    "SpecCo": SPECTRAL,
    "SpectralCoclustering": SPECTRAL,
    "SpectralBiclustering": {
        **BOTH,
        "normalization": Choices(("bistochastic", "scale", "log"), ("none",)),
        "n_components": Choices((6, 2, 1), (0,)),
        "n_best": Choices((None, 1), (3, 10)),
        **SOLVER,
    },
    "NEOCC": {
        **BOTH,
        "objective": Choices(("M", "M", "RCM"), ("m",)),
        "row_overlap": OVERLAPS,
        "column_overlap": OVERLAPS,
        "row_outliers": SHARES,
        "column_outliers": SHARES,
        "init": Choices(("auto", "random", "neo-kmeans", "k-means"), ("spectral",)),
        **NEO,
    },
    "NEOKMeans": {
        "n_clusters": COUNTS,
        "overlap": OVERLAPS,
        "outliers": SHARES,
        "init": Choices(("auto", "random", "k-means"), ("neo-kmeans",)),
        **NEO,
    },
    "MaxNormCoclustering": {
        **BOTH,
        "method": Choices(("auto", "auto", "sat", "greedy", "heuristic"), ("two_sat", "exact")),
        "contiguous": Choices((False, False, True)),
        "time_limit": Choices((0.2,), (0.0, -1.0)),
        "max_nodes": Choices((None, 1, 100), (0,)),
    },
}


@dataclass(frozen=True)
class FuzzCase:
    """An estimator, a matrix, and what failures say of them."""

    estimator: Any
    X: Any
    text: str
    has_missing: bool


def make_case(number: int) -> FuzzCase:
    """Make the case of a number."""
    rng = np.random.default_rng(number)
    name = pick(rng, tuple(PARAMETERS))
    parameters: dict[str, Any] = {
        key: choices.pick(rng)
        for key, choices in PARAMETERS[name].items()
        if rng.random() > KEPT or key == "time_limit"
    }
    parameters["random_state"] = int(rng.integers(100))
    values, content = make_values(rng)
    X, container = contain(rng, values)
    text = f"{name}(**{parameters!r}) on {container} of {content}, shape {np.shape(values)}"
    estimator = getattr(skcocluster, name)(**parameters)
    missing = values.dtype.kind == "f" and bool(np.isnan(values).any())
    return FuzzCase(estimator, X, text, missing)


def pick(rng: Generator, values: Sequence[Any]) -> Any:
    """One of the values, as it is."""
    return values[int(rng.integers(len(values)))]


# --- values --------------------------------------------------------------------------------------


def make_values(rng: Generator) -> tuple[np.ndarray, str]:
    """Random entries of a random kind, type and shape."""
    sizes = (1, 2, 3, 5, 8, 8, 13, 13, 30, 30, 60)
    shape = (pick(rng, sizes), pick(rng, sizes))
    if rng.random() < 0.02:
        shape = pick(rng, ((0, 4), (4, 0), (5,), (2, 3, 2)))
    content = pick(rng, tuple(CONTENTS))
    with np.errstate(all="ignore"):
        values = CONTENTS[content](rng, shape)
        dtype = pick(rng, DTYPES)
        if dtype is not None:
            values = values.astype(dtype)
    return values, f"{content} as {values.dtype}"


def _blocks(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    levels = rng.integers(1, 20, (3, 3))
    rows = rng.integers(0, 3, shape[0])
    if len(shape) != 2:
        return levels.ravel()[:1] * np.ones(shape)
    return levels[rows][:, rng.integers(0, 3, shape[1])] + rng.integers(0, 2, shape)


def _normal(rng: Generator, shape: tuple[int, ...], scale: float, shift: float) -> np.ndarray:
    return rng.normal(size=shape) * scale + shift


def _positive(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.gamma(1.0, size=shape) + 1e-3


def _shares(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.random(shape)


def _counts(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.poisson(0.7, shape)


def _few(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.where(rng.random(shape) < 0.1, 1.0, 0.0)


def _level(rng: Generator, shape: tuple[int, ...], value: float) -> np.ndarray:
    return np.full(shape, value)


def _spoilt(rng: Generator, shape: tuple[int, ...], value: float) -> np.ndarray:
    return np.where(rng.random(shape) < 0.1, value, _positive(rng, shape))


def _repeated(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.repeat(_positive(rng, (1, *shape[1:])), shape[0], axis=0)


def _powers(rng: Generator, shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
    return 10.0 ** rng.integers(low, high, shape)


CONTENTS: Mapping[str, Callable[[Generator, tuple[int, ...]], np.ndarray]] = {
    "blocks": _blocks,
    "planted blocks": _blocks,
    "normal": partial(_normal, scale=1.0, shift=0.0),
    "offset normal": partial(_normal, scale=1e-3, shift=300.0),
    "positive": _positive,
    "shares": _shares,
    "counts": _counts,
    "few ones": _few,
    "zeros": partial(_level, value=0.0),
    "ones": partial(_level, value=1.0),
    "thirds": partial(_level, value=1 / 3),
    "missing here and there": partial(_spoilt, value=np.nan),
    "infinite here and there": partial(_spoilt, value=np.inf),
    "negative here and there": partial(_spoilt, value=-1.0),
    "all missing": partial(_level, value=np.nan),
    "equal rows": _repeated,
    "huge": partial(_normal, scale=1e200, shift=0.0),
    "tiny": partial(_normal, scale=1e-200, shift=0.0),
    "denormal": partial(_level, value=5e-324),
    "powers of ten up to 300": partial(_powers, low=-300, high=300),
    "powers of ten up to 95": partial(_powers, low=-95, high=95),
    "powers of ten up to 3": partial(_powers, low=-300, high=3),
    "small here and there": partial(_spoilt, value=1e-250),
}
DTYPES: Sequence[Any] = (None,) * 20 + (
    np.float32, np.float16, np.int64, np.int8, np.uint8, bool, np.complex128, object, str, ">f8",
)  # fmt: skip


# --- containers ----------------------------------------------------------------------------------


def contain(rng: Generator, values: np.ndarray) -> tuple[Any, str]:
    """Put the values into a container; into an array where they do not fit into another."""
    if values.ndim != 2:
        return values, "an array"
    name = pick(rng, tuple(CONTAINERS))
    number = values.dtype.kind in "biuf" and values.dtype != np.float16
    if not number or values.dtype.byteorder == ">":
        name = pick(rng, ("array", "list"))
    return CONTAINERS[name](rng, values), f"a {name}"


def _read_only(rng: Generator, values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values.setflags(write=False)
    return values


def _strided(rng: Generator, values: np.ndarray) -> np.ndarray:
    return np.repeat(np.repeat(values, 2, axis=0), 3, axis=1)[::2, ::-3][:, ::-1]


def _frame(rng: Generator, values: np.ndarray) -> Any:
    return pd.DataFrame(values, columns=[f"c{j}" for j in range(values.shape[1])])


def _polars(rng: Generator, values: np.ndarray) -> Any:
    return pl.DataFrame({f"c{j}": values[:, j] for j in range(values.shape[1])})


def _dask(rng: Generator, values: np.ndarray) -> Any:
    chunks = tuple(int(rng.integers(1, max(2, n + 1))) for n in values.shape)
    return da.from_array(values, chunks=chunks)


def _unsorted(rng: Generator, values: np.ndarray) -> Any:
    X = sp.csr_array(values)
    for i in range(values.shape[0]):
        row = slice(X.indptr[i], X.indptr[i + 1])
        order = rng.permutation(X.indptr[i + 1] - X.indptr[i])
        X.indices[row], X.data[row] = X.indices[row][order], X.data[row][order]
    X.has_sorted_indices = False
    return X


CONTAINERS: Mapping[str, Callable[[Generator, np.ndarray], Any]] = {
    "array": lambda rng, values: values,
    "plain array": lambda rng, values: values,
    "Fortran array": lambda rng, values: np.asfortranarray(values),
    "read-only array": _read_only,
    "strided array": _strided,
    "list": lambda rng, values: values.tolist(),
    "CSR array": lambda rng, values: sp.csr_array(values),
    "CSR matrix": lambda rng, values: sp.csr_matrix(values),
    "CSC array": lambda rng, values: sp.csc_array(values),
    "COO array": lambda rng, values: sp.coo_array(values),
    "LIL array": lambda rng, values: sp.lil_array(values),
    "unsorted CSR array": _unsorted,
    "pandas frame": _frame,
    "polars frame": _polars,
    "DataArray": lambda rng, values: xr.DataArray(values),
    "dask array": _dask,
}
