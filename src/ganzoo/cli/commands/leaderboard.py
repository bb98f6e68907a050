"""``ganzoo leaderboard``: train, evaluate and rank every recipe with every loss, over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from ganzoo.cli import completion
from ganzoo.cli.commands.evaluate import show_progress
from ganzoo.cli.context import Stopped, load_context_registry, plugin_files
from ganzoo.cli.options import (
    Device,
    Features,
    Metrics,
    Resolution,
    Samples,
    Weights,
    collect_settings,
    component_option,
    parse_seeds,
    settings_option,
    split_names,
)

if TYPE_CHECKING:
    from ganzoo.evaluation.leaderboard import Leaderboard
    from ganzoo.evaluation.statistics import MeanWithInterval
    from ganzoo.report.leaderboard_page import LeaderboardFacts
    from ganzoo.runs.folder import RunFolder
    from ganzoo.workflows.prepare import PreparedRun

Recipes = Annotated[
    str,
    typer.Option(
        metavar="NAME,...",
        help="Recipes to train: names, TOML files as `train --config` takes them, or all.",
        autocompletion=completion.names("recipe"),
    ),
]
Losses = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help="Losses to train each recipe with: names, or all; by default each recipe's own.",
        autocompletion=completion.names("loss"),
    ),
]
Data = Annotated[str | None, component_option("dataset")]
Seeds = Annotated[str, typer.Option(metavar="SEEDS", help="Seeds of the runs, e.g. 0-2; one run for each.")]
Images = Annotated[str, typer.Option(metavar="N", help="Real images each run trains on, e.g. 20k.")]
Out = Annotated[
    Path, typer.Option(metavar="FOLDER", help="Folder of the leaderboard; what is done there is not repeated.")
]
Set = Annotated[list[str] | None, settings_option("Set any setting of the runs, metrics or features; may be repeated.")]


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
    """Train every recipe with every loss over seeds, evaluate the runs and rank them.

    The same command continues a leaderboard that was stopped.

    Example: `ganzoo leaderboard --recipes dcgan --losses non-saturating,wgan-gp --data sprites --images 20k`.
    """
    from ganzoo.config.arguments import read_integer
    from ganzoo.workflows.leaderboard import LeaderboardDisplay, LeaderboardRequest, train_leaderboard

    request = LeaderboardRequest(
        recipes=split_names(recipes) or (), losses=split_names(losses), seeds=parse_seeds(seeds),
        images=read_integer("--images", images, 2), out=out, data=data, resolution=resolution, device=device,
        settings=collect_settings(settings, weights), plugins=plugin_files(), metrics=split_names(metrics),
        features=features, samples=None if samples is None else read_integer("--samples", samples, 2),
    )  # fmt: skip
    board, facts = train_leaderboard(load_context_registry(), request, LeaderboardDisplay(_train, show_progress))
    _print(board, facts)


def _train(prepared: PreparedRun, folder: RunFolder) -> None:
    from ganzoo.cli.panel import train_with_display

    console = Console(stderr=True, highlight=False)
    outcome = train_with_display(console, prepared, folder, title=folder.path.name)
    if outcome.signal is not None:
        console.print("Stopped and saved. The same command continues.")
        raise Stopped(128 + outcome.signal)


def _print(board: Leaderboard, facts: LeaderboardFacts) -> None:
    from ganzoo.report.leaderboard_page import notes

    console = Console(highlight=False)
    names = list(dict.fromkeys(name for row in board.rows for name in row.means()))
    fitting = [count for count in range(len(names), 1, -1)
               if Console(width=10_000).measure(_table(board, names[:count])).maximum <= console.width]  # fmt: skip
    shown = names[: fitting[0] if fitting else 1]  # the metric that ranks comes first
    console.print(_table(board, shown))
    if len(shown) < len(names):
        console.print(f"{len(names) - len(shown)} more metrics are on the page.", style="dim")
    for line in [*notes(board, facts), *(f"does not fit: {pair}: {why}" for pair, why in board.incompatible)]:
        console.print(line, style="dim", markup=False, soft_wrap=True)
    console.print(f"page: {facts.place / 'leaderboard.html'}", markup=False, soft_wrap=True)


def _table(board: Leaderboard, names: Sequence[str]) -> Table:
    table = Table(box=None, header_style="bold")
    for title in ("", "recipe", "loss", *names):
        table.add_column(title.replace("_", " "), no_wrap=title not in ("recipe", "loss"), overflow="fold")
    for row in board.rows:
        means = row.means()
        cells = [_format_mean(means[name][0]) if name in means else "-" for name in names]
        table.add_row(str(row.rank or "-"), row.recipe, row.loss, *cells)
    return table


def _format_mean(found: MeanWithInterval) -> str:
    from ganzoo.evaluation.record import half_interval_text
    from ganzoo.runs.units import format_number

    return format_number(found.mean) + (f"\n±{half_interval_text(found.half)}" if found.half is not None else "")
