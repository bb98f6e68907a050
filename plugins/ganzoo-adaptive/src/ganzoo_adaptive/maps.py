"""Random affine maps of the plane (Karras et al. 2020, arXiv 2006.06676, appendix B): pixel blitting and geometry.

A map tells where each pixel of the new image comes from, so it is the inverse of the paper's G: ``x_old = M x_new``
with ``x = (x, y, 1)`` in pixels, right and down from the image's centre. Where the paper puts a step in front of G,
its inverse goes behind M.

Shapes: B batch, H height, W width; maps are ``(B, 3, 3)``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ganzoo_adaptive.chance import Chance


def blits(chance: Chance, height: int, width: int) -> Tensor:
    """Draw maps that put pixels on pixels: a mirror image, quarter turns, a shift by up to an eighth of the side.

    An image that is not square is turned by half turns only: its pixels would not fall on pixels otherwise.
    """
    mirror = chance.given(1 - 2 * chance.choice(2), 1)
    quarters = chance.choice(4) if height == width else 2 * chance.choice(2)
    turn = chance.given(math.pi / 2 * quarters, 0)
    share = chance.given(chance.uniform(-0.125, 0.125, 2), 0)
    shift = _pixels(share, height, width).round()
    return composed(_scaling(mirror, torch.ones_like(mirror)), _rotation(turn), _translation(-shift))


def warps(chance: Chance, height: int, width: int) -> Tensor:
    """Draw maps that scale, rotate, stretch, rotate again and shift.

    The two rotations are equal in chance and together as frequent as any other transform.
    """
    rotated = 1 - (1 - chance.probability).sqrt()  # P(before or after) = p
    scale = chance.given(chance.factor(0.2), 1)
    before = chance.given(chance.uniform(-math.pi, math.pi), 0, rotated)
    stretch = chance.given(chance.factor(0.2), 1)
    after = chance.given(chance.uniform(-math.pi, math.pi), 0, rotated)
    shift = _pixels(chance.given(chance.normal(0.125, 2), 0), height, width)
    steps = (_scaling(1 / scale, 1 / scale), _rotation(before), _scaling(1 / stretch, stretch), _rotation(after))
    return composed(*steps, _translation(-shift))


def composed(first: Tensor, *others: Tensor) -> Tensor:
    """Multiply maps from left to right.

    Sums of products rather than ``matmul``: TensorFloat-32 has 11 bits, too few for places in a large image.
    """
    for other in others:
        first = (first[:, :, :, None] * other[:, None, :, :]).sum(2)
    return first


def _pixels(share: Tensor, height: int, width: int) -> Tensor:
    """Turn shares of the sides ``(B, 2)`` into pixels."""
    return torch.stack([share[:, 0] * width, share[:, 1] * height], 1)


def _scaling(x: Tensor, y: Tensor) -> Tensor:
    zero, one = torch.zeros_like(x), torch.ones_like(x)
    return _matrix([x, zero, zero], [zero, y, zero], [zero, zero, one])


def _rotation(angle: Tensor) -> Tensor:
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    return _matrix([angle.cos(), -angle.sin(), zero], [angle.sin(), angle.cos(), zero], [zero, zero, one])


def _translation(shift: Tensor) -> Tensor:
    zero, one = torch.zeros_like(shift[:, 0]), torch.ones_like(shift[:, 0])
    return _matrix([one, zero, shift[:, 0]], [zero, one, shift[:, 1]], [zero, zero, one])


def _matrix(*rows: list[Tensor]) -> Tensor:
    return torch.stack([torch.stack(row, 1) for row in rows], 1)
