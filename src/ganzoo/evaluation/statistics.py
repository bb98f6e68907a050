"""The mean over few seeds with its confidence interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
"""Probability that the interval contains the true mean."""


@dataclass(frozen=True)
class MeanWithInterval:
    """A mean over seeds.

    Args:
        mean: of the values.
        half: half the width of its interval; None of a single value.
        count: how many values.
    """

    mean: float
    half: float | None
    count: int


def mean_with_interval(values: Sequence[float]) -> MeanWithInterval:
    """Return the mean of at least one value with its t-interval (Student 1908, "The Probable Error of a Mean")."""
    count = len(values)
    mean = values[0] if len(set(values)) == 1 else math.fsum(values) / count  # no rounding where nothing varies
    if count == 1:
        return MeanWithInterval(mean, None, 1)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    return MeanWithInterval(mean, t_quantile(count - 1) * deviation / math.sqrt(count), count)


def t_quantile(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return t such that Student's variable lies within [-t, t] with a probability.

    Args:
        freedom: degrees of freedom, at least 1.
        confidence: the probability, above 0 and below 1.
    """
    low, high = 0.0, 1.0
    while t_probability(high, freedom) < confidence:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if t_probability(middle, freedom) < confidence else (low, middle)
    return high


def t_probability(t: float, freedom: int) -> float:
    """Return the probability that Student's variable lies between -t and t.

    Source: Abramowitz & Stegun 1964, "Handbook of Mathematical Functions", equations 26.7.3 and 26.7.4.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (cosine if odd else 1.0), 0.0
    for power in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cosine**2 * (power - 1) / power
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
