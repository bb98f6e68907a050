"""Equalised learning rate (Karras et al. 2018, section 4.1): a weight's scale is a constant, not its first value."""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

Layer = TypeVar("Layer", bound=nn.Linear | nn.Conv2d)


class Gain(nn.Module):
    """The parametrisation ``w -> gain * w``.

    Args:
        gain: a constant.
    """

    def __init__(self, gain: float) -> None:
        super().__init__()
        self.gain = gain

    def forward(self, parameter: Tensor) -> Tensor:
        """Scale a parameter."""
        return self.gain * parameter

    def extra_repr(self) -> str:
        """Show the constant."""
        return f"{self.gain:.3g}"


@torch.no_grad()
def equalized(layer: Layer, *, multiplier: float = 1.0, bias: float = 0.0) -> Layer:
    """Let a layer learn at a rate that does not depend on how many inputs it has.

    The optimiser sees weights from N(0, 1) and moves all of them alike; the layer computes with
    ``w / sqrt(fan_in)``. That product is what ``layer.weight`` gives, so a constraint laid on the weight holds what
    the layer computes with.

    Source: Karras et al. 2018, arXiv 1710.10196, section 4.1; the multiplier: Karras et al. 2019, arXiv 1812.04948,
    appendix C.

    Args:
        layer: freshly made; it is changed in place.
        multiplier: of its learning rate; the first weights are as without it.
        bias: the bias's first value.

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
