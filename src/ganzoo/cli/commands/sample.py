"""``ganzoo sample``: pictures from a trained run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ganzoo.cli.context import plugin_files
from ganzoo.cli.records import count_words
from ganzoo.errors import BadRun, BadSetting

if TYPE_CHECKING:
    from ganzoo.workflows.run import Run

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, e.g. runs/0001-dcgan-sprites.")]
Seeds = Annotated[str, typer.Option(help="Seeds and ranges of seeds, e.g. 0-63 or 3,5,8-11.")]
Class = Annotated[str | None, typer.Option("--class", help="Class by number or name; all in turn otherwise.")]
Grid = Annotated[str | None, typer.Option(metavar="COLUMNSxROWS", help="Layout of the sheet, e.g. 8x8.")]
Out = Annotated[Path | None, typer.Option(help="A picture (.png, .jpg, .webp), or a folder for one file a seed.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]
_STYLES = "Styles"
Truncation = Annotated[float, typer.Option(help="Below 1: nearer to the mean, less diverse.", rich_help_panel=_STYLES)]
NoiseSeed = Annotated[
    int | None, typer.Option(min=0, max=2**63 - 1, help="Of the noise behind the details.", rich_help_panel=_STYLES)
]
StyleMix = Annotated[
    tuple[int, int] | None,
    typer.Option(
        metavar="ROWS COLUMNS",
        help="The style-mixing sheet: the first ROWS seeds, each with styles of the next COLUMNS.",
        rich_help_panel=_STYLES,
    ),
]
Mix = Annotated[
    str | None,
    typer.Option(help="Which styles --style-mix takes: coarse (if not said), middle or fine.", rich_help_panel=_STYLES),
]


MOST = 100_000
"""Most samples of one command."""


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
    """Make samples of RUN from its averaged weights; equal seeds give equal samples."""
    wanted, opened, taking = parse_seeds(seeds), open_run(run, device), SamplingOptions(label, truncation, noise_seed)
    opened.assert_outside_data(out or opened.path, "sheet")
    if style_mix is not None or mix is not None:
        layout, part = _layout(style_mix, wanted, grid), mix or "coarse"
        words = f"mix-{part}-{len(layout[0])}x{len(layout[1])}"
        place = out or opened.path / f"{words}-{picture_name(format_seeds([*layout[0], *layout[1]]), taking)}.png"
        written = _mixing_sheet(opened, layout, part, taking, place)
        said = f"{len(layout[0])} x {len(layout[1])} mixed samples"
    else:
        written = _plain(opened, wanted, taking, grid, out or opened.path / f"{picture_name(seeds, taking)}.png")
        said = count_words(len(set(wanted)) if written.is_dir() else len(wanted), "sample")
    Console().print(f"{said} in {written}", highlight=False, markup=False, soft_wrap=True)


@dataclass(frozen=True)
class SamplingOptions:
    """How samples are taken.

    Args:
        label: class by number or name; None takes all in turn.
        truncation: psi, of styles.
        noise_seed: of the noise, of a generator with styles.
    """

    label: str | None
    truncation: float
    noise_seed: int | None = None


def open_run(path: Path, device: str) -> Run:
    """Open a run, its samples to be made on a device.

    Raises:
        BadRun: it is no run folder.
    """
    from ganzoo.workflows.run import Run, load

    return Run(load(path).path, device, plugin_files())


def _plain(run: Run, seeds: list[int], taking: SamplingOptions, grid: str | None, place: Path) -> Path:
    columns = parse_grid(grid, len(seeds))
    if place.suffix:
        return _sheet(run, seeds, taking, columns, place)
    if grid is not None:
        raise BadSetting(f"--grid lays out one picture, but --out {place} is a folder of one file a seed. Drop one.")
    return _files(run, seeds, taking, place)


def _layout(shape: tuple[int, int] | None, seeds: list[int], grid: str | None) -> tuple[list[int], list[int]]:
    """Share the seeds out to the rows and columns of a mixing sheet."""
    if shape is None:
        raise BadSetting("--mix says which styles --style-mix takes; add it, e.g. --style-mix 4 6.")
    if grid is not None:
        raise BadSetting("--style-mix lays out its own sheet; drop --grid.")
    rows, columns = shape
    if min(shape) < 1 or rows + columns > len(seeds):
        raise BadSetting(
            f"--style-mix {rows} {columns} takes {rows} + {columns} seeds, one at least for each; "
            f"--seeds gives {len(seeds)}."
        )
    return seeds[:rows], seeds[rows : rows + columns]


def _mixing_sheet(
    run: Run, layout: tuple[list[int], list[int]], part: str, taking: SamplingOptions, place: Path
) -> Path:
    from ganzoo.runs import sheets
    from ganzoo.sampling.style_mixing import PARTS

    if part not in PARTS:
        raise BadSetting(f"--mix {part}: no such part of the styles. Choose {', '.join(PARTS)}.")
    _assert_picture(place)
    picture = run.style_mix(
        *layout, PARTS[PARTS.index(part)], label=taking.label,
        truncation=taking.truncation, noise_seed=taking.noise_seed,
    )  # fmt: skip
    with report_write_errors(place):
        return sheets.save(picture, place)


def picture_name(seeds: str, taking: SamplingOptions) -> str:
    """Name a picture by all that decides what it shows, so that another does not take its place."""
    listed = seeds.replace(",", "_") if len(seeds) <= 40 else f"{seeds[:40].rpartition(',')[0].replace(',', '_')}_more"
    words = [f"seeds-{listed}"]
    words += [] if taking.label is None else [f"class-{taking.label}"]
    words += [] if taking.truncation == 1.0 else [f"truncation-{taking.truncation:g}"]
    words += [] if taking.noise_seed is None else [f"noise-{taking.noise_seed}"]
    return "-".join(words)


def parse_seeds(text: str) -> list[int]:
    """Read ``0-63``, ``5`` or ``1,4,8-11``.

    Raises:
        BadSetting: it is none of these.
    """
    seeds: list[int] = []
    for item in text.split(","):
        match = re.fullmatch(r"(\d{1,18})(?:-(\d{1,18}))?", item.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise BadSetting(f"--seeds {text}: '{item}' is no seed or range. Write seeds like 0-63 or 3,5,8-11.")
        if last - first >= MOST:
            raise BadSetting(f"--seeds {text}: {last - first + 1:,} samples at once are too many; ask for {MOST:,}.")
        seeds += range(first, last + 1)
    return seeds


def format_seeds(seeds: Sequence[int]) -> str:
    """Write seeds as ``parse_seeds`` reads them: ``0-6,9``."""
    runs: list[list[int]] = []
    for seed in seeds:
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def parse_grid(text: str | None, count: int) -> int:
    """Read ``8x8`` as a number of columns; by default as square as it gets.

    Raises:
        BadSetting: it is no grid, or has fewer places than there are seeds.
    """
    if text is None:
        return math.ceil(math.sqrt(count))
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if not match:
        raise BadSetting(f"--grid {text}: write columns x rows, none above 9999, e.g. 8x8.")
    if int(match[1]) * int(match[2]) < count:
        raise BadSetting(f"--grid {text} has fewer places than the {count} seeds. Ask for fewer --seeds.")
    return int(match[1])


def _assert_picture(place: Path) -> None:
    if place.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        what = f"'{place.suffix}' is no picture format" if place.suffix else "this is one picture"
        raise BadSetting(f"--out {place}: {what}. Use a name that ends in .png, .jpg or .webp.")


def _sheet(run: Run, seeds: list[int], taking: SamplingOptions, columns: int, place: Path) -> Path:
    from ganzoo.runs import sheets

    _assert_picture(place)
    picture = run.sheet(
        seeds, taking.label, columns=columns, truncation=taking.truncation, noise_seed=taking.noise_seed
    )
    with report_write_errors(place):
        return sheets.save(picture, place)


def _files(run: Run, seeds: list[int], taking: SamplingOptions, folder: Path) -> Path:
    from ganzoo.runs import sheets

    made = run.sample(seeds, taking.label, truncation=taking.truncation, noise_seed=taking.noise_seed)
    pictures = sheets.to_uint8(made)
    with report_write_errors(folder):
        for seed, picture in zip(seeds, pictures, strict=True):
            sheets.save(sheets.single(picture), folder / f"seed{seed:06d}.png")
    return folder


@contextmanager
def report_write_errors(place: Path) -> Iterator[None]:
    """Turn what the disk refuses into a line for the user.

    Raises:
        BadRun: the file or folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise BadRun(f"cannot write {place}: {error.strerror or error}. Choose another --out.") from error
