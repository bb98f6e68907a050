"""The averaged generator of a run's checkpoint, and the run's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from ganzoo.assembly.build import assemble
from ganzoo.config.layers import Config
from ganzoo.config.resolution import change
from ganzoo.errors import BadRun, BadSetting
from ganzoo.interfaces.data import Dataset
from ganzoo.registry.registry import Registry
from ganzoo.runs.folder import RunFolder
from ganzoo.training import checkpoints
from ganzoo.training.device import pick_device

Which: TypeAlias = Literal["newest", "best"]
"""Which checkpoint: the newest, or the best that ``train --evaluate`` kept."""

_AVERAGE = "average.generator."


@dataclass(frozen=True)
class TrainedGenerator:
    """A generator and the data it was trained on.

    Args:
        generator: averaged weights, in evaluation mode, on its device.
        dataset: the run's data.
        conditional: whether the generator receives class labels.
        checkpoint: where its weights were read.
        images: reals the discriminator had seen by then.
    """

    generator: nn.Module
    dataset: Dataset
    conditional: bool
    checkpoint: Path
    images: int


def find_checkpoint(folder: RunFolder, which: Which = "newest") -> Path:
    """Find a run's checkpoint.

    Raises:
        BadRun: there is none.
        BadSetting: there is no such checkpoint.
    """
    if which not in get_args(Which):
        raise BadSetting(f"checkpoint = {which!r}: choose {' or '.join(get_args(Which))}.")
    place = folder.best if which == "best" else folder.checkpoints
    found = checkpoints.list_checkpoints(place)
    if found:
        return found[-1]
    if which == "best":
        raise BadRun(f"'{folder.path}' has no best checkpoint. A run keeps one with: ganzoo train RECIPE "
                     "--evaluate fd@50k. Else leave --checkpoint out.")  # fmt: skip
    raise BadRun(f"'{folder.path}' has no checkpoint yet. If it is no longer training, train it again: "
                 f"ganzoo train --config {folder.path / 'config.toml'}")  # fmt: skip


def images_seen_at(checkpoint: Path, config: Config) -> int:
    """Return the real images seen at a checkpoint."""
    return int(checkpoints.read_manifest(checkpoint)["counters"]["batches_seen"]) * config.run.batch_size


def load_generator(
    registry: Registry, config: Config, dataset: Dataset, checkpoint: Path, device: str
) -> TrainedGenerator:
    """Build a run's generator with a checkpoint's averaged weights.

    Args:
        registry: where the run's components are found.
        config: the run's configuration.
        dataset: the run's data.
        checkpoint: a published checkpoint.
        device: ``auto``, ``cpu``, ``cuda`` ...

    Raises:
        BadRun: the checkpoint is damaged, or of another generator.
    """
    checkpoints.verify_checkpoint(checkpoint)
    here = change(registry, config, {"run.device": device}, "here")
    built = assemble(registry, here, dataset=dataset)
    generator = built.trainer.players["generator"]
    try:
        generator.load_state_dict(read_averaged_weights(checkpoint))
    except RuntimeError as error:
        raise BadRun(f"{checkpoint} does not hold the generator that the run's config.toml describes.") from error
    placed = generator.to(pick_device(device)).eval().requires_grad_(False)
    return TrainedGenerator(placed, dataset, built.num_classes > 0, checkpoint, images_seen_at(checkpoint, config))


def read_averaged_weights(checkpoint: Path) -> Mapping[str, Tensor]:
    """Read only the averaged generator's tensors from a checkpoint."""
    try:
        with safe_open(checkpoint / checkpoints.TRAINING, "pt", device="cpu") as file:
            names = [name for name in file.keys() if name.startswith(_AVERAGE)]  # noqa: SIM118 - it is no dictionary
            return {name.removeprefix(_AVERAGE): file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise BadRun(f"checkpoint {checkpoint} cannot be read: {error}.") from error
