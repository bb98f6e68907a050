"""What follows a run while it trains: callbacks, and the events they receive."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MetricsEvent:
    """The values logged at one point of a run.

    Args:
        images: real images seen so far.
        total: images after which the run ends.
        step: steps taken.
        seconds: time since training started in this process, with evaluations.
        rate: images per second since the last event, without evaluations.
        values: mean of each loss since the last event, and the values of callbacks.
        limit: seconds after which the run ends even if images are left.
    """

    images: int
    total: int
    step: int
    seconds: float
    rate: float
    values: dict[str, float]
    limit: float = math.inf


class Every:
    """Reports whether a multiple of an interval was passed since the last question.

    Args:
        every: images of the interval.
    """

    def __init__(self, every: int) -> None:
        self.every, self._seen = every, 0

    def start(self, images: int) -> None:
        """Count from this many images."""
        self._seen = images

    def is_due(self, images: int) -> bool:
        """Whether a multiple lies between the last call and now."""
        before, self._seen = self._seen, images
        return passes_multiple(before, images, self.every)


class Callback:
    """Follows a run; every method may be left as it is."""

    every: int | None = None
    """Images between the events it needs, besides those of ``run.log_every``."""

    def on_start(self, images: int) -> None:
        """Training starts, or continues after this many images."""

    def metrics_to_log(self, images: int) -> Mapping[str, float]:
        """Return values of its own for the next event; called before any callback's ``on_metrics``."""
        return {}

    def on_metrics(self, event: MetricsEvent) -> None:
        """Values were logged."""

    def on_sample_sheet(self, images: int) -> None:
        """A sample sheet is due."""

    def on_checkpoint(self, images: int) -> None:
        """A checkpoint is due."""


def passes_multiple(before: int, now: int, every: int) -> bool:
    """Whether a multiple of ``every`` lies in (before, now]."""
    return now // every > before // every
