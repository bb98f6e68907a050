"""``ganzoo sample``: pictures from a trained run."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ganzoo.cli.context import plugin_files
from ganzoo.cli.options import Device, RunArgument, format_seeds, parse_seeds, report_write_errors
from ganzoo.cli.records import count_words
from ganzoo.errors import BadSetting

if TYPE_CHECKING:
    from ganzoo.workflows.run import Run

_STYLES = "Generators with styles"

Seeds = Annotated[str, typer.Option(metavar="SEEDS", help="Seeds of the samples, e.g. 0-63 or 3,5,8-11.")]
Class = Annotated[
    str | None,
    typer.Option(
        "--class", metavar="CLASS", help="Class of all samples, number or name; by default all classes in turn."
    ),
]
Grid = Annotated[
    str | None, typer.Option(metavar="COLUMNSxROWS", help="Layout of the sheet, e.g. 8x8; by default a square.")
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="Sheet to write (.png, .jpg or .webp), or a folder for one file per seed."),
]
Truncation = Annotated[
    float,
    typer.Option(
        metavar="PSI",
        help="Truncation of the styles; below 1 samples are more typical and less diverse.",
        rich_help_panel=_STYLES,
    ),
]
NoiseSeed = Annotated[
    int | None,
    typer.Option(
        metavar="SEED",
        min=0,
        max=2**63 - 1,
        help="Seed of the noise inputs, which change fine details.",
        rich_help_panel=_STYLES,
    ),
]
StyleMix = Annotated[
    tuple[int, int] | None,
    typer.Option(
        metavar="ROWS COLUMNS",
        help="Write a style-mixing sheet: samples of the first ROWS seeds with styles of the next COLUMNS.",
        rich_help_panel=_STYLES,
    ),
]
Mix = Annotated[
    str | None,
    typer.Option(
        metavar="PART",
        help="Styles that --style-mix takes from the columns: coarse (the default), middle or fine.",
        rich_help_panel=_STYLES,
    ),
]


@dataclass(frozen=True)
class SamplingOptions:
    """How samples are generated.

    Args:
        label: class by number or name; None takes all in turn.
        truncation: psi of the styles.
        noise_seed: seed of the noise inputs of a generator with styles; None takes its fixed noise.
    """

    label: str | None
    truncation: float
    noise_seed: int | None = None


def sample(
    run: RunArgument,
    seeds: Seeds = "0-63",
    label: Class = None,
    grid: Grid = None,
    out: Out = None,
    device: Device = "auto",
    truncation: Truncation = 1.0,
    noise_seed: NoiseSeed = None,
    style_mix: StyleMix = None,
    mix: Mix = None,
) -> None:
    """Generate samples of RUN from its averaged weights; equal seeds give equal samples."""
    numbers, opened, options = parse_seeds(seeds), open_run(run, device), SamplingOptions(label, truncation, noise_seed)
    opened.assert_outside_data(out or opened.path, "sheet")
    if style_mix is not None or mix is not None:
        layout, part = _split_seeds(style_mix, numbers, grid), mix or "coarse"
        name = f"mix-{part}-{len(layout[0])}x{len(layout[1])}"
        place = out or opened.path / f"{name}-{picture_name(format_seeds([*layout[0], *layout[1]]), options)}.png"
        _write_mixing_sheet(opened, layout, part, options, place)
        written = f"{len(layout[0])} x {len(layout[1])} mixed samples"
    else:
        place = out or opened.path / f"{picture_name(seeds, options)}.png"
        if place.suffix:
            _write_sheet(opened, numbers, options, parse_grid(grid, len(numbers)), place)
        else:
            if grid is not None:
                raise BadSetting(f"--grid lays out one sheet, but --out {place} is a folder of files. Drop one.")
            _write_files(opened, numbers, options, place)
        written = count_words(len(numbers) if place.suffix else len(set(numbers)), "sample")
    Console().print(f"{written} in {place}", highlight=False, markup=False, soft_wrap=True)


def open_run(path: Path, device: str) -> Run:
    """Open a run whose samples are generated on a device.

    Raises:
        BadRun: the path is not the folder of a run.
    """
    from ganzoo.workflows.run import Run, load

    return Run(load(path).path, device, plugin_files())


def picture_name(seeds: str, options: SamplingOptions) -> str:
    """Name a picture by all that decides what it shows, so that different pictures have different names."""
    listed = seeds.replace(",", "_") if len(seeds) <= 40 else f"{seeds[:40].rpartition(',')[0].replace(',', '_')}_more"
    words = [f"seeds-{listed}"]
    words += [] if options.label is None else [f"class-{options.label}"]
    words += [] if options.truncation == 1.0 else [f"truncation-{options.truncation:g}"]
    words += [] if options.noise_seed is None else [f"noise-{options.noise_seed}"]
    return "-".join(words)


def parse_grid(text: str | None, count: int) -> int:
    """Read ``8x8`` as a number of columns; by default the sheet is as square as it gets.

    Raises:
        BadSetting: the text is not such a layout, or has fewer places than there are seeds.
    """
    if text is None:
        return math.ceil(math.sqrt(count))
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if not match:
        raise BadSetting(f"--grid {text}: write COLUMNSxROWS, each at most 9999, e.g. 8x8.")
    if int(match[1]) * int(match[2]) < count:
        raise BadSetting(f"--grid {text} has fewer places than the {count} seeds. Name fewer --seeds.")
    return int(match[1])


def _split_seeds(shape: tuple[int, int] | None, seeds: list[int], grid: str | None) -> tuple[list[int], list[int]]:
    """Split the seeds into those of the rows and those of the columns of a mixing sheet."""
    if shape is None:
        raise BadSetting("--mix chooses the styles that --style-mix takes: add it, e.g. --style-mix 4 6.")
    if grid is not None:
        raise BadSetting("--style-mix has a layout of its own: drop --grid.")
    rows, columns = shape
    if min(shape) < 1 or rows + columns > len(seeds):
        raise BadSetting(f"--style-mix {rows} {columns} needs {rows} + {columns} seeds, at least one for each; "
                         f"--seeds names {len(seeds)}.")  # fmt: skip
    return seeds[:rows], seeds[rows : rows + columns]


def _write_mixing_sheet(
    run: Run, layout: tuple[list[int], list[int]], part: str, options: SamplingOptions, place: Path
) -> None:
    from ganzoo.runs import sheets
    from ganzoo.sampling.style_mixing import PARTS

    if part not in PARTS:
        raise BadSetting(f"--mix {part}: there are no such styles. Choose {', '.join(PARTS)}.")
    _assert_picture(place)
    picture = run.style_mix(
        *layout, PARTS[PARTS.index(part)], label=options.label, truncation=options.truncation,
        noise_seed=options.noise_seed,
    )  # fmt: skip
    with report_write_errors(place):
        sheets.save_picture(picture, place)


def _write_sheet(run: Run, seeds: list[int], options: SamplingOptions, columns: int, place: Path) -> None:
    from ganzoo.runs import sheets

    _assert_picture(place)
    picture = run.sheet(
        seeds, options.label, columns=columns, truncation=options.truncation, noise_seed=options.noise_seed
    )
    with report_write_errors(place):
        sheets.save_picture(picture, place)


def _assert_picture(place: Path) -> None:
    if place.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        what = f"'{place.suffix}' is not a picture format" if place.suffix else "a style-mixing sheet is one picture"
        raise BadSetting(f"--out {place}: {what}. Use a name that ends in .png, .jpg or .webp.")


def _write_files(run: Run, seeds: list[int], options: SamplingOptions, folder: Path) -> None:
    from ganzoo.runs import sheets

    samples = run.sample(seeds, options.label, truncation=options.truncation, noise_seed=options.noise_seed)
    with report_write_errors(folder):
        for seed, picture in zip(seeds, sheets.to_uint8(samples), strict=True):
            sheets.save_picture(sheets.draw_sample(picture), folder / f"seed{seed:06d}.png")
