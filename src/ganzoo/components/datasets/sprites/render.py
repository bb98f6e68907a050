"""Rendering of factors to images of any size.

Shapes: B images, P sample points of an image (one or four a pixel).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ganzoo.components.datasets.sprites.factors import Factors
from ganzoo.components.datasets.sprites.outlines import OUTLINES, Pixels
from ganzoo.components.datasets.sprites.palettes import mix_colours, to_channels
from ganzoo.components.datasets.sprites.styles import STEP, STYLES, Paint, Surface, cover
from ganzoo.errors import BadData

SMALLEST_SIZE, MOST_CHANNELS = 8, 4
_CHUNK = 2**17
"""Points rendered at once: half a MiB an array, so that the arrays of one step stay in the processor's cache."""
_FINE = 64
"""From this size on one sample a pixel is enough; below, four reduce the mean error from 0.8 to 0.3 of 255 (at 32)."""
_LIGHT = (0.6, -0.8)
"""Direction of shadows: to the right and down."""
_SHADOW, _BLUR = 0.26, 0.10
"""Darkness of a shadow, and width of its soft edge in radii of the shape."""


def render(factors: Factors, size: int, channels: int = 3) -> npt.NDArray[np.uint8]:
    """Render images; each depends on its own factors only, and shows the same at every size.

    Args:
        factors: what the images show.
        size: height and width in pixels, at least 8.
        channels: 1 grey, 2 grey and coverage, 3 red green blue, 4 the same and coverage. Coverage with ink is from 0
            to 255; colours are already composited with the background.

    Returns:
        ``(B, channels, size, size)``.

    Raises:
        BadData: an impossible size or number of channels.
    """
    check_format(size, channels)
    images = np.empty((len(factors), channels, size, size), np.uint8)
    step = max(1, _CHUNK // (size * _samples_per_side(size)) ** 2)
    for start in range(0, len(factors), step):
        chunk = factors[start : start + step]
        images[start : start + step] = _render_chunk(chunk, size, channels)
    return images


def check_format(size: int, channels: int) -> None:
    """Refuse an image that cannot be rendered.

    Raises:
        BadData: too small, or a number of channels without a meaning.
    """
    if size < SMALLEST_SIZE:
        raise BadData(f"sprites of {size} pixels show nothing: the resolution is at least {SMALLEST_SIZE}.")
    if not 1 <= channels <= MOST_CHANNELS:
        raise BadData(f"sprites have 1 to {MOST_CHANNELS} channels (grey, grey+alpha, RGB, RGBA), not {channels}.")


def _render_chunk(factors: Factors, size: int, channels: int) -> npt.NDArray[np.uint8]:
    samples = _samples_per_side(size)
    right, up = _sample_points(size, samples)
    pixel = 2 / size / samples
    paint = _apply_styles(factors, _compute_surface(factors, right, up, pixel))
    colours = to_channels(mix_colours(factors.palette, factors.hue, factors.tone), channels) * 255
    width = _as_column(pixel / factors.scale)
    shadow = 1 - _SHADOW * cover(paint.caster, _BLUR + width)
    gradient = np.clip(0.5 - 0.5 * up + 0.2 * _as_column(factors.drift) * right, 0, 1)
    glow, shade = np.maximum(paint.light, 0), np.maximum(-paint.light, 0)
    planes: list[Pixels] = []
    for sky, ground, ink, accent, shaded in np.moveaxis(colours, (0, 1, 2), (2, 1, 0)):
        back = (_as_column(sky) + _as_column(ground - sky) * gradient) * shadow
        front = _as_column(ink) + _as_column(accent - ink) * paint.accent
        front = front + (255 - front) * glow + (_as_column(shaded) - front) * shade
        planes.append(back + (front - back) * paint.ink)
    if channels in (2, 4):
        planes.append(paint.ink * 255)
    return np.stack([_average_samples(plane, size) for plane in planes], axis=1)


def _samples_per_side(size: int) -> int:
    """Return the samples of a pixel along each axis."""
    return 1 if size >= _FINE else 2


def _sample_points(size: int, samples: int) -> tuple[Pixels, Pixels]:
    """Return all sample points: every pixel's first sample row by row, then all second ones, ...

    Args:
        size: pixels a side.
        samples: samples of a pixel along each axis.

    Returns:
        Coordinates to the right and upwards, each ``(1, P)`` in [-1, 1].
    """
    fine = (2 * np.arange(size * samples) + 1) / (size * samples) - 1
    centres = fine.astype(np.float32).reshape(size, samples)
    parts = [(centres[:, i], -centres[:, j]) for j in range(samples) for i in range(samples)]
    right = np.concatenate([np.tile(across, size) for across, _ in parts])
    up = np.concatenate([np.repeat(upward, size) for _, upward in parts])
    return right[None], up[None]


def _average_samples(plane: Pixels, size: int) -> npt.NDArray[np.uint8]:
    """Average the samples of every pixel, ``(B, P)`` in [0, 255] to ``(B, size, size)``."""
    samples = plane.reshape(len(plane), -1, size, size)
    mean = samples.sum(axis=1) * np.float32(1 / samples.shape[1])
    rounded: npt.NDArray[np.uint8] = (mean + np.float32(0.5)).astype(np.uint8)
    return rounded


def _compute_surface(factors: Factors, right: Pixels, up: Pixels, pixel: float) -> Surface:
    """Transform every point to the frame of its image's shape, and compute its distances to the outline."""
    cos, sin = np.cos(factors.angle), np.sin(factors.angle)
    u, v = cos / factors.scale, sin / factors.scale
    x = _as_column(u) * right + _as_column(v) * up - _as_column(u * factors.x + v * factors.y)
    y = _as_column(u) * up - _as_column(v) * right - _as_column(u * factors.y - v * factors.x)
    a = STEP * (cos * _LIGHT[0] + sin * _LIGHT[1])
    b = STEP * (cos * _LIGHT[1] - sin * _LIGHT[0])
    depth, behind = np.empty_like(x), np.empty_like(x)
    for content, rows in _group_by_value(factors.content):
        distance = OUTLINES[content].distance
        depth[rows] = distance(x[rows], y[rows])
        behind[rows] = distance(x[rows] - _as_column(a)[rows], y[rows] - _as_column(b)[rows])
    return Surface(x, y, depth, behind, _as_column(pixel / factors.scale))


def _apply_styles(factors: Factors, surface: Surface) -> Paint:
    """Fill every shape in its style."""
    paint = Paint(*(np.empty_like(surface.depth) for _ in Paint._fields))
    for style, rows in _group_by_value(factors.style):
        part = STYLES[style](Surface(*(field[rows] for field in surface)))
        for target, values in zip(paint, part, strict=True):
            target[rows] = values
    return paint


def _group_by_value(factor: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Yield each value of a factor that occurs, with the positions of its images."""
    for value in np.unique(factor):
        yield int(value), np.flatnonzero(factor == value)


def _as_column(values: npt.NDArray[np.float64]) -> Pixels:
    return values.astype(np.float32)[:, None]
