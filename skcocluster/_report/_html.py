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


def make_shade(value: float) -> str:
    """Make a cell of a number from 0 to 1, the stronger in colour the higher."""
    if np.isnan(value):
        return "<td>–</td>"
    strength = 0.5 * min(max(value, 0.0), 1.0)
    style = f"background:rgba(47,126,201,{strength:.2f})"
    return f'<td class="number" style="{style}">{value:.2f}</td>'.replace(">-", ">\N{MINUS SIGN}")


def make_square(names: Sequence[str], values: np.ndarray, caption: str) -> str:
    """Make a table of pairs, its rows named in full and its columns by their numbers."""
    numbers = range(1, len(names) + 1)
    head = "".join(f'<th scope="col">{number}</th>' for number in numbers)
    rows = "".join(
        f'<tr><th scope="row">{number} {escape(name)}</th>{"".join(map(make_shade, line))}</tr>'
        for number, name, line in zip(numbers, names, values, strict=True)
    )
    return (
        f'<div class="scroll"><table class="heat"><caption>{escape(caption)}</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def make_tabs(legend: str, tabs: Sequence[tuple[str, str]]) -> str:
    """Make panels of which one is shown, that of the radio button that is on.

    Radio buttons are what a browser without script can click, reach by Tab, go through by the
    arrow keys and read aloud. On paper all panels stand below each other.
    """
    buttons, labels, panels, rules = [], [], [], []
    for i, (name, body) in enumerate(tabs):
        on = " checked" if i == 0 else ""
        buttons.append(f'<input type="radio" name="tab" id="tab-{i}" class="tab"{on}>')
        labels.append(f'<label for="tab-{i}">{escape(name)}</label>')
        panels.append(
            f'<div class="panel" id="panel-{i}"><h2>{escape(name)}</h2>{lower_headings(body)}</div>'
        )
        bar, tab = f"~ .bar label[for=tab-{i}]", f"#tab-{i}"
        rules.append(
            f"{tab}:checked ~ .panels #panel-{i} {{ display: block; }}\n"
            f"{tab}:checked {bar} {{ background: var(--accent); color: var(--card); }}\n"
            f"{tab}:focus-visible {bar} {{ outline: 3px solid var(--accent); }}\n"
        )
    return (
        f'<style>{"".join(rules)}</style><fieldset class="tabs"><legend>{escape(legend)}</legend>'
        f'{"".join(buttons)}<div class="bar">{"".join(labels)}</div>'
        f'<div class="panels">{"".join(panels)}</div></fieldset>'
    )


def lower_headings(body: str) -> str:
    """Make headings of sections one level lower; all other text is escaped, so no text changes."""
    return body.replace("<h2>", "<h3>").replace("</h2>", "</h3>")


def make_section(heading: str, *parts: str) -> str:
    """Make a section with its heading."""
    return f"<section><h2>{escape(heading)}</h2>{''.join(parts)}</section>"
