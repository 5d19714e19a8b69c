"""Small pieces of HTML. Every text that comes from outside goes through `escape`."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np


def format_number(value: float) -> str:
    """Short text of a number, with a real minus sign."""
    if np.isnan(value):
        return "–"
    whole = float(value).is_integer() or abs(value) >= 1e4
    text = f"{value:,.0f}" if whole and abs(value) < 1e12 else f"{value:.4g}"
    return text.replace("-", "\N{MINUS SIGN}")


def make_image(png: bytes, alt: str, caption: str) -> str:
    """Make a figure with an embedded picture."""
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<figure><img src="data:image/png;base64,{data}" alt="{escape(alt)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def make_cell(value: Any, name: str) -> str:
    """Make a cell that knows the name of its column; a list becomes words apart."""
    label = f'data-label="{escape(name)}"'
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return f'<td class="number" {label}>{format_number(float(value))}</td>'
    if isinstance(value, list):
        words = " ".join(f"<span>{escape(str(word))}</span>" for word in value or ["–"])
        return f'<td class="words" {label}><div>{words}</div></td>'
    return f"<td {label}>{escape(str(value))}</td>"


def make_table(
    head: Sequence[str], rows: Iterable[Sequence[Any]], caption: str, stack: bool = False
) -> str:
    """Make a table. On a narrow screen it scrolls inside itself, or, stacked, turns into cards."""
    header = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(make_cell(v, n) for v, n in zip(row, head, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="scroll"><table{" class=stack" if stack else ""}>'
        f"<caption>{escape(caption)}</caption>"
        f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def make_facts(facts: Iterable[tuple[str, Any]]) -> str:
    """Make a list of terms with their values."""
    items = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(str(value))}</dd></div>" for name, value in facts
    )
    return f'<dl class="facts">{"".join(items)}</dl>'


def make_section(heading: str, *parts: str) -> str:
    """Make a section with its heading."""
    return f"<section><h2>{escape(heading)}</h2>{''.join(parts)}</section>"
