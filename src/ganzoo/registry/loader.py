"""Find and load plugins, each in isolation; a broken one is a record, never a crash.

``find_plugins`` reads entry points, ``load_plugin`` imports one plugin and calls its hook. ``registry.classify`` does the rest.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distributions, entry_points, version
from pathlib import Path
from types import ModuleType

import pluggy

from ganzoo.errors import UnknownName
from ganzoo.registry.hooks import API_VERSION, PROJECT, Hooks
from ganzoo.registry.specs import Component, Recipe, Record

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


def find_plugins() -> tuple[list[Plugin], list[Broken]]:
    """List the installed plugins of the entry-point group, without importing them, and what is amiss with others.

    The environment variable ``GANZOO_PLUGINS`` (distributions, separated by commas) limits the list;
    our own components are always in it. Amiss are a name in it that nobody installed, and unreadable entry points.
    """
    allowed = os.environ.get("GANZOO_PLUGINS")
    wanted = None if allowed is None else {CORE, *filter(None, map(str.strip, allowed.split(",")))}
    points, broken = _points()
    found = {_plugin(point) for point in points}
    broken += map(_not_installed, sorted((wanted or set()) - {CORE} - {plugin.distribution for plugin in found}))
    return sorted((p for p in found if wanted is None or p.distribution in wanted), key=_order), broken


_UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError)
"""What importlib.metadata raises on files that are no metadata."""


def _points() -> tuple[list[EntryPoint], list[Broken]]:
    try:
        return list(entry_points(group=PROJECT)), []
    except _UNREADABLE:  # of any distribution: look at each by itself, which takes longer
        pass
    points: list[EntryPoint] = []
    broken: list[Broken] = []
    seen: set[str | None] = set()
    for distribution in distributions():
        name = _name(distribution)
        if name in seen:  # one that stands earlier on the path hides it
            continue
        seen.add(name)
        try:
            points += distribution.entry_points.select(group=PROJECT)
        except _UNREADABLE as error:
            broken += _unreadable(distribution, name, error)
    return points, broken


def _name(distribution: Distribution) -> str | None:
    try:
        return distribution.name
    except _UNREADABLE:
        return None


def _unreadable(distribution: Distribution, name: str | None, error: Exception) -> Iterator[Broken]:
    """Report entry points that cannot be read, of a distribution that may have meant to be a plugin."""
    called = name or str(distribution.locate_file(""))
    try:
        ours = PROJECT in called or f"[{PROJECT}" in (distribution.read_text("entry_points.txt") or "")
    except _UNREADABLE:
        ours = True
    if ours:
        why = f"its entry_points.txt cannot be read: {_reason(error)}"
        yield Broken(Plugin(called, called, "unknown", called), why, f"pip install --force-reinstall {called}")


def _not_installed(name: str) -> Broken:
    why = "GANZOO_PLUGINS names it, and no plugin of that distribution is installed"
    return Broken(Plugin(name, name, "unknown", name), why, "correct or unset GANZOO_PLUGINS; files go with --plugin")


def describe_file(path: str | Path) -> Plugin:
    """Describe an unpackaged plugin file.

    Raises:
        UnknownName: there is no such file, or it is no Python file.
    """
    file = Path(path)
    if not file.is_file():
        raise UnknownName(f"no plugin file '{path}'. --plugin takes the path of a Python file.")
    if file.suffix != ".py":
        raise UnknownName(f"'{path}' is no Python file. --plugin takes the path of one that ends in .py.")
    if not file.stem.isidentifier():
        raise UnknownName(f"no target can name the plugin file '{path}': call it {_identifier(file.stem)}.py.")
    return Plugin(file.stem, file.stem.replace("_", "-"), UNPACKAGED, str(file.resolve()))


def _identifier(stem: str) -> str:
    name = re.sub(r"\W", "_", stem)
    return f"_{name}" if name[:1].isdigit() or not name else name


def load_plugin(plugin: Plugin) -> tuple[Plugin, tuple[Record, ...] | Broken]:
    """Import one plugin and call its hook; whatever goes wrong becomes a record."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return plugin, tuple(_records(_import(plugin), plugin))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a foreign plugin may do anything, even sys.exit
        return plugin, Broken(plugin, _reason(error), _mend(plugin, error))


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
    key = (record.kind if isinstance(record, Component) else "recipe", record.name)
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
    said = first_line(error)
    return said if isinstance(error, WrongPlugin) else f"{type(error).__name__}: {said}"


def first_line(error: BaseException) -> str:
    """Say an error in its first line."""
    return " ".join(str(error).split())[:300] or "no message"
