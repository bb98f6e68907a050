"""``ganzoo classifier``: train a small classifier of any labelled data, to judge samples with."""

from __future__ import annotations

import shlex
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ganzoo.cli import completion
from ganzoo.cli.commands.sample import report_write_errors
from ganzoo.cli.context import load_context_registry
from ganzoo.errors import BadRun

if TYPE_CHECKING:
    from ganzoo.components.features.classifier_file import ClassifierMetadata
    from ganzoo.workflows.train_classifier import TrainingBudget

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A data set's name, name:argument, or a folder, zip, IDX or npz.",
        autocompletion=completion.names("dataset"),
    ),
]
Out = Annotated[Path | None, typer.Option(help="The file to write; classifier-DATA.safetensors otherwise.")]
Resolution = Annotated[int | None, typer.Option(help="Height and width of the images.")]
Time = Annotated[str | None, typer.Option(help="Train so long, e.g. 60s or 3m; 60s unless --images is given.")]
Images = Annotated[str | None, typer.Option(help="End after so many images, e.g. 200k.")]
Seed = Annotated[int, typer.Option(help="Of everything random.", min=0)]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]
Set = Annotated[list[str] | None, typer.Option("--set", "-s", help="Any setting of the data: dataset.channels=1.")]


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
    """Train a classifier of labelled DATA and measure it on samples it never saw.

    Use it with `ganzoo evaluate RUN --features classifier:FILE`.
    """
    from ganzoo.training.device import pick_device
    from ganzoo.workflows.classifier_data import open_splits, split_for_classifier
    from ganzoo.workflows.options import RunOptions, command_line_layer
    from ganzoo.workflows.train_classifier import train_and_save_classifier

    catalogue = load_context_registry()
    said = command_line_layer(RunOptions(data=data, resolution=resolution, settings=settings or ()), catalogue)
    budget, place = _budget(time, images), _place(out, data)
    where = pick_device(device)
    name = said.components["dataset"][0]
    lesson = split_for_classifier(*open_splits(catalogue, name, said.settings), seed=seed)
    command = _command(data, resolution, images, seed, settings or [])
    with Progress(*_COLUMNS, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)

        def observe(spent: float, loss: float) -> None:
            progress.update(task, completed=min(spent, 1.0), description=f"loss {loss:.3f}")

        facts = train_and_save_classifier(
            lesson, budget, place, seed=seed, device=where, observe=observe, origin=(_stem(data), command)
        )
    _conclude(facts, place)


_COLUMNS = (TextColumn("{task.description:<12}"), BarColumn(), TimeElapsedColumn())


def _budget(time: str | None, images: str | None) -> TrainingBudget:
    from ganzoo.config.option_values import read_seconds
    from ganzoo.config.parameters import read_parameters
    from ganzoo.workflows.train_classifier import TrainingBudget

    count = None if images is None else read_parameters(TrainingBudget)["images"].coerce(images, "--images")
    assert count is None or isinstance(count, int)
    span = "60s" if time is None and count is None else time
    return TrainingBudget(seconds=None if span is None else read_seconds(span), images=count)


def _place(out: Path | None, data: str) -> Path:
    """The file to write, refused before anything is trained.

    Raises:
        BadRun: it is there or cannot be written, or its name says it is something else.
    """
    place = out or Path(f"classifier-{_stem(data)}.safetensors")
    if place.suffix != ".safetensors":
        better = place.with_suffix(".safetensors") if place.name else Path(f"classifier-{_stem(data)}.safetensors")
        raise BadRun(f"--out {place}: a classifier is a .safetensors file. Try --out {better}")
    if place.exists():
        raise BadRun(f"'{place}' exists. Choose another --out.")
    with report_write_errors(place), TemporaryFile(dir=next(folder for folder in place.parents if folder.exists())):
        return place


def _stem(data: str) -> str:
    """What the data are called in stamps and file names, without where they lie."""
    return Path(data).stem.lower().replace(":", "-") or "data"


def _command(data: str, resolution: int | None, images: str | None, seed: int, settings: list[str]) -> str:
    """The command line that makes the same classifier again, without what does not change it."""
    words = ["ganzoo", "classifier", data, *(["--resolution", str(resolution)] if resolution is not None else [])]
    words += ["--images", images] if images is not None else []
    words += ["--seed", str(seed)] if seed else []
    return shlex.join([*words, *(word for setting in settings for word in ("--set", setting))])


def _conclude(facts: ClassifierMetadata, place: Path) -> None:
    """Say how good it is and what to type next."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for head, share in facts.accuracy.items():
        console.print(f"{head:<8} {100 * share:.2f} % of {facts.held_out}, {len(facts.heads[head])} classes")
    console.print(f"  judge    {place} ({place.stat().st_size / 1e6:.2f} MB, {facts.images:,} images seen)")
    console.print(f"  use      ganzoo evaluate RUN --features classifier:{place}")
