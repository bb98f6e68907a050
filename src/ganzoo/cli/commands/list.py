"""``ganzoo list``: every recipe and component, from the records alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.cli import completion, context
from ganzoo.cli.options import AsJson
from ganzoo.cli.records import (
    RECORD_KINDS,
    as_json,
    broken_as_json,
    broken_line,
    count_words,
    print_json,
    short_reference,
)
from ganzoo.errors import UnknownName, nearest
from ganzoo.registry.kinds import TRAIN_OPTIONS
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Recipe

WIDE = 120
"""Width from which paper, distribution and score have columns of their own."""

KindArgument = Annotated[
    str | None,
    typer.Argument(metavar="KIND", help=f"Kind to list: {', '.join(RECORD_KINDS)}.", autocompletion=completion.kinds),
]


def list_(kind: KindArgument = None, machine: AsJson = False) -> None:
    """List recipes and components: what each is, its paper, and the distribution it comes from."""
    if kind is not None and kind not in RECORD_KINDS:
        raise UnknownName(f"no kind '{kind}'.{nearest(kind, RECORD_KINDS)} See: ganzoo list")
    kinds = RECORD_KINDS if kind is None else (kind,)
    registry, console = context.load_context_registry(), Console(highlight=False, markup=False)
    if machine:
        entries = [as_json(entry) for kind in kinds for entry in registry.of_kind(kind)]
        print_json({"entries": entries, "broken": [broken_as_json(broken) for broken in registry.broken]})
    elif console.is_terminal:
        console.print(table(registry, kinds, console.width))
        console.print()
        for broken in registry.broken:
            console.print(broken_line(broken), style="red", soft_wrap=True)
        console.print(counts(registry, kinds), style="bold")
        console.print("ganzoo show NAME describes any of them.", style="dim")
    else:
        for line in [*lines(registry, kinds), *map(broken_line, registry.broken), "", counts(registry, kinds)]:
            print(line)


def lines(registry: Registry, kinds: Sequence[str]) -> list[str]:
    """Write one line per record, for ``grep``: nothing is cut or wrapped."""
    rows = [("kind", "name", "from", "paper", "score", "summary")]
    for kind in kinds:
        for entry in registry.of_kind(kind):
            paper, score = short_reference(entry.record.reference) or "-", _score(entry) or "-"
            rows.append((kind, entry.record.name, entry.plugin.distribution, paper, score, entry.record.summary))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def table(registry: Registry, kinds: Sequence[str], width: int) -> Table:
    """Lay the records out for a screen of ``width`` columns, grouped by kind."""
    wide = width >= WIDE
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    grid.add_column("name", no_wrap=True, style="cyan")
    grid.add_column("summary", ratio=1 if wide else None)
    if wide:
        for heading in ("paper", "from", "score"):
            grid.add_column(heading, no_wrap=heading != "score", style="dim", max_width=28)
    for kind in kinds:
        entries = registry.of_kind(kind)
        if entries:
            grid.add_row()
            grid.add_row(Text(kind, style="bold default"), Text(_usage(kind), style="dim"))
        for entry in entries:
            grid.add_row(*(_columns(entry) if wide else _stacked(entry)))
    return grid


def counts(registry: Registry, kinds: Sequence[str]) -> str:
    """Write how many records of each kind there are, from how many plugins."""
    numbers = [(len(registry.of_kind(kind)), kind) for kind in kinds]
    plugins = len({entry.plugin.distribution for kind in kinds for entry in registry.of_kind(kind)})
    components = [count_words(number, kind) for number, kind in numbers if number or len(kinds) == 1]
    return " · ".join([*components, count_words(plugins, "plugin")])


def _columns(entry: Entry) -> Iterable[Text | str]:
    reference = short_reference(entry.record.reference)
    return entry.record.name, entry.record.summary, reference, entry.plugin.distribution, _score(entry)


def _stacked(entry: Entry) -> Iterable[Text | str]:
    facts = (short_reference(entry.record.reference), entry.plugin.distribution, _score(entry))
    below = Text("\n" + " · ".join(filter(None, facts)), style="dim")
    return entry.record.name, Text.assemble(entry.record.summary, below)


def _usage(kind: str) -> str:
    option = TRAIN_OPTIONS.get(kind)
    return "ganzoo train NAME" if kind == "recipe" else f"{option} NAME" if option else ""


def _score(entry: Entry) -> str:
    return entry.record.score if isinstance(entry.record, Recipe) else ""
