"""``ganzoo evaluate``: measure the samples of runs with the metrics that fit their data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ganzoo.cli.context import plugin_files
from ganzoo.cli.options import (
    AsJson,
    Device,
    Features,
    Metrics,
    Samples,
    Weights,
    collect_settings,
    settings_option,
    split_names,
)
from ganzoo.cli.records import print_json
from ganzoo.errors import GanzooError

if TYPE_CHECKING:
    from ganzoo.evaluation.inputs.samples import Progress as ReportProgress
    from ganzoo.evaluation.record import Evaluation
    from ganzoo.interfaces.measurement import MetricValue

Runs = Annotated[list[Path], typer.Argument(metavar="RUN", help="Folders of runs, e.g. runs/0001-dcgan-sprites.")]
Seed = Annotated[
    int, typer.Option(metavar="SEED", min=0, help="Seed of the fakes and of every random choice of a metric.")
]
Checkpoint = Annotated[
    Literal["newest", "best"],
    typer.Option(help="Checkpoint to evaluate: the newest, or the best one that `train --evaluate` kept."),
]
Set = Annotated[
    list[str] | None,
    settings_option(
        "Set metric.NAME.SETTING or features.SETTING, or dataset.path if the data have moved; may be repeated."
    ),
]


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
    """Measure the samples of each RUN against its data; results are written to its folder eval/.

    Examples: `ganzoo evaluate runs/0001-dcgan-sprites`, `ganzoo evaluate runs/* --metrics fd,kid --samples 50k`.
    """
    from ganzoo.config.arguments import read_integer
    from ganzoo.evaluation.evaluator import EvaluationConfig
    from ganzoo.evaluation.generator import find_checkpoint
    from ganzoo.runs.folder import RunFolder
    from ganzoo.workflows.evaluate import EvaluationRequest, evaluate
    from ganzoo.workflows.prepare import open_saved_run

    count = None if samples is None else read_integer("--samples", samples, 2)
    request = EvaluationRequest(
        metrics=split_names(metrics), features=features, settings=collect_settings(settings, weights),
        config=EvaluationConfig(count, seed), checkpoint=checkpoint, device=device,
    )  # fmt: skip
    opened = [(folder, *open_saved_run(folder, plugin_files())) for folder in map(RunFolder, runs)]
    for folder, *_ in opened:
        find_checkpoint(folder, request.checkpoint)  # refuses before any run is measured
    evaluations: list[Evaluation] = []
    try:
        for folder, registry, config in opened:
            with show_progress(folder.path.name) as progress:
                evaluations.append(evaluate(registry, config, folder, request, progress=progress))
    except GanzooError:
        if evaluations and not machine:
            _print(evaluations)
        raise
    if machine:
        print_json([evaluation.as_json() for evaluation in evaluations])
    else:
        _print(evaluations)


@contextmanager
def show_progress(title: str) -> Iterator[ReportProgress]:
    """Show the progress of an evaluation on stderr, if that is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(f"{title}: {stage}", total=total)
            bars.update(tasks[stage], completed=done)

        yield report


def format_metric_value(metric: MetricValue) -> Text:
    """Write a value with ± half its 95 % confidence interval."""
    from ganzoo.evaluation.record import half_interval, half_interval_text
    from ganzoo.runs.units import format_number

    half = half_interval(metric)
    return Text.assemble(format_number(metric.value), ("" if half is None else f" ±{half_interval_text(half)}", "dim"))


def _print(evaluations: Sequence[Evaluation]) -> None:
    from ganzoo.evaluation.record import label_values
    from ganzoo.runs.units import format_count

    console = Console(highlight=False)
    columns = [label_values(evaluation.values) for evaluation in evaluations]
    table = Table(box=None, header_style="bold")
    table.add_column("", no_wrap=True)
    for evaluation in evaluations:
        table.add_column(Text(evaluation.run), justify="right", overflow="fold")
    table.add_row("images", *(format_count(evaluation.images) for evaluation in evaluations), style="dim")
    for name in dict.fromkeys(name for column in columns for name in column):
        cells = (format_metric_value(column[name]) if name in column else Text("-") for column in columns)
        table.add_row(name.replace("_", " "), *cells)
    console.print(table)
    for line in dict.fromkeys(describe_evaluation(evaluation) for evaluation in evaluations):
        console.print(line, style="dim", markup=False, soft_wrap=True)


def describe_evaluation(evaluation: Evaluation) -> str:
    """Describe in a line how the values were measured."""
    from ganzoo.evaluation.protocol import describe_protocol

    metrics = evaluation.protocol.metrics
    shown = next((name for name, metric in metrics.items() if metric["uses_features"]), next(iter(metrics)))
    text = describe_protocol(evaluation.protocol, shown)
    if any(value.error is not None for values in evaluation.values.values() for value in values.values()):
        text += "; ± is the half-width of the 95 % confidence interval from sampling fakes, reals held fixed"
    return text
