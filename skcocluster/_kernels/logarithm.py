"""A logarithm that compiles to vector instructions.

The C library's scalar logarithm costs more than reading the data; the loops below have no calls
and no branches, so LLVM vectorises them. Argument reduction and the minimax polynomial are those
of FreeBSD's msun (e_log.c, Sun Microsystems 1993); the error stays below 1 ulp.

Numba's on-disk cache belongs to the callers and does not notice an edit of this file: after one,
delete ``__pycache__``.
"""

import numpy as np
from numba import njit

CHUNK = 256

# Without the numpy error model a division tests for zero, and the test stops vectorisation.
_inner = njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)

_SQRT_HALF = int(np.array([np.sqrt(0.5)]).view(np.uint64)[0])
# Exponents are shifted to be positive: AVX2 has no arithmetic shift of 64-bit integers.
_SHIFT = 1100
_SHIFT_BITS = np.uint64(_SHIFT << 52)
_TO_EXPONENT = np.uint64(((_SHIFT << 52) - _SQRT_HALF) % (1 << 64))
_MANTISSA = np.uint64(52)
_SHIFT_32 = np.int32(_SHIFT)

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_P1 = 6.666666666666735130e-01
_P2 = 3.999999999940941908e-01
_P3 = 2.857142874366239149e-01
_P4 = 2.222219843214978396e-01
_P5 = 1.818357216161805012e-01
_P6 = 1.531383769920937332e-01
_P7 = 1.479819860511658591e-01


@_inner
def _reduce(bits, exponents, n):
    for j in range(n):
        exponent = (bits[j] + _TO_EXPONENT) >> _MANTISSA
        exponents[j] = np.int32(exponent) - _SHIFT_32
        bits[j] = bits[j] + _SHIFT_BITS - (exponent << _MANTISSA)


@_inner
def _polynomial(mantissas, exponents, logs, n):
    for j in range(n):
        f = mantissas[j] - 1.0
        s = f / (2.0 + f)
        z = s * s
        tail = z * (_P1 + z * (_P2 + z * (_P3 + z * (_P4 + z * (_P5 + z * (_P6 + z * _P7))))))
        half_square = 0.5 * f * f
        k = np.float64(exponents[j])
        inner = half_square - (s * (half_square + tail) + k * _LN2_LOW)
        logs[j] = k * _LN2_HIGH - (inner - f)


@_inner
def log_chunk(values, exponents, logs, n):
    """Write the logarithms of the first `n` values, which must be positive normal numbers.

    `values` (float64) and `exponents` (int32) are overwritten; all have at least `n` entries.
    """
    _reduce(values.view(np.uint64), exponents, n)
    _polynomial(values, exponents, logs, n)
