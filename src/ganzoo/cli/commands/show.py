"""``ganzoo show``: everything about a recipe or a component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ganzoo.cli import completion, context
from ganzoo.cli.options import AsJson
from ganzoo.cli.records import RECORD_KINDS, Json, as_json, format_value, print_json
from ganzoo.errors import UnknownName, nearest
from ganzoo.registry.kinds import EVALUATE_OPTIONS, KINDS, TRAIN_OPTIONS, Kind
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Component, Recipe, Value

if TYPE_CHECKING:
    from ganzoo.config.layers import Config
    from ganzoo.config.parameters import Parameter

SHARED = ("run", "optimizer")
"""Settings that belong to no component."""

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Recipe or component; run and optimizer show the settings that belong to no component.",
        autocompletion=completion.names(*RECORD_KINDS),
    ),
]
KindOption = Annotated[
    str | None,
    typer.Option(
        metavar="KIND", help="Show only this kind, if several have the name.", autocompletion=completion.kinds
    ),
]
All = Annotated[bool, typer.Option("--all", help="Show also the settings that a recipe leaves at their default.")]


def show(name: NameArgument, kind: KindOption = None, everything: All = False, machine: AsJson = False) -> None:
    """Show a recipe or component: its paper, what it needs and changes, and every setting."""
    registry = context.load_context_registry()
    shared = name in SHARED and kind is None
    entries = find(registry, name, kind) if not shared else []
    if machine:
        print_json([describe(registry, entry) for entry in entries] or _schema_json(_shared(name)))
        return
    console = _console()
    for entry in entries:
        _show_entry(console, registry, entry, everything=everything)
    if shared:
        console.print(schema_table(_shared(name)))


def find(registry: Registry, name: str, kind: str | None) -> list[Entry]:
    """Find every recipe and component of a name, recipes first.

    Raises:
        UnknownName: nothing of the kind has the name, or there is no such kind.
    """
    if kind is not None and kind not in RECORD_KINDS:
        raise UnknownName(f"--kind {kind}: no such kind.{nearest(kind, RECORD_KINDS)} See: ganzoo list")
    pool = [e for k in RECORD_KINDS for e in registry.of_kind(k) if kind in (None, k)]
    found = [entry for entry in pool if name in (entry.record.name, entry.qualified)]
    if not found:
        if kind is None and name in RECORD_KINDS:
            raise UnknownName(f"'{name}' is a kind. See: ganzoo list {name}")
        what, hint = kind or "recipe or component", nearest(name, (entry.record.name for entry in pool))
        raise UnknownName(f"no {what} '{name}'.{hint}{registry.describe_broken()} See: ganzoo list")
    return found


def describe(registry: Registry, entry: Entry) -> dict[str, Json]:
    """Return a record with its settings as JSON."""
    if isinstance(entry.record, Component):
        return as_json(entry) | {"schema": _schema_json(schema(entry.record))}
    config, known = _resolved(registry, entry)
    components: dict[str, Json] = {
        k: {"value": _json(s.value), "source": s.source}
        for k, s in config.everything(registry).items()
        if k in config.components
    }
    values: dict[str, Json] = {p: {"value": _json(s.value), "source": s.source} for p, s in config.settings.items()}
    return as_json(entry) | {"resolved": {"components": components, "settings": values}, "schema": _schema_json(known)}


def schema(component: Component) -> dict[str, Parameter]:
    """Import a component and return its settings by their full path."""
    from ganzoo.config.schema import component_parameters, section_name

    head = section_name(component.kind, component.name)
    return {f"{head}.{name}": param for name, param in component_parameters(component).items()}


def facts(entry: Entry, spelled: str) -> Table:
    """Lay out a record; ``spelled`` is its name, qualified by the distribution if two plugins have it."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    record = entry.record
    grid.add_row("paper", record.reference or "-")
    grid.add_row("from", f"{entry.plugin.distribution} {entry.plugin.version}")
    rows = _component_facts(record, spelled) if isinstance(record, Component) else _recipe_facts(record, spelled)
    for label, text in rows.items():
        if text:
            grid.add_row(label, text)
    return grid


def schema_table(known: Mapping[str, Parameter]) -> RenderableType:
    """Lay out settings: path, default, type and meaning."""
    if not known:
        return Text("no settings", style="dim")
    grid = Table("setting", "default", "takes", box=None, padding=(0, 2, 0, 0), header_style="dim")
    grid.columns[0].no_wrap, grid.columns[0].style = True, "cyan"
    for path, param in known.items():
        grid.add_row(path, format_value(param.default), _meaning(param))
    return grid


def values_table(config: Config, known: Mapping[str, Parameter], *, everything: bool) -> Table:
    """Lay out a recipe's settings with their sources, without those left at their default unless ``everything``."""
    grid = Table("setting", "value", "source", box=None, padding=(0, 2, 0, 0), header_style="dim")
    grid.columns[0].no_wrap, grid.columns[0].style = True, "cyan"
    if everything:
        grid.add_column("takes")
    for path, setting in config.settings.items():
        if everything or setting.value != known[path].default:
            style = "dim" if setting.source == "default" else ""
            row = (path, Text(format_value(setting.value), style), Text(setting.source, style))
            grid.add_row(*row, *([_meaning(known[path])] if everything else []))
    return grid


def _show_entry(console: Console, registry: Registry, entry: Entry, *, everything: bool) -> None:
    """Print a record and its settings; the record comes first, since the import of the settings may fail."""
    twins = [other for other in registry.of_kind(entry.kind) if other.record.name == entry.record.name]
    spelled = entry.qualified if len(twins) > 1 else entry.record.name
    title = Text.assemble((f"{entry.kind} ", "dim"), (entry.record.name, "bold cyan"), f"  {entry.record.summary}")
    console.print(title, _indented(facts(entry, spelled)), "", sep="\n")
    if isinstance(entry.record, Component):
        console.print(_indented(schema_table(schema(entry.record))), "")
        return
    config, known = _resolved(registry, entry)
    tables = Group(_components_table(config, registry), "", values_table(config, known, everything=everything))
    console.print(_indented(tables), "")
    left = sum(setting.value == known[path].default for path, setting in config.settings.items())
    if not everything:
        more = f"{left} more settings have their defaults: ganzoo show {spelled} --all"
        console.print(_indented(Text(more, style="dim")), "")


def _component_facts(record: Component, spelled: str) -> dict[str, str]:
    recommends = "\n".join(f"{path} = {format_value(value)}" for path, value in record.recommends.items())
    return {
        "provides": ", ".join(map(str, record.provides)),
        "needs": ", ".join(record.needs),
        "sets": recommends,
        "use it": _use(record.kind, spelled),
    }


def _use(kind: Kind, spelled: str) -> str:
    if kind in EVALUATE_OPTIONS:
        return f"ganzoo evaluate RUN {EVALUATE_OPTIONS[kind]} {spelled}"
    return f"ganzoo train RECIPE {TRAIN_OPTIONS[kind]} {spelled}" if kind in TRAIN_OPTIONS else ""


def _recipe_facts(record: Recipe, spelled: str) -> dict[str, str]:
    return {"score": record.score, "train it": f"ganzoo train {spelled}"}


def _components_table(config: Config, registry: Registry) -> Table:
    grid = Table("component", "name", "source", box=None, padding=(0, 2, 0, 0), header_style="dim")
    shown = config.everything(registry)
    for kind in (kind for kind in KINDS if config.names(kind)):
        setting = shown[kind]
        style = "dim" if setting.source == "default" else ""
        grid.add_row(Text(kind, "cyan"), Text(format_value(setting.value), style), Text(setting.source, style))
    return grid


def _resolved(registry: Registry, entry: Entry) -> tuple[Config, dict[str, Parameter]]:
    from ganzoo.config.resolution import Request, resolve
    from ganzoo.config.schema import build_schema

    config = resolve(registry, Request(entry.qualified))
    return config, build_schema(registry, config.components)


def _shared(name: str) -> dict[str, Parameter]:
    from ganzoo.config.parameters import read_parameters
    from ganzoo.config.run_settings import OptimizerSettings, RunSettings

    head, target = ("run", RunSettings) if name == "run" else ("optimizer.PLAYER", OptimizerSettings)
    return {f"{head}.{name}": param for name, param in read_parameters(target).items()}


def _schema_json(known: Mapping[str, Parameter]) -> dict[str, Json]:
    return {
        path: {"type": param.type_name, "default": _json(param.default), "help": param.help}
        for path, param in known.items()
    }


def _json(value: Value) -> Json:
    return list(value) if isinstance(value, tuple) else value


def _meaning(param: Parameter) -> Text:
    return Text.assemble(param.type_name, (f"\n{param.help}" if param.help else "", "dim"))


def _indented(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, 2), expand=False)


def _console() -> Console:
    console = Console(highlight=False, markup=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, width=max(console.width, 120))
