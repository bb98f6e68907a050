"""Networks, and what acts on their inputs, outputs and weights.

Shapes: B batch, C channels, H height, W width, F features. Images are float32 in [-1, 1]; logits are ``(B, ...)``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ganzoo.interfaces.data import Rng


class Generator(Protocol):
    """Kind ``generator``, an ``nn.Module``: ``__init__(self, shape, num_classes, norm, *, ...)``."""

    latent_dim: int

    def __call__(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, latent_dim)`` and ``(B,)`` to samples ``(B, *shape)``; in evaluation mode images in [-1, 1]."""


class StyleGenerator(Generator, Protocol):
    """Capability ``styles``: a generator with an intermediate space W, one style vector a layer.

    Calling it is ``synthesis(mapping(latents, labels))``, with style mixing in training mode.
    """

    style_dim: int
    num_styles: int
    """L: layers that take a style, coarse to fine."""
    mean_style: Tensor
    """``(style_dim,)`` buffer: running mean of w, towards which truncation pulls."""

    def mapping(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, latent_dim)`` and ``(B,)`` to styles ``(B, L, style_dim)``, the same for every layer."""

    def synthesis(self, styles: Tensor, noise: Sequence[Tensor] | None = None) -> Tensor:
        """Map styles ``(B, L, style_dim)`` to images ``(B, *shape)``.

        ``noise`` holds one ``(1 or B, 1, H, W)`` per noisy layer; None samples it in training mode and takes the fixed
        noise in evaluation mode.
        """

    def make_noise(self, seed: int) -> tuple[Tensor, ...]:
        """Make noise for ``synthesis``, ``(1, 1, H, W)`` per noisy layer, the same for the same seed."""


class Discriminator(Protocol):
    """Kind ``discriminator``, an ``nn.Module`` without its last layer: ``__init__(self, shape, *, ...)``."""

    feature_dim: int

    def __call__(self, images: Tensor) -> Tensor:
        """Map ``(B, *shape)`` to features ``(B, F)``, or ``(B, F, H, W)`` of a patch discriminator."""


@dataclass(frozen=True)
class DiscriminatorOutput:
    """What a discriminator returns for a batch.

    Args:
        logits: ``(B, ...)``, larger is more real.
        extras: further outputs of the conditioning head, such as ``classes`` of shape ``(B, num_classes)``.
    """

    logits: Tensor
    extras: Mapping[str, Tensor] = field(default_factory=dict)


class Conditioning(Protocol):
    """Kind ``conditioning``, an ``nn.Module``: ``__init__(self, feature_dim, num_classes, *, ...)``.

    It is the discriminator's last layer, and it decides how labels enter both players.
    """

    def __call__(self, features: Tensor, labels: Tensor) -> DiscriminatorOutput:
        """Map features ``(B, F, ...)`` and labels ``(B,)`` to logits."""

    def discriminator_losses(
        self, real: DiscriminatorOutput, fake: DiscriminatorOutput, labels: Tensor
    ) -> dict[str, Tensor]:
        """Return further scalars the discriminator minimises; may be empty."""

    def generator_losses(self, fake: DiscriminatorOutput, labels: Tensor) -> dict[str, Tensor]:
        """Return further scalars the generator minimises; may be empty."""

    @staticmethod
    def norm(num_features: int, num_classes: int) -> nn.Module:
        """Make the generator's normalisation, a module called with ``(x, labels)``."""


class Augmentation(Protocol):
    """Kind ``augmentation``, an ``nn.Module``: differentiable, applied to everything the discriminator sees.

    It may be ``Adaptive``. If it ``Packs``, it is applied after all that do not.
    """

    def __call__(self, images: Tensor, rng: Rng) -> Tensor:
        """Map ``(B, *shape)`` to the same shape, or to that of its ``output_shape``."""


class Constraint(Protocol):
    """Kind ``constraint``: keeps the weights of the players it names within a set."""

    players: tuple[str, ...]

    def prepare(self, module: nn.Module) -> None:
        """Install the constraint in a newly built player."""

    def project(self, module: nn.Module) -> None:
        """Project the weights after each optimiser step, in place, without host synchronisation."""
