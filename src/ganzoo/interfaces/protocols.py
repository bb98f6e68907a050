"""The kinds as plain protocols, and the two records that pass between trainer and engine.

Shapes: B batch, C channels, H height, W width, F features. Images are float32 in [-1, 1]; logits are ``(B, ...)``.
A constructor's positional parameters come from the assembler by name (``shape``, ``num_classes``, ``norm``,
``feature_dim``, ``generator``, ``discriminator`` ...), its keyword-only ones are the user's settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from ganzoo.registry.specs import Shape


class Rng(Protocol):
    """Randomness of one batch: the same numbers for the same (seed, step), however the batch is split."""

    def normal(self, *dims: int) -> Tensor:
        """Draw standard normal values of shape ``(B, *dims)`` on the run's device."""

    def uniform(self, *dims: int) -> Tensor:
        """Draw values uniform in [0, 1) of shape ``(B, *dims)`` on the run's device."""


@dataclass(frozen=True)
class Batch:
    """What a phase is computed from.

    Args:
        tensors: named tensors with B first; ``images`` always, ``labels`` as int64 (zeros without classes).
        draw: the batch's own randomness.
    """

    tensors: Mapping[str, Tensor]
    rng: Rng

    @property
    def images(self) -> Tensor:
        """Real samples, ``(B, *shape)``."""
        return self.tensors["images"]

    @property
    def labels(self) -> Tensor:
        """Class of each real sample, ``(B,)`` int64."""
        return self.tensors["labels"]


@dataclass(frozen=True)
class Phase:
    """One optimisation step of one player, as data.

    Args:
        name: shown in the panel and in ``metrics.jsonl``.
        player: whose parameters move.
        terms: pure; named scalars of a batch, whose sum is minimised.
        every: run at every N-th step only (lazy regularisation).
        repeat: how often in a row within one step.
        new_batch: each repetition takes the next batch of reals, which counts as images seen;
            otherwise the batch seen last serves again.
    """

    name: str
    player: str
    losses: Callable[[Batch], dict[str, Tensor]]
    every: int = 1
    repeat: int = 1
    new_batch: bool = False


@dataclass(frozen=True)
class DiscriminatorOutput:
    """What a discriminator says of a batch.

    Args:
        logits: ``(B, ...)``, larger is more real.
        extras: further outputs of the conditioning head, such as ``classes`` of shape ``(B, num_classes)``.
    """

    logits: Tensor
    extras: Mapping[str, Tensor] = field(default_factory=dict)


Side: TypeAlias = Literal["real", "fake"]


@dataclass(frozen=True)
class ScoredSamples:
    """Images and what the discriminator says of them.

    Args:
        images: ``(B, *shape)``, a leaf that can be differentiated by.
        logits: ``(B, ...)``, computed from them, through the run's augmentations.
    """

    images: Tensor
    logits: Tensor


@dataclass(frozen=True)
class TermContext:
    """All a term may look at.

    Args:
        discriminator: images and labels to logits, through the run's augmentations.
        generator: the player; latents and labels to images. With the capability ``styles`` it is a
            ``StyleGenerator``.
        real: ``(B, *shape)``.
        make_fake: called when ``fake`` is first looked at.
        labels: ``(B,)`` class of the reals and of the fakes.
        latents: ``(B, latent_dim)`` the fakes are made from.
        draw: the batch's randomness.
        features: images to the discriminator's features ``(B, F, ...)``, through the run's augmentations.
        known: what the phase itself had the discriminator judge; its images are leaves if that was in float32.
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
    _anew: dict[Side, ScoredSamples] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def fake(self) -> Tensor:
        """Fakes ``(B, *shape)``, without gradient to the generator in a discriminator's phase."""
        return self.make_fake()

    def logits(self, side: Side) -> Tensor:
        """Give the discriminator's logits ``(B, ...)`` of the reals or the fakes: those the phase has, else made once."""
        return self.known[side].logits if side in self.known else self.scored(side).logits

    def scored(self, side: Side) -> ScoredSamples:
        """Give the reals or the fakes as a leaf of float32 and logits to differentiate by it, made at most once."""
        known = self._anew.get(side) or self.known.get(side)
        if known is None or not known.images.requires_grad:
            images = (self.real if side == "real" else self.fake).detach().float().requires_grad_()
            known = self._anew[side] = ScoredSamples(images, self.discriminator(images, self.labels))
        return known


class Generator(Protocol):
    """Kind ``generator``, an ``nn.Module``: ``__init__(self, shape, num_classes, norm, *, ...)``."""

    latent_dim: int

    def __call__(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, latent_dim)`` and ``(B,)`` to samples ``(B, *shape)``; in evaluation mode images in [-1, 1]."""


class StyleGenerator(Generator, Protocol):
    """Capability ``styles``: a generator with an intermediate space W, one style vector a layer.

    Calling it is ``synthesis(mapping(latents, labels))``, with style mixing while it trains.
    """

    style_dim: int
    num_styles: int
    """L: layers that take a style, coarse to fine."""
    mean_style: Tensor
    """``(style_dim,)`` buffer: running mean of w, towards which truncation pulls."""

    def mapping(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, latent_dim)`` and ``(B,)`` to styles ``(B, L, style_dim)``, every layer's the same."""

    def synthesis(self, styles: Tensor, noise: Sequence[Tensor] | None = None) -> Tensor:
        """Map styles ``(B, L, style_dim)`` to images ``(B, *shape)``.

        ``noise`` holds one ``(1 or B, 1, H, W)`` a noisy layer; None draws it while training, else takes the fixed one.
        """

    def noise_of(self, seed: int) -> tuple[Tensor, ...]:
        """Draw a noise for ``synthesis``, ``(1, 1, H, W)`` a noisy layer, the same for the same seed."""


class Discriminator(Protocol):
    """Kind ``discriminator``, an ``nn.Module`` without its last layer: ``__init__(self, shape, *, ...)``."""

    feature_dim: int

    def __call__(self, images: Tensor) -> Tensor:
        """Map ``(B, *shape)`` to features ``(B, F)``, or ``(B, F, H, W)`` of a patch discriminator."""


class Loss(Protocol):
    """Kind ``loss``: two pure functions of logits, both minimised."""

    relativistic: ClassVar[bool]
    """Whether the generator's half looks at the logits of reals (they are computed only then)."""

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """Scalar the discriminator minimises."""

    def generator(self, fake: Tensor, real: Tensor | None) -> Tensor:
        """Scalar the generator minimises; ``real`` is None unless ``relativistic``."""


class Term(Protocol):
    """Kind ``term``: any further term of one player, weighted, computed in float32."""

    player: ClassVar[str]
    every: int
    """Evaluated at every N-th step, then scaled by N (lazy regularisation); 1 joins the player's own phase."""

    def __call__(self, context: TermContext) -> Tensor:
        """Scalar, already weighted."""


class Conditioning(Protocol):
    """Kind ``conditioning``, an ``nn.Module``: ``__init__(self, feature_dim, num_classes, *, ...)``.

    It is the discriminator's last layer, and it decides how labels enter both players.
    """

    def __call__(self, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Judge features ``(B, F, ...)`` given labels ``(B,)``."""

    def discriminator_losses(
        self, real: DiscriminatorOutput, fake: DiscriminatorOutput, labels: Tensor
    ) -> dict[str, Tensor]:
        """Further scalars the discriminator minimises; may be empty."""

    def generator_losses(self, fake: DiscriminatorOutput, labels: Tensor) -> dict[str, Tensor]:
        """Further scalars the generator minimises; may be empty."""

    @staticmethod
    def norm(num_features: int, num_classes: int) -> nn.Module:
        """Make the generator's normalisation, a module called with ``(x, labels)``."""


class Constraint(Protocol):
    """Kind ``constraint``: what holds the weights of the players it names."""

    players: tuple[str, ...]

    def prepare(self, module: nn.Module) -> None:
        """Install the constraint in a freshly built player."""

    def project(self, module: nn.Module) -> None:
        """Bring the weights back after each optimiser step, in place, without host synchronisation."""


class Augmentation(Protocol):
    """Kind ``augmentation``, an ``nn.Module``: differentiable, applied to whatever the discriminator sees.

    It may be ``Steered``. If it ``Packs``, it is applied after all that do not (both in ``ganzoo.interfaces.capabilities``).
    """

    def __call__(self, images: Tensor, rng: Rng) -> Tensor:
        """Map ``(B, *shape)`` to the same shape, or to that of its ``seen``."""


class Schedule(Protocol):
    """Kind ``schedule``: lets settings follow the images seen; ``__init__(self, *, ...)``."""

    @property
    def turns(self) -> tuple[str, ...]:
        """Patterns of the settings it turns, such as ``optimizer.*.lr`` or ``term.r1.weight``."""

    def value(self, seen: int, base: float) -> float:
        """Give a setting's value after ``seen`` images; ``base`` is what the configuration says."""


class Trainer(Protocol):
    """Kind ``trainer``: players and phases; one training algorithm."""

    players: Mapping[str, nn.Module]
    averaged: tuple[str, ...]
    """Players of which the engine keeps a moving average."""

    def phases(self) -> tuple[Phase, ...]:
        """The phases of one step, in order."""


class Dataset(Protocol):
    """Kind ``dataset``: real samples by index; ``__init__(self, *, ...)``."""

    shape: Shape
    num_classes: int
    """0 when the data has no classes."""
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        """How many samples there are."""

    def read(self, indices: np.ndarray) -> dict[str, np.ndarray]:
        """Samples by index: ``images`` as uint8 or float32 ``(B, *shape)``, ``labels`` as int64 ``(B,)``."""

    def fingerprint(self) -> str:
        """Hash of the content: equal for equal data wherever it lies."""
