"""Groups of rows as lines of a buffer, each line one column: vector code for sums of lines.

Numba's on-disk cache does not notice an edit of this file: after one, delete ``__pycache__``.
"""

from typing import Any

from numba import types
from numba.core import cgutils

from . import plain
from .compilation import machine_code
from .plain import COLUMN_GROUP, ROW_GROUP
from .simd import _F64, _I64, _VECTOR, _array, _load, _load_columns


def _store(builder: Any, value: Any, pointer: Any) -> None:
    builder.store(value, builder.bitcast(pointer, _VECTOR.as_pointer())).align = 8


def _line(builder: Any, data: Any, number: Any, first: int) -> Any:
    """Return the address of half a line of 8 numbers."""
    return builder.gep(data, [builder.add(builder.mul(number, _I64(ROW_GROUP)), _I64(first))])


@machine_code(plain.write_lines)
def write_lines(typingctx: Any, X: Any, row: Any, column: Any, lines: Any, line: Any) -> Any:
    """Copy 8 rows of the C-ordered X from `row`, and 4 columns from `column`, into 4 lines."""
    signature = types.void(X, row, column, lines, line)

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = _array(context, builder, signature, arguments, 0)
        target = _array(context, builder, signature, arguments, 3)
        tiles = _load_columns(context, builder, source, X.dtype, arguments[1], arguments[2])
        for i, tile in enumerate(tiles):
            for c, values in enumerate(tile):
                at = builder.add(arguments[4], _I64(c))
                _store(builder, values, _line(builder, target.data, at, i * COLUMN_GROUP))
        return context.get_dummy_value()

    return signature, codegen


@machine_code(plain.add_lines)
def add_lines(
    typingctx: Any, lines: Any, order: Any, first: Any, last: Any, sums: Any, label: Any
) -> Any:
    """Add the lines ``order[first:last]``, one after the other, to ``sums[label]``."""
    signature = types.void(lines, order, first, last, sums, label)

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data, numbers, totals = (
            _array(context, builder, signature, arguments, i).data for i in (0, 1, 4)
        )
        halves = range(0, ROW_GROUP, COLUMN_GROUP)
        targets = [_line(builder, totals, arguments[5], half) for half in halves]
        held = [cgutils.alloca_once(builder, _VECTOR) for _ in halves]
        for total, target in zip(held, targets, strict=True):
            builder.store(_load(builder, target, _F64, 8), total)
        with cgutils.for_range_slice(builder, arguments[2], arguments[3], _I64(1)) as (i, _):
            number = builder.sext(builder.load(builder.gep(numbers, [i])), _I64)
            for total, half in zip(held, halves, strict=True):
                values = _load(builder, _line(builder, data, number, half), _F64, 8)
                builder.store(builder.fadd(builder.load(total), values), total)
        for total, target in zip(held, targets, strict=True):
            _store(builder, builder.load(total), target)
        return context.get_dummy_value()

    return signature, codegen
