"""The styles: how an outline is filled.

Shapes: B images, P points of an image.
A style maps every point to its coverage with ink, its share of the accent colour and its light. It depends on neither
colours nor pixels, so it is the same at every size and in every palette.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ganzoo.components.datasets.sprites.outlines import Pixels


class Surface(NamedTuple):
    """Points in the frame of a shape; lengths are in radii of the shape.

    Args:
        x: coordinate to the right, ``(B, P)``.
        y: coordinate upwards, ``(B, P)``.
        depth: signed distance to the outline, ``(B, P)``, negative inside.
        behind: signed distance to the outline moved away from the light by ``STEP``, ``(B, P)``.
        width: side of a pixel, ``(B, 1)``.
    """

    x: Pixels
    y: Pixels
    depth: Pixels
    behind: Pixels
    width: Pixels


class Paint(NamedTuple):
    """The result of a style, each ``(B, P)``.

    Args:
        ink: coverage with ink, in [0, 1].
        accent: share of the accent colour in the ink, in [0, 1].
        light: share of white (up to 1) or of the shade colour (down to -1).
        caster: signed distance to what casts the shadow.
    """

    ink: Pixels
    accent: Pixels
    light: Pixels
    caster: Pixels


STEP = 0.16
"""Offset of shadows and of slipped prints, in radii of the shape."""


def cover(depth: Pixels, width: Pixels) -> Pixels:
    """Return the share of a pixel on the negative side of an edge.

    Args:
        depth: signed distance of the pixel's centre to the edge, ``(B, P)``.
        width: side of the pixel, ``(B, 1)``.

    Returns:
        ``(B, P)`` in [0, 1].
    """
    result: Pixels = np.clip(0.5 - depth / width, 0, 1)
    return result


def stripes(t: Pixels, period: float, share: float) -> Pixels:
    """Return the signed distance to stripes, negative inside, one of them centred on 0.

    Args:
        t: coordinate across the stripes.
        period: distance from stripe to stripe.
        share: part of the period that a stripe fills.
    """
    phase = t * (1 / period)
    d: Pixels = (np.abs(phase - np.rint(phase)) - share / 2) * period
    return d


def solid(s: Surface) -> Paint:
    """Fill with one colour."""
    zero = np.zeros_like(s.depth)
    return Paint(cover(s.depth, s.width), zero, zero, s.behind)


def outline(s: Surface) -> Paint:
    """Draw a bold line along the inside of the edge."""
    line, caster = (np.abs(d + 0.10) - 0.10 for d in (s.depth, s.behind))
    zero = np.zeros_like(line)
    return Paint(cover(line, s.width), zero, zero, caster)


def hatched(s: Surface) -> Paint:
    """Fill with slanted stripes of both colours."""
    bars = stripes((s.x + s.y) * math.sqrt(0.5), 0.42, 0.5)
    return Paint(cover(s.depth, s.width), cover(bars, s.width), np.zeros_like(bars), s.behind)


def dotted(s: Surface) -> Paint:
    """Fill with polka dots of the accent in a hexagonal lattice."""
    step = 0.50
    rows = step * math.sqrt(3)
    dots = np.minimum(_lattice(s.x, s.y, step, rows), _lattice(s.x + step / 2, s.y + rows / 2, step, rows)) - 0.155
    return Paint(cover(s.depth, s.width), cover(dots, s.width), np.zeros_like(dots), s.behind)


def gradient(s: Surface) -> Paint:
    """Fill with a gradient from the accent at the top to the ink at the bottom."""
    turn = np.clip(0.5 + 0.62 * s.y, 0, 1)
    return Paint(cover(s.depth, s.width), turn, np.zeros_like(turn), s.behind)


def ringed(s: Surface) -> Paint:
    """Draw lines round the shape at equal distances, like the rings of a tree."""
    rings = np.maximum(stripes(s.depth + 0.28, 0.38, 0.5), s.depth + 0.12)
    return Paint(cover(s.depth, s.width), cover(rings, s.width), np.zeros_like(rings), s.behind)


def chiselled(s: Surface) -> Paint:
    """Cut the shape like a gem, with light from the upper left."""
    slope = np.clip((np.minimum(s.depth, 0) - np.minimum(s.behind, 0)) * (1 / STEP), -1, 1)
    return Paint(cover(s.depth, s.width), np.zeros_like(slope), -0.7 * slope, s.behind)


def printed(s: Surface) -> Paint:
    """Draw a line print whose colour has slipped."""
    line = cover(np.abs(s.depth + 0.085) - 0.085, s.width)
    fill = cover(s.behind, s.width)
    return Paint(np.maximum(line, fill), 1 - line, np.zeros_like(line), s.behind)


def _lattice(x: Pixels, y: Pixels, across: float, up: float) -> Pixels:
    """Return the distance to the nearest point of a rectangular lattice."""
    x, y = x * (1 / across), y * (1 / up)
    x, y = (x - np.rint(x)) * across, (y - np.rint(y)) * up
    result: Pixels = np.sqrt(x * x + y * y)
    return result


STYLES: tuple[Callable[[Surface], Paint], ...] = (
    solid,
    outline,
    hatched,
    dotted,
    gradient,
    ringed,
    chiselled,
    printed,
)
STYLE_NAMES = tuple(style.__name__ for style in STYLES)
