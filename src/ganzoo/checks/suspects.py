"""Which part of a run that broke is itself broken: each is held against the laws of its kind."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from ganzoo.checks import training
from ganzoo.checks.kinds import generators, records
from ganzoo.checks.runner import Check, Result, checks_for, run_check
from ganzoo.registry.loader import CORE, UNPACKAGED
from ganzoo.registry.registry import Entry, Registry

SECONDS = 60.0
"""After so long no further check is begun: somebody waits for the message."""


def first_broken(registry: Registry, entries: Iterable[Entry]) -> Result | None:
    """Find the first check that a part fails, plugin files first; our own core is not asked.

    Args:
        registry: everything beside them.
        entries: the parts that were in play.
    """
    end = time.monotonic() + SECONDS
    for check in _checks(registry, entries):
        if time.monotonic() > end:
            return None
        result = run_check(check)
        if result.status == "failed":
            return result
    return None


_FORMAL = frozenset({records.__name__, training.__name__})
"""Checks of what a record says, which breaks nothing, and of whole runs, which the engine may have broken itself."""

_HARMLESS = frozenset({generators.check_exports})
"""What fails these may train all the same."""

_BUILDING = frozenset({"signature", "builds"})
"""Those of them that tell of a part's own code."""


def _checks(registry: Registry, entries: Iterable[Entry]) -> Iterator[Check]:
    foreign = [entry for entry in entries if entry.plugin.distribution != CORE]
    for entry in sorted(foreign, key=lambda entry: entry.plugin.version != UNPACKAGED):
        yield from (check for check in checks_for(entry, registry) if _telling(check))


def _telling(check: Check) -> bool:
    formal = check.function.__module__ in _FORMAL or check.function in _HARMLESS
    return not formal or check.name in _BUILDING
