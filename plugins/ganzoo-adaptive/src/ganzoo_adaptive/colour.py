"""Random affine maps of colour (Karras et al. 2020, arXiv 2006.06676, appendix B), as one matrix a sample.

The paper's five steps act on brightness and on what is left without it, alone, so their product has a closed form:
with L the mean over channels, I the identity and K a quarter turn of the hue, ``x_new = M x + o``,
``M = s c cos(t) I + (f c - s c cos(t)) L + s c sin(t) K``, ``o = f c b``.

Shapes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganzoo_adaptive.chance import Chance, touched


def recoloured(images_BCHW: Tensor, chance: Chance) -> Tensor:
    """Change each image's colours; those nothing was drawn for stay as they are."""
    matrices, offsets = colours(chance, images_BCHW.shape[1])
    changed = torch.baddbmm(offsets[:, None, None], matrices, images_BCHW.flatten(2)).view_as(images_BCHW)
    return torch.where(touched(matrices) | (offsets != 0)[:, None, None, None], changed, images_BCHW)


def colours(chance: Chance, channels: int) -> tuple[Tensor, Tensor]:
    """Draw matrices ``(B, C, C)`` and offsets ``(B,)``.

    Brightness b, contrast c and the flip of brightness f are for any number of channels; hue t and saturation s for
    three, which are red, green and blue.
    """
    b = chance.given(chance.normal(0.2), 0)
    c = chance.given(chance.factor(0.5), 1)
    f = chance.given(1 - 2 * chance.choice(2), 1)
    if channels != 3:
        return _matrices(f * c, c, torch.zeros_like(c), channels), f * c * b
    t = chance.given(chance.uniform(-math.pi, math.pi), 0)
    s = chance.given(chance.factor(1.0), 1)
    return _matrices(f * c, s * c * t.cos(), s * c * t.sin(), channels), f * c * b


def _matrices(grey: Tensor, along: Tensor, across: Tensor, channels: int) -> Tensor:
    """Multiply brightness by one number and the rest by two, along itself and across; exactly I for 1, 1 and 0."""
    identity = torch.eye(channels, dtype=grey.dtype, device=grey.device)
    quarter = (identity.roll(1, 0) - identity.roll(-1, 0)) / math.sqrt(3)  # cross product with (1, 1, 1) / sqrt(3)
    grey, along, across = (factor[:, None, None] for factor in (grey, along, across))
    return along * identity + (grey - along) / channels + across * quarter
