"""What an algorithm may ask of an engine."""

from typing import Any, Protocol

from ..primitive import Primitive


class Engine(Protocol):
    """Holds X and runs primitives over its tiles of rows.

    Results depend on the tiles only, never on how many of them run at once, so every engine
    must merge partial results in the order of the tiles.
    """

    name: str

    def prepare(self, X: Any) -> Any:
        """Return X in the one layout that the engine's loops read, copied only when needed."""
        ...

    def run(self, primitive: Primitive, X: Any, **params: Any) -> tuple:
        """Run `primitive` over all tiles of X and return its merged outputs."""
        ...
