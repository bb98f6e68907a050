"""The residual block of R3GAN's configuration E, and the resampling between blocks.

Shapes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from ganzoo.nn import build_downsampling, build_upsampling, factor_size

_EXPANSION = 2
_GROUP = 16
_SLOPE = 0.2
_GAIN = math.sqrt(2.0 / (1.0 + _SLOPE**2))  # keeps the variance through a leaky ReLU (He et al. 2015)


class Bottleneck(nn.Module):
    """A residual block of three convolutions, 1-3-1, wide in the middle: ``x + R(x)`` with R zero at first.

    Source: Huang et al. 2024, arXiv 2501.05441, configuration E; the first weights are Zhang, Dauphin & Ma 2019
    (Fixup), arXiv 1901.09321, section 3: with m = 3 layers a branch in L branches, the last is zero and the others
    are smaller by ``L^(-1 / (2m - 2))``.

    Args:
        channels: C, of input and output.
        count: L, number of residual blocks in the whole network.
    """

    def __init__(self, channels: int, count: int) -> None:
        super().__init__()
        wide, gain = _EXPANSION * channels, _GAIN * count**-0.25
        self.expand = make_convolution(channels, wide, 1, gain=gain)
        self.mix = make_convolution(wide, wide, 3, gain=gain, groups=wide // choose_group_size(wide))
        self.reduce = make_convolution(wide, channels, 1, gain=0.0, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, C, H, W)`` to the same shape."""
        residual = leaky_relu(self.expand(x), _SLOPE)
        residual = leaky_relu(self.mix(residual), _SLOPE)
        result: Tensor = x + self.reduce(residual)
        return result


class Upsample(nn.Module):
    """Bilinear upsampling by two; a 1x1 convolution changes the number of channels.

    Args:
        inputs: channels of the input.
        outputs: channels of the output.
        size: H and W of the input.
    """

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.match, self.resample = _match_channels(inputs, outputs), build_upsampling(size)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, 2H, 2W)``."""
        result: Tensor = self.resample(self.match(x))  # 1x1 before upsampling: equal, a quarter of the work
        return result


class Downsample(nn.Module):
    """Bilinear downsampling by two; a 1x1 convolution changes the number of channels.

    Args:
        inputs: channels of the input.
        outputs: channels of the output.
        size: H and W of the input.
    """

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.match, self.resample = _match_channels(inputs, outputs), build_downsampling(size)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, H/2, W/2)``."""
        result: Tensor = self.match(self.resample(x))
        return result


@dataclass(frozen=True)
class Stage:
    """A stage: the blocks at one resolution.

    Args:
        size: H and W.
        channels: C.
    """

    size: tuple[int, int]
    channels: int


def list_stages(size: tuple[int, int], *, width: int, flat: int) -> list[Stage]:
    """List the stages from the smallest size up.

    Args:
        size: H and W of the images.
        width: channels of the stages up to ``flat`` pixels.
        flat: pixels of the longer side above which each doubling halves the channels.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """
    (height, breadth), doublings = factor_size(*size)
    scales = [2**doubling for doubling in range(doublings + 1)]
    halvings = [math.ceil(math.log2(max(scale * max(height, breadth) / flat, 1.0))) for scale in scales]
    return [
        Stage((scale * height, scale * breadth), max(width >> halving, 1))
        for scale, halving in zip(scales, halvings, strict=True)
    ]


def choose_group_size(channels: int) -> int:
    """Return the channels per group of the middle convolution: 16, or the largest smaller divisor of ``channels``."""
    return next(size for size in range(_GROUP, 0, -1) if channels % size == 0)


def make_convolution(
    inputs: int, outputs: int, kernel: int, *, gain: float = 1.0, groups: int = 1, bias: bool = True
) -> nn.Conv2d:
    """Make a convolution that keeps the size; the weights' variance is ``gain^2 / fan-in``, biases are zero.

    Args:
        inputs: channels of the input.
        outputs: channels of the output.
        kernel: side of the kernel, odd.
        gain: factor of the standard deviation; 0 sets all weights to zero.
        groups: number of groups of channels.
        bias: add a learned bias.
    """
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=bias)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(layer.weight[0].numel()))
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def _match_channels(inputs: int, outputs: int) -> nn.Module:
    return make_convolution(inputs, outputs, 1, bias=False) if inputs != outputs else nn.Identity()
