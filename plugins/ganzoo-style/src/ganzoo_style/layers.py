"""The activation and the sizes that both StyleGAN2 networks share.

Shapes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import math

from torch import Tensor
from torch.nn.functional import leaky_relu


def activate(x: Tensor) -> Tensor:
    """Apply leaky ReLU of slope 0.2 and scale by sqrt(2), which restores the variance (He et al. 2015)."""
    return leaky_relu(x, 0.2).mul_(math.sqrt(2.0))  # in place: saves a copy of every map


def list_sizes(base: tuple[int, int], doublings: int) -> list[tuple[int, int]]:
    """List the heights and widths of the maps, from the base up."""
    return [(base[0] * 2**level, base[1] * 2**level) for level in range(doublings + 1)]


def list_widths(sizes: list[tuple[int, int]], channel_base: int, max_channels: int) -> list[int]:
    """List the channels of maps of these sizes: inversely proportional to the longer side, at most ``max_channels``.

    Source: Karras et al. 2018, arXiv 1710.10196, table 2 (channel base 8192); 2020, arXiv 1912.04958, section 4.2.
    """
    return [max(1, min(channel_base // max(size), max_channels)) for size in sizes]
