"""A trainer that trains nothing: checks take the built components from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from torch import nn

from ganzoo.interfaces.losses import Loss, Term
from ganzoo.interfaces.networks import Augmentation
from ganzoo.interfaces.training import Phase
from ganzoo.nn.discriminator import DiscriminatorWithHead
from ganzoo.registry.loader import CORE, Plugin
from ganzoo.registry.registry import Entry, Registry
from ganzoo.registry.specs import Component, Recipe

TRAINER = RECIPE = "conformance-kit"
"""Names of the kit's own trainer, and of its empty recipe, in the registry."""


class KitTrainer:
    """Holds the built components.

    Args:
        generator: the player that makes samples.
        discriminator: the player that scores them.
        loss: the adversarial loss.
        terms: by name.
        augmentations: by name.
    """

    roles: ClassVar[tuple[str, ...]] = ("generator", "discriminator")
    averaged: tuple[str, ...] = ("generator",)

    def __init__(
        self,
        generator: nn.Module,
        discriminator: DiscriminatorWithHead,
        loss: Loss,
        terms: Mapping[str, Term],
        augmentations: Mapping[str, Augmentation],
    ) -> None:
        self.generator, self.discriminator, self.loss = generator, discriminator, loss
        self.terms, self.augmentations = terms, augmentations
        self.players: Mapping[str, nn.Module] = {"generator": generator, "discriminator": discriminator}

    def phases(self) -> tuple[Phase, ...]:
        """Return none: nothing is trained."""
        return ()


def add_kit_trainer(registry: Registry) -> Registry:
    """Add the kit's trainer and recipe to a registry, once; it provides whatever some trainer provides."""
    if any(entry.record.name == TRAINER for entry in registry.entries):
        return registry
    provides = {c for e in registry.of_kind("trainer") if isinstance(e.record, Component) for c in e.record.provides}
    trainer = Component(
        kind="trainer",
        name=TRAINER,
        path=f"{__name__}:{KitTrainer.__name__}",
        summary="holds components for the conformance kit",
        provides=tuple(sorted(provides, key=str)),
    )
    recipe = Recipe(name=RECIPE, summary="names no component", components={})
    plugin = Plugin("conformance", CORE, "0", __name__)
    return Registry((*registry.entries, Entry(trainer, plugin), Entry(recipe, plugin)), registry.broken)
