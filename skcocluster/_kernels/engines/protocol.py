"""What an algorithm may ask of an engine."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..primitive import Primitive


class Engine(Protocol):
    """Runs primitives over the rows of X, and knows where X is.

    Results depend on the tiles only, never on how many of them run at once, so every engine
    must merge partial results in the order of the tiles.

    Attributes
    ----------
    name : str
        What users call it.
    shares_reads : bool
        Whether runs gain by waiting for each other, because a read of X is what takes time. Such
        an engine has a method ``run_together(tasks)``.
    """

    name: str
    shares_reads: bool

    def prepare(self, X: Any) -> Any:
        """Return X in the one layout that the engine's loops read, copied only when needed."""
        ...

    def run(self, primitive: Primitive, X: Any, **params: Any) -> tuple:
        """Run `primitive` over all tiles of X and return its merged outputs."""
        ...

    def run_all(self, X: Any, calls: Sequence[tuple[Primitive, dict[str, Any]]]) -> list[tuple]:
        """Run several primitives, if possible in one read; return the outputs of each."""
        ...

    def take(self, X: Any, rows: np.ndarray | None = None) -> Any:
        """Return rows, given in ascending order, as a matrix in memory that `run` takes too.

        None takes all rows; the caller has made sure that they fit.
        """
        ...
