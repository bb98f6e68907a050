"""Name the component whose code an unexpected error comes from."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ganzoo.config.layers import Config
from ganzoo.errors import BadComponent, GanzooError, PluginError
from ganzoo.registry.kinds import KINDS
from ganzoo.registry.loader import CORE, UNPACKAGED, Plugin
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Component


def run_entries(registry: Registry, config: Config) -> Iterator[Entry]:
    """Find the components of a run in the registry, without those that are no longer installed."""
    for kind in KINDS:
        for name in config.qualified_names(kind):
            try:
                yield registry.find(kind, name)
            except GanzooError:
                continue


@contextmanager
def plugin_errors(entries: Iterable[Entry], called: Entry | None = None) -> Iterator[None]:
    """Raise a ``PluginError`` from an unexpected error in a plugin's code; a ``GanzooError`` passes.

    The culprit is the component whose code is innermost in the traceback.

    Args:
        entries: components whose code may run within the block.
        called: the culprit where the traceback holds no plugin's code: it was called wrongly, or returned a value
            that our code cannot use.
    """
    try:
        yield
    except BadComponent as error:
        error.name = error.name or (called.record.name if called else "")
        raise
    except (GanzooError, PluginError):
        raise
    except Exception as error:
        listed = list(entries)
        culprit, where = _find_culprit(error, listed) or (called, "")
        if culprit is None or culprit.plugin.distribution == CORE:
            raise
        reason = (str(error).strip() or "no message").splitlines()[0]
        what = f"failed{where}: {type(error).__name__}: {reason}"
        raise PluginError(
            culprit.kind, culprit.record.name, culprit.plugin.distribution, what, _advise(culprit, listed)
        ) from error


def _find_culprit(error: Exception, entries: list[Entry]) -> tuple[Entry, str] | None:
    """Find the component whose plugin the innermost frame of a plugin belongs to, and say in which line.

    Of several components of that plugin it is the one whose class the frames show, else the first.
    """
    frames = [(str(frame.f_globals.get("__name__", "")), frame.f_code, line)
              for frame, line in traceback.walk_tb(error.__traceback__)][::-1]  # fmt: skip
    for module, code, line in frames:
        package = module.partition(".")[0]
        owned = [e for e in entries if e.plugin.distribution != CORE and _package(e.plugin) == package]
        if owned:
            paths = {e.record.path: e for e in owned if isinstance(e.record, Component)}
            classes = [f"{module}:{code.co_qualname.partition('.')[0]}" for module, code, _ in frames]
            culprit = next((paths[path] for path in classes if path in paths), owned[0])
            return culprit, f" in {code.co_filename}:{line}"
    return None


def _package(plugin: Plugin) -> str:
    return plugin.name if plugin.version == UNPACKAGED else re.split("[.:]", plugin.source, maxsplit=1)[0]


def _advise(culprit: Entry, entries: list[Entry]) -> str:
    """Say what to check: the culprit; where it is installed, also what plugin files gave it to work with."""
    files = [entry for entry in entries if entry.plugin.version == UNPACKAGED]
    checked = [culprit] if culprit.plugin.version == UNPACKAGED else [culprit, *files]
    return "; ".join(dict.fromkeys(entry.command("check") for entry in checked))
