"""The only training loop: steps, and at fixed counts of images logged values, a sample sheet, a checkpoint."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Literal

from ganzoo.errors import Diverged
from ganzoo.training.callbacks import Callback, MetricsEvent, passes_multiple
from ganzoo.training.signals import StopRequest
from ganzoo.training.step import Engine

StopReason = Literal["images", "time", "signal"]
"""Why a run ended: it has seen its images, its time is up, or a signal asked it to."""

SHEETS, CHECKPOINTS = 12, 4
"""Numbers spread over a run unless it sets an interval."""

UNSAVED_SECONDS = 600.0
"""Training that a crash may cost at most, unless the run sets how often it is saved."""


def run_training(engine: Engine, callbacks: Sequence[Callback], stop: StopRequest) -> StopReason:
    """Train until the images are seen, the time is up, or a signal arrives.

    Args:
        engine: the run.
        callbacks: receive logged values, sample sheets and checkpoints, in order.
        stop: checked after each step.

    Raises:
        Diverged: a loss is not finite; what was saved before is intact.
    """
    loop = _Loop(engine, callbacks)
    limit, start = engine.run.time or math.inf, time.monotonic()
    while engine.images_seen < engine.run.images:
        engine.step()
        loop.after_step()
        if stop.signal is not None:
            return loop.finish("signal")
        if time.monotonic() - start >= limit:
            return loop.finish("time")
    return loop.finish("images")


class _Loop:
    """Calls the callbacks whenever the images seen pass a multiple of an interval."""

    def __init__(self, engine: Engine, callbacks: Sequence[Callback]) -> None:
        run = engine.run
        self._engine, self._callbacks = engine, callbacks
        self._sheet_every = run.sample_every or max(run.images // SHEETS, 1)
        self._save_every = run.checkpoint_every or max(run.images // CHECKPOINTS, 1)
        self._sheet_within = run.time / SHEETS if run.time and not run.sample_every else math.inf
        self._save_within = math.inf if run.checkpoint_every else UNSAVED_SECONDS
        self._log_every = {run.log_every, *(callback.every for callback in callbacks if callback.every)}
        self._seen = self._logged_at = engine.images_seen
        self._sheet_at = self._saved_at = -1 if self._seen == 0 else self._seen
        self._started = self._sheet_time = self._save_time = time.monotonic()
        self._log_time = self._started
        for callback in callbacks:
            callback.on_start(self._seen)
        if self._seen == 0:
            self._sheet()

    def after_step(self) -> None:
        before, now = self._seen, self._engine.images_seen
        self._seen = now
        if passes_multiple(before, now, self._sheet_every) or time.monotonic() - self._sheet_time >= self._sheet_within:
            self._sheet()
        if any(passes_multiple(before, now, every) for every in self._log_every):
            self._log()
        if passes_multiple(before, now, self._save_every) or time.monotonic() - self._save_time >= self._save_within:
            self._save()

    def finish(self, reason: StopReason) -> StopReason:
        self._sheet()
        self._log()
        self._save()
        return reason

    def _log(self) -> None:
        self._assert_finite()
        before, self._logged_at = self._logged_at, self._seen
        values = self._engine.meter.read()
        if not values:
            return
        now, run = time.monotonic(), self._engine.run
        rate = (self._seen - before) / max(now - self._log_time, 1e-9)
        for callback in self._callbacks:
            values |= callback.metrics_to_log(self._seen)
        event = MetricsEvent(
            self._seen, run.images, self._engine.steps, now - self._started, rate, values, run.time or math.inf
        )  # fmt: skip
        for callback in self._callbacks:
            callback.on_metrics(event)
        self._log_time = time.monotonic()

    def _sheet(self) -> None:
        if self._sheet_at != self._seen:
            self._sheet_at, self._sheet_time = self._seen, time.monotonic()
            for callback in self._callbacks:
                callback.on_sample_sheet(self._seen)

    def _save(self) -> None:
        if self._saved_at != self._seen:
            self._assert_finite()
            self._saved_at, self._save_time = self._seen, time.monotonic()
            for callback in self._callbacks:
                callback.on_checkpoint(self._seen)

    def _assert_finite(self) -> None:
        """Refuse to continue once a loss is not finite; name the first one, and what to change."""
        found = self._engine.meter.first_broken()
        if found is None:
            return
        name, from_the_start = found
        what = (
            f"training diverged: {name} was the first loss that is not finite, between {self._logged_at:,} and "
            f"{self._seen:,} images."
        )
        if from_the_start and self._logged_at == 0:
            raise Diverged(f"{what} A lower learning rate does not help: the loss, or what it is computed from, is "
                           "broken. Check your own components: ganzoo check NAME")  # fmt: skip
        owners = [phase.player for phase in self._engine.phases if phase.name == name.partition("/")[0]]
        lower = (f"--set optimizer.{player}.lr={self._engine.players[player].settings.lr / 2:g}"
                 for player in dict.fromkeys(owners or self._engine.players))  # fmt: skip
        then = "resume" if self._saved_at > 0 else "train again"
        raise Diverged(f"{what} Lower the learning rate ({' '.join(lower)}) and {then}.")
