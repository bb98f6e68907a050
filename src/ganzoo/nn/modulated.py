"""Modulated convolution (Karras et al. 2020, section 2.2): a style scales the input channels of a convolution.

It scales activations before and after one convolution for the whole batch. Weights per sample would need a grouped
convolution, whose double backward loops over the batch and whose export fixes the batch size.

Shapes: B batch, I inputs, O outputs, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d

_EPSILON = 1e-8


class ModulatedConv2d(nn.Conv2d):
    """Convolves without bias, scaled by a style, and keeps the size or doubles it.

    Doubling is a transposed convolution of stride 2 without cropping: ``(2H - 2 + kernel, ...)``, to be smoothed by a
    filter.

    Source: Karras et al. 2020, arXiv 1912.04958, equations 1 and 3.

    Args:
        inputs: number I of input channels.
        outputs: number O of output channels.
        kernel: side of the kernel in pixels, odd.
        demodulate: divide outputs by the standard deviation they would have for inputs of unit variance.
        doubles: double the size.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, demodulate: bool = True, doubles: bool = False
    ) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.demodulate, self.doubles = demodulate, doubles

    def forward(self, x: Tensor, style: Tensor) -> Tensor:  # type: ignore[override]
        """Map ``(B, I, H, W)`` and a style ``(B, I)`` to ``(B, O, H, W)``, or doubled."""
        weight = self.weight  # read once: a parametrisation computes it at each access
        x = x * style.to(x.dtype)[..., None, None]  # eq. 1: sum_i (s_i w_ij) x_i = sum_i w_ij (s_i x_i)
        y = (conv_transpose2d(x, weight.transpose(0, 1), stride=2) if self.doubles
             else conv2d(x, weight, padding=self.padding))  # fmt: skip
        return y * self._demodulate(weight, style).to(y.dtype)[..., None, None] if self.demodulate else y

    @staticmethod
    def _demodulate(weight: Tensor, style: Tensor) -> Tensor:
        """Return one over the standard deviation of each sample's outputs, ``(B, O)``, outside autocast."""
        with torch.autocast(weight.device.type, enabled=False):
            variance = style.to(weight.dtype).square() @ weight.square().sum((2, 3)).mT
            return (variance + _EPSILON).rsqrt()  # eq. 3
