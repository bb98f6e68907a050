"""Modulated convolution (Karras et al. 2020, section 2.2): a style scales the inputs of a convolution.

Written as a scaling of activations before and after one convolution for the whole batch. With weights of each sample's
own it would be a grouped convolution, whose double backward is a loop over the batch and whose export fixes it.

Shapes: B batch, I inputs, O outputs, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, conv_transpose2d

_TINY = 1e-8


class ModulatedConv2d(nn.Conv2d):
    """A convolution without bias that keeps the size, or doubles it.

    Doubling puts zeros between the inputs and keeps all outputs a tap falls on: ``(2H - 2 + kernel, ...)``, to be
    smoothed by a filter.

    Source: Karras et al. 2020, arXiv 1912.04958, equations 1 and 3.

    Args:
        inputs: I.
        outputs: O.
        kernel: side of the kernel, odd.
        demodulate: divide by the size the outputs would have of inputs of unit variance.
        doubles: put zeros between the inputs.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, demodulate: bool = True, doubles: bool = False
    ) -> None:
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.demodulate, self.doubles = demodulate, doubles

    def forward(self, x: Tensor, style: Tensor) -> Tensor:  # type: ignore[override]
        """Map ``(B, I, H, W)`` and a style ``(B, I)`` to ``(B, O, H, W)``, or doubled."""
        weight = self.weight  # read once: a parametrisation computes it anew at each look
        x = x * style.to(x.dtype)[..., None, None]  # eq. 1: sum_i (s_i w_ij) x_i = sum_i w_ij (s_i x_i)
        y = self._convolved(x, weight)
        return y * self._demodulation(weight, style).to(y.dtype)[..., None, None] if self.demodulate else y

    def _convolved(self, x: Tensor, weight: Tensor) -> Tensor:
        if self.doubles:
            return conv_transpose2d(x, weight.transpose(0, 1), stride=2)
        return conv2d(x, weight, padding=self.padding)

    @staticmethod
    def _demodulation(weight: Tensor, style: Tensor) -> Tensor:
        """Give one over the standard deviation of each sample's outputs, ``(B, O)``, at full precision."""
        with torch.autocast(weight.device.type, enabled=False):
            variance = style.to(weight.dtype).square() @ weight.square().sum((2, 3)).mT
            return (variance + _TINY).rsqrt()  # eq. 3
