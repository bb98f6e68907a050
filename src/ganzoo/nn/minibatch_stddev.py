"""Minibatch standard deviation (Karras et al. 2018, section 3): shows the discriminator how much samples differ.

Shapes: B batch, G samples in a group, M groups, C channels, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_EPSILON = 1e-8


class MinibatchStdDev(nn.Module):
    """Appends one constant channel: the standard deviation over a group of samples, averaged over all values.

    A group holds the largest number of samples that divides the batch and is at most ``group``; groups are
    interleaved: sample b is in group ``b mod M``. Equal samples, and a single one, have a deviation of 1e-4.
    With gradient accumulation, groups lie within one micro-batch.

    Args:
        group: maximum number of samples in a group.
    """

    def __init__(self, group: int) -> None:
        super().__init__()
        self.group = group

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(B, C, H, W)`` to ``(B, C + 1, H, W)``."""
        batch, _, height, width = x.shape
        size = next(n for n in range(min(self.group, batch), 0, -1) if batch % n == 0)
        exact = x.to(torch.promote_types(x.dtype, torch.float32))  # bf16 would lose small differences
        groups = exact.view(size, -1, *x.shape[1:])  # (G, M, C, H, W)
        variance = groups.var(0, correction=0)
        deviation = (variance + _EPSILON).sqrt().mean((1, 2, 3))  # finite gradient where all samples are equal
        channel = deviation.to(x.dtype).repeat(size)[:, None, None, None]
        return torch.cat([x, channel.expand(-1, 1, height, width)], 1)
