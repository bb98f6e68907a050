"""Find, load and classify plugins; a broken one is a record, never a crash.

Three phases over small records: ``find`` reads entry points, ``load`` imports one plugin in isolation,
``classify`` turns what its hook yields into components, recipes or a broken-plugin record.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from pathlib import Path
from types import ModuleType
from typing import cast

import pluggy

from ganzoo.errors import GanzooError, UnknownName, nearest
from ganzoo.hooks import API_VERSION, PROJECT, Hooks
from ganzoo.specs import Component, Kind, Recipe, Record

CORE = "ganzoo-core"
"""The distribution of our own components; always loaded."""

UNPACKAGED = "unpackaged"
"""The version of a plugin that is a file of no distribution."""


@dataclass(frozen=True)
class Plugin:
    """A plugin that was found, not yet imported.

    Args:
        name: the entry point's name, or the file's stem.
        distribution: which distribution it comes from.
        version: that distribution's version.
        source: ``"package.module"`` to import, or the path of an unpackaged ``.py`` file.
    """

    name: str
    distribution: str
    version: str
    source: str


@dataclass(frozen=True)
class Broken:
    """A plugin that could not be loaded, and why.

    Args:
        plugin: which one.
        reason: one line.
        mend: the command that mends it.
    """

    plugin: Plugin
    reason: str
    mend: str


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


def load_target(component: Component) -> type:
    """Import the class a component points to.

    Raises:
        GanzooError: the module or the name does not exist, or its import fails.
    """
    module, _, name = component.target.partition(":")
    try:
        return cast(type, getattr(importlib.import_module(module), name))
    except Exception as error:
        why = f"{type(error).__name__}: {_one_line(error)}"
        raise GanzooError(
            f"{component.kind} '{component.name}' cannot be loaded from {component.target}: {why}. See: ganzoo doctor"
        ) from error


def registry(extra: Iterable[str | Path] = ()) -> Registry:
    """Load every installed plugin, and the given unpackaged files.

    Args:
        extra: paths of plugin files, as ``--plugin`` takes them.
    """
    return classify(load(plugin) for plugin in [*find(), *(from_file(path) for path in extra)])


def find() -> list[Plugin]:
    """List the installed plugins of the entry-point group, without importing them.

    The environment variable ``GANZOO_PLUGINS`` (distributions, separated by commas) limits the list;
    our own components are always in it.
    """
    allowed = os.environ.get("GANZOO_PLUGINS")
    names = None if allowed is None else {CORE, *(name.strip() for name in allowed.split(","))}
    found = {_plugin(point) for point in entry_points(group=PROJECT)}
    return sorted((p for p in found if names is None or p.distribution in names), key=_order)


def from_file(path: str | Path) -> Plugin:
    """Describe an unpackaged plugin file.

    Raises:
        UnknownName: there is no such file.
    """
    file = Path(path)
    if not file.is_file():
        raise UnknownName(f"no plugin file '{path}'. --plugin takes the path of a Python file.")
    return Plugin(file.stem, file.stem.replace("_", "-"), UNPACKAGED, str(file.resolve()))


def load(plugin: Plugin) -> tuple[Plugin, tuple[Record, ...] | Broken]:
    """Import one plugin and call its hook; whatever goes wrong becomes a record."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return plugin, tuple(_records(_import(plugin), plugin))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a foreign plugin may do anything, even sys.exit
        return plugin, Broken(plugin, _reason(error), _mend(plugin, error))


def classify(loaded: Iterable[tuple[Plugin, tuple[Record, ...] | Broken]]) -> Registry:
    """Sort what was loaded into usable entries and broken plugins."""
    entries: list[Entry] = []
    broken: list[Broken] = []
    for plugin, result in loaded:
        if isinstance(result, Broken):
            broken.append(result)
        else:
            entries += [Entry(record, plugin) for record in result]
    return Registry(tuple(entries), tuple(broken))


def versions(entries: Iterable[Entry]) -> Mapping[str, str]:
    """Distribution versions of the given entries, for a run's records."""
    return {entry.plugin.distribution: entry.plugin.version for entry in entries}


class WrongPlugin(Exception):
    """A plugin breaks a rule of the hook; the text says which."""


def _plugin(point: EntryPoint) -> Plugin:
    distribution = (point.dist.name if point.dist is not None else None) or point.name  # no name: METADATA is lost
    try:
        return Plugin(point.name, distribution, version(distribution) or "unknown", point.value)
    except PackageNotFoundError:
        return Plugin(point.name, distribution, "unknown", point.value)


def _order(plugin: Plugin) -> tuple[bool, str, str]:
    return plugin.distribution != CORE, plugin.distribution, plugin.name


def _import(plugin: Plugin) -> ModuleType:
    if not plugin.source.endswith(".py"):
        return importlib.import_module(plugin.source)
    name = Path(plugin.source).stem
    _assert_free(name, plugin.source)
    spec = importlib.util.spec_from_file_location(name, plugin.source)
    if spec is None or spec.loader is None:
        raise WrongPlugin(f"{plugin.source} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _assert_free(name: str, source: str) -> None:
    """Refuse a plugin file that would stand in for a module others import, such as ``random.py``."""
    other = importlib.util.find_spec(name) if name.isidentifier() else None
    if other is not None and other.origin != source:
        raise WrongPlugin(f"its file name is that of the module '{name}': rename the file")


def _records(module: ModuleType, plugin: Plugin) -> Iterator[Record]:
    """Call the hook of one plugin alone, so that no plugin can spoil another's result."""
    spoken = getattr(module, "GANZOO_API", API_VERSION)
    if spoken != API_VERSION:
        raise WrongPlugin(f"written for plugin API {spoken}; this ganzoo speaks {API_VERSION}")
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(module, plugin.name)
    manager.check_pending()
    if not manager.hook.ganzoo_components.get_hookimpls():
        raise WrongPlugin("defines no hook ganzoo_components(); is @hookimpl missing?")
    seen: set[tuple[str, str]] = set()
    results = manager.hook.ganzoo_components()  # pluggy leaves None out
    if not results:
        raise WrongPlugin("ganzoo_components() returns nothing: yield the records")
    for record in results[0]:
        yield _checked(record, plugin, seen)


def _checked(record: object, plugin: Plugin, seen: set[tuple[str, str]]) -> Record:
    if not isinstance(record, Component | Recipe):
        raise WrongPlugin(f"yields {record!r}, which is neither a Component nor a Recipe")
    key = (Entry(record, plugin).kind, record.name)
    if key in seen:
        raise WrongPlugin(f"yields the {key[0]} '{key[1]}' twice")
    seen.add(key)
    return record


def _mend(plugin: Plugin, error: BaseException) -> str:
    if plugin.version == UNPACKAGED:
        return f"edit {plugin.source}"
    missing = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if missing and missing not in (PROJECT, plugin.source.partition(".")[0]):
        return f"pip install {missing}"
    if missing == PROJECT or "plugin API" in str(error):  # it was written for another ganzoo
        return f"pip install --upgrade {plugin.distribution}"
    return f"pip uninstall {plugin.distribution}"


def _reason(error: BaseException) -> str:
    said = _one_line(error)
    return said if isinstance(error, WrongPlugin) else f"{type(error).__name__}: {said}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or "no message"
