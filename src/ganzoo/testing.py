"""The conformance kit in pytest.

All that a plugin needs to test its components::

    from ganzoo.testing import parametrize_checks

    @parametrize_checks("my-plugin")
    def test_conformance(check):
        check()

A component that breaks a rule on purpose says so in its class, by name of the check, with the reason::

    known_failures = {"every-size": "powers of two only"}

The check is skipped, and fails as soon as the component passes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

from ganzoo.checks import Check, Skip, checks_for, run_check
from ganzoo.checks.selection import select_records
from ganzoo.registry.registry import load_registry

__all__ = ["parametrize_checks"]

_Test = TypeVar("_Test", bound=Callable[..., object])


@dataclass(frozen=True)
class Case:
    """A check as pytest runs it: it is skipped where it cannot run, or is declared to fail.

    Args:
        check: the check.
    """

    check: Check

    def __call__(self) -> None:
        """Run the check; a broken rule raises ``AssertionError``."""
        if self.check.excuse is not None:
            result = run_check(self.check)
            assert result.status != "failed", result.reason
            pytest.skip(result.reason)
        try:
            self.check()
        except Skip as skip:
            pytest.skip(str(skip))


def parametrize_checks(*names: str) -> Callable[[_Test], _Test]:
    """Decorate a test that takes ``check``: it runs once for each component and each check of that component.

    Args:
        names: distributions (``"ganzoo-dcgan"``), components (``"hinge"``), or paths of plugin files
            (``"my_plugin.py"``); everything installed when none is given.

    Raises:
        UnknownName: nothing has that name.
        AssertionError: a plugin that was named cannot be loaded.

    Example::

        @parametrize_checks("my-plugin")
        def test_conformance(check):
            check()
    """
    files = [name for name in names if name.endswith(".py")]
    catalogue = load_registry(files)
    selection = select_records(catalogue, [name for name in names if name not in files], files)
    for broken in selection.broken if names else ():
        raise AssertionError(f"plugin {broken.plugin.name} is broken: {broken.reason}. To fix it: {broken.fix}")
    cases = [Case(check) for entry in selection.entries for check in checks_for(entry, catalogue)]
    mark: Callable[[_Test], _Test] = pytest.mark.parametrize("check", cases, ids=[str(case.check) for case in cases])
    return mark
