"""Randomness as a pure function of (seed, step, phase, repetition): nothing else decides a draw."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def mix_seeds(*parts: int) -> int:
    """Mix non-negative integers into one 63-bit seed; a change of any part changes all of it."""
    return int(np.random.SeedSequence((len(parts), *parts)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def seed_layers(seed: int, device: torch.device) -> None:
    """Seed what layers draw from by themselves, such as dropout, on the CPU and on the run's device.

    ``torch.manual_seed`` would also queue a call, with its traceback, for each kind of device that is not in use:
    measured 4 % of a small step on a CPU, and a list that grows with the run.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


class BatchRng:
    """Randomness of the samples ``start`` to ``stop`` of a batch of ``total``.

    Each call draws for the whole batch and keeps its slice, so a batch that is split for gradient
    accumulation sees the numbers it would have seen whole.

    Args:
        seed: of the whole batch.
        total: samples in the whole batch.
        start: first sample of the slice.
        stop: one behind the last sample of the slice.
        device: where the numbers are made.
    """

    def __init__(self, seed: int, total: int, start: int, stop: int, device: torch.device) -> None:
        self._generator = torch.Generator(device).manual_seed(seed)
        self._total, self._slice, self._device = total, slice(start, stop), device

    def normal(self, *dims: int) -> Tensor:
        """Draw standard normal values of shape ``(B, *dims)``."""
        return torch.randn(self._total, *dims, generator=self._generator, device=self._device)[self._slice]

    def uniform(self, *dims: int) -> Tensor:
        """Draw values uniform in [0, 1) of shape ``(B, *dims)``."""
        return torch.rand(self._total, *dims, generator=self._generator, device=self._device)[self._slice]
