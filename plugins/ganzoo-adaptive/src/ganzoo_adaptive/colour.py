"""Random affine maps of colour (Karras et al. 2020, arXiv 2006.06676, appendix B), as one matrix per sample.

The paper's five steps act separately on brightness and on the remainder, so their product has a closed form:
with L the mean over channels, I the identity and K a quarter turn of the hue, ``x_new = M x + o``,
``M = s c cos(t) I + (f c - s c cos(t)) L + s c sin(t) K``, ``o = f c b``.

Shapes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganzoo_adaptive.parameter_sampler import ParameterSampler, changes_image


def recolour(images_BCHW: Tensor, sampler: ParameterSampler) -> Tensor:
    """Change each image's colours; images with neutral parameters stay equal bit for bit."""
    matrices, offsets = sample_colours(sampler, images_BCHW.shape[1])
    changed = torch.baddbmm(offsets[:, None, None], matrices, images_BCHW.flatten(2)).view_as(images_BCHW)
    return torch.where(changes_image(matrices) | (offsets != 0)[:, None, None, None], changed, images_BCHW)


def sample_colours(sampler: ParameterSampler, channels: int) -> tuple[Tensor, Tensor]:
    """Draw matrices ``(B, C, C)`` and offsets ``(B,)``.

    Brightness b, contrast c and the flip of brightness f act on any number of channels; hue t and saturation s on
    red, green and blue only.
    """
    b = sampler.select(sampler.normal(0.2), 0)
    c = sampler.select(sampler.log_normal(0.5), 1)
    f = sampler.select(1 - 2 * sampler.integers(2), 1)
    if channels != 3:
        return _build_matrices(f * c, c, torch.zeros_like(c), channels), f * c * b
    t = sampler.select(sampler.uniform(-math.pi, math.pi), 0)
    s = sampler.select(sampler.log_normal(1.0), 1)
    return _build_matrices(f * c, s * c * t.cos(), s * c * t.sin(), channels), f * c * b


def _build_matrices(grey: Tensor, along: Tensor, across: Tensor, channels: int) -> Tensor:
    """Build maps that scale brightness by ``grey``, and scale and turn the remainder; exactly I for 1, 1 and 0."""
    identity = torch.eye(channels, dtype=grey.dtype, device=grey.device)
    quarter = (identity.roll(1, 0) - identity.roll(-1, 0)) / math.sqrt(3)  # cross product with (1, 1, 1) / sqrt(3)
    grey, along, across = (factor[:, None, None] for factor in (grey, along, across))
    return along * identity + (grey - along) / channels + across * quarter
