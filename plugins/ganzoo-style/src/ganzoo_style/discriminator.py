"""The StyleGAN2 discriminator (Karras et al. 2020, figure 7c), at any size ``base * 2^k`` and any number of channels.

Shapes: B batch, C channels, H height, W width, F features.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Literal

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ganzoo import Shape
from ganzoo.nn import MinibatchStdDev, Resample, Stride, build_downsampling, equalize, factor_size
from ganzoo_style.layers import activate, list_sizes, list_widths


class StyleGAN2Discriminator(nn.Module):
    """Discriminator: downsampling blocks to the base size, minibatch standard deviation, two more layers.

    The features are divided by ``sqrt(F)``, so that a plain linear head has the equalised learning rate, and the inner
    product of a projection head the factor of Karras et al. 2020 (ADA), arXiv 2006.06676; its class vectors start
    smaller.

    Source: Karras et al. 2020, arXiv 1912.04958, configuration F.

    Args:
        shape: ``(C, H, W)`` of the images.
        architecture: residual blocks as in configuration F, or orig: plain blocks as in StyleGAN, for small images.
        channel_base: channels times side of each map, limited by ``max_channels``.
        max_channels: largest number of channels of a map, and F.
        minibatch_group: largest group for the minibatch standard deviation; 1 leaves it out and scores samples alone.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        architecture: Literal["residual", "orig"] = "residual",
        channel_base: Annotated[int, Ge(1)] = 32768,
        max_channels: Annotated[int, Ge(1)] = 512,
        minibatch_group: Annotated[int, Ge(1)] = 4,
    ) -> None:
        super().__init__()
        channels, height, width = shape
        sizes = list_sizes(*factor_size(height, width))
        widths = list_widths(sizes, channel_base, max_channels)
        block = ResidualBlock if architecture == "residual" else PlainBlock
        self.feature_dim = widths[0]
        self.from_image = equalize(nn.Conv2d(channels, widths[-1], 1))
        steps = zip(pairwise(widths[::-1]), sizes[:0:-1], strict=True)
        self.blocks = nn.ModuleList(block(inputs, outputs, size) for (inputs, outputs), size in steps)
        self.epilogue = Epilogue(widths[0], sizes[0], minibatch_group)

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(B, C, H, W)`` to features ``(B, F)``."""
        x = activate(self.from_image(images))
        for block in self.blocks:
            x = block(x)
        features: Tensor = self.epilogue(x)
        return features / math.sqrt(self.feature_dim)


class PlainBlock(nn.Module):
    """Two 3x3 convolutions, the second with a stride of 2 after a low-pass filter.

    Args:
        inputs: channels in.
        outputs: channels out.
        size: height and width of the input, twice those of the output.
    """

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.conv1 = equalize(nn.Conv2d(inputs, inputs, 3, padding=1))
        self.conv2 = equalize(nn.Conv2d(inputs, outputs, 3, stride=2))
        self.smooth = Resample(size, Stride(before=2, after=2))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, H/2, W/2)``."""
        return activate(self.conv2(self.smooth(activate(self.conv1(x)))))


class ResidualBlock(PlainBlock):
    """A plain block with a shortcut; their sum is scaled to unit variance.

    Args:
        inputs: channels in.
        outputs: channels out.
        size: height and width of the input, twice those of the output.
    """

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int]) -> None:
        super().__init__(inputs, outputs, size)
        self.shortcut = equalize(nn.Conv2d(inputs, outputs, 1, bias=False))
        self.downsample = build_downsampling(size)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, H/2, W/2)``."""
        total: Tensor = super().forward(x) + self.shortcut(self.downsample(x))
        return total * math.sqrt(0.5)


class Epilogue(nn.Module):
    """Minibatch standard deviation, a convolution, a linear layer over all positions; in full precision.

    Args:
        width: channels in, and features out.
        size: height and width in.
        minibatch_group: largest group for the minibatch standard deviation; 1 leaves it out.
    """

    def __init__(self, width: int, size: tuple[int, int], minibatch_group: int) -> None:
        super().__init__()
        has_spread = minibatch_group > 1
        self.spread = MinibatchStdDev(minibatch_group) if has_spread else nn.Identity()
        self.conv = equalize(nn.Conv2d(width + has_spread, width, 3, padding=1))
        self.dense = equalize(nn.Linear(width * math.prod(size), width))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, width, H, W)`` to ``(B, width)``."""
        with torch.autocast(x.device.type, enabled=False):
            x = activate(self.conv(self.spread(x.to(self.conv.weight.dtype))))
            return activate(self.dense(x.flatten(1)))
