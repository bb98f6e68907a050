"""Write the reference pages from the records, the signatures and the command line: `nox -s reference`.

`pages()` gives them as text; `tests/house/test_docs.py` compares that with what lies on disk.
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
    """Write every page."""
    PLACE.mkdir(exist_ok=True)
    for name, text in pages().items():
        (PLACE / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}")
    GOLDEN.write_text(describe_public_api(), encoding="utf-8")
    print(GOLDEN.relative_to(ROOT))


def pages() -> dict[str, str]:
    """Give every generated page by file name."""
    known = ours()
    return {
        "components.md": page("Components", components(known)),
        "commands.md": page("Commands", commands()),
        "settings.md": page("Settings of every run", settings()),
        "hooks.md": page("The hook and its records", hooks()),
        "capabilities.md": page("Capabilities", capabilities(known)),
        "protocols.md": page("Protocols", protocol_pages.blocks()),
    }


def page(title: str, blocks: Iterable[str]) -> str:
    """Put blocks under a title, with an empty line between them."""
    return f"{NOTE}# {title}\n\n" + "\n\n".join(blocks) + "\n"


def ours() -> Registry:
    """Load the core and the plugins of this checkout; what else is installed is not documented here."""
    names = {CORE, *(folder.parent.name for folder in ROOT.glob("plugins/*/pyproject.toml"))}
    found = load_registry()
    assert not found.broken, f"broken plugins: {[b.plugin.name for b in found.broken]}; see: ganzoo doctor"
    kept = tuple(entry for entry in found.entries if entry.plugin.distribution in names)
    missing = names - {entry.plugin.distribution for entry in kept}
    assert not missing, f"not installed: {', '.join(sorted(missing))}; run: pip install -e . -e plugins/NAME"
    return Registry(kept)


def components(known: Registry) -> Iterator[str]:
    """Describe every recipe and every component, a section a kind."""
    yield (
        "Every recipe and every part of this checkout. A recipe is what `ganzoo train` takes. "
        "`ganzoo list` and `ganzoo show NAME` print the same, with whatever else you have installed.\n\n"
        "Of the kinds " + ", ".join(f"`{kind}`" for kind in MANY) + " a run may hold several. "
        "Their settings carry the part's name: `term.NAME.weight`."
    )
    for kind in ("recipe", *KINDS):
        entries = known.of_kind(kind)
        if entries:
            yield f"## {kind}"
            yield table(("name", "what it is", "from"), map(_listed, entries))
            for entry in entries:
                yield from _recipe(entry) if isinstance(entry.record, Recipe) else _component(entry)


def commands() -> Iterator[str]:
    """Describe every command with its arguments and options."""
    root: Any = get_command(app)
    yield "`ganzoo COMMAND --help` prints the same."
    yield from _command("ganzoo", root)
    for name, command in sorted(root.commands.items()):
        yield from _command(f"ganzoo {name}", command)
    yield "## Exit codes"
    codes = re.search(r"Codes: (.*?)\.\n", f"{command_line.__doc__}\n", re.S)
    assert codes, "the docstring of ganzoo.cli.main lists the exit codes"
    yield table(("code", "meaning"), (part.strip().split(" ", 1) for part in codes[1].split(";")))
    yield "A run that a signal ended saves first and leaves with 128 and the signal's number."
    yield "## Environment"
    yield table(("variable", "meaning"), ((f"`{name}`", text) for name, text in VARIABLES.items()))


def settings() -> Iterator[str]:
    """Describe the settings that belong to no part."""
    yield (
        "Settings of the parts stand at the [components](components.md). Set any of them with `--set path=value`, "
        'in a file for `--config`, or with `settings={"path": value}` in Python.\n\n'
        "A number may be written `200k` or `2M`. `none` means no value. A list is written with commas."
    )
    yield "## `run`"
    yield _settings("run", RunSettings)
    yield "## `optimizer.PLAYER`"
    yield "One set for each player of the trainer: `optimizer.generator.lr`, `optimizer.discriminator.lr`."
    yield _settings("optimizer.PLAYER", OptimizerSettings)


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
    yield "What a part of each kind must have: [protocols](protocols.md)."
    yield table(("kind", "in a run", "protocol"), map(_describe_kind, KINDS))


def capabilities(known: Registry) -> Iterator[str]:
    """Describe every capability: who provides it, who needs it."""
    yield (
        "A part that needs a capability fits a run only if another part of the run provides it. "
        "How this is used: [choose parts](../how-to/choose-parts.md)."
    )
    records = [entry.record for entry in known.entries if isinstance(entry.record, Component)]
    for name in sorted(capability_names(records)):
        yield f"## `{name}`"
        yield CAPABILITIES.get(name, "Not described yet: add it to CAPABILITIES in docs/meanings.py.")
        found = [f"any {FOUND[name]} that turns out to have them when it is opened"] if name in FOUND else []
        providers = [text for record in records for text in _provided(record, name)]
        needy = [_link(record) for record in records if name in record.needs]
        yield "Provided by: " + ("; ".join([*providers, *found]) or "nothing") + "."
        yield "Needed by: " + (", ".join(needy) or "nothing") + "."


def capability_names(records: Iterable[Component]) -> set[str]:
    """Name every capability that a record provides or needs."""
    return {_capability(c) for record in records for c in (*record.provides, *record.needs)}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Lay out a table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _listed(entry: Entry) -> tuple[str, str, str]:
    return _link(entry.record), entry.record.summary, f"`{entry.plugin.distribution}`"


def _component(entry: Entry) -> Iterator[str]:
    record = entry.record
    assert isinstance(record, Component)
    yield f"({_anchor(record)})=\n### {record.kind} `{record.name}`"
    flag = TRAIN_OPTIONS.get(record.kind)
    yield facts(
        {
            "": f"{_sentence(record.summary)} From `{entry.plugin.distribution}`.",
            "Use": f"`ganzoo train RECIPE {flag} {record.name}`" if flag else "",
            "Paper": linked(record.reference),
            "Needs": ", ".join(f"`{need}`" for need in record.needs),
            "Provides": ", ".join(f"`{p}`" for p in map(str, record.provides)),
            "Sets": ", ".join(f"`{path} = {format_value(value)}`" for path, value in record.recommends.items()),
        }
    )
    yield _settings(section_name(record.kind, record.name), load_class(record))


def _recipe(entry: Entry) -> Iterator[str]:
    record = entry.record
    assert isinstance(record, Recipe)
    yield f"({_anchor(record)})=\n### recipe `{record.name}`"
    parts = {kind: value if isinstance(value, tuple) else (value,) for kind, value in record.components.items()}
    yield facts(
        {
            "": f"{_sentence(record.summary)} From `{entry.plugin.distribution}`.",
            "Use": f"`ganzoo train {record.name}`",
            "Paper": linked(record.reference),
            "Score": record.score,
            "Parts": ", ".join(f"{kind} `{'`, `'.join(names)}`" for kind, names in parts.items()),
            "Sets": ", ".join(f"`{path} = {format_value(value)}`" for path, value in record.settings.items()),
        }
    )


def facts(said: Mapping[str, str]) -> str:
    """Write one line a fact, leaving out those without text."""
    return "\n".join(f"- {name}: {text}" if name else f"- {text}" for name, text in said.items() if text)


def linked(reference: str) -> str:
    """Turn ``arXiv 1704.00028`` into a link."""
    return re.sub(r"arXiv (\d{4}\.\d{4,5})", r"[arXiv \1](https://arxiv.org/abs/\1)", reference)


def _settings(head: str, target: Callable[..., object]) -> str:
    found = read_parameters(target)
    if not found:
        return "No settings."
    return table(("setting", "takes", "default", "meaning"), (_setting(head, param) for param in found.values()))


def _setting(head: str, param: Parameter) -> tuple[str, ...]:
    return f"`{head}.{param.name}`", f"`{param.type_name}`", f"`{format_value(param.default)}`", param.help


def _command(path: str, command: Any) -> Iterator[str]:
    help_text = inspect.cleandoc(command.help or "")
    yield f"## `{path}`"
    yield re.sub(r"(?<!\n)\n(?!\n)", " ", help_text)
    yield table(("argument or option", "meaning"), map(_parameter, command.params))


def _parameter(param: Any) -> tuple[str, str]:
    """Lay out one argument or option; typer's own classes differ between its versions, these attributes do not."""
    if param.param_type_name == "argument":
        return f"`{param.metavar or param.name.upper()}`", param.help or ""
    value = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
    told = f" Default: `{param.default}`." if isinstance(param.default, str) else ""
    return ", ".join(f"`{opt}{value}`" for opt in param.opts), f"{param.help or ''}{told}"


def _describe_kind(kind: Kind) -> tuple[str, str, str]:
    modules = (data, networks, losses, training, measurement)
    protocol = next((getattr(m, kind.capitalize()) for m in modules if hasattr(m, kind.capitalize())), None)
    summary = (inspect.getdoc(protocol) or "").partition("\n")[0] if protocol else "no protocol yet"
    option = f", `{TRAIN_OPTIONS[kind]}`" if kind in TRAIN_OPTIONS else ""
    count = "any number" if KIND_SPECS[kind].many else "exactly one"
    return f"`{kind}`", count + option, re.sub(r"^Kind ``[\w-]+``[,:] ", "", summary)


def _provided(record: Component, capability: str) -> list[str]:
    conditions = [c for c in record.provides if _capability(c) == capability]
    return [_link(record) + (f" when {_condition(c)}" if isinstance(c, When) else "") for c in conditions]


def _condition(when: When) -> str:
    return f"`{when.setting}` is " + " or ".join(f"`{value}`" for value in when.values)


def _capability(provided: str | When) -> str:
    return provided if isinstance(provided, str) else provided.capability


def _anchor(record: Component | Recipe) -> str:
    return f"{record.kind if isinstance(record, Component) else 'recipe'}-{record.name}"


def _link(record: Component | Recipe) -> str:
    kind = record.kind if isinstance(record, Component) else "recipe"
    return f"[{kind} `{record.name}`](#{_anchor(record)})"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


if __name__ == "__main__":
    main()
