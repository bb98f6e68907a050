"""Records as commands print them: as JSON or as text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import TypeAlias

from ganzoo.registry.kinds import KIND_SPECS, KINDS
from ganzoo.registry.loader import Broken
from ganzoo.registry.registry import Entry
from ganzoo.registry.specs import Value, When

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

RECORD_KINDS = ("recipe", *KINDS)
"""What ``ganzoo list`` lists, in its order."""


def as_json(entry: Entry) -> dict[str, Json]:
    """Return a record and the distribution it comes from as JSON."""
    record: dict[str, Json] = {"kind": entry.kind}
    record |= {f.name: _plain(getattr(entry.record, f.name)) for f in fields(entry.record)}
    return record | {"distribution": entry.plugin.distribution, "version": entry.plugin.version}


def broken_as_json(broken: Broken) -> dict[str, Json]:
    """Return a broken plugin as JSON."""
    plugin = broken.plugin
    named: dict[str, Json] = {"plugin": plugin.name, "distribution": plugin.distribution, "version": plugin.version}
    return named | {"reason": broken.reason, "fix": broken.fix}


def broken_line(broken: Broken) -> str:
    """Describe in one line what is broken, why, and how to fix it."""
    plugin, reason = broken.plugin, broken.reason.rstrip(".")
    return f"broken: {plugin.distribution} {plugin.version}: {reason}. Fix: {broken.fix}"


def print_json(value: Json) -> None:
    """Print JSON without colour or wrapping."""
    print(json.dumps(value, indent=1, ensure_ascii=False))


def format_value(value: Value) -> str:
    """Write a setting's value as ``--set`` would take it."""
    if isinstance(value, tuple):
        return ",".join(map(format_value, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def count_words(number: int, word: str) -> str:
    """Write a number with its word in singular or plural: ``1 loss``, ``2 losses``."""
    if number == 1:
        return f"1 {word}"
    plurals: dict[str, str] = {spec.name: spec.plural for spec in KIND_SPECS.values()}
    return f"{number} {plurals.get(word, f'{word}s')}"


def short_reference(reference: str) -> str:
    """Shorten a reference to authors and year, as a text cites it."""
    match = re.match(r"(.+?)\s+\(?((?:19|20)\d\d)\b", reference)
    if not match:
        return reference
    authors = re.split(r",|&| and | et al", match[1])
    others = [author for author in authors[1:] if author.strip(" .")]
    if len(others) == 1 and " et al" not in match[1]:
        return f"{authors[0].strip()} & {others[0].strip()} {match[2]}"
    return f"{authors[0].strip()}{' et al.' if others or ' et al' in match[1] else ''} {match[2]}"


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, When):
        return {"capability": value.capability, "when": value.setting, "is": _plain(value.values)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
