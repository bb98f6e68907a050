"""Adaptive discriminator augmentation (Karras et al. 2020), with a probability that follows overfitting."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le, MinLen
from torch import Tensor

from ganzoo import Rng, Shape
from ganzoo_adaptive.adaptation import AdaptiveProbability
from ganzoo_adaptive.affine_maps import compose, sample_blits, sample_warps
from ganzoo_adaptive.colour import recolour
from ganzoo_adaptive.corruptions import BandFilter, add_noise, cut_out
from ganzoo_adaptive.parameter_sampler import ParameterSampler, changes_image
from ganzoo_adaptive.resampling import Resampler, copy_pixels

Group = Literal["blit", "geometry", "colour", "filter", "noise", "cutout"]


class Ada(AdaptiveProbability):
    """Transforms reals and fakes alike, each transform with probability p; p follows the discriminator's overfitting.

    Below p = 1 the transforms are invertible in distribution, so the generator does not learn to produce them.

    Source: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", arXiv 2006.06676,
    section 3 and appendix B.

    Args:
        shape: C, H and W.
        groups: groups of transforms: blit (mirror, quarter turns, whole-pixel shifts), geometry (scale, rotate,
            stretch, shift), colour; also filter (gains of frequency bands), noise and cutout, which the paper found
            no better.
        colour_share: probability of a colour transform, as a share of p; R3GAN uses 0.5.
        probability: p at the start, and for the whole run if ``adaptive`` is false.
        adaptive: let p follow the discriminator's overfitting; a schedule that sets ``probability`` turns this off.
        target: mean sign of the discriminator's logits on reals to hold, r_t; above it p rises, below it p falls.
        interval: discriminator phases between two changes of p; with ``run.accumulate`` each part of a batch counts.
        speed: images over which p can rise from 0 to 1; the paper uses 100k when it starts from trained weights.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        groups: Annotated[tuple[Group, ...], MinLen(1)] = ("blit", "geometry", "colour"),
        colour_share: Annotated[float, Ge(0), Le(1)] = 1.0,
        probability: Annotated[float, Ge(0), Le(1)] = 0.0,
        adaptive: bool = True,
        target: Annotated[float, Ge(-1), Le(1)] = 0.6,
        interval: Annotated[int, Ge(1)] = 4,
        speed: Annotated[int, Ge(1)] = 500_000,
    ) -> None:
        super().__init__(probability=probability, adaptive=adaptive, target=target, interval=interval, speed=speed)
        self.groups, self.colour_share, size = groups, colour_share, (shape[1], shape[2])
        self.resampler = Resampler(size) if "geometry" in groups else None
        self.band_filter = BandFilter(size) if "filter" in groups else None

    def forward(self, images_BCHW: Tensor, rng: Rng) -> Tensor:
        """Transform each image with its own parameters; in float32 at least, also under autocast."""
        self._remember_batch_size(images_BCHW)
        images = images_BCHW.to(torch.promote_types(images_BCHW.dtype, torch.float32))
        with torch.autocast(images.device.type, enabled=False):
            sampler = ParameterSampler(rng, self.p, images.dtype)
            images = self._transform_geometry(images, sampler)
            if "colour" in self.groups:
                images = recolour(images, replace(sampler, probability=self.p * self.colour_share))
            images = self.band_filter(images, sampler) if self.band_filter is not None else images
            images = add_noise(images, sampler) if "noise" in self.groups else images
            return cut_out(images, sampler) if "cutout" in self.groups else images

    def _transform_geometry(self, images: Tensor, sampler: ParameterSampler) -> Tensor:
        """Copy pixels where an image is only blitted; resample it once where geometry transforms it too."""
        size = images.shape[2:]
        blit = sample_blits(sampler, *size) if "blit" in self.groups else None
        copied = images if blit is None else copy_pixels(images, blit)
        if self.resampler is None:
            return copied
        warp = sample_warps(sampler, *size)
        resampled = self.resampler(images, warp if blit is None else compose(blit, warp))
        return torch.where(changes_image(warp), resampled, copied)
