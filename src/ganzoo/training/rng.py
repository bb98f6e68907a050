"""Random numbers as a pure function of (seed, step, phase, repetition)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


def mix_seeds(*parts: int) -> int:
    """Mix non-negative integers into one 63-bit seed that depends on each of them and their order."""
    return int(np.random.SeedSequence((len(parts), *parts)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def seed_layers(seed: int, device: torch.device) -> None:
    """Seed the global random state of the CPU and of the run's device, which layers such as dropout use.

    ``torch.manual_seed`` also queues a call, with its traceback, for each kind of device that is not in use: it took
    4 % of a small step on a CPU, and the list grows with the run.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


class BatchRng:
    """Random numbers for the samples ``start`` to ``stop`` of a batch of ``total``.

    Each call draws for the whole batch and returns a slice, so that gradient accumulation does not change the numbers.

    Args:
        seed: seed of the whole batch.
        total: samples in the whole batch.
        start: first sample of the slice.
        stop: end of the slice, exclusive.
        device: device of the numbers.
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
