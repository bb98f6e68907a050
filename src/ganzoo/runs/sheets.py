"""Pictures of samples: a grid of images, or points over the modes they should cover."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from ganzoo.storage.files import replace_file

_GAP, _PAPER, _INK, _MODE = 2, 255, (205, 60, 60), (190, 190, 190)


def to_uint8(samples: Tensor) -> np.ndarray:
    """Turn images in [-1, 1] into uint8 ``(B, C, H, W)``; points stay float32 ``(B, D)``."""
    samples = samples.detach().float().cpu()
    if samples.ndim != 4:
        return samples.numpy()
    return samples.add(1).mul(127.5).round().clamp(0, 255).byte().numpy()


def sheet(samples: np.ndarray, columns: int, *, centres: np.ndarray | None = None) -> Image.Image:
    """Draw samples: images as a grid, points as a scatter plot.

    Args:
        samples: uint8 ``(B, C, H, W)`` or float32 ``(B, 2)``.
        columns: images per row.
        centres: modes ``(M, 2)`` to mark behind points.
    """
    return grid(samples, columns) if samples.ndim == 4 else scatter(samples, centres)


def single(sample: np.ndarray) -> Image.Image:
    """Draw one sample at its own size: an image ``(C, H, W)``, or a point ``(2,)`` on an empty sheet."""
    return Image.fromarray(picture(sample)) if sample.ndim == 3 else scatter(sample[None], None)


def grid(images: np.ndarray, columns: int) -> Image.Image:
    """Lay uint8 images ``(B, C, H, W)`` out in rows; small ones are enlarged by a whole factor."""
    pictures = np.stack([picture(image) for image in images])
    factor = max(1, 64 // pictures.shape[1])
    pictures = pictures.repeat(factor, 1).repeat(factor, 2)
    count, height, width, depth = pictures.shape
    rows = -(-count // columns)
    canvas = np.full((rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, depth), _PAPER, np.uint8)
    for index, tile in enumerate(pictures):
        top, left = (_GAP + (index // columns) * (height + _GAP), _GAP + (index % columns) * (width + _GAP))
        canvas[top : top + height, left : left + width] = tile
    return Image.fromarray(canvas)


def picture(image: np.ndarray) -> np.ndarray:
    """Turn one ``(C, H, W)`` into what a screen shows, ``(H, W, 3 or 4)``: one or two channels are grey."""
    channels = image.shape[0]
    shown = image if channels in (3, 4) else image[:3] if channels > 4 else image[:1].repeat(3, 0)
    return np.ascontiguousarray(shown.transpose(1, 2, 0))


def scatter(points: np.ndarray, centres: np.ndarray | None, *, size: int = 512) -> Image.Image:
    """Draw points ``(B, 2)`` over circles that mark the modes ``(M, 2)``."""
    canvas = np.full((size, size, 3), _PAPER, np.uint8)
    reach = 1.25 * float(np.abs(centres if centres is not None and len(centres) else points).max() or 1.0)
    for centre in centres if centres is not None else ():
        _disk(canvas, centre, reach, radius=size // 50, colour=_MODE)
    for point in points:
        _disk(canvas, point, reach, radius=2, colour=_INK)
    return Image.fromarray(canvas)


def film(samples: np.ndarray, path: Path, *, fps: int) -> Path:
    """Write samples, in order, as an animation that loops; small images are enlarged by a whole factor.

    Args:
        samples: uint8 ``(F, C, H, W)`` or float32 ``(F, 2)``.
        path: a .webp, .gif or .png.
        fps: pictures a second.
    """
    factor = max(1, 256 // samples.shape[-1]) if samples.ndim == 4 else 1
    pictures = [single(s.repeat(factor, -1).repeat(factor, -2) if samples.ndim == 4 else s) for s in samples]
    with replace_file(path) as temporary:
        pictures[0].save(
            temporary, format=path.suffix.lstrip(".").upper(), save_all=True, append_images=pictures[1:],
            duration=round(1000 / fps), loop=0, lossless=True,
        )  # fmt: skip
    return path


def save(image: Image.Image, path: Path) -> Path:
    """Write a picture; a reader never sees half of it."""
    with replace_file(path) as temporary:
        image.save(temporary, format=path.suffix.lstrip(".").upper().replace("JPG", "JPEG") or "PNG")
    return path


def _disk(
    canvas: np.ndarray, at: Sequence[float] | np.ndarray, reach: float, *, radius: int, colour: tuple[int, int, int]
) -> None:
    size = canvas.shape[0]
    x, y = ((float(v) / reach + 1) * size / 2 for v in (at[0], -at[1]))
    if not (abs(x) < 2 * size and abs(y) < 2 * size):
        return
    rows, columns = np.ogrid[:size, :size]
    top, bottom, left, right = (int(max(0, v)) for v in (y - radius, y + radius + 1, x - radius, x + radius + 1))
    inside = (rows[top:bottom] - y) ** 2 + (columns[:, left:right] - x) ** 2 <= radius**2
    canvas[top:bottom, left:right][inside] = colour
