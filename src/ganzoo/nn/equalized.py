"""Equalised learning rate (Karras et al. 2018, section 4.1): a constant scales the weights instead of their start."""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

Layer = TypeVar("Layer", bound=nn.Linear | nn.Conv2d)


class Gain(nn.Module):
    """Parametrises a weight as ``gain * w``.

    Args:
        gain: the constant factor.
    """

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.gain = gain

    def forward(self, parameter: Tensor) -> Tensor:
        """Scale a parameter."""
        return self.gain * parameter

    def extra_repr(self) -> str:
        """Return the constant as text."""
        return f"{self.gain:.3g}"


@torch.no_grad()
def equalize(layer: Layer, *, multiplier: float = 1.0, bias: float = 0.0) -> Layer:
    """Make a layer's learning rate independent of its number of inputs.

    The optimiser moves weights initialised from N(0, 1); the layer computes with ``w / sqrt(fan_in)``. ``layer.weight``
    is that product, so a constraint on the weight applies to what the layer computes with.

    Source: Karras et al. 2018, arXiv 1710.10196, section 4.1; the multiplier: Karras et al. 2019, arXiv 1812.04948,
    appendix C.

    Args:
        layer: a new layer, changed in place.
        multiplier: of its learning rate; the initial weights stay the same.
        bias: initial value of the bias.

    Returns:
        The same layer.
    """
    fan_in = math.prod(layer.weight.shape[1:])
    nn.init.normal_(layer.weight, std=1.0 / multiplier)
    parametrize.register_parametrization(layer, "weight", Gain(multiplier / math.sqrt(fan_in)))
    if layer.bias is not None:
        nn.init.constant_(layer.bias, bias / multiplier)
        if multiplier != 1.0:
            parametrize.register_parametrization(layer, "bias", Gain(multiplier))
    return layer
