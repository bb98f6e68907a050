"""ganzoo: a zoo of GANs made of plugins.

``ganzoo.train("dcgan", loss="wgan-gp", images=50_000)`` trains, ``ganzoo.load(path).sample(seeds=range(16))``
samples. Plugin authors need ``ganzoo.hookimpl``, ``ganzoo.Component`` and ``ganzoo.Recipe``. Nothing heavy is
imported until it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ganzoo.api import Run, load, train
    from ganzoo.errors import GanzooError
    from ganzoo.registry.hooks import hookimpl
    from ganzoo.registry.specs import Component, Recipe, When

__all__ = ["Component", "GanzooError", "Recipe", "Run", "When", "hookimpl", "load", "train"]

_MODULES = {
    "Run": "api", "load": "api", "train": "api", "GanzooError": "errors", "hookimpl": "registry.hooks",
    "Component": "registry.specs", "Recipe": "registry.specs", "When": "registry.specs",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _MODULES:
        raise AttributeError(f"module 'ganzoo' has no attribute '{name}'")
    return getattr(import_module(f"ganzoo.{_MODULES[name]}"), name)
