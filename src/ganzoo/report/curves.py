"""Curves of a run's logged values as inline SVG: no script, coloured by the page around them.

Coordinates are those of the view box, ``WIDTH`` x ``HEIGHT`` units with y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from ganzoo.runs.units import format_count, format_number

WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 10.0, 8.0, 22.0
"""Margins: numbers stand left and below, the line's end needs a little space at the right."""

POINTS = 400
"""Points a curve shows at most; more are averaged into this many, since a screen has no more columns."""

NOISY = 40
"""From this many points on, a moving average is drawn over the points."""

HOVER = 120
"""Up to this many points say their value under the mouse; more would only make the file large."""

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """A named series.

    Args:
        name: name of the logged value.
        points: (images seen, value), in order of images.
    """

    name: str
    points: tuple[Point, ...]


def collect_curves(
    metrics: Iterable[Mapping[str, float]], skip: Sequence[str] = ("images", "step", "seconds", "peak_memory_gib")
) -> list[Curve]:
    """Collect logged values into a curve per name, in order of appearance; values that are not finite are left out.

    Args:
        metrics: lines of ``metrics.jsonl``.
        skip: names without a curve.
    """
    series: dict[str, list[Point]] = {}
    for line in metrics:
        for name, value in line.items():
            if name not in skip and math.isfinite(value):
                series.setdefault(name, []).append((float(line["images"]), float(value)))
    return [Curve(name, tuple(points)) for name, points in series.items()]


def svg(curve: Curve, until: float) -> str:
    """Draw a curve over images seen, with numbers at both axes.

    Args:
        curve: what to draw.
        until: images at the right end, so that all curves of a run share one axis.
    """
    points = thin(curve.points, POINTS)
    horizontal, vertical = value_range([0.0, until]), value_range(y for _, y in points)
    drawn = [(x_position(x, horizontal), y_position(y, vertical)) for x, y in points]
    line = [(x_position(x, horizontal), y_position(y, vertical)) for x, y in smooth(points)]
    raw = f'<polyline class="raw" points="{polyline_points(drawn)}"/>' if len(points) >= NOISY else ""
    end = f'<circle class="end" cx="{line[-1][0]:.1f}" cy="{line[-1][1]:.1f}" r="3"/>' if line else ""
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(curve.name)} over images seen">'
        f'{draw_axes(horizontal, vertical)}{raw}<polyline class="line" points="{polyline_points(line)}"/>{end}'
        f"{_spots(drawn, points)}</svg>"
    )


def smooth(points: Sequence[Point]) -> Sequence[Point]:
    """Average a noisy series, which has ``NOISY`` points or more, over a twentieth of it to either side."""
    return moving_average(points, max(len(points) // 20, 2)) if len(points) >= NOISY else points


def thin(points: Sequence[Point], most: int) -> list[Point]:
    """Average neighbours until at most ``most`` points are left."""
    bins = min(len(points), most)
    parts = [points[len(points) * i // bins : len(points) * (i + 1) // bins] for i in range(bins)]
    return [(_mean(x for x, _ in part), _mean(y for _, y in part)) for part in parts]


def moving_average(points: Sequence[Point], half_width: int) -> list[Point]:
    """Replace each value by the mean of its neighbourhood, which shrinks towards both ends."""
    averaged = []
    for i, (x, _) in enumerate(points):
        reach = min(half_width, i, len(points) - 1 - i)
        averaged.append((x, _mean(y for _, y in points[i - reach : i + reach + 1])))
    return averaged


def choose_ticks(low: float, high: float, at_most: int) -> list[float]:
    """Choose round numbers within a span: multiples of 1, 2 or 5 times a power of ten.

    Args:
        low: lower end.
        high: upper end, above ``low``.
        at_most: how many to give at most, at least 2.
    """
    rough = (high - low) / at_most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0, 20.0) if _fits(low, high, m * power, at_most))
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) + 0.0 for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _fits(low: float, high: float, step: float, at_most: int) -> bool:
    return math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) + 1 <= at_most


def draw_axes(horizontal: Point, vertical: Point) -> str:
    """Draw grid lines with the numbers at both axes."""
    parts = []
    for value in choose_ticks(*vertical, 4):
        y = y_position(value, vertical)
        parts.append(f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="y" x="{LEFT - 6:g}" y="{y + 3.5:.1f}">{value:g}</text>')
    for value in choose_ticks(*horizontal, 5):
        x = x_position(value, horizontal)
        parts.append(f'<text class="x" x="{x:.1f}" y="{HEIGHT - 5:g}">{format_count(value)}</text>')
    return "".join(parts)


def _spots(drawn: Sequence[Point], points: Sequence[Point]) -> str:
    """Draw invisible circles that show a point's value under the mouse."""
    if len(points) > HOVER:
        return ""
    pairs = zip(drawn, points, strict=True)
    return "".join(
        f'<circle class="spot" cx="{x:.1f}" cy="{y:.1f}" r="6">'
        f"<title>{format_number(value)} at {format_count(images)} images</title></circle>"
        for (x, y), (images, value) in pairs
    )


def value_range(values: Iterable[float]) -> Point:
    """Return lowest and highest value, apart even if all are equal."""
    listed = list(values) or [0.0]
    low, high = min(listed), max(listed)
    if high - low > 1e-9 * max(abs(low), abs(high)):
        return low, high
    margin = 0.5 * abs(low) or 0.5
    return low - margin, high + margin


def x_position(images: float, span: Point) -> float:
    """Return the x coordinate of a number of images."""
    return LEFT + (images - span[0]) / (span[1] - span[0]) * (WIDTH - LEFT - RIGHT)


def y_position(value: float, span: Point) -> float:
    """Return the y coordinate of a value."""
    return HEIGHT - BOTTOM - (value - span[0]) / (span[1] - span[0]) * (HEIGHT - TOP - BOTTOM)


def polyline_points(points: Iterable[Point]) -> str:
    """Write coordinates as the ``points`` of a polyline."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)
