"""Schedules that change a setting from one value to another over a number of images.

Source: Huang et al. 2024 (R3GAN), arXiv 2501.05441, where all five follow a cosine over the first images and then stay
constant; the cosine is that of Loshchilov & Hutter 2017, arXiv 1608.03983, equation 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Annotated, Literal, Self

from annotated_types import Ge, Gt, Le, Lt, MinLen

from ganzoo.config.parameters import read_parameters
from ganzoo.errors import BadSetting

Shape = Literal["cosine", "linear", "exponential"]


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """Changes a setting from ``start`` to ``end``; it is constant before and after.

    Args:
        start: value at the beginning; none takes the configured value of the setting.
        end: value from the end on; none takes a tenth of that at the beginning.
        begin: images seen before it starts to change.
        over: images over which it changes; none takes the rest of the run.
        shape: cosine (slow at both ends), linear, or exponential (equal factors over equal numbers of images).

    Raises:
        BadSetting: a value is outside its range, or an exponential schedule passes through zero.
    """

    start: float | None = None
    end: float | None = 0.0
    begin: Annotated[int, Ge(0)] = 0
    over: Annotated[int, Ge(1)] | None = None
    shape: Shape = "cosine"

    def __post_init__(self) -> None:
        """Check the ranges, since code can construct a schedule without the command line."""
        parameters, name = read_parameters(type(self)), type(self).__name__
        for field in fields(self):
            parameters[field.name].coerce(getattr(self, field.name), f"{name}.{field.name}")
        for name, value in (("end", self.end), ("start", self.start)):
            if value is not None:
                self._assert_positive(name, value)

    def value(self, seen: int, base: float) -> float:
        """Return the setting's value after ``seen`` images.

        Args:
            seen: real images the discriminator has seen.
            base: configured value of the setting, used where ``start`` is none.

        Raises:
            BadSetting: an exponential schedule would start at zero.
        """
        start = base if self.start is None else self.start
        end = start / 10 if self.end is None else self.end
        done = min(max((seen - self.begin) / (self.over or math.inf), 0.0), 1.0)
        if self.shape == "exponential":
            self._assert_positive("the setting it starts from", start)
            return math.pow(start, 1.0 - done) * math.pow(end, done)
        if self.shape == "cosine":
            done = (1.0 - math.cos(math.pi * done)) / 2
        return (1.0 - done) * start + done * end

    def for_run(self, images: int) -> Self:
        """Return the schedule for a run of ``images`` images: without a length it lasts to the end of the run.

        Raises:
            BadSetting: it begins after the end of the run.
        """
        if self.begin >= images:
            raise BadSetting(
                f"begin = {self.begin:,}: the run ends after {images:,} images, so nothing would ever change. "
                "Set an earlier begin, or train on more --images."
            )
        return self if self.over is not None else replace(self, over=images - self.begin)

    def _assert_positive(self, name: str, value: float) -> None:
        if self.shape == "exponential" and value <= 0:
            raise BadSetting(
                f"{name} = {value}: an exponential schedule cannot pass through zero. Set shape to cosine or linear."
            )


@dataclass(frozen=True, kw_only=True)
class LearningRate(Ramp):
    """Changes the learning rate of every player with the images seen.

    Args:
        start: rate at the beginning; none takes the player's own ``lr``.
        end: rate from the end on.
        begin: images seen before it starts to change.
        over: images over which it changes; none takes the rest of the run.
        shape: cosine (slow at both ends), linear, or exponential (equal factors over equal numbers of images).
    """

    patterns = ("optimizer.*.lr",)
    start: Annotated[float, Gt(0)] | None = None
    end: Annotated[float, Gt(0)] = 5e-5


@dataclass(frozen=True, kw_only=True)
class Beta2(Ramp):
    """Changes the decay of Adam's second moment, of every player, with the images seen.

    Args:
        start: decay at the beginning; none takes the player's own ``beta2``.
        end: decay from the end on.
        begin: images seen before it starts to change.
        over: images over which it changes; none takes the rest of the run.
        shape: cosine (slow at both ends), linear, or exponential (equal factors over equal numbers of images).
    """

    patterns = ("optimizer.*.beta2",)
    start: Annotated[float, Ge(0), Lt(1)] | None = None
    end: Annotated[float, Ge(0), Lt(1)] = 0.99


@dataclass(frozen=True, kw_only=True)
class TermWeight(Ramp):
    """Changes the weight of terms with the images seen.

    Args:
        of: names of the terms.
        start: weight at the beginning; none takes each term's own ``weight``.
        end: weight from the end on; none takes a tenth of that at the beginning, as the published runs do.
        begin: images seen before it starts to change.
        over: images over which it changes; none takes the rest of the run.
        shape: cosine (slow at both ends), linear, or exponential (equal factors over equal numbers of images).
    """

    of: Annotated[tuple[str, ...], MinLen(1)] = ("r1", "r2")
    start: Annotated[float, Ge(0)] | None = None
    end: Annotated[float, Ge(0)] | None = None

    @property
    def patterns(self) -> tuple[str, ...]:
        """Return the patterns of the terms' weights."""
        return tuple(f"term.{name}.weight" for name in self.of)


@dataclass(frozen=True, kw_only=True)
class EmaHalfLife(Ramp):
    """Changes the half-life of the moving averages with the images seen; ``run.ema_rampup`` still limits it.

    Args:
        start: half-life at the beginning, in images; none takes ``run.ema_half_life``.
        end: half-life from the end on, in images.
        begin: images seen before it starts to change.
        over: images over which it changes; none takes the rest of the run.
        shape: cosine (slow at both ends), linear, or exponential (equal factors over equal numbers of images).
    """

    patterns = ("run.ema_half_life",)
    start: Annotated[float, Ge(0)] | None = None
    end: Annotated[float, Ge(0)] = 500_000


@dataclass(frozen=True, kw_only=True)
class AugmentationProbability(Ramp):
    """Changes the probability of the augmentations with the images seen; adaptive ones stop adapting it.

    Args:
        start: probability at the beginning; none takes each augmentation's own ``probability``.
        end: probability from the end on.
        begin: images seen before it starts to change.
        over: images over which it changes; none takes the rest of the run.
        shape: cosine (slow at both ends), linear, or exponential (equal factors over equal numbers of images).
    """

    patterns = ("augmentation.*.probability",)
    start: Annotated[float, Ge(0), Le(1)] | None = None
    end: Annotated[float, Ge(0), Le(1)] = 0.3
