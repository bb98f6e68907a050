"""The contents: signed distances to eight outlines, negative inside.

Shapes: x and y have the same shape, x to the right and y upwards; every outline lies in the unit circle.
Distances are exact inside and near the edge, so that strokes, rings and shadows are even.
The formulas of the triangle, star, heart, moon, cross and drop follow Inigo Quilez, "2D distance functions", 2020.
Only ``+ - * /``, square roots and comparisons are used, so the bits are the same on every processor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Outline:
    """One content class.

    Args:
        name: class name.
        formula: signed distance to the outline in units of its own.
        size: length of that unit.
        lift: height of the centre above the formula's origin, in that unit.
        rounding: radius of rounded corners, added outside.
    """

    name: str
    formula: Callable[[Pixels, Pixels], Pixels]
    size: float = 1.0
    lift: float = 0.0
    rounding: float = 0.0

    def distance(self, x: Pixels, y: Pixels) -> Pixels:
        """Return the signed distance to the outline, ``(B, P)``, negative inside, at coordinates ``(B, P)``."""
        d: Pixels = self.formula(x * (1 / self.size), y * (1 / self.size) + self.lift)
        d *= self.size
        d -= self.rounding
        return d


def length(x: Pixels, y: Pixels) -> Pixels:
    """Return the distance to the origin; not by ``np.hypot``, which is ten times slower and differs by machine."""
    result: Pixels = np.sqrt(x * x + y * y)
    return result


def disk(x: Pixels, y: Pixels) -> Pixels:
    """Circle of radius 1."""
    d: Pixels = length(x, y) - 1
    return d


def square(x: Pixels, y: Pixels) -> Pixels:
    """Square of side 2."""
    a, b = np.abs(x) - 1, np.abs(y) - 1
    d: Pixels = length(np.maximum(a, 0), np.maximum(b, 0)) + np.minimum(np.maximum(a, b), 0)
    return d


def triangle(x: Pixels, y: Pixels) -> Pixels:
    """Equilateral triangle of side 2 about its centre, standing on a side."""
    k = math.sqrt(3)
    a, b = np.abs(x) - 1, y + 1 / k
    beyond = a + k * b > 0
    a, b = np.where(beyond, (a - k * b) / 2, a), np.where(beyond, (-k * a - b) / 2, b)
    d: Pixels = np.copysign(length(a - np.clip(a, -2, 0), b), -b)
    return d


def star(x: Pixels, y: Pixels) -> Pixels:
    """Five-pointed star of radius 1, its inner corners at about half of that."""
    c, s, waist = 0.8090169943749475, 0.5877852522924731, 0.50
    x = np.abs(x)
    fold = 2 * np.maximum(c * x - s * y, 0)
    x, y = x - fold * c, y + fold * s
    fold = 2 * np.maximum(-c * x - s * y, 0)
    x, y = np.abs(x + fold * c), y + fold * s - 1
    u, v = waist * s, waist * c - 1
    along = np.clip((x * u + y * v) * (1 / (u * u + v * v)), 0, 1)
    return np.copysign(length(x - u * along, y - v * along), y * u - x * v)


def heart(x: Pixels, y: Pixels) -> Pixels:
    """Heart with its tip at the origin and its lobes' tops at y of about 1.1."""
    x = np.abs(x)
    lobe = length(x - 0.25, y - 0.75) - math.sqrt(0.125)
    across = np.maximum(x + y, 0) / 2
    nearest = np.minimum(x * x + (y - 1) * (y - 1), (x - across) * (x - across) + (y - across) * (y - across))
    return np.where(x + y > 1, lobe, np.copysign(np.sqrt(nearest), x - y))


def moon(x: Pixels, y: Pixels) -> Pixels:
    """Crescent: the disk of radius 1 without one of radius 0.82 to its right, centred as a whole."""
    away, bite = 0.52, 0.82
    x, y = x - 0.17, np.abs(y)
    a = (1 - bite * bite + away * away) / (2 * away)
    b = math.sqrt(1 - a * a)
    at_horn = x * b - y * a > away * np.maximum(b - y, 0)
    body = np.maximum(length(x, y) - 1, bite - length(x - away, y))
    return np.where(at_horn, length(x - a, y - b), body)


def cross(x: Pixels, y: Pixels) -> Pixels:
    """Greek cross, arms 1 long and 0.68 wide."""
    arm = 0.34
    x, y = np.abs(x), np.abs(y)
    x, y = np.maximum(x, y), np.minimum(x, y)
    a, b = x - 1, y - arm
    k = np.maximum(a, b)
    outside = length(np.maximum(a, 0), np.maximum(b, 0))
    inside = length(np.maximum(arm - x, 0), np.maximum(-k, 0))
    return np.where(k > 0, outside, -inside)


def drop(x: Pixels, y: Pixels) -> Pixels:
    """Falling drop: a circle of radius 1 at the origin and its tangents to a fine tip at y of about 1.7."""
    tip, height = 0.10, 1.62
    x = np.abs(x)
    b = (1 - tip) / height
    a = math.sqrt(1 - b * b)
    k = a * y - b * x
    side = a * x + b * y - 1
    return np.where(k < 0, length(x, y) - 1, np.where(k > a * height, length(x, y - height) - tip, side))


OUTLINES = (
    Outline("disk", disk, size=0.86),
    Outline("square", square, size=0.62, rounding=0.10),
    Outline("triangle", triangle, size=0.75, rounding=0.08, lift=0.15),
    Outline("star", star, size=0.90, rounding=0.08),
    Outline("heart", heart, size=1.36, lift=0.55, rounding=0.05),
    Outline("moon", moon, size=0.88, rounding=0.04),
    Outline("cross", cross, size=0.80, rounding=0.08),
    Outline("drop", drop, size=0.70, lift=0.36),
)
CONTENT_NAMES = tuple(outline.name for outline in OUTLINES)
