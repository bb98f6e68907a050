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
    from ganzoo.evaluation.compare import Contestant, Entry, Standing
    from ganzoo.evaluation.subject import Subject

Runs = Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of two runs or more.")]
Out = Annotated[Path, typer.Option(help="The page to write.")]
Device = Annotated[str, typer.Option(help="Where samples are made: auto, cpu, cuda, cuda:1, mps.")]


def compare(runs: Runs, out: Out = Path("compare.html"), device: Device = "auto") -> None:
    """Set RUNs side by side: settings that differ, newest readings, curves, samples of equal seeds.

    Readings are ranked only where they were taken with one ruler: `ganzoo evaluate RUN...` with equal options.
    """
    from ganzoo.evaluation.compare import contestants
    from ganzoo.evaluation.compare_page import page
    from ganzoo.evaluation.pages import publish
    from ganzoo.launch import saved_run
    from ganzoo.runs.folder import RunFolder

    folders = list({path.resolve(): RunFolder(path) for path in runs}.values())
    if len(folders) < 2:
        raise BadRun(f"'{runs[0]}' alone cannot be compared: name two runs or more.")
    if out.suffix.lower() not in (".html", ".htm"):
        raise BadRun(f"--out {out}: the comparison is a page; give it a name that ends in .html.")
    beside = contestants([(folder, *saved_run(folder, plugin_files(), whole=True)) for folder in folders])
    publish(page(beside, _subjects(beside, device)), out)
    _print(beside, out)


def _subjects(runs: Sequence[Contestant], device: str) -> dict[str, Subject]:
    """Open the generators of the runs that have a checkpoint; their data need not be here."""
    from ganzoo.assembly.remembered import remember
    from ganzoo.engine import state
    from ganzoo.evaluation.subject import subject_of

    subjects = {}
    for run in runs:
        found = state.checkpoints(run.folder.checkpoints)
        if found:
            data = remember(state.read_manifest(found[-1])["data"])
            subjects[run.name] = subject_of(run.registry, run.config, data, found[-1], device)
    return subjects


def _print(runs: Sequence[Contestant], out: Path) -> None:
    from ganzoo.evaluation.compare import differing, standings
    from ganzoo.evaluation.compare_page import protocol_lines, text_of

    console = Console(highlight=False)
    names = [run.name for run in runs]
    rows = differing({run.name: run.config for run in runs})
    told = {path: {run: Text(text_of(value)) for run, value in row.items()} for path, row in rows.items()}
    console.print(_table("setting", names, told) if told else "The configurations are equal.")
    found = standings(runs)
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


def _shown(standing: Standing) -> dict[str, Text]:
    uneven = len({entry.images for entry in standing.entries.values()}) > 1
    return {run: _entry(entry, uneven=uneven) for run, entry in standing.entries.items()}


def _entry(entry: Entry, *, uneven: bool) -> Text:
    """Write a reading, and how many images the critic had seen where that is not the same for all."""
    from ganzoo.cli.evaluate import shown
    from ganzoo.runs.units import count

    text = shown(entry.reading)
    if uneven:
        text.append(f"\nat {count(entry.images)}", "dim")
    if entry.rank is not None:
        text.append(f"\n#{entry.rank}", "bold green" if entry.rank == 1 else "dim")
    return text
