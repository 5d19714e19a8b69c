"""How loops are compiled: kernels that engines call, and the inner functions that they share.

No fastmath and no numba threads: equal input gives equal bits, and threads belong to the engine
and to joblib, so the GIL is released.
"""

from numba import njit

# Called from Python; kept on disk, so that only the first process ever compiles.
kernel = njit(nogil=True, cache=True)
# Called from compiled code alone: without the wrappers for Python and C, and without a file of
# their own, the first call takes a quarter less.
inner = njit(nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
