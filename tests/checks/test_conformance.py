"""Every registered component and recipe passes the checks of its kind."""

from __future__ import annotations

from collections.abc import Callable

from ganzoo.registry.registry import load_registry
from ganzoo.testing import parametrize_checks


@parametrize_checks()
def test_conformance(check: Callable[[], None]) -> None:
    check()


def test_no_installed_plugin_is_broken() -> None:
    assert load_registry().broken == ()
