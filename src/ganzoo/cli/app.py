"""The typer application: the options before the command, and the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ganzoo.cli import context
from ganzoo.cli.commands.check import check
from ganzoo.cli.commands.classifier import classifier
from ganzoo.cli.commands.compare import compare
from ganzoo.cli.commands.doctor import doctor
from ganzoo.cli.commands.evaluate import evaluate
from ganzoo.cli.commands.interpolate import interpolate
from ganzoo.cli.commands.leaderboard import leaderboard
from ganzoo.cli.commands.list import list_
from ganzoo.cli.commands.sample import sample
from ganzoo.cli.commands.show import show
from ganzoo.cli.commands.train import train

app = typer.Typer(
    help="Train, sample and compare GANs assembled from named components.",
    epilog="Start with: ganzoo train dcgan",
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def ganzoo(
    ctx: typer.Context,
    *,
    plugin: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Load this Python file as a plugin; may stand anywhere; may be repeated."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Train, sample and compare GANs assembled from named components."""
    context.set_plugin_files(plugin or ())
    if version:
        from importlib.metadata import version as version_of

        from ganzoo.registry.loader import CORE

        typer.echo(f"{CORE} {version_of(CORE)}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


LOOK, WORK, MEASURE = "Browse and check", "Train and sample", "Evaluate"
app.command(rich_help_panel=WORK)(train)
app.command(rich_help_panel=WORK)(sample)
app.command(rich_help_panel=WORK)(interpolate)
app.command(rich_help_panel=MEASURE)(evaluate)
app.command(rich_help_panel=MEASURE)(compare)
app.command(rich_help_panel=MEASURE)(leaderboard)
app.command(rich_help_panel=MEASURE)(classifier)
app.command("list", rich_help_panel=LOOK)(list_)
app.command(rich_help_panel=LOOK)(show)
app.command(rich_help_panel=LOOK)(check)
app.command(rich_help_panel=LOOK)(doctor)
