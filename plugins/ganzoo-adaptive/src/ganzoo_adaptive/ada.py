"""Adaptive discriminator augmentation (Karras et al. 2020): as much as keeps the discriminator from overfitting."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le, MinLen
from torch import Tensor

from ganzoo.interfaces.protocols import Rng
from ganzoo.registry.specs import Shape
from ganzoo_adaptive.adaptation import AdaptiveProbability
from ganzoo_adaptive.chance import Chance, touched
from ganzoo_adaptive.colour import recoloured
from ganzoo_adaptive.corruptions import Equaliser, cut, noisy
from ganzoo_adaptive.maps import blits, composed, warps
from ganzoo_adaptive.sampling import Resampler, copies

Group = Literal["blit", "geometry", "colour", "filter", "noise", "cutout"]


class Ada(AdaptiveProbability):
    """Transforms whatever the discriminator sees, each transform with probability p; p is steered by the discriminator's overfitting.

    Below p = 1 every transform is invertible in distribution: only the true distribution looks right through it, so
    the generator does not learn the transforms themselves.

    Source: Karras et al. 2020, "Training Generative Adversarial Networks with Limited Data", arXiv 2006.06676,
    section 3 and appendix B.

    Args:
        shape: C, H and W.
        groups: what may happen: blit (mirror, quarter turns, whole-pixel shifts), geometry, colour, and, which the
            paper found no better, filter (gains of octaves), noise, cutout.
        colour_share: how likely a colour transform is, by p; R3GAN takes half as many of them as of the others.
        probability: p at the start, or for ever if not steered.
        adaptive: let p follow the discriminator; a schedule that turns ``probability`` ends that.
        target: mean sign of the discriminator's logits on reals to hold; above it p rises, below it falls.
        interval: discriminator's phases between two moves of p; with ``run.accumulate`` each part of a batch counts as one.
        speed: images over which p could go from 0 to 1; the paper takes 100k where another run's weights are the start.
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
        self.equaliser = Equaliser(size) if "filter" in groups else None

    def forward(self, images_BCHW: Tensor, rng: Rng) -> Tensor:
        """Transform each image by its own numbers; in float32 at least, also under autocast."""
        self._saw(images_BCHW)
        images = images_BCHW.to(torch.promote_types(images_BCHW.dtype, torch.float32))
        with torch.autocast(images.device.type, enabled=False):
            chance = Chance(rng, self.p, images.dtype)
            images = self._moved(images, chance)
            images = recoloured(images, self._chance_of_colour(chance)) if "colour" in self.groups else images
            images = self.equaliser(images, chance) if self.equaliser is not None else images
            images = noisy(images, chance) if "noise" in self.groups else images
            return cut(images, chance) if "cutout" in self.groups else images

    def _chance_of_colour(self, chance: Chance) -> Chance:
        return replace(chance, probability=chance.probability * self.colour_share)

    def _moved(self, images: Tensor, chance: Chance) -> Tensor:
        """Copy pixels where an image is only blitted, resample it once where geometry moves it too."""
        size = images.shape[2:]
        blit = blits(chance, *size) if "blit" in self.groups else None
        copied = images if blit is None else copies(images, blit)
        if self.resampler is None:
            return copied
        warp = warps(chance, *size)
        resampled = self.resampler(images, warp if blit is None else composed(blit, warp))
        return torch.where(touched(warp), resampled, copied)
