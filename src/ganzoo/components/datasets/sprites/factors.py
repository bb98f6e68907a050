"""The factors of every image, as arrays, from nothing but (seed, index).

Shapes: B images.
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

MIN_SCALE, MAX_SCALE = 0.60, 0.76
"""Radius of a shape, where 1 is half the side of the image."""
MAX_EXTENT = 0.84
"""Largest distance of a shape's points from the centre, where 1 is the border; the rest is for its shadow."""
MAX_OFFSET = 0.17
"""Largest distance of a shape's centre from the middle, in half sides."""
MAX_TILT = 0.32
"""Largest rotation either way, in radians: below half a turn of the symmetry that distinguishes square and diamond."""


@dataclass(frozen=True)
class Factors:
    """The true factors of a batch of images; every field has one entry an image.

    Args:
        content: number of the outline, ``0 .. len(OUTLINES) - 1``.
        style: number of the style, ``0 .. len(STYLES) - 1``.
        palette: number of the palette, ``0 .. len(PALETTES) - 1``.
        x: centre to the right, in half sides from the middle of the image.
        y: centre upwards, in half sides.
        scale: radius of the circle round the shape, in half sides.
        angle: counter-clockwise rotation, in radians.
        hue: rotation of all colours about grey, in [-1, 1] of the largest.
        tone: change of lightness of all colours, in [-1, 1] of the largest.
        drift: lean of the background's gradient to the right, in [-1, 1].
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
        """Return the number of images."""
        return len(self.content)

    def __getitem__(self, chosen: slice | npt.NDArray[np.bool_] | npt.NDArray[np.integer]) -> Factors:
        """Return the factors of some of the images, in the given order."""
        return Factors(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})

    def with_content(self, content: int | Ints) -> Factors:
        """Replace the outline by another (one number, or one an image), with the same place, style and palette."""
        return replace(self, content=_expand_factor(content, len(self), len(OUTLINES)))

    def with_style(self, style: int | Ints) -> Factors:
        """Replace the style by another (one number, or one an image), with the same shape and background."""
        return replace(self, style=_expand_factor(style, len(self), len(STYLES)))

    def with_palette(self, palette: int | Ints) -> Factors:
        """Replace the palette by another (one number, or one an image), with the same shape and style."""
        return replace(self, palette=_expand_factor(palette, len(self), len(PALETTES)))


def sample_factors(seed: int, indices: npt.ArrayLike) -> Factors:
    """Return the factors of the images with these indices; each depends on the seed and its own index only.

    Args:
        seed: number of an endless sequence of images, at least 0.
        indices: positions in it, ``(B,)``, at least 0.

    Returns:
        B images; content, style and palette are uniform and independent.
    """
    u = _hash_to_uniform(seed, np.asarray(indices), 10)
    scale = MIN_SCALE + (MAX_SCALE - MIN_SCALE) * u[3]
    offset = np.minimum(MAX_EXTENT - scale, MAX_OFFSET)
    return Factors(
        content=(u[0] * len(OUTLINES)).astype(np.int64),
        style=(u[1] * len(STYLES)).astype(np.int64),
        palette=(u[2] * len(PALETTES)).astype(np.int64),
        scale=scale,
        x=offset * (2 * u[4] - 1),
        y=offset * (2 * u[5] - 1),
        angle=MAX_TILT * (2 * u[6] - 1),
        hue=2 * u[7] - 1,
        tone=2 * u[8] - 1,
        drift=2 * u[9] - 1,
    )


def _expand_factor(number: int | Ints, length: int, count: int) -> Ints:
    values = np.broadcast_to(np.asarray(number, dtype=np.int64), (length,))
    assert length == 0 or (values.min() >= 0 and values.max() < count), f"a factor is outside 0..{count - 1}"
    return values


def _hash_to_uniform(seed: int, indices: npt.NDArray[np.integer], count: int) -> Floats:
    """Return numbers uniform in [0, 1), ``(count, B)``, by hashing (seed, index, row), without a state."""
    key = _splitmix64(np.asarray([seed], dtype=np.uint64))
    rows = np.arange(1, count + 1, dtype=np.uint64)[:, None]
    bits = _splitmix64(_splitmix64(indices.astype(np.uint64) ^ key) + rows * _GOLDEN)
    return (bits >> np.uint64(11)).astype(np.float64) * (1 / 2**53)


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _splitmix64(z: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return one output of SplitMix64 (Steele, Lea and Flood 2014, fig. 15) with the state ``z``."""
    z = z + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
