"""Exponential moving average of a player's weights."""

from __future__ import annotations

import copy

import torch
from torch import nn


class MovingAverage:
    """Keeps a copy of a module whose floating-point tensors are moving averages of the original's.

    Source: Karras et al. 2018, "Progressive Growing of GANs", section 6 (averaged generator for samples).

    Args:
        module: the network to average.
    """

    def __init__(self, module: nn.Module) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        ours = [*self.module.parameters(), *self.module.buffers()]
        theirs = [*(p.detach() for p in module.parameters()), *module.buffers()]
        self._pairs = list(zip(ours, theirs, strict=True))
        self._ours = [ours for ours, _ in self._pairs if ours.is_floating_point()]
        self._theirs = [theirs for ours, theirs in self._pairs if ours.is_floating_point()]

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """Set ``ours = decay * ours + (1 - decay) * theirs``; integer tensors are copied."""
        torch._foreach_lerp_(self._ours, self._theirs, 1.0 - decay)
        for ours, theirs in self._pairs:
            if not ours.is_floating_point():
                ours.copy_(theirs)


def decay_per_update(batch_size: int, half_life: float) -> float:
    """Return the decay per update of ``batch_size`` images for a half-life in images; a decay of 0 copies."""
    return 0.5 ** (batch_size / half_life) if half_life > 0 else 0.0
