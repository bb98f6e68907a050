"""``ganzoo classifier``: train a reference classifier on labelled data, to evaluate samples with."""

from __future__ import annotations

import shlex
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ganzoo.cli import completion
from ganzoo.cli.context import load_context_registry
from ganzoo.cli.options import Device, Resolution, report_write_errors, settings_option
from ganzoo.errors import BadRun
from ganzoo.registry.kinds import KIND_SPECS

if TYPE_CHECKING:
    from ganzoo.workflows.options import RunOptions
    from ganzoo.workflows.train_classifier import TrainingBudget

Data = Annotated[
    str, typer.Argument(metavar="DATA", help=KIND_SPECS["dataset"].help, autocompletion=completion.names("dataset"))
]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="File to write; by default classifier-DATA.safetensors.")
]
Time = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Train for this time, e.g. 60s or 3m; by default 60s, unless --images is given."),
]
Images = Annotated[str | None, typer.Option(metavar="N", help="Stop after this many images, e.g. 200k.")]
Seed = Annotated[int, typer.Option(metavar="SEED", min=0, help="Seed of every random number of the training.")]
Set = Annotated[
    list[str] | None, settings_option("Set any setting of the data, e.g. dataset.channels=1; may be repeated.")
]

_COLUMNS = (TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())


def classifier(
    data: Data,
    *,
    out: Out = None,
    resolution: Resolution = None,
    time: Time = None,
    images: Images = None,
    seed: Seed = 0,
    device: Device = "auto",
    settings: Set = None,
) -> None:
    """Train a reference classifier on labelled DATA and measure its accuracy on held-out samples.

    Evaluate runs with it: `ganzoo evaluate RUN --features classifier:FILE`.
    """
    from ganzoo.training.device import pick_device
    from ganzoo.workflows.classifier_data import open_splits, split_for_classifier
    from ganzoo.workflows.options import RunOptions, command_line_layer
    from ganzoo.workflows.train_classifier import train_and_save_classifier

    registry = load_context_registry()
    options = RunOptions(data=data, resolution=resolution, settings=settings or ())
    layer = command_line_layer(options, registry)
    stem = Path(data).stem.lower().replace(":", "-") or "data"
    place = _check_output(out or Path(f"classifier-{stem}.safetensors"), stem)
    budget, torch_device = _read_budget(time, images), pick_device(device)
    splits = split_for_classifier(*open_splits(registry, layer.components["dataset"][0], layer.settings), seed=seed)
    command = _repeat_command(options, images, seed)
    with Progress(*_COLUMNS, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)

        def show_progress(share: float, loss: float) -> None:
            progress.update(task, completed=min(share, 1.0), description=f"loss {loss:.3f}")

        metadata = train_and_save_classifier(
            splits, budget, place, seed=seed, device=torch_device, progress=show_progress, origin=(stem, command)
        )
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for head, accuracy in metadata.accuracy.items():
        console.print(f"{head:<8} {100 * accuracy:.2f} % of {metadata.held_out}, {len(metadata.heads[head])} classes")
    console.print(f"  file     {place} ({place.stat().st_size / 1e6:.2f} MB, trained on {metadata.images:,} images)")
    console.print(f"  use      ganzoo evaluate RUN --features classifier:{place}")


def _read_budget(time: str | None, images: str | None) -> TrainingBudget:
    from ganzoo.config.arguments import read_integer
    from ganzoo.config.option_values import read_seconds
    from ganzoo.workflows.train_classifier import TrainingBudget

    count = None if images is None else read_integer("--images", images, 1)
    span = "60s" if time is None and count is None else time
    return TrainingBudget(seconds=None if span is None else read_seconds(span), images=count)


def _check_output(place: Path, stem: str) -> Path:
    """Check the file to write before anything is trained.

    Raises:
        BadRun: the file exists, cannot be written, or is not named like a safetensors file.
    """
    if place.suffix != ".safetensors":
        better = place.with_suffix(".safetensors") if place.name else Path(f"classifier-{stem}.safetensors")
        raise BadRun(f"--out {place}: a classifier is a .safetensors file. Try --out {better}")
    if place.exists():
        raise BadRun(f"'{place}' exists. Choose another --out.")
    with report_write_errors(place), TemporaryFile(dir=next(folder for folder in place.parents if folder.exists())):
        return place


def _repeat_command(options: RunOptions, images: str | None, seed: int) -> str:
    """Return the command that trains the same classifier again."""
    words = ["ganzoo", "classifier", str(options.data)]
    words += [] if options.resolution is None else ["--resolution", str(options.resolution)]
    words += [] if images is None else ["--images", images]
    words += ["--seed", str(seed)] if seed else []
    return shlex.join([*words, *(word for setting in options.settings for word in ("--set", setting))])
