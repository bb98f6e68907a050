"""Compare runs: settings, metrics, curves and samples of equal seeds, on one page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ganzoo.assembly.recorded_data import recorded_dataset
from ganzoo.config.plugin_errors import plugin_errors, run_entries
from ganzoo.errors import BadRun
from ganzoo.evaluation.comparison import ComparedRun, open_compared_runs
from ganzoo.evaluation.generator import TrainedGenerator, load_generator
from ganzoo.report.comparison_page import page
from ganzoo.report.html import write_page
from ganzoo.runs.folder import RunFolder
from ganzoo.training import checkpoints
from ganzoo.workflows.prepare import open_saved_run


def write_comparison(
    paths: Iterable[Path], out: Path, *, device: str = "auto", plugins: Sequence[str] = ()
) -> list[ComparedRun]:
    """Open runs and write the page that compares them; a run needs neither evaluations nor checkpoints nor its data.

    Raises:
        BadRun: fewer than two runs, not a run, or the page cannot be written.
    """
    folders = list({path.resolve(): RunFolder(path) for path in paths}.values())
    if len(folders) < 2:
        raise BadRun(f"'{folders[0].path}' alone cannot be compared: name two runs or more.")
    if out.suffix.lower() not in (".html", ".htm"):
        raise BadRun(f"--out {out}: the comparison is an HTML page. Choose a name that ends in .html.")
    runs = open_compared_runs([(folder, *open_saved_run(folder, plugins, whole=True)) for folder in folders])
    with plugin_errors(entry for run in runs for entry in run_entries(run.registry, run.config)):
        write_page(page(runs, _load_generators(runs, device)), out)
    return runs


def _load_generators(runs: Sequence[ComparedRun], device: str) -> dict[str, TrainedGenerator]:
    """Load the newest generator of each run that has a checkpoint, by the name of the run."""
    generators = {}
    for run in runs:
        for checkpoint in checkpoints.list_checkpoints(run.folder.checkpoints)[-1:]:
            data = recorded_dataset(checkpoints.read_manifest(checkpoint)["data"])
            generators[run.name] = load_generator(run.registry, run.config, data, checkpoint, device)
    return generators
