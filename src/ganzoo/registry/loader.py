"""Find and load plugins, each in isolation; a broken plugin becomes a record and never a crash.

``find_plugins`` reads entry points, ``load_plugin`` imports one plugin and calls its hook.
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
        distribution: the distribution that contains it.
        version: that distribution's version.
        source: ``"package.module"`` to import, or the path of an unpackaged ``.py`` file.
    """

    name: str
    distribution: str
    version: str
    source: str


@dataclass(frozen=True)
class Broken:
    """A plugin that could not be loaded.

    Args:
        plugin: the plugin.
        reason: one line.
        fix: the command that fixes it.
    """

    plugin: Plugin
    reason: str
    fix: str


def find_plugins() -> tuple[list[Plugin], list[Broken]]:
    """List the installed plugins of the entry-point group without importing them, and those that cannot be read.

    The environment variable ``GANZOO_PLUGINS`` (distributions, separated by commas) limits the list; our own components
    are always in it. A distribution it names that is not installed counts as broken.
    """
    allowed = os.environ.get("GANZOO_PLUGINS")
    wanted = None if allowed is None else {CORE, *filter(None, map(str.strip, allowed.split(",")))}
    points, broken = _read_entry_points()
    found = {_describe_entry_point(point) for point in points}
    for name in sorted((wanted or set()) - {CORE} - {plugin.distribution for plugin in found}):
        reason = "GANZOO_PLUGINS names it, and no plugin of that distribution is installed"
        fix = "correct or unset GANZOO_PLUGINS; files go with --plugin"
        broken.append(Broken(Plugin(name, name, "unknown", name), reason, fix))
    plugins = [plugin for plugin in found if wanted is None or plugin.distribution in wanted]
    return sorted(plugins, key=lambda p: (p.distribution != CORE, p.distribution, p.name)), broken


_UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError)
"""What importlib.metadata raises on files that are no metadata."""


def _read_entry_points() -> tuple[list[EntryPoint], list[Broken]]:
    try:
        return list(entry_points(group=PROJECT)), []
    except _UNREADABLE:  # of any distribution: read each by itself, which takes longer
        pass
    points: list[EntryPoint] = []
    broken: list[Broken] = []
    seen: set[str | None] = set()
    for distribution in distributions():
        name = _read_name(distribution)
        if name in seen:  # a distribution earlier on the path hides it
            continue
        seen.add(name)
        try:
            points += distribution.entry_points.select(group=PROJECT)
        except _UNREADABLE as error:
            broken += _describe_unreadable(distribution, name, error)
    return points, broken


def _read_name(distribution: Distribution) -> str | None:
    try:
        return distribution.name
    except _UNREADABLE:
        return None


def _describe_unreadable(distribution: Distribution, name: str | None, error: Exception) -> Iterator[Broken]:
    """Report entry points that cannot be read, if their distribution may be a plugin of ours."""
    known_as = name or str(distribution.locate_file(""))
    try:
        ours = PROJECT in known_as or f"[{PROJECT}" in (distribution.read_text("entry_points.txt") or "")
    except _UNREADABLE:
        ours = True
    if ours:
        reason = f"its entry_points.txt cannot be read: {_describe_error(error)}"
        plugin = Plugin(known_as, known_as, "unknown", known_as)
        yield Broken(plugin, reason, f"pip install --force-reinstall {known_as}")


def _describe_entry_point(point: EntryPoint) -> Plugin:
    distribution = (point.dist.name if point.dist is not None else None) or point.name  # no name: METADATA is lost
    try:
        return Plugin(point.name, distribution, version(distribution) or "unknown", point.value)
    except PackageNotFoundError:
        return Plugin(point.name, distribution, "unknown", point.value)


def describe_file(path: str | Path) -> Plugin:
    """Describe an unpackaged plugin file.

    Raises:
        UnknownName: the file does not exist, or is no Python file.
    """
    file = Path(path)
    if not file.is_file():
        raise UnknownName(f"no plugin file '{path}'. --plugin takes the path of a Python file.")
    if file.suffix != ".py":
        raise UnknownName(f"'{path}' is no Python file. --plugin takes the path of one that ends in .py.")
    if not file.stem.isidentifier():
        name = re.sub(r"\W", "_", file.stem)
        name = f"_{name}" if name[:1].isdigit() or not name else name
        raise UnknownName(f"'{path}' cannot be imported: rename the plugin file to {name}.py.")
    return Plugin(file.stem, file.stem.replace("_", "-"), UNPACKAGED, str(file.resolve()))


def load_plugin(plugin: Plugin) -> tuple[Plugin, tuple[Record, ...] | Broken]:
    """Import one plugin and call its hook; any error becomes a record."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return plugin, tuple(_collect_records(_import_plugin(plugin), plugin))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a foreign plugin may do anything, even sys.exit
        return plugin, Broken(plugin, _describe_error(error), _suggest_fix(plugin, error))


class WrongPlugin(Exception):
    """A plugin breaks a rule of the hook; the text says which."""


def _import_plugin(plugin: Plugin) -> ModuleType:
    if not plugin.source.endswith(".py"):
        return importlib.import_module(plugin.source)
    name = Path(plugin.source).stem
    other = importlib.util.find_spec(name) if name.isidentifier() else None
    if other is not None and other.origin != plugin.source:  # others import it, such as random.py
        raise WrongPlugin(f"its file name is that of the module '{name}': rename the file")
    spec = importlib.util.spec_from_file_location(name, plugin.source)
    if spec is None or spec.loader is None:
        raise WrongPlugin(f"{plugin.source} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _collect_records(module: ModuleType, plugin: Plugin) -> Iterator[Record]:
    """Call the hook of one plugin alone, so that no plugin can spoil another's result."""
    api = getattr(module, "GANZOO_API", API_VERSION)
    if api != API_VERSION:
        raise WrongPlugin(f"written for plugin API {api}; this ganzoo has {API_VERSION}")
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    manager.register(module, plugin.name)
    manager.check_pending()
    if not manager.hook.ganzoo_components.get_hookimpls():
        raise WrongPlugin("defines no hook ganzoo_components(); is @hookimpl missing?")
    results = manager.hook.ganzoo_components()  # pluggy leaves None out
    if not results:
        raise WrongPlugin("ganzoo_components() returns nothing: yield the records")
    seen: set[tuple[str, str]] = set()
    for record in results[0]:
        if not isinstance(record, Component | Recipe):
            raise WrongPlugin(f"yields {record!r}, which is neither a Component nor a Recipe")
        key = (record.kind if isinstance(record, Component) else "recipe", record.name)
        if key in seen:
            raise WrongPlugin(f"yields the {key[0]} '{key[1]}' twice")
        seen.add(key)
        yield record


def _suggest_fix(plugin: Plugin, error: BaseException) -> str:
    if plugin.version == UNPACKAGED:
        return f"edit {plugin.source}"
    missing = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if missing and missing not in (PROJECT, plugin.source.partition(".")[0]):
        return f"pip install {missing}"
    if missing == PROJECT or "plugin API" in str(error):  # it was written for another ganzoo
        return f"pip install --upgrade {plugin.distribution}"
    return f"pip uninstall {plugin.distribution}"


def _describe_error(error: BaseException) -> str:
    text = first_line(error)
    return text if isinstance(error, WrongPlugin) else f"{type(error).__name__}: {text}"


def first_line(error: BaseException) -> str:
    """Return an error's text in one line of at most 300 characters."""
    return " ".join(str(error).split())[:300] or "no message"
