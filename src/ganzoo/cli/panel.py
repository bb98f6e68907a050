"""Progress of a training run: a live panel on a terminal, plain lines in a pipe or a log."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel as Frame
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ganzoo.runs.folder import RunFolder
from ganzoo.runs.peak_memory import on_gpu, peak_gib
from ganzoo.runs.units import format_count, format_duration, format_number
from ganzoo.training.callbacks import Callback, MetricsEvent
from ganzoo.training.health.rules import PREFIX, HealthLevel, HealthMonitor

if TYPE_CHECKING:
    from ganzoo.workflows.prepare import PreparedRun
    from ganzoo.workflows.train import TrainingOutcome

BARS = "▁▂▃▄▅▆▇█"
REDRAWS_PER_SECOND = 2
"""Redraws between two logged steps, so that the clock moves."""

COLOURS: Mapping[HealthLevel, str] = {"ok": "green", "watch": "yellow", "alarm": "bold red"}
"""Colours of the health levels; the word stands beside the value, too."""


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw a series as one line of bars, the smallest for the lowest value.

    Args:
        values: oldest first; values that are not finite leave a gap.
        width: columns at most; a longer series is averaged into this many.
    """
    bins = min(len(values), width)
    columns = [_mean(values[len(values) * i // bins : len(values) * (i + 1) // bins]) for i in range(bins)]
    finite = [value for value in columns if math.isfinite(value)]
    low, reach = (min(finite), max(finite) - min(finite)) if finite else (0.0, 0.0)
    scale = (len(BARS) - 1) / reach if reach else 0.0
    return "".join(BARS[round((value - low) * scale)] if math.isfinite(value) else " " for value in columns)


def seconds_left(event: MetricsEvent) -> float:
    """Estimate the seconds a run still takes from its latest speed."""
    images = (event.total - event.images) / event.rate if event.rate > 0 else math.inf
    return max(min(images, event.limit - event.seconds), 0.0)


def describe_memory() -> str:
    """Return the peak memory of this process as text: GPU memory where a GPU is used."""
    peak = peak_gib()
    return "" if peak is None else f"{peak:.1f} GiB of {'GPU ' if on_gpu() else ''}memory"


class Panel(Callback):
    """The live panel of one run; a context manager that draws while it is open.

    Args:
        title: name of the run.
        total: images the run trains on.
        folder: the run's folder.
        device_name: name of the device it trains on.
        console: terminal to draw on.
    """

    def __init__(
        self, title: str, total: int, folder: Path, device_name: str, *, console: Console | None = None
    ) -> None:
        self._title, self._folder, self._device = title, folder, device_name
        self._console = console or Console()
        self._event = MetricsEvent(0, total, 0, 0.0, 0.0, {})
        self._series: dict[str, list[float]] = {}
        self._health = HealthMonitor()
        self._logged_at, self._drawing = time.monotonic(), False
        self._live = Live(console=self._console, get_renderable=self.render, refresh_per_second=REDRAWS_PER_SECOND)

    def __enter__(self) -> Panel:
        """Start drawing."""
        self._logged_at, self._drawing = time.monotonic(), True
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw once more and leave the last picture on the screen."""
        self._drawing = False
        self._live.stop()

    def on_start(self, images: int) -> None:
        """Read the logged values of a resumed run, which health levels depend on."""
        self._health = HealthMonitor(RunFolder(self._folder).read_metrics())

    def on_metrics(self, event: MetricsEvent) -> None:
        """Add the logged values of a step."""
        for name, value in event.values.items():
            self._series.setdefault(name, []).append(value)
        self._health.update(event.step, event.values)
        self._event, self._logged_at = event, time.monotonic()
        if self._drawing:
            self._live.refresh()

    def render(self) -> RenderableType:
        """Return the panel as it stands."""
        below = Text.assemble(("samples in ", "dim"), str(self._folder / "samples"))
        values = self._values() if self._series else Text("waiting for the first logged values", style="dim")
        return Frame(
            Group(values, "", self._progress(), self._facts()),
            title=Text(self._title, "bold"), title_align="left", subtitle=below, subtitle_align="left",
            border_style="cyan", padding=(0, 1),
        )  # fmt: skip

    def _values(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right", style="bold")
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, style="cyan")
        levels = self._health.levels
        columns = self._console.width - max(map(len, self._series)) - (27 if levels else 20)
        series = list(self._series.items())  # a copy: the redrawing thread runs while values are added
        for name, values in sorted(series, key=lambda item: item[0].startswith(PREFIX)):
            level = Text(levels[name], COLOURS[levels[name]]) if name in levels else Text()
            grid.add_row(Text(name), format_number(values[-1]), level, sparkline(values, max(8, min(48, columns))))
        return grid

    def _progress(self) -> Table:
        event = self._event
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(no_wrap=True, justify="right")
        seen = f"{format_count(event.images)} / {format_count(event.total)} images"
        share = min(event.images / event.total, 1.0)
        grid.add_row(
            seen, ProgressBar(event.total, event.images, complete_style="cyan", finished_style="green"), f"{share:.0%}"
        )
        return grid

    def _facts(self) -> Text:
        since = time.monotonic() - self._logged_at if self._drawing else 0.0
        facts = [f"{format_duration(self._event.seconds + since)} gone"]
        if self._event.rate:
            left = format_duration(seconds_left(self._event) - since)
            facts += [f"{left} left", f"{format_count(self._event.rate)} images/s"]
        return Text(" · ".join(filter(None, [*facts, describe_memory(), self._device])), style="dim")


class PlainLines(Callback):
    """Prints one line per logged step, for logs and pipes.

    Args:
        console: where to print.
        heading: first line, since the first logged step of a large network may be minutes away.
        folder: the run's folder; health levels of a resumed run depend on the values logged there.
    """

    def __init__(self, console: Console, heading: str = "", folder: Path | None = None) -> None:
        self._console, self._heading, self._folder, self._health = console, heading, folder, HealthMonitor()

    def __enter__(self) -> PlainLines:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing."""

    def on_start(self, images: int) -> None:
        """Print the heading, now that nothing can be refused any more."""
        self._health = HealthMonitor(() if self._folder is None else RunFolder(self._folder).read_metrics())
        if self._heading:
            self._print(self._heading)

    def on_metrics(self, event: MetricsEvent) -> None:
        """Print the logged values of a step."""
        self._health.update(event.step, event.values)
        self._print(format_line(event, self._health.levels))

    def _print(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)


def format_line(event: MetricsEvent, levels: Mapping[str, HealthLevel] = MappingProxyType({})) -> str:
    """Write the logged values of a step as one line; health levels other than ok follow their values."""
    words = {name: f" ({level})" for name, level in levels.items() if level != "ok"}
    share = min(event.images / event.total, 1.0)
    seen = f"{format_count(event.images):>7} / {format_count(event.total)} images  {share:>4.0%}"
    speed = f"{format_count(event.rate):>6}/s  {format_duration(seconds_left(event)):>7} left"
    return f"{seen}  {speed}  {_format_values(event.values, words)}"


def _format_values(values: Mapping[str, float], words: Mapping[str, str] = MappingProxyType({})) -> str:
    return "  ".join(f"{name} {format_number(value)}{words.get(name, '')}" for name, value in values.items())


def make_display(console: Console, *, title: str, total: int, folder: Path, device_name: str) -> Panel | PlainLines:
    """Choose the panel for a terminal, plain lines for a pipe or a log; the arguments are those of ``Panel``."""
    if console.is_terminal and not console.is_dumb_terminal:
        return Panel(title, total, folder, device_name, console=console)
    return PlainLines(console, f"Training {title} in {folder}, on {device_name}.", folder)


def train_with_display(console: Console, prepared: PreparedRun, folder: RunFolder, *, title: str) -> TrainingOutcome:
    """Train a run in its folder and show the progress on a console."""
    from ganzoo.workflows.train import device_name, train_run

    settings = prepared.assembly.config.run
    display = make_display(
        console, title=title, total=settings.images, folder=folder.path, device_name=device_name(settings.device)
    )
    with display:
        return train_run(
            prepared.registry, prepared.assembly, folder, resume=prepared.resumed is not None,
            callbacks=lambda _: [display],
            say=partial(console.print, markup=False, highlight=False, soft_wrap=True),
        )  # fmt: skip


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else math.nan
