"""The adversarial game of one generator and one discriminator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
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
    """Discriminator and generator in turn, the discriminator first (Goodfellow et al. 2014, algorithm 1).

    Labels of fakes are those of the batch's reals, so both have the same distribution of classes.

    Args:
        generator: the player that makes samples.
        discriminator: the player that classifiers them.
        loss: the adversarial loss.
        terms: further terms, each of one player.
        augmentations: applied in order to whatever the discriminator sees.
        discriminator_steps: discriminator steps, each on new reals, before one generator step.
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
        self._generator, self._discriminator, self._loss = generator, discriminator, loss
        self._terms, self._augmentations = terms, augmentations
        self._head = cast(Conditioning, discriminator.head)
        self._discriminator_steps, self._zero = discriminator_steps, neutral_logit(loss)

    def phases(self) -> tuple[Phase, ...]:
        """The discriminator's step (repeated), the generator's, and each lazy term as a step of its own."""
        lazy = (
            Phase(name, term.player, partial(self._lazy_losses, name, term), every=term.every)
            for name, term in self._terms.items()
            if term.every > 1
        )
        discriminator = Phase(
            "discriminator",
            "discriminator",
            self.discriminator_losses,
            repeat=self._discriminator_steps,
            new_batch=True,
        )
        return (discriminator, Phase("generator", "generator", self.generator_losses), *lazy)

    def discriminator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """Adversarial loss of the discriminator, the head's own terms and the discriminator's terms."""
        latents = self._latents(batch)
        with torch.no_grad():
            fakes = self._generator(latents, batch.labels)
        _assert_alike(fakes, batch.images)
        images: dict[Side, Tensor] = {"real": self._watched(batch.images), "fake": self._watched(fakes)}
        real, fake = (self._score(x, batch.labels, batch.rng) for x in images.values())
        self._steer(real.logits.detach(), fake.logits.detach())
        losses = {"loss": self._loss.discriminator(real.logits, fake.logits)}
        losses |= self._head.discriminator_losses(real, fake, batch.labels)
        known: dict[Side, ScoredSamples] = {
            "real": ScoredSamples(images["real"], real.logits),
            "fake": ScoredSamples(images["fake"], fake.logits),
        }
        return losses | self._term_losses("discriminator", self._context(batch, latents, lambda: fakes, known))

    def generator_losses(self, batch: Batch) -> dict[str, Tensor]:
        """Adversarial loss of the generator, the head's own terms and the generator's terms."""
        latents = self._latents(batch)
        fakes = self._generator(latents, batch.labels)
        fake = self._score(fakes, batch.labels, batch.rng)
        real = self._score(batch.images, batch.labels, batch.rng).logits if self._loss.relativistic else None
        losses = {"loss": self._loss.generator(fake.logits, real)}
        losses |= self._head.generator_losses(fake, batch.labels)
        return losses | self._term_losses("generator", self._context(batch, latents, lambda: fakes))

    def _lazy_losses(self, name: str, term: Term, batch: Batch) -> dict[str, Tensor]:
        latents = self._latents(batch)

        def fakes() -> Tensor:
            with torch.set_grad_enabled(term.player == "generator"):
                made: Tensor = self._generator(latents, batch.labels)
            return made

        updates = term.every * (self._discriminator_steps if term.player == "discriminator" else 1)
        return {name: updates * _in_float32(term, self._context(batch, latents, fakes))}

    def _term_losses(self, player: str, context: TermContext) -> dict[str, Tensor]:
        return {name: _in_float32(term, context) for name, term in self._due(player).items()}

    def _due(self, player: str) -> dict[str, Term]:
        """Terms of a player's own phase; lazy ones have one of theirs."""
        return {n: p for n, p in self._terms.items() if p.player == player and p.every == 1}

    def _watched(self, images: Tensor) -> Tensor:
        """Make a leaf of images the discriminator's terms may differentiate by; not of bf16, see ``_in_float32``."""
        exact = not torch.is_autocast_enabled(images.device.type)
        return images.detach().requires_grad_(exact and bool(self._due("discriminator")))

    def _context(
        self,
        batch: Batch,
        latents: Tensor,
        fakes: Callable[[], Tensor],
        known: Mapping[Side, ScoredSamples] | None = None,
    ) -> TermContext:
        def discriminator(images: Tensor, labels: Tensor) -> Tensor:
            return self._score(images, labels, batch.rng).logits

        def features(images: Tensor) -> Tensor:
            found: Tensor = self._discriminator.trunk(self._augmented(images, batch.rng))
            return found

        generator = cast(Generator, self._generator)
        return TermContext(
            discriminator, generator, batch.images, lambda: fakes().float(), batch.labels, latents, batch.rng, features,
            known or {},
        )  # fmt: skip

    def _steer(self, real: Tensor, fake: Tensor) -> None:
        """Tell logits of reals, from where the loss has its zero or, if it has none, from halfway between the means."""
        adaptive = [augment for augment in self._augmentations.values() if isinstance(augment, Adaptive)]
        if adaptive:
            zero = (real.mean() + fake.mean()) / 2 if self._zero is None else self._zero
            for augment in adaptive:
                augment.adapt(real - zero)

    def _latents(self, batch: Batch) -> Tensor:
        return batch.rng.normal(int(self._generator.latent_dim))  # type: ignore[arg-type]

    def _score(self, images: Tensor, labels: Tensor, rng: Rng) -> DiscriminatorOutput:
        output: DiscriminatorOutput = self._discriminator(self._augmented(images, rng), labels)
        return output

    def _augmented(self, images: Tensor, rng: Rng) -> Tensor:
        for augment in self._augmentations.values():
            images = augment(images, rng)
        return images


def _in_float32(term: Term, context: TermContext) -> Tensor:
    """Evaluate a term outside autocast: bf16 put 2 % error into its gradient where measured."""
    with torch.autocast(context.real.device.type, enabled=False):
        return term(context)


def neutral_logit(loss: Loss) -> float | None:
    """Find the logit of a discriminator that cannot tell reals from fakes: the one that costs it least on both sides at once.

    It is 0 for the logistic and the hinge loss, and halfway between the targets of least squares. To a tenth; None
    where all logits may grow together without an end, so that the sign of one says nothing.
    """
    asked = deepcopy(loss) if isinstance(loss, nn.Module) else loss  # one with a memory shall not remember this
    with torch.no_grad():
        costs = torch.stack([torch.as_tensor(asked.discriminator(logits, logits)).double() for logits in _LOGITS])
    least = (costs <= costs.min() + 1e-5 * costs.abs().max().clamp_min(1)).nonzero().flatten()
    return None if not len(least) or least[0] == 0 or least[-1] == len(_LOGITS) - 1 else float(_LOGITS[least, 0].mean())


_LOGITS = torch.linspace(-8, 8, 161, dtype=torch.float64)[:, None].repeat(1, 2)
"""Logits a loss is asked about, two samples each."""


def _assert_alike(fakes: Tensor, reals: Tensor) -> None:
    """Refuse samples of another shape: a discriminator that pools would judge them all the same."""
    if fakes.shape != reals.shape:
        raise BadPart(f"the generator made samples of shape {tuple(fakes.shape)} for reals of {tuple(reals.shape)}.")
