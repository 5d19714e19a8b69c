"""How loops are compiled: kernels that engines call, and the inner functions that they share.

No fastmath and no numba threads: equal input gives equal bits, and threads belong to the engine
and to joblib, so the GIL is released.
"""

from collections.abc import Callable
from typing import Any

from numba import config, njit
from numba.extending import intrinsic

# Called from Python; kept on disk, so that only the first process ever compiles.
kernel = njit(nogil=True, cache=True)
# Called from compiled code alone: without the wrappers for Python and C, and without a file of
# their own, the first call takes a quarter less.
inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def machine_code(plain: Callable[..., None]) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that makes a function an intrinsic of numba.

    With compilation switched off (``NUMBA_DISABLE_JIT=1``) the result is `plain` instead, which
    does the same in Python.
    """

    def decorate(build: Callable[..., Any]) -> Any:
        return plain if config.DISABLE_JIT else intrinsic(build)

    return decorate
