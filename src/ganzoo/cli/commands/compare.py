"""``ganzoo compare``: the settings, metrics and samples of runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.cli.context import plugin_files
from ganzoo.cli.options import DEVICE_HELP

if TYPE_CHECKING:
    from ganzoo.evaluation.comparison import ComparedRun, ComparedValue, ComparisonRow

Runs = Annotated[list[Path], typer.Argument(metavar="RUN", help="Folders of two or more runs.")]
Out = Annotated[Path, typer.Option(metavar="FILE", help="HTML page to write.")]
Device = Annotated[str, typer.Option(metavar="DEVICE", help=f"Device to generate samples on: {DEVICE_HELP}")]


def compare(runs: Runs, out: Out = Path("compare.html"), device: Device = "auto") -> None:
    """Compare RUNs side by side: differing settings, newest metrics, curves, and samples of equal seeds.

    Metrics are ranked only where all runs were evaluated alike: `ganzoo evaluate RUN...` with the same options.
    """
    from ganzoo.workflows.compare import write_comparison

    _print(write_comparison(runs, out, device=device, plugins=plugin_files()), out)


def _print(runs: Sequence[ComparedRun], out: Path) -> None:
    from ganzoo.evaluation.comparison import compare_values, differing_settings
    from ganzoo.report.comparison_page import protocol_lines, setting_text

    console = Console(highlight=False)
    names = [run.name for run in runs]
    rows = differing_settings({run.name: run.config for run in runs})
    cells = {path: {run: Text(setting_text(value)) for run, value in row.items()} for path, row in rows.items()}
    console.print(_table("setting", names, cells) if cells else "The configurations are equal.")
    metrics = compare_values(runs)
    if metrics:
        console.print(_table("metric", names, {row.name.replace("_", " "): _format_row(row) for row in metrics}))
    for metric, why in {row.metric: row.obstacles for row in metrics if row.obstacles}.items():
        console.print(f"{metric} is not ranked: {'; '.join(why)}.", style="yellow", markup=False)
    for line in protocol_lines(runs):
        console.print(line, style="dim", markup=False, soft_wrap=True)
    for run in (run for run in runs if not run.newest):
        console.print(f"not evaluated: ganzoo evaluate {run.folder.path}", style="dim", markup=False, soft_wrap=True)
    console.print(f"page: {out}", markup=False, soft_wrap=True)


def _table(corner: str, names: Sequence[str], rows: Mapping[str, Mapping[str, Text]]) -> Table:
    table = Table(box=None, header_style="bold")
    table.add_column(corner, overflow="fold")
    for name in names:
        table.add_column(name, overflow="fold")
    for title, cells in rows.items():
        table.add_row(Text(title), *(cells.get(name, Text("-")) for name in names))
    return table


def _format_row(row: ComparisonRow) -> dict[str, Text]:
    images_differ = len({entry.images for entry in row.entries.values()}) > 1
    return {run: _format_entry(entry, with_images=images_differ) for run, entry in row.entries.items()}


def _format_entry(entry: ComparedValue, *, with_images: bool) -> Text:
    """Write a value with its rank, and the number of images the run had been trained on."""
    from ganzoo.cli.commands.evaluate import format_metric_value
    from ganzoo.runs.units import format_count

    text = format_metric_value(entry.value)
    if with_images:
        text.append(f"\nat {format_count(entry.images)}", "dim")
    if entry.rank is not None:
        text.append(f"\n#{entry.rank}", "bold green" if entry.rank == 1 else "dim")
    return text
