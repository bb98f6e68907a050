"""``ganzoo leaderboard``: train and rank every recipe with every loss, over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from ganzoo.cli import completion
from ganzoo.cli.commands.evaluate import (
    Features,
    Metrics,
    Samples,
    Weights,
    collect_settings,
    read_count,
    show_progress,
    split_names,
)
from ganzoo.cli.context import Stopped, load_context_registry, plugin_files
from ganzoo.config.layers import read_toml
from ganzoo.errors import BadRun, BadSetting, OtherRun, UnknownName

if TYPE_CHECKING:
    from ganzoo.evaluation.leaderboard import Leaderboard, Pair
    from ganzoo.evaluation.record import Evaluation
    from ganzoo.evaluation.statistics import MeanWithInterval
    from ganzoo.registry.registry import Registry
    from ganzoo.report.leaderboard_page import LeaderboardFacts
    from ganzoo.runs.folder import RunFolder
    from ganzoo.workflows.evaluate import EvaluationRequest
    from ganzoo.workflows.options import RunOptions
    from ganzoo.workflows.prepare import PreparedRun

Recipes = Annotated[
    str,
    typer.Option(
        metavar="NAME,...",
        help="Recipes, files of your own (FILE.toml), or all that fit.",
        autocompletion=completion.names("recipe"),
    ),
]
Losses = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help="Losses, or all that fit; each recipe's own otherwise.",
        autocompletion=completion.names("loss"),
    ),
]
Data = Annotated[
    str | None, typer.Option(help="What all train on, as in `train`.", autocompletion=completion.names("dataset"))
]
Seeds = Annotated[str, typer.Option(help="Of the runs, e.g. 0-2.")]
Images = Annotated[str, typer.Option(help="Real images each run sees, e.g. 20k.")]
Resolution = Annotated[int | None, typer.Option(help="Height and width of the images.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]
Out = Annotated[Path, typer.Option(help="Folder of the leaderboard; the same folder goes on where it stopped.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", "-s", metavar="PATH=VALUE", help="Any setting of the runs or metrics; may be repeated."),
]


def leaderboard(
    recipes: Recipes,
    losses: Losses = None,
    data: Data = None,
    seeds: Seeds = "0-2",
    images: Images = "20k",
    resolution: Resolution = None,
    metrics: Metrics = None,
    features: Features = None,
    weights: Weights = None,
    samples: Samples = None,
    device: Device = "auto",
    settings: Set = None,
    out: Out = Path("leaderboard"),
) -> None:
    """Train every recipe with every loss over seeds, measure, and rank; the same command goes on where it stopped.

    Example: `ganzoo leaderboard --recipes dcgan --losses non-saturating,wgan-gp --data sprites --images 20k`.
    """
    from ganzoo.cli.commands.sample import parse_seeds
    from ganzoo.evaluation.evaluator import EvaluationConfig
    from ganzoo.evaluation.leaderboard import Pair, Runner, run_leaderboard
    from ganzoo.evaluation.record import typed_command
    from ganzoo.report.leaderboard_page import LeaderboardFacts
    from ganzoo.runs.commit import find_commit
    from ganzoo.workflows.evaluate import EvaluationRequest
    from ganzoo.workflows.options import RunOptions, command_line_layer, drop_none

    if (out / "config.toml").exists():
        raise BadRun(f"--out {out} is the folder of a run: a leaderboard wants one of its own.")
    if not _is_free(out):
        raise BadRun(f"--out {out} holds something else than a leaderboard: name a folder that is new or empty.")
    assert_same_length(out, images)
    catalogue, numbers, values = load_context_registry(), parse_seeds(seeds), collect_settings(settings, weights)
    ours = {path: value for path, value in values.items() if path.partition(".")[0] in ("metric", "features")}
    run = {"images": images, "device": device}
    flags = RunOptions(data=data, resolution=resolution, run=drop_none(run), plugins=plugin_files(),
                  settings={path: value for path, value in values.items() if path not in ours})  # fmt: skip
    command_line_layer(
        replace(flags, run={**flags.run, "seed": numbers[0]}), catalogue
    )  # refuses before anything is tried
    asked = EvaluationRequest(metrics=split_names(metrics), features=features, settings=ours, device=device,
                  config=EvaluationConfig(read_count("--samples", samples)))  # fmt: skip
    for name in asked.metrics or ():
        catalogue.find("metric", name)
    second = [None] if losses is None else read_component_names(catalogue, "loss", losses)
    entered = read_recipes(catalogue, recipes)
    pairs = [Pair(recipe, loss) for recipe in entered for loss in second]
    about = LeaderboardFacts(
        out, typed_command(), tuple(numbers), read_count("--images", images) or 0, find_commit(Path(__file__).parent)
    )
    stage = LeaderboardTrainer(flags, entered, asked, Console(stderr=True, highlight=False), numbers[0])
    board = run_leaderboard(pairs, numbers, out, Runner(stage.loss_of, stage.play, lambda board: write(board, about)))
    write(board, about)
    _print(board, about)


def _is_free(place: Path) -> bool:
    """Whether a leaderboard may be written there: nothing lies there, or one does; numbered runs are somebody's own."""
    from ganzoo.runs.folder import all_runs

    if not place.exists():
        return True
    if not place.is_dir():
        return False
    return not any(place.iterdir()) or ((place / "runs").is_dir() and not all_runs(place / "runs"))


def assert_same_length(place: Path, images: str | None) -> None:
    """Refuse a board that holds runs of another number of images: they would be ranked under a false one."""
    from ganzoo.runs.folder import RunFolder

    asked, runs = read_count("--images", images), place / "runs"
    for folder in map(RunFolder, sorted(runs.iterdir()) if asked is not None and runs.is_dir() else ()):
        begun = int(str(folder.config()["run.images"])) if folder.readable else asked
        if begun != asked:
            what = f"'{folder.path}' is a run of {begun:,} images, not of {images}"
            raise BadRun(f"{what}: choose another --out, or name --images {begun}.")


def read_recipes(catalogue: Registry, text: str) -> dict[str, Path | None]:
    """Read ``--recipes``: names, and files as ``train --config`` takes them, each under its own name on the board.

    Raises:
        UnknownName: one of them does not exist, or none was named.
        BadSetting: two would stand under one name.
    """
    files = {name: Path(name) for name in split_names(text) or () if name.endswith(".toml")}
    rest = ",".join(name for name in split_names(text) or () if name not in files)
    found: dict[str, Path | None] = dict.fromkeys(
        read_component_names(catalogue, "recipe", rest) if rest or not files else ()
    )
    for file in files.values():
        if not file.is_file():
            raise BadSetting(f"--recipes: no file '{file}'. A recipe of yours is a file as `train --config` takes it.")
        read_toml(file)
        if file.stem in found:
            raise BadSetting(f"--recipes: two are called '{file.stem}' on the board. Rename {file}.")
        found[file.stem] = file
    return found


def read_component_names(catalogue: Registry, kind: str, text: str) -> list[str]:
    """Read names separated by commas, or ``all`` for all there are.

    Raises:
        UnknownName: one of them does not exist, or none was named.
    """
    if text == "all":
        entries = catalogue.of_kind(kind)
        bare = [entry.record.name for entry in entries]
        return [entry.record.name if bare.count(entry.record.name) == 1 else entry.qualified for entry in entries]
    names = split_names(text) or ()
    if not names:
        raise UnknownName(f"no {kind} named: give names separated by commas, or all. See: ganzoo list {kind}")
    for name in names:
        catalogue.find(kind, name)
    return list(names)


@dataclass(frozen=True)
class LeaderboardTrainer:
    """Where the runs of a leaderboard are trained and measured.

    Args:
        flags: what all runs have in common.
        files: by the name on the board, of those recipes that are files.
        asked: how they are measured.
        console: where progress is shown.
        first: the first seed, with which it is tried whether a pair fits.
    """

    flags: RunOptions
    files: Mapping[str, Path | None]
    asked: EvaluationRequest
    console: Console
    first: int

    def loss_of(self, pair: Pair) -> str:
        """Check that a pair fits and can be measured, and name its loss."""
        from ganzoo.workflows.evaluate import assert_request_fits
        from ganzoo.workflows.prepare import prepare_run

        launch = prepare_run(self._flags(pair, self.first))
        assert_request_fits(launch.registry, launch.assembly.config, launch.assembly.dataset, self.asked)
        return launch.assembly.config.name("loss")

    def play(self, pair: Pair, seed: int, folder: RunFolder) -> Evaluation:
        """Train a pair as far as it has not been, and measure it if it has not been."""
        from ganzoo.evaluation.leaderboard import assert_sound
        from ganzoo.runs.incomplete import remove_incomplete
        from ganzoo.workflows.evaluate import build_evaluator, evaluate
        from ganzoo.workflows.prepare import prepare_run

        try:
            launch = prepare_run(self._flags(pair, seed), resume="auto", out=folder.path)
        except OtherRun as error:
            raise BadSetting(f"'{folder.path}' was trained with other settings. Ask as the board was made, or choose "
                             "another --out.") from error  # fmt: skip
        assert_sound(folder)
        remove_incomplete(folder)
        if not is_finished(launch, folder):
            build_evaluator(launch.registry, launch.assembly.config, self.asked)  # refuses before hours of training
            self._train(launch, folder)
        with show_progress(folder.path.name) as told:
            return evaluate(launch.registry, launch.assembly.config, folder, self.asked, again=False, progress=told)

    def _flags(self, pair: Pair, seed: int) -> RunOptions:
        file = self.files[pair.recipe]
        name, config = (pair.recipe, ()) if file is None else (None, (file,))
        components = {} if pair.loss is None else {"loss": pair.loss}
        return replace(
            self.flags, recipe=name, config=config, components=components, run={**self.flags.run, "seed": seed}
        )

    def _train(self, launch: PreparedRun, folder: RunFolder) -> None:
        from ganzoo.cli.panel import make_display
        from ganzoo.workflows.train import device_name, train_run

        config = launch.assembly.config
        panel = make_display(
            self.console, title=folder.path.name, total=int(str(config["run.images"])), folder=folder.path,
            device_name=device_name(str(config["run.device"])),
        )  # fmt: skip
        say = partial(self.console.print, markup=False, highlight=False, soft_wrap=True)
        with panel:
            outcome = train_run(
                launch.registry, launch.assembly, launch.folder(folder.path), resume=launch.resumed is not None,
                callbacks=lambda _: [panel], say=say,
            )  # fmt: skip
        if outcome.signal is not None:
            self.console.print("Stopped and saved. The same command goes on.")
            raise Stopped(128 + outcome.signal)


def is_finished(launch: PreparedRun, folder: RunFolder) -> bool:
    """Whether a run has seen all its images."""
    from ganzoo.evaluation.generator import images_seen_at
    from ganzoo.training import checkpoints

    config, found = launch.assembly.config, checkpoints.list_checkpoints(folder.checkpoints)
    return bool(found) and images_seen_at(found[-1], config) >= int(str(config["run.images"]))


def write(board: Leaderboard, about: LeaderboardFacts) -> None:
    """Write ``leaderboard.md`` and ``leaderboard.html``."""
    from ganzoo.report.html import write_page
    from ganzoo.report.leaderboard_page import markdown, page

    write_page(markdown(board, about), about.place / "leaderboard.md")
    write_page(page(board, about), about.place / "leaderboard.html")


def _print(board: Leaderboard, about: LeaderboardFacts) -> None:
    from ganzoo.report.leaderboard_page import notes

    console = Console(highlight=False)
    names = list(dict.fromkeys(name for row in board.rows for name in row.spreads()))
    shown = _fitting(board, names, console.width)
    console.print(_table(board, shown))
    if len(shown) < len(names):
        console.print(f"{len(names) - len(shown)} more readings are on the page.", style="dim")
    for line in [*notes(board, about), *(f"does not fit: {pair}: {why}" for pair, why in board.misfits)]:
        console.print(line, style="dim", markup=False, soft_wrap=True)
    console.print(f"page: {about.place / 'leaderboard.html'}", markup=False, soft_wrap=True)


def _fitting(board: Leaderboard, names: Sequence[str], width: int) -> list[str]:
    """As many readings, the deciding first, as a terminal of a width has room for."""
    for count in range(len(names), 1, -1):
        if Console(width=10_000).measure(_table(board, names[:count])).maximum <= width:
            return list(names[:count])
    return list(names[:1])


def _table(board: Leaderboard, names: Sequence[str]) -> Table:
    table = Table(box=None, header_style="bold")
    for title in ("", "recipe", "loss", *names):
        table.add_column(title.replace("_", " "), no_wrap=title not in ("recipe", "loss"), overflow="fold")
    for row in board.rows:
        found = row.spreads()
        cells = [_mean(found[name][0]) if name in found else "-" for name in names]
        table.add_row(str(row.rank or "-"), row.recipe, row.loss, *cells)
    return table


def _mean(found: MeanWithInterval) -> str:
    from ganzoo.evaluation.record import half_interval_text
    from ganzoo.runs.units import number

    return number(found.mean) + (f"\n±{half_interval_text(found.half)}" if found.half is not None else "")
