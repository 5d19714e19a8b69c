"""Matrices from tables: text and parquet, as pandas DataFrames."""

import csv
import gzip
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._matrix import Options

MISSING_CELLS = frozenset({"", "na", "n/a", "nan", "null", "none", "<na>", "#n/a"})
# What pandas calls the first column when its header is empty.
UNNAMED = "Unnamed: 0"


def import_pandas() -> Any:
    """Give the module, or an ImportError that says how to get it."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError('pandas is needed for tables: pip install "skcocluster[io]"') from error
    return pandas


def is_number(cell: str) -> bool:
    """Whether a cell is a number or stands for a missing one."""
    try:
        float(cell)
    except ValueError:
        return cell.strip().lower() in MISSING_CELLS
    return True


def read_first_lines(path: Path, delimiter: str) -> list[list[str]]:
    """First two lines of a text table, as cells."""
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(islice(filter(None, csv.reader(file, delimiter=delimiter)), 2))


def find_header(lines: list[list[str]]) -> bool:
    """Whether the first line names the columns, as :func:`read_matrix` documents it."""
    first, *others = lines[0]
    if not first.strip():
        return True
    if not all(is_number(cell) for cell in others):
        return True
    if not others or is_number(first):
        return not is_number(first)
    return is_regular(others) and not any(is_regular(line[1:]) for line in lines[1:])


def is_regular(cells: list[str]) -> bool:
    """Whether cells are three whole numbers or more that rise in equal steps, such as years."""
    try:
        steps = {int(b) - int(a) for a, b in pairwise(cells)}
    except ValueError:
        return False
    return len(cells) >= 3 and len(steps) == 1 and min(steps) > 0


def has_names(values: Any) -> bool:
    """Whether a column holds anything but numbers."""
    return values.dtype.kind not in "biuf"


def has_mostly_names(values: Any) -> bool:
    """Whether less than half of a column's cells are numbers: a bad cell is no reason."""
    if not has_names(values):
        return False
    return bool(import_pandas().to_numeric(values, errors="coerce").notna().mean() < 0.5)


def set_index(table: Any, index_column: str | int | bool | None) -> Any:
    """Make the asked or detected column the table's index."""
    if index_column is None:
        index_column = str(table.columns[0]).startswith(UNNAMED) or has_mostly_names(
            table.iloc[:, 0]
        )
    if index_column is False:
        return table
    position = 0 if index_column is True else index_column
    if isinstance(position, str):
        if position not in table.columns:
            raise ValueError(f"no column named {position!r}")
        return table.set_index(position)
    if not -table.shape[1] <= position < table.shape[1]:
        raise ValueError(f"no column {position}; there are {table.shape[1]}")
    table = table.set_index(table.columns[position])
    return table.rename_axis(None) if str(table.index.name).startswith(UNNAMED) else table


def check_numbers(table: Any) -> Any:
    """Give the table back, or a ValueError that names the first cell that is not a number."""
    pandas = import_pandas()
    for position, name in enumerate(table.columns):
        values = table.iloc[:, position]
        if has_names(values):
            bad = pandas.to_numeric(values, errors="coerce").isna() & values.notna()
            where = int(bad.to_numpy().argmax())
            raise ValueError(
                f"column {name!r} is not numeric: row {table.index[where]!r} holds "
                f"{values.iloc[where]!r}"
            )
    return table


def read_text(path: Path, options: "Options") -> Any:
    """Read a table of text; see read_matrix for how header and index are found."""
    pandas = import_pandas()
    delimiter = options.delimiter or ("\t" if ".tsv" in path.name.lower() else ",")
    lines = read_first_lines(path, delimiter)
    if not lines:
        raise ValueError("it is empty")
    header = find_header(lines) if options.header is None else options.header
    table = pandas.read_csv(path, sep=delimiter, header=0 if header else None, encoding="utf-8-sig")
    if len(table) == 0:
        raise ValueError("it has no rows below its header")
    # A header one cell short leaves out the corner: pandas has made the first column the index.
    if not (header and len(lines) == 2 and len(lines[1]) == len(lines[0]) + 1):
        table = set_index(table, options.index_column)
    if table.shape[1] == 0:
        raise ValueError(f"no column of numbers; is the delimiter {delimiter!r}?")
    if not header:
        table = table.set_axis(range(table.shape[1]), axis=1).rename_axis(None)
    return check_numbers(table)


def read_parquet(path: Path, options: "Options") -> Any:
    """Read a parquet file; an index that pandas wrote is kept."""
    table = import_pandas().read_parquet(path)
    plain = table.index.name is None and table.index.dtype.kind == "i"
    if options.index_column is not None or plain:
        table = set_index(table, options.index_column)
    return check_numbers(table)
