"""ganzoo in Python: train a run, load one, sample it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from ganzoo.config import arguments
from ganzoo.errors import BadSetting
from ganzoo.registry.kinds import MANY
from ganzoo.training.loop import Callback
from ganzoo.training.step import Engine
from ganzoo.workflows.options import RunOptions, drop_none
from ganzoo.workflows.prepare import prepare_run
from ganzoo.workflows.run import Run, load
from ganzoo.workflows.train import train_run

__all__ = ["Run", "load", "train"]

Names: TypeAlias = Sequence[str] | None
Callbacks: TypeAlias = Callable[[Engine], Sequence[Callback]]


def train(
    recipe: str | None = None,
    *,
    data: str | Path | None = None, resolution: int | None = None,
    generator: str | None = None, discriminator: str | None = None, loss: str | None = None,
    term: Names = None, conditioning: str | None = None, constraint: Names = None,
    augmentation: Names = None, schedule: Names = None, trainer: str | None = None,
    images: int | str | None = None, time: float | str | None = None, batch_size: int | None = None,
    seed: int | None = None, device: str | None = None, precision: str | None = None,
    evaluate: str | Sequence[str] | None = None, features: str | None = None,
    settings: Mapping[str, object] | None = None, config: str | Path | None = None,
    out: str | Path | None = None, resume: str | Path = "never", plugins: Sequence[str | Path] = (),
    callbacks: Callbacks | None = None,
) -> Run:  # fmt: skip
    """Train a GAN and return its run; None leaves a thing to the recipe.

    Args:
        recipe: what to start from, such as ``"dcgan"``; see ``ganzoo list recipe``.
        data: a data set's name, ``name:argument``, or a path.
        generator: a component's name.
        discriminator: likewise.
        loss: likewise.
        term: names that replace the recipe's; ``[]`` for none.
        conditioning: a component's name.
        constraint: names that replace the recipe's.
        augmentation: likewise.
        schedule: likewise.
        trainer: a component's name.
        resolution: height and width of the images.
        images: real images the discriminator sees, a number or ``"200k"``.
        time: seconds, or ``"30m"``, after which the run ends even if images are left.
        batch_size: images per batch.
        seed: of everything random.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``.
        precision: ``"auto"``, ``"fp32"``, ``"tf32"`` or ``"bf16"``.
        evaluate: metrics to read while training, and how often, such as ``"fd@50k"`` or ``["fd"]``; the best checkpoint
            is kept.
        features: what they see of an image, such as ``"random"``.
        settings: values by dotted path, such as ``{"generator.width": 64}``.
        config: a TOML file laid under everything else given here.
        out: the exact folder; otherwise the next number under ``runs``.
        resume: ``"never"``, ``"auto"``, or the folder of the run to continue.
        plugins: paths of unpackaged plugin files.
        callbacks: makes callbacks of the engine, told of every reading.

    Raises:
        GanzooError: anything you can mend; the message says how.
    """
    components = drop_none({"generator": generator, "discriminator": discriminator, "loss": loss, "term": term,
                  "conditioning": conditioning, "constraint": constraint, "augmentation": augmentation,
                  "schedule": schedule, "trainer": trainer})  # fmt: skip
    run = drop_none({"images": images, "time": time, "batch_size": batch_size, "seed": seed, "device": device,
                "precision": precision})  # fmt: skip
    flags = _flags(components, run, recipe=recipe, data=data, resolution=resolution, evaluate=evaluate, features=features,
                   settings=settings, config=config, plugins=plugins)  # fmt: skip
    where = None if out is None else arguments.read_path("out", out)
    return _trained(flags, _maybe("resume", resume) or "never", where, callbacks)


def _flags(
    components: Mapping[str, object], run: Mapping[str, object], *,
    recipe: object, data: object, resolution: int | None, evaluate: object, features: object,
    settings: object, config: object, plugins: object,
) -> RunOptions:  # fmt: skip
    return RunOptions(
        recipe=_maybe("recipe", recipe), components={kind: _named(kind, name) for kind, name in components.items()},
        data=None if data is None else arguments.read_data(data), resolution=resolution,
        run={name: arguments.to_python(value) for name, value in run.items()},
        evaluate=None if evaluate is None else ",".join(arguments.read_names("evaluate", evaluate)),
        features=_maybe("features", features), settings=arguments.read_settings(settings or {}),
        config=() if config is None else (arguments.read_path("config", config),),
        plugins=arguments.read_files("plugins", plugins),
    )  # fmt: skip


def _maybe(what: str, value: object) -> str | None:
    return None if value is None else arguments.read_text(what, value)


def _named(kind: str, value: object) -> str | tuple[str, ...]:
    return arguments.read_names(kind, value) if kind in MANY else arguments.read_text(kind, value)


def _trained(flags: RunOptions, resume: str, out: Path | None, callbacks: Callbacks | None) -> Run:
    if callbacks is not None and not callable(callbacks):
        raise BadSetting("callbacks: give a function that makes them of the engine, such as lambda engine: [mine].")
    launch = prepare_run(flags, resume=resume, out=out)
    folder, resuming = launch.folder(out), launch.resumed is not None
    outcome = train_run(launch.registry, launch.assembly, folder, resume=resuming, callbacks=callbacks or _none)
    if outcome.signal == signal.SIGINT:
        raise KeyboardInterrupt  # the run is saved; whoever pressed Ctrl-C wants the program to stop
    if outcome.signal is not None:
        raise SystemExit(128 + outcome.signal)
    return Run(folder.path)


def _none(_: Engine) -> Sequence[Callback]:
    return ()
