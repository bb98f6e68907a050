"""Whose fault an unexpected error is: a part that breaks a law of its kind, the plugin it passed through, or ganzoo."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from ganzoo.cli.context import load_context_registry
from ganzoo.registry.loader import CORE, UNPACKAGED
from ganzoo.registry.specs import Component

if TYPE_CHECKING:
    from ganzoo.registry.loader import Plugin
    from ganzoo.registry.registry import Entry


def find_plugin_at_fault(error: BaseException) -> tuple[Plugin, str] | None:
    """Find the plugin whose code an error passed through last.

    Returns:
        The plugin, and file and line of that code; None if it passed through none.
    """
    owners = _owners()
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package in owners:
            return owners[package], f"{frame.f_code.co_filename}:{line}"
    return None


def find_broken_component(error: BaseException) -> str | None:
    """Hold the parts that were in play against the laws of their kinds; tell of the first that breaks one.

    What a part gives may break something far from it: the traceback alone would lay it at the wrong door.
    """
    from ganzoo.checks.suspects import first_broken
    from ganzoo.config.in_use import in_play_of  # what went wrong may be the import of either

    played = in_play_of(error)
    found = played and first_broken(played.registry, played.entries())
    if not found:
        return None
    entry, named = found.check.subject.entry, found.check.subject.entry.record.name
    files = f"--plugin {entry.plugin.source} " if entry.plugin.version == UNPACKAGED else ""
    reason = found.reason.strip().partition("\n")[0]
    return (f"{entry.kind} '{named}' of {entry.plugin.distribution} breaks a law of its kind ({found.check.name}): "
            f"{reason}\nIts author sees all of it with: ganzoo {files}check {named}")  # fmt: skip


def advice(plugin: Plugin) -> str:
    """Say what the author of a plugin types next."""
    named = f"--plugin {plugin.source}" if plugin.version == UNPACKAGED else plugin.distribution
    return f"Its author finds more with: ganzoo check {named}"


def _owners() -> dict[str, Plugin]:
    """Plugins by the package of their parts."""
    return {
        entry.record.path.partition(":")[0].partition(".")[0]: entry.plugin
        for entry in load_context_registry().entries
        if isinstance(entry.record, Component) and _own(entry)
    }


def _own(entry: Entry) -> bool:
    """Whether a part's code is its plugin's own; a record may also name a class of ganzoo, or of a library."""
    plugin, target = entry.plugin, getattr(entry.record, "path", "")
    home = plugin.name if plugin.version == UNPACKAGED else plugin.source.partition(".")[0]
    return plugin.distribution != CORE and target.startswith((f"{home}.", f"{home}:"))
