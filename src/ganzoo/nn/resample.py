"""Resampling of images by a separable FIR filter, as two matrix products.

Rows of an image are filtered by one small matrix and columns by another. Products of matrices differentiate as often
as one likes: a depthwise convolution falls into a convolution a channel in its double backward, and a convolution
with the channels folded into the batch took 5 to 40 times as long on a CPU. The work grows with the side: ``2 N``
multiplications a value and axis, against 9 C of a 3x3 convolution.

Near the border only some taps lie on the image; those are weighed anew, so a constant stays one to the last pixel.

Shapes: B batch, C channels, H height, W width, N inputs and M outputs along one axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn

Kernel: TypeAlias = tuple[float, ...]
"""Taps of a filter along one axis; their scale is of no account."""

BINOMIAL: Kernel = (1.0, 3.0, 3.0, 1.0)
"""StyleGAN2's filter (Karras et al. 2020, arXiv 1912.04958); doubling with it interpolates linearly between pixels."""

TENT: Kernel = (1.0, 2.0, 1.0)
"""Linear interpolation that keeps every pixel where it was and puts a new one behind it."""


@dataclass(frozen=True)
class Stride:
    """How a filter goes along an axis: ``up - 1`` zeros behind each value, borders, then every ``down``-th output.

    Args:
        up: 2 doubles.
        down: 2 halves.
        before: places in front of the first value.
        after: places behind the last.
    """

    up: int = 1
    down: int = 1
    before: int = 0
    after: int = 0

    def outputs(self, inputs: int, taps: int) -> int:
        """Give M for N inputs."""
        return (inputs * self.up + self.before + self.after - taps) // self.down + 1


def doubling(kernel: Kernel) -> Stride:
    """Go along an axis so that it becomes twice as long, adjoint to ``halving`` but for borders and scale."""
    behind = (len(kernel) - 1) // 2
    return Stride(up=2, before=len(kernel) - 1 - behind, after=behind)


def halving(kernel: Kernel) -> Stride:
    """Go along an axis of even length so that it becomes half as long."""
    before = (len(kernel) - 1) // 2
    return Stride(down=2, before=before, after=len(kernel) - 2 - before)


def upsample(x: Tensor, kernel: Kernel = BINOMIAL) -> Tensor:
    """Map ``(B, C, H, W)`` to ``(B, C, 2H, 2W)``; the matrices are made anew at each call."""
    return _filtered(x, kernel, doubling(kernel))


def downsample(x: Tensor, kernel: Kernel = BINOMIAL) -> Tensor:
    """Map ``(B, C, H, W)`` of even H and W to ``(B, C, H/2, W/2)``; the matrices are made anew at each call."""
    return _filtered(x, kernel, halving(kernel))


class Resample(nn.Module):
    """Resampling of images of one size, whose matrices are made once.

    They are no part of the ``state_dict``: the constructor's arguments decide them.

    Args:
        size: H and W of what comes in.
        stride: how the filter goes along both axes.
        kernel: the filter's taps.
        gain: what a constant is multiplied by.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, size: tuple[int, int], stride: Stride, *, kernel: Kernel = BINOMIAL, gain: float = 1.0) -> None:
        super().__init__()
        height, width = size
        self.register_buffer("rows", gain * filter_matrix(height, kernel, stride), persistent=False)
        self.register_buffer("columns", filter_matrix(width, kernel, stride), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Filter ``(B, C, H, W)``."""
        return _applied(x, self.rows, self.columns)


def upsampling(size: tuple[int, int], kernel: Kernel = BINOMIAL) -> Resample:
    """Make a layer that doubles images of ``size``."""
    return Resample(size, doubling(kernel), kernel=kernel)


def downsampling(size: tuple[int, int], kernel: Kernel = BINOMIAL) -> Resample:
    """Make a layer that halves images of ``size``."""
    return Resample(size, halving(kernel), kernel=kernel)


def filter_matrix(inputs: int, kernel: Kernel, stride: Stride, device: torch.device | None = None) -> Tensor:
    """Give the matrix ``(M, N)`` that filters an axis of N; every row sums to 1.

    Args:
        inputs: N.
        kernel: the filter's taps.
        stride: how it goes along the axis.
        device: where to make it.
    """
    outputs = stride.outputs(inputs, len(kernel))
    places = stride.before + stride.up * torch.arange(inputs, device=device)
    taps = places - stride.down * torch.arange(outputs, device=device)[:, None]  # which tap of row m lies on value n
    weights = torch.zeros(outputs, inputs, device=device)
    for tap, weight in enumerate(kernel):
        weights = weights + weight * (taps == tap)  # a scalar a tap: nothing is copied from the host
    return weights / weights.sum(1, keepdim=True)


def _filtered(x: Tensor, kernel: Kernel, stride: Stride) -> Tensor:
    rows, columns = (filter_matrix(n, kernel, stride, x.device) for n in x.shape[2:])
    return _applied(x, rows, columns)


def _applied(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    rows, columns = rows.to(x.dtype), columns.to(x.dtype)
    with torch.autocast(x.device.type, enabled=False):  # images stay in float32, features as they came
        if x.is_contiguous(memory_format=torch.channels_last):
            return _applied_last(x, rows, columns)
        return rows @ (x @ columns.mT)


def _applied_last(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """The same in the layout of channels_last: copying to the other and back took 40 % longer with a convolution."""
    y = columns @ x.permute(0, 2, 3, 1)  # B H W C
    y = (rows @ y.flatten(2)).view(y.shape[0], -1, *y.shape[2:])
    return y.permute(0, 3, 1, 2)
