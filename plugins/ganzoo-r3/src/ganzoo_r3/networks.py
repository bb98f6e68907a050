"""R3GAN's pair, configuration E (Huang et al. 2024), at any size ``base * 2^k`` and any number of channels.

No normalisation, styles, noise or attention: residual blocks and bilinear resampling between a small learned basis and
the image.

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

from ganzoo import Shape
from ganzoo_r3.blocks import Bottleneck, Downsample, Stage, Upsample, list_stages, make_convolution


class R3GANGenerator(nn.Module):
    """Generator: a learned basis at the smallest size, weighted by the latent, then stages of residual blocks.

    A class is embedded and concatenated to the latent. Images are unbounded in training and clamped to [-1, 1] in
    evaluation.

    Source: Huang et al. 2024, arXiv 2501.05441, section 4, configuration E.

    Args:
        shape: ``(C, H, W)`` of the images.
        num_classes: number of classes; 0 for none.
        latent_dim: Z, length of the latent vector and of a class embedding.
        width: channels of the stages up to ``flat`` pixels; blocks are twice as wide inside, in groups of 16 channels
            or the largest smaller divisor.
        blocks: residual blocks per stage.
        flat: pixels of the longer side above which each doubling halves the channels.

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
        channels, height, image_width = shape
        stages = list_stages((height, image_width), width=width, flat=flat)
        self.latent_dim = latent_dim
        self.embed = _make_embedding(num_classes, latent_dim) if num_classes else None
        self.dense = _make_linear(latent_dim * (2 if num_classes else 1), stages[0].channels)
        self.basis = nn.Parameter(torch.randn(stages[0].channels, *stages[0].size))
        resamplings = [nn.Identity(), *(Upsample(a.channels, b.channels, a.size) for a, b in pairwise(stages))]
        self.stages = _make_stages(resamplings, stages, blocks)
        self.out = make_convolution(stages[-1].channels, channels, 1)

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to images ``(B, C, H, W)``, in [-1, 1] in evaluation."""
        if self.embed is not None:
            latents = torch.cat([latents, self.embed(labels)], 1)
        x = self.basis * self.dense(latents)[..., None, None]
        images: Tensor = self.out(self.stages(x))
        return images if self.training else images.clamp(-1.0, 1.0)


class R3GANDiscriminator(nn.Module):
    """Discriminator: the generator's stages mirrored, then each channel's inner product with a learned basis.

    With classes, a linear map follows to the space of the class embeddings, as in the published discriminator.

    Source: Huang et al. 2024, arXiv 2501.05441, section 4, configuration E.

    Args:
        shape: ``(C, H, W)`` of the images.
        num_classes: number of classes; 0 for none.
        width: channels of the stages up to ``flat`` pixels; blocks are twice as wide inside, in groups of 16 channels
            or the largest smaller divisor.
        blocks: residual blocks per stage.
        flat: pixels of the longer side above which each doubling halves the channels.

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
        channels, height, image_width = shape
        stages = list_stages((height, image_width), width=width, flat=flat)[::-1]
        self.feature_dim = stages[-1].channels
        self.first = make_convolution(channels, stages[0].channels, 1)
        resamplings = [nn.Identity(), *(Downsample(a.channels, b.channels, a.size) for a, b in pairwise(stages))]
        self.stages = _make_stages(resamplings, stages, blocks)
        self.basis = nn.Conv2d(self.feature_dim, self.feature_dim, stages[-1].size, groups=self.feature_dim, bias=False)
        nn.init.normal_(self.basis.weight, std=1.0 / math.sqrt(math.prod(stages[-1].size)))
        self.map = _make_linear(self.feature_dim, self.feature_dim) if num_classes else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(B, C, H, W)`` to features ``(B, F)``."""
        x = self.stages(self.first(images))
        # A product and a sum: the second derivative of the equal depthwise convolution goes channel by channel.
        features: Tensor = self.map((x * self.basis.weight.squeeze(1)).sum((2, 3)))
        return features


def _make_stages(resamplings: Sequence[nn.Module], stages: Sequence[Stage], blocks: int) -> nn.Sequential:
    """Make the stages: a resampling each, then its residual blocks."""
    count = blocks * len(stages)
    pairs = zip(resamplings, stages, strict=True)
    return nn.Sequential(
        *(nn.Sequential(change, *(Bottleneck(stage.channels, count) for _ in range(blocks))) for change, stage in pairs)
    )


def _make_embedding(classes: int, length: int) -> nn.Embedding:
    """Make an embedding of K classes with weights of variance 1 / K, like a linear map of one-hot codes."""
    embedding = nn.Embedding(classes, length)
    nn.init.normal_(embedding.weight, std=1.0 / math.sqrt(classes))
    return embedding


def _make_linear(inputs: int, outputs: int) -> nn.Linear:
    linear = nn.Linear(inputs, outputs, bias=False)
    nn.init.normal_(linear.weight, std=1.0 / math.sqrt(inputs))
    return linear
