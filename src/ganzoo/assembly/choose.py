"""Which parts a run is made of: the recipe's, what they recommend, and what the user swapped in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ganzoo.config import Layer, Setting, overlay, split_layer
from ganzoo.registry import Registry
from ganzoo.specs import KINDS, MANY, Kind, Recipe

_ONE: dict[Kind, tuple[str, ...]] = {
    "loss": ("non-saturating",),
    "conditioning": ("none",),
    "trainer": ("adversarial",),
    "dataset": ("sprites",),
}
DEFAULTS = Layer("default", _ONE | dict.fromkeys(MANY, ()))
"""The parts of a run whose recipe does not name them."""


def layers_of(registry: Registry, recipe: Recipe, user: Sequence[Layer]) -> list[Layer]:
    """Order everything that sets parts or settings, lowest first.

    The recipe's own parts recommend below the recipe, which was tuned with them; parts that were
    swapped in recommend above it. A recommended part may recommend further ones.

    Args:
        registry: where the parts' records are found.
        recipe: the starting point.
        user: what the user said, the configuration file before the command line.

    Raises:
        UnknownName: a part nobody registered.
    """
    named: dict[str, object] = dict(recipe.parts.items())
    own = split_layer(f"recipe {recipe.name}", named | dict(recipe.settings))
    layers, before = [DEFAULTS, own, *user], None
    while True:
        parts, _ = overlay(layers)
        if parts == before:
            return layers
        below, above = recommendations(registry, parts, own)
        layers, before = [DEFAULTS, *below, own, *above, *user], parts


def recommendations(registry: Registry, parts: Mapping[Kind, Setting], own: Layer) -> tuple[list[Layer], list[Layer]]:
    """What the chosen parts ask for: those of the recipe itself, then those swapped in."""
    below: list[Layer] = []
    above: list[Layer] = []
    for kind in KINDS:
        for name in names_of(parts, kind):
            component = registry.component(kind, name)
            layer = split_layer(f"{kind} {name}", component.recommends)
            (below if name in own.parts.get(kind, ()) else above).append(layer)
    return below, above


def names_of(parts: Mapping[Kind, Setting], kind: Kind) -> tuple[str, ...]:
    """Names of the parts of one kind, none when the run has none."""
    value = parts[kind].value if kind in parts else ()
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)
