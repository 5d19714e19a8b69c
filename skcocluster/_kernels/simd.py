"""Vector instructions that numba's own pipeline does not emit.

Numba leaves LLVM's superword vectoriser off, so a loop over a fixed group of rows stays scalar.
The intrinsic below writes the vector code directly as LLVM vector types, which every target that
LLVM knows lowers to its own registers (AVX, SSE, NEON), or to scalars where there are none. What
it does is told, in loops, by the functions of the same names in ``plain.py``.

Numba's on-disk cache does not notice an edit of this file: after one, delete ``__pycache__``.
"""

from typing import Any

from llvmlite import ir
from numba import types

from . import plain
from .compilation import machine_code
from .plain import COLUMN_GROUP, ROW_GROUP

_F64 = ir.DoubleType()
_I32 = ir.IntType(32)
_I64 = ir.IntType(64)
_VECTOR = ir.VectorType(_F64, COLUMN_GROUP)


def _load(builder: Any, pointer: Any, element: Any, alignment: int) -> Any:
    vector_type = ir.VectorType(element, COLUMN_GROUP)
    value = builder.load(builder.bitcast(pointer, vector_type.as_pointer()))
    value.align = alignment
    return value


def _shuffle(builder: Any, left: Any, right: Any, lanes: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(_I32, len(lanes)), [_I32(lane) for lane in lanes])
    return builder.shuffle_vector(left, right, mask)


def _transpose(builder: Any, rows: list) -> list:
    """Transpose a 4 x 4 block held in four vectors: eight shuffles."""
    even01 = _shuffle(builder, rows[0], rows[1], [0, 4, 2, 6])
    odd01 = _shuffle(builder, rows[0], rows[1], [1, 5, 3, 7])
    even23 = _shuffle(builder, rows[2], rows[3], [0, 4, 2, 6])
    odd23 = _shuffle(builder, rows[2], rows[3], [1, 5, 3, 7])
    return [
        _shuffle(builder, even01, even23, [0, 1, 4, 5]),
        _shuffle(builder, odd01, odd23, [0, 1, 4, 5]),
        _shuffle(builder, even01, even23, [2, 3, 6, 7]),
        _shuffle(builder, odd01, odd23, [2, 3, 6, 7]),
    ]


def _array(context: Any, builder: Any, signature: Any, arguments: Any, i: int) -> Any:
    return context.make_array(signature.args[i])(context, builder, arguments[i])


def _load_columns(
    context: Any, builder: Any, X: Any, dtype: Any, row: Any, column: Any
) -> list[list]:
    """Load 8 rows of the C-ordered X and 4 columns; by 4 rows, the vector of each column."""
    is_double = dtype == types.float64
    n_bytes = 8 if is_double else 4
    element = context.get_value_type(dtype)
    stride = builder.extract_value(X.strides, 0)
    address = builder.ptrtoint(X.data, _I64)
    address = builder.add(address, builder.mul(row, stride))
    address = builder.add(address, builder.mul(column, _I64(n_bytes)))
    tiles: list[list] = []
    for first in range(0, ROW_GROUP, 4):
        rows = []
        for r in range(first, first + 4):
            at = builder.add(address, builder.mul(stride, _I64(r)))
            values = _load(builder, builder.inttoptr(at, element.as_pointer()), element, n_bytes)
            rows.append(values if is_double else builder.fpext(values, _VECTOR))
        tiles.append(_transpose(builder, rows))
    return tiles


def _add_into(builder: Any, pointer: Any, value: Any) -> None:
    total = builder.fadd(_load(builder, pointer, _F64, 8), value)
    store = builder.store(total, builder.bitcast(pointer, _VECTOR.as_pointer()))
    store.align = 8


def _observed(builder: Any, values: Any) -> tuple[Any, Any]:
    """Split a vector into its entries with NaN as 0, and 1.0 or 0.0 for observed or not."""
    is_number = builder.fcmp_ordered("ord", values, values)
    zeros = ir.Constant(_VECTOR, [0.0] * COLUMN_GROUP)
    ones = ir.Constant(_VECTOR, [1.0] * COLUMN_GROUP)
    return builder.select(is_number, values, zeros), builder.select(is_number, ones, zeros)


def _make_add_group(missing: bool) -> Any:
    @machine_code(plain.add_group_observed if missing else plain.add_group)
    def add_group(
        typingctx: Any, X: Any, row: Any, column: Any, labels: Any, n_labels: Any, sums: Any
    ) -> Any:
        signature = types.void(X, row, column, labels, n_labels, sums)

        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            arrays = [_array(context, builder, signature, arguments, i) for i in (0, 3, 5)]
            where = arguments[1], arguments[2]
            tiles = _load_columns(context, builder, arrays[0], X.dtype, *where)
            label_pointer = builder.gep(arrays[1].data, [arguments[2]])
            for c in range(COLUMN_GROUP):
                label = builder.load(builder.gep(label_pointer, [_I64(c)]))
                label = builder.sext(label, _I64)
                for q, tile in enumerate(tiles):
                    values, ones = tile[c], None
                    if missing:
                        values, ones = _observed(builder, values)
                    at = builder.add(builder.mul(label, _I64(ROW_GROUP)), _I64(4 * q))
                    _add_into(builder, builder.gep(arrays[2].data, [at]), values)
                    if missing:
                        shift = builder.mul(arguments[4], _I64(ROW_GROUP))
                        _add_into(
                            builder, builder.gep(arrays[2].data, [builder.add(at, shift)]), ones
                        )
            return context.get_dummy_value()

        return signature, codegen

    return add_group


add_group = _make_add_group(missing=False)
add_group_observed = _make_add_group(missing=True)
