"""``ganzoo train``: assemble and train any combination of components."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ganzoo.cli import completion
from ganzoo.cli.context import Stopped, plugin_files
from ganzoo.cli.options import DEVICE_HELP, Resolution, collect_settings, component_option, settings_option

if TYPE_CHECKING:
    from ganzoo.workflows.prepare import PreparedRun

_COMPONENTS, _LENGTH, _EVALUATION, _RUN = "Components", "Length of training", "Evaluation while training", "Run"

Recipe = Annotated[
    str | None,
    typer.Argument(
        metavar="RECIPE",
        help="Recipe to start from; `ganzoo list recipe` lists them.",
        autocompletion=completion.names("recipe"),
    ),
]
Data = Annotated[str | None, component_option("dataset")]
Loss = Annotated[str | None, component_option("loss", panel=_COMPONENTS)]
Term = Annotated[list[str] | None, component_option("term", panel=_COMPONENTS)]
Conditioning = Annotated[str | None, component_option("conditioning", panel=_COMPONENTS)]
Constraint = Annotated[list[str] | None, component_option("constraint", panel=_COMPONENTS)]
Augmentation = Annotated[list[str] | None, component_option("augmentation", panel=_COMPONENTS)]
Generator = Annotated[str | None, component_option("generator", panel=_COMPONENTS)]
Discriminator = Annotated[str | None, component_option("discriminator", panel=_COMPONENTS)]
Trainer = Annotated[str | None, component_option("trainer", panel=_COMPONENTS)]
Schedule = Annotated[list[str] | None, component_option("schedule", panel=_COMPONENTS)]
Evaluate = Annotated[str | None, component_option("metric", panel=_EVALUATION)]
Features = Annotated[str | None, component_option("features", panel=_EVALUATION)]
Weights = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Weights of the feature network, a safetensors file.", rich_help_panel=_EVALUATION
    ),
]
Images = Annotated[
    str | None,
    typer.Option(metavar="N", help="Real images to train on, e.g. 200k or 2M.", rich_help_panel=_LENGTH),
]
Time = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Stop after this time, e.g. 30m or 2h.", rich_help_panel=_LENGTH),
]
BatchSize = Annotated[str | None, typer.Option(metavar="N", help="Images per batch.", rich_help_panel=_RUN)]
Seed = Annotated[
    str | None, typer.Option(metavar="SEED", help="Seed of every random number of the run.", rich_help_panel=_RUN)
]
Device = Annotated[
    str | None, typer.Option(metavar="DEVICE", help=f"Device to train on: {DEVICE_HELP}", rich_help_panel=_RUN)
]
Precision = Annotated[
    str | None,
    typer.Option(metavar="PRECISION", help="Numerical precision: auto, fp32, tf32 or bf16.", rich_help_panel=_RUN),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder to write the run to; by default the next number under runs/.",
        rich_help_panel=_RUN,
    ),
]
Resume = Annotated[
    str,
    typer.Option(
        metavar="never|auto|FOLDER",
        help="Continue the run in FOLDER; auto continues an unfinished run of the same configuration, if there is one.",
        rich_help_panel=_RUN,
    ),
]
Set = Annotated[
    list[str] | None,
    settings_option("Set any setting; `ganzoo show RECIPE --all` lists them; may be repeated.", panel=_RUN),
]
ConfigFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="Read recipe, components and settings from a TOML file; options override it; may be repeated.",
        rich_help_panel=_RUN,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        "-n",
        help="Print every setting with its source and estimate the memory; train nothing.",
        rich_help_panel=_RUN,
    ),
]


def train(
    recipe: Recipe = None,
    data: Data = None,
    loss: Loss = None,
    term: Term = None,
    conditioning: Conditioning = None,
    constraint: Constraint = None,
    augmentation: Augmentation = None,
    schedule: Schedule = None,
    generator: Generator = None,
    discriminator: Discriminator = None,
    trainer: Trainer = None,
    resolution: Resolution = None,
    images: Images = None,
    time: Time = None,
    batch_size: BatchSize = None,
    seed: Seed = None,
    device: Device = None,
    precision: Precision = None,
    evaluate: Evaluate = None,
    features: Features = None,
    weights: Weights = None,
    out: Out = None,
    resume: Resume = "never",
    settings: Set = None,
    config: ConfigFiles = None,
    dry_run: DryRun = False,
) -> None:
    """Train a GAN from RECIPE, with any component exchanged for another that fits.

    Examples: `ganzoo train dcgan`, `ganzoo train dcgan --loss wgan-gp --data photos.zip --resolution 64`.
    """
    from ganzoo.workflows.options import RunOptions, drop_none
    from ganzoo.workflows.prepare import prepare_run

    components = {
        "generator": generator, "discriminator": discriminator, "loss": loss, "term": term or None,
        "conditioning": conditioning, "constraint": constraint or None, "augmentation": augmentation or None,
        "schedule": schedule or None, "trainer": trainer,
    }  # fmt: skip
    run = {
        "images": images, "time": time, "batch_size": batch_size, "seed": seed, "device": device,
        "precision": precision,
    }  # fmt: skip
    options = RunOptions(
        recipe=recipe, components=drop_none(components), data=data, resolution=resolution, run=drop_none(run),
        evaluate=evaluate, features=features, settings=collect_settings(settings, weights), config=tuple(config or ()),
        plugins=plugin_files(),
    )  # fmt: skip
    prepared = prepare_run(options, resume=resume, out=out)
    console = Console()
    _print_notes(console, prepared)
    if dry_run:
        from ganzoo.cli.dry_run import print_dry_run

        print_dry_run(console, prepared)
    else:
        _train(console, prepared, out)


def _train(console: Console, prepared: PreparedRun, out: Path | None) -> None:
    """Train a run, and print how it ended and what to type next; a signal becomes the exit code."""
    from ganzoo.cli.panel import train_with_display
    from ganzoo.workflows.train import run_name

    outcome = train_with_display(console, prepared, prepared.folder(out), title=run_name(prepared.assembly.config))
    path, sheet = shlex.quote(str(outcome.folder.path)), f"{outcome.images:09d}.png"
    ended = {"images": "Done", "time": "Time is up", "signal": "Stopped and saved"}[outcome.end]
    done = f"{ended} after {outcome.images:,} images."
    if outcome.before == outcome.images:
        done = (
            f"Nothing left to do: the run has seen {outcome.images:,} images already. Continue it with more --images."
        )
    console.print(done, highlight=False, soft_wrap=True)
    lines = [f"  samples  {outcome.folder.samples / sheet}", f"  report   {outcome.folder.report}"]
    lines += [f"  more     ganzoo sample {path} --seeds 0-63"]
    lines += [f"  resume   ganzoo train --resume {path}"] if outcome.end != "images" else []
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
    if outcome.signal is not None:
        raise Stopped(128 + outcome.signal)


def _print_notes(console: Console, prepared: PreparedRun) -> None:
    """Print which components changed by themselves, and what about the data may surprise."""
    from ganzoo.config.layers import COMMAND_LINE
    from ganzoo.config.resolution import adjustments

    config, dataset = prepared.assembly.config, prepared.assembly.dataset
    for line in adjustments(config):
        console.print(line, style="cyan", markup=False, highlight=False)
    name, chosen = config.name("dataset"), config.components["dataset"].source == COMMAND_LINE
    if chosen and "dataset.path" not in config.settings and Path(name).is_dir():
        console.print(f"Training on the data set '{name}', not on your folder of that name: write ./{name} for it.",
                      markup=False)  # fmt: skip
    batch = config.run.batch_size
    if len(dataset) < batch:
        console.print(
            f"The data set has {len(dataset)} samples, fewer than a batch of {batch}: each batch wraps around."
        )
