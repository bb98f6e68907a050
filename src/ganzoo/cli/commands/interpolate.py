"""``ganzoo interpolate``: a film that interpolates between samples and returns to the first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ganzoo.cli.commands.sample import SamplingOptions, open_run, picture_name
from ganzoo.cli.options import Device, RunArgument, parse_seeds, report_write_errors
from ganzoo.errors import BadSetting

FORMATS = (".webp", ".gif", ".png")

GIF_FPS = 50
"""Pictures a second of a GIF, at most: it counts hundredths of a second, and browsers slow down a delay of one."""

Seeds = Annotated[str, typer.Option(metavar="SEEDS", help="Seeds of the samples to interpolate between, e.g. 1,5,9.")]
Frames = Annotated[int, typer.Option(metavar="N", min=2, max=10_000, help="Number of pictures in the film.")]
Rate = Annotated[int, typer.Option("--fps", metavar="N", min=1, max=60, help="Pictures per second.")]
Space = Annotated[
    str | None,
    typer.Option(
        metavar="SPACE",
        help="Space to interpolate in: z (latents) or w (styles); by default w, if the generator has styles.",
    ),
]
Class = Annotated[
    str | None,
    typer.Option(
        "--class", metavar="CLASS", help="Class of all pictures, number or name; by default the first seed's."
    ),
]
Truncation = Annotated[
    float,
    typer.Option(metavar="PSI", help="Truncation of the styles; below 1 samples are more typical and less diverse."),
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Film to write: .webp, .gif or .png (animated).")]


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
    """Interpolate between samples of RUN and back to the first: a film that loops smoothly."""
    from ganzoo.runs import sheets

    numbers, opened = parse_seeds(seeds), open_run(run, device)
    opened.assert_outside_data(out or opened.path, "film")
    words = ["walk", *([space] if space else []), picture_name(seeds, SamplingOptions(label, truncation))]
    place = out or opened.path / f"{'-'.join(words)}-{frames}.webp"
    if place.suffix.lower() not in FORMATS:
        what = f"'{place.suffix}' is not a film format" if place.suffix else "the name has no film format"
        raise BadSetting(f"--out {place}: {what}. Use a name that ends in {', '.join(FORMATS)}.")
    if place.suffix.lower() == ".gif" and fps > GIF_FPS:
        raise BadSetting(f"--fps {fps}: a GIF shows at most {GIF_FPS} pictures a second. Write a .webp instead.")
    made = sheets.to_uint8(opened.walk(numbers, frames, space, label=label, truncation=truncation))
    with report_write_errors(place):
        sheets.save_animation(made, place, fps=fps)
    Console().print(f"{frames} frames in {place}", highlight=False, markup=False, soft_wrap=True)
