"""Random affine maps of the plane (Karras et al. 2020, arXiv 2006.06676, appendix B): pixel blitting and geometry.

A map gives the source of each pixel of the new image, so it is the inverse of the paper's G: ``x_old = M x_new`` with
``x = (x, y, 1)`` in pixels, right and down from the image's centre. Where the paper multiplies G by a step from the
left, M is multiplied by its inverse from the right.

Shapes: B batch, H height, W width; maps are ``(B, 3, 3)``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganzoo_adaptive.parameter_sampler import ParameterSampler


def sample_blits(sampler: ParameterSampler, height: int, width: int) -> Tensor:
    """Draw maps of pixels onto pixels: a mirror image, quarter turns, a shift by up to an eighth of the side.

    An image that is not square is rotated by half turns only, because quarter turns would not fit.
    """
    mirror = sampler.select(1 - 2 * sampler.integers(2), 1)
    quarters = sampler.integers(4) if height == width else 2 * sampler.integers(2)
    turn = sampler.select(math.pi / 2 * quarters, 0)
    share = sampler.select(sampler.uniform(-0.125, 0.125, 2), 0)
    shift = _to_pixels(share, height, width).round()
    return compose(_scale(mirror, torch.ones_like(mirror)), _rotate(turn), _translate(-shift))


def sample_warps(sampler: ParameterSampler, height: int, width: int) -> Tensor:
    """Draw maps that scale, rotate, stretch, rotate again and shift.

    The two rotations are equally likely, and one of them happens as often as any other transform.
    """
    rotated = 1 - (1 - sampler.probability).sqrt()  # P(before or after) = p
    scale = sampler.select(sampler.log_normal(0.2), 1)
    before = sampler.select(sampler.uniform(-math.pi, math.pi), 0, rotated)
    stretch = sampler.select(sampler.log_normal(0.2), 1)
    after = sampler.select(sampler.uniform(-math.pi, math.pi), 0, rotated)
    shift = _to_pixels(sampler.select(sampler.normal(0.125, 2), 0), height, width)
    steps = (_scale(1 / scale, 1 / scale), _rotate(before), _scale(1 / stretch, stretch), _rotate(after))
    return compose(*steps, _translate(-shift))


def compose(first: Tensor, *others: Tensor) -> Tensor:
    """Multiply maps from left to right.

    Sums of products rather than ``matmul``: TensorFloat-32 has 11 bits, too few for positions in a large image.
    """
    for other in others:
        first = (first[:, :, :, None] * other[:, None, :, :]).sum(2)
    return first


def _to_pixels(share: Tensor, height: int, width: int) -> Tensor:
    """Convert shares of the sides ``(B, 2)`` to pixels."""
    return torch.stack([share[:, 0] * width, share[:, 1] * height], 1)


def _scale(x: Tensor, y: Tensor) -> Tensor:
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    return _stack_matrix([x, zero, zero], [zero, y, zero], [zero, zero, one])


def _rotate(angle: Tensor) -> Tensor:
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    return _stack_matrix([angle.cos(), -angle.sin(), zero], [angle.sin(), angle.cos(), zero], [zero, zero, one])


def _translate(shift: Tensor) -> Tensor:
    zero, one = torch.zeros_like(shift[:, 0]), torch.ones_like(shift[:, 0])
    return _stack_matrix([one, zero, shift[:, 0]], [zero, one, shift[:, 1]], [zero, zero, one])


def _stack_matrix(*rows: list[Tensor]) -> Tensor:
    return torch.stack([torch.stack(row, 1) for row in rows], 1)
