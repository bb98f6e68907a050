"""ganzoo in Python: train a run, or load one to sample and evaluate it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from ganzoo.config import arguments
from ganzoo.errors import BadSetting
from ganzoo.registry.kinds import MANY
from ganzoo.training.callbacks import Callback
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
    """Train a GAN and return its run; None leaves a choice to the recipe.

    Args:
        recipe: recipe to start from, such as ``"dcgan"``; ``ganzoo list recipe`` lists them.
        data: name of a data set, ``name:argument``, or a path.
        generator: name of the generator.
        discriminator: name of the discriminator.
        loss: name of the adversarial loss.
        term: names of further loss terms instead of the recipe's; ``[]`` for none.
        conditioning: name of the conditioning.
        constraint: names of constraints instead of the recipe's; ``[]`` for none.
        augmentation: names of augmentations instead of the recipe's; ``[]`` for none.
        schedule: names of schedules instead of the recipe's; ``[]`` for none.
        trainer: name of the training algorithm.
        resolution: height and width of the images.
        images: real images to train on, a number or ``"200k"``.
        time: seconds, or a text such as ``"30m"``, after which the run ends.
        batch_size: images per batch.
        seed: seed of every random number of the run.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``.
        precision: ``"auto"``, ``"fp32"``, ``"tf32"`` or ``"bf16"``.
        evaluate: metrics to compute while training, and how often, such as ``"fd@50k"`` or ``["fd"]``; the best
            checkpoint is kept.
        features: features the metrics compute from an image, such as ``"random"``.
        settings: values by dotted path, such as ``{"generator.width": 64}``.
        config: a TOML file; the other arguments override it.
        out: folder of the run; None takes the next number under ``runs``.
        resume: ``"never"``, ``"auto"``, or the folder of the run to continue.
        plugins: unpackaged plugin files.
        callbacks: makes callbacks from the engine; they receive the logged values.

    Raises:
        GanzooError: a mistake of the caller; the message says how to fix it.
    """
    components = drop_none({"generator": generator, "discriminator": discriminator, "loss": loss, "term": term,
                  "conditioning": conditioning, "constraint": constraint, "augmentation": augmentation,
                  "schedule": schedule, "trainer": trainer})  # fmt: skip
    run = drop_none({"images": images, "time": time, "batch_size": batch_size, "seed": seed, "device": device,
                "precision": precision})  # fmt: skip
    options = _read_options(components, run, recipe=recipe, data=data, resolution=resolution, evaluate=evaluate,
                            features=features, settings=settings, config=config, plugins=plugins)  # fmt: skip
    place = None if out is None else arguments.read_path("out", out)
    return _train(options, _read_text("resume", resume) or "never", place, callbacks)


def _read_options(
    components: Mapping[str, object], run: Mapping[str, object], *,
    recipe: object, data: object, resolution: int | None, evaluate: object, features: object,
    settings: object, config: object, plugins: object,
) -> RunOptions:  # fmt: skip
    return RunOptions(
        recipe=_read_text("recipe", recipe),
        components={kind: arguments.read_names(kind, names) if kind in MANY else arguments.read_text(kind, names)
                    for kind, names in components.items()},
        data=None if data is None else arguments.read_data(data), resolution=resolution,
        run={name: arguments.to_python(value) for name, value in run.items()},
        evaluate=None if evaluate is None else ",".join(arguments.read_names("evaluate", evaluate)),
        features=_read_text("features", features), settings=arguments.read_settings(settings or {}),
        config=() if config is None else (arguments.read_path("config", config),),
        plugins=arguments.read_files("plugins", plugins),
    )  # fmt: skip


def _read_text(name: str, value: object) -> str | None:
    return None if value is None else arguments.read_text(name, value)


def _train(options: RunOptions, resume: str, out: Path | None, callbacks: Callbacks | None) -> Run:
    if callbacks is not None and not callable(callbacks):
        raise BadSetting("callbacks: give a function that makes them from the engine, such as lambda engine: [mine].")
    prepared = prepare_run(options, resume=resume, out=out)
    folder, resuming = prepared.folder(out), prepared.resumed is not None
    outcome = train_run(
        prepared.registry, prepared.assembly, folder, resume=resuming, callbacks=callbacks or (lambda engine: ())
    )
    if outcome.signal == signal.SIGINT:
        raise KeyboardInterrupt  # the run is saved; Ctrl-C shall stop the program
    if outcome.signal is not None:
        raise SystemExit(128 + outcome.signal)
    return Run(folder.path)
