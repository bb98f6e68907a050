"""``ganzoo evaluate``: how good the samples of runs are, by the metrics that fit their data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from annotated_types import Ge
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ganzoo.cli import completion
from ganzoo.cli.context import plugin_files
from ganzoo.cli.records import print_json
from ganzoo.errors import GanzooError

if TYPE_CHECKING:
    from ganzoo.evaluation.generator import Which
    from ganzoo.evaluation.record import Evaluation
    from ganzoo.evaluation.samples import Progress as Told
    from ganzoo.interfaces.measurement import MetricValue

Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs, e.g. runs/0001-dcgan-sprites.")]
Metrics = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help="What to read, e.g. fd,kid,pr,dc,modes; what fits the data otherwise.",
        autocompletion=completion.names("metric"),
    ),
]
Features = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[:ARGUMENT]",
        help="What metrics see of an image: random, raw, classifier:FILE, timm:MODEL, inception.",
        autocompletion=completion.names("features"),
    ),
]
Weights = Annotated[Path | None, typer.Option(metavar="FILE", help="Weights of the features, as safetensors.")]
Samples = Annotated[
    str | None,
    typer.Option(help="Fakes to make, and reals to take; 10k otherwise, or as many as there are reals if fewer."),
]
Seed = Annotated[int, typer.Option(min=0, help="Of the samples, and of what metrics draw.")]
Checkpoint = Annotated[str, typer.Option(help="newest, or the best that `train --evaluate` kept.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="PATH=VALUE", help="metric.NAME.SETTING or features.SETTING; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print for machines.")]


def evaluate(
    runs: Runs,
    metrics: Metrics = None,
    features: Features = None,
    weights: Weights = None,
    samples: Samples = None,
    seed: Seed = 0,
    checkpoint: Checkpoint = "newest",
    device: Device = "auto",
    settings: Set = None,
    machine: AsJson = False,
) -> None:
    """Measure the samples of each RUN against its data, and write the readings to its folder eval/.

    Examples: `ganzoo evaluate runs/0001-dcgan-sprites`, `ganzoo evaluate runs/* --metrics fd,kid --samples 50k`.
    """
    from ganzoo.evaluation.evaluator import EvaluationConfig
    from ganzoo.evaluation.generator import find_checkpoint
    from ganzoo.runs.folder import RunFolder
    from ganzoo.workflows.evaluate import EvaluationRequest, evaluate
    from ganzoo.workflows.prepare import open_saved_run

    asked = EvaluationRequest(
        metrics=split_names(metrics), features=features, settings=collect_settings(settings, weights),
        config=EvaluationConfig(read_count("--samples", samples), seed), checkpoint=cast("Which", checkpoint), device=device,
    )  # fmt: skip
    opened = [(folder, *open_saved_run(folder, plugin_files())) for folder in map(RunFolder, runs)]
    for folder, *_ in opened:
        find_checkpoint(folder, asked.checkpoint)  # refuses before any is measured
    found: list[Evaluation] = []
    try:
        for folder, catalogue, config in opened:
            with show_progress(folder.path.name) as told:
                found.append(evaluate(catalogue, config, folder, asked, progress=told))
    except GanzooError:
        if found and not machine:
            _print(found)
        raise
    if machine:
        print_json([evaluation.as_json() for evaluation in found])
    else:
        _print(found)


def split_names(text: str | None) -> tuple[str, ...] | None:
    """Read names separated by commas; nothing said stays None."""
    return None if text is None else tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def collect_settings(settings: Sequence[str] | None, weights: Path | None) -> dict[str, object]:
    """Gather ``--set`` and ``--weights`` as values by dotted path."""
    from ganzoo.config.option_values import assert_set_once, parse_settings

    said = parse_settings(settings or ())
    named = {} if weights is None else {"features.weights": str(weights.resolve())}
    assert_set_once(said, named)
    return said | named


def read_count(option: str, text: str | None) -> int | None:
    """Read a number of samples such as ``10k``.

    Raises:
        BadSetting: it is none, or below 2.
    """
    from ganzoo.config.parameters import Parameter

    return None if text is None else int(str(Parameter("count", Annotated[int, Ge(2)], None).coerce(text, option)))


@contextmanager
def show_progress(title: str) -> Iterator[Told]:
    """Show on stderr how far passes over samples have come; nothing where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = {}

        def told(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(f"{title}: {stage}", total=total)
            bars.update(tasks[stage], completed=done)

        yield told


def format_metric_value(reading: MetricValue) -> Text:
    """Write a reading with half the width of its 95 % interval behind it."""
    from ganzoo.evaluation.record import half_interval, half_interval_text
    from ganzoo.runs.units import number

    half = half_interval(reading)
    return Text.assemble(number(reading.value), ("" if half is None else f" ±{half_interval_text(half)}", "dim"))


def _print(found: Sequence[Evaluation]) -> None:
    from ganzoo.evaluation.record import label_values
    from ganzoo.runs.units import count

    console = Console(highlight=False)
    sides = [label_values(evaluation.values) for evaluation in found]
    table = Table(box=None, header_style="bold")
    table.add_column("", no_wrap=True)
    for evaluation in found:
        table.add_column(Text(evaluation.run), justify="right", overflow="fold")
    table.add_row("images", *(count(evaluation.images) for evaluation in found), style="dim")
    for name in dict.fromkeys(name for side in sides for name in side):
        table.add_row(
            name.replace("_", " "), *(format_metric_value(side[name]) if name in side else Text("-") for side in sides)
        )
    console.print(table)
    for line in dict.fromkeys(describe_evaluation(evaluation) for evaluation in found):
        console.print(line, style="dim", markup=False, soft_wrap=True)


def describe_evaluation(evaluation: Evaluation) -> str:
    """Say in a line what readings were taken with."""
    from ganzoo.evaluation.protocol import describe_protocol

    metrics = evaluation.protocol.metrics
    looking = next((name for name, metric in metrics.items() if metric["featured"]), next(iter(metrics)))
    erring = any(r.error is not None for named in evaluation.values.values() for r in named.values())
    told = "; ± is half the 95 % interval over the samples drawn" if erring else ""
    return describe_protocol(evaluation.protocol, looking) + told
