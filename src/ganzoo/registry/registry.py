"""Every component and recipe of every plugin: find one by name, import its class."""

from __future__ import annotations

import importlib
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import cast

from ganzoo.errors import BadComponent, UnknownName, nearest
from ganzoo.registry.kinds import Kind
from ganzoo.registry.loader import (
    CORE,
    UNPACKAGED,
    Broken,
    Plugin,
    describe_file,
    find_plugins,
    first_line,
    load_plugin,
)
from ganzoo.registry.specs import Component, Recipe, Record


def strip_distribution(name: str) -> str:
    """Return a component's own name, without the distribution that may stand before it."""
    return name.rpartition(":")[2]


@dataclass(frozen=True)
class Entry:
    """A record together with the plugin it came from.

    Args:
        record: the component or recipe.
        plugin: the plugin that registered it.
    """

    record: Record
    plugin: Plugin

    @property
    def kind(self) -> str:
        """The component's kind, or ``"recipe"``."""
        return self.record.kind if isinstance(self.record, Component) else "recipe"

    @property
    def qualified(self) -> str:
        """The name that is unique even in a clash: ``distribution:name``."""
        return f"{self.plugin.distribution}:{self.record.name}"

    def command(self, verb: str) -> str:
        """Return a command on this record, such as ``ganzoo check NAME``, with its plugin file if it comes from one."""
        file = f" --plugin {shlex.quote(self.plugin.source)}" if self.plugin.version == UNPACKAGED else ""
        return f"ganzoo {verb} {self.record.name}{file}"


@dataclass(frozen=True)
class Registry:
    """Every component and recipe of every plugin that loaded.

    Args:
        entries: the records, in order of distribution and of definition.
        broken: plugins that did not load.
    """

    entries: tuple[Entry, ...]
    broken: tuple[Broken, ...] = field(default=())

    def of_kind(self, kind: str) -> list[Entry]:
        """List the entries of one kind, or of kind ``"recipe"``."""
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.kind, []).append(entry)
        return found

    def find(self, kind: str, name: str) -> Entry:
        """Find one entry by its name or its ``distribution:name``.

        Raises:
            UnknownName: it does not exist, or several plugins have it and the bare name was used.
        """
        hits = [e for e in self.of_kind(kind) if name in (e.record.name, e.qualified)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            both = " or ".join(f"'{e.qualified}'" for e in hits)
            raise UnknownName(f"{kind} '{name}' comes from {len(hits)} plugins: say {both}.")
        raise UnknownName(self._describe_unknown(kind, name))

    def component(self, kind: Kind, name: str) -> Component:
        """Find one component's record."""
        return cast(Component, self.find(kind, name).record)

    def recipe(self, name: str) -> Recipe:
        """Find one recipe."""
        return cast(Recipe, self.find("recipe", name).record)

    def qualify(self, kind: str, name: str, home: str = CORE) -> str:
        """Return the ``distribution:name`` that a plugin of the distribution ``home`` means by a name.

        In a clash that is its own component, or else ours; an ambiguous or unknown name is returned as it is.
        """
        hits = [entry for entry in self.of_kind(kind) if entry.record.name == name]
        meant = [entry for owner in (home, CORE) for entry in hits if entry.plugin.distribution == owner]
        found = meant or (hits if len(hits) == 1 else [])
        return found[0].qualified if found else name

    def shorten(self, kind: str, name: str) -> str:
        """Return a ``distribution:name`` without its distribution if that is unique, else as it is."""
        bare = strip_distribution(name)
        return bare if sum(entry.record.name == bare for entry in self.of_kind(kind)) == 1 else name

    def find_clashes(self) -> dict[tuple[str, str], tuple[Entry, ...]]:
        """Return the entries that share a kind and a name, by both."""
        found: dict[tuple[str, str], tuple[Entry, ...]] = {}
        for entry in self.entries:
            key = entry.kind, entry.record.name
            found[key] = (*found.get(key, ()), entry)
        return {key: entries for key, entries in found.items() if len(entries) > 1}

    def _describe_unknown(self, kind: str, name: str) -> str:
        home, _, bare = name.rpartition(":")
        installed = {entry.plugin.distribution for entry in self.entries}
        if home and home not in installed:
            return (f"{kind} '{bare}' comes from {home}, which is not installed: pip install {home}, or add its file "
                    f"with --plugin.{nearest(home, installed, few=0)}{self.describe_broken()}")  # fmt: skip
        tail = nearest(name, (e.record.name for e in self.of_kind(kind)))
        elsewhere = sorted({e.kind for e in self.entries if e.record.name == name} - {kind})
        also = f" '{name}' is a {' and a '.join(elsewhere)}." if elsewhere else ""
        return f"no {kind} '{name}'.{also}{tail}{self.describe_broken()} See: ganzoo list {kind}"

    def describe_broken(self) -> str:
        """Return the plugins that did not load, as the tail of a message about something missing."""
        named = [f"{b.plugin.source} ({b.reason})" if b.plugin.version == UNPACKAGED else b.plugin.distribution
                 for b in self.broken]  # fmt: skip
        return f" Not loaded: {', '.join(named)} (ganzoo doctor says why)." if named else ""


def load_class(component: Component) -> type:
    """Import the class a component points to.

    Raises:
        BadComponent: the module or the name does not exist, or its import fails.
    """
    module, _, name = component.path.partition(":")
    try:
        return cast(type, getattr(importlib.import_module(module), name))
    except Exception as error:
        why = f"{type(error).__name__}: {first_line(error)}."
        if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]:
            why = f"there is no module or plugin file of the name '{error.name}'. Was it renamed?"
        what = f"{component.kind} '{component.name}' cannot be loaded from {component.path}: {why}"
        raise BadComponent(what, component.name) from error


def load_registry(extra: Iterable[str | Path] = ()) -> Registry:
    """Load every installed plugin, and the given unpackaged files.

    Args:
        extra: paths of plugin files, as ``--plugin`` takes them.
    """
    found, unreadable = find_plugins()
    loaded = map(load_plugin, [*found, *dict.fromkeys(map(describe_file, extra))])
    return build_registry([*loaded, *((broken.plugin, broken) for broken in unreadable)])


def build_registry(loaded: Iterable[tuple[Plugin, tuple[Record, ...] | Broken]]) -> Registry:
    """Separate the records that loaded from the broken plugins."""
    entries: list[Entry] = []
    broken: list[Broken] = []
    for plugin, result in loaded:
        if isinstance(result, Broken):
            broken.append(result)
        else:
            entries += [Entry(record, plugin) for record in result]
    return Registry(tuple(entries), tuple(broken))


def versions_by_distribution(entries: Iterable[Entry]) -> Mapping[str, str]:
    """Return the version of each distribution that some entries come from."""
    return {entry.plugin.distribution: entry.plugin.version for entry in entries}
