"""Adversarial training of one generator and one discriminator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, ClassVar, cast

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ganzoo.errors import BadPart
from ganzoo.interfaces.capabilities import Adaptive
from ganzoo.interfaces.protocols import (
    Augmentation,
    Batch,
    Conditioning,
    DiscriminatorOutput,
    Generator,
    Loss,
    Phase,
    Rng,
    ScoredSamples,
    Side,
    Term,
    TermContext,
)
from ganzoo.nn.discriminator import DiscriminatorWithHead


class Adversarial:
    """Alternates steps of the discriminator and of the generator (Goodfellow et al. 2014, algorithm 1).

    The fakes have the class labels of the batch's reals, so that both have the same distribution of classes.

    Args:
        generator: makes samples from latents and labels.
        discriminator: scores samples.
        loss: the adversarial loss.
        terms: further loss terms, each of one player.
        augmentations: applied in order to all images the discriminator sees.
        discriminator_steps: steps of the discriminator, each on a new batch of reals, before one of the generator.
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
        *,
        discriminator_steps: Annotated[int, Ge(1)] = 1,
    ) -> None:
        self.players = {"generator": generator, "discriminator": discriminator}
        self._generator, self._discriminator = cast(Generator, generator), discriminator
        self._head = cast(Conditioning, discriminator.head)
        self._loss, self._terms, self._augmentations = loss, terms, augmentations
        self._discriminator_steps = discriminator_steps

    def phases(self) -> tuple[Phase, ...]:
        """Return the discriminator's phase, the generator's, and one for each lazy term."""
        score, make = self.discriminator_losses, self.generator_losses
        lazy = (
            Phase(name, term.player, partial(self._lazy_term, name, term), every=term.every)
            for name, term in self._terms.items()
            if term.every > 1
        )
        return (
            Phase("discriminator", "discriminator", score, repeat=self._discriminator_steps, new_batch=True),
            Phase("generator", "generator", make),
            *lazy,
        )

    def discriminator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """Compute the discriminator's adversarial loss, the losses of its head and its terms."""
        latents = self._draw_latents(batch)
        with torch.no_grad():
            fakes = self._generator(latents, batch.labels)
        _assert_same_shape(fakes, batch.images)
        leaf = partial(self._make_leaf, differentiable=bool(self._eager_terms("discriminator")))
        images: dict[Side, Tensor] = {"real": leaf(batch.images), "fake": leaf(fakes)}
        real, fake = (self._score(x, batch.labels, batch.rng) for x in images.values())
        self._adapt_augmentations(real.logits.detach(), fake.logits.detach())
        losses = {"loss": self._loss.discriminator(real.logits, fake.logits)}
        losses |= self._head.discriminator_losses(real, fake, batch.labels)
        known: dict[Side, ScoredSamples] = {
            "real": ScoredSamples(images["real"], real.logits),
            "fake": ScoredSamples(images["fake"], fake.logits),
        }
        context = self._context(batch, latents, lambda: fakes, known)
        return losses | self._term_losses("discriminator", context)

    def generator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """Compute the generator's adversarial loss, the losses of the head and its terms."""
        latents = self._draw_latents(batch)
        fakes = self._generator(latents, batch.labels)
        fake = self._score(fakes, batch.labels, batch.rng)
        real = self._score(batch.images, batch.labels, batch.rng).logits if self._loss.relativistic else None
        losses = {"loss": self._loss.generator(fake.logits, real)}
        losses |= self._head.generator_losses(fake, batch.labels)
        return losses | self._term_losses("generator", self._context(batch, latents, lambda: fakes))
