"""R3GAN's pair, configuration E (Huang et al. 2024), at any size ``base * 2^k`` and any number of channels.

No normalisation, no style, no noise, no attention: residual blocks and bilinear resampling between a small learned
basis and the image.

Shapes: B batch, Z latent, C channels, H height, W width, F features.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ganzoo.registry.specs import Shape
from ganzoo_r3.blocks import Bottleneck, Doubled, Halved, Step, convolution, steps_of


class R3GANGenerator(nn.Module):
    """Generator: a learned basis at the smallest size, weighed by the latent, then stages of residual blocks.

    The class, if there is one, is embedded and stands beside the latent. Images are unbounded in training and cut off
    at -1 and 1 in evaluation.

    Source: Huang et al. 2024, arXiv 2501.05441, section 4, configuration E.

    Args:
        shape: ``(C, H, W)`` of the images.
        num_classes: classes it is told of; 0 for none.
        latent_dim: Z, length of the latent vector, and of a class's embedding.
        width: channels of every stage up to ``flat`` pixels; at most 16 of the twice as many in the middle of a
            block form a group, as many as divide them.
        blocks: residual blocks a stage.
        flat: pixels of the longer side beyond which each doubling halves the channels.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    def __init__(
        self,
        shape: Shape,
        num_classes: int,
        *,
        latent_dim: Annotated[int, Ge(1)] = 64,
        width: Annotated[int, Ge(1)] = 768,
        blocks: Annotated[int, Ge(1)] = 2,
        flat: Annotated[int, Ge(1)] = 32,
    ) -> None:
        super().__init__()
        colours, height, breadth = shape
        steps = steps_of((height, breadth), width=width, flat=flat)
        self.latent_dim = latent_dim
        self.embed = _embedding(num_classes, latent_dim) if num_classes else None
        self.dense = _linear(latent_dim * (2 if num_classes else 1), steps[0].channels)
        self.basis = nn.Parameter(torch.randn(steps[0].channels, *steps[0].size))
        changes = [nn.Identity(), *(Doubled(a.channels, b.channels, a.size) for a, b in pairwise(steps))]
        self.stages = _stages(changes, steps, blocks)
        self.out = convolution(steps[-1].channels, colours, 1)

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to images ``(B, C, H, W)``, in [-1, 1] but for training."""
        if self.embed is not None:
            latents = torch.cat([latents, self.embed(labels)], 1)
        x = self.basis * self.dense(latents)[..., None, None]
        images: Tensor = self.out(self.stages(x))
        return images if self.training else images.clamp(-1.0, 1.0)


class R3GANDiscriminator(nn.Module):
    """Discriminator: the generator's stages mirrored, then what each channel has in common with a learned basis.

    With classes a linear map follows, into the space in which the published discriminator compares with their embeddings.

    Source: Huang et al. 2024, arXiv 2501.05441, section 4, configuration E.

    Args:
        shape: ``(C, H, W)`` of the images.
        num_classes: classes the head is told of; 0 for none.
        width: channels of every stage up to ``flat`` pixels; at most 16 of the twice as many in the middle of a
            block form a group, as many as divide them.
        blocks: residual blocks a stage.
        flat: pixels of the longer side beyond which each doubling halves the channels.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    def __init__(
        self,
        shape: Shape,
        num_classes: int,
        *,
        width: Annotated[int, Ge(1)] = 768,
        blocks: Annotated[int, Ge(1)] = 2,
        flat: Annotated[int, Ge(1)] = 32,
    ) -> None:
        super().__init__()
        colours, height, breadth = shape
        steps = steps_of((height, breadth), width=width, flat=flat)[::-1]
        self.feature_dim = steps[-1].channels
        self.first = convolution(colours, steps[0].channels, 1)
        changes = [nn.Identity(), *(Halved(a.channels, b.channels, a.size) for a, b in pairwise(steps))]
        self.stages = _stages(changes, steps, blocks)
        self.basis = nn.Conv2d(self.feature_dim, self.feature_dim, steps[-1].size, groups=self.feature_dim, bias=False)
        nn.init.normal_(self.basis.weight, std=1.0 / math.sqrt(math.prod(steps[-1].size)))
        self.map = _linear(self.feature_dim, self.feature_dim) if num_classes else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(B, C, H, W)`` to features ``(B, F)``."""
        x = self.stages(self.first(images))
        # The basis as a product and a sum: the convolution it is would be differentiated twice channel by channel.
        features: Tensor = self.map((x * self.basis.weight.squeeze(1)).sum((2, 3)))
        return features


def _stages(changes: Sequence[nn.Module], steps: Sequence[Step], blocks: int) -> nn.Sequential:
    """Put blocks behind each change of resolution."""
    count = blocks * len(steps)
    pairs = zip(changes, steps, strict=True)
    return nn.Sequential(
        *(nn.Sequential(change, *(Bottleneck(step.channels, count) for _ in range(blocks))) for change, step in pairs)
    )


def _embedding(classes: int, length: int) -> nn.Embedding:
    """Embed classes as the linear map of their one-hot codes it is: weights of variance 1 / K."""
    embedding = nn.Embedding(classes, length)
    nn.init.normal_(embedding.weight, std=1.0 / math.sqrt(classes))
    return embedding


def _linear(inputs: int, outputs: int) -> nn.Linear:
    linear = nn.Linear(inputs, outputs, bias=False)
    nn.init.normal_(linear.weight, std=1.0 / math.sqrt(inputs))
    return linear
