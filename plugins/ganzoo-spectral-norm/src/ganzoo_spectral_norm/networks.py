"""The SNGAN ResNet pair (Miyato et al. 2018, tables 4 to 6), at any size ``base * 2^k`` and for any number of channels.

Shapes: B batch, Z latent, C channels, H height, W width, F features.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated

from annotated_types import Ge
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate

from ganzoo import Shape
from ganzoo.nn import factor_size

_FLAT = 32  # pixels up to which all blocks have the same width (table 4); above, widths double (tables 5 and 6)
_WIDEST = 16
_RELU = math.sqrt(2.0)  # gain that keeps the variance through a ReLU (He et al. 2015)


class SNGANGenerator(nn.Module):
    """Generator: a linear map to the base size, then a residual block for each doubling.

    Args:
        shape: ``(C, H, W)`` of the images.
        num_classes: number of classes for the normalisation; 0 for none.
        norm: makes a normalisation from channels and classes; called with ``(x, labels)``.
        latent_dim: Z, length of the latent vector.
        width: channels of the last block; they double towards the base, up to sixteen times the width. Up to 32
            pixels every block has four times the width.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    def __init__(
        self,
        shape: Shape,
        num_classes: int,
        norm: Callable[[int, int], nn.Module],
        *,
        latent_dim: Annotated[int, Ge(1)] = 128,
        width: Annotated[int, Ge(1)] = 64,
    ) -> None:
        super().__init__()
        channels, height, image_width = shape
        self._base, doublings = factor_size(height, image_width)
        widths = _double_widths(width, doublings + 1)[::-1]
        if max(height, image_width) <= _FLAT:
            widths = [4 * width] * (doublings + 1)
        self.latent_dim = latent_dim
        self.dense = _make_linear(latent_dim, widths[0] * math.prod(self._base))
        self.blocks = nn.ModuleList(UpBlock(i, o, lambda w: norm(w, num_classes)) for i, o in pairwise(widths))
        self.norm = norm(widths[-1], num_classes)
        self.out = _make_conv(widths[-1], channels, 3)

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to images ``(B, C, H, W)`` in [-1, 1]."""
        x = self.dense(latents).unflatten(1, (-1, *self._base))
        for block in self.blocks:
            x = block(x, labels)
        images: Tensor = self.out(self.norm(x, labels).relu()).tanh()
        return images


class SNGANDiscriminator(nn.Module):
    """Discriminator: residual blocks without normalisation, then the sum over all positions.

    Args:
        shape: ``(C, H, W)`` of the images.
        width: channels of the first block; they double with each halving, up to sixteen times the width. Up to 32
            pixels every block has twice the width.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    def __init__(self, shape: Shape, *, width: Annotated[int, Ge(1)] = 64) -> None:
        super().__init__()
        channels, *size = shape
        _, doublings = factor_size(*size)
        halvings = _count_halvings(*size)
        widths = _double_widths(width, halvings + 1)
        if max(size) <= _FLAT:
            halvings, widths = min(doublings, 2), [2 * width] * 4
        self.feature_dim = widths[-1]
        self.first = FirstDownBlock(channels, widths[0])
        self.blocks = nn.ModuleList(
            DownBlock(i, o, halve=n < halvings) for n, (i, o) in enumerate(pairwise(widths), start=1)
        )

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(B, C, H, W)`` to features ``(B, F)``."""
        x = self.first(images)
        for block in self.blocks:
            x = block(x)
        features: Tensor = x.relu().sum((2, 3))
        return features


class UpBlock(nn.Module):
    """The generator's residual block (figure 8), which upsamples by two.

    Args:
        inputs: channels of the input.
        outputs: channels of the output.
        norm: makes a normalisation from channels; called with ``(x, labels)``.
    """

    def __init__(self, inputs: int, outputs: int, norm: Callable[[int], nn.Module]) -> None:
        super().__init__()
        self.norm1, self.norm2 = norm(inputs), norm(outputs)
        self.conv1 = _make_conv(inputs, outputs, 3, gain=_RELU)
        self.conv2 = _make_conv(outputs, outputs, 3, gain=_RELU)
        self.shortcut = _make_conv(inputs, outputs, 1)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, 2H, 2W)``."""
        residual = self.conv1(_upsample(self.norm1(x, labels).relu()))
        residual = self.conv2(self.norm2(residual, labels).relu())
        result: Tensor = residual + _upsample(self.shortcut(x))  # 1x1 before upsampling: equal, a quarter of the work
        return result


class DownBlock(nn.Module):
    """The discriminator's residual block (figure 8 without batch norm).

    Args:
        inputs: channels of the input.
        outputs: channels of the output.
        halve: average over 2x2 at the end.
    """

    def __init__(self, inputs: int, outputs: int, *, halve: bool) -> None:
        super().__init__()
        self.conv1 = _make_conv(inputs, inputs, 3, gain=_RELU)
        self.conv2 = _make_conv(inputs, outputs, 3, gain=_RELU)
        self.shortcut = _make_conv(inputs, outputs, 1) if halve or inputs != outputs else nn.Identity()
        self.pool = nn.AvgPool2d(2) if halve else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` to ``(B, outputs, H, W)``, or half of H and W."""
        residual = self.conv2(self.conv1(x.relu()).relu())
        result: Tensor = self.pool(residual) + self.shortcut(self.pool(x))  # 1x1 after the mean: equal, cheaper
        return result


class FirstDownBlock(nn.Module):
    """The discriminator's first block: no ReLU on the image itself (Gulrajani et al. 2017, appendix F).

    Args:
        inputs: channels of the image.
        outputs: channels of the output.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv1 = _make_conv(inputs, outputs, 3, gain=_RELU)
        self.conv2 = _make_conv(outputs, outputs, 3, gain=_RELU)
        self.shortcut = _make_conv(inputs, outputs, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B, outputs, H/2, W/2)``."""
        residual = self.conv2(self.conv1(images).relu())
        result: Tensor = avg_pool2d(residual, 2) + self.shortcut(avg_pool2d(images, 2))
        return result


def _double_widths(width: int, count: int) -> list[int]:
    return [width * min(2**i, _WIDEST) for i in range(count)]


def _count_halvings(height: int, width: int) -> int:
    """Count the discriminator's halvings: to 4 or 3 pixels as in tables 5 and 6, or until a side is odd."""
    if min(height, width) <= 4 or height % 2 or width % 2:
        return 0
    return 1 + _count_halvings(height // 2, width // 2)


def _upsample(x: Tensor) -> Tensor:
    return interpolate(x, scale_factor=2.0, mode="nearest")


def _make_conv(inputs: int, outputs: int, kernel: int, *, gain: float = 1.0) -> nn.Conv2d:
    """Make a convolution that keeps the size; Xavier-uniform weights (Glorot & Bengio 2010), zero biases."""
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)
    nn.init.xavier_uniform_(conv.weight, gain)
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
    return conv


def _make_linear(inputs: int, outputs: int) -> nn.Linear:
    linear = nn.Linear(inputs, outputs)
    nn.init.xavier_uniform_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear
