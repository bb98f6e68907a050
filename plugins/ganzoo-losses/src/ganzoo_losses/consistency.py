"""Balanced consistency regularisation (Zhao et al. 2020): flips and shifts must not change a verdict."""

from __future__ import annotations

from typing import Annotated, ClassVar

import torch
from annotated_types import Ge, Lt
from torch import Tensor

from ganzoo.interfaces.protocols import Rng, Side, TermContext


class Consistency:
    """Compares the discriminator's logits of images with those of the same images flipped and shifted.

    Logits of a patch discriminator are averaged over the patches first, since a flip moves them.

    Source: Zhao et al. 2020, "Improved Consistency Regularization for GANs", arXiv 2002.04724, algorithm 1 (bCR);
    without fakes it is Zhang et al. 2020, arXiv 1910.12027.

    Args:
        real_weight: lambda of the reals.
        fake_weight: lambda of the fakes.
        shift: farthest shift, as a share of the side; what enters is mirrored at the edge.
        every: evaluate at every N-th step only, N times as strong.
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
        gaps = [weight * self._gap(context, side) for side, weight in weights.items() if weight]
        return torch.stack(gaps).sum() if gaps else context.real.new_zeros(())

    def _gap(self, context: TermContext, side: Side) -> Tensor:
        plain = (context.real if side == "real" else context.fake).detach()
        moved = shifted(flipped(plain, context.rng), context.rng, self.shift)
        return (_each(context.logits(side)) - _each(context.discriminator(moved, context.labels))).square().mean()


def flipped(images_BCHW: Tensor, rng: Rng) -> Tensor:
    """Mirror each image left to right with probability 1/2."""
    return torch.where(rng.uniform(1, 1, 1) < 0.5, images_BCHW.flip(3), images_BCHW)


def shifted(images_BCHW: Tensor, rng: Rng, share: float) -> Tensor:
    """Move each image by whole pixels, up to a share of its side each way; what enters mirrors what was there."""
    height, width = images_BCHW.shape[2:]
    down, right = rng.uniform(1, 1, 1), rng.uniform(1, 1, 1)
    rows_B1H1 = _sources(down, round(share * height), height).movedim(3, 2)
    columns_B11W = _sources(right, round(share * width), width)
    return images_BCHW.take_along_dim(rows_B1H1, 2).take_along_dim(columns_B11W, 3)


def _sources(uniform: Tensor, farthest: int, size: int) -> Tensor:
    """Say from which of ``size`` places each place takes its pixel, ``(B, 1, 1, size)``."""
    steps = (uniform * (2 * farthest + 1)).long() - farthest
    places = torch.arange(size, device=uniform.device) - steps
    return (size - 1) - ((size - 1) - places.abs()).abs()  # mirrored at the first place, then at the last


def _each(logits: Tensor) -> Tensor:
    """One logit a sample, ``(B,)``: the mean over the patches of a patch discriminator."""
    return logits.float().reshape(len(logits), -1).mean(1)
