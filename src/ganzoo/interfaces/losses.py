"""Losses and terms: what players minimise, and what it is computed from.

Shapes: B batch, F features. Images are float32 in [-1, 1]; logits are ``(B, ...)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from torch import Tensor

    from ganzoo.interfaces.data import Rng
    from ganzoo.interfaces.networks import Generator


class Loss(Protocol):
    """Kind ``loss``: two pure functions of logits, both minimised.

    A loss may also be ``HasMidpoint``, from which adaptive augmentations measure the logits of reals.
    """

    relativistic: ClassVar[bool]
    """Whether the generator's loss depends on the logits of reals, which are computed only then."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the scalar the discriminator minimises."""

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Return the scalar the generator minimises; ``real`` is None unless ``relativistic``."""


Side: TypeAlias = Literal["real", "fake"]


@dataclass(frozen=True)
class ScoredSamples:
    """Images and the discriminator's logits for them.

    Args:
        images: ``(B, *shape)``, a leaf that can be differentiated by.
        logits: ``(B, ...)``, computed from them, through the run's augmentations.
    """

    images: Tensor
    logits: Tensor


@dataclass(frozen=True)
class TermContext:
    """Everything a term may be computed from.

    Args:
        discriminator: maps images and labels to logits, through the run's augmentations.
        generator: the player; maps latents and labels to images. With the capability ``styles`` it is a
            ``StyleGenerator``.
        real: ``(B, *shape)``.
        make_fake: called when ``fake`` is first read.
        labels: ``(B,)`` class of the reals and of the fakes.
        latents: ``(B, latent_dim)`` the fakes are made from.
        rng: random numbers of the batch.
        features: maps images to the discriminator's features ``(B, F, ...)``, through the run's augmentations.
        known: samples the phase itself has scored; their images are leaves if it did so in float32.
    """

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Generator
    real: Tensor
    make_fake: Callable[[], Tensor]
    labels: Tensor
    latents: Tensor
    rng: Rng
    features: Callable[[Tensor], Tensor]
    known: Mapping[Side, ScoredSamples] = field(default_factory=dict)
    _scored: dict[Side, ScoredSamples] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def fake(self) -> Tensor:
        """Fakes ``(B, *shape)``, without gradient to the generator in a discriminator's phase."""
        return self.make_fake()

    def logits(self, side: Side) -> Tensor:
        """Return the discriminator's logits ``(B, ...)`` of reals or fakes: the phase's where it has them."""
        return self.known[side].logits if side in self.known else self.score(side).logits

    def score(self, side: Side) -> ScoredSamples:
        """Score reals or fakes as a float32 leaf that the logits can be differentiated by; computed at most once."""
        known = self._scored.get(side) or self.known.get(side)
        if known is None or not known.images.requires_grad:
            images = (self.real if side == "real" else self.fake).detach().float().requires_grad_()
            known = self._scored[side] = ScoredSamples(images, self.discriminator(images, self.labels))
        return known


class Term(Protocol):
    """Kind ``term``: a further loss term of one player, weighted, computed in float32."""

    player: ClassVar[str]
    every: int
    """Computed at every N-th step and scaled by N (lazy regularisation); 1 adds it to the player's own phase."""

    def __call__(self, context: TermContext) -> Tensor:
        """Return the weighted scalar."""
