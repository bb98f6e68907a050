"""Weights from a file: safetensors only, with one line for each thing that can be wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ganzoo.errors import BadSetting, DoesNotFit

CONVERT = (
    'python -c "import torch, safetensors.torch as s; s.save_file({{k: v.contiguous() for k, v in '
    "torch.load('{source}', weights_only=True).items()}}, '{target}')\""
)
"""Command that converts a pickle of tensors to safetensors, outside of ganzoo."""
_PICKLES = (".pth", ".pt", ".bin", ".pkl", ".ckpt")


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read tensors and metadata of a safetensors file.

    Raises:
        BadSetting: it is missing, damaged, or another format; a pickle is never read.
    """
    if path.suffix.lower() in _PICKLES:
        command = CONVERT.format(source=path, target=path.with_suffix(".safetensors"))
        raise BadSetting(f"{path} is a pickle, which ganzoo never reads. Convert it once: {command}")
    if not path.is_file():
        raise BadSetting(f"no weights at {path}: {'it is a folder' if path.is_dir() else 'there is no such file'}.")
    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise BadSetting(f"{path} is no readable safetensors file ({error}). Fetch or write it again.") from error


def load_weights(module: nn.Module, tensors: Mapping[str, Tensor], path: Path, who: str) -> None:
    """Load weights into a network that they fit exactly, in the network's own precision.

    Batch counters, which evaluation does not use, may be missing.

    Raises:
        DoesNotFit: names or shapes differ; says which.
    """
    ours = {name: tensor for name, tensor in module.state_dict().items() if not name.endswith("num_batches_tracked")}
    theirs = {name: tensor for name, tensor in tensors.items() if not name.endswith("num_batches_tracked")}
    wrong = {
        "missing": [name for name in ours if name not in theirs],
        "unexpected": [name for name in theirs if name not in ours],
        "of another shape": [name for name in ours if name in theirs and ours[name].shape != theirs[name].shape],
    }
    reasons = [
        f"{len(names)} {what} ({', '.join(names[:2])}{', ...' if names[2:] else ''})"
        for what, names in wrong.items()
        if names
    ]
    if reasons:
        raise DoesNotFit(f"{path} does not fit {who}: {', '.join(reasons)}. Name the model these weights belong to.")
    module.load_state_dict(theirs, strict=False)
