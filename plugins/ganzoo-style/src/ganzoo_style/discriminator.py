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

from ganzoo.nn.equalized import equalized
from ganzoo.nn.minibatch_stddev import MinibatchStdDev
from ganzoo.nn.pyramid import pyramid
from ganzoo.nn.resample import Resample, Stride, downsampling
from ganzoo.registry.specs import Shape
from ganzoo_style.layers import activated, sizes_of, widths_of


class StyleGAN2Discriminator(nn.Module):
    """Discriminator: halving blocks down to the base size, the spread within the batch, two more layers.

    The features are divided by ``sqrt(F)``: so a plain linear head learns at the equalised rate, and a projection
    head's inner product has the factor of Karras et al. 2020 (ADA), arXiv 2006.06676; its class vectors start smaller.

    Source: Karras et al. 2020, arXiv 1912.04958, configuration F.

    Args:
        shape: ``(C, H, W)`` of the images.
        architecture: residual blocks as in configuration F, or orig, plain ones as in StyleGAN, for small images.
        channel_base: channels times side of a map, as far as ``max_channels`` lets it.
        max_channels: of a map, and F.
        minibatch_group: most samples whose spread the discriminator sees; 1 classifiers each sample alone.

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
        channels, *size = shape
        sizes = sizes_of(*pyramid(*size))
        widths = widths_of(sizes, channel_base, max_channels)
        block = ResidualBlock if architecture == "residual" else PlainBlock
        self.feature_dim = widths[0]
        self.from_image = equalized(nn.Conv2d(channels, widths[-1], 1))
        steps = zip(pairwise(widths[::-1]), sizes[:0:-1], strict=True)
        self.blocks = nn.ModuleList(block(inputs, outputs, at) for (inputs, outputs), at in steps)
        self.end = Ending(widths[0], sizes[0], minibatch_group)

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(B, C, H, W)`` to features ``(B, F)``."""
        x = activated(self.from_image(images))
        for block in self.blocks:
            x = block(x)
        features: Tensor = self.end(x)
        return features / math.sqrt(self.feature_dim)


class PlainBlock(nn.Module):
    """Two 3x3 convolutions, the second on a filtered map with a stride of 2.

    Args:
        inputs: channels in.
        outputs: channels out.
        size: height and width in; half of them come out.
    """

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.conv1 = equalized(nn.Conv2d(inputs, inputs, 3, padding=1))
        self.conv2 = equalized(nn.Conv2d(inputs, outputs, 3, stride=2))
        self.smooth = Resample(size, Stride(before=2, after=2))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, H/2, W/2)``."""
        return activated(self.conv2(self.smooth(activated(self.conv1(x)))))


class ResidualBlock(PlainBlock):
    """The same beside a shortcut, their sum brought back to unit variance.

    Args:
        inputs: channels in.
        outputs: channels out.
        size: height and width in; half of them come out.
    """

    def __init__(self, inputs: int, outputs: int, size: tuple[int, int]) -> None:
        super().__init__(inputs, outputs, size)
        self.shortcut = equalized(nn.Conv2d(inputs, outputs, 1, bias=False))
        self.halve = downsampling(size)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, H/2, W/2)``."""
        total: Tensor = super().forward(x) + self.shortcut(self.halve(x))
        return total * math.sqrt(0.5)


class Ending(nn.Module):
    """Spread within the batch, a convolution, a linear layer over all positions; at full precision.

    Args:
        width: channels in, and features out.
        size: height and width in.
        minibatch_group: most samples whose spread is seen; 1 leaves it out.
    """

    def __init__(self, width: int, size: tuple[int, int], minibatch_group: int) -> None:
        super().__init__()
        sees_others = minibatch_group > 1
        self.spread = MinibatchStdDev(minibatch_group) if sees_others else nn.Identity()
        self.conv = equalized(nn.Conv2d(width + sees_others, width, 3, padding=1))
        self.dense = equalized(nn.Linear(width * math.prod(size), width))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, width, H, W)`` to ``(B, width)``."""
        with torch.autocast(x.device.type, enabled=False):
            x = activated(self.conv(self.spread(x.to(self.conv.weight.dtype))))
            return activated(self.dense(x.flatten(1)))
