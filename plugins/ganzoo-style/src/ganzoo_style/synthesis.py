"""The synthesis network: styles to images (Karras et al. 2020, figures 2c and 7b).

Shapes: B batch, C channels, H height, W width, D style, L styles of a sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from ganzoo.nn import ModulatedConv2d, Resample, Stride, build_upsampling, equalize
from ganzoo_style.layers import activate

Size = tuple[int, int]


class StyledConv(nn.Module):
    """Modulated 3x3 convolution, noise, bias, leaky ReLU; keeps the size or doubles it.

    Args:
        inputs: channels in.
        outputs: channels out.
        size: height and width of the output.
        style_dim: D.
        doubles: upsample the input by two.
        noise: add noise with a learned strength.
    """

    fixed_noise: Tensor

    def __init__(
        self, inputs: int, outputs: int, size: Size, style_dim: int, *, doubles: bool = False, noise: bool = True
    ) -> None:
        super().__init__()
        self.affine = equalize(nn.Linear(style_dim, inputs), bias=1.0)
        self.conv = equalize(ModulatedConv2d(inputs, outputs, 3, doubles=doubles))
        self.smooth = _make_low_pass(size) if doubles else nn.Identity()
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.strength = nn.Parameter(torch.zeros(())) if noise else None
        if noise:
            self.register_buffer("fixed_noise", torch.randn(1, 1, *size))

    def forward(self, x: Tensor, style: Tensor, noise: Tensor | None) -> Tensor:
        """Map ``(B, inputs, ...)``, a style ``(B, D)`` and noise ``(1 or B, 1, H, W)`` to ``(B, outputs, H, W)``.

        If ``noise`` is None, it is drawn in training and is the fixed one otherwise.
        """
        y = self.smooth(self.conv(x, self.affine(style)))
        if self.strength is not None:
            noise = self._default_noise(y.shape[0]) if noise is None else noise
            y = y + (self.strength * noise).to(y.dtype)
        return activate(y + self.bias.to(y.dtype)[:, None, None])

    def _default_noise(self, batch: int) -> Tensor:
        fixed = self.fixed_noise
        return torch.randn(batch, *fixed.shape[1:], device=fixed.device, dtype=fixed.dtype) if self.training else fixed


class ToImage(nn.Module):
    """Modulated 1x1 convolution to the image's channels, not demodulated.

    Args:
        inputs: channels in.
        channels: channels of the image.
        style_dim: D.
    """

    def __init__(self, inputs: int, channels: int, style_dim: int) -> None:
        super().__init__()
        self.affine = equalize(nn.Linear(style_dim, inputs), bias=1.0)
        self.conv = equalize(ModulatedConv2d(inputs, channels, 1, demodulate=False))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """Map ``(B, inputs, H, W)`` and a style ``(B, D)`` to ``(B, channels, H, W)`` in the bias's precision."""
        image: Tensor = self.conv(x, self.affine(style)) + self.bias[:, None, None]
        return image


class Synthesis(nn.Module):
    """Synthesis from a learned constant: each size adds its image to the upsampled image of the size below.

    Args:
        sizes: heights and widths of the maps, coarse to fine.
        widths: channels of the maps.
        channels: channels of the image.
        style_dim: D.
        noise: add noise with a learned strength.
    """

    def __init__(
        self, sizes: Sequence[Size], widths: Sequence[int], channels: int, style_dim: int, *, noise: bool
    ) -> None:
        super().__init__()
        self.constant = nn.Parameter(torch.randn(1, widths[0], *sizes[0]))
        convs = [StyledConv(widths[0], widths[0], sizes[0], style_dim, noise=noise)]
        for size, inputs, outputs in zip(sizes[1:], widths[:-1], widths[1:], strict=True):
            convs.append(StyledConv(inputs, outputs, size, style_dim, doubles=True, noise=noise))
            convs.append(StyledConv(outputs, outputs, size, style_dim, noise=noise))
        self.convs = nn.ModuleList(convs)
        self.to_images = nn.ModuleList(ToImage(width, channels, style_dim) for width in widths)
        self.upsamplings = nn.ModuleList(build_upsampling(size) for size in sizes[:-1])
        self.num_styles = 2 * len(sizes)

    @property
    def fixed_noise(self) -> tuple[Tensor, ...]:
        """The noise of evaluation, ``(1, 1, H, W)`` per layer with noise, coarse to fine."""
        return tuple(noise for name, noise in self.named_buffers() if name.endswith(".fixed_noise"))

    def forward(self, styles: Tensor, noise: Sequence[Tensor] | None) -> Tensor:
        """Map styles ``(B, L, D)`` and noise per layer to unbounded images ``(B, channels, H, W)``."""
        noises: Iterator[Tensor] = iter(noise or ())  # after its end layers use their default
        x = self.constant.expand(styles.shape[0], -1, -1, -1)  # len() would fix the batch of an export
        x = self.convs[0](x, styles[:, 0], next(noises, None))
        image: Tensor = self.to_images[0](x, styles[:, 1])
        for level, upsample in enumerate(self.upsamplings, start=1):
            first, second = 2 * level - 1, 2 * level
            x = self.convs[first](x, styles[:, first], next(noises, None))
            x = self.convs[second](x, styles[:, second], next(noises, None))
            image = upsample(image) + self.to_images[level](x, styles[:, second + 1])
        return image


def _make_low_pass(size: Size) -> Resample:
    """Make the low-pass after a transposed convolution, whose output is one longer; 3 of 4 inputs are 0: gain 4."""
    return Resample((size[0] + 1, size[1] + 1), Stride(before=1, after=1), gain=4.0)
