"""DiffAugment (Zhao et al. 2020): recolour, translate and cut out every image the discriminator sees.

Shapes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from annotated_types import MinLen
from torch import Tensor, nn

from ganzoo import Rng
from ganzoo_adaptive.corruptions import sample_cutouts
from ganzoo_adaptive.parameter_sampler import ParameterSampler

Transform = Literal["colour", "translation", "cutout"]


class DiffAugment(nn.Module):
    """Transforms every real and fake, with the same policy from the first step to the last.

    Source: Zhao et al. 2020, "Differentiable Augmentation for Data-Efficient GAN Training", arXiv 2006.10738,
    section 3.2 and its transforms.

    Args:
        policy: transforms of every image: colour (brightness, saturation, contrast), translation (by up to an eighth
            of the side), cutout (a rectangle of half the sides).
    """

    def __init__(
        self, *, policy: Annotated[tuple[Transform, ...], MinLen(1)] = ("colour", "translation", "cutout")
    ) -> None:
        super().__init__()
        self.policy = policy

    def forward(self, images_BCHW: Tensor, rng: Rng) -> Tensor:
        """Transform each image with its own parameters."""
        images = images_BCHW.to(torch.promote_types(images_BCHW.dtype, torch.float32))
        sampler = ParameterSampler(rng, torch.ones((), device=images.device), images.dtype)
        images = recolour(images, sampler) if "colour" in self.policy else images
        images = translate(images, sampler) if "translation" in self.policy else images
        if "cutout" in self.policy:
            images = torch.where(sample_cutouts(sampler, *images.shape[2:]), 0, images)
        return images


def recolour(images: Tensor, sampler: ParameterSampler) -> Tensor:
    """Change brightness by up to 0.5, saturation to 0 to 2 times, contrast to 0.5 to 1.5 times what it was.

    Saturation is the distance of a pixel's channels from their mean, so one channel has none.
    """
    brightness, saturation, contrast = (sampler.uniform(*r, 1, 1, 1) for r in ((-0.5, 0.5), (0, 2), (0.5, 1.5)))
    images = images + brightness
    grey = images.mean(1, keepdim=True)
    images = grey + saturation * (images - grey)
    mean = images.mean((1, 2, 3), keepdim=True)
    return mean + contrast * (images - mean)


def translate(images_BCHW: Tensor, sampler: ParameterSampler) -> Tensor:
    """Move each image by whole pixels, by up to an eighth of its side each way; zeros enter."""
    height, width = images_BCHW.shape[2:]
    rows, entering_rows = _find_sources(sampler, height)
    columns, entering_columns = _find_sources(sampler, width)
    moved = images_BCHW.take_along_dim(rows[:, None, :, None], 2).take_along_dim(columns[:, None, None, :], 3)
    entering = entering_rows[:, :, None] | entering_columns[:, None, :]
    return torch.where(entering[:, None], 0, moved)


def _find_sources(sampler: ParameterSampler, size: int) -> tuple[Tensor, Tensor]:
    """Return the index of the pixel that moves to each position, and where there is none; both ``(B, size)``."""
    farthest = round(size / 8)
    steps = sampler.integers(2 * farthest + 1).long() - farthest
    positions = torch.arange(size, device=steps.device) - steps[:, None]
    return positions.clamp(0, size - 1), (positions < 0) | (positions >= size)
