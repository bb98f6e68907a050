"""How much memory a run has held at most."""

from __future__ import annotations

import sys

import torch


def on_gpu() -> bool:
    """Whether it is a GPU's that counts."""
    return _of_gpus() > 0


def peak_gib() -> float | None:
    """Give the most memory this process has held, in GiB: the GPU's where there is one; None where nobody counts.

    It asks counters of the host, and never waits for the device.
    """
    if on_gpu():
        return _of_gpus() / 2**30
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def _of_gpus() -> int:
    """Give the bytes of the GPU that held most; 0 where none was used."""
    return max(map(torch.cuda.max_memory_allocated, range(torch.cuda.device_count())), default=0)
