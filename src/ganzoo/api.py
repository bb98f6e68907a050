"""ganzoo in Python: train a run, load one, sample it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from PIL.Image import Image
from safetensors.torch import load_file
from torch import Tensor, nn

from ganzoo.assembly.build import assemble
from ganzoo.assembly.flags import Flags, said
from ganzoo.assembly.plan import change
from ganzoo.assembly.remembered import remember
from ganzoo.config import Config
from ganzoo.engine import state
from ganzoo.engine.device import pick_device
from ganzoo.engine.loop import Observer
from ganzoo.engine.step import Engine
from ganzoo.errors import BadRun, BadSetting, nearest
from ganzoo.launch import prepare, saved_run
from ganzoo.runs import sheets
from ganzoo.runs.folder import RunFolder
from ganzoo.sampling import sample
from ganzoo.session import train as train_run


def train(
    recipe: str | None = None,
    *,
    data: str | None = None,
    generator: str | None = None,
    discriminator: str | None = None,
    loss: str | None = None,
    penalty: Sequence[str] | None = None,
    conditioning: str | None = None,
    constraint: Sequence[str] | None = None,
    augmentation: Sequence[str] | None = None,
    resolution: int | None = None,
    images: int | str | None = None,
    time: float | str | None = None,
    batch_size: int | None = None,
    seed: int | None = None,
    device: str | None = None,
    precision: str | None = None,
    settings: Mapping[str, object] | None = None,
    config: str | Path | None = None,
    out: str | Path | None = None,
    resume: str | Path = "never",
    plugins: Sequence[str] = (),
    observers: Callable[[Engine], Sequence[Observer]] = lambda _: (),
) -> Run:
    """Train a GAN and return its run; None leaves a thing to the recipe.

    Args:
        recipe: what to start from, such as ``"dcgan"``; see ``ganzoo list recipe``.
        data: a data set's name, ``name:argument``, or a path.
        generator: a component's name.
        discriminator: likewise.
        loss: likewise.
        penalty: names that replace the recipe's.
        conditioning: a component's name.
        constraint: names that replace the recipe's.
        augmentation: likewise.
        resolution: height and width of the images.
        images: real images the critic sees, a number or ``"200k"``.
        time: seconds, or ``"30m"``, after which the run ends even if images are left.
        batch_size: images per batch.
        seed: of everything random.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``.
        precision: ``"auto"``, ``"fp32"``, ``"tf32"`` or ``"bf16"``.
        settings: values by dotted path, such as ``{"generator.width": 64}``.
        config: a TOML file laid under everything else given here.
        out: the exact folder; otherwise the next number under ``runs``.
        resume: ``"never"``, ``"auto"``, or the folder of the run to continue.
        plugins: paths of unpackaged plugin files.
        observers: makes observers of the engine, told of every reading.

    Raises:
        GanzooError: anything you can mend; the message says how.
    """
    parts = {"generator": generator, "discriminator": discriminator, "loss": loss, "penalty": penalty,
             "conditioning": conditioning, "constraint": constraint, "augmentation": augmentation}  # fmt: skip
    run = {"images": images, "time": time, "batch_size": batch_size, "seed": seed, "device": device}
    flags = Flags(recipe=recipe, parts=said(parts), data=data, resolution=resolution, config=_path(config),
                  run=said(run | {"precision": precision}), settings=settings or {}, plugins=(*plugins,))  # fmt: skip
    return _trained(flags, str(resume), _path(out), observers)


def _path(text: str | Path | None) -> Path | None:
    return None if text is None else Path(text)


def _trained(flags: Flags, resume: str, out: Path | None, observers: Callable[[Engine], Sequence[Observer]]) -> Run:
    launch = prepare(flags, resume=resume, out=out)
    folder, resuming = launch.folder(out), launch.resumed is not None
    outcome = train_run(launch.registry, launch.assembly, folder, resume=resuming, observers=observers)
    if outcome.signal == signal.SIGINT:
        raise KeyboardInterrupt  # the run is saved; whoever pressed Ctrl-C wants the program to stop
    if outcome.signal is not None:
        raise SystemExit(128 + outcome.signal)
    return Run(folder.path)


def load(path: str | Path) -> Run:
    """Open the folder of a run.

    Args:
        path: such as ``"runs/0007-dcgan-wgan-gp-sprites"``.

    Raises:
        BadRun: it is no run folder.
    """
    run = Run(Path(path))
    run.folder.config()  # refuses a folder that is no run
    return run


@dataclass(frozen=True)
class Run:
    """A run on disk: read it, sample it.

    Args:
        path: its folder.
        device: where samples are made; ``auto`` takes a GPU when there is one.
    """

    path: Path
    device: str = "auto"

    @property
    def folder(self) -> RunFolder:
        """Where its files lie."""
        return RunFolder(self.path)

    @cached_property
    def config(self) -> Config:
        """The resolved configuration."""
        return self.folder.config()

    @cached_property
    def manifest(self) -> dict[str, object]:
        """What the newest checkpoint says of itself.

        Raises:
            BadRun: there is no checkpoint yet, or it is damaged.
        """
        return state.verify(self._checkpoint)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Classes the generator was trained on; empty when it takes none."""
        catalogue, config = saved_run(self.folder)
        conditional = "labels" in catalogue.component("conditioning", config.name("conditioning")).needs
        return remember(self.manifest["data"]).class_names if conditional else ()  # type: ignore[arg-type]

    def readings(self) -> list[dict[str, float]]:
        """The metrics, one dictionary a line."""
        return self.folder.readings()

    @cached_property
    def generator(self) -> nn.Module:
        """The generator with averaged weights, in evaluation mode, on the device."""
        catalogue, saved = saved_run(self.folder)
        config = change(catalogue, saved, {"run.device": self.device}, "here")
        data = remember(self.manifest["data"])  # type: ignore[arg-type]
        generator = assemble(catalogue, config, dataset=data).trainer.players["generator"]
        tensors = load_file(self._checkpoint / state.TRAINING)
        head = "average.generator."
        weights = {n.removeprefix(head): t for n, t in tensors.items() if n.startswith(head)}
        try:
            generator.load_state_dict(weights)
        except RuntimeError as error:
            raise BadRun(f"{self._checkpoint} does not hold the generator that '{self.path}' describes.") from error
        return generator.to(self._device).eval().requires_grad_(False)

    def sample(self, seeds: Sequence[int], label: int | str | Sequence[int] | None = None) -> Tensor:
        """Make one sample a seed from the averaged weights.

        Args:
            seeds: non-negative; equal seeds give equal samples on one device.
            label: a class by number or name for all, or a number for each; None takes the classes in turn.

        Returns:
            ``(B, *shape)`` float32 on the CPU, images in [-1, 1].

        Raises:
            BadSetting: a class the run does not have.
        """
        numbers = [int(seed) for seed in seeds]
        if not numbers or min(numbers) < 0:
            raise BadSetting(f"seeds = {numbers}: give at least one, none below 0.")
        return sample(self.generator, numbers, self._labels(numbers, label), self._device)

    def sheet(self, seeds: Sequence[int], label: int | str | Sequence[int] | None = None, *, columns: int = 8) -> Image:
        """Draw samples as one picture of at least one column."""
        if columns < 1:
            raise BadSetting(f"columns = {columns}: give at least one.")
        return sheets.sheet(sheets.to_uint8(self.sample(seeds, label)), columns)

    def _labels(self, seeds: list[int], label: int | str | Sequence[int] | None) -> list[int]:
        names = self.class_names
        if not names and label is not None:
            raise BadSetting(f"'{self.path}' was trained without classes; drop --class.")
        if label is None:
            return [seed % len(names) if names else 0 for seed in seeds]
        if not isinstance(label, str | int):
            if len(label) != len(seeds):
                raise BadSetting(f"{len(label)} labels for {len(seeds)} seeds: give one each, or one for all.")
            return [self._class(one) for one in label]
        return [self._class(label)] * len(seeds)

    def _class(self, label: int | str) -> int:
        names = self.class_names
        if label in names:
            return names.index(str(label))
        if str(label).isdecimal() and int(label) < len(names):
            return int(label)
        raise BadSetting(
            f"no class '{label}' in '{self.path}', which has 0 to {len(names) - 1}.{nearest(str(label), names)}"
        )

    @property
    def _device(self) -> torch.device:
        return pick_device(self.device)

    @property
    def _checkpoint(self) -> Path:
        found = state.checkpoints(self.folder.checkpoints)
        if not found:
            raise BadRun(f"'{self.path}' has no checkpoint yet. Train it: ganzoo train --resume {self.path}")
        return found[-1]
