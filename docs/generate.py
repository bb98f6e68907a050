"""Generate the reference from the records, the signatures and the command line: `nox -s reference`.

`tests/house/test_docs.py` compares the text of `pages()` with the files.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import protocol_pages
from meanings import CAPABILITIES, VARIABLES
from public_api import describe_public_api
from typer.main import get_command

from ganzoo.cli import main as command_line
from ganzoo.cli.app import app
from ganzoo.cli.records import format_value
from ganzoo.config.compatibility import FOUND
from ganzoo.config.parameters import Parameter, read_argument_docs, read_parameters
from ganzoo.config.run_settings import OptimizerSettings, RunSettings
from ganzoo.config.schema import section_name
from ganzoo.interfaces import data, losses, measurement, networks, training
from ganzoo.registry.hooks import API_VERSION, PROJECT, Hooks
from ganzoo.registry.kinds import KIND_SPECS, KINDS, MANY, TRAIN_OPTIONS, Kind
from ganzoo.registry.registry import CORE, Entry, Registry, load_class, load_registry
from ganzoo.registry.specs import Component, Recipe, When

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "docs" / "reference"
GOLDEN = ROOT / "tests" / "golden" / "public_api.txt"
NOTE = "% Written by docs/generate.py. Do not edit: change the source, then run `nox -s reference`.\n\n"


def main() -> None:
    """Write every page, and the golden file of the public API."""
    PLACE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (PLACE / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")
    GOLDEN.write_text(describe_public_api(), encoding="utf-8")
    print(GOLDEN.relative_to(ROOT))


def pages() -> dict[str, str]:
    """Return the text of every generated page by file name."""
    known = load_own_registry()
    return {
        "components.md": page("Components", components(known)),
        "commands.md": page("Commands", commands()),
        "settings.md": page("Settings of every run", settings()),
        "hooks.md": page("The hook and its records", hooks()),
        "capabilities.md": page("Capabilities", capabilities(known)),
        "protocols.md": page("Protocols", protocol_pages.blocks()),
    }


def page(title: str, blocks: Iterable[str]) -> str:
    """Join blocks under a title, with an empty line between them."""
    return f"{NOTE}# {title}\n\n" + "\n\n".join(blocks) + "\n"


def load_own_registry() -> Registry:
    """Load the components of the core and of the plugins of this checkout, without other installed plugins."""
    names = {CORE, *(folder.parent.name for folder in ROOT.glob("plugins/*/pyproject.toml"))}
    found = load_registry()
    assert not found.broken, f"broken plugins: {[b.plugin.name for b in found.broken]}; see: ganzoo doctor"
    kept = tuple(entry for entry in found.entries if entry.plugin.distribution in names)
    missing = names - {entry.plugin.distribution for entry in kept}
    assert not missing, f"not installed: {', '.join(sorted(missing))}; run: pip install -e . -e plugins/NAME"
    return Registry(kept)


def components(known: Registry) -> Iterator[str]:
    """Describe every recipe and every component, one section per kind."""
    yield (
        "Every recipe and every component of this checkout. `ganzoo train` takes a recipe. "
        "`ganzoo list` and `ganzoo show NAME` print the same, including other installed plugins.\n\n"
        "A run may hold several components of the kinds " + ", ".join(f"`{kind}`" for kind in MANY) + ". "
        "Their settings contain the component's name: `term.NAME.weight`."
    )
    for kind in ("recipe", *KINDS):
        entries = known.of_kind(kind)
        if entries:
            yield f"## {kind}"
            yield table(("name", "description", "distribution"), map(_summarise, entries))
            for entry in entries:
                yield from _describe_recipe(entry) if isinstance(entry.record, Recipe) else _describe_component(entry)


def commands() -> Iterator[str]:
    """Describe every command, its arguments and its options."""
    root: Any = get_command(app)
    yield "`ganzoo COMMAND --help` prints the same."
    yield from _describe_command("ganzoo", root)
    for name, command in sorted(root.commands.items()):
        yield from _describe_command(f"ganzoo {name}", command)
    yield "## Exit codes"
    codes = re.search(r"Codes: (.*?)\.\n", f"{command_line.__doc__}\n", re.S)
    assert codes, "the docstring of ganzoo.cli.main lists the exit codes"
    yield table(("code", "meaning"), (part.strip().split(" ", 1) for part in codes[1].split(";")))
    yield "A run stopped by a signal saves first and exits with 128 plus the signal's number."
    yield "## Environment"
    yield table(("variable", "meaning"), ((f"`{name}`", text) for name, text in VARIABLES.items()))


def settings() -> Iterator[str]:
    """Describe the settings that belong to no component."""
    yield (
        "Settings of a component are listed with the [components](components.md). Set any setting "
        'with `--set path=value`, in a file for `--config`, or with `settings={"path": value}` in Python.\n\n'
        "A number can be written as `200k` or `2M`, no value as `none`, a list with commas."
    )
    yield "## `run`"
    yield _describe_settings("run", RunSettings)
    yield "## `optimizer.PLAYER`"
    yield "One set per player of the trainer: `optimizer.generator.lr`, `optimizer.discriminator.lr`."
    yield _describe_settings("optimizer.PLAYER", OptimizerSettings)


def hooks() -> Iterator[str]:
    """Describe the hooks, the records they yield and the kinds."""
    yield (
        f"A plugin is a module in the entry-point group `{PROJECT}`, or a file given with `--plugin`. "
        f"It may state `GANZOO_API = {API_VERSION}`; a module with another number is not loaded. "
        "See [write a plugin](../how-to/write-a-plugin.md)."
    )
    for name, hook in inspect.getmembers(Hooks, inspect.isfunction):
        yield f"## `{name}()`"
        yield inspect.getdoc(hook) or ""
    for record in (Component, Recipe, When):
        yield f"## `{record.__name__}`"
        yield (inspect.getdoc(record) or "").partition("\n")[0]
        lines = read_argument_docs(record)
        yield table(("field", "meaning"), ((f"`{name}`", text) for name, text in lines.items()))
    yield "## Kinds"
    yield "What a component of each kind must have: [protocols](protocols.md)."
    yield table(("kind", "in a run", "protocol"), map(_describe_kind, KINDS))


def capabilities(known: Registry) -> Iterator[str]:
    """Describe every capability, with the components that provide and need it."""
    yield (
        "A component that needs a capability fits a run only if another component of the run provides it. "
        "To use this: [choose components](../how-to/choose-components.md)."
    )
    records = [entry.record for entry in known.entries if isinstance(entry.record, Component)]
    for name in sorted(capability_names(records)):
        yield f"## `{name}`"
        yield CAPABILITIES.get(name, "Not described yet: add it to CAPABILITIES in docs/meanings.py.")
        found = [f"any {FOUND[name]} that turns out to have them once it is opened"] if name in FOUND else []
        providers = [text for record in records for text in _list_providers(record, name)]
        needing = [_make_link(record) for record in records if name in record.needs]
        yield "Provided by: " + ("; ".join([*providers, *found]) or "nothing") + "."
        yield "Needed by: " + (", ".join(needing) or "nothing") + "."


def capability_names(records: Iterable[Component]) -> set[str]:
    """Return every capability that a record provides or needs."""
    return {_read_capability(c) for record in records for c in (*record.provides, *record.needs)}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Format a Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _summarise(entry: Entry) -> tuple[str, str, str]:
    return _make_link(entry.record), entry.record.summary, f"`{entry.plugin.distribution}`"


def _describe_component(entry: Entry) -> Iterator[str]:
    record = entry.record
    assert isinstance(record, Component)
    yield f"({_make_anchor(record)})=\n### {record.kind} `{record.name}`"
    flag = TRAIN_OPTIONS.get(record.kind)
    yield list_facts(
        {
            "": f"{_make_sentence(record.summary)} From `{entry.plugin.distribution}`.",
            "Use": f"`ganzoo train RECIPE {flag} {record.name}`" if flag else "",
            "Paper": link_papers(record.reference),
            "Needs": ", ".join(f"`{need}`" for need in record.needs),
            "Provides": ", ".join(f"`{p}`" for p in map(str, record.provides)),
            "Sets": ", ".join(f"`{path} = {format_value(value)}`" for path, value in record.recommends.items()),
        }
    )
    yield _describe_settings(section_name(record.kind, record.name), load_class(record))


def _describe_recipe(entry: Entry) -> Iterator[str]:
    record = entry.record
    assert isinstance(record, Recipe)
    yield f"({_make_anchor(record)})=\n### recipe `{record.name}`"
    chosen = {kind: value if isinstance(value, tuple) else (value,) for kind, value in record.components.items()}
    yield list_facts(
        {
            "": f"{_make_sentence(record.summary)} From `{entry.plugin.distribution}`.",
            "Use": f"`ganzoo train {record.name}`",
            "Paper": link_papers(record.reference),
            "Score": record.score,
            "Components": ", ".join(f"{kind} `{'`, `'.join(names)}`" for kind, names in chosen.items()),
            "Sets": ", ".join(f"`{path} = {format_value(value)}`" for path, value in record.settings.items()),
        }
    )


def list_facts(texts: Mapping[str, str]) -> str:
    """List one line per fact; facts without text are left out."""
    return "\n".join(f"- {name}: {text}" if name else f"- {text}" for name, text in texts.items() if text)


def link_papers(reference: str) -> str:
    """Make ``arXiv 1704.00028`` a link."""
    return re.sub(r"arXiv (\d{4}\.\d{4,5})", r"[arXiv \1](https://arxiv.org/abs/\1)", reference)


def _describe_settings(head: str, target: Callable[..., object]) -> str:
    found = read_parameters(target)
    if not found:
        return "No settings."
    return table(
        ("setting", "takes", "default", "meaning"), (_describe_setting(head, param) for param in found.values())
    )


def _describe_setting(head: str, param: Parameter) -> tuple[str, ...]:
    return f"`{head}.{param.name}`", f"`{param.type_name}`", f"`{format_value(param.default)}`", param.help


def _describe_command(path: str, command: Any) -> Iterator[str]:
    help_text = inspect.cleandoc(command.help or "")
    yield f"## `{path}`"
    yield re.sub(r"(?<!\n)\n(?!\n)", " ", help_text)
    yield table(("argument or option", "meaning"), map(_describe_parameter, command.params))


def _describe_parameter(param: Any) -> tuple[str, str]:
    """Format one argument or option; only attributes that all versions of typer have are read."""
    if param.param_type_name == "argument":
        return f"`{param.metavar or param.name.upper()}`", param.help or ""
    value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
    default = f" Default: `{param.default}`." if isinstance(param.default, str) else ""
    return ", ".join(f"`{opt}{value}`" for opt in param.opts), f"{param.help or ''}{default}"


def _describe_kind(kind: Kind) -> tuple[str, str, str]:
    modules = (data, networks, losses, training, measurement)
    protocol = next((getattr(m, kind.capitalize()) for m in modules if hasattr(m, kind.capitalize())), None)
    summary = (inspect.getdoc(protocol) or "").partition("\n")[0] if protocol else "no protocol yet"
    option = f", `{TRAIN_OPTIONS[kind]}`" if kind in TRAIN_OPTIONS else ""
    count = "any number" if KIND_SPECS[kind].many else "exactly one"
    return f"`{kind}`", count + option, re.sub(r"^Kind ``[\w-]+``[,:] ", "", summary)


def _list_providers(record: Component, capability: str) -> list[str]:
    conditions = [c for c in record.provides if _read_capability(c) == capability]
    return [_make_link(record) + (f" when {_format_condition(c)}" if isinstance(c, When) else "") for c in conditions]


def _format_condition(when: When) -> str:
    return f"`{when.setting}` is " + " or ".join(f"`{value}`" for value in when.values)


def _read_capability(provided: str | When) -> str:
    return provided if isinstance(provided, str) else provided.capability


def _make_anchor(record: Component | Recipe) -> str:
    return f"{record.kind if isinstance(record, Component) else 'recipe'}-{record.name}"


def _make_link(record: Component | Recipe) -> str:
    kind = record.kind if isinstance(record, Component) else "recipe"
    return f"[{kind} `{record.name}`](#{_make_anchor(record)})"


def _make_sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


if __name__ == "__main__":
    main()
