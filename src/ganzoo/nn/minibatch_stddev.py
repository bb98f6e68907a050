"""Minibatch standard deviation (Karras et al. 2018, section 3): the discriminator sees how much samples differ.

Shapes: B batch, G samples of a group, M groups, C channels, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_TINY = 1e-8


class MinibatchStdDev(nn.Module):
    """Appends one constant channel: the standard deviation over a group of samples, averaged over all values.

    A group holds the largest number of samples that divides the batch and is at most ``group``; groups are
    interleaved, sample b is in group ``b mod M``. Samples that are alike, or alone, have a spread of 1e-4.
    Where a batch is cut into parts, groups are those of a part.

    Args:
        group: most samples of a group.
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
        spread = (variance + _TINY).sqrt().mean((1, 2, 3))  # a finite slope where all are alike
        channel = spread.to(x.dtype).repeat(size)[:, None, None, None]
        return torch.cat([x, channel.expand(-1, 1, height, width)], 1)
