"""The only training loop: steps, and at fixed counts of images a reading, a sample sheet, a checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ganzoo.errors import Diverged, GanzooError
from ganzoo.training.signals import StopRequest
from ganzoo.training.step import Engine

StopReason = Literal["images", "time", "signal"]
"""Why a run ended: it saw its images, its time was up, or it was asked to."""


SHEETS, CHECKPOINTS = 12, 4
"""Spread over a run unless it says otherwise."""

UNSAVED_SECONDS = 600.0
"""Training that a crash may cost at most, unless the run says how often it is saved."""


@dataclass(frozen=True)
class MetricsEvent:
    """A reading of the run.

    Args:
        images: real samples seen so far.
        total: samples after which the run ends.
        step: steps taken.
        seconds: time spent training in this process.
        rate: images per second since the last tick.
        values: mean of each term since the last tick, and what callbacks read beside it.
        limit: seconds after which the run ends even if images are left.
    """

    images: int
    total: int
    step: int
    seconds: float
    rate: float
    values: dict[str, float]
    limit: float = math.inf


@dataclass(frozen=True)
class LateMetrics:
    """Readings of an earlier tick that took their time.

    Args:
        images: real samples seen by then.
        step: steps taken by then.
        values: what was read.
    """

    images: int
    step: int
    values: Mapping[str, float]


class Every:
    """Tells at ticks whether a multiple of an interval was passed since the last one.

    Args:
        every: images of the interval.
    """

    def __init__(self, every: int) -> None:
        self.every, self._seen = every, 0

    def start(self, images: int) -> None:
        """Start after so many images."""
        self._seen = images

    def is_due(self, images: int) -> bool:
        """Whether a multiple was passed since this was asked last."""
        before, self._seen = self._seen, images
        return _crossed(before, images, self.every)


class Callback:
    """Something that looks on; every method may be left as it is."""

    every: int | None = None
    """Images between the ticks it needs, beside those of ``run.log_every``."""

    def metrics_to_log(self, images: int) -> Mapping[str, float]:
        """Give readings of its own for the tick that is about to be told; asked before any callback's ``tick``."""
        return {}

    def on_metrics(self, event: MetricsEvent) -> None:
        """A reading was taken."""

    def late_metrics(self, until: int) -> Sequence[LateMetrics]:
        """Give readings of earlier ticks that are done by now, once each; wait for those of up to ``until`` images."""
        return ()

    def on_late_metrics(self, late: LateMetrics) -> None:
        """Readings of an earlier tick were taken."""

    def on_start(self, images: int) -> None:
        """Training begins, or goes on after so many images."""

    def on_sample_sheet(self, images: int) -> None:
        """It is time for a sample sheet."""

    def on_checkpoint(self, images: int) -> None:
        """It is time for a checkpoint."""


def run_training(engine: Engine, callbacks: Sequence[Callback], stop: StopRequest) -> StopReason:
    """Train until the images are seen, the time is up, or a signal came.

    Args:
        engine: what is trained.
        callbacks: told of readings, sheets and checkpoints, in order.
        wish: looked at after each step.

    Raises:
        Diverged: a term is not finite; what was saved before is intact.
    """
    clock = _Clocks(engine, callbacks)
    try:
        return clock.end(_trained(engine, clock, stop))
    except Diverged as diverged:
        _settled(clock, diverged)
        raise


def _settled(clock: _Clocks, diverged: Diverged) -> None:
    """Wait for what was begun; what goes wrong there does not hide that training diverged."""
    try:
        clock.settle()
    except GanzooError as error:
        raise diverged from error


def _trained(engine: Engine, clock: _Clocks, stop: StopRequest) -> StopReason:
    limit, start = engine.run.time or math.inf, time.monotonic()
    while engine.images_seen < engine.run.images:
        engine.step()
        clock.strike()
        if stop.signal is not None:
            return "signal"
        if time.monotonic() - start >= limit:
            return "time"
    return "images"


class _Clocks:
    """Strikes whenever the images seen cross a multiple of an interval."""

    def __init__(self, engine: Engine, callbacks: Sequence[Callback]) -> None:
        run = engine.run
        self._engine, self._callbacks = engine, callbacks
        self._sheet_every = run.sample_every or max(run.images // SHEETS, 1)
        self._save_every = run.checkpoint_every or max(run.images // CHECKPOINTS, 1)
        self._sheet_within = run.time / SHEETS if run.time and not run.sample_every else math.inf
        self._save_within = math.inf if run.checkpoint_every else UNSAVED_SECONDS
        self._tick_every = {run.log_every, *(callback.every for callback in callbacks if callback.every)}
        self._seen = self._read_at = engine.images_seen
        self._sheet_at = self._saved_at = -1 if self._seen == 0 else self._seen
        self._started = self._sheet_time = self._save_time = time.monotonic()
        self._ticked = self._started, self._seen
        for callback in callbacks:
            callback.on_start(self._seen)
        if self._seen == 0:
            self._sheet()

    def strike(self) -> None:
        before, now = self._seen, self._engine.images_seen
        self._seen = now
        if _crossed(before, now, self._sheet_every) or time.monotonic() - self._sheet_time >= self._sheet_within:
            self._sheet()
        if any(_crossed(before, now, every) for every in self._tick_every):
            self._tick()
        if _crossed(before, now, self._save_every) or time.monotonic() - self._save_time >= self._save_within:
            self._save()

    def end(self, why: StopReason) -> StopReason:
        self._sheet()
        self._tick()
        self._save()
        self.settle()
        return why

    def settle(self) -> None:
        self._late(self._seen)

    def _tick(self) -> None:
        self._assert_sound()
        values, self._read_at = self._engine.meter.read(), self._seen
        if not values:
            return
        for callback in self._callbacks:
            values |= callback.metrics_to_log(self._seen)
        now, (then, seen) = time.monotonic(), self._ticked
        rate = (self._seen - seen) / max(now - then, 1e-9)
        self._ticked = (now, self._seen)
        run = self._engine.run
        event = MetricsEvent(
            self._seen, run.images, self._engine.steps, now - self._started, rate, values, run.time or math.inf
        )  # fmt: skip
        for callback in self._callbacks:
            callback.on_metrics(event)
        self._late(-1)

    def _assert_sound(self) -> None:
        """Refuse to go on once a term was not finite, and say which broke first."""
        found = self._engine.meter.first_broken()
        if found is None:
            return
        name, at_once = found
        what = (
            f"training diverged: {name} was the first term that is not finite, between {self._read_at:,} and "
            f"{self._seen:,} images."
        )
        if at_once and self._read_at == 0:
            raise Diverged(f"{what} No rate cures that: the term, or what it is computed from, is broken. Check the "
                           "components that are yours: ganzoo check NAME")  # fmt: skip
        raise Diverged(f"{what} {self._cure(name)}")

    def _cure(self, term: str) -> str:
        """Say whose rate to lower, to what, and where to go on from."""
        owners = [phase.player for phase in self._engine.phases if phase.name == term.partition("/")[0]]
        lower = (f"--set optimizer.{name}.lr={self._engine.players[name].settings.lr / 2:g}"
                 for name in dict.fromkeys(owners or self._engine.players))  # fmt: skip
        return f"Lower the rate ({' '.join(lower)}) and {'resume' if self._saved_at > 0 else 'train anew'}."

    def _late(self, until: int) -> None:
        for late in [late for callback in self._callbacks for late in callback.late_metrics(until)]:
            for callback in self._callbacks:
                callback.on_late_metrics(late)

    def _sheet(self) -> None:
        if self._sheet_at != self._seen:
            self._sheet_at, self._sheet_time = self._seen, time.monotonic()
            for callback in self._callbacks:
                callback.on_sample_sheet(self._seen)

    def _save(self) -> None:
        if self._saved_at != self._seen:
            self._assert_sound()
            self._saved_at, self._save_time = self._seen, time.monotonic()
            self._late(self._seen - 1)  # who resumes from here finds all readings of ticks before
            for callback in self._callbacks:
                callback.on_checkpoint(self._seen)


def _crossed(before: int, now: int, every: int) -> bool:
    return now // every > before // every
