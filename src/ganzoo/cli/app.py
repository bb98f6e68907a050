"""The typer application: the options before the command, and one line a command."""

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
    help="Train any GAN of the zoo, and any mix of its parts, with one command.",
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
        typer.Option(metavar="FILE", help="Load this Python file as a plugin too; may be given again, anywhere."),
    ] = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Train any GAN of the zoo, and any mix of its parts, with one command."""
    context.set_plugin_files(plugin or ())
    if version:
        _print_version()
    elif ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


LOOK, WORK, MEASURE = "Look around", "Work", "Measure"
app.command(rich_help_panel=WORK)(train)
app.command(rich_help_panel=WORK)(sample)
app.command(rich_help_panel=WORK)(interpolate)
app.command(rich_help_panel=MEASURE)(evaluate)
app.command(rich_help_panel=MEASURE)(compare)
app.command(rich_help_panel=MEASURE)(leaderboard)
app.command(rich_help_panel=MEASURE)(classifier)
app.command(rich_help_panel=MEASURE)(check)
app.command("list", rich_help_panel=LOOK)(list_)
app.command("show", rich_help_panel=LOOK)(show)
app.command("doctor", rich_help_panel=LOOK)(doctor)


def _print_version() -> None:
    from importlib.metadata import version

    from ganzoo.registry.loader import CORE

    typer.echo(f"{CORE} {version(CORE)}")
    raise typer.Exit
