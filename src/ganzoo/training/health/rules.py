"""Thresholds of the health metrics: ok, watch or alarm, and what to try next.

A comment beside each threshold says where it comes from; the measurements are in ``docs/how-to/read-health.md``.
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
WARMUP_STEPS = 500
"""Steps before a run is assessed, because a new generator is collapsed. Steps count, not images: after 32,000 images
WGAN-GP has taken a hundred, DCGAN with batches of 32 a thousand."""
HISTORY = 20
"""Earlier values a gradient norm is compared with: few enough to ignore slow growth, 50-fold over a healthy toy run."""
RISING_VALUES, RISE = 3, 1.1
"""A low value is no new alarm if it has risen this often in a row, to this many times the value: WGAN-GP starts slowly
and still rises after 500 steps."""
VANISHING = (20.0, 100.0)
"""Watch and alarm: how many times below its maximum the generator's gradient norm lies while the discriminator is
always right."""
MIN_HISTORY = 5
"""Values needed before a gradient norm is compared with its history."""


@dataclass(frozen=True)
class HealthRule:
    """Thresholds of one metric.

    Args:
        watch: threshold from which the metric deserves attention.
        alarm: threshold from which something is wrong.
        meaning: what an alarm means.
        advice: what to try next, as typed on the command line.
        low: whether low values are bad; otherwise high ones are.
        patience: consecutive values that must lie beyond a threshold.
        relative: compare the ratio of a value to the median of earlier ones.
    """

    watch: float
    alarm: float
    meaning: str
    advice: tuple[str, ...]
    low: bool = False
    patience: int = 1
    relative: bool = False

    def assess(self, values: Sequence[float]) -> HealthLevel:
        """Assess the latest of a series of values, the oldest first."""
        recent = [value if self.low else -value for value in values[-self.patience :]]
        if len(recent) < self.patience:
            return "ok"
        watch, alarm = (self.watch, self.alarm) if self.low else (-self.watch, -self.alarm)
        return "alarm" if max(recent) <= alarm else "watch" if max(recent) <= watch else "ok"


_VARIETY = ("--augmentation packing", "--term r1", "--set optimizer.generator.lr=1e-4")
_GENTLER = ("--set run.clip=1", "--set optimizer.generator.lr=1e-4", "--set optimizer.discriminator.lr=1e-4")
_GRADIENT = "the gradient is far larger than before"

RULES: Mapping[str, HealthRule] = {
    # One image with pixel noise gave at most 0.30; reals against reals at least 0.89.
    "spread": HealthRule(0.6, 0.35, "samples are nearly identical, the generator has collapsed", _VARIETY, low=True),
    # Three modes gave at most 0.40, the most for three of the ring's eight; reals against reals at least 0.87.
    "distinct": HealthRule(0.7, 0.5, "samples repeat each other, modes are missing", _VARIETY, low=True),
    # A generator that ignores its noise gave 0, with pixel noise at most 0.30; reals against reals at least 0.85.
    "noise": HealthRule(0.6, 0.35, "within a class the noise changes little", _VARIETY, low=True),
    # Healthy runs reach 1, and WGAN-GP stays there: it counts only if the generator's gradient vanishes too.
    "discriminator": HealthRule(
        0.999, 0.999, "the discriminator is always right and leaves the generator no gradient to learn from",
        ("--term r1", "--constraint spectral-norm", "--set optimizer.discriminator.lr=1e-4"), patience=5,
    ),
    # Single values of a healthy run reached 0.22 with 96 samples.
    "overfit": HealthRule(
        0.3, 0.6, "the discriminator memorises the training images",
        ("--augmentation ada", "--augmentation diff-augment", "--term lecam", "--set run.mirror=true"),
        patience=3,
    ),
    "gradient.generator": HealthRule(10, 100, _GRADIENT, _GENTLER, relative=True),
    "gradient.discriminator": HealthRule(10, 100, _GRADIENT, _GENTLER, relative=True),
}  # fmt: skip
"""Rules by metric, without the prefix ``health/``."""


class HealthMonitor:
    """Assesses the health metrics of one run; the result depends on the logged values alone.

    Args:
        past: values logged before the run was resumed, with ``step``; their alarms are not reported again.
    """

    def __init__(self, past: Sequence[Mapping[str, float]] = ()) -> None:
        self._history: dict[str, list[float]] = {}
        self._alarmed: set[str] = set()
        self.levels: dict[str, HealthLevel] = {}
        """The latest level of each metric, by full name; empty during the first steps."""
        for values in past:
            self.update(int(values.get("step", 0)), values)

    def update(self, steps: int, values: Mapping[str, float]) -> list[str]:
        """Assess the health metrics among logged values.

        Args:
            steps: steps taken so far.
            values: logged values by full name; those without a rule are ignored.

        Returns:
            A line for each metric that reaches alarm for the first time since it was last ok.
        """
        found = {PREFIX + name: rule for name, rule in RULES.items() if PREFIX + name in values}
        for name in found:
            self._history.setdefault(name, []).append(values[name])
        if steps < WARMUP_STEPS:
            return []
        self.levels |= {name: self._assess(name, rule) for name, rule in found.items()}
        new = [name for name in found if self.levels[name] == "alarm" and name not in self._alarmed]
        self._alarmed = {name for name in (*self._alarmed, *new) if self.levels[name] != "ok"}
        return [
            f"alarm: {name} {values[name]:.3g}: {found[name].meaning}. Try {', or '.join(found[name].advice)}."
            for name in new
        ]

    def _assess(self, name: str, rule: HealthRule) -> HealthLevel:
        history = self._history[name]
        if not math.isfinite(history[-1]):
            return "alarm"
        if rule.relative:
            past = history[-1 - HISTORY : -1]
            usual = median(past) if len(past) >= MIN_HISTORY else math.inf
            return rule.assess([history[-1] / usual] if usual > 0 else [])
        level = rule.assess(history)
        if name == PREFIX + "discriminator":
            return self._limit_by_gradient(level)
        rising = rule.low and name not in self._alarmed and _is_rising(history)
        return "watch" if level == "alarm" and rising else level

    def _limit_by_gradient(self, level: HealthLevel) -> HealthLevel:
        """Lower the level of a discriminator that is always right while the generator still gets a gradient."""
        gradients = self._history.get(PREFIX + "gradient.generator", [])
        shrinkage = max(gradients) / max(gradients[-1], 1e-30) if gradients else 1.0
        if level == "ok" or shrinkage < VANISHING[0]:
            return "ok"
        return "watch" if shrinkage < VANISHING[1] else "alarm"


def _is_rising(values: Sequence[float]) -> bool:
    """Whether a series ends in a steady rise."""
    last = values[-1 - RISING_VALUES :]
    return len(last) > RISING_VALUES and last[-1] > RISE * last[0] and all(a < b for a, b in pairwise(last))
