"""How much memory a run has held at most."""

from __future__ import annotations

import sys

import torch


def on_gpu() -> bool:
    """Whether it was a GPU's that counts."""
    return torch.cuda.is_available() and torch.cuda.max_memory_allocated() > 0


def peak_gib() -> float | None:
    """Give the most memory this process has held, in GiB: the GPU's where there is one; None where nobody counts.

    It asks counters of the host, and never waits for the device.
    """
    if on_gpu():
        return torch.cuda.max_memory_allocated() / 2**30
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
