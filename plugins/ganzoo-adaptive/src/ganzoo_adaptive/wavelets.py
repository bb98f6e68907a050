"""Orthogonal low-pass filters as matrices that act along one axis of an image.

An axis is mirrored about the centres of its first and last pixel, without end, so that it needs no padding.

Shapes: N pixels along the axis, U positions of the axis of twice the resolution (the fine axis).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

SYM2 = (-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025)
"""Daubechies' symlet with two vanishing moments."""

SYM6 = (
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
    0.787641141030194, 0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578,
    0.0017677118642428036, -0.007800708325034148,
)  # fmt: skip
"""Daubechies' symlet with six vanishing moments."""

CENTRE = sum(n * tap for n, tap in enumerate(SYM6)) / sum(SYM6)
"""Centre of mass of the ``SYM6`` taps: 5.098."""


def mirror(positions: Tensor, size: int) -> Tensor:
    """Mirror positions anywhere on the axis into [0, size - 1]."""
    last = size - 1
    return last - ((positions % (2 * last)) - last).abs()


def fine_positions(size: int) -> Tensor:
    """Return the positions of the fine axis, in pixels from the first of the axis, ``(U,)``, U = 2 N + 10."""
    return (torch.arange(2 * size + len(SYM6) - 2, dtype=torch.float64) - CENTRE) / 2


def fine_ends(size: int) -> tuple[float, float]:
    """Return the first and the last of the ``fine_positions``."""
    return -CENTRE / 2, (2 * size + len(SYM6) - 3 - CENTRE) / 2


def make_upsampling(size: int) -> Tensor:
    """Make the matrix ``(U, N)`` that upsamples an axis by two; polynomials up to degree 5 stay polynomials."""
    return math.sqrt(2) * _spread_by_symlet(size, torch.arange(-len(SYM6) // 2, size + len(SYM6) // 2))


def make_downsampling(size: int) -> Tensor:
    """Make the matrix ``(N, U)`` that downsamples the fine axis; after ``make_upsampling`` it is the identity."""
    return _spread_by_symlet(size, torch.arange(size)).T / math.sqrt(2)


def make_bands(size: int) -> Tensor:
    """Make the matrices ``(4, N, N)`` that split an axis into octaves, low to high; they sum to the identity.

    The bands reach up to 1/8, 1/4, 1/2 and all of the highest frequency.
    """
    one, two, four = (_make_low_pass(size, step) for step in (1, 2, 4))
    whole = torch.eye(size, dtype=torch.float64)
    return torch.stack([four @ two @ one, (whole - four) @ two @ one, (whole - two) @ one, whole - one])


def _spread_by_symlet(size: int, pixels: Tensor) -> Tensor:
    """Spread pixels, mirrored if they are outside, over the fine axis by the taps of ``SYM6``, ``(U, N)``."""
    matrix = torch.zeros(2 * size + len(SYM6) - 2, size, dtype=torch.float64)
    positions = 2 * pixels[:, None] + torch.arange(len(SYM6))
    inside = (positions >= 0) & (positions < len(matrix))
    taps = torch.tensor(SYM6, dtype=torch.float64).expand(positions.shape)
    columns = mirror(pixels, size)[:, None].expand(positions.shape)
    return matrix.index_put_((positions[inside], columns[inside]), taps[inside], accumulate=True)


def _make_low_pass(size: int, step: int) -> Tensor:
    """Filter by ``H(z) H(1/z) / 2`` of ``SYM2`` with its taps ``step`` apart, ``(N, N)``; symmetric, a half-band."""
    whole, rows = torch.eye(size, dtype=torch.float64), torch.arange(size)
    pairs = [(n - m, a * b / 2) for n, a in enumerate(SYM2) for m, b in enumerate(SYM2)]
    return torch.stack([weight * whole[mirror(rows + step * lag, size)] for lag, weight in pairs]).sum(0)
