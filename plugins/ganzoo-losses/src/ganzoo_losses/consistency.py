"""Balanced consistency regularisation (Zhao et al. 2020): flips and shifts must not change the logits."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Lt
from torch import Tensor

from ganzoo import Rng, Side, TermContext


class Consistency:
    """Penalises the squared difference between the logits of an image and of its flipped and shifted copy.

    The logits of a patch discriminator are averaged over the patches first, since a flip moves them.

    Source: Zhao et al. 2020, "Improved Consistency Regularization for GANs", arXiv 2002.04724, algorithm 1 (bCR);
    without fakes it is Zhang et al. 2020, arXiv 1910.12027.

    Args:
        real_weight: weight of the differences on reals, lambda_real in the paper.
        fake_weight: weight of the differences on fakes, lambda_fake in the paper; 0 gives plain CR.
        shift: largest shift, as a share of the image's side; the image is mirrored at its edges.
        every: evaluate only at every N-th step, with N times the weight.
    """

    player: ClassVar[str] = "discriminator"

    def __init__(
        self,
        *,
        real_weight: Annotated[float, Ge(0)] = 10.0,
        fake_weight: Annotated[float, Ge(0)] = 10.0,
        shift: Annotated[float, Ge(0), Lt(1)] = 0.125,
        every: Annotated[int, Ge(1)] = 1,
    ) -> None:
        self.real_weight, self.fake_weight, self.shift, self.every = real_weight, fake_weight, shift, every

    def __call__(self, context: TermContext) -> Tensor:
        """Return ``real_weight * mean (D(x) - D(T(x)))^2 + fake_weight * mean (D(G(z)) - D(T(G(z))))^2``."""
        weights: dict[Side, float] = {"real": self.real_weight, "fake": self.fake_weight}
        gaps = [weight * self._measure_gap(context, side) for side, weight in weights.items() if weight]
        return torch.stack(gaps).sum() if gaps else context.real.new_zeros(())

    def _measure_gap(self, context: TermContext, side: Side) -> Tensor:
        images = (context.real if side == "real" else context.fake).detach()
        augmented = shift_images(flip_images(images, context.rng), context.rng, self.shift)
        return (
            (
                _average_patches(context.logits(side))
                - _average_patches(context.discriminator(augmented, context.labels))
            )
            .square()
            .mean()
        )


def flip_images(images_BCHW: Tensor, rng: Rng) -> Tensor:
    """Mirror each image left to right with probability 1/2."""
    return torch.where(rng.uniform(1, 1, 1) < 0.5, images_BCHW.flip(3), images_BCHW)


def shift_images(images_BCHW: Tensor, rng: Rng, share: float) -> Tensor:
    """Move each image by whole pixels, by at most a share of its side each way, mirrored at its edges."""
    height, width = images_BCHW.shape[2:]
    down, right = rng.uniform(1, 1, 1), rng.uniform(1, 1, 1)
    rows_B1H1 = _find_sources(down, round(share * height), height).movedim(3, 2)
    columns_B11W = _find_sources(right, round(share * width), width)
    return images_BCHW.take_along_dim(rows_B1H1, 2).take_along_dim(columns_B11W, 3)


def _find_sources(uniform: Tensor, farthest: int, size: int) -> Tensor:
    """Return the index of the pixel that moves to each of ``size`` positions, ``(B, 1, 1, size)``."""
    steps = (uniform * (2 * farthest + 1)).long() - farthest
    positions = torch.arange(size, device=uniform.device) - steps
    return (size - 1) - ((size - 1) - positions.abs()).abs()  # mirrored at the first pixel, then at the last


def _average_patches(logits: Tensor) -> Tensor:
    """Return one logit per sample, ``(B,)``: the mean over the patches of a patch discriminator."""
    return logits.float().reshape(len(logits), -1).mean(1)
