"""Curves of several runs in one chart, as inline SVG; a run has the same colour in every chart."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ganzoo.report.curves import (
    HEIGHT,
    POINTS,
    WIDTH,
    Curve,
    draw_axes,
    polyline_points,
    smooth,
    thin,
    value_range,
    x_position,
    y_position,
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
    points = {run: smooth(thin(curve.points, POINTS)) for run, curve in curves.items()}
    horizontal = (0.0, max(x for line in points.values() for x, _ in line) or 1.0)
    vertical = value_range(y for line in points.values() for _, y in line)
    lines = ""
    for run, line in points.items():
        drawn = [(x_position(x, horizontal), y_position(y, vertical)) for x, y in line]
        lines += (
            f'<g class="run{run % COLOURS}{" again" if run >= COLOURS else ""}">'
            f"<title>{format_number(line[-1][1])} at {format_count(line[-1][0])} images</title>"
            f'<polyline points="{polyline_points(drawn)}"/>'
            f'<circle cx="{drawn[-1][0]:.1f}" cy="{drawn[-1][1]:.1f}" r="3"/></g>'
        )
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(name)} over images seen">'
        f"{draw_axes(horizontal, vertical)}{lines}</svg>"
    )
