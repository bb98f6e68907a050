"""Which components a run has: the recipe's, those that these recommend, and those that the user chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ganzoo.config.layers import COMMAND_LINE, Layer, Setting, component_names, overlay, split_layer
from ganzoo.registry.kinds import KIND_SPECS, KINDS, MANY, Kind
from ganzoo.registry.loader import CORE
from ganzoo.registry.registry import Registry, strip_distribution

DEFAULTS = Layer(
    "default", {spec.name: (spec.default,) for spec in KIND_SPECS.values() if spec.default} | dict.fromkeys(MANY, ())
)
"""The components of a run whose recipe does not name them."""


def overlay_recommendations(
    registry: Registry, recipe: str, user: Sequence[Layer]
) -> tuple[dict[Kind, Setting], dict[str, tuple[object, str]]]:
    """Lay defaults, recipe, recommendations and the user's layers over one another.

    The recipe's own components recommend below the recipe, which was tuned with them; components that a file chose
    recommend above it, and components chosen on the command line above the file. A recommended component may
    recommend further ones.

    Args:
        registry: where the records are found.
        recipe: its name.
        user: the configuration files before the command line.

    Returns:
        Components by kind, and raw settings by path as ``(value, source)``.

    Raises:
        UnknownName: no plugin has such a recipe or component.
    """
    named, home = registry.recipe(recipe), registry.find("recipe", recipe).plugin.distribution
    chosen: dict[str, object] = dict(named.components.items())
    own = _qualify(registry, split_layer(f"recipe {named.name}", chosen | dict(named.settings)), home)
    defaults = _qualify(registry, DEFAULTS, CORE)
    files = [layer for layer in user if layer.source != COMMAND_LINE]
    typed = [layer for layer in user if layer.source == COMMAND_LINE]
    layers, before = [defaults, own, *user], None
    while True:
        components, settings = overlay_qualified(registry, layers)
        if components == before:
            return components, settings
        below, above, top = _collect_recommendations(registry, components, own)
        layers, before = [defaults, *below, own, *above, *files, *top, *typed], components


def overlay_qualified(
    registry: Registry, layers: Iterable[Layer]
) -> tuple[dict[Kind, Setting], dict[str, tuple[object, str]]]:
    """Lay layers over one another; see ``overlay``. The components are named ``distribution:name``.

    Raises:
        UnknownName: a component does not exist, or a bare name is that of two.
    """
    components, settings = overlay(layers)
    for kind, setting in components.items():
        names = tuple(registry.find(kind, name).qualified for name in component_names(components, kind))
        components[kind] = replace(setting, value=names if kind in MANY else names[0])
    return components, settings


def _collect_recommendations(
    registry: Registry, components: Mapping[Kind, Setting], own: Layer
) -> tuple[list[Layer], list[Layer], list[Layer]]:
    """Collect what components recommend: the recipe's own, those that a file chose, those of the command line."""
    below: list[Layer] = []
    above: list[Layer] = []
    top: list[Layer] = []
    for kind in KINDS:
        for name in component_names(components, kind):
            asked = split_layer(f"{kind} {strip_distribution(name)}", registry.component(kind, name).recommends)
            layer = _qualify(registry, asked, registry.find(kind, name).plugin.distribution)
            typed = {COMMAND_LINE, *(other.source for other in top)}
            is_own, is_typed = name in own.components.get(kind, ()), components[kind].source in typed
            (below if is_own else top if is_typed else above).append(layer)
    return below, above, top


def _qualify(registry: Registry, layer: Layer, home: str) -> Layer:
    """Let a layer's names mean components of its own distribution, even if another plugin has the same names."""
    components = {
        kind: tuple(registry.qualify(kind, name, home) for name in names) for kind, names in layer.components.items()
    }
    return replace(layer, components=components)
