"""Adversarial training of one generator against one discriminator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, ClassVar, cast

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ganzoo.errors import BadComponent
from ganzoo.interfaces.capabilities import Adaptive, HasMidpoint
from ganzoo.interfaces.data import Batch, Rng
from ganzoo.interfaces.losses import Loss, ScoredSamples, Side, Term, TermContext
from ganzoo.interfaces.networks import Augmentation, Conditioning, DiscriminatorOutput, Generator
from ganzoo.interfaces.training import Phase
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
        """Return the discriminator's phase, the generator's, and one of its own for each lazy term."""
        steps, lazy = self._discriminator_steps, {n: term for n, term in self._terms.items() if term.every > 1}
        return (
            Phase("discriminator", "discriminator", self.discriminator_losses, repeat=steps, new_batch=True),
            Phase("generator", "generator", self.generator_losses),
            *(Phase(n, term.player, partial(self._lazy_loss, n), every=term.every) for n, term in lazy.items()),
        )

    def discriminator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """Compute the discriminator's adversarial loss, the losses of its head and its terms."""
        latents = self._draw_latents(batch)
        with torch.no_grad():
            fakes = self._generator(latents, batch.labels)
        _assert_same_shape(fakes, batch.images)
        leaf = bool(self._eager_terms("discriminator")) and not torch.is_autocast_enabled(batch.images.device.type)
        pair: dict[Side, Tensor] = {"real": batch.images, "fake": fakes}
        images = {side: x.detach().requires_grad_(leaf) for side, x in pair.items()}  # leaves for gradient penalties
        real, fake = (self._score(x, batch.labels, batch.rng) for x in images.values())
        self._adapt_augmentations(real.logits.detach(), fake.logits.detach())
        losses = {"loss": self._loss.discriminator(real.logits, fake.logits)}
        losses |= self._head.discriminator_losses(real, fake, batch.labels)
        logits = {"real": real.logits, "fake": fake.logits}
        known = {side: ScoredSamples(x, logits[side]) for side, x in images.items()}
        return losses | self._term_losses("discriminator", self._context(batch, latents, lambda: fakes, known))

    def generator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """Compute the generator's adversarial loss, the losses of the head and its terms."""
        latents = self._draw_latents(batch)
        fakes = self._generator(latents, batch.labels)
        fake = self._score(fakes, batch.labels, batch.rng)
        real = self._score(batch.images, batch.labels, batch.rng).logits if self._loss.relativistic else None
        losses = {"loss": self._loss.generator(fake.logits, real)}
        losses |= self._head.generator_losses(fake, batch.labels)
        return losses | self._term_losses("generator", self._context(batch, latents, lambda: fakes))

    def _lazy_loss(self, name: str, batch: Batch) -> dict[str, Tensor]:
        """Compute one lazy term, scaled by the updates of its player since it was computed last."""
        latents, term = self._draw_latents(batch), self._terms[name]

        def make_fake() -> Tensor:
            with torch.set_grad_enabled(term.player == "generator"):
                return self._generator(latents, batch.labels)

        updates = term.every * (self._discriminator_steps if term.player == "discriminator" else 1)
        return {name: updates * _in_float32(term, self._context(batch, latents, make_fake))}

    def _eager_terms(self, player: str) -> dict[str, Term]:
        return {n: term for n, term in self._terms.items() if term.player == player and term.every == 1}

    def _term_losses(self, player: str, context: TermContext) -> dict[str, Tensor]:
        return {name: _in_float32(term, context) for name, term in self._eager_terms(player).items()}

    def _context(
        self,
        batch: Batch,
        latents: Tensor,
        make_fake: Callable[[], Tensor],
        known: Mapping[Side, ScoredSamples] | None = None,
    ) -> TermContext:
        def discriminator(images: Tensor, labels: Tensor) -> Tensor:
            return self._score(images, labels, batch.rng).logits

        def features(images: Tensor) -> Tensor:
            found: Tensor = self._discriminator.trunk(self._augment(images, batch.rng))
            return found

        return TermContext(
            discriminator, self._generator, batch.images, lambda: make_fake().float(), batch.labels, latents, batch.rng,
            features, known or {},
        )  # fmt: skip

    def _adapt_augmentations(self, real: Tensor, fake: Tensor) -> None:
        """Pass adaptive augmentations the logits of reals above the loss's midpoint, or above that of the two means."""
        adaptive = [augmentation for augmentation in self._augmentations.values() if isinstance(augmentation, Adaptive)]
        if adaptive:
            loss = self._loss
            above = real - (loss.midpoint if isinstance(loss, HasMidpoint) else (real.mean() + fake.mean()) / 2)
            for augmentation in adaptive:
                augmentation.adapt(above)

    def _draw_latents(self, batch: Batch) -> Tensor:
        return batch.rng.normal(int(self._generator.latent_dim))

    def _score(self, images: Tensor, labels: Tensor, rng: Rng) -> DiscriminatorOutput:
        output: DiscriminatorOutput = self._discriminator(self._augment(images, rng), labels)
        return output

    def _augment(self, images: Tensor, rng: Rng) -> Tensor:
        for augmentation in self._augmentations.values():
            images = augmentation(images, rng)
        return images


def _in_float32(term: Term, context: TermContext) -> Tensor:
    """Evaluate a term outside autocast: bf16 put an error of 2 % into its gradient where measured."""
    with torch.autocast(context.real.device.type, enabled=False):
        return term(context)


def _assert_same_shape(fakes: Tensor, reals: Tensor) -> None:
    """Refuse samples of another shape, which a discriminator that pools would accept."""
    if fakes.shape != reals.shape:
        raise BadComponent(
            f"the generator made samples of shape {tuple(fakes.shape)} for reals of {tuple(reals.shape)}."
        )
