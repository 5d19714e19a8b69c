"""Engines by name; a new engine is one module and one line here."""

from importlib import import_module

from .chunked import ChunkedRows
from .protocol import Engine

# Modules are imported on use: an engine whose dependency is missing must not break the others.
_REGISTRY = {
    "numpy": ("numpy_", "NumpyEngine"),
    "numba": ("numba_", "NumbaEngine"),
    "dask": ("dask_", "DaskEngine"),
}

ENGINES = tuple(_REGISTRY)
IN_MEMORY = ("numpy", "numba")

__all__ = ["ENGINES", "IN_MEMORY", "ChunkedRows", "Engine", "get_engine"]


def get_engine(name: str, n_threads: int = 1) -> Engine:
    """Return the engine called `name`.

    Parameters
    ----------
    name : {"numpy", "numba", "dask"}
        The engine.
    n_threads : int, default=1
        How many tiles in memory may run at once.

    Returns
    -------
    engine : Engine
        An engine for one fit.

    Raises
    ------
    ValueError
        When there is no engine of that name.
    ImportError
        When dask is not installed.
    """
    if name not in _REGISTRY:
        raise ValueError(f"engine={name!r} is not one of {('auto', *ENGINES)}.")
    module, cls = _REGISTRY[name]
    return getattr(import_module(f".{module}", __package__), cls)(n_threads=n_threads)
