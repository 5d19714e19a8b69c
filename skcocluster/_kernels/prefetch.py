"""A hint to the processor that numba has no word for: fetch a cache line that is needed soon.

Numba's on-disk cache does not notice an edit of this file: after one, delete ``__pycache__``.
"""

from typing import Any

from llvmlite import ir
from numba import types

from . import plain
from .compilation import machine_code

_I32 = ir.IntType(32)
_BYTES = ir.IntType(8).as_pointer()
_READ, _KEEP, _DATA = _I32(0), _I32(3), _I32(1)


@machine_code(plain.prefetch)
def prefetch(typingctx: Any, values: Any, position: Any) -> Any:
    """Fetch the cache line of ``values[position]``, of a contiguous 1-D array, unchecked."""

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        pointer = builder.bitcast(builder.gep(array.data, [arguments[1]]), _BYTES)
        signature_of_hint = ir.FunctionType(ir.VoidType(), [_BYTES, _I32, _I32, _I32])
        hint = builder.module.declare_intrinsic("llvm.prefetch", [_BYTES], signature_of_hint)
        builder.call(hint, [pointer, _READ, _KEEP, _DATA])
        return context.get_dummy_value()

    return types.void(values, position), codegen
