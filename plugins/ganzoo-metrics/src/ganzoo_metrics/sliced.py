"""Sliced Wasserstein distance between patches of reals and fakes, one scale of detail after another.

Shapes: N images, P patches an image, C channels, L directions; a descriptor is a patch of 7 x 7 pixels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor
from torch.nn.functional import conv2d, normalize, pad

from ganzoo import MetricInputs, MetricValue, Samples
from ganzoo.components.metrics import assert_enough_samples, assert_finite

PATCH = 7
COARSEST = 12
"""Pixels under which no scale goes: the paper stops at 16; sizes of base 3 or 7 have none of that."""

TOGETHER = 32
"""Directions whose projections are in memory at once."""


class SlicedWasserstein:
    """Earth mover's distance along random directions, between patches of a Laplacian pyramid.

    A scale's distance is ``swd_<pixels>``: the finest compares sharp detail, the coarsest composition; ``swd`` is their
    mean. It is not multiplied by 1000, as the paper's tables are. Images smaller than a patch, and points, are
    compared whole and as they are. It falls with the number of images, so only equal numbers compare. The error is that
    of the fakes' draw: near the truth for points, up to twice too large for patches, whose evening it leaves out.

    Source: Karras et al. 2018, arXiv 1710.10196, section 5, which takes 16,384 images of 128 patches.

    Args:
        images: taken of each side, at most.
        patches: P.
        directions: L.
    """

    uses_features: ClassVar[bool] = False
    minimum_samples: ClassVar[tuple[int, int]] = (2, 2)

    def __init__(
        self,
        *,
        images: Annotated[int, Ge(2)] = 2048,
        patches: Annotated[int, Ge(1)] = 64,
        directions: Annotated[int, Ge(1)] = 512,
    ) -> None:
        self.images, self.patches, self.directions = images, patches, directions

    @torch.no_grad()
    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Read ``swd``, and ``swd_<pixels>`` of every scale of an image.

        Raises:
            BadData: fewer than two samples on a side, or pixels that are not finite.
        """
        assert_enough_samples(inputs, "swd", self.minimum_samples)
        count = min(self.images, len(inputs.real), len(inputs.fake))
        random = inputs.make_rng("swd")
        real, fake = (self._descriptors(side, count, random) for side in (inputs.real, inputs.fake))
        assert_finite(inputs, "swd", *(next(iter(side.values())) for side in (real, fake)), what="values")
        scales = {name: self._compared(real[name], fake[name], random, count) for name in real}
        return {name: scale.reading for name, scale in scales.items()} | {"swd": _together(scales.values()).reading}

    def _descriptors(self, side: Samples, count: int, random: torch.Generator) -> dict[str, Tensor]:
        """Take the descriptors of each scale, ``(N * P, C * 49)``, or the samples themselves."""
        found: dict[str, list[Tensor]] = {}
        for images, _ in side.batches(count):
            if images.ndim < 4 or min(images.shape[2:]) < PATCH:
                found.setdefault("swd", []).append(images.flatten(1))
            else:
                for level in pyramid(images):
                    taken = patches_of(level, self.patches, random)
                    found.setdefault(f"swd_{min(level.shape[2:])}", []).append(taken)
        return {name: _even(torch.cat(parts)) for name, parts in found.items()}

    def _compared(self, real: Tensor, fake: Tensor, random: torch.Generator, count: int) -> _Scale:
        directions = normalize(torch.randn(self.directions, real.shape[1], generator=random), dim=1).to(real.device)
        ways, weights = zip(*(_along(real, fake, part) for part in torch.split(directions, TOGETHER)), strict=True)
        weight = torch.stack(weights).sum(0) / self.directions
        return _Scale(float(torch.cat(ways).mean()), weight.view(count, -1).mean(1))


@dataclass(frozen=True)
class _Scale:
    """The distance at one scale, and what each fake adds to it, ``(N,)``, up to a constant."""

    distance: float
    weight: Tensor

    @property
    def reading(self) -> MetricValue:
        return MetricValue(self.distance, float(self.weight.std() / len(self.weight) ** 0.5))


def _together(scales: Collection[_Scale]) -> _Scale:
    """Average the scales, seen on the same fakes."""
    return _Scale(fmean(s.distance for s in scales), torch.stack([s.weight for s in scales]).mean(0))


def pyramid(images: Tensor) -> list[Tensor]:
    """Part images ``(N, C, H, W)`` into what each scale adds to the next coarser one, fine to coarse."""
    levels = []
    while min(images.shape[2:]) // 2 >= COARSEST:
        coarse = _blurred(images)[:, :, ::2, ::2]
        levels.append(images - _doubled(coarse, images))
        images = coarse
    return [*levels, images]


def patches_of(images: Tensor, count: int, random: torch.Generator) -> Tensor:
    """Cut patches at random places of images ``(N, C, H, W)``: ``(N * P, C, 49)``."""
    height, width = (size - PATCH + 1 for size in images.shape[2:])
    where = (len(images), count)
    corner = (torch.randint(size, where, generator=random).to(images.device) for size in (height, width))
    rows_NP7, columns_NP7 = (start[..., None] + torch.arange(PATCH, device=images.device) for start in corner)
    sample = torch.arange(len(images), device=images.device)[:, None, None, None]
    cut = images.movedim(1, 3)[sample, rows_NP7[..., None], columns_NP7[:, :, None]]  # (N, P, 7, 7, C)
    return cut.movedim(4, 2).reshape(len(images) * count, images.shape[1], PATCH * PATCH)


def _even(descriptors: Tensor) -> Tensor:
    """Give each channel of patches mean 0 and deviation 1 over all of them, as the paper does."""
    if descriptors.ndim == 2:
        return descriptors
    spread, mean = torch.std_mean(descriptors, (0, 2), keepdim=True)
    return ((descriptors - mean) / spread.clamp_min(1e-8)).flatten(1)


def _along(real: Tensor, fake: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Move the sorted projections of one side onto the other's.

    Returns:
        The mean way along each direction, and for each fake the sum over directions of its Kantorovich potential: what
        one more fake there would add to the distance, which is how its sampling error comes about.
    """
    placed = (directions @ fake.T).sort(1)
    gap = placed.values - (directions @ real.T).sort(1).values
    climbed = (placed.values.diff(dim=1) * gap[:, :-1].sign()).cumsum(1)
    potential = torch.zeros_like(gap).scatter_(1, placed.indices[:, 1:], climbed)
    return gap.abs().mean(1), potential.sum(0)


def _blurred(images: Tensor) -> Tensor:
    """Filter with 1 4 6 4 1 along both axes, edges mirrored."""
    channels = images.shape[1]
    line = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], device=images.device) / 16
    across = line.view(1, 1, 1, 5).expand(channels, 1, 1, 5)
    padded = pad(images, (2, 2, 2, 2), mode="reflect")
    return conv2d(conv2d(padded, across, groups=channels), across.movedim(3, 2), groups=channels)


def _doubled(coarse: Tensor, like: Tensor) -> Tensor:
    """Bring a coarse scale to the size of a finer one."""
    spread = torch.zeros_like(like)
    spread[:, :, ::2, ::2] = coarse
    return 4 * _blurred(spread)
