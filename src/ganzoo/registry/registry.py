"""Every component and recipe of every plugin: find one by name, import what it points to."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from ganzoo.errors import GanzooError, UnknownName, nearest
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


@dataclass(frozen=True)
class Entry:
    """A record together with the plugin it came from.

    Args:
        record: the component or recipe.
        plugin: whose it is.
    """

    record: Record
    plugin: Plugin

    @property
    def kind(self) -> str:
        """The component's kind, or ``"recipe"``."""
        return self.record.kind if isinstance(self.record, Component) else "recipe"

    @property
    def qualified(self) -> str:
        """The spelling that is unique even in a name clash: ``distribution:name``."""
        return f"{self.plugin.distribution}:{self.record.name}"


@dataclass(frozen=True)
class Registry:
    """Every component and recipe of every plugin that loaded.

    Args:
        entries: what was loaded, in order of distribution and of definition.
        broken: what was not.
    """

    entries: tuple[Entry, ...]
    broken: tuple[Broken, ...] = field(default=())

    def of_kind(self, kind: str) -> list[Entry]:
        """List the entries of one kind, or of kind ``"recipe"``."""
        return [entry for entry in self.entries if entry.kind == kind]

    def find(self, kind: str, name: str) -> Entry:
        """Find one entry by its name or its ``distribution:name``.

        Raises:
            UnknownName: nobody has it, or two have it and the bare name was used.
        """
        hits = [e for e in self.of_kind(kind) if name in (e.record.name, e.qualified)]
        if len(hits) == 1:
            return hits[0]
        if hits:
            both = " or ".join(f"'{e.qualified}'" for e in hits)
            raise UnknownName(f"{kind} '{name}' comes from {len(hits)} plugins: say {both}.")
        raise UnknownName(self._unknown(kind, name))

    def component(self, kind: Kind, name: str) -> Component:
        """Find one component's record."""
        return cast(Component, self.find(kind, name).record)

    def recipe(self, name: str) -> Recipe:
        """Find one recipe."""
        return cast(Recipe, self.find("recipe", name).record)

    def spelling(self, kind: str, name: str, home: str) -> str:
        """Spell a part as somebody of the distribution ``home`` means it, whatever else is installed.

        Returns:
            The bare name where it is unique; in a clash the part of ``home``, or else our own, by its full name.
        """
        hits = [entry for entry in self.of_kind(kind) if entry.record.name == name]
        meant = [entry for owner in (home, CORE) for entry in hits if entry.plugin.distribution == owner]
        return meant[0].qualified if len(hits) > 1 and meant else name

    def clashes(self) -> dict[tuple[str, str], tuple[Entry, ...]]:
        """Give what several plugins have under one kind and name."""
        found: dict[tuple[str, str], tuple[Entry, ...]] = {}
        for entry in self.entries:
            key = entry.kind, entry.record.name
            found[key] = (*found.get(key, ()), entry)
        return {key: entries for key, entries in found.items() if len(entries) > 1}

    def _unknown(self, kind: str, name: str) -> str:
        tail = nearest(name, (e.record.name for e in self.of_kind(kind)))
        elsewhere = sorted({e.kind for e in self.entries if e.record.name == name} - {kind})
        also = f" '{name}' is a {' and a '.join(elsewhere)}." if elsewhere else ""
        return f"no {kind} '{name}'.{also}{tail}{self.not_loaded()} See: ganzoo list {kind}"

    def not_loaded(self) -> str:
        """Say which plugins might hold what is missing, as the tail of a message."""
        named = [f"{b.plugin.source} ({b.reason})" if b.plugin.version == UNPACKAGED else b.plugin.distribution
                 for b in self.broken]  # fmt: skip
        return f" Not loaded: {', '.join(named)} (ganzoo doctor says why)." if named else ""


def load_class(component: Component) -> type:
    """Import the class a component points to.

    Raises:
        GanzooError: the module or the name does not exist, or its import fails.
    """
    module, _, name = component.path.partition(":")
    try:
        return cast(type, getattr(importlib.import_module(module), name))
    except Exception as error:
        why = f"{type(error).__name__}: {first_line(error)}."
        if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]:
            why = f"there is no module or plugin file of the name '{error.name}'. Was it renamed?"
        raise GanzooError(
            f"{component.kind} '{component.name}' cannot be loaded from {component.path}: {why} "
            f"See: ganzoo check {component.name}"
        ) from error


def load_registry(extra: Iterable[str | Path] = ()) -> Registry:
    """Load every installed plugin, and the given unpackaged files.

    Args:
        extra: paths of plugin files, as ``--plugin`` takes them.
    """
    found, amiss = find_plugins()
    loaded = map(load_plugin, [*found, *dict.fromkeys(map(describe_file, extra))])
    return sort_loaded([*loaded, *((broken.plugin, broken) for broken in amiss)])


def sort_loaded(loaded: Iterable[tuple[Plugin, tuple[Record, ...] | Broken]]) -> Registry:
    """Sort what was loaded into usable entries and broken plugins."""
    entries: list[Entry] = []
    broken: list[Broken] = []
    for plugin, result in loaded:
        if isinstance(result, Broken):
            broken.append(result)
        else:
            entries += [Entry(record, plugin) for record in result]
    return Registry(tuple(entries), tuple(broken))


def versions_by_distribution(entries: Iterable[Entry]) -> Mapping[str, str]:
    """Distribution versions of the given entries, for a run's records."""
    return {entry.plugin.distribution: entry.plugin.version for entry in entries}
