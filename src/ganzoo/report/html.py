"""Building blocks of pages: one HTML file that opens offline and runs no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from ganzoo.errors import BadRun
from ganzoo.evaluation.record import half_interval, half_interval_text
from ganzoo.interfaces.measurement import MetricValue
from ganzoo.runs.units import format_number
from ganzoo.storage.files import replace_file

_STYLES = tuple(Path(__file__).with_name(name) for name in ("report.css", "pages.css"))
_BEST = ' class="best"'
_RULE = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"  # the page loads nothing and runs nothing


def html_document(title: str, body: str) -> str:
    """Wrap a body into a page."""
    style = "".join(file.read_text(encoding="utf-8") for file in _STYLES)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · ganzoo</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_RULE}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><style>{style}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )


def html_section(title: str, inside: str, note: str = "") -> str:
    """Write a section with its heading; empty if ``inside`` is."""
    lead = f"<p>{escape(note)}</p>" if note else ""
    return f"<section><h2>{escape(title)}</h2>{lead}{inside}</section>" if inside else ""


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table.

    Args:
        head: one heading a column, as HTML.
        rows: cells as whole ``<td>`` elements, the first of each row as the HTML of its heading.
    """
    titles = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join(f"<tr><th>{first}</th>{''.join(rest)}</tr>" for first, *rest in rows)
    return (
        f'<div class="scroll"><table class="wide"><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def value_cell(value: MetricValue, *, best: bool = False, beside: str = "") -> str:
    """Write a value as a cell, with the half-width of its 95 % interval.

    Args:
        value: the value with its error.
        best: whether it is highlighted.
        beside: text after the interval.
    """
    half = half_interval(value)
    small = " ".join([*([f"±{half_interval_text(half)}"] if half is not None else []), *([beside] if beside else [])])
    after = f" <small>{escape(small)}</small>" if small else ""
    cell = '<td class="best">' if best else "<td>"
    return f"{cell}{format_number(value.value)}{after}</td>"


def text_cell(text: object) -> str:
    """Write any text as a cell."""
    return f'<td class="text">{escape(str(text))}</td>'


def write_page(text: str, place: Path) -> None:
    """Write a file atomically.

    Raises:
        BadRun: it cannot be written.
    """
    try:
        with replace_file(place) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadRun(f"cannot write {place}: {error.strerror or error}. Choose another --out.") from error
