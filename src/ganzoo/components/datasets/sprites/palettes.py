"""The palettes: four matching colours, with a slight variation from image to image.

Shapes: B images, K colours of an image (sky, ground, ink, accent, shade), C channels.
Each palette has a different pair of lightnesses of background and ink, so that palettes differ in grey images too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Palette:
    """Four colours as ``#rrggbb``.

    Args:
        name: class name.
        sky: top of the background.
        ground: bottom of the background.
        ink: main colour of the shape.
        accent: second colour of the shape.
    """

    name: str
    sky: str
    ground: str
    ink: str
    accent: str

    @property
    def colours(self) -> list[list[float]]:
        """The four colours as red, green and blue in [0, 1]."""
        return [[byte / 255 for byte in bytes.fromhex(c[1:])] for c in (self.sky, self.ground, self.ink, self.accent)]


PALETTES = (
    Palette("dusk", sky="#201f4d", ground="#432c6b", ink="#ff7a66", accent="#ffd37a"),
    Palette("paper", sky="#fbf5ea", ground="#f1e5cf", ink="#22335b", accent="#ec6a45"),
    Palette("mint", sky="#a4dbc6", ground="#74bfa7", ink="#0f666b", accent="#fff4d2"),
    Palette("ocean", sky="#11477a", ground="#1c6d94", ink="#55cfc6", accent="#fbf3d2"),
    Palette("rose", sky="#fbdcdb", ground="#f3bcc4", ink="#b01c55", accent="#ff9d6e"),
    Palette("honey", sky="#f8c04a", ground="#ee9330", ink="#37264f", accent="#1fa79c"),
    Palette("forest", sky="#173a31", ground="#24533f", ink="#d6e56c", accent="#f0894a"),
    Palette("lilac", sky="#a696e0", ground="#8470c6", ink="#fff6f0", accent="#3b2a86"),
)
PALETTE_NAMES = tuple(palette.name for palette in PALETTES)

_TABLE = np.array([palette.colours for palette in PALETTES])
_TURN, _TONE = 0.07, 0.03
"""Largest change of hue (radians about grey) and of lightness (of 1) from image to image."""


def lightness(colours: Colours) -> Colours:
    """Return the grey value of colours ``(..., 3)``, by the weights of ITU-R BT.709 on the encoded values."""
    grey: Colours = 0.2126 * colours[..., 0] + 0.7152 * colours[..., 1] + 0.0722 * colours[..., 2]
    return grey


def mix_colours(palette: npt.NDArray[np.int64], hue: Colours, tone: Colours) -> Colours:
    """Return the colours of each image: those of its palette, with a slight change of hue and lightness.

    Args:
        palette: ``(B,)``.
        hue: ``(B,)`` in [-1, 1].
        tone: ``(B,)`` in [-1, 1].

    Returns:
        ``(B, 5, 3)`` in [0, 1]; the fifth is the ink in the shade, lit by the ground only.
    """
    colours = _TABLE[palette]
    # Turning about the axis of greys by a small angle t adds t * (axis x colour).
    red, green, blue = (colours[..., i] for i in range(3))
    across = np.stack([blue - green, red - blue, green - red], axis=-1) * 3**-0.5
    turned = colours + (_TURN * hue)[:, None, None] * across
    turned += (lightness(colours) - lightness(turned))[..., None]
    varied = np.clip(turned + (_TONE * tone)[:, None, None], 0, 1)
    ground, ink = varied[:, 1:2], varied[:, 2:3]
    return np.concatenate([varied, ink * (0.10 + 0.55 * ground)], axis=1)


def to_channels(colours: Colours, channels: int) -> Colours:
    """Convert colours to the colour channels of an image.

    Args:
        colours: ``(B, K, 3)``.
        channels: 1 or 2 for grey, 3 or 4 for colour.

    Returns:
        ``(B, K, 1)`` or ``(B, K, 3)``.
    """
    return colours if channels >= 3 else lightness(colours)[..., None]
