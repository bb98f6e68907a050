"""Whose fault an unexpected error is: the plugin whose code it passed through last, or ganzoo."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from ganzoo.cli.context import registry
from ganzoo.plugins import CORE, UNPACKAGED
from ganzoo.specs import Component

if TYPE_CHECKING:
    from ganzoo.plugins import Plugin
    from ganzoo.registry import Entry


def culprit(error: BaseException) -> tuple[Plugin, str] | None:
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


def advice(plugin: Plugin) -> str:
    """Say what the author of a plugin types next."""
    named = f"--plugin {plugin.source}" if plugin.version == UNPACKAGED else plugin.distribution
    return f"Its author finds more with: ganzoo check {named}"


def _owners() -> dict[str, Plugin]:
    """Plugins by the package of their parts."""
    return {
        entry.record.target.partition(":")[0].partition(".")[0]: entry.plugin
        for entry in registry().entries
        if isinstance(entry.record, Component) and _own(entry)
    }


def _own(entry: Entry) -> bool:
    """Whether a part's code is its plugin's own; a record may also name a class of ganzoo, or of a library."""
    plugin, target = entry.plugin, getattr(entry.record, "target", "")
    home = plugin.name if plugin.version == UNPACKAGED else plugin.source.partition(".")[0]
    return plugin.distribution != CORE and target.startswith((f"{home}.", f"{home}:"))
