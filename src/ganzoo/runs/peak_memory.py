"""Peak memory of this process."""

from __future__ import annotations

import sys

import torch


def on_gpu() -> bool:
    """Whether a GPU's memory is measured, not the host's."""
    return _peak_gpu_bytes() > 0


def peak_gib() -> float | None:
    """Return the peak memory of this process in GiB: the GPU's if one is used, None on Windows without one.

    It reads counters on the host and does not wait for the device.
    """
    if on_gpu():
        return _peak_gpu_bytes() / 2**30
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


def _peak_gpu_bytes() -> int:
    """Return the peak of the GPU with the highest one; 0 where none was used."""
    return max(map(torch.cuda.max_memory_allocated, range(torch.cuda.device_count())), default=0)
