"""From scenes to pictures of any size.

Shapes: B scenes, P points looked at in each picture (one or four a pixel).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ganzoo.components.datasets.sprites.outlines import OUTLINES, Pixels
from ganzoo.components.datasets.sprites.palettes import channelled, mixed
from ganzoo.components.datasets.sprites.scene import Scenes
from ganzoo.components.datasets.sprites.styles import STEP, STYLES, Paint, Surface, cover
from ganzoo.errors import BadData

SMALLEST_SIZE, MOST_CHANNELS = 8, 4
_CHUNK = 2**17
"""Points drawn at once: half a MiB an array, so that the arrays of one step stay in the processor's cache."""
_FINE = 64
"""From this size on one sample a pixel is enough; below, four bring the mean error from 0.8 to 0.3 of 255 (at 32)."""
_LIGHT = (0.6, -0.8)
"""Where shadows fall: to the right and down."""
_SHADOW, _BLUR = 0.26, 0.10
"""How dark a shadow is, and how wide its soft edge, in radii of the shape."""


def render(scenes: Scenes, size: int, channels: int = 3) -> npt.NDArray[np.uint8]:
    """Draw scenes; a picture depends on its own scene only, and shows the same at every size.

    Args:
        scenes: what to draw.
        size: height and width in pixels, at least 8.
        channels: 1 grey, 2 grey and coverage, 3 red green blue, 4 the same and coverage. Coverage is where ink
            lies, from 0 to 255; colours are already laid over the background.

    Returns:
        ``(B, channels, size, size)``.

    Raises:
        BadData: a size or a number of channels that cannot be drawn.
    """
    check_format(size, channels)
    images = np.empty((len(scenes), channels, size, size), np.uint8)
    step = max(1, _CHUNK // (size * _samples(size)) ** 2)
    for start in range(0, len(scenes), step):
        chunk = scenes[start : start + step]
        images[start : start + step] = _draw(chunk, size, channels)
    return images


def check_format(size: int, channels: int) -> None:
    """Refuse a picture that cannot be drawn.

    Raises:
        BadData: too small, or a number of channels without a meaning.
    """
    if size < SMALLEST_SIZE:
        raise BadData(f"sprites of {size} pixels show nothing: the resolution is at least {SMALLEST_SIZE}.")
    if not 1 <= channels <= MOST_CHANNELS:
        raise BadData(f"sprites have 1 to {MOST_CHANNELS} channels (grey, grey+alpha, RGB, RGBA), not {channels}.")


def _draw(scenes: Scenes, size: int, channels: int) -> npt.NDArray[np.uint8]:
    """One chunk, ``(B, channels, size, size)``."""
    right, up = _grid(size, _samples(size))
    pixel = 2 / size / _samples(size)
    paint = _painted(scenes, _surface(scenes, right, up, pixel))
    colours = channelled(mixed(scenes.palette, scenes.hue, scenes.tone), channels) * 255
    width = _column(pixel / scenes.scale)
    shadow = 1 - _SHADOW * cover(paint.caster, _BLUR + width)
    fall = np.clip(0.5 - 0.5 * up + 0.2 * _column(scenes.drift) * right, 0, 1)
    glow, shade = np.maximum(paint.light, 0), np.maximum(-paint.light, 0)
    planes: list[Pixels] = []
    for sky, ground, ink, accent, deep in np.moveaxis(colours, (0, 1, 2), (2, 1, 0)):
        back = (_column(sky) + _column(ground - sky) * fall) * shadow
        front = _column(ink) + _column(accent - ink) * paint.accent
        front = front + (255 - front) * glow + (_column(deep) - front) * shade
        planes.append(back + (front - back) * paint.ink)
    if channels in (2, 4):
        planes.append(paint.ink * 255)
    return np.stack([_pixels(plane, size) for plane in planes], axis=1)


def _samples(size: int) -> int:
    """Samples a pixel takes each way."""
    return 1 if size >= _FINE else 2


def _grid(size: int, samples: int) -> tuple[Pixels, Pixels]:
    """Where to look, in half sides from the middle: every pixel's first sample row by row, then all second ones, ...

    Args:
        size: pixels a side.
        samples: samples a pixel takes each way.

    Returns:
        Coordinates to the right and upwards, each ``(1, P)`` in [-1, 1].
    """
    fine = (2 * np.arange(size * samples) + 1) / (size * samples) - 1
    centres = fine.astype(np.float32).reshape(size, samples)
    parts = [(centres[:, i], -centres[:, j]) for j in range(samples) for i in range(samples)]
    right = np.concatenate([np.tile(across, size) for across, _ in parts])
    up = np.concatenate([np.repeat(upward, size) for _, upward in parts])
    return right[None], up[None]


def _pixels(plane: Pixels, size: int) -> npt.NDArray[np.uint8]:
    """Average the samples of every pixel, ``(B, P)`` in [0, 255] to ``(B, size, size)``."""
    samples = plane.reshape(len(plane), -1, size, size)
    mean = samples.sum(axis=1) * np.float32(1 / samples.shape[1])
    rounded: npt.NDArray[np.uint8] = (mean + np.float32(0.5)).astype(np.uint8)
    return rounded


def _surface(scenes: Scenes, right: Pixels, up: Pixels, pixel: float) -> Surface:
    """Where every point lies in the frame of its scene's shape, and how far from the outline."""
    cos, sin = np.cos(scenes.angle), np.sin(scenes.angle)
    u, v = cos / scenes.scale, sin / scenes.scale
    x = _column(u) * right + _column(v) * up - _column(u * scenes.x + v * scenes.y)
    y = _column(u) * up - _column(v) * right - _column(u * scenes.y - v * scenes.x)
    a = STEP * (cos * _LIGHT[0] + sin * _LIGHT[1])
    b = STEP * (cos * _LIGHT[1] - sin * _LIGHT[0])
    depth, behind = np.empty_like(x), np.empty_like(x)
    for content, rows in _groups(scenes.content):
        distance = OUTLINES[content].distance
        depth[rows] = distance(x[rows], y[rows])
        behind[rows] = distance(x[rows] - _column(a)[rows], y[rows] - _column(b)[rows])
    return Surface(x, y, depth, behind, _column(pixel / scenes.scale))


def _painted(scenes: Scenes, surface: Surface) -> Paint:
    """Every scene's ink, in its own style."""
    whole = Paint(*(np.empty_like(surface.depth) for _ in Paint._fields))
    for style, rows in _groups(scenes.style):
        part = STYLES[style](Surface(*(field[rows] for field in surface)))
        for target, values in zip(whole, part, strict=True):
            target[rows] = values
    return whole


def _groups(factor: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.intp]]]:
    """Each value of a factor that occurs, with the scenes that have it."""
    for value in np.unique(factor):
        yield int(value), np.flatnonzero(factor == value)


def _column(values: npt.NDArray[np.float64]) -> Pixels:
    """One value a scene, ``(B, 1)``."""
    return values.astype(np.float32)[:, None]
