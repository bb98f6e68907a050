"""Choose the records to check: all, a distribution's, or those of a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ganzoo.errors import UnknownName, nearest
from ganzoo.registry.loader import Broken, Plugin
from ganzoo.registry.registry import Entry, Registry


@dataclass(frozen=True)
class Selection:
    """The records that were chosen.

    Args:
        entries: records to check.
        broken: plugins that were chosen but cannot be loaded.
    """

    entries: tuple[Entry, ...]
    broken: tuple[Broken, ...]


def select_records(registry: Registry, names: Sequence[str], files: Sequence[str] = ()) -> Selection:
    """Choose the records of the given names and plugin files; all when neither is given.

    Args:
        registry: where records are found.
        names: of distributions, components or recipes; also ``distribution:name``.
        files: unpackaged plugin files, already loaded into the registry.

    Raises:
        UnknownName: nothing, not even a broken plugin, has one of the names.
    """
    if not names and not files:
        return Selection(registry.entries, registry.broken)
    sources = {str(Path(file).resolve()) for file in files}
    entries = tuple(e for e in registry.entries if e.plugin.source in sources or _names(e) & set(names))
    broken = tuple(b for b in registry.broken if b.plugin.source in sources or _plugin_names(b.plugin) & set(names))
    known = {name for entry in registry.entries for name in _names(entry)}
    known |= {name for plugin in registry.broken for name in _plugin_names(plugin.plugin)}
    for name in names:
        if name not in known:
            raise UnknownName(f"no component or distribution '{name}'.{nearest(name, known)} See: ganzoo list")
    return Selection(entries, broken)


def _names(entry: Entry) -> set[str]:
    return {entry.record.name, entry.qualified, entry.plugin.distribution}


def _plugin_names(plugin: Plugin) -> set[str]:
    return {plugin.distribution, plugin.name}
