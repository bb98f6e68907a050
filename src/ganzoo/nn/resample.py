"""Resampling of images by a separable FIR filter, as two matrix products.

One small matrix filters the rows of an image and another the columns. Matrix products can be differentiated any number
of times: the double backward of a depthwise convolution is one convolution per channel, and a convolution with the
channels folded into the batch took 5 to 40 times as long on a CPU. The cost grows with the side: ``2 N``
multiplications per value and axis, against 9 C of a 3x3 convolution.

Near the border only some taps lie on the image; their weights are normalised again, so a constant image stays constant.

Shapes: B batch, C channels, H height, W width, N inputs and M outputs along one axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn

Kernel: TypeAlias = tuple[float, ...]
"""Taps of a filter along one axis; their scale does not matter."""

BINOMIAL: Kernel = (1.0, 3.0, 3.0, 1.0)
"""StyleGAN2's filter (Karras et al. 2020, arXiv 1912.04958); doubling with it interpolates linearly between pixels."""

TENT: Kernel = (1.0, 2.0, 1.0)
"""Linear interpolation that keeps every pixel in place and adds a new one after it."""


@dataclass(frozen=True)
class Stride:
    """How a filter moves along an axis: ``up - 1`` zeros after each value, borders, then every ``down``-th output.

    Args:
        up: 2 doubles.
        down: 2 halves.
        before: padding before the first value, in values.
        after: padding after the last.
    """

    up: int = 1
    down: int = 1
    before: int = 0
    after: int = 0

    def outputs(self, inputs: int, taps: int) -> int:
        """Return the number M of outputs for N inputs."""
        return (inputs * self.up + self.before + self.after - taps) // self.down + 1


def doubling(kernel: Kernel) -> Stride:
    """Return the stride that doubles an axis, adjoint to ``halving`` except for borders and scale."""
    after = (len(kernel) - 1) // 2
    return Stride(up=2, before=len(kernel) - 1 - after, after=after)


def halving(kernel: Kernel) -> Stride:
    """Return the stride that halves an axis of even length."""
    before = (len(kernel) - 1) // 2
    return Stride(down=2, before=before, after=len(kernel) - 2 - before)


def upsample(x: Tensor, kernel: Kernel = BINOMIAL) -> Tensor:
    """Map ``(B, C, H, W)`` to ``(B, C, 2H, 2W)``; the matrices are built at each call."""
    return _filter(x, kernel, doubling(kernel))


def downsample(x: Tensor, kernel: Kernel = BINOMIAL) -> Tensor:
    """Map ``(B, C, H, W)`` of even H and W to ``(B, C, H/2, W/2)``; the matrices are built at each call."""
    return _filter(x, kernel, halving(kernel))


class Resample(nn.Module):
    """Resamples images of one size with matrices built once.

    The matrices follow from the constructor's arguments and are not in the ``state_dict``.

    Args:
        size: height and width of the input in pixels.
        stride: how the filter moves along both axes.
        kernel: the filter's taps.
        gain: factor on a constant image.
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
        return _apply(x, self.rows, self.columns)


def build_upsampling(size: tuple[int, int], kernel: Kernel = BINOMIAL) -> Resample:
    """Build a layer that doubles images of ``size``."""
    return Resample(size, doubling(kernel), kernel=kernel)


def build_downsampling(size: tuple[int, int], kernel: Kernel = BINOMIAL) -> Resample:
    """Build a layer that halves images of ``size``."""
    return Resample(size, halving(kernel), kernel=kernel)


def filter_matrix(inputs: int, kernel: Kernel, stride: Stride, device: torch.device | None = None) -> Tensor:
    """Build the matrix ``(M, N)`` that filters an axis of N values; every row sums to 1.

    Args:
        inputs: number N of values.
        kernel: the filter's taps.
        stride: how it moves along the axis.
        device: device of the matrix.
    """
    outputs = stride.outputs(inputs, len(kernel))
    places = stride.before + stride.up * torch.arange(inputs, device=device)
    taps = places - stride.down * torch.arange(outputs, device=device)[:, None]  # which tap of row m lies on value n
    weights = torch.zeros(outputs, inputs, device=device)
    for tap, weight in enumerate(kernel):
        weights = weights + weight * (taps == tap)  # one Python scalar per tap: nothing is copied from the host
    return weights / weights.sum(1, keepdim=True)


def _filter(x: Tensor, kernel: Kernel, stride: Stride) -> Tensor:
    rows, columns = (filter_matrix(n, kernel, stride, x.device) for n in x.shape[2:])
    return _apply(x, rows, columns)


def _apply(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    rows, columns = rows.to(x.dtype), columns.to(x.dtype)
    with torch.autocast(x.device.type, enabled=False):  # images stay in float32, features in their own type
        if x.is_contiguous(memory_format=torch.channels_last):
            return _apply_channels_last(x, rows, columns)
        return rows @ (x @ columns.mT)


def _apply_channels_last(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Filter in the channels_last layout: copying to the other layout and back took 40 % longer with a convolution."""
    y = columns @ x.permute(0, 2, 3, 1)  # B H W C
    y = (rows @ y.flatten(2)).view(y.shape[0], -1, *y.shape[2:])
    return y.permute(0, 3, 1, 2)
