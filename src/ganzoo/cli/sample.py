"""``ganzoo sample``: pictures from a trained run."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from ganzoo.errors import BadRun, BadSetting

if TYPE_CHECKING:
    from ganzoo.api import Run

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run, e.g. runs/0001-dcgan-sprites.")]
Seeds = Annotated[str, typer.Option(help="Seeds and ranges of seeds, e.g. 0-63 or 3,5,8-11.")]
Class = Annotated[str | None, typer.Option("--class", help="Class by number or name; all in turn otherwise.")]
Grid = Annotated[str | None, typer.Option(metavar="COLUMNSxROWS", help="Layout of the sheet, e.g. 8x8.")]
Out = Annotated[Path | None, typer.Option(help="A picture (.png, .jpg, .webp), or a folder for one file a seed.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]


def sample(
    run: RunArgument,
    seeds: Seeds = "0-63",
    label: Class = None,
    grid: Grid = None,
    out: Out = None,
    device: Device = "auto",
) -> None:
    """Make samples of RUN from its averaged weights; equal seeds give equal samples."""
    from ganzoo.api import load

    wanted = parse_seeds(seeds)
    columns = parse_grid(grid, len(wanted))
    opened = load(run)
    opened = type(opened)(opened.path, device)
    place = out or opened.path / _file_name(seeds, label)
    if grid is not None and not place.suffix:
        raise BadSetting(f"--grid lays out one picture, but --out {place} is a folder of one file a seed. Drop one.")
    written = _sheet(opened, wanted, label, columns, place) if place.suffix else _files(opened, wanted, label, place)
    Console().print(f"{len(wanted)} samples in {written}", highlight=False, markup=False, soft_wrap=True)


def _file_name(seeds: str, label: str | None) -> str:
    listed = seeds.replace(",", "_") if len(seeds) <= 40 else f"{seeds[:40].rpartition(',')[0].replace(',', '_')}_more"
    return f"seeds-{listed}{'' if label is None else f'-class-{label}'}.png"


def parse_seeds(text: str) -> list[int]:
    """Read ``0-63``, ``5`` or ``1,4,8-11``.

    Raises:
        BadSetting: it is none of these.
    """
    seeds: list[int] = []
    for item in text.split(","):
        match = re.fullmatch(r"(\d{1,18})(?:-(\d{1,18}))?", item.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first or last - first > 100_000:
            raise BadSetting(f"--seeds {text}: '{item}' is no seed or range. Write seeds like 0-63 or 3,5,8-11.")
        seeds += range(first, last + 1)
    return seeds


def parse_grid(text: str | None, count: int) -> int:
    """Read ``8x8`` as a number of columns; by default as square as it gets.

    Raises:
        BadSetting: it is no grid, or has fewer places than there are seeds.
    """
    if text is None:
        return math.ceil(math.sqrt(count))
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if not match:
        raise BadSetting(f"--grid {text}: write columns x rows, e.g. 8x8.")
    if int(match[1]) * int(match[2]) < count:
        raise BadSetting(f"--grid {text} has fewer places than the {count} seeds. Ask for fewer --seeds.")
    return int(match[1])


def _sheet(run: Run, seeds: list[int], label: str | None, columns: int, place: Path) -> Path:
    from ganzoo.runs import sheets

    if place.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise BadSetting(f"--out {place}: '{place.suffix}' is no picture format. Use .png, .jpg or .webp, or a folder.")
    picture = run.sheet(seeds, label, columns=columns)
    with _writing(place):
        return sheets.save(picture, place)


def _files(run: Run, seeds: list[int], label: str | None, folder: Path) -> Path:
    from ganzoo.runs import sheets

    pictures = sheets.to_uint8(run.sample(seeds, label))
    with _writing(folder):
        for seed, picture in zip(seeds, pictures, strict=True):
            sheets.save(sheets.single(picture), folder / f"seed{seed:06d}.png")
    return folder


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadRun(f"cannot write {place}: {error.strerror or error}. Choose another --out.") from error
