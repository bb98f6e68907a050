"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from typer.models import OptionInfo

from ganzoo.cli import completion
from ganzoo.errors import BadRun, BadSetting
from ganzoo.registry.kinds import KIND_SPECS, Kind

DEVICE_HELP = "auto, cpu, cuda, cuda:1 or mps."

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, e.g. runs/0001-dcgan-sprites.")]
Resolution = Annotated[int | None, typer.Option(metavar="PIXELS", help="Height and width of the images.")]
Device = Annotated[str, typer.Option(metavar="DEVICE", help=f"Device to compute on: {DEVICE_HELP}")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Metrics = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,...",
        help="Metrics to compute, e.g. fd,kid,pr,dc,modes; by default those that fit the data.",
        autocompletion=completion.names("metric"),
    ),
]
Features = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[:ARGUMENT]",
        help="Features the metrics compute from an image: random, raw, classifier:FILE, timm:MODEL or inception.",
        autocompletion=completion.names("features"),
    ),
]
Weights = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Weights of the feature network, a safetensors file.")
]
Samples = Annotated[
    str | None,
    typer.Option(
        metavar="N",
        help="Fakes to generate, and reals to compare with; by default 10k, or as many as there are reals if fewer.",
    ),
]

MAX_SEEDS = 100_000
"""Samples of one command, at most."""


def settings_option(text: str, *, panel: str | None = None) -> OptionInfo:
    """Return the option ``--set``; what can be set differs between commands."""
    option: OptionInfo = typer.Option("--set", "-s", metavar="PATH=VALUE", help=text, rich_help_panel=panel)
    return option


def component_option(kind: Kind, *, panel: str | None = None) -> OptionInfo:
    """Return the option that chooses components of a kind, as the table of kinds describes it."""
    spec = KIND_SPECS[kind]
    option: OptionInfo = typer.Option(
        metavar=spec.metavar or "NAME",
        help=spec.help,
        autocompletion=completion.names(kind),
        rich_help_panel=panel,
    )
    return option


def parse_seeds(text: str) -> list[int]:
    """Read ``0-63``, ``5`` or ``1,4,8-11``.

    Raises:
        BadSetting: the text is not such a list, or names too many seeds.
    """
    seeds: list[int] = []
    for item in text.split(","):
        match = re.fullmatch(r"(\d{1,18})(?:-(\d{1,18}))?", item.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise BadSetting(f"--seeds {text}: '{item}' is not a seed or range. Write seeds like 0-63 or 3,5,8-11.")
        if last - first >= MAX_SEEDS:
            raise BadSetting(f"--seeds {text}: {last - first + 1:,} seeds are too many; at most {MAX_SEEDS:,}.")
        seeds += range(first, last + 1)
    return seeds


def format_seeds(seeds: Sequence[int]) -> str:
    """Write seeds as ``parse_seeds`` reads them: ``0-6,9``."""
    ranges: list[list[int]] = []
    for seed in seeds:
        if ranges and seed == ranges[-1][-1] + 1:
            ranges[-1].append(seed)
        else:
            ranges.append([seed])
    return ",".join(f"{group[0]}-{group[-1]}" if len(group) > 1 else str(group[0]) for group in ranges)


def split_names(text: str | None) -> tuple[str, ...] | None:
    """Read names separated by commas, each once; None stays None."""
    return None if text is None else tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def read_count(option: str, text: str, least: int = 2) -> int:
    """Read a number of samples such as ``10k``.

    Raises:
        BadSetting: the text is not a whole number, or the number is too small.
    """
    from ganzoo.config.arguments import read_integer

    return read_integer(option, text, least)


def collect_settings(settings: Sequence[str] | None, weights: Path | None = None) -> dict[str, object]:
    """Gather ``--set`` and ``--weights`` as values by dotted path."""
    from ganzoo.config.option_values import assert_set_once, parse_settings

    values = parse_settings(settings or ())
    options = {} if weights is None else {"features.weights": str(weights.resolve())}
    assert_set_once(values, options)
    return values | options


@contextmanager
def report_write_errors(place: Path) -> Iterator[None]:
    """Turn an error of the file system into a message for the user.

    Raises:
        BadRun: the file or folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise BadRun(f"cannot write {place}: {error.strerror or error}. Choose another --out.") from error
