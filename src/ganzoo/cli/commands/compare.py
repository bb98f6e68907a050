"""``ganzoo compare``: how runs differ, which reads better, and what their samples look like side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganzoo.cli.context import plugin_files
from ganzoo.errors import BadRun

if TYPE_CHECKING:
    from ganzoo.evaluation.comparison import ComparedRun, ComparedValue, ComparisonRow
    from ganzoo.evaluation.generator import TrainedGenerator

Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of two runs or more.")]
Out = Annotated[Path, typer.Option(help="The page to write.")]
Device = Annotated[str, typer.Option(help="Where samples are made: auto, cpu, cuda, cuda:1, mps.")]


def compare(runs: Runs, out: Out = Path("compare.html"), device: Device = "auto") -> None:
    """Set RUNs side by side: settings that differ, newest readings, curves, samples of equal seeds.

    Readings are ranked only where they were taken with one ruler: `ganzoo evaluate RUN...` with equal options.
    """
    from ganzoo.evaluation.comparison import open_compared_runs
    from ganzoo.report.comparison_page import page
    from ganzoo.report.html import write_page
    from ganzoo.runs.folder import RunFolder
    from ganzoo.workflows.prepare import open_saved_run

    folders = list({path.resolve(): RunFolder(path) for path in runs}.values())
    if len(folders) < 2:
        raise BadRun(f"'{runs[0]}' alone cannot be compared: name two runs or more.")
    if out.suffix.lower() not in (".html", ".htm"):
        raise BadRun(f"--out {out}: the comparison is a page; give it a name that ends in .html.")
    beside = open_compared_runs([(folder, *open_saved_run(folder, plugin_files(), whole=True)) for folder in folders])
    write_page(page(beside, _subjects(beside, device)), out)
    _print(beside, out)


def _subjects(runs: Sequence[ComparedRun], device: str) -> dict[str, TrainedGenerator]:
    """Open the generators of the runs that have a checkpoint; their data need not be here."""
    from ganzoo.assembly.recorded_data import recorded_dataset
    from ganzoo.evaluation.generator import load_generator
    from ganzoo.training import checkpoints

    subjects = {}
    for run in runs:
        found = checkpoints.list_checkpoints(run.folder.checkpoints)
        if found:
            data = recorded_dataset(checkpoints.read_manifest(found[-1])["data"])
            subjects[run.name] = load_generator(run.registry, run.config, data, found[-1], device)
    return subjects


def _print(runs: Sequence[ComparedRun], out: Path) -> None:
    from ganzoo.evaluation.comparison import compare_values, differing_settings
    from ganzoo.report.comparison_page import protocol_lines, setting_text

    console = Console(highlight=False)
    names = [run.name for run in runs]
    rows = differing_settings({run.name: run.config for run in runs})
    told = {path: {run: Text(setting_text(value)) for run, value in row.items()} for path, row in rows.items()}
    console.print(_table("setting", names, told) if told else "The configurations are equal.")
    found = compare_values(runs)
    if found:
        console.print(_table("reading", names, {s.name.replace("_", " "): _shown(s) for s in found}))
    for metric, why in {s.metric: s.obstacles for s in found if s.obstacles}.items():
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


def _shown(standing: ComparisonRow) -> dict[str, Text]:
    uneven = len({entry.images for entry in standing.entries.values()}) > 1
    return {run: _entry(entry, uneven=uneven) for run, entry in standing.entries.items()}


def _entry(entry: ComparedValue, *, uneven: bool) -> Text:
    """Write a reading, and how many images the discriminator had seen where that is not the same for all."""
    from ganzoo.cli.commands.evaluate import format_metric_value
    from ganzoo.runs.units import count

    text = format_metric_value(entry.reading)
    if uneven:
        text.append(f"\nat {count(entry.images)}", "dim")
    if entry.rank is not None:
        text.append(f"\n#{entry.rank}", "bold green" if entry.rank == 1 else "dim")
    return text
