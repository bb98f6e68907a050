"""ganzoo in Python: train a run, load one, sample it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ganzoo.assembly.flags import Flags, said
from ganzoo.engine.loop import Observer
from ganzoo.engine.step import Engine
from ganzoo.launch import prepare
from ganzoo.session import train as train_run
from ganzoo.trained import Run, load

__all__ = ["Run", "load", "train"]


def train(
    recipe: str | None = None,
    *,
    data: str | None = None, resolution: int | None = None,
    generator: str | None = None, discriminator: str | None = None, loss: str | None = None,
    penalty: Sequence[str] | None = None, conditioning: str | None = None, constraint: Sequence[str] | None = None,
    augmentation: Sequence[str] | None = None, schedule: Sequence[str] | None = None, trainer: str | None = None,
    images: int | str | None = None, time: float | str | None = None, batch_size: int | None = None,
    seed: int | None = None, device: str | None = None, precision: str | None = None,
    evaluate: str | None = None, features: str | None = None,
    settings: Mapping[str, object] | None = None, config: str | Path | None = None,
    out: str | Path | None = None, resume: str | Path = "never", plugins: Sequence[str] = (),
    observers: Callable[[Engine], Sequence[Observer]] = lambda _: (),
) -> Run:  # fmt: skip
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
        schedule: likewise.
        trainer: a component's name.
        resolution: height and width of the images.
        images: real images the critic sees, a number or ``"200k"``.
        time: seconds, or ``"30m"``, after which the run ends even if images are left.
        batch_size: images per batch.
        seed: of everything random.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``.
        precision: ``"auto"``, ``"fp32"``, ``"tf32"`` or ``"bf16"``.
        evaluate: metrics to read while training, and how often, such as ``"fd@50k"``; the best checkpoint is kept.
        features: what they see of an image, such as ``"random"``.
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
             "conditioning": conditioning, "constraint": constraint, "augmentation": augmentation,
             "schedule": schedule, "trainer": trainer}  # fmt: skip
    run = {"images": images, "time": time, "batch_size": batch_size, "seed": seed, "device": device}
    flags = Flags(recipe=recipe, parts=said(parts), data=data, resolution=resolution, 
                  config=() if config is None else (Path(config),),
                  run=said(run | {"precision": precision}), evaluate=evaluate, features=features,
                  settings=settings or {}, plugins=(*plugins,))  # fmt: skip
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
