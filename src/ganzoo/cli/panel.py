"""What a terminal shows while a run trains: a live panel, or plain lines where nobody watches."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel as Frame
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ganzoo.runs.folder import RunFolder
from ganzoo.runs.peak_memory import on_gpu, peak_gib
from ganzoo.runs.units import clock, count, number
from ganzoo.training.health.rules import PREFIX, HealthLevel, HealthMonitor
from ganzoo.training.loop import Callback, LateMetrics, MetricsEvent

BARS = "▁▂▃▄▅▆▇█"
CLOCK_PER_SECOND = 2
"""How often the panel redraws between readings, so that time is seen to pass."""

COLOURS: Mapping[HealthLevel, str] = {"ok": "green", "watch": "yellow", "alarm": "bold red"}
"""How a verdict is drawn; the word stands beside it."""


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw the course of a series in one line of text.

    Args:
        values: oldest first; what is not finite leaves a gap.
        width: columns at most; a longer series is averaged into this many.

    Returns:
        One bar a column, the lowest value the smallest bar; equal values a line at the bottom.
    """
    columns = [_mean(values[start:stop]) for start, stop in _bins(len(values), width)]
    finite = [value for value in columns if math.isfinite(value)]
    low, reach = (min(finite), max(finite) - min(finite)) if finite else (0.0, 0.0)
    top = len(BARS) - 1
    return "".join(_bar((v - low) / reach * top if reach else 0.0) if math.isfinite(v) else " " for v in columns)


def left(event: MetricsEvent) -> float:
    """Guess the seconds a run still takes, from the pace of its last reading."""
    images = (event.total - event.images) / event.rate if event.rate > 0 else math.inf
    return max(min(images, event.limit - event.seconds), 0.0)


def memory() -> str:
    """Say how much memory the run has held at most: the GPU's where there is one, else the process's."""
    peak = peak_gib()
    return "" if peak is None else f"{peak:.1f} GiB of {'GPU ' if on_gpu() else ''}memory"


class Panel(Callback):
    """The live panel of one run; a context manager that draws while it is open.

    Args:
        title: what is trained.
        total: images the run sees.
        folder: the run's folder.
        device_name: where it computes.
        console: where to draw.
    """

    def __init__(
        self, title: str, total: int, folder: Path, device_name: str, *, console: Console | None = None
    ) -> None:
        self._title, self._folder, self._device = title, folder, device_name
        self._console = console or Console()
        self._tick = MetricsEvent(0, total, 0, 0.0, 0.0, {})
        self._courses: dict[str, list[float]] = {}
        self._watch = HealthMonitor()
        self._ticked, self._drawing = time.monotonic(), False
        self._live = Live(console=self._console, get_renderable=self.picture, refresh_per_second=CLOCK_PER_SECOND)

    def __enter__(self) -> Panel:
        """Begin to draw."""
        self._ticked, self._drawing = time.monotonic(), True
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Draw once more and leave the last picture on the screen."""
        self._drawing = False
        self._live.stop()

    def on_start(self, images: int) -> None:
        """Follow the run from where it stands: verdicts look back."""
        self._watch = HealthMonitor(RunFolder(self._folder).read_metrics())

    def on_late_metrics(self, late: LateMetrics) -> None:
        """Take in readings of an earlier tick."""
        self._append(late.values)

    def on_metrics(self, event: MetricsEvent) -> None:
        """Take in a reading."""
        self._append(event.values)
        self._watch.take(event.step, event.values)
        self._tick, self._ticked = event, time.monotonic()
        if self._drawing:
            self._live.refresh()

    def _append(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._courses.setdefault(name, []).append(value)

    def picture(self) -> RenderableType:
        """Draw the run as it stands."""
        below = Text.assemble(("samples in ", "dim"), str(self._folder / "samples"))
        terms = self._terms() if self._courses else Text("the first reading is on its way", style="dim")
        return Frame(
            Group(terms, "", self._progress(), self._facts()),
            title=Text(self._title, "bold"), title_align="left", subtitle=below, subtitle_align="left",
            border_style="cyan", padding=(0, 1),
        )  # fmt: skip

    def _terms(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, justify="right", style="bold")
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True, style="cyan")
        room = self._console.width - max(map(len, self._courses)) - 20
        width = max(8, min(48, room - (7 if self._watch.levels else 0)))
        courses = list(self._courses.items())  # the clock's thread draws while a reading may add a term
        for name, course in sorted(courses, key=lambda item: item[0].startswith(PREFIX)):
            grid.add_row(Text(name), number(course[-1]), self._verdict(name), sparkline(course, width))
        return grid

    def _verdict(self, name: str) -> Text:
        level = self._watch.levels.get(name)
        return Text(level, COLOURS[level]) if level else Text()

    def _progress(self) -> Table:
        event = self._tick
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)
        grid.add_column(no_wrap=True, justify="right")
        seen, share = f"{count(event.images)} / {count(event.total)} images", min(event.images / event.total, 1.0)
        grid.add_row(
            seen, ProgressBar(event.total, event.images, complete_style="cyan", finished_style="green"), f"{share:.0%}"
        )
        return grid

    def _facts(self) -> Text:
        since = time.monotonic() - self._ticked if self._drawing else 0.0
        facts = [f"{clock(self._tick.seconds + since)} gone"]
        if self._tick.rate:
            facts += [f"{clock(left(self._tick) - since)} left", f"{count(self._tick.rate)} images/s"]
        return Text(" · ".join(filter(None, [*facts, memory(), self._device])), style="dim")


class PlainLines(Callback):
    """One line a reading, for logs and pipes.

    Args:
        console: where to write.
        heading: a line to begin with, since the first reading of a large network may be minutes away.
        folder: the run's folder, so that verdicts look back where it is resumed.
    """

    def __init__(self, console: Console, heading: str = "", folder: Path | None = None) -> None:
        self._console, self._heading, self._folder, self._watch = console, heading, folder, HealthMonitor()

    def __enter__(self) -> PlainLines:
        """Nothing to begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to end."""

    def on_start(self, images: int) -> None:
        """Say what begins, now that nothing can be refused any more."""
        self._watch = HealthMonitor(() if self._folder is None else RunFolder(self._folder).read_metrics())
        if self._heading:
            self._print(self._heading)

    def on_metrics(self, event: MetricsEvent) -> None:
        """Write a reading."""
        self._watch.take(event.step, event.values)
        self._print(line(event, self._watch.levels))

    def on_late_metrics(self, late: LateMetrics) -> None:
        """Write readings of an earlier tick, with the images they belong to."""
        self._print(f"{count(late.images):>7} images  {_terms(late.values)}")

    def _print(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)


def line(event: MetricsEvent, levels: Mapping[str, HealthLevel] | None = None) -> str:
    """Write a reading as one line.

    Args:
        tick: the reading.
        levels: verdicts by name; those that are not ok stand behind their value.
    """
    words = {name: f" ({level})" for name, level in (levels or {}).items() if level != "ok"}
    share = min(event.images / event.total, 1.0)
    seen = f"{count(event.images):>7} / {count(event.total)} images  {share:>4.0%}"
    return f"{seen}  {count(event.rate):>6}/s  {clock(left(event)):>7} left  {_terms(event.values, words)}"


def _terms(values: Mapping[str, float], words: Mapping[str, str] = MappingProxyType({})) -> str:
    return "  ".join(f"{name} {number(value)}{words.get(name, '')}" for name, value in values.items())


def make_display(console: Console, *, title: str, total: int, folder: Path, device_name: str) -> Panel | PlainLines:
    """Choose the panel for a terminal, plain lines for a pipe or a log.

    Args:
        console: where the run is shown.
        title: what is trained.
        total: images the run sees.
        folder: the run's folder.
        device_name: where it computes.
    """
    if console.is_terminal and not console.is_dumb_terminal:
        return Panel(title, total, folder, device_name, console=console)
    return PlainLines(console, f"Training {title} in {folder}, on {device_name}.", folder)


def _bins(length: int, width: int) -> list[tuple[int, int]]:
    bins = min(length, width)
    return [(length * i // bins, length * (i + 1) // bins) for i in range(bins)]


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if math.isfinite(value)]
    return sum(finite) / len(finite) if finite else math.nan


def _bar(height: float) -> str:
    return BARS[round(height)]
