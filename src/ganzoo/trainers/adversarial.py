"""The adversarial game of one generator and one critic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from typing import Annotated, ClassVar, cast

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ganzoo.abilities import Steered
from ganzoo.errors import BadPart
from ganzoo.nn.critic import Critic
from ganzoo.protocols import (
    Augmentation,
    Batch,
    Conditioning,
    Draw,
    Generator,
    Judged,
    Loss,
    Penalty,
    Phase,
    Scene,
    Side,
    Verdict,
)


class Adversarial:
    """Critic and generator in turn, the critic first (Goodfellow et al. 2014, algorithm 1).

    Labels of fakes are those of the batch's reals, so both have the same distribution of classes.

    Args:
        generator: the player that makes samples.
        discriminator: the player that judges them.
        loss: the adversarial loss.
        penalties: further terms, each of one player.
        augmentations: applied in order to whatever the critic sees.
        critic_steps: critic steps, each on new reals, before one generator step.
    """

    roles: ClassVar[tuple[str, ...]] = ("generator", "discriminator")
    averaged: tuple[str, ...] = ("generator",)

    def __init__(
        self,
        generator: nn.Module,
        discriminator: Critic,
        loss: Loss,
        penalties: Mapping[str, Penalty],
        augmentations: Mapping[str, Augmentation],
        *,
        critic_steps: Annotated[int, Ge(1)] = 1,
    ) -> None:
        self.players = {"generator": generator, "discriminator": discriminator}
        self._generator, self._critic, self._loss = generator, discriminator, loss
        self._penalties, self._augmentations = penalties, augmentations
        self._head = cast(Conditioning, discriminator.head)
        self._critic_steps, self._zero = critic_steps, zero_of(loss)

    def phases(self) -> tuple[Phase, ...]:
        """The critic's step (repeated), the generator's, and each lazy penalty as a step of its own."""
        lazy = (
            Phase(name, penalty.player, partial(self._lazy_terms, name, penalty), every=penalty.every)
            for name, penalty in self._penalties.items()
            if penalty.every > 1
        )
        critic = Phase("critic", "discriminator", self.critic_terms, repeat=self._critic_steps, fresh=True)
        return (critic, Phase("generator", "generator", self.generator_terms), *lazy)

    def critic_terms(self, batch: Batch) -> dict[str, Tensor]:
        """Adversarial loss of the critic, the head's own terms and the critic's penalties."""
        latents = self._latents(batch)
        with torch.no_grad():
            fakes = self._generator(latents, batch.labels)
        _assert_alike(fakes, batch.images)
        images: dict[Side, Tensor] = {"real": self._watched(batch.images), "fake": self._watched(fakes)}
        real, fake = (self._judge(x, batch.labels, batch.draw) for x in images.values())
        self._steer(real.logits.detach(), fake.logits.detach())
        terms = {"loss": self._loss.critic(real.logits, fake.logits)}
        terms |= self._head.critic_terms(real, fake, batch.labels)
        known: dict[Side, Judged] = {
            "real": Judged(images["real"], real.logits),
            "fake": Judged(images["fake"], fake.logits),
        }
        return terms | self._penalty_terms("discriminator", self._scene(batch, latents, lambda: fakes, known))

    def generator_terms(self, batch: Batch) -> dict[str, Tensor]:
        """Adversarial loss of the generator, the head's own terms and the generator's penalties."""
        latents = self._latents(batch)
        fakes = self._generator(latents, batch.labels)
        fake = self._judge(fakes, batch.labels, batch.draw)
        real = self._judge(batch.images, batch.labels, batch.draw).logits if self._loss.relativistic else None
        terms = {"loss": self._loss.generator(fake.logits, real)}
        terms |= self._head.generator_terms(fake, batch.labels)
        return terms | self._penalty_terms("generator", self._scene(batch, latents, lambda: fakes))

    def _lazy_terms(self, name: str, penalty: Penalty, batch: Batch) -> dict[str, Tensor]:
        latents = self._latents(batch)

        def fakes() -> Tensor:
            with torch.set_grad_enabled(penalty.player == "generator"):
                made: Tensor = self._generator(latents, batch.labels)
            return made

        updates = penalty.every * (self._critic_steps if penalty.player == "discriminator" else 1)
        return {name: updates * _in_float32(penalty, self._scene(batch, latents, fakes))}

    def _penalty_terms(self, player: str, scene: Scene) -> dict[str, Tensor]:
        return {name: _in_float32(penalty, scene) for name, penalty in self._due(player).items()}

    def _due(self, player: str) -> dict[str, Penalty]:
        """Penalties of a player's own phase; lazy ones have one of theirs."""
        return {n: p for n, p in self._penalties.items() if p.player == player and p.every == 1}

    def _watched(self, images: Tensor) -> Tensor:
        """Make a leaf of images the critic's penalties may differentiate by; not of bf16, see ``_in_float32``."""
        exact = not torch.is_autocast_enabled(images.device.type)
        return images.detach().requires_grad_(exact and bool(self._due("discriminator")))

    def _scene(
        self, batch: Batch, latents: Tensor, fakes: Callable[[], Tensor], known: Mapping[Side, Judged] | None = None
    ) -> Scene:
        def critic(images: Tensor, labels: Tensor) -> Tensor:
            return self._judge(images, labels, batch.draw).logits

        def features(images: Tensor) -> Tensor:
            found: Tensor = self._critic.trunk(self._augmented(images, batch.draw))
            return found

        generator = cast(Generator, self._generator)
        return Scene(
            critic, generator, batch.images, lambda: fakes().float(), batch.labels, latents, batch.draw, features,
            known or {},
        )  # fmt: skip

    def _steer(self, real: Tensor, fake: Tensor) -> None:
        """Tell logits of reals, from where the loss has its zero or, if it has none, from halfway between the means."""
        steered = [augment for augment in self._augmentations.values() if isinstance(augment, Steered)]
        if steered:
            zero = (real.mean() + fake.mean()) / 2 if self._zero is None else self._zero
            for augment in steered:
                augment.steer(real - zero)

    def _latents(self, batch: Batch) -> Tensor:
        return batch.draw.normal(int(self._generator.latent_dim))  # type: ignore[arg-type]

    def _judge(self, images: Tensor, labels: Tensor, draw: Draw) -> Verdict:
        verdict: Verdict = self._critic(self._augmented(images, draw), labels)
        return verdict

    def _augmented(self, images: Tensor, draw: Draw) -> Tensor:
        for augment in self._augmentations.values():
            images = augment(images, draw)
        return images


def _in_float32(penalty: Penalty, scene: Scene) -> Tensor:
    """Evaluate a penalty outside autocast: bf16 put 2 % error into its gradient where measured."""
    with torch.autocast(scene.real.device.type, enabled=False):
        return penalty(scene)


def zero_of(loss: Loss) -> float | None:
    """Find the logit of a critic that cannot tell reals from fakes: the one that costs it least on both sides at once.

    It is 0 for the logistic and the hinge loss, and halfway between the targets of least squares. To a tenth; None
    where all logits may grow together without an end, so that the sign of one says nothing.
    """
    asked = deepcopy(loss) if isinstance(loss, nn.Module) else loss  # one with a memory shall not remember this
    with torch.no_grad():
        costs = torch.stack([torch.as_tensor(asked.critic(logits, logits)).double() for logits in _LOGITS])
    least = (costs <= costs.min() + 1e-5 * costs.abs().max().clamp_min(1)).nonzero().flatten()
    return None if not len(least) or least[0] == 0 or least[-1] == len(_LOGITS) - 1 else float(_LOGITS[least, 0].mean())


_LOGITS = torch.linspace(-8, 8, 161, dtype=torch.float64)[:, None].repeat(1, 2)
"""Logits a loss is asked about, two samples each."""


def _assert_alike(fakes: Tensor, reals: Tensor) -> None:
    """Refuse samples of another shape: a critic that pools would judge them all the same."""
    if fakes.shape != reals.shape:
        raise BadPart(f"the generator made samples of shape {tuple(fakes.shape)} for reals of {tuple(reals.shape)}.")
