"""``ganzoo train``: assemble and train any combination."""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console
from typer.models import OptionInfo

from ganzoo.cli import completion
from ganzoo.cli.commands.evaluate import collect_settings
from ganzoo.cli.context import Stopped, plugin_files
from ganzoo.registry.kinds import KIND_SPECS, Kind

if TYPE_CHECKING:
    from ganzoo.workflows.prepare import PreparedRun
    from ganzoo.workflows.train import TrainingOutcome

_COMPONENTS, _LENGTH, _RUN = "Components", "How long", "Run"


def _component_option(kind: Kind, panel: str | None = None) -> OptionInfo:
    """Make the option that chooses a component of a kind."""
    spec = KIND_SPECS[kind]
    option = typer.Option(
        help=spec.help,
        metavar=spec.metavar or None,
        autocompletion=completion.names(kind),
        rich_help_panel=panel,
    )
    return cast(OptionInfo, option)


Recipe = Annotated[
    str | None,
    typer.Argument(help="What to start from: `ganzoo list recipe`.", autocompletion=completion.names("recipe")),
]
Data = Annotated[str | None, _component_option("dataset")]
Loss = Annotated[str | None, _component_option("loss", _COMPONENTS)]
Term = Annotated[list[str] | None, _component_option("term", _COMPONENTS)]
Conditioning = Annotated[str | None, _component_option("conditioning", _COMPONENTS)]
Constraint = Annotated[list[str] | None, _component_option("constraint", _COMPONENTS)]
Augmentation = Annotated[list[str] | None, _component_option("augmentation", _COMPONENTS)]
Generator = Annotated[str | None, _component_option("generator", _COMPONENTS)]
Discriminator = Annotated[str | None, _component_option("discriminator", _COMPONENTS)]
Trainer = Annotated[str | None, _component_option("trainer", _COMPONENTS)]
Schedule = Annotated[list[str] | None, _component_option("schedule", _COMPONENTS)]
Evaluate = Annotated[str | None, _component_option("metric", _RUN)]
Features = Annotated[str | None, _component_option("features", _RUN)]
Weights = Annotated[Path | None, typer.Option(help="Weights of --features, as safetensors.", rich_help_panel=_RUN)]
Resolution = Annotated[int | None, typer.Option(help="Height and width of the images.")]
Images = Annotated[str | None, typer.Option(help="Real images to see, e.g. 200k or 2M.", rich_help_panel=_LENGTH)]
Time = Annotated[str | None, typer.Option(help="End after this time, e.g. 30m or 2h.", rich_help_panel=_LENGTH)]
BatchSize = Annotated[str | None, typer.Option(help="Images per batch.", rich_help_panel=_RUN)]
Seed = Annotated[str | None, typer.Option(help="Of everything random.", rich_help_panel=_RUN)]
Device = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1, mps.", rich_help_panel=_RUN)]
Precision = Annotated[str | None, typer.Option(help="auto, fp32, tf32 or bf16.", rich_help_panel=_RUN)]
Out = Annotated[
    Path | None, typer.Option(help="Folder of the run; the next number under runs/ otherwise.", rich_help_panel=_RUN)
]
Resume = Annotated[
    str,
    typer.Option(
        help="never, auto (go on with an unfinished run of the same configuration), or a run's folder.",
        rich_help_panel=_RUN,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="PATH=VALUE",
        help="Any setting: `ganzoo show RECIPE` lists them; may be repeated.",
        rich_help_panel=_RUN,
    ),
]
ConfigFiles = Annotated[
    list[Path] | None,
    typer.Option("--config", "-c", help="TOML file under the command line; may be repeated.", rich_help_panel=_RUN),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        "-n",
        help="Show every value with its source, build everything, train nothing.",
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
    """Train RECIPE, with any part swapped for another that fits.

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
    flags = RunOptions(
        recipe=recipe, components=drop_none(components), data=data, resolution=resolution, run=drop_none(run),
        evaluate=evaluate, features=features, settings=collect_settings(settings, weights), config=tuple(config or ()),
        plugins=plugin_files(),
    )  # fmt: skip
    launch = prepare_run(flags, resume=resume, out=out)
    console = Console(stderr=False)
    _announce(console, launch)
    if dry_run:
        from ganzoo.cli.dry_run import show

        show(console, launch)
        return
    _run(console, launch, out)


def _announce(console: Console, launch: PreparedRun) -> None:
    """Say what parts changed by themselves, and what of the data may surprise."""
    from ganzoo.config.layers import COMMAND_LINE
    from ganzoo.config.resolution import adjustments
    from ganzoo.registry.registry import strip_distribution

    config, dataset = launch.assembly.config, launch.assembly.dataset
    for line in adjustments(config):
        console.print(line, style="cyan", markup=False, highlight=False)
    name, said = strip_distribution(config.name("dataset")), config.components["dataset"].source == COMMAND_LINE
    if said and "dataset.path" not in config.settings and Path(name).is_dir():
        console.print(f"Data are the data set '{name}', not your folder of that name: that is ./{name}.", markup=False)
    batch = int(str(config["run.batch_size"]))
    if len(dataset) < batch:
        console.print(
            f"The data set has {len(dataset)} samples, fewer than a batch of {batch}: each batch wraps around."
        )


def _run(console: Console, launch: PreparedRun, out: Path | None) -> None:
    from ganzoo.cli.panel import make_display
    from ganzoo.workflows.train import device_name, run_name, train_run

    config, folder = launch.assembly.config, launch.folder(out)
    panel = make_display(
        console, title=run_name(config), total=int(str(config["run.images"])), folder=folder.path,
        device_name=device_name(str(config["run.device"])),
    )  # fmt: skip
    say = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    with panel:
        outcome = train_run(
            launch.registry, launch.assembly, folder, resume=launch.resumed is not None,
            callbacks=lambda _: [panel], say=say,
        )  # fmt: skip
    _conclude(console, outcome)


def _conclude(console: Console, outcome: TrainingOutcome) -> None:
    """Say how the run ended and what to type next; a signal becomes the exit code."""
    path, sheet = shlex.quote(str(outcome.folder.path)), f"{outcome.images:09d}.png"
    ended = {"images": "Done", "time": "Time is up", "signal": "Stopped and saved"}[outcome.end]
    done = f"{ended} after {outcome.images:,} images."
    if outcome.before == outcome.images:
        done = f"Nothing was left to do: the run had seen its {outcome.images:,} images. Go on with more --images."
    console.print(done, highlight=False, soft_wrap=True)
    lines = [f"  samples  {outcome.folder.samples / sheet}", f"  report   {outcome.folder.report}"]
    lines += [f"  more     ganzoo sample {path} --seeds 0-63"]
    lines += [f"  resume   ganzoo train --resume {path}"] if outcome.end != "images" else []
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)
    if outcome.signal is not None:
        raise Stopped(128 + outcome.signal)
