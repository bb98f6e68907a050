"""Sliced Wasserstein distance between patches of reals and fakes, scale by scale.

Shapes: N images, P patches per image, C channels, L directions; a descriptor is a patch of 7 x 7 pixels.
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
"""Smallest side of a scale in pixels: the paper stops at 16, which sizes of base 3 or 7 do not reach."""

DIRECTIONS_AT_ONCE = 32
"""Directions whose projections are in memory at the same time."""


class SlicedWasserstein:
    """Earth mover's distance along random directions, between patches of a Laplacian pyramid.

    The distance of a scale is ``swd_<pixels>``: the finest compares sharp detail, the coarsest composition; ``swd`` is
    their mean, not multiplied by 1000 as in the paper's tables. Images smaller than a patch, and points, are compared
    whole. It falls with the number of images, so compare equal numbers only. The error is from sampling fakes: accurate
    for points, up to twice too large for patches, because it ignores that patches are standardised.

    Source: Karras et al. 2018, arXiv 1710.10196, section 5, which takes 16,384 images of 128 patches.

    Args:
        images: reals and fakes that are compared, at most.
        patches: P, patches per image.
        directions: L, number of random directions.
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
        """Compute ``swd``, and ``swd_<pixels>`` of every scale of an image.

        Raises:
            BadData: fewer than two samples on a side, or pixels that are not finite.
        """
        assert_enough_samples(inputs, "swd", self.minimum_samples)
        count = min(self.images, len(inputs.real), len(inputs.fake))
        rng = inputs.make_rng("swd")
        real, fake = (self._descriptors(side, count, rng) for side in (inputs.real, inputs.fake))
        assert_finite(inputs, "swd", *(next(iter(side.values())) for side in (real, fake)), what="values")
        scales = {name: self._compare(real[name], fake[name], rng, count) for name in real}
        mean = _average_scales(scales.values())
        return {name: scale.metric_value for name, scale in scales.items()} | {"swd": mean.metric_value}

    def _descriptors(self, side: Samples, count: int, rng: torch.Generator) -> dict[str, Tensor]:
        """Compute the descriptors of each scale, ``(N * P, C * 49)``, or return the samples themselves."""
        found: dict[str, list[Tensor]] = {}
        for images, _ in side.batches(count):
            if images.ndim < 4 or min(images.shape[2:]) < PATCH:
                found.setdefault("swd", []).append(images.flatten(1))
            else:
                for level in build_pyramid(images):
                    taken = cut_patches(level, self.patches, rng)
                    found.setdefault(f"swd_{min(level.shape[2:])}", []).append(taken)
        return {name: _standardise(torch.cat(parts)) for name, parts in found.items()}

    def _compare(self, real: Tensor, fake: Tensor, rng: torch.Generator, count: int) -> _Scale:
        directions = normalize(torch.randn(self.directions, real.shape[1], generator=rng), dim=1).to(real.device)
        parts = torch.split(directions, DIRECTIONS_AT_ONCE)
        distances, weights = zip(*(_compare_projections(real, fake, part) for part in parts), strict=True)
        weight = torch.stack(weights).sum(0) / self.directions
        return _Scale(float(torch.cat(distances).mean()), weight.view(count, -1).mean(1))


@dataclass(frozen=True)
class _Scale:
    """The distance at one scale, and the contribution of each fake to it, ``(N,)``, up to a constant."""

    distance: float
    weight: Tensor

    @property
    def metric_value(self) -> MetricValue:
        return MetricValue(self.distance, float(self.weight.std() / len(self.weight) ** 0.5))


def _average_scales(scales: Collection[_Scale]) -> _Scale:
    """Average the scales, which share the same fakes."""
    return _Scale(fmean(s.distance for s in scales), torch.stack([s.weight for s in scales]).mean(0))


def build_pyramid(images: Tensor) -> list[Tensor]:
    """Build the Laplacian pyramid of images ``(N, C, H, W)``, fine to coarse."""
    levels = []
    while min(images.shape[2:]) // 2 >= COARSEST:
        coarse = _blur(images)[:, :, ::2, ::2]
        levels.append(images - _upsample(coarse, images))
        images = coarse
    return [*levels, images]


def cut_patches(images: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """Cut patches at random positions of images ``(N, C, H, W)``: ``(N * P, C, 49)``."""
    height, width = (size - PATCH + 1 for size in images.shape[2:])
    where = (len(images), count)
    corner = (torch.randint(size, where, generator=rng).to(images.device) for size in (height, width))
    rows_NP7, columns_NP7 = (start[..., None] + torch.arange(PATCH, device=images.device) for start in corner)
    sample = torch.arange(len(images), device=images.device)[:, None, None, None]
    cut = images.movedim(1, 3)[sample, rows_NP7[..., None], columns_NP7[:, :, None]]  # (N, P, 7, 7, C)
    return cut.movedim(4, 2).reshape(len(images) * count, images.shape[1], PATCH * PATCH)


def _standardise(descriptors: Tensor) -> Tensor:
    """Standardise each channel over all patches to mean 0 and standard deviation 1, as in the paper."""
    if descriptors.ndim == 2:
        return descriptors
    spread, mean = torch.std_mean(descriptors, (0, 2), keepdim=True)
    return ((descriptors - mean) / spread.clamp_min(1e-8)).flatten(1)


def _compare_projections(real: Tensor, fake: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Compare the sorted projections of both sides.

    Returns:
        The mean distance along each direction, and for each fake the sum over directions of its Kantorovich potential:
        the change of the distance by one more fake there, from which the sampling error follows.
    """
    projected = (directions @ fake.T).sort(1)
    gap = projected.values - (directions @ real.T).sort(1).values
    rise = (projected.values.diff(dim=1) * gap[:, :-1].sign()).cumsum(1)
    potential = torch.zeros_like(gap).scatter_(1, projected.indices[:, 1:], rise)
    return gap.abs().mean(1), potential.sum(0)


def _blur(images: Tensor) -> Tensor:
    """Filter with 1 4 6 4 1 along both axes, mirrored at the edges."""
    channels = images.shape[1]
    line = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0], device=images.device) / 16
    across = line.view(1, 1, 1, 5).expand(channels, 1, 1, 5)
    padded = pad(images, (2, 2, 2, 2), mode="reflect")
    return conv2d(conv2d(padded, across, groups=channels), across.movedim(3, 2), groups=channels)


def _upsample(coarse: Tensor, like: Tensor) -> Tensor:
    """Upsample a coarse scale to the size of a finer one."""
    spread = torch.zeros_like(like)
    spread[:, :, ::2, ::2] = coarse
    return 4 * _blur(spread)
