"""Device and precision of a run."""

from __future__ import annotations

import torch

from ganzoo.config.run_settings import Precision
from ganzoo.errors import BadSetting


def pick_device(name: str) -> torch.device:
    """Return the device of a setting; ``auto`` takes a GPU where there is one.

    Raises:
        BadSetting: this machine has no such device.
    """
    if name == "auto":
        return torch.device(next((kind for kind in ("cuda", "mps") if _count_devices(kind)), "cpu"))
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BadSetting(f"run.device = '{name}' is not a device. Choose auto, cpu, cuda, cuda:0 or mps.") from error
    if device.type not in ("cpu", "cuda", "mps") or (device.index or 0) >= _count_devices(device.type):
        raise BadSetting(f"run.device = '{name}', but this machine has no such device. Try --device auto.")
    return device


def pick_precision(name: Precision, device: torch.device) -> Precision:
    """Resolve ``auto``: TF32 matrix products on a CUDA GPU, plain float32 elsewhere."""
    return name if name != "auto" else "tf32" if device.type == "cuda" else "fp32"


def set_matmul_precision(precision: str) -> None:
    """Allow or forbid TF32 in matrix products and convolutions; it affects CUDA only."""
    allowed = precision in ("tf32", "bf16")
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


def _count_devices(kind: str) -> int:
    if kind == "cuda":
        return torch.cuda.device_count()
    return int(torch.backends.mps.is_available()) if kind == "mps" else 1
