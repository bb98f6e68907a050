"""The one hook a plugin implements."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from ganzoo.registry.specs import Record

PROJECT = "ganzoo"
"""The entry-point group, and pluggy's project name."""

API_VERSION = 1
"""A plugin module may state ``GANZOO_API = 1``; with another number than this one it is not loaded."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """Hook specifications: what a plugin module may define."""

    @hookspec
    def ganzoo_components(self) -> Iterable[Record]:  # type: ignore[empty-body]
        """Yield the records of this plugin's components and recipes; import nothing heavy."""
