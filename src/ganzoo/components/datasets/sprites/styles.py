"""The styles: how an outline becomes ink.

Shapes: B scenes, P points of a scene's picture.
A style says of every point where ink lies, how far it turns to the accent colour, and how light falls on it;
it knows neither colours nor pixels, so it is the same picture at every size and in every palette.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ganzoo.components.datasets.sprites.outlines import Pixels


class Surface(NamedTuple):
    """What a style may look at; lengths are in radii of the shape.

    Args:
        x: to the right in the shape's own frame, ``(B, P)``.
        y: upwards in the shape's own frame, ``(B, P)``.
        depth: signed distance to the outline, ``(B, P)``, negative inside.
        behind: the same, of the outline moved away from the light by ``STEP``, ``(B, P)``.
        width: side of a pixel, ``(B, 1)``.
    """

    x: Pixels
    y: Pixels
    depth: Pixels
    behind: Pixels
    width: Pixels


class Paint(NamedTuple):
    """What a style answers, each ``(B, P)``.

    Args:
        ink: how much of the point is covered, in [0, 1].
        accent: how far the ink's colour turns to the accent, in [0, 1].
        light: how far it turns to white (up to 1) or to the deep colour (down to -1).
        caster: signed distance to what throws the shadow.
    """

    ink: Pixels
    accent: Pixels
    light: Pixels
    caster: Pixels


STEP = 0.16
"""How far shadows fall and prints slip, in radii of the shape."""


def cover(depth: Pixels, width: Pixels) -> Pixels:
    """How much of a pixel lies on the negative side of an edge.

    Args:
        depth: signed distance of the pixel's centre to the edge, ``(B, P)``.
        width: side of the pixel, ``(B, 1)``.

    Returns:
        ``(B, P)`` in [0, 1].
    """
    result: Pixels = np.clip(0.5 - depth / width, 0, 1)
    return result


def stripes(t: Pixels, period: float, share: float) -> Pixels:
    """Signed distance to stripes that repeat along ``t``, one of them centred on 0.

    Args:
        t: coordinate across the stripes.
        period: from stripe to stripe.
        share: part of the period that a stripe fills.

    Returns:
        Negative inside a stripe, of the shape of ``t``.
    """
    phase = t * (1 / period)
    d: Pixels = (np.abs(phase - np.rint(phase)) - share / 2) * period
    return d


def solid(s: Surface) -> Paint:
    """One even colour."""
    zero = np.zeros_like(s.depth)
    return Paint(cover(s.depth, s.width), zero, zero, s.behind)


def outline(s: Surface) -> Paint:
    """A bold line along the inside of the edge."""
    line, thrown = (np.abs(d + 0.10) - 0.10 for d in (s.depth, s.behind))
    zero = np.zeros_like(line)
    return Paint(cover(line, s.width), zero, zero, thrown)


def hatched(s: Surface) -> Paint:
    """Slanted stripes of both colours."""
    bars = stripes((s.x + s.y) * math.sqrt(0.5), 0.42, 0.5)
    return Paint(cover(s.depth, s.width), cover(bars, s.width), np.zeros_like(bars), s.behind)


def dotted(s: Surface) -> Paint:
    """Polka dots of the accent in a hexagonal lattice."""
    step = 0.50
    rows = step * math.sqrt(3)
    dots = np.minimum(_lattice(s.x, s.y, step, rows), _lattice(s.x + step / 2, s.y + rows / 2, step, rows)) - 0.155
    return Paint(cover(s.depth, s.width), cover(dots, s.width), np.zeros_like(dots), s.behind)


def gradient(s: Surface) -> Paint:
    """From the accent above to the ink below."""
    turn = np.clip(0.5 + 0.62 * s.y, 0, 1)
    return Paint(cover(s.depth, s.width), turn, np.zeros_like(turn), s.behind)


def ringed(s: Surface) -> Paint:
    """Lines that run round the shape at even distances, like the rings of a tree."""
    rings = np.maximum(stripes(s.depth + 0.28, 0.38, 0.5), s.depth + 0.12)
    return Paint(cover(s.depth, s.width), cover(rings, s.width), np.zeros_like(rings), s.behind)


def chiselled(s: Surface) -> Paint:
    """Cut like a gem, with the light from above on the left."""
    slope = np.clip((np.minimum(s.depth, 0) - np.minimum(s.behind, 0)) * (1 / STEP), -1, 1)
    return Paint(cover(s.depth, s.width), np.zeros_like(slope), -0.7 * slope, s.behind)


def printed(s: Surface) -> Paint:
    """A line drawing whose colour has slipped in the press."""
    line = cover(np.abs(s.depth + 0.085) - 0.085, s.width)
    fill = cover(s.behind, s.width)
    return Paint(np.maximum(line, fill), 1 - line, np.zeros_like(line), s.behind)


def _lattice(x: Pixels, y: Pixels, across: float, up: float) -> Pixels:
    """Distance to the nearest point of a rectangular lattice."""
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
