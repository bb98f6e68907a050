"""Curves of several runs in one chart, as inline SVG; a run has the same colour in every chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from ganzoo.report.curves import (
    BOTTOM,
    HEIGHT,
    LEFT,
    NOISY,
    POINTS,
    RIGHT,
    TOP,
    WIDTH,
    Curve,
    Point,
    moving_average,
    thin,
    ticks,
)
from ganzoo.runs.units import format_count, format_number

COLOURS = 8
"""Number of colours; from the ninth run on they repeat, with broken lines."""


def overlay(name: str, curves: Mapping[int, Curve]) -> str:
    """Draw curves over one pair of axes.

    Args:
        name: name of the logged value.
        curves: by the number of their run, at least one.
    """
    points = {run: _smooth(curve.points) for run, curve in curves.items()}
    across = (0.0, max(x for line in points.values() for x, _ in line) or 1.0)
    up = _apart([y for line in points.values() for _, y in line])
    lines = "".join(
        f'<g class="run{run % COLOURS}{" again" if run >= COLOURS else ""}">'
        f"<title>{format_number(line[-1][1])} at {format_count(line[-1][0])} images</title>"
        f'<polyline points="{_path(line, across, up)}"/>'
        f'<circle cx="{_x(line[-1][0], across):.1f}" cy="{_y(line[-1][1], up):.1f}" r="3"/></g>'
        for run, line in points.items()
    )
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(name)} over images seen">'
        f"{_axes(across, up)}{lines}</svg>"
    )


def _smooth(points: Sequence[Point]) -> list[Point]:
    few = thin(points, POINTS)
    return moving_average(few, max(len(few) // 20, 2)) if len(few) >= NOISY else few


def _apart(values: Sequence[float]) -> Point:
    low, high = min(values), max(values)
    margin = 0.0 if high - low > 1e-9 * max(abs(low), abs(high)) else 0.5 * abs(low) or 0.5
    return low - margin, high + margin


def _axes(across: Point, up: Point) -> str:
    parts = []
    for value in ticks(*up, 4):
        y = _y(value, up)
        parts.append(f'<line class="grid" x1="{LEFT:g}" x2="{WIDTH - RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="y" x="{LEFT - 6:g}" y="{y + 3.5:.1f}">{value:g}</text>')
    parts += [
        f'<text class="x" x="{_x(value, across):.1f}" y="{HEIGHT - 5:g}">{format_count(value)}</text>'
        for value in ticks(*across, 5)
    ]
    return "".join(parts)


def _path(points: Sequence[Point], across: Point, up: Point) -> str:
    return " ".join(f"{_x(x, across):.1f},{_y(y, up):.1f}" for x, y in points)


def _x(images: float, span: Point) -> float:
    return LEFT + (images - span[0]) / (span[1] - span[0]) * (WIDTH - LEFT - RIGHT)


def _y(value: float, span: Point) -> float:
    return HEIGHT - BOTTOM - (value - span[0]) / (span[1] - span[0]) * (HEIGHT - TOP - BOTTOM)
