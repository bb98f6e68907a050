"""What the readings mean: ok, watch or alarm, and what to try next.

Where a threshold comes from is told beside it; the measurements are in ``docs/how-to/read-health.md``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

HealthLevel = Literal["ok", "watch", "alarm"]

PREFIX = "health/"
YOUNG = 500
"""Steps before a run is judged: a generator begins collapsed. It is steps that count, not images: after 32,000 images
WGAN-GP has taken a hundred, DCGAN with its batches of 32 a thousand."""
HISTORY = 20
"""Readings a gradient is compared with: few enough that slow growth, 50 times over a healthy toy run, is no news."""
LOOK_BACK, RISE = 3, 1.1
"""A low reading that has risen so often in a row, to this many times the value, is no alarm unless it was one before:
WGAN-GP starts slowly, and after 500 steps is still on its way up."""
STARVING = (20.0, 100.0)
"""How many times shorter than the longest the generator's gradient must be before a discriminator always right is a worry."""
ENOUGH = 5
"""Readings before which a gradient has no history to be compared with."""


@dataclass(frozen=True)
class HealthRule:
    """When a reading is no longer well.

    Args:
        watch: from here on it is worth a look.
        alarm: from here on something is wrong.
        says: what an alarm means.
        tries: what to try next, as typed on the command line.
        low: whether low values are bad; otherwise high ones are.
        patience: readings in a row that must lie beyond a threshold before it counts.
        relative: what is judged is how many times the median of those before it a reading is.
    """

    watch: float
    alarm: float
    says: str
    tries: tuple[str, ...]
    low: bool = False
    patience: int = 1
    relative: bool = False

    def level(self, values: Sequence[float]) -> HealthLevel:
        """Judge a series of readings, the oldest first, by its end."""
        recent = [value if self.low else -value for value in values[-self.patience :]]
        if len(recent) < self.patience:
            return "ok"
        watch, alarm = (self.watch, self.alarm) if self.low else (-self.watch, -self.alarm)
        return "alarm" if max(recent) <= alarm else "watch" if max(recent) <= watch else "ok"


_VARIETY = ("--augmentation packing", "--term r1", "--set optimizer.generator.lr=1e-4")
_GENTLER = ("--set run.clip=1", "--set optimizer.generator.lr=1e-4", "--set optimizer.discriminator.lr=1e-4")
_GRADIENT = "the gradient is out of all proportion to what it has been"

RULES: Mapping[str, HealthRule] = {
    # One image under pixel noise read at most 0.30; reals against reals at least 0.89.
    "spread": HealthRule(0.6, 0.35, "samples are nearly all alike, the generator has collapsed", _VARIETY, low=True),
    # Three modes read at most 0.40, three of the ring's eight being the most; reals against reals at least 0.87.
    "distinct": HealthRule(0.7, 0.5, "samples repeat each other, modes are missing", _VARIETY, low=True),
    # A generator deaf to its noise read 0, under pixel noise at most 0.30; reals against reals at least 0.85.
    "noise": HealthRule(0.6, 0.35, "within a class the noise changes little", _VARIETY, low=True),
    # Healthy runs touch 1, those of WGAN-GP stay there: it counts only when the generator's gradient has gone as well.
    "discriminator": HealthRule(
        0.999, 0.999, "the discriminator is always right and leaves the generator no gradient to learn from",
        ("--term r1", "--constraint spectral-norm", "--set optimizer.discriminator.lr=1e-4"), patience=5,
    ),
    # A healthy run strayed up to 0.22 in single readings of 96 samples.
    "overfit": HealthRule(
        0.3, 0.6, "the discriminator learns its reals by heart",
        ("--augmentation ada", "--augmentation diff-augment", "--term lecam", "--set run.mirror=true"),
        patience=3,
    ),
    "gradient.generator": HealthRule(10, 100, _GRADIENT, _GENTLER, relative=True),
    "gradient.discriminator": HealthRule(10, 100, _GRADIENT, _GENTLER, relative=True),
}  # fmt: skip
"""By reading, without the prefix ``health/``."""


class HealthMonitor:
    """Follows the readings of one run; the same readings lead to the same verdicts.

    Args:
        past: ticks of the run before it was resumed, with ``step``; what they said is not said again.
    """

    def __init__(self, past: Sequence[Mapping[str, float]] = ()) -> None:
        self._seen: dict[str, list[float]] = {}
        self._said: set[str] = set()
        self.levels: dict[str, HealthLevel] = {}
        """The last verdict on each reading, by its full name; nothing while the run is young."""
        for event in past:
            self.take(int(event.get("step", 0)), event)

    def take(self, steps: int, values: Mapping[str, float]) -> list[str]:
        """Judge the readings among the values of a tick.

        Args:
            steps: taken so far.
            values: by full name; what has no rule is passed over.

        Returns:
            A line for each reading that has come to alarm since it last was ok.
        """
        found = {PREFIX + name: rule for name, rule in RULES.items() if PREFIX + name in values}
        for name in found:
            self._seen.setdefault(name, []).append(values[name])
        if steps < YOUNG:
            return []
        self.levels |= {name: self._level(name, rule) for name, rule in found.items()}
        new = [name for name in found if self.levels[name] == "alarm" and name not in self._said]
        self._said = {name for name in (*self._said, *new) if self.levels[name] != "ok"}
        return [_line(name, values[name], found[name]) for name in new]

    def _level(self, name: str, rule: HealthRule) -> HealthLevel:
        seen = self._seen[name]
        if not math.isfinite(seen[-1]):
            return "alarm"
        if rule.relative:
            past = seen[-1 - HISTORY : -1]
            usual = median(past) if len(past) >= ENOUGH else math.inf
            return rule.level([seen[-1] / usual] if usual > 0 else [])
        level = rule.level(seen)
        if name == PREFIX + "discriminator":
            return self._starving(level)
        growing = rule.low and name not in self._said and _rises(seen)
        return "watch" if level == "alarm" and growing else level

    def _starving(self, level: HealthLevel) -> HealthLevel:
        """Ease the verdict on a discriminator that is always right by how much gradient still reaches the generator."""
        gradients = self._seen.get(PREFIX + "gradient.generator", [])
        shrunk = max(gradients) / max(gradients[-1], 1e-30) if gradients else 1.0
        if level == "ok" or shrunk < STARVING[0]:
            return "ok"
        return "watch" if shrunk < STARVING[1] else "alarm"


def _rises(values: Sequence[float]) -> bool:
    """Whether a series ends in a steady rise: what has grown ever since it began has not collapsed."""
    last = values[-1 - LOOK_BACK :]
    return len(last) > LOOK_BACK and last[-1] > RISE * last[0] and all(a < b for a, b in pairwise(last))


def _line(name: str, value: float, rule: HealthRule) -> str:
    return f"alarm: {name} {value:.3g}: {rule.says}. Try {', or '.join(rule.tries)}."
