"""What is to be drawn: the factors of every picture, as arrays, from nothing but (seed, index).

Shapes: B scenes.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from ganzoo.components.datasets.sprites.outlines import OUTLINES
from ganzoo.components.datasets.sprites.palettes import PALETTES
from ganzoo.components.datasets.sprites.styles import STYLES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SMALLEST, LARGEST = 0.60, 0.76
"""Radius of a shape, where 1 is half the picture's side."""
REACH = 0.84
"""No shape comes nearer to the border than this, where 1 is the border; the rest is for its shadow."""
STRAY = 0.17
"""How far a shape may lie from the middle, in half sides."""
TILT = 0.32
"""Largest rotation either way, radians: below half a turn of the symmetry that tells a square from a diamond."""


@dataclass(frozen=True)
class Scenes:
    """The true factors of a batch of pictures; every field has one entry a scene.

    Args:
        content: which outline, ``0 .. len(OUTLINES) - 1``.
        style: how it is filled, ``0 .. len(STYLES) - 1``.
        palette: which colours, ``0 .. len(PALETTES) - 1``.
        x: centre, to the right, in half sides from the middle of the picture.
        y: centre, upwards, in half sides.
        scale: radius of the circle round the shape, in half sides.
        angle: rotation against the clock, radians.
        hue: rotation of all colours about grey, in [-1, 1] of the largest.
        tone: lightness of all colours, in [-1, 1] of the largest.
        drift: how far the background's shading leans to the right, in [-1, 1].
    """

    content: Ints
    style: Ints
    palette: Ints
    x: Floats
    y: Floats
    scale: Floats
    angle: Floats
    hue: Floats
    tone: Floats
    drift: Floats

    def __len__(self) -> int:
        """How many scenes."""
        return len(self.content)

    def __getitem__(self, chosen: slice | npt.NDArray[np.bool_] | npt.NDArray[np.integer]) -> Scenes:
        """Pick some of the scenes, in the order given."""
        return Scenes(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def with_content(self, content: int | Ints) -> Scenes:
        """Draw another outline (one number, or one a scene) in the same place, style and palette."""
        return replace(self, content=_each(content, len(self), len(OUTLINES)))

    def with_style(self, style: int | Ints) -> Scenes:
        """Fill the same shapes on the same backgrounds in another style (one number, or one a scene)."""
        return replace(self, style=_each(style, len(self), len(STYLES)))

    def with_palette(self, palette: int | Ints) -> Scenes:
        """Draw the same shapes in the same style with other colours (one number, or one a scene)."""
        return replace(self, palette=_each(palette, len(self), len(PALETTES)))


def sample_scenes(seed: int, indices: npt.ArrayLike) -> Scenes:
    """Draw the scenes with these numbers; a scene depends on the seed and its own number only.

    Args:
        seed: which endless sequence of scenes, at least 0.
        indices: numbers of the wanted scenes in it, ``(B,)``, at least 0.

    Returns:
        B scenes; content, style and palette are uniform and independent.
    """
    u = _uniforms(seed, np.asarray(indices), 10)
    scale = SMALLEST + (LARGEST - SMALLEST) * u[3]
    room = np.minimum(REACH - scale, STRAY)
    return Scenes(
        content=(u[0] * len(OUTLINES)).astype(np.int64),
        style=(u[1] * len(STYLES)).astype(np.int64),
        palette=(u[2] * len(PALETTES)).astype(np.int64),
        scale=scale,
        x=room * (2 * u[4] - 1),
        y=room * (2 * u[5] - 1),
        angle=TILT * (2 * u[6] - 1),
        hue=2 * u[7] - 1,
        tone=2 * u[8] - 1,
        drift=2 * u[9] - 1,
    )


def _each(number: int | Ints, length: int, count: int) -> Ints:
    """One factor a scene, checked."""
    values = np.broadcast_to(np.asarray(number, dtype=np.int64), (length,))
    assert length == 0 or (values.min() >= 0 and values.max() < count), f"a factor is outside 0..{count - 1}"
    return values


def _uniforms(seed: int, indices: npt.NDArray[np.integer], count: int) -> Floats:
    """Numbers uniform in [0, 1), ``(count, B)``, by hashing (seed, index, row): no state, so no order."""
    key = _mix(np.asarray([seed], dtype=np.uint64))
    rows = np.arange(1, count + 1, dtype=np.uint64)[:, None]
    bits = _mix(_mix(indices.astype(np.uint64) ^ key) + rows * _GOLDEN)
    return (bits >> np.uint64(11)).astype(np.float64) * (1 / 2**53)


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(z: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """One output of SplitMix64 (Steele, Lea and Flood 2014, fig. 15) with the state ``z``."""
    z = z + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
