"""Which parts a run is made of: the recipe's, what they recommend, and what the user swapped in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from ganzoo.config.layers import COMMAND_LINE, Layer, Setting, component_names, overlay, split_layer
from ganzoo.registry.kinds import KIND_SPECS, KINDS, MANY, Kind
from ganzoo.registry.loader import CORE
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Recipe

DEFAULTS = Layer(
    "default", {kind: (spec.default,) for kind, spec in KIND_SPECS.items() if spec.default} | dict.fromkeys(MANY, ())
)
"""The parts of a run whose recipe does not name them."""


def order_layers(registry: Registry, start: Entry, user: Sequence[Layer]) -> list[Layer]:
    """Order everything that sets parts or settings, lowest first.

    The recipe's own parts recommend below the recipe, which was tuned with them; parts that a file swapped in
    recommend above it, and parts swapped in on the command line above the file. A recommended part may
    recommend further ones.

    Args:
        registry: where the parts' records are found.
        start: the recipe.
        user: what the user said, the configuration file before the command line.

    Raises:
        UnknownName: a part nobody registered.
    """
    recipe = cast(Recipe, start.record)
    named: dict[str, object] = dict(recipe.components.items())
    own = split_layer(f"recipe {recipe.name}", named | dict(recipe.settings))
    own = _spelled(registry, own, start.plugin.distribution)
    defaults = _spelled(registry, DEFAULTS, CORE)
    layers, before = [defaults, own, *user], None
    while True:
        components, _ = overlay(layers)
        if components == before:
            return layers
        below, above, top = collect_recommendations(registry, components, own)
        files = [layer for layer in user if layer.source != COMMAND_LINE]
        spoken = [layer for layer in user if layer.source == COMMAND_LINE]
        layers, before = [defaults, *below, own, *above, *files, *top, *spoken], components


def collect_recommendations(
    registry: Registry, components: Mapping[Kind, Setting], own: Layer
) -> tuple[list[Layer], list[Layer], list[Layer]]:
    """What the chosen parts ask for: the recipe's own, those a file swapped in, those of the command line."""
    below: list[Layer] = []
    above: list[Layer] = []
    top: list[Layer] = []
    for kind in KINDS:
        for name in component_names(components, kind):
            entry = registry.find(kind, name)
            asked = split_layer(f"{kind} {name}", registry.component(kind, name).recommends)
            layer = _spelled(registry, asked, entry.plugin.distribution)
            spoken = {COMMAND_LINE, *(other.source for other in top)}
            place = (
                below if name in own.components.get(kind, ()) else top if components[kind].source in spoken else above
            )
            place.append(layer)
    return below, above, top


def _spelled(registry: Registry, layer: Layer, home: str) -> Layer:
    """Let a layer's parts mean those of its own distribution, even if another plugin uses their names."""
    components = {
        kind: tuple(registry.spelling(kind, n, home) for n in names) for kind, names in layer.components.items()
    }
    return replace(layer, components=components)
