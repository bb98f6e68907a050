"""Orthogonal low-pass filters and what they do along one axis of an image that is mirrored at its ends.

An axis is mirrored about the middle of its first and of its last pixel, for ever, so no margin has to be chosen.

Shapes: N pixels along the axis, U places of the twice as fine axis.
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
"""Where a pixel comes to lie among the ``SYM6`` taps it is spread over: 5.098."""


def mirrored(places: Tensor, size: int) -> Tensor:
    """Bring places anywhere on the axis back to [0, size - 1]."""
    last = size - 1
    return last - ((places % (2 * last)) - last).abs()


def fine_places(size: int) -> Tensor:
    """Say where on the axis, in pixels from its first, the places of the fine axis lie, ``(U,)``, U = 2 N + 10."""
    return (torch.arange(2 * size + len(SYM6) - 2, dtype=torch.float64) - CENTRE) / 2


def fine_ends(size: int) -> tuple[float, float]:
    """Give the first and the last of the ``fine_places``."""
    return -CENTRE / 2, (2 * size + len(SYM6) - 3 - CENTRE) / 2


def spreading(size: int) -> Tensor:
    """Make the matrix ``(U, N)`` that doubles an axis; polynomials up to degree 5 pass unharmed."""
    return math.sqrt(2) * _symlet(size, torch.arange(-len(SYM6) // 2, size + len(SYM6) // 2))


def gathering(size: int) -> Tensor:
    """Make the matrix ``(N, U)`` that halves the fine axis; behind ``spreading`` it is the identity."""
    return _symlet(size, torch.arange(size)).T / math.sqrt(2)


def bands(size: int) -> Tensor:
    """Make the matrices ``(4, N, N)`` that split an axis into octaves, low to high; they sum to the identity.

    The bands reach up to 1/8, 1/4, 1/2 and all of the highest frequency.
    """
    one, two, four = (_smoothing(size, step) for step in (1, 2, 4))
    whole = torch.eye(size, dtype=torch.float64)
    return torch.stack([four @ two @ one, (whole - four) @ two @ one, (whole - two) @ one, whole - one])


def _symlet(size: int, pixels: Tensor) -> Tensor:
    """Spread pixels, mirrored if they lie outside, over the fine axis by the taps of ``SYM6``, ``(U, N)``."""
    matrix = torch.zeros(2 * size + len(SYM6) - 2, size, dtype=torch.float64)
    places = 2 * pixels[:, None] + torch.arange(len(SYM6))
    there = (places >= 0) & (places < len(matrix))
    taps = torch.tensor(SYM6, dtype=torch.float64).expand(places.shape)
    columns = mirrored(pixels, size)[:, None].expand(places.shape)
    return matrix.index_put_((places[there], columns[there]), taps[there], accumulate=True)


def _smoothing(size: int, step: int) -> Tensor:
    """Filter by ``H(z) H(1/z) / 2`` of ``SYM2`` with its taps ``step`` apart, ``(N, N)``; symmetric, a half-band."""
    whole, rows = torch.eye(size, dtype=torch.float64), torch.arange(size)
    pairs = [(n - m, a * b / 2) for n, a in enumerate(SYM2) for m, b in enumerate(SYM2)]
    return torch.stack([weight * whole[mirrored(rows + step * lag, size)] for lag, weight in pairs]).sum(0)
