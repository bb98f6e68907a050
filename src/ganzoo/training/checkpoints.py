"""Checkpoints: the state a run needs to continue bit for bit, as safetensors and JSON, without pickle.

A checkpoint is a folder of ``model.safetensors`` (the players), ``training.safetensors`` (optimisers, moving averages,
stateful components, random state) and ``manifest.json`` (format, versions, counters, configuration, size and SHA-256 of
the other two).
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ganzoo.config.layers import assert_format
from ganzoo.errors import BadRun, Diverged
from ganzoo.storage.folders import replace_folder
from ganzoo.training.step import Engine

FORMAT = 1
MODEL, TRAINING, MANIFEST = "model.safetensors", "training.safetensors", "manifest.json"


class DamagedCheckpoint(BadRun):
    """A checkpoint with missing or changed files.

    Args:
        checkpoint: folder of the checkpoint.
        why: what is wrong with it.
    """

    def __init__(self, checkpoint: Path, why: str) -> None:
        self.what = f"checkpoint {checkpoint} is damaged: {why}"
        older = [folder.name for folder in list_checkpoints(checkpoint.parent) if folder.name < checkpoint.name]
        remove = f"rm -r {shlex.quote(str(checkpoint))}"
        advice = f"To use {older[-1]} instead: {remove}" if older else "There is no older one: train again."
        super().__init__(f"{self.what} {advice}")


class OtherArchitecture(BadRun):
    """A checkpoint of another architecture."""


_NOT_OF_MODULES = ("optimizer.", "random.")
"""Prefixes of the names of tensors that belong to no module."""

_ADVICE = "Resume with the run's own settings, or train again: ganzoo train --config with the config.toml of the run."

_STEP = re.compile(r"step-(\d{8})\Z")


@dataclass(frozen=True)
class Snapshot:
    """A copy of the state of a run in the host's memory.

    Args:
        tensors: tensors by file and name.
        counters: counters of the engine.
    """

    tensors: Mapping[str, Mapping[str, Tensor]]
    counters: Mapping[str, int]

    @property
    def name(self) -> str:
        """Folder name of its checkpoint."""
        return checkpoint_name(self.counters["steps"])


def checkpoint_name(steps: int) -> str:
    """Return the folder name of a checkpoint."""
    return f"step-{steps:08d}"


def take_snapshot(engine: Engine) -> Snapshot:
    """Copy the state of an engine to the host."""
    counters = {"steps": engine.steps, "batches_seen": engine.batches_seen}
    return Snapshot({MODEL: model_tensors(engine), TRAINING: training_tensors(engine)}, counters)


def save_checkpoint(engine: Engine, folder: Path, facts: Mapping[str, object]) -> Path:
    """Write a checkpoint of an engine's present state; see ``write_checkpoint``."""
    return write_checkpoint(take_snapshot(engine), folder, facts)


def write_checkpoint(snapshot: Snapshot, folder: Path, facts: Mapping[str, object]) -> Path:
    """Write a checkpoint into ``folder``.

    Args:
        snapshot: the state to save.
        folder: folder of the run's checkpoints.
        facts: further entries of the manifest (versions, configuration).

    Returns:
        The checkpoint's own folder.

    Raises:
        Diverged: a tensor is not finite; nothing is written.
        BadRun: the folder cannot be written; older checkpoints stay.
    """
    _assert_finite({**snapshot.tensors[MODEL], **snapshot.tensors[TRAINING]}, snapshot.counters["steps"])
    place = folder / snapshot.name
    try:
        with replace_folder(place) as temporary:
            for name, content in snapshot.tensors.items():
                save_file(dict(content), temporary / name)
            files = {name: _describe_file(temporary / name) for name in (MODEL, TRAINING)}
            manifest = {"format": FORMAT, "counters": snapshot.counters, "files": files, **facts}
            (temporary / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise write_error(place, error) from error
    return place


def write_error(place: Path, error: Exception) -> BadRun:
    """Return the error for a file of a run that cannot be written, with advice.

    Args:
        place: path that cannot be written, inside the run's folder.
        error: the reason.
    """
    folders = place.parents[:3]
    saved = any(list_checkpoints(folder) or list_checkpoints(folder / "checkpoints") for folder in folders)
    then = "The last checkpoint is intact; make room, then resume." if saved else "Make room, then train again."
    return BadRun(f"cannot write {place}: {error}. {then}")


def restore_engine(engine: Engine, checkpoint: Path) -> None:
    """Load the state of a checkpoint into an engine.

    Raises:
        DamagedCheckpoint: a file is missing or was changed.
        OtherArchitecture: the checkpoint is of another architecture.
    """
    manifest = verify_checkpoint(checkpoint)
    model, training = load_file(checkpoint / MODEL), load_file(checkpoint / TRAINING)
    _load(model_tensors(engine, copy=False), model, checkpoint)
    _load(_average_tensors(engine) | _stateful_tensors(engine), training, checkpoint)
    for name, player in engine.players.items():
        _load_optimizer(player.optimizer, training, f"optimizer.{name}.")
    torch.set_rng_state(training["random.cpu"])
    engine.rewind(**manifest["counters"])


def verify_checkpoint(checkpoint: Path) -> dict[str, Any]:
    """Check sizes and hashes of a checkpoint, and return its manifest.

    Raises:
        DamagedCheckpoint: a file is missing or differs from the manifest.
        BadRun: the checkpoint has another format.
    """
    manifest = read_manifest(checkpoint)
    assert_format(str(checkpoint), manifest["format"], FORMAT)
    for name, expected in manifest["files"].items():
        file = checkpoint / name
        if not file.is_file() or _describe_file(file) != expected:
            raise DamagedCheckpoint(checkpoint, f"{name} does not match its manifest.")
    return manifest


def read_manifest(checkpoint: Path) -> dict[str, Any]:
    """Read a checkpoint's manifest.

    Raises:
        DamagedCheckpoint: the manifest is missing or incomplete.
    """
    try:
        manifest = json.loads((checkpoint / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedCheckpoint(checkpoint, f"its {MANIFEST} cannot be read.") from error
    if not isinstance(manifest, dict) or not {"format", "files", "counters"} <= manifest.keys():
        raise DamagedCheckpoint(checkpoint, f"its {MANIFEST} does not name format, files and counters.")
    return manifest


def list_checkpoints(folder: Path) -> list[Path]:
    """List the checkpoints in a folder, oldest first."""
    return sorted(p for p in folder.glob("step-*") if _STEP.match(p.name) and p.is_dir())


def model_tensors(engine: Engine, *, copy: bool = True) -> dict[str, Tensor]:
    """Return the players' tensors as ``player.name``."""
    named = {f"{n}.{k}": t for n, p in engine.players.items() for k, t in p.module.state_dict().items()}
    return _copy_to_host(named) if copy else named


def training_tensors(engine: Engine) -> dict[str, Tensor]:
    """Return all other tensors: averages, stateful components, optimisers, random state."""
    named = _average_tensors(engine) | _stateful_tensors(engine) | {"random.cpu": torch.get_rng_state()}
    for name, player in engine.players.items():
        for index, slots in player.optimizer.state_dict()["state"].items():
            named |= {f"optimizer.{name}.{index}.{slot}": torch.as_tensor(v) for slot, v in slots.items()}
    return _copy_to_host(named)


def _average_tensors(engine: Engine) -> dict[str, Tensor]:
    return {f"average.{n}.{k}": t for n, a in engine.averages.items() for k, t in a.module.state_dict().items()}


def _stateful_tensors(engine: Engine) -> dict[str, Tensor]:
    return {f"component.{n}.{k}": t for n, m in engine.stateful_modules.items() for k, t in m.state_dict().items()}


def _copy_to_host(named: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in named.items()}


@torch.no_grad()
def _load(ours: Mapping[str, Tensor], theirs: Mapping[str, Tensor], checkpoint: Path) -> None:
    what = f"{checkpoint} is of another architecture"
    unknown = [name for name in theirs if name not in ours and not name.startswith(_NOT_OF_MODULES)]
    if unknown:
        raise OtherArchitecture(f"{what}: there is no {unknown[0]} here. {_ADVICE}")
    for name, tensor in ours.items():
        if name not in theirs or theirs[name].shape != tensor.shape:
            found = tuple(theirs[name].shape) if name in theirs else "nothing"
            raise OtherArchitecture(f"{what}: {name} is {tuple(tensor.shape)} here, {found} there. {_ADVICE}")
        tensor.copy_(theirs[name])


def _load_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], prefix: str) -> None:
    slots: dict[int, dict[str, Tensor]] = {}
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for name, tensor in tensors.items():
        if name.startswith(prefix):
            index, slot = name.removeprefix(prefix).split(".")
            slots.setdefault(int(index), {})[slot] = _copy_layout(weights[int(index)], tensor)
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})


def _copy_layout(weight: Tensor, tensor: Tensor) -> Tensor:
    """Return a moment with the memory layout of its weight, because fused optimisers iterate over both by address."""
    if tensor.shape != weight.shape:
        return tensor
    return torch.empty_like(weight, dtype=tensor.dtype, device="cpu").copy_(tensor)


def _assert_finite(tensors: Mapping[str, Tensor], steps: int) -> None:
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise Diverged(f"training diverged: {name} is not finite at step {steps}; no checkpoint was written. "
                           "Lower the learning rate: --set optimizer.discriminator.lr=1e-4")  # fmt: skip


def _describe_file(file: Path) -> dict[str, object]:
    with file.open("rb") as stream:
        return {"size": file.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}
