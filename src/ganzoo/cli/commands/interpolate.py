"""``ganzoo interpolate``: a film that walks from sample to sample and back to the first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ganzoo.cli.commands.sample import (
    Device,
    RunArgument,
    SamplingOptions,
    open_run,
    parse_seeds,
    picture_name,
    report_write_errors,
)
from ganzoo.errors import BadSetting

FORMATS = (".webp", ".gif", ".png")

GIF_FPS = 50
"""A GIF counts time in hundredths of a second, and browsers slow down what asks for a single one."""

Seeds = Annotated[str, typer.Option(help="Where the walk comes by, e.g. 1,5,9.")]
Frames = Annotated[int, typer.Option(min=2, max=10_000, help="Pictures in the film.")]
Rate = Annotated[int, typer.Option("--fps", min=1, max=60, help="Pictures a second.")]
Space = Annotated[
    str | None, typer.Option(help="z (latents) or w (styles); w by default where the generator has styles.")
]
Class = Annotated[str | None, typer.Option("--class", help="Class by number or name; the first seed's otherwise.")]
Truncation = Annotated[float, typer.Option(help="Below 1: nearer to the mean, of a generator with styles.")]
Out = Annotated[Path | None, typer.Option(help="The film: .webp, .gif or .png (animated).")]


def interpolate(
    run: RunArgument,
    seeds: Seeds = "0-3",
    frames: Frames = 120,
    space: Space = None,
    label: Class = None,
    truncation: Truncation = 1.0,
    fps: Rate = 24,
    out: Out = None,
    device: Device = "auto",
) -> None:
    """Walk through samples of RUN and back to the first: a film that loops smoothly."""
    from ganzoo.runs import sheets

    wanted, opened = parse_seeds(seeds), open_run(run, device)
    opened.assert_outside_data(out or opened.path, "film")
    words = ["walk", *([space] if space else []), picture_name(seeds, SamplingOptions(label, truncation))]
    place = out or opened.path / f"{'-'.join(words)}-{frames}.webp"
    if place.suffix.lower() not in FORMATS:
        what = f"'{place.suffix}' is no film format" if place.suffix else "this names no film"
        raise BadSetting(f"--out {place}: {what}. Use a name that ends in {', '.join(FORMATS)}.")
    if place.suffix.lower() == ".gif" and fps > GIF_FPS:
        raise BadSetting(f"--fps {fps}: a GIF shows at most {GIF_FPS} pictures a second. Write a .webp instead.")
    made = sheets.to_uint8(opened.walk(wanted, frames, space, label=label, truncation=truncation))
    with report_write_errors(place):
        sheets.film(made, place, fps=fps)
    Console().print(f"{frames} frames in {place}", highlight=False, markup=False, soft_wrap=True)
